/** C2 and T1 reject what loses, turns round or makes up what nothing else shows: on the simulator, and on drivers with a frontend. */

import t from 'tap'
import { checkLaw } from '../../../conformance/check.ts'
import { type Harness, subjectsOf } from '../../../conformance/harness.ts'
import { harness as ec2 } from '../../../conformance/harnesses/ec2.ts'
import { harness as eucalyptus } from '../../../conformance/harnesses/eucalyptus.ts'
import { harness as openstack } from '../../../conformance/harnesses/openstack.ts'
import { laws } from '../../../conformance/laws/index.ts'
import type { LawResult } from '../../../conformance/results.ts'
import { openRoundTrip } from '../../../conformance/sources/round-trip.ts'
import type { OperationGroup, Operations } from '../../../src/drivers/driver.ts'
import type { LaunchRequest, RuleRequest } from '../../../src/model/requests.ts'
import type { Instance } from '../../../src/model/resources.ts'
import { judge, only, sound, withOperations } from './support.ts'

t.setTimeout(0)

type Tables = Operations<unknown>
type Table<G extends OperationGroup> = NonNullable<Tables[G]>
type Change = (operations: Tables) => Tables

/** Something else in one collection. */
const changing =
  <G extends OperationGroup>(group: G, change: (table: Table<G>) => Partial<Table<G>>): Change =>
  operations => {
    const table = operations[group]
    return table === undefined ? operations : { ...operations, [group]: { ...table, ...change(table as Table<G>) } }
  }

const launching = (change: (request: LaunchRequest) => LaunchRequest): Change =>
  changing('instances', ({ create }) => (create === undefined ? {} : { create: (session, request) => create(session, change(request)) }))

/** Whoever makes rules is told something else. */
const ruling = (change: (rule: RuleRequest) => RuleRequest): Change =>
  changing('firewalls', ({ createRule }) =>
    createRule === undefined ? {} : { createRule: (session, id, rule) => createRule(session, id, change(rule)) },
  )

const showing = (change: (instance: Instance) => Instance): Change =>
  changing('instances', ({ list, get }) => ({
    list: async (session, filter) => (await list(session, filter)).map(change),
    get: async (session, id) => {
      const found = await get?.(session, id)
      return found === undefined ? undefined : change(found)
    },
  }))

const later = (time: string | undefined): string => new Date(Date.parse(time ?? '') + 3_600_000).toISOString().replace(/\.\d+Z$/, 'Z')

const without = <K extends keyof LaunchRequest>(name: K): Change => launching(({ [name]: _, ...rest }) => rest as LaunchRequest)

const unregistered: Change = changing('load_balancers', ({ get }) => ({
  register: async (session, id) => {
    const found = await get?.(session, id)
    if (found === undefined) throw new TypeError('There is no balancer')
    return found
  },
}))

interface Trial {
  readonly law: 'C2' | 'T1'
  /** Undefined for the simulator itself. */
  readonly harness?: Harness
  readonly name: string
  readonly change: Change
  readonly says: RegExp
}

const trials: readonly Trial[] = [
  {
    law: 'C2',
    name: 'user data that are dropped',
    change: without('userData'),
    says: /user_data is advertised, and the cloud didn’t keep/,
  },
  { law: 'C2', name: 'files that are dropped', change: without('files'), says: /user_files is advertised, and the cloud didn’t keep/ },
  { law: 'C2', name: 'metrics that are dropped', change: without('metrics'), says: /instances\.metrics is advertised/ },
  { law: 'C2', name: 'a balancer that is dropped', change: without('loadBalancerId'), says: /register_to_load_balancer is advertised/ },
  { law: 'C2', name: 'a snapshot that is dropped', change: without('snapshotId'), says: /attach_snapshot is advertised/ },
  {
    law: 'C2',
    name: 'the second firewall that is dropped',
    change: launching(({ firewalls, ...rest }) => (firewalls === undefined ? rest : { ...rest, firewalls: firewalls.slice(0, 1) })),
    says: /firewalls is advertised, and the cloud didn’t keep/,
  },
  {
    law: 'C2',
    name: 'an import that makes a key of its own',
    change: changing('keys', ({ create }) => (create === undefined ? {} : { create: (session, { name }) => create(session, { name }) })),
    says: /import_key is advertised/,
  },
  { law: 'C2', harness: ec2, name: 'user data that are dropped', change: without('userData'), says: /user_data is advertised/ },
  { law: 'C2', harness: openstack, name: 'files that are dropped', change: without('files'), says: /user_files is advertised/ },
  {
    law: 'T1',
    name: 'a launch that is told an hour late',
    change: showing(instance => ({ ...instance, launchTime: later(instance.launchTime) })),
    says: /the cloud isn’t what the model is/,
  },
  {
    law: 'T1',
    name: 'rules that are turned round',
    change: ruling(rule => ({ ...rule, direction: rule.direction === 'egress' ? 'ingress' : 'egress' })),
    says: /makeRule/,
  },
  { law: 'T1', name: 'a registration that is lost', change: unregistered, says: /register/ },
  {
    law: 'T1',
    name: 'a name that may be there twice',
    change: changing('firewalls', ({ create, get }) =>
      create === undefined ? {} : { create: async (session, request) => (await get?.(session, request.name)) ?? create(session, request) },
    ),
    says: /"op":"makeFirewall".*the model says \{"refused":\["conflict"\]\}/,
  },
  {
    law: 'T1',
    name: 'a reboot that is offered while it is under way',
    change: showing(({ permits: _, ...instance }) => instance),
    says: /the cloud isn’t what the model is/,
  },
  {
    law: 'T1',
    name: 'sizes that are a thousandth too large',
    change: changing('storage_volumes', ({ list }) => ({
      list: async (session, filter) =>
        (await list(session, filter)).map(volume => ({ ...volume, capacity: (volume.capacity ?? 0) * 1.024 })),
    })),
    says: /the cloud isn’t what the model is/,
  },
  {
    law: 'T1',
    harness: ec2,
    name: 'rules for what goes out that are for what comes in',
    change: ruling(rule => ({ ...rule, direction: 'ingress' })),
    says: /rules is|comes to/,
  },
  {
    law: 'T1',
    harness: openstack,
    name: 'rules for what goes out that are for what comes in',
    change: ruling(rule => ({ ...rule, direction: 'ingress' })),
    says: /rules is|comes to/,
  },
  {
    law: 'T1',
    harness: eucalyptus,
    name: 'blocks that are lost beside a group',
    change: ruling(rule => {
      const groups = rule.sources.filter(({ type }) => type === 'group')
      return groups.length === 0 ? rule : { ...rule, sources: groups }
    }),
    says: /rules is|rules of firewalls is answered/,
  },
  {
    law: 'T1',
    harness: ec2,
    name: 'blocks of IPv6 that are lost',
    change: ruling(rule => ({ ...rule, sources: rule.sources.filter(source => source.type === 'group' || source.family === 'ipv4') })),
    says: /rules is|rules of firewalls is answered|comes to/,
  },
  { law: 'T1', harness: ec2, name: 'a registration that is lost', change: unregistered, says: /instances is|of load_balancers/ },
  { law: 'T1', harness: openstack, name: 'a registration that is lost', change: unregistered, says: /instances is|of load_balancers/ },
  {
    law: 'T1',
    harness: openstack,
    name: 'private addresses that are told as public',
    change: showing(instance => {
      const isTaken = ({ address }: { readonly address: string }): boolean => /^172\.(1[6-9]|2\d|3[01])\./.test(address)
      return {
        ...instance,
        publicAddresses: [...instance.publicAddresses, ...instance.privateAddresses.filter(isTaken)],
        privateAddresses: instance.privateAddresses.filter(one => !isTaken(one)),
      }
    }),
    says: /(public|private)_addresses is/,
  },
  {
    law: 'T1',
    harness: openstack,
    name: 'rules that are never removed',
    change: changing('firewalls', () => ({ destroyRule: async () => undefined })),
    says: /rules is|is there directly/,
  },
]

/** What a law says of a driver with a frontend of its protocol. */
const judgeTrip = async (id: string, harness: Harness, change: Change = operations => operations, runs = 200): Promise<LawResult> => {
  const law = laws.find(one => one.id === id)
  const { driver } = harness
  if (law === undefined || typeof driver === 'function') throw new TypeError(`There is no law ${id}, or no driver with a frontend`)
  const changed: Harness = {
    ...harness,
    driver: {
      ...driver,
      offer(provider) {
        const offer = driver.offer(provider)
        return offer === undefined ? undefined : { ...offer, operations: change(offer.operations) }
      },
    },
  }
  const [subject] = subjectsOf(driver.id, changed, [undefined])
  if (subject === undefined) throw new TypeError('There is no subject')
  await using source = await openRoundTrip(subject)
  const setting = { subject, driver: source.driver, offer: source.offer, source: source.kind, recordings: [] }
  return await checkLaw({ law, setting, source, runs, seed: 1, command: replay => `--replay ${replay}` })
}

for (const { law, harness, name, change, says } of trials) {
  const driver = harness === undefined || typeof harness.driver === 'function' ? 'mock' : harness.driver.id
  t.test(`${law} rejects ${name} (${driver})`, async t => {
    const result = harness === undefined ? await judge(law, withOperations(change)) : await judgeTrip(law, harness, change)
    t.equal(result.outcome, 'broken')
    t.match(result.counterexample?.message, says)
  })
}

t.test('both pass what is right, and what has little', async t => {
  t.equal((await judge('C2', sound)).outcome, 'holds')
  t.equal((await judge('C2', only('instances', 'images', 'realms'))).outcome, 'holds')
  t.equal((await judge('T1', sound)).outcome, 'holds')
  for (const law of ['C2', 'T1'])
    for (const harness of [ec2, eucalyptus, openstack]) t.equal((await judgeTrip(law, harness, undefined, 25)).outcome, 'holds', law)
  const fewer: Change = ({ instances, images, realms, hardware_profiles }) =>
    Object.fromEntries(Object.entries({ instances, images, realms, hardware_profiles }).filter(([, table]) => table !== undefined))
  t.equal((await judgeTrip('T1', openstack, fewer, 25)).outcome, 'holds')
})
