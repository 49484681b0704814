/** Compares two XML documents: what the original's has must be in ours; lists go by key, and what ours has beyond is reported too. */

import { XMLParser, XMLValidator } from 'fast-xml-parser'
import { type Difference, different, missing, unexpected } from './difference.ts'
import { pairUp } from './pairing.ts'
import { type Comparison, isSame } from './same.ts'

export interface Element {
  readonly name: string
  readonly attributes: ReadonlyMap<string, string>
  readonly children: readonly Element[]
  /** All its own text, trimmed. */
  readonly text: string
}

export class MalformedXml extends Error {}

/** @throws MalformedXml with the reason. */
export const parseXml = (source: string): Element => {
  if (/<!DOCTYPE/i.test(source)) throw new MalformedXml('has a document type')
  const verdict = XMLValidator.validate(source)
  if (verdict !== true) throw new MalformedXml(`${verdict.err.msg} (line ${verdict.err.line})`)
  const [root, ...others] = elementsOf(parser.parse(source))
  if (root === undefined || others.length > 0) throw new MalformedXml('not one root element')
  return root
}

export const compareXml = (recorded: Element, ours: Element, comparison: Comparison): Difference[] =>
  recorded.name === ours.name
    ? compareElements(recorded, ours, `xml /${recorded.name}`, comparison)
    : [different('xml /', showElement(recorded), showElement(ours))]

/** An element as text, for reports and rules. */
export const showElement = ({ name, attributes, children, text }: Element): string => {
  const head = [name, ...[...attributes].map(([key, value]) => `${key}='${value}'`)].join(' ')
  const inner = children.map(showElement).join('') + text
  return inner === '' ? `<${head}/>` : `<${head}>${inner}</${name}>`
}

/** The first element below that has this name, at any depth. */
export const findElement = (element: Element, name: string): Element | undefined => {
  for (const child of element.children) {
    const found = child.name === name ? child : findElement(child, name)
    if (found !== undefined) return found
  }
  return undefined
}

// The request in an error document isn't compared; the backtrace was cut out of the captures.
const skipped: ReadonlySet<string> = new Set(['xml /error/request', 'xml /error/backtrace'])

const compareElements = (recorded: Element, ours: Element, at: string, comparison: Comparison): Difference[] => {
  const found: Difference[] = []
  for (const [name, value] of recorded.attributes) {
    const other = ours.attributes.get(name)
    if (other === undefined) found.push(missing(`${at}/@${name}`, value))
    else if (!isSame(value, other, comparison)) found.push(different(`${at}/@${name}`, value, other))
  }
  for (const [name, value] of ours.attributes) if (!recorded.attributes.has(name)) found.push(unexpected(`${at}/@${name}`, value))
  if (!isSame(recorded.text, ours.text, comparison)) found.push(different(`${at}/text()`, recorded.text, ours.text))
  return [...found, ...compareChildren(recorded, ours, at, comparison)]
}

const compareChildren = (recorded: Element, ours: Element, at: string, comparison: Comparison): Difference[] => {
  const names = new Set([...recorded.children, ...ours.children].map(child => child.name))
  const found = [...names].flatMap(name => {
    const one = (parent: Element) => parent.children.filter(child => child.name === name)
    const pairs = pairUp(one(recorded), one(ours), { factsOf: child => facts(child), show: showElement, comparison })
    const single = Math.max(one(recorded).length, one(ours).length) === 1
    return pairs.flatMap(({ recorded: a, ours: b, label }) => {
      const place = `${at}/${name}${single || label === undefined ? '' : `[${label}]`}`
      if (skipped.has(place)) return []
      if (b === undefined) return a === undefined ? [] : [missing(place, showElement(a))]
      return a === undefined ? [unexpected(place, showElement(b))] : compareElements(a, b, place, comparison)
    })
  })
  return recorded.name === 'images' ? [...found, ...orderOf(recorded, ours, at)] : found
}

/** Images come by owner and description, as far as both sides have them. */
const orderOf = (recorded: Element, ours: Element, at: string): Difference[] => {
  const ids = (parent: Element, other: Element) =>
    parent.children
      .map(child => child.attributes.get('id') ?? '')
      .filter(id => other.children.some(child => child.attributes.get('id') === id))
  const [expected, actual] = [ids(recorded, ours).join(' '), ids(ours, recorded).join(' ')]
  return expected === actual ? [] : [different(`${at} order`, expected, actual)]
}

const facts = ({ attributes, text }: Element): ReadonlyMap<string, string> =>
  text === '' ? attributes : new Map([...attributes, ['text', text]])

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  processEntities: false,
  cdataPropName: '#cdata',
  ignoreDeclaration: true,
  ignorePiTags: true,
})

type Node = Readonly<Record<string, unknown>>

const nodesOf = (value: unknown): Node[] => (Array.isArray(value) ? value.filter(isNode) : [])

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null

/** The parser's ordered form: each node has one key, its name, and its attributes under `:@`. */
const elementsOf = (nodes: unknown): Element[] =>
  nodesOf(nodes).flatMap(node => {
    const name = Object.keys(node).find(key => !key.startsWith('#') && key !== ':@')
    if (name === undefined) return []
    const [attributes, content] = [node[':@'], nodesOf(node[name])]
    return {
      name,
      attributes: new Map(isNode(attributes) ? Object.entries(attributes).map(([key, value]) => [key, decodeEntities(String(value))]) : []),
      children: elementsOf(content),
      text: content.map(textOf).join('').trim(),
    }
  })

const textOf = (node: Node): string => {
  if (typeof node['#text'] === 'string') return decodeEntities(node['#text'])
  return nodesOf(node['#cdata'])
    .map(part => String(part['#text'] ?? ''))
    .join('')
}

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }

const decodeEntities = (text: string): string =>
  text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex?: string, decimal?: string, name?: string) => {
    if (name !== undefined) return entities[name] ?? whole
    return String.fromCodePoint(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16))
  })
