/** Reports to write: any that the schema allows, with text of any kind in them; and one as a run would bring it home. */

import fc from 'fast-check'
import { anyText } from '../../../conformance/generators/text.ts'
import { laws } from '../../../conformance/laws/index.ts'
import {
  type Counterexample,
  type Coverage,
  type Grade,
  grades,
  type LawResult,
  type LawSummary,
  type Report,
  reportSchema,
  type SourceKind,
  type SubjectResult,
  sourceKinds,
} from '../../../conformance/results.ts'

/** Any text, and often what Markdown, links or a terminal would take for something else. */
const text = (): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 2, arbitrary: anyText() },
    fc.array(fc.constantFrom(...signs), { maxLength: 4 }).map(parts => parts.join('')),
  )

const signs = [
  '|',
  '\\|',
  '\\',
  '\n```\n',
  '````',
  '\n| --- |',
  '\n# a',
  '[a](b)',
  '**',
  '<b>',
  '&lt;',
  '\u001b[31m',
  '\u202e',
  'word',
  ' ',
]

const count = fc.nat(1000)
const seconds = fc.nat(100_000).map(milliseconds => milliseconds / 1000)
const day = fc.constantFrom('2026-02-03', '2026-11-27')

/** An object's prototype can't be a member of JSON. */
const key = text().filter(text => text !== '__proto__')

/** Few states, so that what is seen meets what is declared; and some that nobody declares. */
const state = fc.oneof({ weight: 4, arbitrary: fc.constantFrom('start', 'pending', 'running', 'stopped', 'finish') }, key)
const action = fc.oneof({ weight: 4, arbitrary: fc.constantFrom('create', 'stop', 'automatically', 'possibly') }, key)
const collection = fc.oneof({ weight: 4, arbitrary: fc.constantFrom('instances', 'images', 'blobs', 'constructor') }, key)
const counts = (names: fc.Arbitrary<string>) => fc.dictionary(names, count, { maxKeys: 4 })

const coverage: fc.Arbitrary<Coverage> = fc.record(
  {
    cases: count,
    collections: counts(collection),
    states: counts(state),
    transitions: counts(fc.tuple(state, action, state).map(parts => parts.join(' '))),
    date: day,
  },
  { requiredKeys: ['cases', 'collections', 'states', 'transitions'] },
)

const counterexample: fc.Arbitrary<Counterexample> = fc.record({
  message: text(),
  given: text(),
  transcript: fc.array(fc.record({ request: text(), answer: text() }), { maxLength: 3 }),
  replay: text(),
  command: text(),
})

const resultOf = (law: string, source: SourceKind): fc.Arbitrary<LawResult> => {
  const common = { law: fc.constant(law), source: fc.constant(source), cases: count, inconclusive: count, seconds }
  const evidence: fc.Arbitrary<Partial<Record<Grade, Coverage>>> = fc.record(Object.fromEntries(grades.map(grade => [grade, coverage])), {
    requiredKeys: [],
  })
  const judged = fc.record(
    { ...common, outcome: fc.constantFrom('holds', 'n/a', 'exempt'), reason: text(), evidence },
    { requiredKeys: ['law', 'source', 'cases', 'inconclusive', 'seconds', 'outcome', 'evidence'] },
  )
  return fc.oneof(judged, fc.record({ ...common, outcome: fc.constant('broken'), evidence, counterexample }))
}

const law = (id: string): fc.Arbitrary<LawSummary> =>
  fc.record({
    id: fc.constant(id),
    title: text(),
    says: text(),
    family: fc.oneof(fc.constantFrom('states', 'filters'), text()),
    sources: fc.subarray([...sourceKinds]),
  })

const subjectOf = (subject: string, known: readonly LawSummary[]): fc.Arbitrary<SubjectResult> =>
  fc.record(
    {
      subject: fc.constant(subject),
      driver: text(),
      provider: text(),
      name: text(),
      machine: fc.array(fc.record({ from: state, to: state, on: action }), { maxLength: 5 }),
      operations: fc.dictionary(collection, fc.array(text(), { maxLength: 2 }), { maxKeys: 4 }),
      recordings: fc.array(
        fc.record(
          {
            name: text(),
            kind: text(),
            service: text(),
            captured: day,
            age: count,
            exchanges: count,
            steps: count,
            stale: fc.boolean(),
          },
          { requiredKeys: ['name', 'kind', 'service', 'exchanges', 'steps', 'stale'] },
        ),
        { maxLength: 2 },
      ),
      lossy: fc.dictionary(key, text(), { maxKeys: 2 }),
      laws: fc
        .subarray(sourceKinds.flatMap(source => known.map(({ id }) => [id, source] as const)))
        .chain(units => fc.tuple(...units.map(([id, source]) => resultOf(id, source)))),
    },
    { requiredKeys: ['subject', 'driver', 'name', 'machine', 'operations', 'recordings', 'lossy', 'laws'] },
  )

/** Any report of a whole run, its results in the order of sources, then laws. */
export const anyReport = (): fc.Arbitrary<Report> =>
  fc
    .tuple(
      fc.subarray(['D1', 'F1', 'S2', 'T1']).chain(ids => fc.tuple(...ids.map(law))),
      fc.uniqueArray(text(), { maxLength: 3 }),
    )
    .chain(([known, names]) =>
      fc.record({
        format: fc.constant('deltacloud-conformance'),
        version: fc.constant(1),
        startedAt: fc.date({ min: new Date(0), max: new Date('2100'), noInvalidDate: true }).map(date => date.toISOString()),
        seconds,
        seed: fc.integer(),
        runs: count,
        laws: fc.constant([...known]),
        subjects: fc.tuple(...names.map(name => subjectOf(name, known))),
        warnings: fc.uniqueArray(text(), { maxLength: 2 }),
        failures: fc.uniqueArray(text(), { maxLength: 2 }),
      }),
    )
    // It's what its schema asks for, and its objects are ordinary.
    .map(report => reportSchema.parse(report))

const machine = [
  { from: 'start', to: 'pending', on: 'create' },
  { from: 'pending', to: 'running', on: 'automatically' },
  { from: 'pending', to: 'error', on: 'possibly' },
  { from: 'running', to: 'running', on: 'reboot' },
  { from: 'running', to: 'stopping', on: 'stop' },
  { from: 'stopping', to: 'stopped', on: 'automatically' },
  { from: 'stopped', to: 'running', on: 'start' },
  { from: 'running', to: 'finish', on: 'destroy' },
  { from: 'stopped', to: 'finish', on: 'destroy' },
  { from: 'error', to: 'finish', on: 'destroy' },
]

const seenByCases: Coverage = {
  cases: 100,
  collections: { instances: 100, images: 64, realms: 31 },
  states: { pending: 100, running: 96, stopping: 40, stopped: 38, finish: 12 },
  transitions: {
    'start create pending': 100,
    'pending automatically running': 92,
    'running reboot running': 17,
    'running stop stopping': 40,
    'stopping automatically stopped': 38,
    'running destroy finish': 12,
  },
}

const seenInRecordings: Coverage = {
  cases: 3,
  collections: { instances: 3, hardware_profiles: 1 },
  states: { running: 2, error: 1 },
  transitions: { 'stopped start running': 1 },
  date: '2026-05-14',
}

const breach: Counterexample = {
  message: "GET /api/instances?state=STOPPED has 'inst4', whose state is RUNNING\n- expected: []\n+ actual:   ['inst4']",
  given: '{"filter":{"state":"STOPPED"}}; 1 instance, running',
  transcript: [
    { request: 'POST /api/instances\nAuthorization: Basic ***\n\nimage_id=img1', answer: '201 Created\nLocation: /api/instances/inst4' },
    {
      request: 'GET /api/instances?state=STOPPED\nAuthorization: Basic ***\nAccept: application/xml',
      answer:
        "200 OK\nContent-Type: application/xml\n\n<instances>\n  <instance id='inst4'>\n    <state>RUNNING</state>\n  </instance>\n</instances>",
    },
  ],
  replay: 'F1/T/ec2/-114/0.3:1',
  command: 'npm run conformance -- --driver ec2 --replay F1/T/ec2/-114/0.3:1',
}

/** What is special of one driver's laws; the others hold. */
type Exceptions = Readonly<Record<string, Pick<LawResult, 'outcome' | 'reason' | 'counterexample'>>>

const absent = (reason: string): Pick<LawResult, 'outcome' | 'reason'> => ({ outcome: 'n/a', reason })

const resultsOf = (exceptions: Exceptions): LawResult[] =>
  sourceKinds.flatMap(source =>
    laws
      .filter(({ sources }) => sources.includes(source))
      .map(({ id }): LawResult => {
        const special = exceptions[`${id} ${source}`] ?? exceptions[source] ?? exceptions[id] ?? { outcome: 'holds' }
        const wasAsked = special.outcome === 'holds' || special.outcome === 'broken'
        const seen = source === 'R' ? seenInRecordings : seenByCases
        const grade: Grade = source === 'static' ? 'declared' : source === 'R' ? 'replayed from documentation' : 'property-tested'
        return {
          law: id,
          source,
          cases: wasAsked ? seen.cases : 0,
          inconclusive: 0,
          seconds: wasAsked ? 0.25 : 0,
          evidence: wasAsked ? { [grade]: seen } : {},
          ...special,
        }
      }),
  )

const operations = {
  realms: ['list', 'get'],
  hardware_profiles: ['list'],
  images: ['list', 'get'],
  instances: ['list', 'create', 'start', 'stop', 'reboot', 'destroy'],
  buckets: ['list', 'create', 'destroy'],
  blobs: ['read'],
}

const live = absent('no live endpoint was named')

export const sample: Report = {
  format: 'deltacloud-conformance',
  version: 1,
  startedAt: '2026-11-27T09:30:00.000Z',
  seconds: 21.4,
  seed: 20261127,
  runs: 100,
  laws: laws.map(({ id, title, says, family, sources }) => ({ id, title, says, family, sources })),
  subjects: [
    {
      subject: 'mock',
      driver: 'mock',
      name: 'Mock',
      machine,
      operations,
      recordings: [],
      lossy: {},
      laws: resultsOf({
        L: live,
        R: absent('the simulator asks no provider: there is nothing to record'),
        M: absent('the simulator asks no provider: there is nothing to mutate'),
        D2: { outcome: 'holds', reason: 'one link leads nowhere, as it always did (quirk M11)' },
      }),
    },
    {
      subject: 'ec2',
      driver: 'ec2',
      name: 'Amazon EC2 and S3',
      machine,
      operations,
      recordings: [
        {
          name: 'instances',
          kind: 'live',
          service: 'ec2 2016-11-15',
          captured: '2026-05-14',
          age: 197,
          exchanges: 12,
          steps: 9,
          stale: true,
        },
        { name: 'errors', kind: 'documentation', service: 'ec2 2016-11-15', exchanges: 4, steps: 4, stale: false },
      ],
      lossy: { 'instances owner_id': 'the protocol has no owner of an instance', 'images state': 'an image is always available' },
      laws: resultsOf({ L: live, 'F1 T': { outcome: 'broken', counterexample: breach } }),
    },
    {
      subject: 'openstack;provider=one',
      driver: 'openstack',
      provider: 'one',
      name: 'OpenStack',
      machine: machine.filter(({ on }) => on !== 'possibly'),
      operations,
      recordings: [],
      lossy: {},
      laws: resultsOf({
        L: live,
        R: absent('there are no recordings'),
        M: absent('there are no recordings'),
        T2: absent('it has no storage volumes'),
        S5: { outcome: 'exempt', reason: 'a server that is being built can be deleted only later (quirk O3)' },
      }),
    },
  ],
  warnings: ['The recording ec2/instances is 197 days old, more than the 90 that are allowed'],
  failures: [],
}
