/** Answers as trees, and how they are written: compact, since clients parse and nobody reads. */

import { escapeText } from '../../formats/text.ts'

/** An absent value leaves its element out; `raw` is XML already. */
export type Tree = string | number | boolean | undefined | Raw | readonly Tree[] | { readonly [name: string]: Tree }

export class Raw {
  readonly xml: string

  constructor(xml: string) {
    this.xml = xml
  }
}

/** @param item what the services call an element of a list: `item`, or `member` */
export const xmlOf = (tree: Tree, item: 'item' | 'member'): string => {
  if (tree === undefined) return ''
  if (typeof tree === 'string') return escapeText(tree)
  if (typeof tree === 'number' || typeof tree === 'boolean') return String(tree)
  if (tree instanceof Raw) return tree.xml
  let text = ''
  if (isList(tree)) {
    for (const one of tree) text += `<${item}>${xmlOf(one, item)}</${item}>`
    return text
  }
  for (const name in tree) {
    const value = tree[name]
    if (value === undefined) continue
    text += `<${name}>${xmlOf(value, item)}</${name}>`
  }
  return text
}

// Array.isArray doesn't narrow a readonly array.
const isList = (tree: readonly Tree[] | { readonly [name: string]: Tree }): tree is readonly Tree[] => Array.isArray(tree)
