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

/** What counts of a header's value. */
const canonical: Readonly<Record<string, (value: string) => string>> = {
  'content-type': value => value.split(';')[0]?.trim().toLowerCase() ?? '',
  location: value => value,
  'www-authenticate': value => value.split(' ')[0]?.toLowerCase() ?? '',
  expect: value => value,
  'content-disposition': value => value.replaceAll('"', ''),
  etag: () => 'present',
}

const compareHeaders = (ours: Answer, comparison: Comparison): Difference[] => {
  const { recorded } = comparison.exchange
  const extensions = [...recorded.headers, ...ours.headers]
    .map(([name]) => name.toLowerCase())
    .filter(name => name.startsWith('x-deltacloud-'))
  const single = [...Object.keys(canonical), ...new Set(extensions)].flatMap(name => {
    const [a, b] = [recorded, ours].map(({ headers }) => {
      const value = headerOf(headers, name)
      return value === undefined ? undefined : (canonical[name]?.(value) ?? value)
    })
    return compareValues(`header ${name}`, a, b, comparison)
  })
  return [...single, ...compareAllow(headerOf(recorded.headers, 'allow') ?? '', headerOf(ours.headers, 'allow') ?? '')]
}

const compareValues = (at: string, recorded: string | undefined, ours: string | undefined, comparison: Comparison): Difference[] => {
  if (recorded === undefined) return ours === undefined ? [] : [unexpected(at, ours)]
  if (ours === undefined) return [missing(at, recorded)]
  return isSame(recorded, ours, comparison) ? [] : [different(at, recorded, ours)]
}

/** Allow is a set, each member of which counts for itself. */
const compareAllow = (recorded: string, ours: string): Difference[] => {
  const [theirs, own] = [membersOf(recorded), membersOf(ours)]
  const lacking = [...theirs].filter(value => !own.has(value))
  const more = [...own].filter(value => !theirs.has(value))
  return [
    ...lacking.map(value => missing(`header allow[${value}]`, value)),
    ...more.map(value => unexpected(`header allow[${value}]`, value)),
  ]
}

const membersOf = (list: string): ReadonlySet<string> =>
  new Set(
    list
      .split(',')
      .map(item => item.trim())
      .filter(item => item !== ''),
  )

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
      if (isXml.test(theirs)) return compareParsed('xml', () => compareXml(parseXml(theirs), parseXml(text), comparison))
      if (theirs.trimStart().startsWith('<'))
        return mediaTypeOf(ours) === 'text/html' ? compareHtml(theirs, text, exchange.url, aliases) : []
      return isSame(theirs, text, comparison) ? [] : [different('body', excerpt(recorded.body), excerpt(ours.body))]
    case 'image/png':
      return ours.body.subarray(0, 8).equals(recorded.body.subarray(0, 8)) ? [] : [different('body', 'a PNG', excerpt(ours.body))]
    default:
      return recorded.body.equals(ours.body) ? [] : [different('body', excerpt(recorded.body), excerpt(ours.body))]
  }
}

/** The EC2 frontend of the original gives XML the type of a page (quirk E2). */
const isXml = /^\s*<(?:\?xml|\w+ xmlns=)/

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
