/** Bodies of answers as trees, whatever their media type: read, changed by copy, and written again without loss. */

import { type Element, readXml } from '../documents/xml.ts'

export interface Tree {
  /** Of a member or an element; `@` and the name of an attribute; `*` in a list of JSON; empty for the root of JSON. */
  readonly name: string
  readonly kind: 'object' | 'list' | 'value' | 'element' | 'attribute'
  /** An element's attributes come first. */
  readonly children: readonly Tree[]
  /** Of a value in JSON. */
  readonly value?: string | number | boolean | null
  /** Of a number in JSON, as it's written: `5.0`, or more digits than a number of JavaScript has. */
  readonly source?: string
  /** Of an attribute, or of an element without elements in it. */
  readonly text?: string
  /** Of an element, those with a prefix: they name spaces and types, and aren't the answer's own. */
  readonly attributes?: readonly (readonly [string, string])[]
}

export type Media = 'json' | 'xml'

export interface Document {
  readonly media: Media
  readonly root: Tree
}

/** Undefined for what is neither JSON nor XML, and for text with elements in it, as pages have. SOAP is XML. */
export const readDocument = (text: string): Document | undefined => {
  const start = text.trimStart()
  try {
    if (start.startsWith('<')) return { media: 'xml', root: ofXml(readXml(start)) }
    return /^[{[]/.test(start) ? { media: 'json', root: ofJson(start) } : undefined
  } catch {
    // What can't be read is no document.
    return undefined
  }
}

export const writeDocument = ({ media, root }: Document): string =>
  media === 'json' ? toJson(root) : `<?xml version="1.0" encoding="UTF-8"?>\n${toXml(root)}`

/** Values come before what they stand in, so all members are trees already. */
const ofJson = (text: string): Tree =>
  JSON.parse(text, (name, value, context?: { readonly source?: string }): Tree => {
    if (Array.isArray(value)) return { name, kind: 'list', children: value.map((inner: Tree) => ({ ...inner, name: '*' })) }
    if (typeof value === 'object' && value !== null) return { name, kind: 'object', children: Object.values<Tree>(value) }
    const source = typeof value === 'number' ? context?.source : undefined
    return { name, kind: 'value', children: [], value, ...(source === undefined ? {} : { source }) }
  })

const toJson = ({ kind, children, value = null, source }: Tree): string => {
  if (kind === 'list') return `[${children.map(toJson).join(',')}]`
  if (kind === 'object') return `{${children.map(child => `${JSON.stringify(child.name)}:${toJson(child)}`).join(',')}}`
  return source ?? JSON.stringify(value)
}

/** @throws SyntaxError for text with elements in it. */
const ofXml = ({ name, attributes, children, text }: Element): Tree => {
  if (children.length > 0 && text.trim() !== '') throw new SyntaxError('Text stands beside elements')
  const isPrefixed = ([key]: readonly [string, string]): boolean => key === 'xmlns' || key.includes(':')
  const all = [...attributes]
  const own = all
    .filter(one => !isPrefixed(one))
    .map(([key, value]): Tree => ({ name: `@${key}`, kind: 'attribute', children: [], text: value }))
  return {
    name,
    kind: 'element',
    attributes: all.filter(isPrefixed),
    children: [...own, ...children.map(ofXml)],
    ...(children.length > 0 ? {} : { text }),
  }
}

const toXml = ({ name, attributes = [], children, text = '' }: Tree): string => {
  const [own, inner] = [children.filter(isAttribute), children.filter(child => !isAttribute(child))]
  const all = [...attributes, ...own.map(child => [child.name.slice(1), child.text ?? ''] as const)]
  const head = `<${name}${all.map(([key, value]) => ` ${key}="${escapeText(value).replace(/[\t\n]/g, blank => `&#${blank.charCodeAt(0)};`)}"`).join('')}`
  const content = inner.length > 0 ? inner.map(toXml).join('') : escapeText(text)
  return content === '' ? `${head}/>` : `${head}>${content}</${name}>`
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: XML can't hold them
const illegal = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g

const escapeText = (text: string): string =>
  text
    .toWellFormed()
    .replace(illegal, '\ufffd')
    .replace(/[&<>"\r]/g, character => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\r': '&#13;' })[character] ?? character)

export const isAttribute = ({ kind }: Tree): boolean => kind === 'attribute'

/** The text of a value, an attribute, or an element without elements in it. */
export const textAt = (tree: Tree | undefined): string | undefined =>
  tree?.kind === 'value' ? (tree.source ?? String(tree.value)) : tree?.text

/** What was a number stays one where the text allows it. */
export const withText = (tree: Tree, text: string): Tree => {
  if (tree.kind !== 'value') return { ...tree, text, children: tree.children.filter(isAttribute) }
  const { source: _, ...rest } = tree
  return typeof tree.value === 'number' && /^-?(0|[1-9]\d*)$/.test(text)
    ? { ...rest, value: Number(text), source: text }
    : { ...rest, value: text }
}

/** Where a node stands: the index of each child on the way. */
export type Address = readonly number[]

export const at = (root: Tree, address: Address): Tree | undefined => address.reduce<Tree | undefined>((tree, n) => tree?.children[n], root)

/** The tree with something else at an address; undefined leaves nothing there. */
export const replaceAt = (root: Tree, address: Address, change: (tree: Tree) => Tree | undefined): Tree => {
  const [first, ...rest] = address
  if (first === undefined) return change(root) ?? root
  const children = root.children.flatMap((child, n) => {
    if (n !== first) return [child]
    if (rest.length > 0) return [replaceAt(child, rest, change)]
    const next = change(child)
    return next === undefined ? [] : [next]
  })
  return { ...root, children }
}

/** A node below another: its names and nodes are those on the way, its own at the end. */
export interface Node {
  readonly address: Address
  readonly names: readonly string[]
  readonly trail: readonly Tree[]
  readonly tree: Tree
}

/** All nodes but the root. */
export const everyNode = (root: Tree): readonly Node[] => below(root, { address: [], names: [], trail: [] })

const below = (tree: Tree, { address, names, trail }: Omit<Node, 'tree'>): readonly Node[] =>
  tree.children.flatMap((child, n) => {
    const own = { address: [...address, n], names: [...names, nameOf(child)], trail: [...trail, child], tree: child }
    return [own, ...below(child, own)]
  })

/** Namespaces don't matter: an element goes without its prefix. A colon in JSON is a part of the name. */
export const nameOf = ({ name, kind }: Tree): string => (kind === 'element' ? name.slice(name.indexOf(':') + 1) : name)
