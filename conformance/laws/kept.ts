/** Part of C2: parameters that no document shows, looked for in what the simulator kept; and those that need something made before. */

import { createHash } from 'node:crypto'
import type { Records, ResourceKind } from '../../src/mock-cloud/records.ts'
import { collections } from '../../src/server/collections/index.ts'
import type { Answer } from '../client.ts'
import { type CloudUnderTest, hold, Inconclusive } from '../cloud-under-test.ts'
import { Inventory } from '../generators/commands.ts'

type Form = Readonly<Record<string, string>>

/** A feature whose effect the simulator's record shows. */
interface KeptEffect<K extends ResourceKind> {
  readonly collection: K
  readonly feature: string
  /** Parameters of the feature; made first is what they name. */
  readonly given: (cloud: CloudUnderTest, word: string) => Promise<Form>
  /** What the creation needs beside. */
  readonly needed: (cloud: CloudUnderTest, word: string) => Promise<Form>
  /** Whether the record of what was made has all that was given; `partly` where it has some of it. */
  readonly kept: (record: Records[K], given: Form) => boolean
  readonly partly?: (record: Records[K], given: Form) => boolean
}

type ReadRecords = NonNullable<CloudUnderTest['abilities']['records']>

/** Something that C2 tries. */
interface Trial {
  readonly collection: ResourceKind
  readonly check: (cloud: CloudUnderTest, records: ReadRecords, word: string) => Promise<void>
}

const kept = <K extends ResourceKind>(effect: KeptEffect<K>): Trial => ({
  collection: effect.collection,
  check: (cloud, records, word) => checkKept(cloud, records, effect, word),
})

export const advertises = (
  cloud: CloudUnderTest,
  { collection, feature }: { readonly collection: string; readonly feature: string },
): boolean => Object.hasOwn(cloud.offer.features[collection] ?? {}, feature)

const post = (cloud: CloudUnderTest, collection: string, form: Form): Promise<Answer> =>
  cloud.ask({ method: 'POST', target: `${cloud.root}/${collection}?format=json`, form })

/** One of what is there. @throws Inconclusive where there is none */
const some = async (cloud: CloudUnderTest, collection: string): Promise<string> => {
  const id = await new Inventory(cloud).at(collection, 0)
  if (id === undefined) throw new Inconclusive(`there is none of ${collection}`)
  return id
}

/** The id of one that is made now. @throws Inconclusive where it can't be */
const made = async (cloud: CloudUnderTest, collection: string, form: Form): Promise<string> => {
  if (!Object.hasOwn(cloud.offer.operations[collection as 'keys'] ?? {}, 'create'))
    throw new Inconclusive(`none of ${collection} can be made`)
  const answer = await post(cloud, collection, form)
  const [, last] = /\/([^/?]+)$/.exec(answer.headers.get('location') ?? '') ?? []
  if (answer.status !== 201 || last === undefined) throw new Inconclusive(`making one of ${collection} is refused`)
  return decodeURIComponent(last)
}

const image = async (cloud: CloudUnderTest): Promise<Form> => ({ image_id: await some(cloud, 'images') })

const inRealm = async (cloud: CloudUnderTest): Promise<Form> => ({ ...(await image(cloud)), realm_id: await some(cloud, 'realms') })

const snapshot = async (cloud: CloudUnderTest): Promise<string> => {
  const volume = await made(cloud, 'storage_volumes', { capacity: '2' })
  await cloud.settle()
  const id = await made(cloud, 'storage_snapshots', { volume_id: volume })
  await cloud.settle()
  return id
}

/** The body of a public key of OpenSSH: 32 bytes that stand for a point. */
const publicKeyBody = (word: string): Buffer => {
  const field = (bytes: Buffer): Buffer => Buffer.concat([Buffer.from([0, 0, 0, bytes.length]), bytes])
  return Buffer.concat([field(Buffer.from('ssh-ed25519')), field(createHash('sha256').update(word).digest())])
}

/** As `ssh-keygen -E md5 -l` tells it. */
export const fingerprintOf = (body: Buffer): string =>
  createHash('md5')
    .update(body)
    .digest('hex')
    .replaceAll(/(..)(?=.)/g, '$1:')

const trials: readonly Trial[] = [
  kept({
    collection: 'instances',
    feature: 'user_data',
    given: async (_, word) => ({ user_data: Buffer.from(`#!/bin/sh\necho ${word}\n`).toString('base64') }),
    needed: image,
    kept: ({ kept: { userData } }, { user_data }) => userData === user_data,
    partly: ({ kept: { userData } }) => userData !== undefined,
  }),
  kept({
    collection: 'instances',
    feature: 'user_files',
    given: async (_, word) => ({ path1: `/etc/${word}`, content1: `${word} = 1\n`, path2: `/srv/${word}.2`, content2: `ä ${word}` }),
    needed: image,
    kept: ({ kept: { files = [] } }, form) =>
      files.length === 2 && files.every(({ path, content }, i) => path === form[`path${i + 1}`] && content === form[`content${i + 1}`]),
    partly: ({ kept: { files = [] } }) => files.length > 0,
  }),
  kept({
    collection: 'instances',
    feature: 'metrics',
    given: async () => ({ metrics: 'true' }),
    needed: image,
    kept: record => record.kept.metrics === true,
  }),
  kept({
    collection: 'instances',
    feature: 'authentication_key',
    given: async (cloud, word) => ({ keyname: await made(cloud, 'keys', { name: word }) }),
    needed: image,
    kept: ({ shown }, { keyname }) => shown.keyName === keyname,
    partly: ({ shown }) => shown.keyName !== undefined,
  }),
  kept({
    collection: 'instances',
    feature: 'firewalls',
    given: async (cloud, word) => ({
      firewalls1: await made(cloud, 'firewalls', { name: word, description: 'one' }),
      firewalls2: await made(cloud, 'firewalls', { name: `${word}2`, description: 'another' }),
    }),
    needed: image,
    kept: ({ shown: { firewalls = [] } }, { firewalls1, firewalls2 }) =>
      firewalls.length === 2 && firewalls.some(id => id === firewalls1) && firewalls.some(id => id === firewalls2),
  }),
  kept({
    collection: 'instances',
    feature: 'attach_snapshot',
    given: async cloud => ({ snapshot_id: await snapshot(cloud), device_name: '/dev/sdf' }),
    needed: image,
    kept: ({ shown: { storageVolumes } }) => storageVolumes.length === 1 && storageVolumes[0]?.device === '/dev/sdf',
    partly: ({ shown: { storageVolumes } }) => storageVolumes.length > 0,
  }),
  kept({
    collection: 'instances',
    feature: 'register_to_load_balancer',
    given: async (cloud, word) => ({
      load_balancer_id: await made(cloud, 'load_balancers', {
        name: word,
        realm_id: await some(cloud, 'realms'),
        listener_protocol: 'HTTP',
        listener_balancer_port: '80',
        listener_instance_port: '8080',
      }),
    }),
    needed: inRealm,
    kept: (record, { load_balancer_id }) => record.kept.loadBalancers.length === 1 && record.kept.loadBalancers[0] === load_balancer_id,
    partly: record => record.kept.loadBalancers.length > 0,
  }),
  kept({
    collection: 'buckets',
    feature: 'bucket_location',
    given: async () => ({ location: 'eu-west-3' }),
    needed: async (_, word) => ({ name: word }),
    kept: (record, { location }) => record.kept.location === location,
    partly: record => record.kept.location !== undefined,
  }),
  kept({
    collection: 'keys',
    feature: 'import_key',
    given: async (_, word) => ({ public_key: `ssh-ed25519 ${publicKeyBody(word).toString('base64')} of a test` }),
    needed: async (_, word) => ({ name: word }),
    kept: ({ shown }, { public_key = '' }) => shown.fingerprint === fingerprintOf(Buffer.from(public_key.split(' ')[1] ?? '', 'base64')),
  }),
]

const checkKept = async <K extends ResourceKind>(
  cloud: CloudUnderTest,
  records: ReadRecords,
  effect: KeptEffect<K>,
  word: string,
): Promise<void> => {
  const { collection, feature } = effect
  const isAdvertised = advertises(cloud, effect)
  const given = await effect.given(cloud, word)
  const needed = await effect.needed(cloud, word)
  const before = new Set((await records(collection)).map(({ shown }) => shown.id))
  const answer = await post(cloud, collection, { ...needed, ...given })
  hold(answer.status < 500, () => `Making one of ${collection} with ${feature} is answered with ${answer.status}`)
  if (answer.status >= 400) throw new Inconclusive('the cloud refuses')
  const [record, ...others] = (await records(collection)).filter(({ shown }) => !before.has(shown.id))
  hold(record !== undefined && others.length === 0, () => `One of ${collection} was made, and the cloud has ${others.length + 1} more`)
  const [whole, partly] = [effect.kept(record, given), effect.partly?.(record, given) ?? effect.kept(record, given)]
  // A parameter of the operation itself may have its effect whether a feature names it or not.
  const own = collections.find(({ name }) => name === collection)?.operations.find(({ name }) => name === 'create')?.parameters ?? []
  if (!isAdvertised && Object.keys(given).every(name => own.some(one => one.name === name))) return
  hold(
    isAdvertised ? whole : !partly,
    () =>
      `${collection}.${feature} is ${isAdvertised ? '' : 'not '}advertised, and the cloud ${isAdvertised ? 'didn’t keep' : 'kept'} ${Object.keys(given).join(', ')}`,
  )
}

/** What C2 tries, for each feature whose collection can be made. */
export const keptTrials = (cloud: CloudUnderTest, word: string): readonly (() => Promise<void>)[] => {
  const { records } = cloud.abilities
  if (records === undefined) return []
  return trials
    .filter(({ collection }) => Object.hasOwn(cloud.offer.operations[collection] ?? {}, 'create'))
    .map(
      ({ check }) =>
        () =>
          check(cloud, records, word),
    )
}
