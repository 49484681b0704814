/** Mutations of a recording, as data that can be generated and shrunk: what its provider might do, and what no provider should. */

import fc from 'fast-check'
import { anyText } from '../generators/text.ts'

/** What a provider may do: each is about one exchange, and a place in its answer that's a number until it's looked for. */
export type LegalMutation =
  | { readonly kind: 'permute'; readonly entry: number; readonly order: readonly number[] }
  | { readonly kind: 'drop'; readonly entry: number; readonly which: number }
  | { readonly kind: 'multiply'; readonly entry: number; readonly which: number; readonly times: number }
  | {
      readonly kind: 'omit'
      readonly entry: number
      readonly which: number
      /** What is essential is left alone. */
      readonly spare?: true
    }
  | {
      readonly kind: 'add'
      readonly entry: number
      readonly which: number
      readonly name: string
      /** A text, something with more in it, or what has nothing in it: null in JSON, an attribute in XML. */
      readonly what: 'text' | 'inner' | 'bare'
      /** Before all else, or after it. */
      readonly isFirst: boolean
    }
  | { readonly kind: 'text'; readonly entry: number; readonly which: number; readonly text: string }
  | { readonly kind: 'state'; readonly entry: number; readonly which: number; readonly state: number }
  | {
      /** Extreme and ordinary values of a member that an attribute is made from, in all answers. */
      readonly kind: 'values'
      readonly entry: number
      readonly which: number
      readonly first: number
    }

/** What no provider should do, and some do. */
export type IllegalMutation =
  | { readonly kind: 'status'; readonly entry: number; readonly status: number }
  | {
      readonly kind: 'cut'
      readonly entry: number
      readonly share: number
      /** The answer ends as if that were all. */
      readonly isQuiet: boolean
    }
  | { readonly kind: 'garble'; readonly entry: number; readonly every: number }
  | { readonly kind: 'type'; readonly entry: number; readonly type: string; readonly body: string }
  | { readonly kind: 'huge'; readonly entry: number }
  | { readonly kind: 'late'; readonly entry: number }
  | { readonly kind: 'never ending'; readonly entry: number }
  | { readonly kind: 'reset'; readonly entry: number }
  /** The provider asks to wait, so many times, with a Retry-After of seconds or of a date. */
  | {
      readonly kind: 'throttle'
      readonly entry: number
      readonly status: 429 | 503
      readonly seconds: number
      readonly form: 'seconds' | 'date'
      readonly times: number
    }
  /** The token that comes with the request isn't taken, once. */
  | { readonly kind: 'token ends'; readonly entry: number }

export type Mutation = LegalMutation | IllegalMutation
export type MutationKind = Mutation['kind']

const entry = fc.nat(99)
const which = fc.nat(9999)

/** More than 64 KiB, from right to left too. */
const long = 'é\u202e]]>'.repeat(13_000)

const legal: { readonly [K in LegalMutation['kind']]: fc.Arbitrary<LegalMutation & { kind: K }> } = {
  permute: fc.record({ kind: fc.constant('permute'), entry, order: fc.array(fc.nat(99), { minLength: 1, maxLength: 12 }) }),
  drop: fc.record({ kind: fc.constant('drop'), entry, which }),
  multiply: fc.record({
    kind: fc.constant('multiply'),
    entry,
    which,
    times: fc.oneof(
      { weight: 9, arbitrary: fc.integer({ min: 1, max: 5 }) },
      { weight: 1, arbitrary: fc.integer({ min: 500, max: 3000 }) },
    ),
  }),
  omit: fc.record({ kind: fc.constant('omit'), entry, which }),
  add: fc.record({
    kind: fc.constant('add'),
    entry,
    which,
    name: fc.stringMatching(/^x[a-z]{3,8}$/),
    what: fc.constantFrom('text', 'inner', 'bare'),
    isFirst: fc.boolean(),
  }),
  text: fc.record({
    kind: fc.constant('text'),
    entry,
    which,
    text: fc.oneof({ weight: 9, arbitrary: anyText() }, { weight: 1, arbitrary: fc.constant(long) }),
  }),
  state: fc.record({ kind: fc.constant('state'), entry, which, state: fc.nat(99) }),
  values: fc.record({ kind: fc.constant('values'), entry, which, first: fc.nat(9) }),
}

const bodies = [
  ['text/html', '<html><body>Bad Gateway</body></html>'],
  ['application/json', '{}'],
  ['application/json', '[]'],
  ['application/json', 'null'],
  ['application/json', '"text"'],
  ['application/json', '{"error":1}'],
  ['application/xml', '<a/>'],
  ['text/plain', ''],
] as const

const illegal: readonly fc.Arbitrary<IllegalMutation>[] = [
  fc.record({ kind: fc.constant('status'), entry, status: fc.constantFrom(400, 401, 403, 404, 409, 418, 429, 500, 502, 503, 504) }),
  fc.record({ kind: fc.constant('cut'), entry, share: fc.double({ min: 0, max: 0.99, noNaN: true }), isQuiet: fc.boolean() }),
  fc.record({ kind: fc.constant('garble'), entry, every: fc.integer({ min: 1, max: 16 }) }),
  fc
    .record({ entry, body: fc.constantFrom(...bodies) })
    .map(({ entry: n, body: [type, body] }) => ({ kind: 'type' as const, entry: n, type, body })),
  fc.record({ kind: fc.constant('reset'), entry }),
]
/** These take their time. */
const slow: readonly fc.Arbitrary<IllegalMutation>[] = [
  fc.record({ kind: fc.constant('late'), entry }),
  fc.record({ kind: fc.constant('never ending'), entry }),
  fc.record({ kind: fc.constant('huge'), entry }),
]

/** Trouble that a driver is to get over, each for a law of its own. */
const passing = {
  throttle: fc.record({
    kind: fc.constant('throttle' as const),
    entry,
    status: fc.constantFrom(429 as const, 503 as const),
    seconds: fc.integer({ min: 1, max: 5 }),
    form: fc.constantFrom('seconds' as const, 'date' as const),
    times: fc.constantFrom(1, 9),
  }),
  'token ends': fc.record({ kind: fc.constant('token ends' as const), entry }),
}

/** What is to be generated: one kind, any of what is legal, or of what isn't. */
export const mutations = (
  wanted: LegalMutation['kind'] | 'legal' | 'illegal' | keyof typeof passing,
): fc.Arbitrary<readonly Mutation[]> => {
  if (wanted === 'illegal')
    return fc.oneof({ weight: 30, arbitrary: fc.oneof(...illegal) }, { weight: 1, arbitrary: fc.oneof(...slow) }).map(one => [one])
  if (wanted === 'throttle' || wanted === 'token ends') return passing[wanted].map(one => [one])
  if (wanted !== 'legal') return legal[wanted].map(one => [one])
  // What is essential isn't left out here: only R4 asks what becomes of that.
  const harmless = { ...legal, omit: legal.omit.map(one => ({ ...one, spare: true as const })) }
  return fc.array(fc.oneof(...Object.values(harmless)), { minLength: 1, maxLength: 3 })
}

export const isLegal = (mutation: Mutation): mutation is LegalMutation => Object.hasOwn(legal, mutation.kind)
