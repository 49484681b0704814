/** What drivers of OpenStack's kind have in common: what they show in another way than the simulator does. */

import { type Item, itemsAt, read } from '../../documents/read.ts'
import type { Exemption, Impossible, Regions, RoundTrip } from '../../harness.ts'

export const expected: NonNullable<RoundTrip['expected']> = {
  // The contents of a bucket stand in the bucket's own document only.
  'buckets blob_list': async () => undefined,
  'keys state': async () => 'AVAILABLE',
  // Groups belong to the ports of a server.
  'instances firewalls': async instance => (itemsAt(instance, 'network_interfaces').length > 0 ? instance.firewalls : undefined),
  // Nova doesn't say which of its own addresses are public: all but those of the private ranges.
  'instances public_addresses': async instance => [
    ...itemsAt(instance, 'public_addresses'),
    ...itemsAt(instance, 'private_addresses').filter(one => !isPrivate(read(one, 'address') ?? '')),
  ],
  'instances private_addresses': async instance =>
    itemsAt(instance, 'private_addresses').filter(one => isPrivate(read(one, 'address') ?? '')),
  // The name of an image is its description, where it has no other.
  'images description': async ({ name, description }) => description ?? name,
  // The original API shows a volume that is being created as available.
  'storage_volumes state': async ({ state }) => (state === 'CREATING' ? 'AVAILABLE' : state),
  'storage_volumes created': async ({ created }) => cinderTime(created),
  'storage_volumes name': async ({ created, name }) => name ?? `Volume${secondsOf(created)}`,
  'storage_volumes description': async ({ created, name, description }) => description ?? name ?? `Volume${secondsOf(created)}`,
  'storage_snapshots created': async ({ created }) => cinderTime(created),
  'storage_snapshots name': async ({ created, name }) => name ?? `snapshot_${secondsOf(created)}`,
  // The original API says of what it was made, where nothing else is said.
  'storage_snapshots description': async snapshot => snapshot.description ?? `snapshot from volume ${volumeOf(snapshot)}`,
  'load_balancers created_at': async ({ created_at: created }) => (typeof created === 'string' ? created.replace('Z', '') : created),
  // A rule of Neutron has one source, and an id of its own.
  'firewalls rules': async (firewall, _list, told) => {
    const ids = new Map(itemsAt(told, 'rules').map(rule => [contentsOf(rule), read(rule, 'id')]))
    return itemsAt(firewall, 'rules').flatMap(rule =>
      itemsAt(rule, 'sources').map(source => {
        const one = { ...rule, sources: [source] }
        return { ...one, id: ids.get(contentsOf(one)) }
      }),
    )
  },
}

/** In a block of RFC 1918: 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16. */
const isPrivate = (address: string): boolean => {
  const [first = 0, second = 0] = address.split('.').map(Number)
  return first === 10 || (first === 172 && second >= 16 && second < 32) || (first === 192 && second === 168)
}

const volumeOf = (snapshot: Item): string | undefined => read(snapshot, 'storage_volume', 'id') ?? read(snapshot, 'storage_volume_id')

const secondsOf = (time: unknown): number => Math.floor(Date.parse(String(time)) / 1000)

/** Without a zone, to the microsecond. */
const cinderTime = (time: unknown): unknown => (typeof time === 'string' ? new Date(time).toISOString().replace('Z', '000') : time)

/** What a rule says, whatever it's called. */
const contentsOf = (rule: Item): string =>
  JSON.stringify([
    ...['direction', 'allow_protocol', 'port_from', 'port_to'].map(name => read(rule, name)),
    ...itemsAt(rule, 'sources').map(source => ['type', 'family', 'address', 'prefix', 'name'].map(name => read(source, name))),
  ])

/** Regions that the provider names behind the address of Keystone; each has its services at addresses of its own, all have one Keystone. */
export const regionsNamed = (names: Regions['names'], address: (origin: string) => string): Regions => ({
  names,
  provider: (origin, region) => `${address(origin)};${region}`,
  regionOf: ({ path }) => {
    const [, first = ''] = /^(?:\/_worlds\/[^/]+)?\/openstack\/([^/]+)\//.exec(path) ?? []
    return first === 'identity' ? undefined : first === names[1] ? names[1] : names[0]
  },
})

/** A network of Neutron has no block of its own. */
export const blocksOfSubnets = (provider: string | undefined): Exemption => ({
  law: 'S8',
  provider,
  quirk: 'Neutron',
  because: 'a network of Neutron has the blocks of its subnets, and none when it’s made',
  where: /^networks made with address_block=/,
})

export const impossible: readonly Impossible[] = ['running possibly error', 'stopping possibly error'].map(what => ({
  what,
  because: 'the simulator breaks nothing that runs',
}))
