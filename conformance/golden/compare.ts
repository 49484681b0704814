/** Compares our answer with the original's, by the rules at the end of the captures' README. */

import { type Difference, different, missing, unexpected } from './difference.ts'
import { type Answer, headerOf, mediaTypeOf } from './exchange.ts'
import { compareHtml } from './html.ts'
import { compareJson, parseJson } from './json.ts'
import { type Comparison, isSame } from './same.ts'
import { compareXml, MalformedXml, parseXml } from './xml.ts'

export const compareAnswers = (ours: Answer, comparison: Comparison): Difference[] => {
  const { recorded } = comparison.exchange
  return [
    ...(recorded.status === ours.status ? [] : [different('status', String(recorded.status), String(ours.status))]),
    ...compareHeaders(ours, comparison),
    ...compareBodies(ours, comparison),
  ]
}

type Reader = (value: string) => readonly string[]

const whole: Reader = value => [value]

/** A header counts by what its reader makes of it: the whole text, or members of a set. */
const readers: Readonly<Record<string, Reader>> = {
  'content-type': value => [value.split(';')[0]?.trim().toLowerCase() ?? ''],
  location: whole,
  allow: value => value.split(',').map(item => item.trim()),
  'www-authenticate': value => [value.split(' ')[0]?.toLowerCase() ?? ''],
  expect: whole,
  'content-disposition': value => [value.replaceAll('"', '')],
  etag: () => ['present'],
}

const compareHeaders = (ours: Answer, comparison: Comparison): Difference[] => {
  const { recorded } = comparison.exchange
  const extensions = [...recorded.headers, ...ours.headers]
    .map(([name]) => name.toLowerCase())
    .filter(name => name.startsWith('x-deltacloud-'))
  return [...Object.keys(readers), ...new Set(extensions)].flatMap(name => {
    const read = readers[name] ?? whole
    const values = (answer: Answer): readonly string[] => {
      const text = headerOf(answer.headers, name)
      return text === undefined ? [] : read(text)
    }
    return compareSets(`header ${name}`, values(recorded), values(ours), comparison)
  })
}

/** A header with one value differs as a whole; of several values each counts for itself. */
const compareSets = (at: string, recorded: readonly string[], ours: readonly string[], comparison: Comparison): Difference[] => {
  const [a, b] = [recorded[0], ours[0]]
  if (recorded.length <= 1 && ours.length <= 1) {
    if (a === undefined) return b === undefined ? [] : [unexpected(at, b)]
    if (b === undefined) return [missing(at, a)]
    return isSame(a, b, comparison) ? [] : [different(at, a, b)]
  }
  return [
    ...[...new Set(recorded)].filter(value => !ours.includes(value)).map(value => missing(`${at}[${value}]`, value)),
    ...[...new Set(ours)].filter(value => !recorded.includes(value)).map(value => unexpected(`${at}[${value}]`, value)),
  ]
}

const compareBodies = (ours: Answer, comparison: Comparison): Difference[] => {
  const { exchange, aliases } = comparison
  const { recorded } = exchange
  if (recorded.body.length === 0) return ours.body.length === 0 ? [] : [unexpected('body', excerpt(ours.body))]
  if (exchange.method === 'HEAD') return []
  if (ours.body.length === 0) return [missing('body', excerpt(recorded.body))]
  const [theirs, text] = [recorded.body.toString(), ours.body.toString()]
  switch (mediaTypeOf(recorded)) {
    case 'application/xml':
      return compareParsed('xml', () => compareXml(parseXml(theirs), parseXml(text), comparison))
    case 'application/json':
      return compareParsed('json', () => compareJson(parseJson(theirs), parseJson(text), comparison))
    case 'text/html':
      if (theirs.trimStart().startsWith('<'))
        return mediaTypeOf(ours) === 'text/html' ? compareHtml(theirs, text, exchange.url, aliases) : []
      return isSame(theirs, text, comparison) ? [] : [different('body', excerpt(recorded.body), excerpt(ours.body))]
    case 'image/png':
      return ours.body.subarray(0, 8).equals(recorded.body.subarray(0, 8)) ? [] : [different('body', 'a PNG', excerpt(ours.body))]
    default:
      return recorded.body.equals(ours.body) ? [] : [different('body', excerpt(recorded.body), excerpt(ours.body))]
  }
}

/** A document that can't be read is a difference, whichever side it's on. */
const compareParsed = (kind: string, compare: () => Difference[]): Difference[] => {
  try {
    return compare()
  } catch (error) {
    if (error instanceof MalformedXml || error instanceof SyntaxError)
      return [different(`${kind} form`, 'well-formed documents', error.message)]
    throw error
  }
}

const excerpt = (body: Buffer): string => body.toString('utf8', 0, 300)
