/** Reads a request target: path segments, matrix parameters, query. */

import { checkParameters } from './bounds.ts'
import { HttpError } from './errors.ts'
import { encodeSegment } from './links.ts'

export type Parameters = Map<string, string>

export interface RequestTarget {
  /** Decoded path segments, without matrix parameters; none for `/`. A trailing slash is tolerated (quirk P31). */
  readonly segments: readonly string[]
  readonly query: Parameters
  /** Matrix parameters of the first segment: they choose the driver and provider. */
  readonly first: Parameters
  /** Matrix parameters of the last segment: defaults for the operation's parameters (quirk P8). */
  readonly last: Parameters
  /** `/api;driver=x`, raw: what links are built on. */
  readonly root: string
}

const none: Parameters = new Map()

/** @throws HttpError 400 for percent-encoding that can't be decoded, and for more parameters than a request may have. */
export const readTarget = (target: string): RequestTarget => {
  const mark = target.indexOf('?')
  const path = mark < 0 ? target : target.slice(0, mark)
  const query = mark < 0 ? none : readForm(target.slice(mark + 1), 'The query')
  const matrix = path.indexOf(';')
  if (matrix >= 0) checkParameters(path.slice(matrix + 1), ';', 'The path')
  const raw = path.split('/')
  raw.shift()
  if (raw.length > 1 && raw[raw.length - 1] === '') raw.pop()
  let first = none
  let last = none
  const segments = raw.map((segment, index) => {
    const cut = segment.indexOf(';')
    if (cut < 0) {
      last = none
      return decode(segment)
    }
    last = readMatrix(segment.slice(cut + 1))
    if (index === 0) first = last
    return decode(segment.slice(0, cut))
  })
  if (segments.length === 1 && segments[0] === '') segments.pop()
  return { segments, query, first, last: segments.length > 1 ? last : none, root: rootOf(raw[0] ?? '', first) }
}

/** The value of `format` in the query, of a target that can't be read as a whole. */
export const formatNamed = (target: string): string | undefined => {
  const [, query = ''] = target.split('?', 2)
  const last = query.split('&').findLast(part => part.startsWith('format='))
  return last?.slice('format='.length)
}

/** The first segment again, with what of its matrix parameters chooses a cloud (quirk P9). */
const rootOf = (segment: string, matrix: Parameters): string => {
  const cut = segment.indexOf(';')
  let root = `/${cut < 0 ? segment : segment.slice(0, cut)}`
  for (const name of ['driver', 'provider']) {
    const value = matrix.get(name)
    if (value !== undefined) root += `;${name}=${encodeSegment(value)}`
  }
  return root
}

const decode = (text: string): string => {
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch {
    throw new HttpError(400, 'The path has a percent-encoding that is no text in UTF-8')
  }
}

/** Malformed parameters are ignored, as the original did. */
const readMatrix = (text: string): Parameters => {
  const found: Parameters = new Map()
  for (const part of text.split(';')) {
    const equals = part.indexOf('=')
    if (equals > 0) found.set(decode(part.slice(0, equals)), decode(part.slice(equals + 1)))
  }
  return found
}

/**
 * `a=1&b=2`, of a query or a form; of several values of one name the last counts.
 * @param what it's of, for messages: `The query`.
 * @throws HttpError 400 for percent-encoding that can't be decoded, and for more parameters than a request may have.
 */
export const readForm = (text: string, what: string): Parameters => {
  const found: Parameters = new Map()
  if (text === '') return found
  checkParameters(text, '&', what)
  for (const part of text.split('&')) {
    if (part === '') continue
    const equals = part.indexOf('=')
    found.set(decodeForm(equals < 0 ? part : part.slice(0, equals)), equals < 0 ? '' : decodeForm(part.slice(equals + 1)))
  }
  return found
}

const decodeForm = (text: string): string => {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text
  if (!spaced.includes('%')) return spaced
  try {
    return decodeURIComponent(spaced)
  } catch {
    throw new HttpError(400, 'A parameter has a percent-encoding that is no text in UTF-8')
  }
}
