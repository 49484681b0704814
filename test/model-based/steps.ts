/** What clients do, over HTTP and in every collection: steps as data, which become requests once it's known what there is. */

import fc from 'fast-check'
import type { Answer, Ask, Client } from '../support/server.ts'

/** A step refers to what is there by numbers, so that it means something whatever came of the steps before it. */
export interface Step {
  readonly move: keyof typeof moves
  readonly picks: readonly [number, number, number]
}

/** Milliseconds of cloud time that pass. */
export interface Pause {
  readonly pause: number
}

export const step = (): fc.Arbitrary<Step> =>
  fc.record({
    move: fc.constantFrom(...names),
    picks: fc.tuple(fc.nat(9999), fc.nat(9999), fc.nat(9999)),
  })

/** Time passes now and then: a moment, or longer than most things take. */
export const stepOrPause = (): fc.Arbitrary<Step | Pause> =>
  fc.oneof(
    { weight: 6, arbitrary: step() },
    { weight: 1, arbitrary: fc.record({ pause: fc.oneof(fc.integer({ min: 1, max: 900 }), fc.integer({ min: 900, max: 5000 })) }) },
  )

/** Collections whose resources belong to an account. */
export const collections = [
  'images',
  'instances',
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
  'metrics',
] as const

export type CollectionName = (typeof collections)[number]

/** Someone who takes steps, and knows the names of what the account begins with and of what was made since. */
export class Walker {
  private readonly client: Client
  private readonly mark: string
  private readonly known = new Map<string, string[]>(Object.entries(first).map(([collection, ids]) => [collection, [...ids]]))
  private steps = 0

  /** @param mark stands in every name that this one gives. */
  constructor(client: Client, mark: string) {
    this.client = client
    this.mark = mark
  }

  async take({ move, picks }: Step): Promise<Answer> {
    this.steps++
    const ask = moves[move](this, picks)
    const answer = await this.client.ask({ ...ask, headers: { Accept: 'application/json', ...ask.headers } })
    this.learn(answer)
    if (ask.method === 'DELETE' && answer.status < 300) this.forget(ask.target)
    return answer
  }

  /** An id of a collection; one of those made last more often than not. */
  one(collection: string, pick: number): string {
    const ids = this.known.get(collection) ?? []
    const recent = ids.slice(-5)
    const from = pick % 3 === 0 ? ids : recent
    return from[Math.floor(pick / 3) % Math.max(1, from.length)] ?? 'nothing'
  }

  /** A name that may have been given before. */
  name(pick: number): string {
    return `${this.mark}-${pick % 12}`
  }

  /** One that wasn't. */
  fresh(): string {
    return `${this.mark}-new-${this.steps}`
  }

  /** Knows a blob by its path in the API, behind `/api/buckets/`. */
  remember(collection: string, id: string): void {
    const ids = this.known.get(collection) ?? []
    if (!ids.includes(id)) this.known.set(collection, [...ids, id])
  }

  /** What was destroyed is mostly let be; another may have made one of that name meanwhile. */
  private forget(target: string): void {
    const [, collection = '', id = ''] = /^\/api\/(\w+)\/(.+)$/.exec(target) ?? []
    const kind = collection === 'buckets' && id.includes('/') ? 'blobs' : collection
    const ids = this.known.get(kind) ?? []
    if (ids.length > 2)
      this.known.set(
        kind,
        ids.filter(other => other !== decodeURIComponent(id)),
      )
  }

  private learn({ status, headers, text }: Answer): void {
    if (status !== 200 && status !== 201) return
    const [, collection, id] = /\/api\/(\w+)\/([^/?]+)$/.exec(headers.get('location') ?? '') ?? []
    if (collection !== undefined && id !== undefined) this.remember(collection, decodeURIComponent(id))
    // A network interface is answered without its address.
    const [, made] = /"network_interface":\{[^{}]*?"id":"([^"]+)"/.exec(text.replaceAll(/\s+/g, '')) ?? []
    if (made !== undefined) this.remember('network_interfaces', made)
  }
}

type Picks = Step['picks']

const post = (path: string, parameters: Readonly<Record<string, string | number>> = {}): Ask => {
  const query = new URLSearchParams(Object.entries(parameters).map(([name, value]): [string, string] => [name, String(value)])).toString()
  return { method: 'POST', target: `/api/${path}${query === '' ? '' : `?${query}`}` }
}

const removal =
  (collection: CollectionName) =>
  (walker: Walker, [a]: Picks): Ask => ({
    method: 'DELETE',
    target: `/api/${collection}/${encodeURIComponent(walker.one(collection, a))}`,
  })

const action =
  (name: string) =>
  (walker: Walker, [a]: Picks): Ask =>
    post(`instances/${walker.one('instances', a)}/${name}`)

const pickOf = <T>(values: readonly [T, ...T[]], pick: number): T => values[pick % values.length] ?? values[0]

const look =
  (format: string) =>
  (walker: Walker, [a, b]: Picks): Ask => {
    const collection = pickOf(collections, a)
    const path = b % 3 === 0 ? '' : `/${encodeURIComponent(walker.one(collection === 'metrics' ? 'instances' : collection, b))}`
    return { target: `/api/${collection}${path}?format=${format}` }
  }

const moves = {
  launch: (walker: Walker, [a, b, c]: Picks) =>
    post('instances', {
      image_id: walker.one('images', a),
      name: walker.name(b),
      ...(c % 2 === 0 ? {} : { realm_id: pickOf(['us', 'eu', 'nowhere'], c) }),
      ...(c % 5 === 0 ? { hwp_id: 'm1-large', hwp_memory: pickOf([7680, 12288, 1], b) } : {}),
      ...(c % 7 === 0 ? { firewalls1: walker.one('firewalls', b) } : {}),
      ...(c % 11 === 0 ? { keyname: walker.one('keys', a) } : {}),
      ...(c % 13 === 0 ? { instance_count: 1 + (b % 3) } : {}),
      ...(c % 17 === 0 ? { snapshot_id: walker.one('storage_snapshots', a) } : {}),
      ...(c % 19 === 0 ? { load_balancer_id: walker.one('load_balancers', a) } : {}),
    }),
  start: action('start'),
  stop: action('stop'),
  stopAnother: action('stop'),
  reboot: action('reboot'),
  terminate: removal('instances'),
  makeImage: (walker: Walker, [a, b]: Picks) => post('images', { instance_id: walker.one('instances', a), name: walker.name(b) }),
  removeImage: removal('images'),
  makeKey: (walker: Walker, [a]: Picks) => post('keys', { name: walker.name(a) }),
  removeKey: removal('keys'),
  makeVolume: (walker: Walker, [a, b, c]: Picks) =>
    post('storage_volumes', {
      name: walker.name(a),
      capacity: pickOf([1, 2, 50, 0, 20000], b),
      ...(c % 3 === 0 ? { snapshot_id: walker.one('storage_snapshots', c) } : {}),
      ...(c % 5 === 0 ? { realm_id: pickOf(['us', 'eu', 'nowhere'], b) } : {}),
    }),
  attach: (walker: Walker, [a, b, c]: Picks) =>
    post(`storage_volumes/${walker.one('storage_volumes', a)}/attach`, {
      instance_id: walker.one('instances', b),
      device: pickOf(['/dev/sdb', '/dev/sdc', '/dev/sdd'], c),
    }),
  detach: (walker: Walker, [a]: Picks) => post(`storage_volumes/${walker.one('storage_volumes', a)}/detach`),
  removeVolume: removal('storage_volumes'),
  makeSnapshot: (walker: Walker, [a]: Picks) => post('storage_snapshots', { volume_id: walker.one('storage_volumes', a) }),
  removeSnapshot: removal('storage_snapshots'),
  makeBucket: (walker: Walker, [a]: Picks) => post('buckets', { name: walker.name(a) }),
  removeBucket: removal('buckets'),
  putBlob: (walker: Walker, [a, b, c]: Picks): Ask => {
    const path = `${walker.one('buckets', a)}/${walker.name(b)}`
    walker.remember('blobs', path)
    return {
      method: 'PUT',
      target: `/api/buckets/${path}`,
      headers: { 'Content-Type': 'text/plain', 'X-Deltacloud-Blobmeta-Tag': walker.name(c) },
      body: `${walker.fresh()} `.repeat(c % 200),
    }
  },
  readBlob: (walker: Walker, [a]: Picks): Ask => ({ target: `/api/buckets/${walker.one('blobs', a)}/content`, headers: { Accept: '*/*' } }),
  removeBlob: (walker: Walker, [a]: Picks): Ask => ({ method: 'DELETE', target: `/api/buckets/${walker.one('blobs', a)}` }),
  makeAddress: () => post('addresses'),
  associate: (walker: Walker, [a, b]: Picks) =>
    post(`addresses/${walker.one('addresses', a)}/associate`, { instance_id: walker.one('instances', b) }),
  disassociate: (walker: Walker, [a]: Picks) => post(`addresses/${walker.one('addresses', a)}/disassociate`),
  removeAddress: removal('addresses'),
  makeFirewall: (walker: Walker, [a]: Picks) => post('firewalls', { name: walker.name(a), description: 'of a walker' }),
  makeRule: (walker: Walker, [a, b, c]: Picks) =>
    post(`firewalls/${walker.one('firewalls', a)}/rules`, {
      protocol: pickOf(['tcp', 'udp'], b),
      port_from: 1 + (c % 4),
      port_to: 3 + (b % 4),
      ip_address1: '10.0.0.0/8',
    }),
  removeFirewall: removal('firewalls'),
  makeBalancer: (walker: Walker, [a, b]: Picks) =>
    post('load_balancers', {
      name: walker.name(a),
      realm_id: pickOf(['us', 'eu'], b),
      listener_protocol: 'HTTP',
      listener_balancer_port: 80,
      listener_instance_port: 8080,
    }),
  register: (walker: Walker, [a, b]: Picks) =>
    post(`load_balancers/${walker.one('load_balancers', a)}/register`, { instance_id: walker.one('instances', b) }),
  unregister: (walker: Walker, [a, b]: Picks) =>
    post(`load_balancers/${walker.one('load_balancers', a)}/unregister`, { instance_id: walker.one('instances', b) }),
  removeBalancer: removal('load_balancers'),
  makeNetwork: (walker: Walker, [a]: Picks) => post('networks', { name: walker.name(a), address_block: '172.16.0.0/16' }),
  removeNetwork: removal('networks'),
  makeSubnet: (walker: Walker, [a, b]: Picks) =>
    post('subnets', { network_id: walker.one('networks', a), address_block: `172.16.${b % 4}.0/24` }),
  removeSubnet: removal('subnets'),
  makeInterface: (walker: Walker, [a, b]: Picks) =>
    post('network_interfaces', {
      instance: walker.one('instances', a),
      network: walker.one(b % 2 === 0 ? 'subnets' : 'networks', b),
      name: walker.name(a),
    }),
  removeInterface: removal('network_interfaces'),
  lookAsJson: look('json'),
  lookAsXml: look('xml'),
} satisfies Readonly<Record<string, (walker: Walker, picks: Picks) => Ask>>

/** What an account finds: documented with the mock cloud's data. */
const first: Readonly<Record<string, readonly string[]>> = {
  images: ['img1', 'img2', 'img3'],
  instances: ['inst0', 'inst1', 'inst2', 'inst3'],
  keys: ['test-key'],
  storage_volumes: ['vol1', 'vol2', 'vol3'],
  storage_snapshots: ['snap1', 'snap2', 'snap3'],
  buckets: ['bucket1', 'bucket2'],
  blobs: ['bucket1/blob1', 'bucket1/blob2', 'bucket2/blob4'],
  addresses: ['192.168.0.1', '192.168.0.2', '192.168.0.3', '192.168.0.4'],
  firewalls: ['default'],
  load_balancers: [],
  networks: ['net1', 'net2'],
  subnets: ['subnet1', 'subnet2', 'subnet3', 'subnet4'],
  network_interfaces: ['nic1', 'nicinst3'],
}

const isMove = (name: string): name is keyof typeof moves => Object.hasOwn(moves, name)

const names = Object.keys(moves).filter(isMove)
