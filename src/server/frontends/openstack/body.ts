/** What clients send as JSON, read once: values are asked for by name, and what is missing or of a wrong kind is named. */

import { readBody, type WireRequest } from '../../../drivers/wire.ts'
import { isWithin, type JsonBounds, parameterLimit } from '../../bounds.ts'
import { badRequest, Fault } from './errors.ts'

/** Bytes: files and user data are the largest thing in a request. */
const largest = 1024 * 1024

/** The largest is a manifest: a thousand segments of a few members each. */
const bounds: JsonBounds = { values: 10 * parameterLimit, members: parameterLimit, depth: 100 }

/** The object that a request's body is; without one it has no members. @throws Fault 400 for anything else, 413 for what is too large */
export const bodyOf = async (request: WireRequest): Promise<Body> => new Body((await jsonIn(request, largest)) ?? {})

/** What a request's body says as JSON, undefined without one. @param most bytes @throws Fault 400, 413 */
export const jsonIn = async (request: WireRequest, most: number): Promise<unknown> => {
  let text: string
  try {
    text = String(await readBody(request.body, most))
  } catch (error) {
    if (error instanceof RangeError) throw new Fault(413, `The request is larger than ${most} bytes`)
    throw error
  }
  if (text === '') return undefined
  if (!isWithin(text, bounds))
    throw badRequest(
      `The request body has more than ${bounds.members} members in one place, more than ${bounds.values} in all, or more than ${bounds.depth} levels`,
    )
  try {
    return JSON.parse(text)
  } catch {
    throw badRequest('Malformed request body')
  }
}

/** An object of a request. Null counts as absent. */
export class Body {
  private readonly members: Readonly<Record<string, unknown>>
  private readonly path: string

  /** @throws Fault 400 for what is no object */
  constructor(value: unknown, path = '') {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw badRequest(path === '' ? 'The request body must be a JSON object' : wrong(path, 'must be an object'))
    this.members = value as Readonly<Record<string, unknown>>
    this.path = path
  }

  has(name: string): boolean {
    return Object.hasOwn(this.members, name)
  }

  /** Whether there's a value that isn't null. */
  gives(name: string): boolean {
    return this.value(name) !== undefined
  }

  names(): readonly string[] {
    return Object.keys(this.members)
  }

  /** Numbers count as text: clients write ids of flavors both ways. */
  text(name: string): string | undefined {
    const value = this.value(name)
    if (value === undefined || typeof value === 'string') return value
    if (typeof value === 'number') return String(value)
    throw badRequest(wrong(this.below(name), 'must be a string'))
  }

  need(name: string): string {
    const value = this.text(name)
    if (value === undefined) throw badRequest(wrong(this.below(name), 'is a required property'))
    return value
  }

  number(name: string): number | undefined {
    const value = this.value(name)
    const number = typeof value === 'string' && value !== '' ? Number(value) : value
    if (number === undefined) return undefined
    if (typeof number !== 'number' || !Number.isFinite(number)) throw badRequest(wrong(this.below(name), 'must be a number'))
    return number
  }

  flag(name: string): boolean | undefined {
    const value = this.value(name)
    if (value === undefined || typeof value === 'boolean') return value
    if (typeof value === 'string' && /^(true|false)$/i.test(value)) return value.toLowerCase() === 'true'
    throw badRequest(wrong(this.below(name), 'must be a boolean'))
  }

  object(name: string): Body | undefined {
    const value = this.value(name)
    return value === undefined ? undefined : new Body(value, this.below(name))
  }

  needObject(name: string): Body {
    const found = this.object(name)
    if (found === undefined) throw badRequest(wrong(this.below(name), 'is a required property'))
    return found
  }

  /** Objects of a list; none where there is no list. */
  list(name: string): readonly Body[] {
    return this.items(name).map((item, n) => new Body(item, `${this.below(name)}/${n}`))
  }

  /** Texts by name: metadata. */
  texts(name: string): Readonly<Record<string, string>> {
    const found = this.object(name)
    return Object.fromEntries(found?.names().map(key => [key, found.need(key)]) ?? [])
  }

  items(name: string): readonly unknown[] {
    const value = this.value(name)
    if (value === undefined) return []
    if (!Array.isArray(value)) throw badRequest(wrong(this.below(name), 'must be an array'))
    return value
  }

  isText(name: string): boolean {
    return typeof this.value(name) === 'string'
  }

  private value(name: string): unknown {
    return Object.hasOwn(this.members, name) ? (this.members[name] ?? undefined) : undefined
  }

  private below(name: string): string {
    return this.path === '' ? name : `${this.path}/${name}`
  }
}

const wrong = (path: string, why: string): string => `Invalid input for field/attribute ${path.slice(0, 200)}: it ${why}.`
