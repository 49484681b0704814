/** Resources from a file: put into a world as they're described, with what they leave open as this kind of cloud has it. */

import { z } from 'zod'
import { badRequest } from '../model/errors.ts'
import type { Instance } from '../model/resources.ts'
import { enlist } from './collections/firewalls.ts'
import { referred } from './collections/lookup.ts'
import { digestOf } from './private-keys.ts'
import { type SeedAccount, type SeedCollections, seedSchema } from './seed-schema.ts'
import type { Incoming } from './store/receive.ts'
import type { Turn } from './tenant.ts'
import type { World } from './world.ts'

/**
 * Puts resources into a world; one of an id that's there already takes its place.
 * @param data a document as `exportWorld` gives it, or written by hand: `{ accounts: [{ account, provider?, empty?, collections }] }`.
 * @throws CloudError `bad-request` that says where the data are wrong; an account is then as it was.
 */
export const seed = async (world: World, data: unknown): Promise<void> => {
  const parsed = seedSchema.safeParse(data)
  const issue = parsed.error?.issues[0]
  if (issue !== undefined) throw badRequest(`The seed data are wrong at ${pathOf(issue.path)}: ${issue.message}`)
  for (const [i, account] of (parsed.data?.accounts ?? []).entries()) {
    const at = `accounts[${i}]`
    const provider = account.provider ?? 'default'
    if (!world.hasProvider(provider)) throw badRequest(`The seed data are wrong at ${at}.provider: there is no provider '${provider}'`)
    await seedAccount(world, provider, account, at)
  }
}

const seedAccount = async (world: World, provider: string, { account, empty, collections }: SeedAccount, at: string): Promise<void> => {
  const incoming: Incoming[] = []
  for (const blob of collections.blobs ?? []) {
    const bytes = blob.base64 === undefined ? Buffer.from(blob.text ?? '') : Buffer.from(blob.base64, 'base64')
    incoming.push(await world.store.receive(once(bytes)))
  }
  try {
    await world.tenant(provider, account).seed({ empty: empty ?? false }, async turn => {
      for (const kind of order) {
        for (const [i, resource] of (collections[kind] ?? []).entries()) {
          await within(`${at}.collections.${kind}[${i}]`, () => put(turn, kind, resource))
        }
      }
      for (const [i, blob] of (collections.blobs ?? []).entries()) {
        const content = incoming[i]
        if (content === undefined) continue
        await within(`${at}.collections.blobs[${i}]`, async () => {
          const bucket = await referred(turn, 'buckets', blob.bucketId)
          const isNew = (await turn.tx.blobs.show(blob.bucketId, blob.id)) === undefined
          const { text: _, base64: __, ...about } = blob
          const shown = { lastModified: turn.personality.time(turn.now), userMetadata: {}, ...about }
          await turn.tx.blobs.put({ ...shown, contentLength: content.size, etag: content.etag }, content)
          const size = (bucket.shown.size ?? 0) + (isNew ? 1 : 0)
          await turn.tx.put('buckets', { ...bucket, shown: { ...bucket.shown, size } })
        })
      }
    })
  } finally {
    for (const one of incoming) await world.store.discard(one)
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

type SeedKind = Exclude<keyof SeedCollections, 'blobs'>

/** What others refer to comes first. */
const order = [
  'images',
  'keys',
  'networks',
  'subnets',
  'firewalls',
  'instances',
  'storage_volumes',
  'storage_snapshots',
  'buckets',
  'addresses',
  'load_balancers',
  'network_interfaces',
] as const satisfies readonly SeedKind[]

type Makers = { readonly [K in SeedKind]: (turn: Turn, given: SeedCollections[K]) => Promise<void> }

const put = <K extends SeedKind>(turn: Turn, kind: K, given: SeedCollections[SeedKind]): Promise<void> =>
  // A kind and its resources were parsed together.
  makers[kind](turn, given as SeedCollections[K])

const makers: Makers = {
  async images({ tx, account, personality, now }, given) {
    const usual = {
      name: given.id,
      ownerId: account,
      architecture: 'x86_64',
      state: 'AVAILABLE',
      creationTime: personality.time(now),
      hardwareProfiles: personality.hardwareProfiles.map(profile => profile.id),
    }
    await tx.put('images', { shown: { ...usual, ...given }, kept: {} })
  },
  async keys({ tx, personality }, { pem, ...given }) {
    const shown = { name: given.id, credentialType: 'key' as const, ...given }
    const again = pem !== undefined && personality.says.privateKeyAgain ? { pem } : {}
    await tx.put('keys', { shown: { ...shown, ...again }, kept: pem === undefined ? {} : { pemDigest: digestOf(pem) } })
  },
  async networks({ tx }, { subnets: _, ...given }) {
    const there = await tx.show('networks', given.id)
    const usual = { name: given.id, state: 'UP', addressBlocks: ['10.0.0.0/16'] }
    await tx.put('networks', { shown: { ...usual, ...given, subnets: there?.subnets ?? [] }, kept: {} })
  },
  async subnets(turn, given) {
    const { tx, personality } = turn
    const there = await tx.get('subnets', given.id)
    const type = personality.says.subnetType
    const usual = { name: given.id, state: 'UP', ...(type === undefined ? {} : { type }) }
    await tx.put('subnets', { shown: { ...usual, ...given }, kept: there?.kept ?? { interfaces: 0 } })
    if (given.networkId === undefined) return
    const network = await referred(turn, 'networks', given.networkId)
    await tx.put('networks', { ...network, shown: { ...network.shown, subnets: joined(network.shown.subnets, given.id) } })
  },
  async firewalls({ tx, account }, given) {
    const there = await tx.get('firewalls', given.id)
    const { rules = [] } = given
    const shown = { name: given.id, ownerId: account, ...given, rules }
    await tx.put('firewalls', { shown, kept: { members: there?.kept.members ?? 0, rules: Math.max(rules.length, there?.kept.rules ?? 0) } })
  },
  async instances(turn, given) {
    const { tx, account, personality, now } = turn
    const imageId = given.imageId ?? (await tx.page('images', { limit: 1 })).items[0]?.id ?? ''
    const state = given.state ?? 'running'
    const imageable = given.canCreateImage ?? true
    const there = await tx.get('instances', given.id)
    const { canCreateImage: _, hardwareProfile, ...own } = given
    const profile = { id: hardwareProfile?.id ?? personality.preset.hardwareProfile, overrides: hardwareProfile?.overrides ?? {} }
    const addresses = personality.addresses({ id: given.id, imageId })
    const shown: Instance = {
      name: personality.instanceName({ id: given.id, imageId, time: now }),
      ownerId: account,
      realmId: personality.preset.realm,
      ...(personality.says.launchTime ? { launchTime: personality.time(now) } : {}),
      ...addresses,
      storageVolumes: there?.shown.storageVolumes ?? [],
      ...(personality.says.noInterfaces ? { networkInterfaces: there?.shown.networkInterfaces ?? [] } : {}),
      ...own,
      imageId,
      state,
      hardwareProfile: profile,
      ...(imageable ? { canCreateImage: true } : {}),
    }
    if (!personality.realms.some(realm => realm.id === shown.realmId)) throw badRequest(`Realm '${shown.realmId}' does not exist`)
    for (const firewall of there?.shown.firewalls ?? []) await enlist(turn, firewall, -1)
    for (const firewall of shown.firewalls ?? []) await enlist(turn, firewall, 1)
    const { addresses: associated, loadBalancers } = there?.kept ?? { addresses: [], loadBalancers: [] }
    await tx.put('instances', {
      shown,
      kept: { moves: 0, since: now, imageable, ownAddresses: shown.publicAddresses, addresses: associated, loadBalancers },
    })
  },
  async storage_volumes(turn, given) {
    const { tx, personality, now } = turn
    const usual = { created: personality.time(now), capacity: 1, state: 'AVAILABLE' }
    const realm = personality.says.volumeRealm ? { realmId: personality.preset.realm } : {}
    const { instanceId } = given
    if (instanceId === undefined) {
      await tx.put('storage_volumes', { shown: { ...usual, ...realm, ...given }, kept: {} })
      return
    }
    const { shown, ...instance } = await referred(turn, 'instances', instanceId)
    const mount = { id: given.id, ...(given.device === undefined ? {} : { device: given.device }) }
    const isKnown = shown.storageVolumes.some(other => other.id === given.id)
    const storageVolumes = isKnown
      ? shown.storageVolumes.map(other => (other.id === given.id ? mount : other))
      : [...shown.storageVolumes, mount]
    await tx.put('storage_volumes', { shown: { ...usual, ...realm, ...given, state: 'IN-USE' }, kept: {} })
    await tx.put('instances', { ...instance, shown: { ...shown, storageVolumes } })
  },
  async storage_snapshots({ tx, personality, now }, given) {
    const volume = given.storageVolumeId === undefined ? undefined : await tx.show('storage_volumes', given.storageVolumeId)
    const usual = { created: personality.time(now), state: 'COMPLETED' }
    await tx.put('storage_snapshots', { shown: { ...usual, ...given }, kept: { capacity: volume?.capacity ?? 1 } })
  },
  async buckets({ tx }, { size: _, ...given }) {
    const there = await tx.get('buckets', given.id)
    await tx.put('buckets', { shown: { name: given.id, ...given, size: there?.shown.size ?? 0 }, kept: there?.kept ?? {} })
  },
  async addresses(turn, given) {
    const { tx } = turn
    await tx.put('addresses', { shown: given, kept: {} })
    if (given.instanceId === undefined) return
    const { shown, kept, ...instance } = await referred(turn, 'instances', given.instanceId)
    await tx.put('instances', {
      ...instance,
      shown: { ...shown, publicAddresses: [{ address: given.id, type: 'ipv4' }] },
      kept: { ...kept, addresses: joined(kept.addresses, given.id) },
    })
  },
  async load_balancers(turn, given) {
    const { tx, personality, now } = turn
    const { realms = [personality.preset.realm], instances = [], listeners = [] } = given
    const usual = { createdAt: personality.time(now), publicAddresses: [`${given.id}.${realms[0] ?? ''}.balancers.public.com`] }
    await tx.put('load_balancers', { shown: { ...usual, ...given, realms, instances, listeners }, kept: {} })
    for (const id of instances) {
      const { kept, ...instance } = await referred(turn, 'instances', id)
      await tx.put('instances', { ...instance, kept: { ...kept, loadBalancers: joined(kept.loadBalancers, given.id) } })
    }
  },
  async network_interfaces(turn, given) {
    const { tx } = turn
    const { shown, ...instance } = await referred(turn, 'instances', given.instanceId)
    const subnet = await tx.get('subnets', given.networkId)
    const isNew = (await tx.show('network_interfaces', given.id)) === undefined
    const kept = subnet === undefined ? {} : { subnetId: subnet.shown.id }
    await tx.put('network_interfaces', { shown: { name: given.id, ...given }, kept })
    await tx.put('instances', { ...instance, shown: { ...shown, networkInterfaces: joined(shown.networkInterfaces ?? [], given.id) } })
    if (subnet === undefined || !isNew) return
    await tx.put('subnets', { ...subnet, kept: { interfaces: subnet.kept.interfaces + 1 } })
    if (given.ipAddress !== undefined) await tx.put('leases', { shown: { id: `${subnet.shown.id}/${given.ipAddress}` }, kept: {} })
  },
}

const joined = (list: readonly string[], one: string): readonly string[] => (list.includes(one) ? list : [...list, one])

/** Says where a seed fails. */
const within = async (place: string, task: () => Promise<void>): Promise<void> => {
  try {
    await task()
  } catch (error) {
    throw error instanceof Error && 'kind' in error && error.kind === 'bad-request'
      ? badRequest(`The seed data are wrong at ${place}: ${error.message}`)
      : error
  }
}

const pathOf = (path: readonly PropertyKey[]): string =>
  path.length === 0
    ? 'the top'
    : path.map((part, i) => (typeof part === 'number' ? `[${part}]` : `${i === 0 ? '' : '.'}${String(part)}`)).join('')

/** What a seed may say, as JSON Schema. */
export const seedJsonSchema = (): object => z.toJSONSchema(seedSchema)
