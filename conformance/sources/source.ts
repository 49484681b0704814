/** Where the clouds of cases come from: one source for each kind of evidence about a subject. */

import type fc from 'fast-check'
import type { Offer } from '../../src/drivers/driver.ts'
import type { AnyDriver } from '../../src/drivers/registry.ts'
import type { CloudUnderTest } from '../cloud-under-test.ts'
import type { Grade, SourceKind } from '../results.ts'

/** A cloud for one case. */
export interface OpenCloud extends AsyncDisposable {
  readonly cloud: CloudUnderTest
  /** What a case here is worth. */
  readonly grade: Grade
  /** The day of what is seen, where it's known: `2012-07-30`. */
  readonly date?: string
}

/** What a cloud is made from: data, so that it can be generated, shrunk and made again. */
export interface Setup {
  /** For people: which recording, which mutations, which seed. */
  readonly given: string
  /** @throws Inconclusive where the cloud can't be made. */
  open(): Promise<OpenCloud>
}

/** Parts for one law; undefined where it takes those of all. */
type OwnParts = readonly fc.Arbitrary<Setup>[] | undefined

export interface Source extends AsyncDisposable {
  readonly kind: SourceKind
  readonly driver: AnyDriver
  readonly offer: Offer
  /** Each is to be looked at, and gets its share of the cases: one for each recording, or one for all. */
  readonly parts: readonly fc.Arbitrary<Setup>[]
  /** Other parts for a law that needs something of its own done to them. */
  readonly partsFor?: (law: string) => OwnParts | Promise<OwnParts>
  /** The same through real sockets, where that's another way: few cases go there, once a run. */
  readonly remote?: fc.Arbitrary<Setup>
}
