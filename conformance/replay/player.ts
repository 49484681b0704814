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
  /** What is asked beside the steps has no turn: only what holds at the end answers it. */
  isAfterwards = false
  private readonly all: readonly Recorded[]
  private readonly ignoresBody: boolean
  /** Index of the last mutation used; -1 before the first. */
  private last = -1

  constructor(recording: Recording) {
    this.recording = recording
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
    const asked = meaningOf(request, { ignoresBody: this.ignoresBody, ...(secrets === undefined ? {} : { putBack: secrets.putBack }) })
    try {
      const found = asked.isRead ? this.read(asked) : this.mutate(asked)
      found.isUsed = true
      const wrong = secrets?.wrongProof(request, found.entry)
      if (wrong !== undefined)
        throw new Unrecorded('not recorded', `${this.name}: ${asked.operation} proves who asks in another way: ${wrong}`)
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

  private get name(): string {
    return `${this.recording.driver}/${this.recording.name}`
  }

  private read(asked: Meaning): Recorded {
    const next = this.all.findIndex(({ meaning }, n) => n > this.last && !meaning.isRead && !this.mayBeLeftOut(n))
    const stretch = this.all.slice(this.last + 1, next < 0 ? undefined : next)
    const matching = (among: readonly Recorded[]) => among.filter(({ meaning }) => meaning.isRead && isSame(asked, meaning))
    const here = matching(stretch)
    const found =
      here.find(({ isUsed }) => !isUsed) ??
      here.at(-1) ??
      (this.isAfterwards ? undefined : matching(this.all.slice(0, this.last + 1)).at(-1))
    if (found === undefined) throw this.unrecorded('not recorded', asked)
    return found
  }

  private mutate(asked: Meaning): Recorded {
    for (let n = this.last + 1; n < this.all.length; n++) {
      const one = this.all[n]
      if (one === undefined || one.meaning.isRead) continue
      if (isSame(asked, one.meaning)) {
        this.last = n
        return one
      }
      if (this.mayBeLeftOut(n)) continue
      const isLater = this.all.slice(n + 1).some(({ meaning }) => !meaning.isRead && isSame(asked, meaning))
      if (isLater) throw this.unrecorded('mutation skipped', asked, one)
      break
    }
    const isRepeated = this.all.some(({ meaning, isUsed }) => isUsed && !meaning.isRead && isSame(asked, meaning))
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

/** An exchange's request, as it went out. */
export const outgoingOf = (entry: HarEntry): Outgoing => {
  const { method, url, headers, postData } = entry.request
  const type: [string, string][] =
    postData === undefined || headers.some(({ name }) => name.toLowerCase() === 'content-type') ? [] : [['Content-Type', postData.mimeType]]
  return {
    method,
    url,
    headers: [...headers.map(({ name, value }): [string, string] => [name, value]), ...type],
    body: requestBodyOf(entry),
  }
}
