/** What is worth being held to of an answer: ids, names, states and references. What changes with each day isn't. */

import { XMLParser } from 'fast-xml-parser'
import type { RecordedStep } from './steps.ts'

type Attributes = Readonly<Record<string, string | readonly string[]>>

export interface Expectation {
  readonly status: number | readonly number[]
  readonly error?: { readonly status: number }
  readonly collection?: string
  readonly count?: number
  readonly members?: readonly Attributes[]
  readonly element?: Attributes
}

/** From an answer as JSON or XML; of one as a page, or as bytes, it's the status. */
export const expectationOf = ({ request: { path }, status, answer }: RecordedStep): Expectation => {
  if (status >= 400) return { status, error: { status } }
  const [, , collection = '', id] = path.split('/')
  const document = documentOf(answer)
  const list = document?.[collection]
  if (id === undefined && Array.isArray(list)) {
    const members = list.filter(isObject).flatMap(attributesOf)
    return { status, collection, count: list.length, ...(members.length === 0 ? {} : { members }) }
  }
  const [element] = document === undefined ? [] : attributesOf(resourceIn(document))
  return element === undefined ? { status } : { status, element }
}

type Item = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is Item => typeof value === 'object' && value !== null && !Array.isArray(value)

/** An action is answered with the resource itself, else it stands under its one key. */
const resourceIn = (document: Item): Item => {
  const [inner, ...others] = Object.values(document)
  return typeof document.id === 'string' || others.length > 0 || !isObject(inner) ? document : inner
}

const documentOf = (text: string): Item | undefined => {
  try {
    const value: unknown = /^\s*</.test(text) ? inXml(text) : JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  parseAttributeValue: false,
  ignoreDeclaration: true,
  isArray: (_name, path) => /^(?:\w+\.\w+|.*\.actions\.link)$/.test(String(path)),
})

/** The XML of the API as its JSON: a list of resources under the name of their collection, and what a resource can do as a list. */
const inXml = (text: string): Item => {
  const document: unknown = parser.parse(text)
  const [[root = '', inner] = []] = isObject(document) ? Object.entries(document) : []
  // A list without members has no text, or attributes of its own.
  if (!isObject(inner) || typeof inner.id !== 'string')
    return { [root]: isObject(inner) ? Object.values(inner).flat().filter(isObject).map(resource) : [] }
  return {
    [root]: resource(Object.fromEntries(Object.entries(inner).map(([key, value]) => [key, Array.isArray(value) ? value[0] : value]))),
  }
}

const resource = (item: Item): Item => ({
  ...item,
  ...(isObject(item.actions) ? { actions: item.actions.link } : {}),
})

const references = ['image', 'realm', 'hardware_profile', 'storage_volume'] as const
const namedActions: ReadonlySet<string> = new Set(['start', 'stop', 'reboot', 'destroy', 'attach', 'detach'])

/** None where it isn't a resource. */
const attributesOf = (item: Item): readonly Attributes[] => {
  if (typeof item.id !== 'string') return []
  const found: Record<string, string | readonly string[]> = { id: item.id }
  if (typeof item.name === 'string' && item.name !== '') found.name = item.name
  if (typeof item.state === 'string') found.state = item.state.toUpperCase()
  for (const name of references) {
    const reference = item[name]
    if (isObject(reference) && typeof reference.id === 'string') found[`${name}.id`] = reference.id
  }
  if (typeof item.state === 'string' && isObject(item.image) && Array.isArray(item.actions)) {
    found.actions = item.actions
      .filter(isObject)
      .map(({ rel }) => String(rel))
      .filter(rel => namedActions.has(rel))
      .sort()
  }
  return [found]
}
