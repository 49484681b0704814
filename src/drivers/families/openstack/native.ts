/** What an OpenStack service says, read once: values are asked for by name, and what is missing or of a wrong kind is named. */

import { CloudError } from '../../../model/errors.ts'

/** An object of an answer. Null counts as absent, for the services write it where they have nothing to say. */
export class Native {
  private readonly members: Readonly<Record<string, unknown>>
  private readonly call: string
  private readonly path: string

  /**
   * @param call what was asked, for messages
   * @param path where in the answer it stands; empty for the whole
   * @throws CloudError `provider-error` for what is no object
   */
  constructor(value: unknown, call: string, path = '') {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw unreadable(call, path === '' ? 'the answer' : path)
    this.members = value as Readonly<Record<string, unknown>>
    this.call = call
    this.path = path
  }

  /** Numbers count as text: old services have numeric ids. @throws CloudError `provider-error` for anything else */
  text(name: string): string | undefined {
    const value = this.value(name)
    if (value === undefined || typeof value === 'string') return value
    if (typeof value === 'number') return String(value)
    throw this.wrong(name)
  }

  /** A text without which the rest is useless. @throws CloudError `provider-error` that names it */
  need(name: string): string {
    const value = this.text(name)
    if (value === undefined) throw this.wrong(name)
    return value
  }

  /** The first of several names that is there: the versions of a service name things differently. */
  oneOf(...names: readonly string[]): string | undefined {
    for (const name of names) {
      const value = this.text(name)
      if (value !== undefined) return value
    }
    return undefined
  }

  /** @throws CloudError `provider-error` for what is no number */
  number(name: string): number | undefined {
    const value = this.value(name)
    if (value === undefined || value === '') return undefined
    const number = typeof value === 'string' ? Number(value) : value
    if (typeof number !== 'number' || Number.isNaN(number)) throw this.wrong(name)
    return number
  }

  /** @throws CloudError `provider-error` for what is no flag */
  flag(name: string): boolean | undefined {
    const value = this.value(name)
    if (value === undefined || typeof value === 'boolean') return value
    throw this.wrong(name)
  }

  /** An object, where there is one: some services write a text instead. @throws CloudError `provider-error` for anything else */
  object(name: string): Native | undefined {
    const value = this.value(name)
    return value === undefined || typeof value === 'string' ? undefined : new Native(value, this.call, this.below(name))
  }

  /** @throws CloudError `provider-error` where it isn't there */
  needObject(name: string): Native {
    return new Native(this.value(name), this.call, this.below(name))
  }

  /** The objects of a list; none where there is no list. @throws CloudError `provider-error` for anything else */
  list(name: string): readonly Native[] {
    return this.items(name)?.map((item, n) => new Native(item, this.call, `${this.below(name)}/${n}`)) ?? []
  }

  /** @throws CloudError `provider-error` where there is no list */
  needList(name: string): readonly Native[] {
    if (this.value(name) === undefined) throw this.wrong(name)
    return this.list(name)
  }

  /** The texts of a list; none where there is no list. @throws CloudError `provider-error` for anything else */
  texts(name: string): readonly string[] {
    return (
      this.items(name)?.map(item => {
        if (typeof item === 'string' || typeof item === 'number') return String(item)
        throw this.wrong(name)
      }) ?? []
    )
  }

  /** A text, or undefined where it's said to be none. @throws CloudError `provider-error` where nothing is said of it */
  told(name: string): string | undefined {
    if (!Object.hasOwn(this.members, name)) throw this.wrong(name)
    return this.text(name)
  }

  has(name: string): boolean {
    return this.value(name) !== undefined
  }

  /** Names of the members, where these are data. */
  names(): readonly string[] {
    return Object.keys(this.members)
  }

  private items(name: string): readonly unknown[] | undefined {
    const value = this.value(name)
    if (value === undefined || Array.isArray(value)) return value
    throw this.wrong(name)
  }

  private value(name: string): unknown {
    return Object.hasOwn(this.members, name) ? (this.members[name] ?? undefined) : undefined
  }

  private below(name: string): string {
    return this.path === '' ? name : `${this.path}/${name}`
  }

  private wrong(name: string): CloudError {
    return unreadable(this.call, this.below(name))
  }
}

const unreadable = (call: string, what: string): CloudError => new CloudError('provider-error', `${call}: ${what} can't be read`)

/** @returns undefined for what is no JSON */
export const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The body of a request: members without a value aren't sent. */
export const given = (members: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))

/** The members that have a value: what is absent at the provider is absent in the model. */
export const known = <T extends object>(members: { readonly [K in keyof T]: T[K] | undefined }): T =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as T
