/** Where a body has values: in JSON, XML, forms and multipart messages, each by its names and its place in the text. */

import { type Leaf, labels, saysLittle } from './leaf.ts'
import { xmlLeaves } from './xml-leaves.ts'

/** @returns undefined for a text without structure */
export const leavesOf = (content: string, type: string): readonly Leaf[] | undefined => {
  if (/^application\/x-www-form-urlencoded/i.test(type)) return formLeaves(content)
  if (/^multipart\//i.test(type)) return multipartLeaves(content, type)
  // Half of JSON, or several texts of it, are looked through as well.
  if (/^\s*(?:\{\s*["}]|\[\s*["{[\]\d-])/.test(content)) return jsonLeaves(content)
  return /^\s*</.test(content) ? xmlLeaves(content) : undefined
}

/** Parameters of an address or a form. */
export const formLeaves = (content: string): readonly Leaf[] => {
  const pairs = [...content.matchAll(/[^&]+/g)].map(({ 0: pair, index }) => {
    const equals = pair.indexOf('=')
    const name = parameter(equals < 0 ? pair : pair.slice(0, equals))
    const start = index + (equals < 0 ? pair.length : equals + 1)
    return { name, start, end: index + pair.length, text: parameter(content.slice(start, index + pair.length)) }
  })
  const siblings = new Map(pairs.map(({ name, text }) => [name.toLowerCase(), text]))
  return pairs.map(({ name, start, end, text }) => ({
    start,
    end,
    text,
    names: [name, ...labels(name, siblings)],
    written: encodeURIComponent,
  }))
}

const parameter = (text: string): string => new URLSearchParams(`a=${text}`).get('a') ?? ''

/** A list or an object; a list has the name of what it's in. */
interface Scope {
  readonly name: string
  readonly outer: Scope | undefined
  readonly isObject: boolean
  /** Texts by names in lower case. */
  readonly members: Map<string, string>
}

/** Values and names of JSON: token by token, so that numbers, order and blanks stay. */
const jsonLeaves = (content: string): readonly Leaf[] => {
  const found: (Omit<Leaf, 'names' | 'written'> & { readonly names: () => readonly string[] })[] = []
  let scope: Scope = { name: '', outer: undefined, isObject: false, members: new Map() }
  let key: string | undefined
  let isKey = false
  for (const { 0: token, index } of content.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]|[^\s"{}[\],:]+/g)) {
    if (token === '{' || token === '[') {
      scope = { name: key ?? scope.name, outer: scope, isObject: token === '{', members: new Map() }
      isKey = scope.isObject
    } else if (token === '}' || token === ']') scope = scope.outer ?? scope
    else if (token === ',') isKey = scope.isObject
    else if (token === ':') {
      isKey = false
      continue
    } else {
      const text = token.startsWith('"') ? unquoted(token) : token
      const [{ name: outer, members }, name] = [scope, key ?? scope.name]
      if (!isKey) members.set(name.toLowerCase(), text)
      const names = isKey ? () => [] : () => [name, ...labels(name, members), ...(saysLittle(name) ? [outer] : [])]
      found.push({ start: index, end: index + token.length, text, names })
      if (isKey) {
        key = text
        continue
      }
    }
    key = undefined
  }
  // Only here is it known what stands beside each value.
  return found.map(leaf => ({ ...leaf, names: leaf.names(), written: JSON.stringify }))
}

const unquoted = (token: string): string => {
  try {
    return String(JSON.parse(token))
  } catch {
    return token.slice(1, -1)
  }
}

/** The parts of a multipart message. */
const multipartLeaves = (content: string, type: string): readonly Leaf[] | undefined => {
  const [, told = ''] = /boundary\s*=\s*(?:"([^"]+)|([^\s";]+))/i.exec(type)?.filter(part => part !== undefined) ?? []
  // One that isn't told, or is another than the body's, is the first line of the body.
  const boundary = told !== '' && content.includes(`--${told}`) ? told : /^\s*--(\S[^\r\n]*)/.exec(content)?.[1]
  if (boundary === undefined) return undefined
  const found: Leaf[] = []
  let at = content.indexOf(`--${boundary}`)
  while (at >= 0) {
    const next = content.indexOf(`--${boundary}`, at + boundary.length + 2)
    const part = content.slice(at, next < 0 ? undefined : next)
    const [head = ''] = /^[\s\S]*?\r?\n\r?\n/.exec(part) ?? []
    const text = part.slice(head.length).replace(/\r?\n$/, '')
    const names = namesOf(head)
    const start = at + head.length
    const [, inner = ''] = /^content-type:[ \t]*(multipart\/[^\r\n]*)/im.exec(head) ?? []
    const within = inner === '' ? undefined : multipartLeaves(text, inner)
    if (within !== undefined)
      found.push(...within.map(leaf => ({ ...leaf, start: start + leaf.start, end: start + leaf.end, names: [...names, ...leaf.names] })))
    else if (head !== '') found.push({ start, end: start + text.length, names, text, written: inside => inside })
    at = next
  }
  return found
}

/** Of a part: `name="a"`, `name=a`, or `name*=utf-8''a` with percent-encoding. */
const namesOf = (head: string): readonly string[] =>
  [...head.matchAll(/\bname(\*)?\s*=\s*(?:"((?:[^"\\\r\n]|\\.)*)|([^\s";]*))/gi)].map(([, extended, quoted, bare = '']) => {
    const name = quoted ?? bare
    return extended === undefined ? name : parameter(name.replace(/^[^']*'[^']*'/, ''))
  })
