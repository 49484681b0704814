/** A cloud that a law looks at, through the API: one for each case, forgotten afterwards. */

import type { Credentials } from '../src/drivers/context.ts'
import type { Cloud, Offer } from '../src/drivers/driver.ts'
import type { WholeCloud } from '../src/mock.ts'
import type { Records, ResourceKind } from '../src/mock-cloud/records.ts'
import type { World } from '../src/mock-cloud/world.ts'
import type { ErrorKind } from '../src/model/errors.ts'
import { type Answer, type Ask, type Client, prepareRequest, type Sent, Transcript } from './client.ts'
import type { Subject } from './harness.ts'
import type { IllegalMutation } from './mutations/mutations.ts'
import type { PagedTransport } from './mutations/paged-transport.ts'
import type { PageFlaw } from './mutations/pages.ts'
import type { AttributeRow, ErrorRow } from './mutations/shapes.ts'
import { Observations } from './observations.ts'
import type { HarEntry } from './replay/har.ts'
import type { Recording } from './replay/recording.ts'
import type { StepOutcome } from './replay/steps.ts'
import type { SourceKind } from './results.ts'
import { requestedBy } from './statistics.ts'
import type { Flow, StreamedAnswer, StreamedRequest } from './streaming.ts'
import type { SentRequest, Traffic } from './traffic.ts'

/** The case can't be judged here: what it asks isn't recorded, or isn't there. */
export class Inconclusive extends Error {
  constructor(reason: string) {
    super(reason)
    this.name = 'Inconclusive'
  }
}

/** A law is broken. */
export class LawViolation extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'LawViolation'
  }
}

let comparisons = 0

/** How often something was compared so far, in this process: a case in which nothing was says nothing. */
export const countComparisons = (): number => comparisons

/** @throws LawViolation with the sentence where the claim doesn't hold. */
export function hold(claim: boolean, sentence: string | (() => string)): asserts claim {
  comparisons++
  if (!claim) throw new LawViolation(typeof sentence === 'string' ? sentence : sentence())
}

export interface CloudUnderTestOptions {
  readonly subject: Subject
  readonly source: SourceKind
  readonly offer: Offer
  readonly credentials: Credentials
  /** Collections that may be listed here; all that the driver has by default. */
  readonly collections?: readonly string[]
  /** Carries a request out. */
  readonly send: (request: Sent) => Promise<Answer>
  /** What the source adds, for laws that need it. */
  readonly abilities?: Abilities
}

/** What may be wrong with a provider, or the way to it. */
export const troubles = [
  'a server error',
  'no service',
  'no answer in time',
  'throttling',
  'a broken connection',
  'half an answer',
  'garbage',
] as const
export type Trouble = (typeof troubles)[number]

/** How a provider says that it's asked too often. */
export interface Throttling {
  readonly seconds: number
  /** As `Retry-After` has the wait. */
  readonly form: 'seconds' | 'date'
  readonly times: number
  /** In the words of the protocol, or by a bare status. */
  readonly isOwn: boolean
}

/** The simulator itself, without an API before it. */
export interface Simulated {
  readonly cloud: WholeCloud
  readonly world: World
}

/** A cloud that has nothing in common with the one beside it but the users' names. */
export interface Elsewhere {
  /** For people: `the region eu-west-1`. */
  readonly name: string
  readonly open: () => Promise<CloudUnderTest>
  /** Collections that both have in common all the same. */
  readonly shared: readonly string[]
}

/** What only some sources can do. */
export interface Abilities {
  /** Lets cloud time pass, milliseconds. */
  readonly wait?: (milliseconds: number) => Promise<void>
  /** The cloud's time, milliseconds since 1970. */
  readonly now?: () => number
  /** Lets all happen that's under way. */
  readonly settle?: () => Promise<void>
  /** All that was logged, as text. */
  readonly log?: () => string
  /** Secrets in use: credentials, and tokens of the provider. */
  readonly secrets?: () => readonly string[]
  /** Secrets that are a resource themselves, which its own document shows: a new key, an instance's login. */
  readonly resources?: () => readonly string[]
  /** What a recorder that looked on would write, as the texts of its files. */
  readonly written?: () => readonly string[]
  /** The cloud's own log of events, one line each, of this case's world. */
  readonly events?: () => Promise<readonly string[]>
  /** The same cloud without the driver under test: a twin that began alike, and goes its own way. */
  readonly twin?: () => Promise<CloudUnderTest>
  /** The simulator behind the API, where that is what's tested. */
  readonly simulator?: () => Promise<Simulated>
  /** What the simulator kept of the account’s resources of a kind, also what no API shows. */
  readonly records?: <K extends ResourceKind>(kind: K) => Promise<readonly Records[K][]>
  /** Lets the driver’s own operations be used, for what the API has no parameter for. */
  readonly operate?: <T>(task: (cloud: Cloud) => Promise<T>) => Promise<T>
  /** Another cloud beside it that began alike: same driver, same provider, nothing in common. */
  readonly fork?: () => Promise<CloudUnderTest>
  /** Puts the provider in trouble from now on; where it's said, only for requests that change something. */
  readonly trouble?: (trouble: Trouble, only?: 'changes') => Promise<void>
  /** Lets the provider say that it's asked too often, so many times. */
  readonly throttle?: (throttling: Throttling) => Promise<void>
  /** Lets the provider take a token no more: those that it gave until now, or none ever. */
  readonly refuseTokens?: (which: 'given' | 'all') => Promise<void>
  /** Runs a task while the provider gives each list in one page. */
  readonly inOnePage?: <T>(task: () => Promise<T>) => Promise<T>
  /** What the provider was sent. */
  readonly traffic?: Traffic
  /** Carries a request out whose content isn't held in one piece. */
  readonly stream?: (request: StreamedRequest) => Promise<StreamedAnswer>
  /** What passes between the driver and its provider. */
  readonly flow?: Flow
  /** Where the provider is: nothing else may be asked. */
  readonly origin?: string
  /** The one region of it that was chosen, and how a request tells which it's for. */
  readonly region?: { readonly name: string; readonly of: (request: SentRequest) => string | undefined }
  /** Other clouds that the same driver reaches by other providers, in the same server, with the same accounts. */
  readonly elsewhere?: readonly Elsewhere[]
  /** What the simulator itself keeps of an account here, by collection. */
  readonly accountRecords?: (user: string) => Promise<Readonly<Record<string, string>>>
  /** Lets every boot fail from now on. */
  readonly failBoots?: () => Promise<void>
  /** Lets the cloud itself refuse everything from now on. */
  readonly refuse?: (kind: ErrorKind) => Promise<void>
  /** Another account of the same cloud. */
  readonly stranger?: Credentials
  /** Why an exchange couldn't be answered, where one wasn't recorded since the last look. */
  unrecorded?: () => string | undefined
  /** What of a recording couldn't be replayed as it was recorded, and was asked: a law that is broken then says nothing of the driver. */
  readonly gaps?: () => readonly string[]
  /** What the provider recorded, and what was done to it. */
  readonly recorded?: RecordedSource | undefined
}

/** Something that the provider's documents describe, in a recording; and the step whose answer must show it. */
export type Fed =
  | { readonly kind: 'state'; readonly step: number; readonly of: string; readonly id: string; readonly native: string }
  | { readonly kind: 'values'; readonly step: number; readonly of: string; readonly row: AttributeRow }
  | { readonly kind: 'error'; readonly step: number; readonly row: ErrorRow; readonly failing: ReadonlySet<HarEntry> }
/** The steps of a recording, performed once more. */
export interface Performance {
  readonly answers: readonly { readonly what: string; readonly answer: Answer }[]
  /** All that was logged, as text. */
  readonly log: string
  /** What a recorder that looked on would write, as the texts of its files. */
  readonly written: readonly string[]
}

/** A recording whose lists come in pages. */
export interface RecordedPages {
  /** What is wrong with a cursor, if anything. */
  readonly flaw: PageFlaw | undefined
  readonly transport: Pick<PagedTransport, 'isMet' | 'isEndless' | 'strays'>
  /** What the steps are answered where each list is in one page. */
  readonly whole: () => Promise<readonly StepOutcome[]>
}

export interface RecordedSource {
  readonly recording: Recording
  /** What was done to it, in words; none where it's as it was recorded. */
  readonly mutations: readonly string[]
  /** Whether that's more than a provider may do. */
  readonly isIllegal: boolean
  /** Which documented state, error or value was put in, where that was done for one step. */
  readonly fed?: Fed | undefined
  /** How its lists were cut into pages, where they were. */
  readonly pages?: RecordedPages | undefined
  /** What its provider did that none should, each with the status of its answer. */
  readonly troubles: readonly { readonly mutation: IllegalMutation; readonly status: number }[]
  /** What its steps were answered, as JSON. */
  readonly outcomes: readonly StepOutcome[]
  /** What is wrong with what became of one kind of change, as sentences; undefined where nothing of the kind was done. */
  readonly judge?: ((kind: 'order' | 'extra' | 'absent') => Promise<readonly string[] | undefined>) | undefined
  /** How the frontend of the protocol answers what was recorded: what is wrong, as sentences; undefined where it serves none of it. */
  readonly compareFrontend?: (() => Promise<readonly string[] | undefined>) | undefined
  /** Where one text of its provider is another: that text, and the same recording with a third in its place. */
  readonly otherwise?:
    | { readonly text: string; readonly open: (instead: string) => Promise<AsyncDisposable & { readonly cloud: CloudUnderTest }> }
    | undefined
  /** Performs its steps from their beginning, with whatever was done to the recording. */
  readonly perform?: ((format: 'xml' | 'json' | 'html') => Promise<Performance>) | undefined
  /** Runs its steps from their beginning, through the real HTTP stack. @returns what is wrong, as sentences */
  readonly replay: (format: 'xml' | 'json') => Promise<readonly string[]>
}

export class CloudUnderTest implements Client {
  readonly subject: Subject
  readonly source: SourceKind
  readonly offer: Offer
  readonly credentials: Credentials
  readonly collections: readonly string[]
  readonly abilities: Abilities
  readonly seen = new Observations()
  readonly transcript: Transcript
  /** Before the collection in each address. */
  readonly root = '/api'
  private readonly send: CloudUnderTestOptions['send']
  /** State of each instance, as last seen. */
  private readonly lastSeen = new Map<string, string>()

  constructor({ subject, source, offer, credentials, collections = collectionsOf(offer), send, abilities = {} }: CloudUnderTestOptions) {
    this.subject = subject
    this.source = source
    this.offer = offer
    this.credentials = credentials
    this.collections = collections
    this.send = send
    this.abilities = abilities
    this.transcript = new Transcript(
      () => [credentials.password, abilities.stranger?.password ?? '', ...(abilities.secrets?.() ?? [])],
      credentials,
    )
  }

  /** @throws Inconclusive where the source can't answer. */
  async ask(request: Ask | string): Promise<Answer> {
    const outgoing = prepareRequest(request, this.credentials)
    this.abilities.traffic?.begin()
    const answer = await this.send(outgoing)
    this.transcript.note(outgoing, answer)
    this.count(outgoing, answer)
    const reason = this.abilities.unrecorded?.()
    if (reason !== undefined) throw new Inconclusive(reason)
    if (answer.status < 400) this.notice(outgoing.target)
    return answer
  }

  /** The same cloud, asked by someone else. */
  as(credentials: Credentials): CloudUnderTest {
    const { subject, source, offer, collections, send, abilities } = this
    return new CloudUnderTest({ subject, source, offer, credentials, collections, send, abilities })
  }

  /** Whether the driver has an operation. */
  offers(group: keyof Offer['operations'], operation: string): boolean {
    const table = this.offer.operations[group]
    return table !== undefined && Object.hasOwn(table, operation)
  }

  /** Lets cloud time pass. @throws Inconclusive where time can't be moved. */
  async wait(milliseconds: number): Promise<void> {
    if (this.abilities.wait === undefined) throw new Inconclusive('time can’t be moved here')
    this.transcript.remark(`${milliseconds} ms pass`)
    await this.abilities.wait(milliseconds)
  }

  /** Lets all happen that's under way. @throws Inconclusive where that can't be seen to. */
  async settle(): Promise<void> {
    if (this.abilities.settle === undefined) throw new Inconclusive('nothing can be waited for here')
    this.transcript.remark('all comes to rest')
    await this.abilities.settle()
  }

  /** An instance was seen: notes its state, and how it got there. @param on the action that was asked for since the last look, if any */
  sawInstance(id: string, state: string, on?: string): void {
    this.seen.state(state)
    // What was just made comes from the beginning.
    const before = on === 'create' ? 'start' : this.lastSeen.get(id)
    this.lastSeen.set(id, state)
    const { machine } = this.offer
    if (machine === undefined || before === undefined) return
    const moved = machine
      .from(before)
      .find(move => move.to === state && (on === undefined ? move.on === 'automatically' || move.on === 'possibly' : move.on === on))
    if (moved !== undefined) this.seen.transition(moved.from, moved.on, moved.to)
  }

  private count(request: Sent, { status }: Answer): void {
    const found = requestedBy(request)
    if (found === undefined) return
    const { operation, id } = found
    const isAction = /^instances\.(start|stop|reboot|destroy)$/.test(operation)
    this.seen.request(operation, status, isAction && id !== undefined ? this.lastSeen.get(id) : undefined)
  }

  private notice(target: string): void {
    const [, collection] = /^\/api\/([a-z_]+)/.exec(target) ?? []
    if (collection !== undefined) this.seen.collection(collection)
  }
}

/** The collections that a driver can list, in the order of the alphabet. */
export const collectionsOf = ({ operations }: Offer): readonly string[] =>
  Object.entries(operations)
    .filter(([, table]) => table !== undefined && Object.hasOwn(table, 'list'))
    .map(([name]) => name)
    .sort()
