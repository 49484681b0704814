/** What is asked of a real OpenStack: every collection, its filters, its errors, and the life of all that can be made. */

import type { Client } from './client.ts'

/** `asking` is recorded; `aside` makes what has to be there, waits, and clears away. */
export interface Scene {
  readonly asking: Client
  readonly aside: Client
  readonly image: string
  readonly profile: string
}

export interface Scenario {
  readonly name: string
  readonly title: string
  run(scene: Scene): Promise<void>
}

const state = (wanted: string) => (item: object | undefined) => item !== undefined && 'state' in item && item.state === wanted
const gone = (item: object | undefined): boolean => item === undefined

const collections = [
  'realms',
  'hardware_profiles',
  'images',
  'instances',
  'keys',
  'storage_volumes',
  'storage_snapshots',
  'buckets',
  'addresses',
  'firewalls',
  'networks',
  'subnets',
  'network_interfaces',
] as const

const launch = async (client: Client, { image, profile }: Scene, name: string): Promise<string> =>
  (await client.ask(`launch ${name}`, 'POST', '/instances', { form: { image_id: image, hwp_id: profile, name }, is: 201 })).id

const running = async (scene: Scene, name: string): Promise<string> => {
  const id = await launch(scene.aside, scene, name)
  await scene.aside.until(`/instances/${id}`, state('RUNNING'))
  return id
}

const destroyed = async ({ aside }: Scene, id: string): Promise<void> => {
  await aside.ask('clear away', 'DELETE', `/instances/${id}`, { is: 204 })
  await aside.until(`/instances/${id}`, gone)
}

const none = '00000000-0000-4000-8000-000000000000'

export const scenarios: readonly Scenario[] = [
  {
    name: 'wrong-password',
    title: 'turns away who has a wrong password',
    async run({ asking }) {
      const as = { user: 'demo+demo', password: 'not-the-password' }
      for (const collection of ['instances', 'images', 'storage_volumes', 'networks', 'buckets'])
        await asking.ask(`${collection} with a wrong password`, 'GET', `/${collection}`, { is: 401, as })
    },
  },
  {
    name: 'every-collection',
    title: 'lists every collection of an account, and shows one of each',
    async run(scene) {
      const { asking, aside } = scene
      const server = await running(scene, 'looked-at')
      const volume = (await aside.ask('a volume', 'POST', '/storage_volumes', { form: { capacity: '1', name: 'looked-at' }, is: 201 })).id
      await aside.until(`/storage_volumes/${volume}`, state('AVAILABLE'))
      await asking.ask('the entry point', 'GET', '')
      for (const collection of collections) {
        await asking.ask(`all ${collection}`, 'GET', `/${collection}`)
        const [first] = await aside.all(collection)
        if (first !== undefined && collection !== 'keys')
          await asking.ask(`one of ${collection}`, 'GET', `/${collection}/${encodeURIComponent(String(first.id))}`)
      }
      await aside.insist('clear away', 'DELETE', `/storage_volumes/${volume}`, 204)
      await destroyed(scene, server)
    },
  },
  {
    name: 'filters',
    title: 'filters instances, images and hardware profiles',
    async run(scene) {
      const { asking, image, profile } = scene
      const server = await running(scene, 'filtered')
      const filters: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
        ['instances', { state: 'RUNNING' }],
        ['instances', { state: 'STOPPED' }],
        ['instances', { id: server }],
        ['instances', { id: none }],
        ['images', { id: image }],
        ['images', { architecture: 'x86_64' }],
        ['images', { architecture: 'i386' }],
        ['images', { owner_id: 'self' }],
        ['hardware_profiles', { id: profile }],
        ['hardware_profiles', { architecture: 'x86_64' }],
      ]
      for (const [collection, query] of filters)
        await asking.ask(`${collection} of ${Object.entries(query).join()}`, 'GET', `/${collection}`, { query })
      await destroyed(scene, server)
    },
  },
  {
    name: 'keys',
    title: 'makes a key, imports another, and destroys both',
    async run({ asking }) {
      await asking.ask('make a key', 'POST', '/keys', { form: { name: 'made' }, is: 201 })
      await asking.ask('the name is taken', 'POST', '/keys', { form: { name: 'made' }, is: 409 })
      await asking.ask('all keys', 'GET', '/keys')
      await asking.ask('the key', 'GET', '/keys/made')
      await asking.ask('destroy it', 'DELETE', '/keys/made', { is: 204 })
      await asking.ask('it is gone', 'GET', '/keys/made', { is: 404 })
      await asking.ask('destroy it again', 'DELETE', '/keys/made', { is: 404 })
    },
  },
  {
    name: 'lifecycle',
    title: 'launches an instance, stops, starts, reboots and destroys it',
    async run(scene) {
      const { asking, aside } = scene
      const id = await launch(asking, scene, 'alive')
      const path = `/instances/${id}`
      await asking.ask('it is built', 'GET', path)
      await aside.until(path, state('RUNNING'))
      await asking.ask('it runs', 'GET', path)
      await asking.ask('it can’t be started', 'POST', `${path}/start`, { is: 405 })
      await asking.ask('stop', 'POST', `${path}/stop`, { is: 202 })
      await aside.until(path, state('STOPPED'))
      await asking.ask('it is stopped', 'GET', path)
      await asking.ask('start', 'POST', `${path}/start`, { is: 202 })
      await aside.until(path, state('RUNNING'))
      await asking.ask('it runs again', 'GET', path)
      await asking.ask('reboot', 'POST', `${path}/reboot`, { is: 202 })
      await aside.until(path, item => JSON.stringify(item).includes('"rel":"reboot"'))
      await asking.ask('it has rebooted', 'GET', path)
      await asking.ask('all instances', 'GET', '/instances')
      await asking.ask('destroy', 'DELETE', path, { is: 204 })
      await asking.ask('it is being destroyed', 'GET', path)
      await aside.until(path, gone)
      await asking.ask('it is gone', 'GET', path, { is: 404 })
      await asking.ask('no instances', 'GET', '/instances')
    },
  },
  {
    name: 'features',
    title: 'launches an instance with a name, a key, a password, user data and a file',
    async run(scene) {
      const { asking, aside, image, profile } = scene
      await aside.ask('a key', 'POST', '/keys', { form: { name: 'for-launch' }, is: 201 })
      const form = {
        image_id: image,
        hwp_id: profile,
        name: 'featured',
        keyname: 'for-launch',
        password: 'launch-password-1',
        user_data: Buffer.from('#!/bin/sh\necho hello\n').toString('base64'),
        path1: '/etc/motd',
        content1: 'hello',
      }
      const { id } = await asking.ask('launch with everything', 'POST', '/instances', { form, is: 201 })
      await aside.until(`/instances/${id}`, state('RUNNING'))
      await asking.ask('the instance', 'GET', `/instances/${id}`)
      await destroyed(scene, id)
      await aside.ask('clear away', 'DELETE', '/keys/for-launch', { is: 204 })
    },
  },
  {
    name: 'images',
    title: 'makes an image of an instance, and destroys it',
    async run(scene) {
      const { asking, aside } = scene
      const server = await running(scene, 'template')
      const form = { instance_id: server, name: 'of-template' }
      const { id } = await asking.ask('make an image', 'POST', '/images', { form, is: 201 })
      await asking.ask('the image is made', 'GET', `/images/${id}`)
      await aside.until(`/images/${id}`, state('ACTIVE'))
      await asking.ask('the image', 'GET', `/images/${id}`)
      await asking.ask('destroy it', 'DELETE', `/images/${id}`, { is: 204 })
      await asking.ask('it is gone', 'GET', `/images/${id}`, { is: 404 })
      await destroyed(scene, server)
    },
  },
  {
    name: 'volumes',
    title: 'makes a volume, attaches and detaches it, takes a snapshot, and destroys both',
    async run(scene) {
      const { asking, aside } = scene
      const server = await running(scene, 'with-volume')
      const form = { capacity: '2', name: 'data', description: 'Data of a test' }
      const { id } = await asking.ask('make a volume', 'POST', '/storage_volumes', { form, is: 201 })
      const path = `/storage_volumes/${id}`
      await aside.until(path, item => JSON.stringify(item).includes('"attach"'))
      await aside.until(path, state('AVAILABLE'))
      await new Promise(resolve => setTimeout(resolve, 5000))
      await asking.ask('the volume', 'GET', path)
      const attachment = { instance_id: server, device: '/dev/vdb' }
      await asking.ask('attach it', 'POST', `${path}/attach`, { form: attachment, is: 202 })
      await aside.until(path, state('IN-USE'))
      await asking.ask('it is attached', 'GET', path)
      await asking.ask('its instance', 'GET', `/instances/${server}`)
      await asking.ask('attached it can’t be destroyed', 'DELETE', path, { is: 409 })
      await asking.ask('detach it', 'POST', `${path}/detach`, { is: 202 })
      await aside.until(path, state('AVAILABLE'))
      const snapshot = { volume_id: id, name: 'copy', description: 'Copy of the data' }
      const { id: taken } = await asking.ask('take a snapshot', 'POST', '/storage_snapshots', { form: snapshot, is: 201 })
      await aside.until(`/storage_snapshots/${taken}`, state('AVAILABLE'))
      await asking.ask('the snapshot', 'GET', `/storage_snapshots/${taken}`)
      await asking.ask('all snapshots', 'GET', '/storage_snapshots')
      await asking.ask('with a snapshot it can’t be destroyed', 'DELETE', path, { is: 409 })
      await asking.ask('destroy the snapshot', 'DELETE', `/storage_snapshots/${taken}`, { is: 204 })
      await aside.until(`/storage_snapshots/${taken}`, gone)
      await asking.ask('destroy the volume', 'DELETE', path, { is: 204 })
      await aside.until(path, gone)
      await asking.ask('it is gone', 'GET', path, { is: 404 })
      await destroyed(scene, server)
    },
  },
  {
    name: 'addresses',
    title: 'takes an address, associates it with an instance, and gives it back',
    async run(scene) {
      const { asking } = scene
      const server = await running(scene, 'addressed')
      const { id } = await asking.ask('take an address', 'POST', '/addresses', { is: 201 })
      const path = `/addresses/${id}`
      await asking.ask('associate it', 'POST', `${path}/associate`, { form: { instance_id: server }, is: 202 })
      await asking.ask('the address', 'GET', path)
      await asking.ask('its instance', 'GET', `/instances/${server}`)
      await asking.ask('associated it can’t be given back', 'DELETE', path, { is: 409 })
      await asking.ask('disassociate it', 'POST', `${path}/disassociate`, { is: 202 })
      await asking.ask('give it back', 'DELETE', path, { is: 204 })
      await asking.ask('no addresses', 'GET', '/addresses')
      await destroyed(scene, server)
    },
  },
  {
    name: 'firewalls',
    title: 'makes a firewall, gives it rules, launches an instance in it, and destroys all',
    async run(scene) {
      const { asking, aside, image, profile } = scene
      const firewall = { name: 'web', description: 'Web servers' }
      const { id } = await asking.ask('make a firewall', 'POST', '/firewalls', { form: firewall, is: 201 })
      const path = `/firewalls/${id}`
      const rule = { protocol: 'tcp', port_from: '80', port_to: '80', ip_address1: '192.0.2.0/24' }
      await asking.ask('a rule for addresses', 'POST', `${path}/rules`, { form: rule, is: 201 })
      await asking.ask('the firewall', 'GET', path)
      const form = { image_id: image, hwp_id: profile, name: 'guarded', firewalls1: id }
      const { id: server } = await asking.ask('launch an instance in it', 'POST', '/instances', { form, is: 201 })
      await aside.until(`/instances/${server}`, state('RUNNING'))
      await asking.ask('the instance', 'GET', `/instances/${server}`)
      await asking.ask('in use it can’t be destroyed', 'DELETE', path, { is: 409 })
      await destroyed(scene, server)
      await asking.ask('destroy it', 'DELETE', path, { is: 204 })
      await asking.ask('it is gone', 'GET', path, { is: 404 })
    },
  },
  {
    name: 'networks',
    title: 'makes a network, a subnet and an interface, and destroys them',
    async run(scene) {
      const { asking, aside } = scene
      const server = await running(scene, 'plugged')
      const { id } = await asking.ask('make a network', 'POST', '/networks', { form: { name: 'inner' }, is: 201 })
      const block = { network_id: id, address_block: '10.20.0.0/24', name: 'inner-subnet' }
      const { id: subnet } = await asking.ask('make a subnet', 'POST', '/subnets', { form: block, is: 201 })
      await asking.ask('the network', 'GET', `/networks/${id}`)
      const plug = { instance: server, network: subnet, name: 'second' }
      const { id: card } = await asking.ask('make an interface', 'POST', '/network_interfaces', { form: plug, is: 201 })
      await aside.until(`/instances/${server}`, item => JSON.stringify(item).includes('10.20.0.'))
      await asking.ask('the interface', 'GET', `/network_interfaces/${card}`)
      await asking.ask('its instance', 'GET', `/instances/${server}`)
      await asking.ask('in use the network can’t be destroyed', 'DELETE', `/networks/${id}`, { is: 409 })
      await asking.ask('destroy the interface', 'DELETE', `/network_interfaces/${card}`, { is: 204 })
      await destroyed(scene, server)
      await asking.ask('destroy the subnet', 'DELETE', `/subnets/${subnet}`, { is: 204 })
      await asking.ask('destroy the network', 'DELETE', `/networks/${id}`, { is: 204 })
      await asking.ask('it is gone', 'GET', `/networks/${id}`, { is: 404 })
    },
  },
  {
    name: 'not-there',
    title: 'finds nothing of an unknown id, and refuses unknown references',
    async run({ asking, image, profile }) {
      for (const collection of collections) await asking.ask(`none of ${collection}`, 'GET', `/${collection}/${none}`, { is: 404 })
      await asking.ask('destroy no instance', 'DELETE', `/instances/${none}`, { is: 404 })
      await asking.ask('destroy no volume', 'DELETE', `/storage_volumes/${none}`, { is: 404 })
      await asking.ask('launch from no image', 'POST', '/instances', { form: { image_id: none, hwp_id: profile, name: 'x' }, is: 400 })
      const unknownProfile = { image_id: image, hwp_id: '99', name: 'x' }
      await asking.ask('launch in no profile', 'POST', '/instances', { form: unknownProfile, is: 400 })
      await asking.ask('a snapshot of no volume', 'POST', '/storage_snapshots', { form: { volume_id: none, name: 'x' }, is: 400 })
    },
  },
  {
    name: 'quota',
    title: 'may not have a volume that is larger than the quota',
    async run({ asking }) {
      await asking.ask('a volume of 20,000 GB', 'POST', '/storage_volumes', { form: { capacity: '20000', name: 'large' }, is: 403 })
    },
  },
  {
    name: 'objects',
    title: 'puts a blob into a bucket, reads and changes it, and destroys both',
    async run({ asking }) {
      await asking.ask('make a bucket', 'POST', '/buckets', { form: { name: 'papers' }, is: 201 })
      await asking.ask('the name is taken', 'POST', '/buckets', { form: { name: 'papers' }, is: 409 })
      const headers = { 'Content-Type': 'text/plain', 'X-Deltacloud-Blobmeta-Author': 'ada' }
      await asking.ask('put a blob', 'PUT', '/buckets/papers/note%201', { headers, body: 'A note.\n' })
      await asking.ask('the blob', 'GET', '/buckets/papers/note%201')
      await asking.ask('its content', 'GET', '/buckets/papers/note%201/content')
      await asking.ask('a part of it', 'GET', '/buckets/papers/note%201/content', { headers: { Range: 'bytes=2-5' }, is: 206 })
      const metadata = { 'X-Deltacloud-Blobmeta-Author': 'grace' }
      await asking.ask('other metadata', 'POST', '/buckets/papers/note%201', { headers: metadata, is: 204 })
      await asking.ask('the blob again', 'GET', '/buckets/papers/note%201')
      await asking.ask('the bucket', 'GET', '/buckets/papers')
      await asking.ask('all buckets', 'GET', '/buckets')
      await asking.ask('it is not empty', 'DELETE', '/buckets/papers', { is: 409 })
      await asking.ask('no such blob', 'GET', '/buckets/papers/none', { is: 404 })
      await asking.ask('destroy the blob', 'DELETE', '/buckets/papers/note%201', { is: 204 })
      await asking.ask('destroy the bucket', 'DELETE', '/buckets/papers', { is: 204 })
      await asking.ask('it is gone', 'GET', '/buckets/papers', { is: 404 })
    },
  },
  {
    name: 'segments',
    title: 'uploads a blob in segments, which are joined and go with it',
    async run({ asking }) {
      await asking.ask('make a bucket', 'POST', '/buckets', { form: { name: 'large' }, is: 201 })
      const path = '/buckets/large/parts.bin'
      const type = { 'X-Deltacloud-BlobType': 'segmented' }
      const begun = await asking.ask('begin', 'PUT', path, { headers: type, is: 204 })
      const upload = { ...type, 'X-Deltacloud-SegmentedBlob': begun.headers.get('x-deltacloud-segmentedblob') ?? '' }
      const ids: string[] = []
      for (const [n, content] of ['first ', 'second ', 'third'].entries()) {
        const headers = { ...upload, 'X-Deltacloud-SegmentOrder': String(n + 1) }
        const part = await asking.ask(`segment ${n + 1}`, 'PUT', path, { headers, body: content, is: 204 })
        ids.push(`${n + 1}=${part.headers.get('x-deltacloud-blobsegmentid')}`)
      }
      await asking.ask('finish', 'PUT', path, { headers: upload, body: ids.join(', ') })
      const whole = await asking.ask('the whole', 'GET', `${path}/content`)
      if (String(whole.body) !== 'first second third') throw new Error(`The segments make up ${String(whole.body)}`)
      await asking.ask('the blob', 'GET', path)
      await asking.ask('the bucket', 'GET', '/buckets/large')
      await asking.ask('destroy the blob', 'DELETE', path, { is: 204 })
      await asking.ask('destroy the bucket', 'DELETE', '/buckets/large', { is: 204 })
    },
  },
]
