/** A draft holds all that a replay of its recording repeats: it plays at once, and rejects a driver that is changed in one attribute. */

import { mkdtempSync, rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { checkLaw } from '../../../conformance/check.ts'
import { type Harness, subjectsOf } from '../../../conformance/harness.ts'
import { loadHarness } from '../../../conformance/harnesses/index.ts'
import { laws } from '../../../conformance/laws/index.ts'
import { recordScript, write } from '../../../conformance/record/record.ts'
import { type Recording, readRecording } from '../../../conformance/replay/recording.ts'
import { parseScript, type Script } from '../../../conformance/replay/scenario.ts'
import { openRecorded } from '../../../conformance/sources/recorded.ts'
import { frontend } from '../../../examples/driver/frontend.ts'
import { harbour } from '../../../examples/driver/harbour/index.ts'
import { harness as harbourHarness } from '../../../examples/driver/harbour.ts'
import type { OperationGroup, Operations } from '../../../src/drivers/driver.ts'
import type { AnyDriver } from '../../../src/drivers/registry.ts'
import { startServer } from '../../../src/index.ts'
import { expectationOf } from '../../../src/record/expectations.ts'

t.setTimeout(0)

const folder = mkdtempSync(join(tmpdir(), 'deltacloud-drafts-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))

type Step = Script['steps'][number]

const get = (path: string): Step => ({ title: `GET ${path}`, request: { method: 'GET', path } })
const post = (path: string, form: Readonly<Record<string, string>>): Step => ({
  title: `POST ${path}`,
  request: { method: 'POST', path, form },
})

/** Something of each kind, and what is told of it. */
const everything: readonly Step[] = [
  post('/api/keys', { name: 'anchor' }),
  post('/api/firewalls', { name: 'wall', description: 'a wall' }),
  post('/api/firewalls/wall/rules', { protocol: 'tcp', port_from: '22', port_to: '23', ip_address1: '10.0.0.0/8' }),
  post('/api/buckets', { name: 'pail' }),
  {
    title: 'fill',
    request: {
      method: 'PUT',
      path: '/api/buckets/pail/drop',
      headers: { 'X-Deltacloud-Blobmeta-Colour': 'blue' },
      body: { mimeType: 'text/plain', text: 'water' },
    },
  },
  get('/api/buckets/pail'),
  get('/api/buckets/pail/drop'),
  post('/api/storage_volumes', { name: 'barrel', capacity: '5', description: 'oak' }),
  post('/api/load_balancers', {
    name: 'scale',
    realm_id: 'us-east-1a',
    listener_protocol: 'HTTP',
    listener_balancer_port: '80',
    listener_instance_port: '8080',
  }),
  post('/api/networks', { name: 'net', address_block: '10.0.0.0/16' }),
  ...[
    'realms',
    'hardware_profiles',
    'images',
    'instances',
    'keys',
    'firewalls',
    'addresses',
    'buckets',
    'load_balancers',
    'networks',
    'subnets',
    'network_interfaces',
    'storage_volumes',
    'storage_snapshots',
  ].map(collection => get(`/api/${collection}`)),
]

interface Recordable {
  readonly driver: string
  readonly harness: Harness
  readonly steps: readonly Step[]
}

/** A recording by its driver, at the frontend of its protocol over the mock cloud. */
const record = async ({ driver, harness, steps }: Recordable, name: string): Promise<Recording> => {
  const { roundTrip } = harness
  const provider = await startServer({
    host: '127.0.0.1',
    port: 0,
    frontendDefinitions: roundTrip?.frontends ?? [frontend],
    ...(roundTrip === undefined ? {} : { provider: roundTrip.personality }),
  })
  try {
    const script = parseScript(name, JSON.stringify({ title: name, steps }))
    const made = await recordScript(script, name, {
      harness,
      driver,
      provider: roundTrip?.provider(provider.url) ?? `${provider.url}/harbour`,
      credentials: { user: 'mockuser', password: 'mockpassword' },
      kind: 'emulator',
      service: 'the mock cloud',
      out: folder,
    })
    write(folder, driver, made)
  } finally {
    await provider.close(1)
  }
  return readRecording(join(folder, driver), driver, name)
}

/** What R1 says of a driver and a recording. */
const replayDraft = async (driver: string, harness: Harness, recording: Recording) => {
  const [law] = laws.filter(one => one.id === 'R1')
  const [subject] = subjectsOf(driver, harness)
  if (law === undefined || subject === undefined) throw new TypeError('there is no R1')
  await using source = await openRecorded(subject, [recording])
  const setting = { subject, driver: source.driver, offer: source.offer, source: source.kind, recordings: [recording] }
  const { outcome, reason, counterexample } = await checkLaw({ law, setting, source, runs: 1, seed: 1, command: replay => replay })
  return { outcome, message: counterexample?.message ?? reason }
}

for (const driver of ['ec2', 'eucalyptus', 'openstack', 'rackspace'])
  t.test(`a draft of ${driver} plays at once, as XML and as JSON`, async t => {
    const harness = await loadHarness(driver)
    if (harness === undefined) throw new TypeError(`there is no ${driver}`)
    const recording = await record({ driver, harness, steps: everything }, 'everything')
    t.same(await replayDraft(driver, harness, recording), { outcome: 'holds', message: undefined })
    const names = new Set(
      recording.scenario.steps.flatMap(({ expect: { element, members = [] } }) => [element ?? {}, ...members].flatMap(Object.keys)),
    )
    for (const name of driver === 'rackspace' ? ['memory'] : ['fingerprint', 'rule_details', 'content_length'])
      t.ok(names.has(name), `${name} is expected`)
  })

const scripts = ['launch-and-sink', 'look-around', 'keys', 'crates']
const own: AnyDriver = harbour as AnyDriver

/** The same driver with other answers of one operation. */
const changeAnswers = (group: OperationGroup, change: (resource: Readonly<Record<string, unknown>>) => unknown): Harness => ({
  ...harbourHarness,
  driver: {
    ...own,
    offer(provider) {
      const offer = own.offer(provider)
      if (offer === undefined) return undefined
      const altered = (result: unknown): unknown =>
        Array.isArray(result) ? result.map(altered) : typeof result === 'object' && result !== null ? change({ ...result }) : result
      const table = Object.entries(offer.operations[group] ?? {}).map(([name, operation]) => [
        name,
        typeof operation === 'function'
          ? async (...args: unknown[]) => altered(await Reflect.apply(operation, undefined, args))
          : operation,
      ])
      return { ...offer, operations: { ...offer.operations, [group]: Object.fromEntries(table) } as Operations<unknown> }
    },
  },
})

const multiply = (value: unknown, factor: number): unknown => (typeof value === 'number' ? value * factor : value)

const changes: Readonly<Record<string, Harness>> = {
  'addresses swapped': changeAnswers('instances', one => ({
    ...one,
    publicAddresses: one.privateAddresses,
    privateAddresses: one.publicAddresses,
  })),
  'owner dropped': changeAnswers('instances', ({ ownerId: _, ...rest }) => rest),
  'an hour off': changeAnswers('instances', one => ({
    ...one,
    launchTime: new Date(Date.parse(String(one.launchTime)) + 3_600_000).toISOString(),
  })),
  'seconds taken for milliseconds': changeAnswers('instances', one => ({
    ...one,
    launchTime: new Date(Date.parse(String(one.launchTime)) / 1000).toISOString(),
  })),
  'volumes dropped': changeAnswers('instances', one => ({ ...one, storageVolumes: [] })),
  'another realm': changeAnswers('instances', one => ({ ...one, realmId: 'elsewhere' })),
  'MiB for MB': changeAnswers('hardware_profiles', one => ({
    ...one,
    properties: (Array.isArray(one.properties) ? one.properties : []).map(property =>
      property.name === 'memory'
        ? { ...property, value: multiply(property.value, 1.048576), default: multiply(property.default, 1.048576) }
        : property,
    ),
  })),
  'a wider range': changeAnswers('hardware_profiles', one => ({
    ...one,
    properties: (Array.isArray(one.properties) ? one.properties : []).map(property =>
      property.kind === 'range' ? { ...property, last: property.last + 1 } : property,
    ),
  })),
  'an image without its architecture': changeAnswers('images', ({ architecture: _, ...rest }) => rest),
  'an image of another owner': changeAnswers('images', one => ({ ...one, ownerId: 'somebody' })),
  'an image without its sizes': changeAnswers('images', one => ({ ...one, hardwareProfiles: [] })),
  'another description': changeAnswers('images', one => ({ ...one, description: 'another' })),
  'another fingerprint': changeAnswers('keys', one => ({ ...one, fingerprint: '00:00' })),
  'gigabytes for tons, twice': changeAnswers('storage_volumes', one => ({ ...one, capacity: multiply(one.capacity, 2) })),
  'another time of creation': changeAnswers('storage_volumes', one => ({ ...one, created: '2001-01-01T00:00:00Z' })),
}

t.test('a draft rejects a driver that is changed in one attribute', async t => {
  const recordings: Recording[] = []
  for (const name of scripts) {
    const file = fileURLToPath(new URL(`../../../examples/driver/scripts/${name}.json`, import.meta.url))
    const { steps } = parseScript(name, await readFile(file, 'utf8'))
    recordings.push(await record({ driver: 'harbour', harness: { ...harbourHarness, driver: own }, steps }, name))
  }
  /** One after the other, as a replay changes what the whole process sends. */
  const judgeAll = async (harness: Harness): Promise<readonly string[]> => {
    const found: string[] = []
    for (const one of recordings) found.push((await replayDraft('harbour', harness, one)).outcome)
    return found
  }
  t.same(await judgeAll({ ...harbourHarness, driver: own }), ['holds', 'holds', 'holds', 'holds'])
  for (const [what, harness] of Object.entries(changes)) t.ok((await judgeAll(harness)).includes('broken'), what)
})

t.test('XML and JSON make the same draft of an instance', async t => {
  const server = await startServer({ host: '127.0.0.1', port: 0 })
  t.teardown(() => server.close(1))
  const headers = { authorization: `Basic ${Buffer.from('mockuser:mockpassword').toString('base64')}` }
  for (const path of [
    '/api/instances/inst1',
    '/api/images/img1',
    '/api/storage_volumes/vol1',
    '/api/realms/us',
    '/api/instances',
    '/api/images',
  ]) {
    const drafts = ['json', 'xml'].map(async format => {
      const response = await fetch(`${server.url}${path}?format=${format}`, { headers })
      return expectationOf({ request: { method: 'GET', path }, status: 200, answer: await response.text() })
    })
    const [json, xml] = await Promise.all(drafts)
    t.same(xml, json, path)
  }
})
