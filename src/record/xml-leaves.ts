/** Where XML has values: texts, CDATA, attributes and comments, by the names of elements and of neighbours. Read leniently, as it's only to be looked through. */

import { type Leaf, labels, saysLittle } from './leaf.ts'
import { entityOf } from './spellings.ts'

interface Scope {
  readonly name: string
  readonly outer: Scope | undefined
  /** Texts of the elements within, and attributes, by names in lower case. */
  readonly members: Map<string, string>
}

const pieces =
  /<!--([\s\S]*?)-->|<!\[CDATA\[([\s\S]*?)\]\]>|<[?!][^>]*>|<\/([^\s>]+)\s*>|<([^\s<>/]+)((?:[^<>"']|"[^"]*"|'[^']*')*?)(\/?)>|[^<]+|</g

export const xmlLeaves = (content: string): readonly Leaf[] => {
  const found: (Omit<Leaf, 'names'> & { readonly names: () => readonly string[] })[] = []
  let scope: Scope = { name: '', outer: undefined, members: new Map() }
  for (const match of content.matchAll(pieces)) {
    const [piece, comment, cdata, closed, opened, attributes = '', empty] = match
    const [start, end] = [match.index, match.index + piece.length]
    if (closed !== undefined) {
      // What was never opened closes nothing.
      if (scope.name === local(closed)) scope = scope.outer ?? scope
    } else if (opened !== undefined) {
      const inner: Scope = { name: local(opened), outer: scope, members: new Map() }
      const begin = start + 1 + opened.length
      for (const { 1: before = '', 2: name = '', 3: quoted = '', index } of attributes.matchAll(/(\s([^\s=]+)\s*=\s*)("[^"]*"|'[^']*')/g)) {
        const at = begin + index + before.length + 1
        const text = read(quoted.slice(1, -1))
        inner.members.set(local(name).toLowerCase(), text)
        if (!/^xmlns(?::|$)/.test(name))
          found.push({
            start: at,
            end: at + quoted.length - 2,
            text,
            names: () => [local(name), ...labels(name, inner.members)],
            written: escaped,
          })
      }
      if (empty !== '/') scope = inner
    } else if (comment !== undefined) found.push({ start: start + 4, end: end - 3, text: comment, names: () => [], written: asItIs })
    else if (cdata !== undefined || !piece.startsWith('<')) {
      const text = cdata ?? read(piece)
      if (text.trim() === '') continue
      scope.outer?.members.set(scope.name.toLowerCase(), text.trim())
      const of = scope
      found.push({ start, end, text, names: () => namesOf(of.name, of.outer, of.members), written: escaped })
    } else found.push({ start, end, text: piece, names: () => [], written: asItIs })
  }
  // Only here is it known what stands beside each value.
  return found.map(leaf => ({ ...leaf, names: leaf.names() }))
}

/** Of a text: `<value><string>…` is called what `<name>` beside it says, and so is `<entry key="…">`. */
const namesOf = (element: string, outer: Scope | undefined, own: ReadonlyMap<string, string>): readonly string[] => {
  const told = [...labels('value', own), ...labels(element, outer?.members ?? new Map())]
  return saysLittle(element) && outer !== undefined && told.length === 0
    ? [element, ...namesOf(outer.name, outer.outer, new Map())]
    : [element, ...told]
}

const asItIs = (text: string): string => text

const local = (name: string): string => name.slice(name.indexOf(':') + 1)

const read = (text: string): string =>
  text.replace(/&(#x[0-9a-f]{1,6}|#\d{1,7}|amp|lt|gt|quot|apos);/gi, (_, name: string) => entityOf(name))

const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, character => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' })[character] ?? character)
