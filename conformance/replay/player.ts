/**
 * Plays a recording: gives each request of a driver the answer that was recorded for it.
 *
 * Mutations cut a recording into stretches. A read is answered from the stretch that the recording is in, or else as it was last answered
 * before; a mutation by the next one that was recorded, and none may be skipped or repeated. An exchange with a comment answers a driver that
 * goes another way: it may be left out.
 */

import { type HarEntry, requestBodyOf } from './har.ts'
import { differences, isSame, type Meaning, meaningOf, type Outgoing } from './matching.ts'
import type { Recording } from './recording.ts'
import { unusedFails } from './scenario.ts'

/** A request that the recording has no answer to. */
export class Unrecorded extends Error {
  readonly kind: 'not recorded' | 'mutation skipped' | 'mutation repeated'

  constructor(kind: Unrecorded['kind'], message: string) {
    super(message)
    this.name = 'Unrecorded'
    this.kind = kind
  }
}

interface Recorded {
  readonly entry: HarEntry
  readonly meaning: Meaning
  isUsed: boolean
}

export class Player {
  readonly recording: Recording
  /** What couldn't be answered, in order: a driver may make something else of it. */
  readonly failures: Unrecorded[] = []
  /** What was answered, in order. */
  readonly answered: HarEntry[] = []
  /** What is asked beside the steps has no turn: only what holds at the end answers it. */
  isAfterwards = false
  private readonly all: readonly Recorded[]
  private readonly ignoresBody: boolean
  /** Operations that were asked: also method and path, where the body of a request tells its operation. */
  private readonly askedOperations = new Set<string>()
  private readonly repeatable: ReadonlySet<HarEntry>
  /** Index of the last mutation used; -1 before the first. */
  private last = -1

  /** @param repeatable mutations that change nothing, since they fail: asked again, they are answered again */
  constructor(recording: Recording, repeatable: ReadonlySet<HarEntry> = new Set()) {
    this.recording = recording
    this.repeatable = repeatable
    this.ignoresBody = recording.scenario.match?.body === 'ignore'
    this.all = recording.har.log.entries.map(entry => ({
      entry,
      meaning: meaningOf(outgoingOf(entry), { ignoresBody: this.ignoresBody }),
      isUsed: false,
    }))
  }

  /** @throws Unrecorded, which is also kept. */
  answer(request: Outgoing): HarEntry {
    const { secrets } = this.recording
    const asked = this.meaning(request)
    this.askedOperations.add(asked.operation).add(this.meaning({ ...request, body: undefined }).operation)
    try {
      const found = asked.isRead ? this.read(asked) : this.mutate(asked)
      found.isUsed = true
      const wrong = secrets?.wrongProof(request, found.entry)
      if (wrong !== undefined)
        throw new Unrecorded('not recorded', `${this.name}: ${asked.operation} proves who asks in another way: ${wrong}`)
      this.answered.push(found.entry)
      return found.entry
    } catch (error) {
      if (error instanceof Unrecorded) this.failures.push(error)
      throw error
    }
  }

  /** Exchanges that no request used, where that's a failure; those with a comment needn't be used. */
  unused(): readonly HarEntry[] {
    return unusedFails(this.recording.scenario)
      ? this.all.filter(({ isUsed, entry }) => !isUsed && entry.comment === undefined).map(({ entry }) => entry)
      : []
  }

  /** What of the file couldn't be replayed as it was recorded, and was asked: what came of it is no fault of a driver. */
  findGaps(): readonly string[] {
    return this.recording.har.notes
      .filter(
        ({ matters, request }) =>
          matters && (request === undefined || this.askedOperations.has(this.meaning(toOutgoing(request)).operation)),
      )
      .map(({ text }) => text)
  }

  /** What is asked, with the placeholders of the recording in place of the secrets that stand for them. */
  private meaning(request: Outgoing): Meaning {
    const { secrets } = this.recording
    return meaningOf(request, { ignoresBody: this.ignoresBody, ...(secrets === undefined ? {} : { putBack: secrets.putBack }) })
  }

  private get name(): string {
    return `${this.recording.driver}/${this.recording.name}`
  }

  private read(asked: Meaning): Recorded {
    const next = this.all.findIndex(({ meaning }, n) => n > this.last && !meaning.isRead && !this.mayBeLeftOut(n))
    const stretch = this.all.slice(this.last + 1, next < 0 ? undefined : next)
    const matching = (among: readonly Recorded[]) => among.filter(one => one.meaning.isRead && matchesRequest(asked, one))
    const here = matching(stretch)
    const found =
      here.find(({ isUsed }) => !isUsed) ??
      here.at(-1) ??
      (this.isAfterwards ? undefined : matching(this.all.slice(0, this.last + 1)).at(-1))
    if (found === undefined) throw this.unrecorded('not recorded', asked)
    return found
  }

  private mutate(asked: Meaning): Recorded {
    const before = this.all[this.last]
    if (before !== undefined && this.repeatable.has(before.entry) && isSame(asked, before.meaning)) return before
    for (let n = this.last + 1; n < this.all.length; n++) {
      const one = this.all[n]
      if (one === undefined || one.meaning.isRead) continue
      if (matchesRequest(asked, one)) {
        this.last = n
        return one
      }
      if (this.mayBeLeftOut(n)) continue
      const isLater = this.all.slice(n + 1).some(later => !later.meaning.isRead && matchesRequest(asked, later))
      if (isLater) throw this.unrecorded('mutation skipped', asked, one)
      break
    }
    const isRepeated = this.all.some(one => one.isUsed && !one.meaning.isRead && matchesRequest(asked, one))
    throw this.unrecorded(isRepeated ? 'mutation repeated' : 'not recorded', asked)
  }

  private mayBeLeftOut(n: number): boolean {
    return this.all[n]?.entry.comment !== undefined
  }

  private unrecorded(kind: Unrecorded['kind'], asked: Meaning, skipped?: Recorded): Unrecorded {
    const says = {
      'not recorded': `${asked.operation} was not recorded as it was asked`,
      'mutation skipped': `${asked.operation} comes before its turn: ${skipped?.meaning.operation} was recorded first`,
      'mutation repeated': `${asked.operation} was recorded once, and is asked again`,
    }[kind]
    const nearest = this.all
      .map(({ meaning }) => ({ meaning, differs: differences(asked, meaning) }))
      .sort((a, b) => distance(asked, a) - distance(asked, b))
      .slice(0, 2)
      .map(({ meaning, differs }) => `  nearest: ${meaning.operation}${differs.length === 0 ? '' : `; ${differs.join('; ')}`}`)
    return new Unrecorded(kind, [`${this.name}: ${says}`, ...nearest].join('\n'))
  }
}

const distance = (asked: Meaning, { meaning, differs }: { readonly meaning: Meaning; readonly differs: readonly string[] }): number =>
  differs.length + (meaning.operation === asked.operation ? 0 : sharesPath(meaning.operation, asked.operation) ? 10 : 100)

const sharesPath = (a: string, b: string): boolean => a.split(' ').at(-1) === b.split(' ').at(-1)

/** Of a request whose body isn't known, the body isn't compared. */
const matchesRequest = (asked: Meaning, { entry, meaning }: Recorded): boolean =>
  isSame(entry.request.isBodyUnknown ? { ...asked, body: undefined } : asked, meaning)

/** An exchange's request, as it went out. */
export const outgoingOf = ({ request }: HarEntry): Outgoing => toOutgoing(request)

const toOutgoing = (request: HarEntry['request']): Outgoing => {
  const { method, url, headers, postData } = request
  const type: [string, string][] =
    postData === undefined || headers.some(({ name }) => name.toLowerCase() === 'content-type') ? [] : [['Content-Type', postData.mimeType]]
  return {
    method,
    url,
    headers: [...headers.map(({ name, value }): [string, string] => [name, value]), ...type],
    body: requestBodyOf({ request }),
  }
}
