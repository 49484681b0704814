/** Traffic as it was recorded: HAR 1.2, as browsers, proxies and testing tools write it. */

import type { z } from 'zod'
import { isItem } from '../documents/read.ts'
import { Problem } from '../problem.ts'
import { type Attachments, readEntry } from './har-entry.ts'

/** A file that isn't what it should be; the message names file, place and reason. */
export class MalformedRecording extends Problem {
  constructor(name: string, reasons: readonly string[]) {
    super(`${name}: ${reasons.join('; ')}`)
    this.name = 'MalformedRecording'
  }
}

export interface Pair {
  readonly name: string
  readonly value: string
}

/** A request and its response, as far as a replay needs them: what HTTP doesn't allow is gone. */
export interface HarEntry {
  /** Empty where it can't be read. */
  readonly startedDateTime: string
  readonly request: {
    /** In capitals. */
    readonly method: string
    /** Absolute, without a fragment. */
    readonly url: string
    readonly headers: readonly Pair[]
    readonly postData?: { readonly mimeType: string; readonly text: string; readonly encoding?: 'base64' }
    /** Whether there was a body that the file doesn't hold. */
    readonly isBodyUnknown?: true
  }
  readonly response: {
    /** From 200 to 599. */
    readonly status: number
    readonly statusText: string
    readonly headers: readonly Pair[]
    /** Decoded, whatever the header Content-Encoding says. */
    readonly content: { readonly size: number; readonly mimeType: string; readonly text?: string; readonly encoding?: 'base64' }
    readonly bodySize: number
  }
  /** A request with a comment needn't be asked. */
  readonly comment?: string
}

/** What of a file can't be replayed as it was recorded. */
export interface HarNote {
  /** A sentence that names the entry, without secrets. */
  readonly text: string
  /** Whether a driver that asks this may get another answer than the provider gave. */
  readonly matters: boolean
  /** The request that it's about; undefined where that can't be read. */
  readonly request?: HarEntry['request']
}

export interface Har {
  readonly log: { readonly entries: readonly HarEntry[] }
  readonly notes: readonly HarNote[]
}

/**
 * Reads a file of any tool. Entries that can't be replayed are left out, and noted.
 * @param name of the file, for messages
 * @param attachments what other files hold: bodies that stand beside the HAR
 * @throws MalformedRecording for a file that is no HAR, and for one that has nothing to replay
 */
export const parseHar = (name: string, text: string, attachments: Attachments = () => undefined): Har => {
  const file = parseJson(name, text)
  const log = isItem(file) ? file.log : undefined
  const found = isItem(log) ? log.entries : undefined
  if (!Array.isArray(found)) throw new MalformedRecording(name, ['not a HAR file: it has no list log.entries'])
  if (found.length === 0) throw new MalformedRecording(name, ['log.entries: must have an exchange'])
  const read = found.map((entry, n) => readEntry(entry, `log.entries[${n}]`, attachments))
  const notes = read.flatMap(one => one.notes)
  const entries = read.flatMap(({ entry }) => entry ?? [])
  if (entries.length === 0)
    throw new MalformedRecording(name, ['none of its entries can be replayed', ...notes.slice(0, 3).map(note => note.text)])
  return { log: { entries }, notes }
}

/** The text of a file: readable, one line break at its end. */
export const writeHar = ({ log }: Har): string =>
  `${JSON.stringify({ log: { version: '1.2', creator: { name: 'deltacloud', version: '1' }, ...log } }, null, 2)}\n`

/** Reads a file of a recording by its schema. @throws MalformedRecording that names every place which is wrong */
export const parseFile = <T>(name: string, text: string, schema: z.ZodType<T>): T => {
  const result = schema.safeParse(parseJson(name, text))
  if (result.success) return result.data
  throw new MalformedRecording(
    name,
    result.error.issues.map(issue => `${placeOf(issue.path)}: ${issue.message}`),
  )
}

/** With or without a byte order mark. @throws MalformedRecording */
const parseJson = (name: string, text: string): unknown => {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ''))
  } catch (error) {
    // The parser quotes the file, which may hold secrets, or no text at all.
    const reason = (error instanceof Error ? error.message : String(error)).replace(/,? *(\.{3})?".*$/s, '').replace(/[^\x20-\x7e]/g, '?')
    throw new MalformedRecording(name, [`not JSON (${reason})`])
  }
}

/** `log.entries[3].request.method` */
const placeOf = (path: readonly PropertyKey[]): string =>
  path.map((part, at) => (typeof part === 'number' ? `[${part}]` : `${at === 0 ? '' : '.'}${String(part)}`)).join('') || 'the file'

export const requestBodyOf = ({ request: { postData } }: Pick<HarEntry, 'request'>): Buffer | undefined =>
  postData && Buffer.from(postData.text, postData.encoding ?? 'utf8')

export const responseBodyOf = ({ response }: HarEntry): Buffer =>
  Buffer.from(response.content.text ?? '', response.content.encoding ?? 'utf8')

/** When the traffic was recorded, milliseconds since 1970; 0 where no entry says. */
export const startOf = ({ log }: Har): number =>
  log.entries.map(({ startedDateTime }) => Date.parse(startedDateTime)).find(time => !Number.isNaN(time)) ?? 0
