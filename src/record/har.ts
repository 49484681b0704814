/** Traffic as it's written down: HAR 1.2, as far as a recorder fills it. */

export interface Pair {
  readonly name: string
  readonly value: string
}

export interface Content {
  /** Of the text, or of what it's the Base64 of, in bytes. */
  readonly size: number
  /** Absent where it's larger than what is kept. */
  readonly text?: string
  /** Of what is no text. */
  readonly encoding?: 'base64'
}

export interface WrittenExchange {
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
export const harOf = (entries: readonly object[]): string =>
  `${JSON.stringify({ log: { version: '1.2', creator: { name: 'deltacloud', version: '1' }, entries } }, null, 2)}\n`

export const entryOf = (one: WrittenExchange): object => {
  const { requestBody, responseBody } = one
  return {
    startedDateTime: one.startedDateTime,
    time: one.time,
    request: {
      method: one.method,
      url: one.url,
      httpVersion: 'HTTP/1.1',
      headers: one.requestHeaders,
      queryString: parametersOf(one.url),
      cookies: [],
      headersSize: -1,
      bodySize: requestBody?.size ?? 0,
      ...(requestBody === undefined ? {} : { postData: { mimeType: one.requestType, ...sentOf(requestBody) } }),
    },
    response: {
      status: one.status,
      statusText: one.statusText,
      httpVersion: 'HTTP/1.1',
      headers: one.responseHeaders,
      cookies: [],
      content: { mimeType: one.responseType, size: 0, ...responseBody, ...leftOut(responseBody) },
      redirectURL: '',
      headersSize: -1,
      bodySize: responseBody?.size ?? 0,
    },
    cache: {},
    timings: { send: 0, wait: one.time, receive: 0 },
  }
}

const parametersOf = (url: string): readonly Pair[] => [...new URL(url).searchParams].map(([name, value]) => ({ name, value }))

const sentOf = ({ text = '', encoding, ...content }: Content): object => ({
  text,
  ...(encoding === undefined ? {} : { encoding }),
  ...leftOut(content),
})

const leftOut = (content: Content | undefined): object =>
  content === undefined || content.text !== undefined ? {} : { comment: `${content.size} bytes, more than are kept` }
