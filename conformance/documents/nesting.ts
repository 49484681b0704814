/**
 * Where elements of HTML may stand, as far as the tree depends on it: there the parser of the standard (HTML, 13.2.6, "Tree construction")
 * would close an element by itself, add one, or put something elsewhere.
 */

/** Elements that have no end tag. */
export const voids: ReadonlySet<string> = new Set([
  ...['area', 'base', 'br', 'col', 'embed', 'hr', 'img', 'input', 'link', 'meta', 'source', 'track', 'wbr'],
])

/** Elements whose content is no markup. */
export const rawText: ReadonlySet<string> = new Set(['style', 'script'])

/** Elements whose content is text with references. */
const escapableText: ReadonlySet<string> = new Set(['title', 'textarea', 'option'])

/** Elements before which an open paragraph ends. */
const endsParagraph: ReadonlySet<string> = new Set([
  ...['address', 'article', 'aside', 'blockquote', 'details', 'dialog', 'dir', 'div', 'dl', 'fieldset', 'figcaption', 'figure', 'footer'],
  ...['form', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'header', 'hgroup', 'hr', 'li', 'main', 'menu', 'nav', 'ol', 'p', 'pre', 'search'],
  ...['section', 'summary', 'table', 'ul', 'dd', 'dt'],
])

/** Where these stand, nothing else does. */
const parents: Readonly<Record<string, readonly string[]>> = {
  caption: ['table'],
  thead: ['table'],
  tbody: ['table'],
  tfoot: ['table'],
  tr: ['thead', 'tbody', 'tfoot'],
  td: ['tr'],
  th: ['tr'],
  li: ['ul', 'ol', 'menu'],
  dt: ['dl', 'div'],
  dd: ['dl', 'div'],
  option: ['select', 'datalist', 'optgroup'],
  optgroup: ['select'],
  head: ['html'],
  body: ['html'],
}

/** In these stands nothing else, and no text. */
const children: Readonly<Record<string, readonly string[]>> = {
  table: ['caption', 'thead', 'tbody', 'tfoot'],
  thead: ['tr'],
  tbody: ['tr'],
  tfoot: ['tr'],
  tr: ['td', 'th'],
  select: ['option', 'optgroup'],
  optgroup: ['option'],
  html: ['head', 'body'],
  head: ['meta', 'title', 'link', 'script', 'style', 'base'],
}

/** None of these stands in another of its kind, however deep. */
const notWithin: Readonly<Record<string, readonly string[]>> = {
  a: ['a'],
  button: ['button'],
  form: ['form'],
  option: ['option'],
  ...Object.fromEntries(['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map(name => [name, ['h1', 'h2', 'h3', 'h4', 'h5', 'h6']])),
}

/** Elements of HTML that end a picture. */
const endsPicture: ReadonlySet<string> = new Set([
  ...endsParagraph,
  ...['b', 'body', 'br', 'code', 'em', 'embed', 'head', 'i', 'img', 'meta', 'small', 'span', 'strong', 'sub', 'sup', 'table', 'u', 'var'],
])

/** Whether a place is in a picture, whose elements aren't HTML's. @param path names of open elements, from the root */
export const isForeign = (path: readonly string[]): boolean => path.includes('svg')

/** @param path names of open elements, from the root @throws SyntaxError where a browser would put it elsewhere */
export const checkNesting = (path: readonly string[], what: string | { readonly name: string }): void => {
  const parent = path.at(-1)
  if (typeof what === 'string') {
    if (what.trim() !== '' && parent !== undefined && children[parent] !== undefined && !isForeign(path))
      throw new SyntaxError(`'${what.trim().slice(0, 40)}' stands in <${parent}>, which has no text`)
    return
  }
  const { name } = what
  const refuse = (): never => {
    throw new SyntaxError(`<${name}> in <${path.join('><')}>`)
  }
  if (isForeign(path)) {
    if (endsPicture.has(name)) refuse()
    return
  }
  if (parent === undefined) return
  if (escapableText.has(parent)) refuse()
  if (parents[name]?.includes(parent) === false) refuse()
  if (children[parent]?.includes(name) === false) refuse()
  if (endsParagraph.has(name) && innermost(path, ['td', 'th', 'caption', 'button']).includes('p')) refuse()
  if (notWithin[name]?.some(other => innermost(path, name === 'form' ? [] : ['td', 'th', 'caption']).includes(other)) === true) refuse()
}

/** What is open since the last of these. */
const innermost = (path: readonly string[], borders: readonly string[]): readonly string[] =>
  path.slice(1 + Math.max(-1, ...borders.map(border => path.lastIndexOf(border))))
