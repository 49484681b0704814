/** A scenario's first draft: what clients asked, and what they got, to be read over by a person. */

import { contentOf } from './bodies.ts'
import { type Expectation, expectationOf } from './expectations.ts'
import type { Scrubber } from './scrubbing.ts'
import type { RecordedStep, StepRequest } from './steps.ts'

export interface Draft {
  readonly driver: string
  readonly title: string
  readonly provider?: string
  readonly credentials?: { readonly user: string; readonly password: string }
  readonly traffic: string
  readonly match: { readonly body?: 'compare' | 'ignore'; readonly unused: 'fail' }
  readonly options?: Readonly<Record<string, unknown>>
  readonly provenance: { readonly kind: string; readonly service: string; readonly captured: string; readonly note?: string }
  readonly steps: readonly { readonly title: string; readonly request: StepRequest; readonly expect: Expectation }[]
}

export interface DraftOptions extends Pick<Draft, 'driver' | 'title' | 'options'> {
  readonly name: string
  readonly provider: string | undefined
  readonly user: string | undefined
  /** `live` for the service itself, `emulator` for another implementation. */
  readonly kind: 'live' | 'emulator'
  readonly service: string
  /** The day, `2026-11-27`. */
  readonly captured: string
  /** What a person has to say of it. */
  readonly note?: string
  /** Where bodies of requests are another each time. */
  readonly body?: 'compare' | 'ignore'
  /** What steps are called and ask, in order; the others are called by their requests, and ask what was asked. */
  readonly script?: readonly { readonly title: string; readonly request: StepRequest }[]
  /** What is expected of a step, where it isn't what is usual. */
  readonly expect?: (step: RecordedStep, n: number) => Expectation
}

export const draftOf = (steps: readonly RecordedStep[], given: DraftOptions): Draft => {
  const { driver, name, title, provider, user, options, kind, service, captured, note, body, script = [], expect = expectationOf } = given
  return {
    driver,
    title,
    ...(provider === undefined ? {} : { provider }),
    ...(user === undefined ? {} : { credentials: { user, password: 'REDACTED' } }),
    traffic: `${name}.har`,
    match: { ...(body === undefined ? {} : { body }), unused: 'fail' },
    ...(options === undefined ? {} : { options }),
    provenance: { kind, service, captured, ...(note === undefined ? {} : { note }) },
    steps: steps.map((step, n) => ({
      title: script[n]?.title ?? `${step.request.method} ${step.request.path}`,
      request: script[n]?.request ?? step.request,
      expect: expect(step, n),
    })),
  }
}

/** What comes from a client or a provider, without secrets; words of the format stay what they are. */
export const scrubbedDraft = (draft: Draft, scrubber: Scrubber): unknown => scrubbed(['', ''], draft, scrubber)

/** Members whose values are the format's, or the files' own names. */
const ownWords: ReadonlySet<string> = new Set(['driver', 'traffic', 'match', 'provenance', 'method', 'encoding'])
/** Members whose members have names that people choose. */
const freelyNamed: ReadonlySet<string> = new Set(['form', 'query', 'headers', 'options'])

const scrubbed = (names: readonly [name: string, outer: string], value: unknown, scrubber: Scrubber): unknown => {
  const [name, outer] = names
  // Of the credentials only the user stands there, and is repeated in the traffic.
  const told = name === 'user' && outer === 'credentials' ? [name] : names
  if (typeof value === 'string') return name === 'path' ? scrubber.url(value) : scrubber.value(told, value)
  if (Array.isArray(value)) return value.map(inner => scrubbed(names, inner, scrubber))
  if (typeof value !== 'object' || value === null) return value
  if (name === 'body' && outer === 'request') return scrubbedBody(value, scrubber)
  const free = freelyNamed.has(name)
  const clean = Object.entries(value).map(([key, inner]): [string, unknown] => [
    free ? scrubber.value([], key) : key,
    !free && ownWords.has(key) ? inner : scrubbed([key, name], inner, scrubber),
  ])
  // What stands for a secret is another text in a replay.
  return Object.fromEntries(
    attributeHolders.has(name) ? clean.filter(([key, inner]) => key === 'id' || !/REDACTED/.test(String(inner))) : clean,
  )
}

/** Members whose members are attributes of what was answered. */
const attributeHolders: ReadonlySet<string> = new Set(['element', 'members'])

/** By its type, as the bodies of the traffic: a form of several parts has secrets that only its names tell. */
const scrubbedBody = (body: object, scrubber: Scrubber): object => {
  const { mimeType = '', text = '', encoding }: Partial<NonNullable<StepRequest['body']>> = body
  const clean = contentOf(Buffer.from(text, encoding ?? 'utf8'), mimeType, scrubber)
  return {
    mimeType: scrubber.value([], mimeType),
    text: clean?.text ?? '',
    ...(clean?.encoding === undefined ? {} : { encoding: clean.encoding }),
  }
}
