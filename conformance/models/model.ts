/**
 * What the default mock cloud does, written from the API's documents and the tables of the mock cloud's data, and from nothing of its code:
 * plain data and one function that carries a command out. Of time it knows no more than how long things take at least and at most.
 */

import type { ErrorKind } from '../../src/model/errors.ts'
import type { Command, Faultable, Realm } from './commands.ts'

/** From when on something may have come to an end, and from when on it must have: milliseconds since 1970. */
interface Window {
  readonly least: number
  readonly most: number
}

export interface ModelInstance {
  state: 'pending' | 'running' | 'stopping' | 'stopped' | 'error'
  readonly realm: Realm
  readonly image: string
  readonly imageable: boolean
  /** What becomes of it by itself; nothing where it's stuck, or stays as it is. */
  passing?: Window & { readonly to: 'running' | 'stopped' | 'error' | 'gone' }
  rebooting?: Window
  volumes: { readonly id: string; readonly device: string }[]
  interfaces: string[]
  readonly firewalls: readonly string[]
  address?: string
}

export interface Model {
  now: number
  next: Record<'img' | 'inst' | 'vol' | 'snap' | 'net' | 'subnet' | 'nic' | 'address', number>
  instances: Record<string, ModelInstance>
  images: Record<string, { passing?: Window }>
  keys: Record<string, true>
  storage_volumes: Record<string, { readonly capacity: number; readonly realm: Realm; instance?: string; device?: string }>
  storage_snapshots: Record<string, { readonly volume: string; readonly capacity: number; passing?: Window }>
  buckets: Record<string, Record<string, string>>
  addresses: Record<string, { instance?: string }>
  firewalls: Record<string, { made: number; rules: Record<string, { readonly port: number; readonly group?: string }> }>
  load_balancers: Record<string, { readonly realm: Realm; instances: string[] }>
  networks: Record<string, { readonly block: string; subnets: string[] }>
  subnets: Record<string, { readonly network: string; readonly block: string }>
  network_interfaces: Record<string, { readonly instance: string; readonly subnet: string }>
  /** Of the operations that are counted. */
  quotas: Partial<Record<Quota, number>>
  /** What the next call of an operation meets. */
  fault?: { readonly operation: Faultable; readonly kind: ErrorKind } | { readonly boot: 'fails' | 'sticks' }
}

export type Quota = 'instances' | 'storage_volumes' | 'keys' | 'addresses' | 'buckets'

/** What came of a command: what it told, or the kinds of error that it may be refused with. */
export type Outcome = { readonly told: string } | { readonly refused: readonly ErrorKind[] }

/** Milliseconds, least and most. */
const takes = { boot: [500, 2000], stop: [300, 1000], reboot: [300, 1000], image: [500, 1500], snapshot: [300, 1000] } as const

export const createModel = (now: number): Model => ({
  now,
  next: { img: 4, inst: 4, vol: 4, snap: 4, net: 3, subnet: 5, nic: 2, address: 5 },
  instances: {
    inst0: runningInstance('img1'),
    inst1: { ...runningInstance('img3'), volumes: [{ id: 'vol3', device: '/dev/sda1' }], interfaces: ['nic1'] },
    inst2: runningInstance('img1'),
    inst3: { ...runningInstance('img3'), realm: 'eu', imageable: false, interfaces: ['nicinst3'] },
  },
  images: { img1: {}, img2: {}, img3: {} },
  keys: { 'test-key': true },
  storage_volumes: {
    vol1: { capacity: 1, realm: 'us' },
    vol2: { capacity: 1, realm: 'us' },
    vol3: { capacity: 1, realm: 'us', instance: 'inst1', device: '/dev/sda1' },
  },
  storage_snapshots: {
    snap1: { volume: 'vol1', capacity: 1 },
    snap2: { volume: 'vol2', capacity: 1 },
    snap3: { volume: 'vol2', capacity: 1 },
  },
  buckets: {
    bucket1: {
      blob1: 'content of blob 1',
      blob2: '<html><head></head><body>content of blob 2</body></html>',
      blob3: 'content of blob 3',
    },
    bucket2: { blob4: 'content of blob 4', blob5: 'content of blob 5' },
  },
  addresses: { '192.168.0.1': {}, '192.168.0.2': {}, '192.168.0.3': {}, '192.168.0.4': {} },
  firewalls: { default: { made: 0, rules: {} } },
  load_balancers: {},
  networks: {
    net1: { block: '192.168.0.0/16', subnets: ['subnet1', 'subnet2'] },
    net2: { block: '10.0.0.0/8', subnets: ['subnet3', 'subnet4'] },
  },
  subnets: {
    subnet1: { network: 'net1', block: '192.168.1.0/24' },
    subnet2: { network: 'net1', block: '192.168.2.0/24' },
    subnet3: { network: 'net2', block: '10.1.0.0/16' },
    subnet4: { network: 'net2', block: '10.2.0.0/16' },
  },
  network_interfaces: { nic1: { instance: 'inst1', subnet: 'subnet1' }, nicinst3: { instance: 'inst3', subnet: 'subnet2' } },
  quotas: {},
})

const runningInstance = (image: string): ModelInstance => ({
  state: 'running',
  realm: 'us',
  image,
  imageable: true,
  volumes: [],
  interfaces: [],
  firewalls: [],
})

/** Carries a command out, unless it's refused: then nothing has changed but that a fault was met. */
export const apply = (model: Model, command: Command): Outcome => {
  const draft = structuredClone(model)
  const outcome = carryOut(draft, command)
  if ('told' in outcome) {
    delete model.fault
    Object.assign(model, draft)
  } else if (meetsFault(model, command)) delete model.fault
  return outcome
}

/** Whether a command is the call that a fault waits for. */
const meetsFault = ({ fault }: Model, { op }: Command): boolean => {
  if (fault === undefined) return false
  return 'boot' in fault ? op === 'launch' || op === 'start' : fault.operation === op
}

const carryOut = (model: Model, command: Command): Outcome => {
  const { fault } = model
  const isMet = meetsFault(model, command)
  if (isMet && fault !== undefined && 'kind' in fault) return { refused: [fault.kind] }
  if (isMet) delete model.fault
  const refused: ErrorKind[] = []
  const told = new Turn(model, refused, isMet && fault !== undefined && 'boot' in fault ? fault.boot : undefined).take(command)
  return refused.length > 0 ? { refused } : { told }
}

/** One command under way: it notes all that speaks against it, and goes on as if nothing did. */
class Turn {
  private readonly model: Model
  private readonly refused: ErrorKind[]
  private readonly boot: 'fails' | 'sticks' | undefined

  constructor(model: Model, refused: ErrorKind[], boot: 'fails' | 'sticks' | undefined) {
    this.model = model
    this.refused = refused
    this.boot = boot
  }

  take(command: Command): string {
    const { model } = this
    switch (command.op) {
      case 'launch':
        return this.launch(command)
      case 'start':
      case 'stop':
      case 'reboot':
      case 'terminate':
        return this.act(command.op, command.id)
      case 'makeImage': {
        const { imageable, state } = this.instance(command.instance)
        if (!imageable || (state !== 'running' && state !== 'stopped')) this.refuse('conflict')
        const id = this.newId('img')
        model.images[id] = { passing: this.window('image') }
        return id
      }
      case 'removeImage':
        return this.drop(model.images, command.id)
      case 'makeKey':
        this.within('keys', 1)
        return this.unique(model.keys, command.name, true)
      case 'removeKey':
        return this.drop(model.keys, command.id)
      case 'makeVolume':
        return this.makeVolume(command)
      case 'attach':
        return this.attach(command)
      case 'detach': {
        const volume = this.found(model.storage_volumes, command.id)
        if (volume?.instance === undefined) this.refuse('conflict')
        else this.free(command.id)
        return ''
      }
      case 'removeVolume':
        if (this.found(model.storage_volumes, command.id)?.instance !== undefined) this.refuse('conflict')
        return this.drop(model.storage_volumes, command.id)
      case 'makeSnapshot': {
        const volume = model.storage_volumes[command.volume]
        if (volume === undefined) this.refuse('bad-request')
        const id = this.newId('snap')
        model.storage_snapshots[id] = { volume: command.volume, capacity: volume?.capacity ?? 0, passing: this.window('snapshot') }
        return id
      }
      case 'removeSnapshot':
        return this.drop(model.storage_snapshots, command.id)
      case 'makeBucket':
        this.within('buckets', 1)
        return this.unique(model.buckets, command.name, {})
      case 'removeBucket':
        if (Object.keys(this.found(model.buckets, command.id) ?? {}).length > 0) this.refuse('conflict')
        return this.drop(model.buckets, command.id)
      case 'putBlob': {
        const bucket = this.found(model.buckets, command.bucket)
        if (bucket !== undefined) bucket[command.id] = command.content
        return command.content
      }
      case 'readBlob': {
        const content = model.buckets[command.bucket]?.[command.id]
        if (content === undefined) this.refuse('not-found')
        return content ?? ''
      }
      case 'removeBlob': {
        const bucket = model.buckets[command.bucket]
        if (bucket?.[command.id] === undefined) this.refuse('not-found')
        else delete bucket[command.id]
        return ''
      }
      case 'makeAddress': {
        this.within('addresses', 1)
        const id = `192.168.0.${model.next.address++}`
        model.addresses[id] = {}
        return id
      }
      case 'associate': {
        const address = this.found(model.addresses, command.id)
        const instance = this.instance(command.instance)
        if (address?.instance !== undefined || instance.address !== undefined) this.refuse('conflict')
        if (address !== undefined) address.instance = command.instance
        instance.address = command.id
        return ''
      }
      case 'disassociate': {
        const address = this.found(model.addresses, command.id)
        if (address?.instance === undefined) this.refuse('conflict')
        else {
          delete model.instances[address.instance]?.address
          delete address.instance
        }
        return ''
      }
      case 'removeAddress':
        if (this.found(model.addresses, command.id)?.instance !== undefined) this.refuse('conflict')
        return this.drop(model.addresses, command.id)
      case 'makeFirewall':
        return this.unique(model.firewalls, command.name, { made: 0, rules: {} })
      case 'makeRule': {
        const firewall = this.found(model.firewalls, command.id)
        const { port, group } = command
        if (group !== undefined && model.firewalls[group] === undefined) this.refuse('bad-request')
        if (firewall === undefined) return ''
        if (Object.values(firewall.rules).some(rule => rule.port === port && rule.group === group)) this.refuse('conflict')
        const id = `rule${++firewall.made}`
        firewall.rules[id] = { port, ...(group === undefined ? {} : { group }) }
        return id
      }
      case 'removeRule': {
        const rules = this.found(model.firewalls, command.id)?.rules
        if (rules?.[command.rule] === undefined) this.refuse('not-found')
        else delete rules[command.rule]
        return ''
      }
      case 'removeFirewall': {
        const { id } = command
        const hasMembers = Object.values(model.instances).some(({ firewalls }) => firewalls.includes(id))
        const isSource = Object.entries(model.firewalls).some(
          ([other, { rules }]) => other !== id && Object.values(rules).some(({ group }) => group === id),
        )
        if (hasMembers || isSource) this.refuse('conflict')
        return this.drop(model.firewalls, id)
      }
      case 'makeBalancer':
        if (!isRealm(command.realm)) this.refuse('bad-request')
        return this.unique(model.load_balancers, command.name, { realm: isRealm(command.realm) ? command.realm : 'us', instances: [] })
      case 'register': {
        const balancer = this.found(model.load_balancers, command.id)
        const { realm } = this.instance(command.instance)
        if (balancer?.instances.includes(command.instance)) this.refuse('conflict')
        if (balancer !== undefined && balancer.realm !== realm) this.refuse('bad-request')
        balancer?.instances.push(command.instance)
        return ''
      }
      case 'unregister': {
        const balancer = this.found(model.load_balancers, command.id)
        if (!balancer?.instances.includes(command.instance)) this.refuse('bad-request')
        else balancer.instances = balancer.instances.filter(other => other !== command.instance)
        return ''
      }
      case 'removeBalancer':
        return this.drop(model.load_balancers, command.id)
      case 'makeNetwork': {
        const id = this.newId('net')
        model.networks[id] = { block: command.block, subnets: [] }
        return id
      }
      case 'removeNetwork':
        if ((this.found(model.networks, command.id)?.subnets.length ?? 0) > 0) this.refuse('conflict')
        return this.drop(model.networks, command.id)
      case 'makeSubnet': {
        const network = model.networks[command.network]
        if (network === undefined || !isInside(command.block, network.block)) this.refuse('bad-request')
        if (network?.subnets.some(id => overlap(model.subnets[id]?.block ?? '', command.block))) this.refuse('conflict')
        const id = this.newId('subnet')
        network?.subnets.push(id)
        model.subnets[id] = { network: command.network, block: command.block }
        return id
      }
      case 'removeSubnet': {
        const subnet = this.found(model.subnets, command.id)
        if (Object.values(model.network_interfaces).some(one => one.subnet === command.id)) this.refuse('conflict')
        const network = subnet === undefined ? undefined : model.networks[subnet.network]
        if (network !== undefined) network.subnets = network.subnets.filter(other => other !== command.id)
        return this.drop(model.subnets, command.id)
      }
      case 'makeInterface': {
        const instance = this.instance(command.instance)
        // A network stands for its first subnet.
        const subnet = model.subnets[command.network] === undefined ? model.networks[command.network]?.subnets[0] : command.network
        if (subnet === undefined) this.refuse('bad-request')
        const id = this.newId('nic')
        instance.interfaces.push(id)
        model.network_interfaces[id] = { instance: command.instance, subnet: subnet ?? '' }
        return id
      }
      case 'removeInterface': {
        const instance = model.instances[this.found(model.network_interfaces, command.id)?.instance ?? '']
        if (instance !== undefined) instance.interfaces = instance.interfaces.filter(other => other !== command.id)
        return this.drop(model.network_interfaces, command.id)
      }
      case 'show': {
        const instance = model.instances[command.id]
        return instance === undefined ? 'absent' : instance.state
      }
    }
  }

  private launch({ image, realm, firewall, key, snapshot, balancer, count = 1 }: Command & { readonly op: 'launch' }): string {
    const { model } = this
    const its = model.images[image]
    if (its === undefined) this.refuse('bad-request')
    if (its?.passing !== undefined) this.refuse('conflict')
    if (realm !== undefined && !isRealm(realm)) this.refuse('bad-request')
    if (firewall !== undefined && model.firewalls[firewall] === undefined) this.refuse('bad-request')
    if (key !== undefined && model.keys[key] === undefined) this.refuse('bad-request')
    const place = isRealm(realm) ? realm : 'us'
    this.within('instances', count)
    const ids: string[] = []
    for (let i = 0; i < count; i++) {
      const id = this.newId('inst')
      ids.push(id)
      const instance: ModelInstance = {
        ...runningInstance(image),
        state: 'pending',
        realm: place,
        firewalls: firewall === undefined ? [] : [firewall],
        ...this.coming(),
      }
      model.instances[id] = instance
      if (snapshot !== undefined) {
        const volume = this.makeVolume({ op: 'makeVolume', snapshot, ...(realm === undefined ? {} : { realm }) })
        instance.volumes.push({ id: volume, device: '/dev/sdc' })
        Object.assign(model.storage_volumes[volume] ?? {}, { instance: id, device: '/dev/sdc' })
      }
      if (balancer !== undefined) {
        const its = model.load_balancers[balancer]
        if (its === undefined || its.realm !== place) this.refuse('bad-request')
        its?.instances.push(id)
      }
    }
    return ids.join()
  }

  private act(action: 'start' | 'stop' | 'reboot' | 'terminate', id: string): string {
    const instance = this.found(this.model.instances, id)
    if (instance === undefined) return ''
    const { state } = instance
    const permitted: Readonly<Record<typeof action, readonly string[]>> = {
      start: ['stopped'],
      stop: ['running'],
      reboot: instance.rebooting === undefined ? ['running'] : [],
      terminate: ['pending', 'running', 'stopped', 'error'],
    }
    if (!permitted[action].includes(state)) this.refuse('not-permitted')
    else if (action === 'reboot') instance.rebooting = this.window('reboot')
    else if (action === 'terminate' && (state === 'stopped' || state === 'error')) endInstance(this.model, id)
    else {
      delete instance.rebooting
      delete instance.passing
      if (action === 'start') Object.assign(instance, { state: 'pending', ...this.coming() })
      else
        Object.assign(instance, {
          state: 'stopping',
          passing: { to: action === 'stop' ? 'stopped' : 'gone', ...this.window('stop') },
        })
    }
    return ''
  }

  private makeVolume({ capacity, snapshot, realm }: Command & { readonly op: 'makeVolume' }): string {
    const { model } = this
    const source = snapshot === undefined ? undefined : model.storage_snapshots[snapshot]
    if (snapshot !== undefined && source === undefined) this.refuse('bad-request')
    if (source?.passing !== undefined) this.refuse('conflict')
    if (realm !== undefined && !isRealm(realm)) this.refuse('bad-request')
    const least = source?.capacity ?? 1
    const size = capacity ?? least
    if (size < least || size > 16384) this.refuse('bad-request')
    this.within('storage_volumes', 1)
    const id = this.newId('vol')
    model.storage_volumes[id] = { capacity: size, realm: isRealm(realm) ? realm : 'us' }
    return id
  }

  private attach({ id, instance: to, device }: Command & { readonly op: 'attach' }): string {
    const volume = this.found(this.model.storage_volumes, id)
    const instance = this.instance(to)
    if (volume?.instance !== undefined) this.refuse('conflict')
    if (instance.state !== 'running' && instance.state !== 'stopped') this.refuse('conflict')
    if (instance.volumes.some(mount => mount.device === device)) this.refuse('conflict')
    if (volume !== undefined && volume.realm !== instance.realm) this.refuse('bad-request')
    Object.assign(volume ?? {}, { instance: to, device })
    instance.volumes = [...instance.volumes, { id, device }]
    return ''
  }

  private free(id: string): void {
    const volume = this.model.storage_volumes[id]
    const instance = this.model.instances[volume?.instance ?? '']
    if (instance !== undefined) instance.volumes = instance.volumes.filter(mount => mount.id !== id)
    delete volume?.instance
    delete volume?.device
  }

  /** What a boot comes to. */
  private coming(): Pick<ModelInstance, 'passing'> {
    if (this.boot === 'sticks') return {}
    return { passing: { to: this.boot === 'fails' ? 'error' : 'running', ...this.window('boot') } }
  }

  private window(what: keyof typeof takes): Window {
    const [least, most] = takes[what]
    return { least: this.model.now + least, most: this.model.now + most }
  }

  private newId(prefix: Exclude<keyof Model['next'], 'address'>): string {
    return `${prefix}${this.model.next[prefix]++}`
  }

  private refuse(kind: ErrorKind): void {
    this.refused.push(kind)
  }

  /** The resource of the path. */
  private found<T>(all: Record<string, T>, id: string): T | undefined {
    const one = all[id]
    if (one === undefined) this.refuse('not-found')
    return one
  }

  /** One that is referred to; a nobody where it isn't there. */
  private instance(id: string): ModelInstance {
    const instance = this.model.instances[id]
    if (instance === undefined) this.refuse('bad-request')
    return instance ?? runningInstance('')
  }

  private drop<T>(all: Record<string, T>, id: string): string {
    this.found(all, id)
    delete all[id]
    return ''
  }

  /** Adds one that is named by whoever makes it. */
  private unique<T>(all: Record<string, T>, name: string, one: T): string {
    if (all[name] !== undefined) this.refuse('conflict')
    all[name] = one
    return name
  }

  private within(quota: Quota, more: number): void {
    const limit = this.model.quotas[quota]
    if (limit !== undefined && Object.keys(this.model[quota]).length + more > limit) this.refuse('over-quota')
  }
}

export const collections = [
  'instances',
  'images',
  'keys',
  'storage_volumes',
  'storage_snapshots',
  'buckets',
  'addresses',
  'firewalls',
  'load_balancers',
  'networks',
  'subnets',
  'network_interfaces',
] as const

export type Collection = (typeof collections)[number]

/** The end of an instance: all that it had is free again. */
export const endInstance = (model: Model, id: string): void => {
  const instance = model.instances[id]
  if (instance === undefined) return
  for (const volume of instance.volumes) {
    const its = model.storage_volumes[volume.id]
    delete its?.instance
    delete its?.device
  }
  for (const one of instance.interfaces) delete model.network_interfaces[one]
  if (instance.address !== undefined) delete model.addresses[instance.address]?.instance
  for (const balancer of Object.values(model.load_balancers)) balancer.instances = balancer.instances.filter(other => other !== id)
  delete model.instances[id]
}

const isRealm = (text: string | undefined): text is Realm => text === 'us' || text === 'eu'

/** First and last address of a block. */
const boundsOf = (block: string): readonly [number, number] => {
  const [address = '', length = ''] = block.split('/')
  const first = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
  return [first, first + 2 ** (32 - Number(length)) - 1]
}

const isInside = (inner: string, outer: string): boolean => {
  const [[a, b], [c, d]] = [boundsOf(inner), boundsOf(outer)]
  return a >= c && b <= d
}

const overlap = (one: string, other: string): boolean => {
  const [[a, b], [c, d]] = [boundsOf(one), boundsOf(other)]
  return a <= d && c <= b
}
