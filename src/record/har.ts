/** Traffic as it's written down: HAR 1.2, as far as a recorder fills it. */

export interface Pair {
  readonly name: string
  readonly value: string
}

export interface Content {
  readonly text: string
  /** Of what is no text. */
  readonly encoding?: 'base64'
}

export interface RecordedExchange {
  readonly startedDateTime: string
  /** Milliseconds. */
  readonly time: number
  readonly method: string
  readonly url: string
  readonly requestHeaders: readonly Pair[]
  readonly requestBody: Content | undefined
  readonly requestType: string
  readonly status: number
  readonly statusText: string
  readonly responseHeaders: readonly Pair[]
  readonly responseBody: Content | undefined
  readonly responseType: string
}

/** The text of a HAR file. */
export const harOf = (exchanges: readonly RecordedExchange[]): string =>
  `${JSON.stringify({ log: { version: '1.2', creator: { name: 'deltacloud', version: '1' }, entries: exchanges.map(entryOf) } }, null, 2)}\n`

const entryOf = (one: RecordedExchange): object => ({
  startedDateTime: one.startedDateTime,
  time: one.time,
  request: {
    method: one.method,
    url: one.url,
    httpVersion: 'HTTP/1.1',
    headers: one.requestHeaders,
    queryString: [...new URL(one.url).searchParams].map(([name, value]) => ({ name, value })),
    cookies: [],
    headersSize: -1,
    bodySize: sizeOf(one.requestBody),
    ...(one.requestBody === undefined ? {} : { postData: { mimeType: one.requestType, ...one.requestBody } }),
  },
  response: {
    status: one.status,
    statusText: one.statusText,
    httpVersion: 'HTTP/1.1',
    headers: one.responseHeaders,
    cookies: [],
    content: { size: sizeOf(one.responseBody), mimeType: one.responseType, ...one.responseBody },
    redirectURL: '',
    headersSize: -1,
    bodySize: sizeOf(one.responseBody),
  },
  cache: {},
  timings: { send: 0, wait: one.time, receive: 0 },
})

const sizeOf = (content: Content | undefined): number =>
  content === undefined ? 0 : Buffer.byteLength(content.text, content.encoding ?? 'utf8')
