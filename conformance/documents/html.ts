/** Reads HTML as strictly as our pages are written: every element that can be closed is, every attribute is quoted, no `<` or `&` is loose. */

export interface Tag {
  readonly name: string
  readonly attributes: ReadonlyMap<string, string>
}

export interface Page {
  /** Opening tags, in order. */
  readonly tags: readonly Tag[]
  /** All text between tags, references resolved. */
  readonly text: string
}

/** @throws SyntaxError for markup that only a browser's good will would read. */
export const readHtml = (source: string): Page => {
  const tags: Tag[] = []
  const open: string[] = []
  let text = ''
  let rest = source.replace(/^<!DOCTYPE html>/i, '')
  while (rest !== '') {
    const [run = ''] = /^[^<]*/.exec(rest) ?? []
    text += decodeReferences(run)
    rest = rest.slice(run.length)
    if (rest === '') break
    const comment = /^<!--[\s\S]*?-->/.exec(rest)
    const closing = /^<\/([A-Za-z][\w:-]*)\s*>/.exec(rest)
    const opening = /^<([A-Za-z][\w:-]*)((?:\s+[A-Za-z_:@][\w:.-]*(?:=(?:"[^"]*"|'[^']*'))?)*)\s*(\/?)>/.exec(rest)
    if (comment !== null) rest = rest.slice(comment[0].length)
    else if (closing !== null) {
      const name = closing[1] ?? ''
      const expected = open.pop()
      if (expected !== name) throw new SyntaxError(`</${name}> where <${expected ?? 'nothing'}> is open`)
      rest = rest.slice(closing[0].length)
    } else if (opening !== null) {
      const [whole, name = '', attributes = '', selfClosed = ''] = opening
      tags.push({ name, attributes: attributesOf(attributes) })
      rest = rest.slice(whole.length)
      if (rawText.has(name)) {
        const end = rest.indexOf(`</${name}>`)
        if (end < 0) throw new SyntaxError(`<${name}> has no end`)
        rest = rest.slice(end + name.length + 3)
      } else if (!voids.has(name) && selfClosed === '') open.push(name)
    } else throw new SyntaxError(`'${rest.slice(0, 40)}' is no tag`)
  }
  if (open.length > 0) throw new SyntaxError(`<${open.join('><')}> has no end`)
  return { tags, text }
}

/** Tags of a name. */
export const findTags = (page: Page, name: string): readonly Tag[] => page.tags.filter(tag => tag.name === name)

const voids: ReadonlySet<string> = new Set(['meta', 'link', 'br', 'hr', 'img', 'input', 'source', 'wbr'])
const rawText: ReadonlySet<string> = new Set(['style', 'script'])

const attributesOf = (source: string): Map<string, string> =>
  new Map(
    [...source.matchAll(/([A-Za-z_:@][\w:.-]*)(?:=(?:"([^"]*)"|'([^']*)'))?/g)].map(([, name = '', double, single]) => [
      name,
      decodeReferences(double ?? single ?? ''),
    ]),
  )

const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0' }

const decodeReferences = (text: string): string =>
  text.replace(/&([^;&\s]*;)?/g, whole => {
    const [, decimal, hexadecimal, name = ''] = /^&(?:#(\d+)|#x([0-9a-fA-F]+)|(\w+));$/i.exec(whole) ?? []
    const code = decimal === undefined ? (hexadecimal === undefined ? undefined : Number.parseInt(hexadecimal, 16)) : Number(decimal)
    const character = code === undefined ? named[name] : String.fromCodePoint(code)
    if (character === undefined) throw new SyntaxError(`'${whole}' is no reference`)
    return character
  })
