/** A scenario's steps, asked of a server one after the other, and what is wrong with the answers. */

import type { Answer, Ask, Client } from '../client.ts'
import { isAlike, readJsonAttribute, readXmlAttribute, type Value } from '../documents/attributes.ts'
import { isItem, itemsAt, read } from '../documents/read.ts'
import { type Element, findElements, readXml } from '../documents/xml.ts'
import type { HarEntry } from './har.ts'
import type { Attributes, Expectation, Scenario, Step } from './scenario.ts'

export type Format = 'xml' | 'json'

export interface StepOutcome {
  readonly step: Step
  readonly answer: Answer
  /** Sentences; none where it's right. */
  readonly wrong: readonly string[]
  /** What of the recording answered the driver meanwhile; none where nobody was there to tell. */
  readonly exchanges: readonly HarEntry[]
}

/** @param answered what a player has answered so far */
export const performSteps = async (
  client: Client,
  scenario: Scenario,
  format: Format,
  answered: readonly HarEntry[] = [],
): Promise<readonly StepOutcome[]> => {
  const outcomes: StepOutcome[] = []
  for (const step of scenario.steps) {
    const before = answered.length
    const answer = await client.ask(requestOf(step, scenario, format))
    outcomes.push({ step, answer, wrong: judge(step, answer, format), exchanges: answered.slice(before) })
  }
  return outcomes
}

/** The request of a step, as a client of the API sends it. */
export const requestOf = (
  { request: { method, path, query = {}, form, headers = {}, body } }: Pick<Step, 'request'>,
  { driver, provider, credentials }: Pick<Scenario, 'driver' | 'provider' | 'credentials'>,
  format: Format | 'html',
): Ask => {
  const type: Readonly<Record<string, string>> = body === undefined ? {} : { 'Content-Type': body.mimeType }
  return {
    method,
    target: `${path}?${new URLSearchParams({ ...query, format })}`,
    headers: {
      'X-Deltacloud-Driver': driver,
      ...(provider === undefined ? {} : { 'X-Deltacloud-Provider': provider }),
      ...type,
      ...headers,
    },
    login: credentials ?? null,
    ...(form === undefined ? {} : { form }),
    ...(body === undefined ? {} : { body: Buffer.from(body.text, body.encoding ?? 'utf8') }),
  }
}

/** What is wrong with an answer, as sentences; none where it's as expected. */
export const judge = ({ title, expect }: Step, answer: Answer, format: Format): string[] => {
  const statuses = [expect.status].flat()
  if (!statuses.includes(answer.status)) return [`${title}: the status is ${answer.status}, not ${statuses.join(' or ')}`]
  let document: Document
  try {
    document =
      answer.text === '' || !isDocument(answer)
        ? nothing
        : format === 'xml'
          ? inXmlDocument(readXml(answer.text))
          : inJsonDocument(JSON.parse(answer.text))
  } catch (error) {
    return [`${title}: the document can't be read: ${error instanceof Error ? error.message : String(error)}`]
  }
  return [...wrongError(expect, document), ...wrongList(expect, document), ...wrongElement(expect, document)].map(
    sentence => `${title}: ${sentence}`,
  )
}

const isDocument = ({ headers }: Answer): boolean => /xml|json/.test(headers.get('content-type') ?? '')

/** A resource, whatever its format. */
type Resource = (name: string) => Value

interface Document {
  readonly errorStatus: string | undefined
  list(collection: string): readonly Resource[] | undefined
  readonly element: Resource | undefined
}

const nothing: Document = { errorStatus: undefined, list: () => undefined, element: undefined }

const inXmlDocument = (root: Element): Document => {
  const resource =
    (element: Element): Resource =>
    name =>
      readXmlAttribute(element, name)
  return {
    errorStatus: root.name === 'error' ? root.attributes.get('status') : undefined,
    list: collection =>
      root.name === collection ? root.children.filter(({ attributes }) => attributes.has('id')).map(resource) : undefined,
    element: findElements(root, 'id').length > 0 || root.attributes.has('id') ? resource(root) : undefined,
  }
}

const inJsonDocument = (document: unknown): Document => {
  const item = isItem(document) ? document : {}
  const resource =
    (one: Readonly<Record<string, unknown>>): Resource =>
    name =>
      readJsonAttribute(one, name)
  const [inner] = Object.values(item).filter(isItem)
  return {
    errorStatus: read(item, 'code'),
    list: collection => (Array.isArray(item[collection]) ? itemsAt(item, collection).map(resource) : undefined),
    // An action is answered with the resource itself.
    element: typeof item.id === 'string' ? resource(item) : inner === undefined ? undefined : resource(inner),
  }
}

const wrongError = ({ error }: Expectation, { errorStatus }: Document): string[] => {
  if (error === undefined) return []
  if (errorStatus === undefined) return ['there is no error document']
  return error.status === undefined || String(error.status) === errorStatus
    ? []
    : [`the error document says ${errorStatus}, not ${error.status}`]
}

const wrongList = ({ collection, count, members = [] }: Expectation, document: Document): string[] => {
  if (collection === undefined) return []
  const list = document.list(collection)
  if (list === undefined) return [`the document is no list of ${collection}`]
  const found: string[] = []
  if (list.length !== count) found.push(`there are ${list.length} ${collection}, not ${count}`)
  for (const member of members) {
    const fitting = list.filter(one => wrongAttributes(member, one).length === 0)
    if (fitting.length === 1) continue
    const named = list.find(one => isAlike(member.id, one('id')))
    const reason =
      fitting.length > 1
        ? `${fitting.length} are like it`
        : named === undefined
          ? 'there is none of that id'
          : wrongAttributes(member, named).join(', ')
    found.push(`${collection} should have one ${String(member.id ?? JSON.stringify(member))}: ${reason}`)
  }
  return found
}

const wrongElement = ({ element }: Expectation, document: Document): string[] => {
  if (element === undefined) return []
  return document.element === undefined ? ['the document is no resource'] : wrongAttributes(element, document.element)
}

const wrongAttributes = (expected: Attributes, resource: Resource): string[] =>
  Object.entries(expected).flatMap(([name, value]) => {
    const actual = resource(name)
    // Some clouds' own words for states are in lower case, and scenarios have them all in upper case.
    const isRight = name === 'state' ? isAlike(String(value).toUpperCase(), String(actual ?? '').toUpperCase()) : isAlike(value, actual)
    return isRight ? [] : [`${name} is ${JSON.stringify(actual) ?? 'absent'}, not ${JSON.stringify(value)}`]
  })
