/** Traffic as it was recorded: HAR 1.2, the format that browsers, mitmproxy, Playwright and Polly.js read and write. */

import { z } from 'zod'
import { Problem } from '../problem.ts'

/** A file that isn't what it should be; the message names file, place and reason. */
export class MalformedRecording extends Problem {
  constructor(name: string, reasons: readonly string[]) {
    super(`${name}: ${reasons.join('; ')}`)
    this.name = 'MalformedRecording'
  }
}

const pair = z.looseObject({ name: z.string().min(1), value: z.string() })

const base64 = z.literal('base64')

const postData = z.looseObject({
  mimeType: z.string().min(1),
  text: z.string(),
  /** Beyond HAR 1.2, as some writers have it; others say so in a comment. */
  encoding: base64.optional(),
  comment: z.string().optional(),
})

const entry = z.looseObject({
  startedDateTime: z.iso.datetime({ offset: true }),
  time: z.number(),
  request: z.looseObject({
    method: z.string().regex(/^[A-Z]+$/, 'must be a method in capitals'),
    url: z.string().regex(/^https?:\/\/[^/?#]+/, 'must be an absolute URL'),
    httpVersion: z.string().min(1),
    headers: z.array(pair),
    queryString: z.array(z.looseObject({ name: z.string(), value: z.string() })),
    cookies: z.array(z.looseObject({})),
    headersSize: z.number(),
    bodySize: z.number(),
    postData: postData.optional(),
  }),
  response: z.looseObject({
    status: z.int().min(100).max(599),
    statusText: z.string(),
    httpVersion: z.string().min(1),
    headers: z.array(pair),
    cookies: z.array(z.looseObject({})),
    content: z.looseObject({
      size: z.number(),
      mimeType: z.string(),
      text: z.string().optional(),
      encoding: base64.optional(),
    }),
    redirectURL: z.string(),
    headersSize: z.number(),
    bodySize: z.number(),
  }),
  cache: z.looseObject({}),
  timings: z.looseObject({ send: z.number(), wait: z.number(), receive: z.number() }),
  comment: z.string().optional(),
})

const har = z.looseObject({
  log: z.looseObject({
    version: z.literal('1.2'),
    creator: z.looseObject({ name: z.string().min(1), version: z.string().optional() }),
    entries: z.array(entry).min(1, 'must have an exchange'),
    comment: z.string().optional(),
  }),
})

export type Har = z.infer<typeof har>
export type HarEntry = z.infer<typeof entry>

/** @param name of the file, for messages @throws MalformedRecording */
export const parseHar = (name: string, text: string): Har => parseFile(name, text, har)

/** The text of a file: readable, one line break at its end. */
export const writeHar = (value: Har): string => `${JSON.stringify(value, null, 2)}\n`

/** Reads a file of a recording by its schema. @throws MalformedRecording that names every place which is wrong */
export const parseFile = <T>(name: string, text: string, schema: z.ZodType<T>): T => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new MalformedRecording(name, [`not JSON (${error instanceof Error ? error.message : String(error)})`])
  }
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw new MalformedRecording(
    name,
    result.error.issues.map(issue => `${placeOf(issue.path)}: ${issue.message}`),
  )
}

/** `log.entries[3].request.method` */
const placeOf = (path: readonly PropertyKey[]): string =>
  path.map((part, at) => (typeof part === 'number' ? `[${part}]` : `${at === 0 ? '' : '.'}${String(part)}`)).join('') || 'the file'

export const requestBodyOf = ({ request }: HarEntry): Buffer | undefined => {
  const { postData: data } = request
  if (data === undefined) return undefined
  return Buffer.from(data.text, data.encoding === 'base64' || data.comment === 'base64' ? 'base64' : 'utf8')
}

export const responseBodyOf = ({ response }: HarEntry): Buffer =>
  Buffer.from(response.content.text ?? '', response.content.encoding ?? 'utf8')
