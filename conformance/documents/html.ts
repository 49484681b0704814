/**
 * Reads HTML as strictly as our pages are written: every element that can be closed is, every attribute is quoted, no `<` or `&` is loose, and
 * nothing stands where the parser of the HTML standard would build another tree than the one written (`nesting.ts`). What it reads, a browser
 * reads alike; what a browser would mend, it refuses.
 */

import { checkNesting, isForeign, rawText, voids } from './nesting.ts'

export interface Tag {
  readonly name: string
  readonly attributes: ReadonlyMap<string, string>
}

/** An element with what is in it, in order; texts have their references resolved. */
export interface HtmlElement extends Tag {
  readonly children: readonly HtmlNode[]
}

export type HtmlNode = HtmlElement | string

export interface Page {
  /** Opening tags, in order. */
  readonly tags: readonly Tag[]
  /** All text between tags, references resolved. */
  readonly text: string
  /** The tree: elements and texts outside of all elements. */
  readonly children: readonly HtmlNode[]
}

interface OpenElement extends HtmlElement {
  readonly children: HtmlNode[]
}

/** @throws SyntaxError for markup that only a browser's good will would read. */
export const readHtml = (source: string): Page => {
  const tags: Tag[] = []
  const root: OpenElement = { name: '', attributes: new Map(), children: [] }
  const open: OpenElement[] = []
  let text = ''
  // As a browser: a carriage return is a line feed, unless it's a reference.
  let rest = source.replace(/\r\n?/g, '\n').replace(/^<!DOCTYPE html>/i, '')
  while (rest !== '') {
    const into = open.at(-1) ?? root
    const [run = ''] = /^[^<]*/.exec(rest) ?? []
    if (run !== '') {
      if (run.includes('\0')) throw new SyntaxError('there is a NUL')
      const content = textWithin(into, decodeReferences(run))
      checkNesting(
        open.map(({ name }) => name),
        content,
      )
      text += content
      addText(into, content)
      rest = rest.slice(run.length)
    }
    if (rest === '') break
    const comment = /^<!--[\s\S]*?-->/.exec(rest)
    const closing = /^<\/([A-Za-z][\w:-]*)\s*>/.exec(rest)
    const opening = /^<([A-Za-z][\w:-]*)((?:\s+[A-Za-z_:@][\w:.-]*(?:=(?:"[^"]*"|'[^']*'))?)*)\s*(\/?)>/.exec(rest)
    if (comment !== null) rest = rest.slice(comment[0].length)
    else if (closing !== null) {
      const name = closing[1] ?? ''
      const expected = open.pop()?.name
      if (expected !== name) throw new SyntaxError(`</${name}> where <${expected ?? 'nothing'}> is open`)
      rest = rest.slice(closing[0].length)
    } else if (opening !== null) {
      const [whole, name = '', attributes = '', selfClosed = ''] = opening
      const names = open.map(one => one.name)
      checkNesting(names, { name })
      const element: OpenElement = { name, attributes: attributesOf(attributes), children: [] }
      tags.push(element)
      into.children.push(element)
      rest = rest.slice(whole.length)
      const isIn = isForeign([...names, name])
      if (rawText.has(name) && !isIn) {
        const end = rest.indexOf(`</${name}>`)
        if (end < 0) throw new SyntaxError(`<${name}> has no end`)
        addText(element, rest.slice(0, end))
        rest = rest.slice(end + name.length + 3)
      } else if (isIn ? selfClosed === '' : !voids.has(name)) {
        if (selfClosed !== '') throw new SyntaxError(`<${name}/> is open, whatever it looks like`)
        open.push(element)
      }
    } else throw new SyntaxError(`'${rest.slice(0, 40)}' is no tag`)
  }
  if (open.length > 0) throw new SyntaxError(`<${open.map(({ name }) => name).join('><')}> has no end`)
  return { tags, text, children: root.children }
}

/** Tags of a name. */
export const findTags = (page: Page, name: string): readonly Tag[] => page.tags.filter(tag => tag.name === name)

/** A first line feed in these belongs to the markup, also one that is a reference. */
const textWithin = ({ name, children }: OpenElement, text: string): string =>
  (name === 'pre' || name === 'textarea') && children.length === 0 ? text.replace(/^\n/, '') : text

const addText = ({ children }: OpenElement, text: string): void => {
  const last = children.at(-1)
  if (typeof last === 'string') children[children.length - 1] = last + text
  else if (text !== '') children.push(text)
}

const attributesOf = (source: string): Map<string, string> => {
  const found = new Map<string, string>()
  for (const [, name = '', double, single] of source.matchAll(/([A-Za-z_:@][\w:.-]*)(?:=(?:"([^"]*)"|'([^']*)'))?/g)) {
    if (found.has(name)) throw new SyntaxError(`The attribute ${name} is there twice`)
    found.set(name, decodeReferences(double ?? single ?? ''))
  }
  return found
}

const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0' }

const decodeReferences = (text: string): string =>
  text.replace(/&([^;&\s]*;)?/g, whole => {
    const [, decimal, hexadecimal, name = ''] = /^&(?:#(\d+)|#x([0-9a-fA-F]+)|(\w+));$/i.exec(whole) ?? []
    const code = decimal === undefined ? (hexadecimal === undefined ? undefined : Number.parseInt(hexadecimal, 16)) : Number(decimal)
    const character = code === undefined ? named[name] : characterOf(code)
    if (character === undefined) throw new SyntaxError(`'${whole}' is no reference`)
    return character
  })

/** Undefined where a browser would take another character for it. */
const characterOf = (code: number): string | undefined =>
  code === 0 || (code >= 0x80 && code <= 0x9f) || (code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff
    ? undefined
    : String.fromCodePoint(code)
