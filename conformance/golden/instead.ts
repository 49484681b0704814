/** What ours must be where it isn't the original's: checks that rules are made of. */

import { type Answer, type Exchange, headerOf, mediaTypeOf, targetOf } from './exchange.ts'
import { isObject, type Json, parseJson } from './json.ts'
import type { Check } from './rules.ts'
import { type Element, findElement, MalformedXml, parseXml } from './xml.ts'

const types: Readonly<Record<string, string>> = {
  xml: 'application/xml',
  json: 'application/json',
  html: 'text/html',
  none: 'application/xml',
}

export const all =
  (...checks: readonly Check[]): Check =>
  (ours, exchange, world) => {
    for (const check of checks) {
      const complaint = check(ours, exchange, world)
      if (complaint !== undefined) return complaint
    }
    return undefined
  }

export const status =
  (...expected: readonly number[]): Check =>
  ours =>
    expected.includes(ours.status) ? undefined : `answers ${ours.status}, not ${expected.join(' or ')}`

/** The header is there, and says this. */
export const header =
  (name: string, expected: RegExp): Check =>
  ours => {
    const value = headerOf(ours.headers, name)
    return value !== undefined && expected.test(value) ? undefined : `${name} is ${value ?? 'absent'}, not ${expected}`
  }

/** In the format that the request asks for. */
export const negotiated: Check = (ours, exchange) =>
  mediaTypeOf(ours) === types[exchange.format] ? undefined : `is ${mediaTypeOf(ours) ?? 'untyped'}, not ${types[exchange.format]}`

/** An error document in the negotiated format with this status, and this message where one is given. */
export const errorDocument = (
  expected: number | readonly number[],
  message?: string | RegExp | ((exchange: Exchange) => string | RegExp),
): Check => {
  const statuses = typeof expected === 'number' ? [expected] : expected
  return all(status(...statuses), negotiated, (ours, exchange) => {
    if (exchange.method === 'HEAD') return undefined
    const wanted = typeof message === 'function' ? message(exchange) : message
    const said = readOrProblem(() => messageOf(ours))
    if (typeof said !== 'string') return said.problem
    if (wanted === undefined || (wanted instanceof RegExp ? wanted.test(said) : said === wanted || mediaTypeOf(ours) === 'text/html'))
      return undefined
    return `says "${said}", not "${wanted}"`
  })
}

/** The document of one resource or collection: its root element in XML, its key in JSON, a page otherwise. */
export const document = (root: string): Check =>
  all(negotiated, (ours, exchange) => {
    if (exchange.method === 'HEAD' || exchange.format === 'html') return undefined
    const name = readOrProblem(() => rootOf(ours))
    return typeof name === 'string' ? (name === root ? undefined : `is a document of ${name}, not ${root}`) : name.problem
  })

/** 201 with the resource, and `Location` pointing at it. */
export const created = (root: string): Check => all(status(201), document(root), header('location', /^http:\/\/localhost:3001\/api\/./))

/** The message that the original gave as plain text. */
export const sameMessage = (exchange: Exchange): string => exchange.recorded.body.toString().trim()

/** Of the path: `/api/storage_volumes/vol1` is about a `storage_volume`. */
export const singularOf = (path: string): string => {
  const collection = path.split('/')[2] ?? ''
  return collection.endsWith('sses') ? collection.slice(0, -2) : collection.replace(/s$/, '')
}

export const xmlOf = (answer: Answer): Element | undefined => {
  const found =
    mediaTypeOf(answer) === 'application/xml' && answer.body.length > 0 ? readOrProblem(() => parseXml(answer.body.toString())) : undefined
  return found !== undefined && 'name' in found ? found : undefined
}

export const jsonOf = (answer: Answer): Json | undefined => {
  if (mediaTypeOf(answer) !== 'application/json' || answer.body.length === 0) return undefined
  const found = readOrProblem(() => ({ value: parseJson(answer.body.toString()) }))
  return 'value' in found ? found.value : undefined
}

/** Path of the resource in Location. */
export const locationOf = (answer: Answer): string | undefined => {
  const location = headerOf(answer.headers, 'location')
  return location === undefined ? undefined : targetOf(location)
}

const readOrProblem = <T>(read: () => T): T | { problem: string } => {
  try {
    return read()
  } catch (error) {
    if (error instanceof MalformedXml || error instanceof SyntaxError) return { problem: `malformed: ${error.message}` }
    throw error
  }
}

const rootOf = (ours: Answer): string => {
  const text = ours.body.toString()
  if (mediaTypeOf(ours) === 'application/xml') return parseXml(text).name
  const json = parseJson(text)
  return isObject(json) ? (Object.keys(json)[0] ?? '') : ''
}

/** The message of an error document; the whole page in HTML. */
const messageOf = (ours: Answer): string | { problem: string } => {
  const text = ours.body.toString()
  switch (mediaTypeOf(ours)) {
    case 'application/xml': {
      const root = parseXml(text)
      const message = findElement(root, 'message')?.text ?? ''
      const told =
        root.name === 'error' &&
        root.attributes.get('status') === String(ours.status) &&
        findElement(root, 'code')?.text === String(ours.status)
      return told && findElement(root, 'backend') !== undefined && message !== ''
        ? message
        : { problem: 'is no error document with status, code, backend and message' }
    }
    case 'application/json': {
      const root = parseJson(text)
      if (isObject(root) && root.code === ours.status && typeof root.message === 'string' && typeof root.error === 'string')
        return root.message
      return { problem: 'is no error document with code, message and error' }
    }
    default:
      return text.includes(String(ours.status)) ? text : { problem: 'is no page that shows the status' }
  }
}
