/** Whether two pages are one page with another text in it: same elements, same attributes, and the text verbatim wherever it stands. */

import type { HtmlElement, HtmlNode } from '../../documents/html.ts'
import { isElement } from '../../documents/page.ts'
import { replaceIllegal } from '../../generators/text.ts'

/** Stands for a text that does no harm: nothing else has it in it, nor what becomes of it in capitals or without. */
export const harmless = 'Harmless7q'

type Change = (text: string, isAddress: boolean) => string

/** Where a page has none of the text, it may say what it likes: addresses are drawn by names, and fingerprints made of them. */
const another = '…'

const casings: readonly ((text: string) => string)[] = [text => text, text => text.toLowerCase(), text => text.toUpperCase()]

/** A page with the harmless text becomes the one with the other: that's what the other must be. */
const swap = (wild: Shown): Change => {
  const harmlessly = casings.map(casing => casing(harmless))
  return (text, isAddress) => {
    const instead = isAddress ? wild.inAddresses : wild.elsewhere
    const after = harmlessly.reduce((found, one, n) => found.replaceAll(one, () => instead[n] ?? ''), text)
    return after === text ? another : after
  }
}

const keep =
  (wild: Shown): Change =>
  (text, isAddress) =>
    (isAddress ? wild.inAddresses : wild.elsewhere).some(one => text.includes(one)) ? text : another

/** A text as pages have it: an address has it encoded, control characters too; elsewhere these can't be shown. */
interface Shown {
  readonly inAddresses: readonly string[]
  readonly elsewhere: readonly string[]
}

const shownAs = (text: string): Shown => {
  const wild = text.toWellFormed()
  return { inAddresses: casings.map(casing => casing(wild)), elsewhere: casings.map(casing => casing(replaceIllegal(wild))) }
}

/** An address part by part, each as it is when it's decoded. */
const changeAddress = (address: string, change: Change): string =>
  address
    .split(/([/?&=;#])/)
    .map(part => (/^[/?&=;#]$/.test(part) ? part : change(decoded(part), true)))
    .join('')

const decoded = (part: string): string => {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

const addresses: ReadonlySet<string> = new Set(['href', 'action', 'src', 'formaction'])

/** What is in the order of names or ids, which are other ones. */
const unordered: ReadonlySet<string> = new Set(['tbody', 'ul', 'select', 'datalist'])

type Tree = string | { readonly head: string; readonly children: readonly Tree[] }

const treeOf = (node: HtmlNode, change: Change): Tree => {
  if (!isElement(node)) return change(node, false)
  const children = node.children.map(child => treeOf(child, change))
  return { head: headOf(node, change), children: unordered.has(node.name) ? sorted(children) : children }
}

const headOf = ({ name, attributes }: HtmlElement, change: Change): string =>
  `<${name}${[...attributes].map(([key, value]) => ` ${key}=${JSON.stringify(addresses.has(key) ? changeAddress(value, change) : change(value, false))}`).join('')}>`

const sorted = (trees: readonly Tree[]): readonly Tree[] =>
  trees
    .map(tree => ({ tree, key: JSON.stringify(tree) }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ tree }) => tree)

/** Whether a page has a text by chance: then nobody can tell where it stands because it was put there. */
export const hasByChance = (nodes: readonly HtmlNode[], wild: string): boolean => {
  const change = keep(shownAs(wild))
  let isThere = false
  const look: Change = (text, isAddress) => {
    isThere ||= change(text, isAddress) !== another
    return text
  }
  for (const node of nodes) treeOf(node, look)
  return isThere
}

/** @returns where they differ, in words; undefined where the one is the other. @param wild the text that stands where the other page has the harmless one */
export const findDifference = (plain: readonly HtmlNode[], other: readonly HtmlNode[], wild: string): string | undefined => {
  const shown = shownAs(wild)
  return between(
    { head: 'the page', children: plain.map(node => treeOf(node, swap(shown))) },
    { head: 'the page', children: other.map(node => treeOf(node, keep(shown))) },
    '',
  )
}

const between = (wanted: Tree, found: Tree, within: string): string | undefined => {
  if (typeof wanted === 'string' || typeof found === 'string')
    return wanted === found ? undefined : `in ${within} there is ${inWords(found)}, not ${inWords(wanted)}`
  if (wanted.head !== found.head) return `in ${within || 'the page'} there is ${found.head}, not ${wanted.head}`
  const place = `${within} ${wanted.head}`.trim()
  for (const [n, child] of wanted.children.entries()) {
    const other = found.children[n]
    if (other === undefined) return `in ${place} there is no ${inWords(child)}`
    const difference = between(child, other, place)
    if (difference !== undefined) return difference
  }
  const further = found.children[wanted.children.length]
  return further === undefined ? undefined : `in ${place} there is ${inWords(further)}, too`
}

const inWords = (tree: Tree): string => (typeof tree === 'string' ? JSON.stringify(tree.slice(0, 200)) : tree.head)
