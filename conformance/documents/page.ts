/** What a page of the API is to a browser: links that can be followed, forms and what is sent by them. */

import type { Answer, Ask } from '../client.ts'
import { LawViolation } from '../cloud-under-test.ts'
import { type HtmlElement, type HtmlNode, type Page, readHtml } from './html.ts'

/** @throws LawViolation where it's no page, or one that a browser would have to mend. */
export const pageOf = (answer: Answer): Page => {
  const type = answer.headers.get('content-type') ?? 'none'
  if (!type.startsWith('text/html')) throw new LawViolation(`A page was asked for, and the answer’s type is ${type}`)
  try {
    return readHtml(answer.text)
  } catch (error) {
    throw new LawViolation(`The page is not well-formed HTML: ${error instanceof Error ? error.message : String(error)}`)
  }
}

export const isElement = (node: HtmlNode): node is HtmlElement => typeof node !== 'string'

/** All elements below, in the order of the document. */
export const elementsIn = (nodes: readonly HtmlNode[]): HtmlElement[] =>
  nodes.flatMap(node => (isElement(node) ? [node, ...elementsIn(node.children)] : []))

/** All texts below, each as it stands between two tags; those of pictures and scripts aside. */
export const textsIn = (nodes: readonly HtmlNode[]): string[] =>
  nodes.flatMap(node => (typeof node === 'string' ? [node] : ['svg', 'script', 'style'].includes(node.name) ? [] : textsIn(node.children)))

export const textOf = (element: HtmlElement): string => textsIn(element.children).join('')

export const attribute = (element: HtmlElement, name: string): string | undefined => element.attributes.get(name)

const hasClass = (element: HtmlElement, name: string): boolean => (attribute(element, 'class') ?? '').split(/\s+/).includes(name)

/** The first element that fits. */
export const findElement = (nodes: readonly HtmlNode[], fits: (element: HtmlElement) => boolean): HtmlElement | undefined =>
  elementsIn(nodes).find(fits)

/** What the page is about, without its head, its foot and the way here. @throws LawViolation where there is none. */
export const contentOf = ({ children }: Page): readonly HtmlNode[] => {
  const main = findElement(children, ({ name }) => name === 'main')
  if (main === undefined) throw new LawViolation('The page has no content')
  return main.children.filter(node => !isElement(node) || !hasClass(node, 'trail'))
}

export const linksIn = (nodes: readonly HtmlNode[]): readonly { readonly href: string; readonly text: string }[] =>
  elementsIn(nodes)
    .filter(({ name }) => name === 'a')
    .map(element => ({ href: attribute(element, 'href') ?? '', text: textOf(element) }))

/** A control of a form that has a name. */
export interface Field {
  readonly name: string
  readonly kind: 'text' | 'number' | 'hidden' | 'password' | 'file' | 'checkbox' | 'radio' | 'select' | 'textarea' | 'button'
  /** What it begins with; of a box that is to be checked, what it then says. */
  readonly value: string
  readonly isChecked: boolean
  readonly isRequired: boolean
  /** Values that can be chosen. */
  readonly choices: readonly string[]
}

export interface PageForm {
  /** As a browser takes it: in lower case, `get` where none is given. */
  readonly method: string
  readonly action: string
  readonly isMultipart: boolean
  readonly fields: readonly Field[]
}

export const formsIn = (nodes: readonly HtmlNode[]): readonly PageForm[] =>
  elementsIn(nodes)
    .filter(({ name }) => name === 'form')
    .map(form => ({
      method: (attribute(form, 'method') ?? 'get').toLowerCase(),
      action: attribute(form, 'action') ?? '',
      isMultipart: attribute(form, 'enctype') === 'multipart/form-data',
      fields: elementsIn(form.children).flatMap(readField),
    }))

const readField = (element: HtmlElement): Field[] => {
  const name = attribute(element, 'name')
  if (name === undefined || name === '' || element.attributes.has('disabled')) return []
  const isRequired = element.attributes.has('required')
  const plain = { name, value: attribute(element, 'value') ?? '', isChecked: element.attributes.has('checked'), isRequired, choices: [] }
  switch (element.name) {
    case 'input':
      return [{ ...plain, kind: inputKind(attribute(element, 'type')) }]
    case 'button':
      return [{ ...plain, kind: 'button' }]
    case 'textarea':
      return [{ ...plain, kind: 'textarea', value: textOf(element) }]
    case 'select': {
      const options = elementsIn(element.children).filter(one => one.name === 'option')
      const choiceOf = (option: HtmlElement): string => attribute(option, 'value') ?? textOf(option).trim().replace(/\s+/g, ' ')
      const chosen = options.filter(option => option.attributes.has('selected')).at(-1) ?? options[0]
      return [{ ...plain, kind: 'select', choices: options.map(choiceOf), value: chosen === undefined ? '' : choiceOf(chosen) }]
    }
    default:
      return []
  }
}

const inputKind = (type = 'text'): Field['kind'] =>
  type === 'number' || type === 'hidden' || type === 'password' || type === 'file' || type === 'checkbox' || type === 'radio'
    ? type
    : 'text'

/** What a person does at a form: writes into fields, chooses, checks; everything else stays as it is. By the names of fields. */
export type Filling = Readonly<Record<string, string>>

/** Names and values that a browser sends, in the order of the form. @param press the button that is pressed */
export const entriesOf = ({ fields }: PageForm, filling: Filling = {}, press?: string): readonly (readonly [string, string])[] => {
  const written = (field: Field): string | undefined => (Object.hasOwn(filling, field.name) ? filling[field.name] : undefined)
  return fields.flatMap((field): (readonly [string, string])[] => {
    const { name, kind, value, isChecked } = field
    const given = written(field)
    if (kind === 'button') return name === press ? [[name, value]] : []
    if (kind === 'checkbox' || kind === 'radio') return (given === undefined ? isChecked : given === value) ? [[name, value]] : []
    if (kind === 'select') return field.choices.length === 0 ? [] : [[name, given ?? value]]
    return [[name, kind === 'hidden' ? value : toOneLine(kind, given ?? value)]]
  })
}

/** Line feeds of a long text are CR LF on the wire; other boxes hold none. */
const toOneLine = (kind: Field['kind'], value: string): string =>
  kind === 'textarea' || kind === 'file' ? value.replace(/\r\n?|\n/g, '\r\n') : value.replace(/[\r\n]/g, '')

const boundary = '----the-end-of-a-field'

/** The request that a browser sends from a page of the same site. */
export const requestOf = (form: PageForm, filling: Filling = {}, press?: string): Ask => {
  const entries = entriesOf(form, filling, press)
  const { pathname, search } = new URL(form.action)
  const origin = new URL(form.action).origin
  const headers = { Accept: 'text/html,application/xhtml+xml,*/*;q=0.8', 'Sec-Fetch-Site': 'same-origin', Origin: origin }
  const files = new Set(form.fields.filter(({ kind }) => kind === 'file').map(({ name }) => name))
  // Of a file no more than its name stands there.
  const query = new URLSearchParams(
    entries.map(([name, value]): [string, string] => [name, files.has(name) && value !== '' ? 'file' : value]),
  ).toString()
  // A browser replaces the query of such an action.
  if (form.method !== 'post') return { method: 'GET', target: query === '' ? `${pathname}?` : `${pathname}?${query}`, headers }
  const target = pathname + search
  if (!form.isMultipart)
    return { method: 'POST', target, headers: { ...headers, 'Content-Type': 'application/x-www-form-urlencoded' }, body: query }
  const parts = entries.map(([name, value]) => partOf(name, value, files.has(name)))
  return {
    method: 'POST',
    target,
    headers: { ...headers, 'Content-Type': `multipart/form-data; boundary=${boundary}` },
    body: `${parts.join('')}--${boundary}--\r\n`,
  }
}

const partOf = (name: string, value: string, isFile: boolean): string => {
  const quoted = name.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
  // Of a field for a file that was left empty, a browser sends a file without name and content.
  const file = isFile ? `; filename="${value === '' ? '' : 'file'}"\r\nContent-Type: application/octet-stream` : ''
  return `--${boundary}\r\nContent-Disposition: form-data; name="${quoted}"${file}\r\n\r\n${value}\r\n`
}
