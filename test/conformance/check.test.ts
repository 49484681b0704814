/** A law is held to generated cases; what fails is made short, named by a seed, and can be seen again. */

import fc from 'fast-check'
import t from 'tap'
import { type Checking, checkLaw } from '../../conformance/check.ts'
import { type CloudUnderTest, hold, Inconclusive } from '../../conformance/cloud-under-test.ts'
import { subjectsOf } from '../../conformance/harness.ts'
import { type Law, law, type Setting } from '../../conformance/laws/law.ts'
import { openSimulated } from '../../conformance/sources/simulated.ts'
import type { OpenCloud, Source } from '../../conformance/sources/source.ts'
import { sound } from './laws/support.ts'
import { recordingOf } from './mutations/made.ts'

const declaration = { title: 'a law', says: 'Something holds.', family: 'test', sources: ['T'] as const }

/** What the check doesn't throw it has compared. */
const numbers = (check: (cloud: CloudUnderTest, n: number) => Promise<void>): Law =>
  law({
    ...declaration,
    id: 'X1',
    question: () => fc.nat(1000),
    async check(cloud, n) {
      await check(cloud, n)
      hold(true, 'compared')
    },
  })

const [subject] = subjectsOf('mock', sound)
if (subject === undefined) throw new TypeError('The mock driver has no column')
const source = await openSimulated(subject)
t.teardown(() => source[Symbol.asyncDispose]())

const setting: Setting = { subject, driver: source.driver, offer: source.offer, source: 'T', recordings: [] }

interface How extends Pick<Checking, 'all' | 'expected'> {
  readonly runs?: number
  readonly seed?: number
  readonly path?: string
  readonly on?: Source
}

const check = (one: Law, { runs = 50, seed = 7, on = source, ...more }: How = {}) =>
  checkLaw({ law: one, setting, source: on, runs, seed, command: replay => `again ${replay}`, ...more })

t.test('a law that holds was asked as often as was wanted, and its evidence says what was touched', async t => {
  const result = await check(
    numbers(async cloud => {
      await cloud.ask('/api/realms?format=json')
    }),
  )
  t.match(result, { outcome: 'holds', cases: 50, inconclusive: 0 })
  t.same(result.evidence['property-tested']?.collections, { realms: 50 })
})

t.test('a law that is broken comes with the shortest case, its conversation, and what shows it again', async t => {
  const broken = numbers(async (cloud, n) => {
    const { status } = await cloud.ask(`/api/images/none-${n}?format=json`)
    hold(n < 100, `the ${status} of ${n}`)
  })
  const result = await check(broken)
  t.equal(result.outcome, 'broken')
  const { message, transcript, replay = '', command } = result.counterexample ?? {}
  t.equal(message, 'the 404 of 100', 'there is none shorter')
  t.equal(transcript?.length, 1)
  t.match(transcript?.[0]?.request, /^GET \/api\/images\/none-100\?format=json\nAuthorization: Basic \*\*\*/)
  t.equal(command, `again ${replay}`)
  const [, , , seed, path] = replay.split('/')
  const again = await check(broken, { seed: Number(seed), ...(path === undefined ? {} : { path }) })
  t.equal(again.counterexample?.message, message)
  t.same(again.counterexample?.transcript, transcript)
})

t.test('the same seed asks the same', async t => {
  const asked: number[][] = []
  for (const seed of [3, 3, 4]) {
    const all: number[] = []
    asked.push(all)
    await check(
      numbers(async (_, n) => {
        all.push(n)
      }),
      { seed },
    )
  }
  t.same(asked[0], asked[1])
  t.not(JSON.stringify(asked[0]), JSON.stringify(asked[2]))
})

t.test('a case in which nothing was compared says nothing', async t => {
  const half = law({
    ...declaration,
    id: 'X1',
    question: () => fc.nat(1000),
    check: async (_cloud, n: number) => {
      if (n % 2 === 0) hold(true, 'compared')
    },
  })
  const result = await check(half)
  t.equal(result.outcome, 'holds')
  t.ok(result.cases > 0 && result.inconclusive > 0 && result.cases + result.inconclusive === 50)
  const none = law({ ...declaration, id: 'X1', question: () => fc.nat(1000), check: async () => undefined })
  t.match(await check(none), { outcome: 'n/a', reason: /nothing was compared/ })
})

t.test('what can’t be judged isn’t counted as held, and nothing left to judge is not applicable', async t => {
  const half = await check(
    numbers(async (_, n) => {
      if (n % 2 === 0) throw new Inconclusive('even')
    }),
  )
  t.equal(half.outcome, 'holds')
  t.equal(half.cases + half.inconclusive, 50)
  t.ok(half.inconclusive > 5)
  const none = await check(
    numbers(async () => {
      throw new Inconclusive('not recorded')
    }),
  )
  t.match(none, { outcome: 'n/a', cases: 0, inconclusive: 50, reason: /not recorded/ })
})

t.test('a law that fails in another way than by its own word is broken, too', async t => {
  const result = await check(
    numbers(async () => {
      throw new TypeError('what is this?')
    }),
  )
  t.match(result, { outcome: 'broken', counterexample: { message: /what is this/ } })
})

t.test('every part of a source is looked at, and a place in one is found again', async t => {
  const opened: string[] = []
  const part = (name: string) =>
    fc.constant({
      given: name,
      open: () => {
        opened.push(name)
        return fc
          .sample(source.parts[0] ?? fc.constant({ given: '', open: () => Promise.reject(new TypeError('no part')) }), 1)[0]
          ?.open() as never
      },
    })
  const parts = { ...source, parts: ['one', 'two', 'three'].map(part) }
  t.match(
    await check(
      numbers(async () => undefined),
      { on: parts, runs: 10 },
    ),
    { outcome: 'holds', cases: 12 },
  )
  t.same([...new Set(opened)], ['one', 'two', 'three'])
  const inThird = numbers(async (cloud, n) => hold(opened.at(-1) !== 'three' || n < 10, `${cloud.source} ${n}`))
  const result = await check(inThird, { on: parts })
  t.match(result.counterexample, { message: 'T 10', given: /^three/, replay: /\/2\.[\d:]+$/ })
  const path = result.counterexample?.replay.split('/').at(-1)
  t.match((await check(inThird, { on: parts, ...(path === undefined ? {} : { path }) })).counterexample, { message: 'T 10' })
})

t.test('no secret stands in a conversation', async t => {
  const result = await check(
    numbers(async cloud => {
      await cloud.ask({ target: '/api/keys?format=json', form: { name: cloud.credentials.password } })
      hold(false, 'shown')
    }),
  )
  t.notMatch(JSON.stringify(result), /pw-of-alice/)
  t.match(result.counterexample?.transcript[0]?.request, /name=\*\*\*/)
})

/** The cloud of the simulator, as a part of its own. */
const named = (given: string, change: (opened: OpenCloud) => OpenCloud = opened => opened) =>
  fc.constant({
    given,
    async open() {
      const [setup] = fc.sample(source.parts[0] ?? fc.constant({ given: '', open: () => Promise.reject(new TypeError('no part')) }), 1)
      if (setup === undefined) throw new TypeError('There is no setup')
      return change(await setup.open())
    },
  })

t.test('a law that is asked once judges every part, whatever is broken', async t => {
  let asked = 0
  const once = law({
    ...declaration,
    id: 'X1',
    once: true,
    question: () => fc.constant(undefined),
    async check() {
      asked++
      if (asked === 2) throw new Inconclusive('not here')
      hold(asked % 2 === 0, `part ${asked} is wrong`)
    },
  })
  const result = await check(once, { on: { ...source, parts: ['one', 'two', 'three', 'four'].map(name => named(name)) } })
  t.equal(asked, 4)
  t.match(result, { outcome: 'broken', cases: 1, counterexample: { message: 'part 1 is wrong', given: 'one' } })
  t.match(result.more, [{ message: 'part 3 is wrong', given: 'three', replay: /\/2\.0$/ }])
  t.match(result.parts, [
    { name: 'one', outcome: 'broken', replay: result.counterexample?.replay },
    { name: 'two', outcome: 'n/a', reason: 'not here' },
    { name: 'three', outcome: 'broken', replay: result.more?.[0]?.replay },
    { name: 'four', outcome: 'holds' },
  ])
})

t.test('all failures that differ are found where all are asked for', async t => {
  const broken = numbers(async (_, n) => {
    hold(n % 3 !== 0, `${n} is a multiple of three`)
    hold(n % 5 !== 0, `${n} is a multiple of five`)
    if (n > 900) throw new TypeError('too large')
  })
  t.equal((await check(broken)).more, undefined)
  const result = await check(broken, { all: true, runs: 100 })
  const messages = [result.counterexample, ...(result.more ?? [])].map(one => one?.message.replace(/\d+/, 'N'))
  t.same(messages.sort(), ['N is a multiple of five', 'N is a multiple of three', 'too large'])
  for (const { replay, message } of result.more ?? []) {
    const path = replay.split('/').at(-1)
    t.equal((await check(broken, path === undefined ? {} : { path })).counterexample?.message, message, 'each can be seen again')
  }
  const many = numbers(async (_, n) => hold(false, `${'abcdefghijklmnopqrstuvwxyz'[n % 26]} is wrong`))
  t.equal((await check(many, { all: true })).more?.length, 9, 'up to a bound')
})

t.test('a failure that is expected breaks nothing, and hides no other', async t => {
  const expected = [{ driver: 'mock', law: 'X1', source: undefined, message: /multiple of two/, reason: 'known', place: 3 }]
  const even = numbers(async (_, n) => hold(n % 2 !== 0, `${n} is a multiple of two`))
  t.match(await check(even, { expected }), { outcome: 'expected', expected: [3], reason: /^known: \d+ is a multiple of two$/ })
  const more = numbers(async (_, n) => {
    hold(n % 2 !== 0, `${n} is a multiple of two`)
    hold(n % 3 !== 0, `${n} is a multiple of three`)
  })
  t.match(await check(more, { expected }), { outcome: 'broken', expected: [3], counterexample: { message: /multiple of three/ } })
  const held = await check(
    numbers(async () => undefined),
    { expected },
  )
  t.equal(held.outcome, 'holds')
  t.notOk('expected' in held)
})

t.test('a counterexample says in words what was done to a recording', async t => {
  const sentence = 'in the answer to GET /machines, read by the shape of machines: id is left out'
  const parts = [
    named('a recording', opened => {
      const recorded = {
        recording: recordingOf([{ url: 'https://a.example/machines', answer: '[]' }]),
        mutations: [sentence],
        isIllegal: false,
        outcomes: [],
        replay: async () => [],
      }
      Object.assign(opened.cloud.abilities, { recorded })
      return opened
    }),
  ]
  const result = await check(
    numbers(async () => hold(false, 'wrong')),
    { on: { ...source, parts } },
  )
  t.equal(result.counterexample?.given, `a recording; ${sentence}; 0`)
})
