/** Bodies of answers as trees, whatever their media type: read, changed by copy, and written again. */

import { XMLParser, XMLValidator } from 'fast-xml-parser'

export interface Tree {
  /** Of a member or an element; `*` in a list of JSON; empty for the root of JSON. */
  readonly name: string
  readonly kind: 'object' | 'list' | 'value' | 'element'
  readonly children: readonly Tree[]
  /** Of a value in JSON. */
  readonly value?: string | number | boolean | null
  /** Of an element without elements in it. */
  readonly text?: string
  readonly attributes?: readonly (readonly [string, string])[]
}

export type Media = 'json' | 'xml'

export interface Document {
  readonly media: Media
  readonly root: Tree
}

/** Undefined for what is neither JSON nor XML. SOAP is XML. */
export const readDocument = (text: string): Document | undefined => {
  const start = text.trimStart()
  if (start.startsWith('<')) {
    const root = readXml(text)
    return root === undefined ? undefined : { media: 'xml', root }
  }
  if (!start.startsWith('{') && !start.startsWith('[')) return undefined
  try {
    return { media: 'json', root: ofJson('', JSON.parse(text)) }
  } catch {
    return undefined
  }
}

export const writeDocument = ({ media, root }: Document): string =>
  media === 'json' ? JSON.stringify(toJson(root)) : `<?xml version="1.0" encoding="UTF-8"?>\n${toXml(root)}`

const ofJson = (name: string, value: unknown): Tree => {
  if (Array.isArray(value)) return { name, kind: 'list', children: value.map(inner => ofJson('*', inner)) }
  if (typeof value === 'object' && value !== null)
    return { name, kind: 'object', children: Object.entries(value).map(([key, inner]) => ofJson(key, inner)) }
  return {
    name,
    kind: 'value',
    children: [],
    value: typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null,
  }
}

const toJson = ({ kind, children, value, text }: Tree): unknown => {
  if (kind === 'list') return children.map(toJson)
  if (kind === 'object') return Object.fromEntries(children.map(child => [child.name, toJson(child)]))
  return value ?? text ?? null
}

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

const nodesOf = (value: unknown): readonly Node[] => (Array.isArray(value) ? value : [])

const readXml = (text: string): Tree | undefined => {
  if (/<!DOCTYPE/i.test(text) || XMLValidator.validate(text) !== true) return undefined
  return nodesOf(parser.parse(text)).flatMap(elementOf)[0]
}

const elementOf = (node: Node): Tree[] => {
  const name = Object.keys(node).find(key => key !== ':@' && !key.startsWith('#'))
  if (name === undefined) return []
  const content = nodesOf(node[name])
  const children = content.flatMap(elementOf)
  const attributes = Object.entries(typeof node[':@'] === 'object' && node[':@'] !== null ? node[':@'] : {}).map(
    ([key, value]) => [key, decoded(String(value))] as const,
  )
  return [{ name, kind: 'element', children, attributes, ...(children.length > 0 ? {} : { text: content.map(textOf).join('') }) }]
}

const textOf = (node: Node): string => {
  if (node['#text'] !== undefined) return decoded(String(node['#text']))
  return nodesOf(node['#cdata'])
    .map(inner => String(inner['#text'] ?? ''))
    .join('')
}

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }

const decoded = (text: string): string =>
  text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex?: string, decimal?: string, name?: string) => {
    if (name !== undefined) return entities[name] ?? whole
    return String.fromCodePoint(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16))
  })

// biome-ignore lint/suspicious/noControlCharactersInRegex: XML can't hold them
const illegal = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g

const escaped = (text: string): string =>
  text
    .toWellFormed()
    .replace(illegal, '\ufffd')
    .replace(/[&<>"\r]/g, character => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\r': '&#13;' })[character] ?? character)

const toXml = ({ name, attributes = [], children, text = '', value }: Tree): string => {
  const head = `<${name}${attributes.map(([key, inner]) => ` ${key}="${escaped(inner)}"`).join('')}`
  const inner = children.length > 0 ? children.map(toXml).join('') : escaped(value === undefined ? text : String(value))
  return inner === '' ? `${head}/>` : `${head}>${inner}</${name}>`
}

/** Where a node stands: the index of each child on the way. */
export type Address = readonly number[]

/** Without its prefix: namespaces don't matter to paths. */
const localName = (name: string): string => name.slice(name.indexOf(':') + 1)

/**
 * Nodes that a path leads to: names divided by `/`, the empty path is the node itself. `*` is any name, and any place in a list.
 * In XML the path begins with the root element's name.
 */
export const find = (root: Tree, path: string): readonly Address[] => {
  const names = path === '' ? [] : path.split('/')
  const isXml = root.kind === 'element'
  if (!isXml) return below(root, names, [])
  const [first, ...rest] = names
  return first === undefined || first === '*' || first === localName(root.name) ? below(root, rest, []) : []
}

/** The same from a node on, whose own name isn't part of the path. */
export const findBelow = (root: Tree, from: Address, path: string): readonly Address[] => {
  const start = at(root, from)
  return start === undefined ? [] : below(start, path === '' ? [] : path.split('/'), from)
}

const below = (tree: Tree, names: readonly string[], address: Address): readonly Address[] => {
  const [name, ...rest] = names
  if (name === undefined) return [address]
  return tree.children.flatMap((child, n) => (name === '*' || name === localName(child.name) ? below(child, rest, [...address, n]) : []))
}

export const at = (root: Tree, address: Address): Tree | undefined => {
  const [first, ...rest] = address
  if (first === undefined) return root
  const child = root.children[first]
  return child === undefined ? undefined : at(child, rest)
}

/** The tree with something else at an address; undefined leaves nothing there. */
export const replaced = (root: Tree, address: Address, change: (tree: Tree) => Tree | undefined): Tree => {
  const [first, ...rest] = address
  if (first === undefined) return change(root) ?? root
  const children = root.children.flatMap((child, n) => {
    if (n !== first) return [child]
    if (rest.length > 0) return [replaced(child, rest, change)]
    const next = change(child)
    return next === undefined ? [] : [next]
  })
  return { ...root, children }
}

/** All nodes but the root, with their names on the way. */
export const everyNode = (
  root: Tree,
  address: Address = [],
  names: readonly string[] = [],
): readonly { readonly address: Address; readonly names: readonly string[]; readonly tree: Tree }[] =>
  root.children.flatMap((child, n) => {
    const own = { address: [...address, n], names: [...names, localName(child.name)], tree: child }
    return [own, ...everyNode(child, own.address, own.names)]
  })

/** A node's text, of a value or an element. */
export const textAt = (tree: Tree | undefined): string | undefined =>
  tree === undefined ? undefined : tree.kind === 'value' ? String(tree.value) : tree.text

export const withText = (tree: Tree, text: string): Tree =>
  tree.kind === 'value' ? { ...tree, value: text } : { ...tree, text, children: [] }
