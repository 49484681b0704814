/** What Nova and Glance say, in the words of the API. Nothing here asks anybody. */

import { fixed, type HardwareProfile } from '../../../model/hardware-profile.ts'
import type { Image, Instance, InstanceAddress, Key, VolumeMount } from '../../../model/resources.ts'
import { known, type Native } from './native.ts'
import { isImageable, type Life, lifeOf } from './states.ts'

/**
 * What an account may have, as the API has always told it: `ABSOLUTE >> Max. Instances: 10 Max. RAM: 51200   ||   SERVERS >> …`. Nova has
 * told no rates since 2014. Absent where a part of it is.
 */
export const limitIn = (limits: Native): string | undefined => {
  const absolute = limits.object('absolute')
  const [instances, memory] = [absolute?.number('maxTotalInstances'), absolute?.number('maxTotalRAMSize')]
  const rates = limits
    .list('rate')
    .filter(rate => rate.text('regex')?.includes('servers') === true)
    .map(rate => {
      const [limit] = rate.list('limit')
      const [total, remaining, unit] = [limit?.number('value'), limit?.number('remaining'), limit?.text('unit')]
      return total === undefined || remaining === undefined || unit === undefined
        ? undefined
        : `SERVERS >> Total: ${total}  Remaining: ${remaining} Time Unit: per ${unit}`
    })
  if (instances === undefined || memory === undefined || rates.includes(undefined)) return undefined
  return [`ABSOLUTE >> Max. Instances: ${amount(instances)} Max. RAM: ${amount(memory)}`, ...rates].join('   ||   ')
}

/** A quota of -1 is none. */
const amount = (quota: number): string => (quota < 0 ? 'unlimited' : String(quota))

/** Whose eyes see the cloud: owners are told by name, as far as it's the caller. */
export interface Viewer {
  readonly user: string
  readonly projectId: string | undefined
  /** Nova's proxy tells no owner of an image: to the API it has always been the caller. */
  readonly isByProxy: boolean
}

/** Memory in MB, disk in GB. */
export const profileOf = (flavor: Native): HardwareProfile => {
  const [memory, storage, cpu] = [flavor.number('ram'), flavor.number('disk'), flavor.number('vcpus')]
  return known<HardwareProfile>({
    id: flavor.need('id'),
    name: flavor.text('name'),
    properties: [
      ...(cpu === undefined ? [] : [fixed('cpu', cpu)]),
      ...(memory === undefined ? [] : [fixed('memory', memory)]),
      ...(storage === undefined ? [] : [fixed('storage', storage)]),
      fixed('architecture', defaultArchitecture),
    ],
  })
}

/** What clouds run that don't say otherwise. */
const defaultArchitecture = 'x86_64'

/** Of Nova's proxy and of Glance, which name the same things differently. An owner other than the caller's project is told as it is. */
export const imageOf = (image: Native, { user, projectId, isByProxy }: Viewer, profiles: readonly HardwareProfile[] = []): Image => {
  const owner = image.text('owner')
  const [memory, disk] = [image.number('min_ram') ?? image.number('minRam') ?? 0, image.number('min_disk') ?? image.number('minDisk') ?? 0]
  const fits = profiles.filter(profile => atLeast(profile, 'memory', memory) && atLeast(profile, 'storage', disk))
  return known<Image>({
    id: image.need('id'),
    name: image.text('name'),
    description: image.text('description') ?? image.text('name'),
    ownerId: isByProxy || (owner !== undefined && owner === projectId) ? user : owner,
    state: image.text('status')?.toUpperCase(),
    architecture: image.text('architecture') ?? image.text('hw_architecture') ?? defaultArchitecture,
    creationTime: image.oneOf('created_at', 'created'),
    hardwareProfiles: profiles.length === 0 ? undefined : fits.map(({ id }) => id).sort(byId),
  })
}

/** The order in which flavors are listed says nothing. */
const byId = (a: string, b: string): number => a.localeCompare(b, 'en', { numeric: true })

/** A flavor without a disk takes any image: its servers boot from volumes, or the disk is as large as the image. */
const atLeast = ({ properties }: HardwareProfile, name: string, least: number): boolean => {
  const property = properties.find(one => one.name === name)
  const value = property?.kind === 'fixed' ? Number(property.value) : 0
  return least <= value || (name === 'storage' && value === 0)
}

/** What isn't part of a server, and belongs to it. */
export interface Surroundings {
  readonly user: string
  readonly realm: string
  /** Of all servers; absent where the account has no network service. */
  readonly ports?: readonly Native[]
  /** Where volumes are attached; absent where only their ids are known. */
  readonly mounts?: readonly VolumeMount[]
  /** Nova tells it once, in the answer to the creation. */
  readonly password?: string | undefined
}

export const instanceOf = (server: Native, { user, realm, ports, mounts, password }: Surroundings): Instance => {
  const life = lifeIn(server)
  const id = server.need('id')
  const addresses = addressesOf(server)
  const flavor = server.object('flavor')?.text('id')
  const own = ports?.filter(port => port.text('device_id') === id)
  const groups = own === undefined ? groupIds(server) : [...new Set(own.flatMap(port => port.texts('security_groups')))].sort()
  return known<Instance>({
    id,
    name: server.text('name'),
    ownerId: user,
    // A server that was booted from a volume has an empty text for an image.
    imageId: server.object('image')?.text('id'),
    realmId: realm,
    ...life,
    doing: life.doing,
    permits: life.permits,
    hardwareProfile: flavor === undefined ? undefined : { id: flavor, overrides: {} },
    publicAddresses: addresses.filter(({ isPublic }) => isPublic).map(({ address }) => address),
    privateAddresses: addresses.filter(({ isPublic }) => !isPublic).map(({ address }) => address),
    launchTime: server.text('created'),
    keyName: server.text('key_name'),
    username: 'root',
    password,
    canCreateImage: isImageable(server.need('status'), taskIn(server)) ? true : undefined,
    firewalls: groups.length === 0 ? undefined : groups,
    storageVolumes: mounts ?? volumesOf(server).map(volume => ({ id: volume })),
    networkInterfaces: own?.map(port => port.need('id')).sort(),
  })
}

const taskIn = (server: Native): string | undefined => server.text('OS-EXT-STS:task_state')

export const lifeIn = (server: Native): Life => lifeOf(server.need('status'), taskIn(server))

/** Ids of the volumes that are attached to a server, as Nova tells since 2013. */
export const volumesOf = (server: Native): readonly string[] =>
  server.list('os-extended-volumes:volumes_attached').map(volume => volume.need('id'))

export const tellsVolumes = (server: Native): boolean => server.has('os-extended-volumes:volumes_attached')

/** Without ports: Nova names a server's groups, and says their ids only where it runs them itself. */
const groupIds = (server: Native): readonly string[] =>
  server.list('security_groups').flatMap(group => {
    const id = group.text('id')
    return id === undefined ? [] : [id]
  })

interface PlacedAddress {
  readonly isPublic: boolean
  readonly address: InstanceAddress
}

/** A floating address is public; of all others those in the private ranges of IPv4 are private. Names of networks say nothing. */
const addressesOf = (server: Native): readonly PlacedAddress[] => {
  const networks = server.object('addresses')
  return (networks?.names() ?? []).flatMap(name =>
    (networks?.list(name) ?? []).map(one => {
      const address = one.need('addr')
      const isV6 = one.number('version') === 6 || address.includes(':')
      const isPublic = one.text('OS-EXT-IPS:type') === 'floating' || isV6 || !isPrivate(address)
      return { isPublic, address: { address, type: isV6 ? ('ipv6' as const) : ('ipv4' as const) } }
    }),
  )
}

/** RFC 1918. */
export const isPrivate = (address: string): boolean => /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.)/.test(address)

export const mountOf = (attachment: Native): VolumeMount =>
  known<VolumeMount>({ id: attachment.need('volumeId'), device: attachment.text('device') })

export const keyOf = (pair: Native): Key =>
  known<Key>({
    id: pair.need('name'),
    name: pair.text('name'),
    credentialType: 'key',
    fingerprint: pair.text('fingerprint'),
    pem: pair.text('private_key'),
    state: 'AVAILABLE',
  })
