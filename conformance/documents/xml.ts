/** Reads XML as strictly as XML 1.0 asks, so that a document that a browser would repair is found out. */

import { XMLParser, XMLValidator } from 'fast-xml-parser'

export interface Element {
  readonly name: string
  readonly attributes: ReadonlyMap<string, string>
  readonly children: readonly Element[]
  /** All its own text, references resolved, nothing trimmed; empty where a line break and blanks only lay the element out. */
  readonly text: string
}

/** @throws SyntaxError for what is not well-formed. */
export const readXml = (source: string): Element => {
  const wrong = forbidden.exec(source)
  if (wrong !== null) throw new SyntaxError(`XML can't hold U+${wrong[0].charCodeAt(0).toString(16)} (at ${wrong.index})`)
  if (!source.isWellFormed()) throw new SyntaxError('A surrogate stands alone')
  if (/<!DOCTYPE/i.test(source)) throw new SyntaxError('A document of ours has no document type')
  const verdict = XMLValidator.validate(source)
  if (verdict !== true) throw new SyntaxError(`${verdict.err.msg} (line ${verdict.err.line})`)
  const [root, ...others] = elementsOf(parser.parse(source))
  if (root === undefined || others.length > 0) throw new SyntaxError('A document has one root element')
  return root
}

/** The elements that a path of names leads to. */
export const findElements = (element: Element, ...path: readonly string[]): readonly Element[] => {
  const [name, ...rest] = path
  return name === undefined
    ? [element]
    : element.children.filter(child => child.name === name).flatMap(child => findElements(child, ...rest))
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const forbidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  attributesGroupName: false,
  cdataPropName: '#cdata',
  textNodeName: '#text',
  trimValues: false,
  parseTagValue: false,
  parseAttributeValue: false,
  // References are resolved here: the parser would leave unknown ones as they stand.
  processEntities: false,
  ignoreDeclaration: true,
})

type Node = Readonly<Record<string, unknown>>

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && !Array.isArray(value)

const nodesOf = (value: unknown): readonly Node[] => (Array.isArray(value) ? value.filter(isNode) : [])

const special: ReadonlySet<string> = new Set([':@', '#text', '#cdata'])

const elementsOf = (nodes: unknown): Element[] => nodesOf(nodes).flatMap(elementOf)

const elementOf = (node: Node): Element[] => {
  const name = Object.keys(node).find(key => !special.has(key))
  if (name === undefined) return []
  const content = nodesOf(node[name])
  const attributes = Object.entries(isNode(node[':@']) ? node[':@'] : {})
  const text = content.map(textOf).join('')
  return [
    {
      name,
      attributes: new Map(attributes.map(([key, value]) => [key, decodeReferences(String(value))])),
      children: content.flatMap(elementOf),
      text: dropLayout(text),
    },
  ]
}

/** The text without what only lays out the elements beside it. */
export const dropLayout = (text: string): string => (/^(\n *)+$/.test(text) ? '' : text)

const textOf = (node: Node): string => {
  if (node['#text'] !== undefined) return decodeReferences(String(node['#text']))
  return nodesOf(node['#cdata'])
    .map(inner => String(inner['#text']))
    .join('')
}

const named: ReadonlyMap<string, string> = new Map(Object.entries({ amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }))

/** @throws SyntaxError for a reference to nothing, or to what XML can't hold. */
const decodeReferences = (text: string): string => {
  if (text.includes(']]>')) throw new SyntaxError('The end of a CDATA section stands in text')
  return text.replace(/&([^;&]*;)?/g, whole => {
    const [, decimal, hexadecimal, name = ''] = /^&(?:#(\d+)|#x([0-9a-fA-F]+)|(\w+));$/.exec(whole) ?? []
    const code = decimal === undefined ? (hexadecimal === undefined ? undefined : Number.parseInt(hexadecimal, 16)) : Number(decimal)
    const character = code === undefined ? named.get(name) : String.fromCodePoint(code)
    if (character === undefined) throw new SyntaxError(`'${whole}' is no reference`)
    if (forbidden.test(character)) throw new SyntaxError(`'${whole}' refers to what XML can't hold`)
    return character
  })
}
