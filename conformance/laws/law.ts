/** A law of conformance: a sentence, and how it's asked of a cloud with generated questions. */

import type fc from 'fast-check'
import type { Offer } from '../../src/drivers/driver.ts'
import type { AnyDriver } from '../../src/drivers/registry.ts'
import type { CloudUnderTest } from '../cloud-under-test.ts'
import type { Subject } from '../harness.ts'
import type { Recording } from '../replay/recording.ts'
import type { Coverage, LawSummary, SourceKind } from '../results.ts'

/** What a law is told before any cloud is opened. */
export interface Setting {
  readonly subject: Subject
  readonly driver: AnyDriver
  readonly offer: Offer
  readonly source: SourceKind
  /** Those of the driver; what R and M are made of. */
  readonly recordings: readonly Recording[]
}

/** One question, and how its answer is judged. */
export interface Case {
  /** For people, in a counterexample. */
  given(): string
  /** @throws LawViolation where the law doesn't hold; Inconclusive where it can't be told here. */
  judge(cloud: CloudUnderTest): Promise<void>
}

export interface Law extends LawSummary {
  /** Why a driver can't be held to it: a sentence. */
  missing(setting: Setting): string | undefined
  /** The questions, where clouds are asked. */
  readonly cases?: (setting: Setting) => fc.Arbitrary<Case>
  /** Questions that come first, one after the other: what the driver declares and chance seldom reaches. */
  readonly targets?: (setting: Setting) => readonly fc.Arbitrary<Case>[]
  /** Its questions aren't generated: one case says all that can be said of a recording. */
  readonly once?: true
  /** It's also asked through real sockets, where a source can do that. */
  readonly remote?: true
  /** What can be judged without asking a cloud. @returns what was looked at. @throws LawViolation */
  readonly examine?: (setting: Setting) => Promise<Coverage>
}

interface Declaration<Q> {
  readonly id: string
  /** Two or three words. */
  readonly title: string
  /** The law, in a sentence. */
  readonly says: string
  readonly family: string
  readonly sources: readonly SourceKind[]
  readonly missing?: (setting: Setting) => string | undefined
  readonly once?: true
  readonly remote?: true
  readonly examine?: (setting: Setting) => Promise<Coverage>
  readonly question?: (setting: Setting) => fc.Arbitrary<Q>
  /** Questions that come before those that chance finds. */
  readonly targets?: (setting: Setting) => readonly fc.Arbitrary<Q>[]
  readonly check?: (cloud: CloudUnderTest, question: Q, setting: Setting) => Promise<void>
}

/** Declares a law. Nobody else need know what its questions look like. */
export const law = <Q>({ question, targets, check, missing, examine, ...summary }: Declaration<Q>): Law => ({
  ...summary,
  sources: [...summary.sources],
  missing: missing ?? (() => undefined),
  ...(examine === undefined ? {} : { examine }),
  ...(question === undefined || check === undefined
    ? {}
    : {
        cases: (setting: Setting) => question(setting).map(asked => caseOf(asked, check, setting)),
        ...(targets === undefined
          ? {}
          : { targets: (setting: Setting) => targets(setting).map(one => one.map(asked => caseOf(asked, check, setting))) }),
      }),
})

const caseOf = <Q>(asked: Q, check: NonNullable<Declaration<Q>['check']>, setting: Setting): Case => ({
  given: () => formatQuestion(asked),
  judge: (cloud: CloudUnderTest) => check(cloud, asked, setting),
})

/** A question as people read it. */
const formatQuestion = (question: unknown): string =>
  question === undefined ? '' : (JSON.stringify(question, toReadable) ?? String(question))

const toReadable = (_key: string, value: unknown): unknown => {
  if (value instanceof Uint8Array) return `${value.length} bytes`
  return typeof value === 'bigint' ? `${value}` : value
}
