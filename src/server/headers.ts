/** Text in headers, both ways: names that are tokens, values that carry UTF-8, byte ranges. */

import type { ByteRange } from '../model/requests.ts'

/** Text as a header value: UTF-8 bytes, as clients send them too; control characters become blanks. */
export const headerText = (text: string): string =>
  Buffer.from(text, 'utf8')
    .toString('latin1')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what a header can't hold
    .replace(/[\u0000-\u001f\u007f]/g, ' ')

/** The text that a header value carries: UTF-8 where it is that, else Latin-1 as HTTP has it. */
export const textOfHeader = (value: string): string => {
  const bytes = Buffer.from(value, 'latin1')
  const text = bytes.toString('utf8')
  return text.includes('\ufffd') ? value : text
}

/** Text as part of a header's name: what a token can't hold becomes `_`. */
export const headerToken = (text: string): string => text.replace(/[^A-Za-z0-9!#$%&'*+.^_`|~-]/g, '_')

/** One range of bytes, as `Range` asks for it; undefined for anything else, which HTTP says to ignore. */
export const byteRange = (header: string): ByteRange | undefined => {
  const match = /^bytes=(\d*)-(\d*)$/i.exec(header.trim())
  const [, first = '', last = ''] = match ?? []
  if (first === '') return last === '' ? undefined : { last: position(last) }
  if (last === '') return { first: position(first) }
  return position(last) < position(first) ? undefined : { first: position(first), last: position(last) }
}

/** No content is as long as the largest number. */
const position = (digits: string): number => Math.min(Number(digits), Number.MAX_SAFE_INTEGER)
