/** D2 of pages: a form that a browser sends, and a button that is pressed, do what the same request of the API does. */

import fc from 'fast-check'
import { offers } from '../../../src/drivers/driver.ts'
import type { Answer } from '../../client.ts'
import { type CloudUnderTest, hold } from '../../cloud-under-test.ts'
import { contentOf, entriesOf, type Field, type Filling, formsIn, type PageForm, pageOf, requestOf } from '../../documents/page.ts'
import { type Command, creation, Inventory, resolveParameters } from '../../generators/commands.ts'
import { isSame } from '../asking.ts'
import type { Setting } from '../law.ts'
import type { Way } from './links.ts'

type Making = Command & { readonly op: 'create' }

/** What may be made by a form of the API's pages. */
export const anyMaking = ({ offer, source }: Pick<Setting, 'offer' | 'source'>): fc.Arbitrary<Making | undefined> => {
  const able = Object.keys(offer.operations).filter(name => name !== 'blobs' && offers(offer.operations, name as 'keys', 'create'))
  return source !== 'T' || able.length === 0
    ? fc.constant(undefined)
    : fc.constantFrom(...able).chain(name => creation(offer, name).map(made => (made.op === 'create' ? made : undefined)))
}

/** Something is made by the form of its collection, and in a cloud that is alike by the API. */
export const checkMaking = async (cloud: CloudUnderTest, command: Making): Promise<void> => {
  if (cloud.abilities.fork === undefined) return
  const { collection } = command
  const target = `${cloud.root}/${collection}`
  const parameters = await resolveParameters(new Inventory(cloud), command.parameters)
  const form = await makingForm(cloud, target)
  hold(form !== undefined, () => `The page of ${collection} has no form for something new`)
  const filling = fill(`The form of ${collection}`, form, parameters)
  const twin = await cloud.abilities.fork()
  const byForm = await cloud.ask(requestOf(form, filling, 'commit'))
  const byApi = await twin.ask({ method: 'POST', target: `${target}?format=json`, form: parameters })
  await holdSameOutcome(cloud, twin, `The form of ${collection} with ${JSON.stringify(parameters)}`, [byForm, byApi], [target])
}

const makingForm = async (cloud: CloudUnderTest, target: string): Promise<PageForm | undefined> => {
  const page = await cloud.ask(`${target}/new?format=html`)
  if (page.status === 200) return formsIn(contentOf(pageOf(page)))[0]
  // What needs no parameters is made by a button.
  const index = await cloud.ask(`${target}?format=html`)
  return formsIn(contentOf(pageOf(index))).find(({ action, method }) => method === 'post' && new URL(action).pathname === target)
}

/** What a person writes to give these parameters. @throws LawViolation where the form lets nobody give them */
const fill = (what: string, { fields }: PageForm, parameters: Readonly<Record<string, string>>): Filling => {
  const filling: Record<string, string> = {}
  for (const [name, value] of Object.entries(parameters)) {
    const own = fields.filter(field => field.name === name && (field.kind !== 'checkbox' || field.value === 'true'))
    const stem = name.replace(/\d+$/, '')
    const numbered = fields.filter(field => field.kind === 'checkbox' && field.name.replace(/\d+$/, '') === stem && field.value === value)
    const [field] = own.length > 0 ? own : numbered
    hold(field !== undefined, () => `${what} has no field for ${name}=${value}`)
    const choices = field.kind === 'radio' ? own.map(one => one.value) : field.kind === 'select' ? field.choices : [value]
    hold(choices.includes(value), () => `${what} offers ${choices.join(', ')} for ${name}, and not ${value}`)
    filling[field.name] = value
  }
  return filling
}

/** One of the things that a page offers is done by it, and in a cloud that is alike by the API. */
export const checkDoing = async (cloud: CloudUnderTest, collection: string, { offered, form }: Way, n: number): Promise<void> => {
  if (cloud.abilities.fork === undefined) return
  const filling = writeAnything(form, n)
  if (filling === undefined) return
  const twin = await cloud.abilities.fork()
  const entries = entriesOf(form, filling).filter(([name, value]) => name !== '_method' && value !== '')
  const byForm = await cloud.ask(requestOf(form, filling, 'commit'))
  const byApi = await twin.ask({
    method: offered.method.toUpperCase(),
    target: `${offered.path}?format=json`,
    ...(offered.method === 'post' ? { form: Object.fromEntries(entries) } : {}),
  })
  const what = `${offered.method} ${offered.path} by its page with ${JSON.stringify(entries)}`
  const [, , own = collection] = offered.path.split('/')
  const blob = entries.find(([name]) => name === 'blob_id')?.[1]
  const places = [
    `${cloud.root}/${collection}`,
    `${cloud.root}/${own}`,
    ...(offered.method === 'post' ? [offered.path] : []),
    ...(blob === undefined ? [] : [`${offered.path}/${blob}/content`]),
  ]
  await holdSameOutcome(cloud, twin, what, [byForm, byApi], [...new Set(places)])
}

/** Fields that need it are filled with something; undefined where there is nothing to choose. */
const writeAnything = ({ fields }: PageForm, n: number): Filling | undefined => {
  const filling: Record<string, string> = {}
  for (const field of fields) {
    if (!field.isRequired || field.value !== '') continue
    const value = anythingFor(field, n)
    if (value === undefined) return undefined
    filling[field.name] = value
  }
  return filling
}

const anythingFor = ({ kind, choices }: Field, n: number): string | undefined => {
  const able = choices.filter(choice => choice !== '')
  return kind === 'select' ? able[n % Math.max(1, able.length)] : kind === 'number' ? String(1 + (n % 9)) : `word${n}`
}

const holdSameOutcome = async (
  cloud: CloudUnderTest,
  twin: CloudUnderTest,
  what: string,
  [byForm, byApi]: readonly [Answer, Answer],
  places: readonly string[],
): Promise<void> => {
  const didAlike = byForm.status < 400 ? byApi.status < 400 : byForm.status === byApi.status
  hold(didAlike, () => `${what} is answered with ${byForm.status}, and the same by the API with ${byApi.status}`)
  if (byForm.status < 300 || byForm.status >= 400) pageOf(byForm)
  const location = byForm.headers.get('location')
  if (byForm.status === 201)
    hold(location === byApi.headers.get('location'), () => `${what} makes ${location}, and the API ${byApi.headers.get('location')}`)
  if (byForm.status === 303) {
    const { pathname, search } = new URL(location ?? '', 'http://cloud.test')
    const next = await cloud.ask({ method: 'GET', target: pathname + search, headers: { Accept: 'text/html' } })
    hold(next.status === 200, () => `${what} leads on to ${pathname}, which is answered with ${next.status}`)
  }
  for (const place of places) {
    const [own, other] = [await cloud.ask(`${place}?format=json`), await twin.ask(`${place}?format=json`)]
    hold(
      own.status === other.status && isSame(own.text, other.text),
      () => `After ${what} there is ${own.text} at ${place}, and after the same by the API ${other.text}`,
    )
  }
}
