/** Where sites come from: one ground for each source of behaviour of a subject. */

import type fc from 'fast-check'
import type { Offer } from '../../src/drivers/driver.ts'
import type { AnyDriver } from '../../src/drivers/registry.ts'
import type { Grade, SourceKind } from '../results.ts'
import type { Site } from '../site.ts'

/** A cloud for one case. */
export interface OpenSite extends AsyncDisposable {
  readonly site: Site
  /** What a case here is worth. */
  readonly grade: Grade
  /** The day of what is seen, where it's known: `2012-07-30`. */
  readonly date?: string
}

/** What a site is made from: data, so that it can be generated, shrunk and made again. */
export interface Situation {
  /** For people: which recording, which mutations, which seed. */
  readonly given: string
  /** @throws Discarded where the site can't be made. */
  open(): Promise<OpenSite>
}

export interface Ground extends AsyncDisposable {
  readonly source: SourceKind
  readonly driver: AnyDriver
  readonly offer: Offer
  /** Each is to be looked at, and gets its share of the cases: one for each recording, or one for all. */
  readonly parts: readonly fc.Arbitrary<Situation>[]
  /** Other parts for a law that needs something of its own done to them. */
  readonly partsFor?: (law: string) => readonly fc.Arbitrary<Situation>[] | undefined
  /** The same through real sockets, where that's another way: few cases go there, once a run. */
  readonly remote?: fc.Arbitrary<Situation>
}
