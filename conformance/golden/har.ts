/** Reads golden captures: HAR 1.2 files with the extra fields that the captures' README describes. */

import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { type Answer, type Exchange, exchangeOf } from './exchange.ts'

/** One file: what it shows, and its exchanges in the order in which they happened. */
export interface Capture {
  /** Path below the folder of captures: `images/read.har`. */
  readonly name: string
  readonly comment: string | undefined
  readonly exchanges: readonly Exchange[]
}

/** A file that isn't a capture; the message names file, place and reason. */
export class MalformedCapture extends Error {
  constructor(name: string, reason: string) {
    super(`${name}: ${reason}`)
    this.name = 'MalformedCapture'
  }
}

const header = z.object({ name: z.string().min(1), value: z.string() })

const entry = z.object({
  startedDateTime: z.iso.datetime({ offset: true }),
  request: z.object({
    method: z.string().regex(/^[A-Z]+$/, 'a method in capitals'),
    url: z.string().regex(/^https?:\/\/[^/?#]+\//, 'an absolute URL with a path'),
    headers: z.array(header),
    postData: z
      .object({ text: z.string().optional(), params: z.array(z.object({ name: z.string(), value: z.string().default('') })).optional() })
      .optional(),
  }),
  response: z.object({
    status: z.int().min(100).max(599),
    headers: z.array(header),
    content: z.object({ text: z.string().optional(), encoding: z.literal('base64').optional() }),
  }),
  comment: z.string().optional(),
  _volatile: z
    .object({
      headers: z.array(z.string()).default([]),
      body: z.boolean().default(false),
      bodyTokens: z.array(z.string()).default([]),
      url: z.boolean().default(false),
      requestBody: z.boolean().default(false),
    })
    .prefault({}),
  _scrubbed: z.array(z.string()).default([]),
})

const har = z.object({ log: z.object({ version: z.string(), comment: z.string().optional(), entries: z.array(entry) }) })

/** @throws MalformedCapture for text that isn't a capture. */
export const parseCapture = (name: string, text: string): Capture => {
  const result = har.safeParse(jsonOf(name, text))
  if (!result.success)
    throw new MalformedCapture(name, result.error.issues.map(issue => `${placeOf(issue.path)}: ${issue.message}`).join('; '))
  const { log } = result.data
  return {
    name,
    comment: log.comment,
    exchanges: log.entries.map((recorded, index) =>
      exchangeOf({
        file: name,
        index,
        comment: recorded.comment,
        startedAt: new Date(recorded.startedDateTime),
        method: recorded.request.method,
        url: recorded.request.url,
        headers: pairs(recorded.request.headers),
        body: bodyOf(recorded.request.postData),
        recorded: answerOf(recorded.response),
        volatile: {
          body: recorded._volatile.body,
          tokens: recorded._volatile.bodyTokens,
          url: recorded._volatile.url,
          requestBody: recorded._volatile.requestBody,
        },
        scrubbed: recorded._scrubbed,
      }),
    ),
  }
}

export const readCapture = async (name: string, path: string): Promise<Capture> => parseCapture(name, await readFile(path, 'utf8'))

const jsonOf = (name: string, text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new MalformedCapture(name, `not JSON (${error instanceof Error ? error.message : String(error)})`)
  }
}

/** `log.entries[3].request.method` */
const placeOf = (path: readonly PropertyKey[]): string =>
  path.map((part, at) => (typeof part === 'number' ? `[${part}]` : `${at === 0 ? '' : '.'}${String(part)}`)).join('') || 'the file'

const pairs = (headers: readonly { name: string; value: string }[]): [string, string][] => headers.map(({ name, value }) => [name, value])

const bodyOf = (data: z.infer<typeof entry>['request']['postData']): Buffer | undefined => {
  if (data === undefined) return undefined
  if (data.text !== undefined) return Buffer.from(data.text)
  return Buffer.from(new URLSearchParams(pairs(data.params ?? [])).toString())
}

const answerOf = (response: z.infer<typeof entry>['response']): Answer => ({
  status: response.status,
  headers: pairs(response.headers),
  body: Buffer.from(response.content.text ?? '', response.content.encoding ?? 'utf8'),
})
