/** What the suite is told of a driver: the driver, and what it's held against. A driver kept elsewhere brings its own. */

import type { AnyDriver } from '../src/drivers/registry.ts'
import type { WireRequest } from '../src/drivers/wire.ts'
import type { MockCloud } from '../src/mock-cloud/cloud.ts'
import type { FrontendDefinition } from '../src/server/frontend.ts'
import type { Item } from './documents/read.ts'
import type { HarEntry } from './replay/har.ts'
import type { Recording } from './replay/recording.ts'
import type { SentRequest } from './traffic.ts'

export interface Harness {
  /** The driver; that of the simulator needs one to stand on. */
  readonly driver: AnyDriver | ((mock: MockCloud) => AnyDriver)
  /** Providers to test it at, each a column of the matrix; by default the one of requests that name none. */
  readonly providers?: readonly (string | undefined)[]
  /** The other half of its protocol. Without it there is no round trip. */
  readonly roundTrip?: RoundTrip
  /** `shapes/<driver>.json`: what of its provider's answers may change, and what the API must make of them. Without it recordings aren't mutated. */
  readonly shapes?: string | URL
  /** Folders with recordings of its own, beside those that the suite is told of. */
  readonly recordings?: readonly (string | URL)[]
  /** Whatever else the driver declares has to succeed in a run, or the report says that it never did. */
  readonly impossible?: readonly Impossible[]
  /** Laws that it needn't hold. */
  readonly exempt?: readonly Exemption[]
}

/** An operation or a transition that no client can bring about on the sources that there are. */
export interface Impossible {
  /** `running possibly error` or `metrics.get` */
  readonly what: string
  /** The provider of which that's so, as a subject has it; every one where it's left out. */
  readonly provider?: string | undefined
  readonly because: string
}

/** A law that a provider needn't hold, and the quirk that says so. */
export interface Exemption {
  readonly law: string
  readonly provider: string | undefined
  /** As in the list of quirks: `D24`. */
  readonly quirk: string
  readonly because: string
  /** What is excused: a counterexample whose message fits. Without it the law isn't asked at all. */
  readonly where?: RegExp
}

export interface RoundTrip {
  /** Frontends that serve the protocol; each is reached at its own first path segment. */
  readonly frontends: readonly FrontendDefinition[]
  /** The kind of mock cloud behind them: a provider of the mock driver. */
  readonly personality: string
  /** The driver's provider for a frontend at this origin: `http://127.0.0.1:4000`. */
  readonly provider: (origin: string) => string
  /** The regions of the cloud that the driver's provider can name. Without them the cloud is one region. */
  readonly regions?: Regions
  /** Seed data of a mock cloud in which a recording could have been made, as its control takes them: law T0. */
  readonly seedOf?: (recording: Recording) => object | undefined
  /** The request that an exchange is for the frontend, signed anew; by default as it was recorded, with Basic credentials and tokens renewed. */
  readonly requestFor?: (entry: HarEntry) => WireRequest | undefined
  /** Attributes that the protocol can't carry, `instances launch_time` → why. An attribute that a scenario of the driver expects may not stand here. */
  readonly lossy?: Readonly<Record<string, string>>
  /**
   * Attributes that the driver tells in another way than the simulator does, `networks address_blocks` → what it's to tell of the same cloud:
   * from the resource's own document, those of a collection, and what the driver tells of the resource, for ids that only its provider knows.
   */
  readonly expected?: Readonly<
    Record<string, (item: Item, list: (collection: string) => Promise<readonly Item[]>, told: Item) => Promise<unknown>>
  >
}

/** Two regions of one cloud, under the same accounts. */
export interface Regions {
  /** As the cloud calls them; what `provider` names is the first. */
  readonly names: readonly [home: string, other: string]
  readonly provider: (origin: string, region: string) => string
  /** The region that a request is for, as its protocol says it; undefined where it's for all of them, as a login. */
  readonly regionOf: (request: SentRequest) => string | undefined
  /** Collections that an account has in all regions at once, by the provider's documents. */
  readonly shared?: readonly string[]
}

/** A driver at a provider: what laws are held against, and a column of the matrix. */
export interface Subject {
  /** `mock`, `mock;provider=classic`. */
  readonly name: string
  readonly driver: string
  readonly provider: string | undefined
  readonly harness: Harness
}

/** What can't be brought about at a subject's provider, and why. */
export const impossibleFor = ({ harness, provider }: Subject): Readonly<Record<string, string>> =>
  Object.fromEntries(
    (harness.impossible ?? [])
      .filter(one => !Object.hasOwn(one, 'provider') || one.provider === provider)
      .map(({ what, because }) => [what, because]),
  )

/** The columns that a driver has. */
export const subjectsOf = (
  driver: string,
  harness: Harness,
  providers: readonly (string | undefined)[] = harness.providers ?? [undefined],
): Subject[] =>
  providers.map(provider => ({ name: provider === undefined ? driver : `${driver};provider=${provider}`, driver, provider, harness }))
