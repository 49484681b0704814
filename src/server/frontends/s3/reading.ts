/** XML documents that clients of S3 send, read narrowly: no DOCTYPE, no more than a mebibyte. */

import type { XMLParser } from 'fast-xml-parser'
import { readBody } from '../../../drivers/wire.ts'
import { hasMoreParts } from '../../bounds.ts'
import { type Asked, contentIn } from './asked.ts'
import { S3Error } from './errors.ts'

/** Bytes: a thousand keys of a thousand bytes. */
const largest = 2 * 1024 * 1024

/** Ten thousand parts of an upload, with a few elements each. */
const mostTags = 100_000

/** The document in the request's body, under its root; undefined where there is none. @throws S3Error `MalformedXML` */
export const documentIn = async (asked: Asked, root: string): Promise<Element | undefined> => {
  let text: string
  try {
    text = String(await readBody(contentIn(asked).content, largest))
  } catch (error) {
    if (error instanceof RangeError) throw malformed()
    throw error
  }
  if (text.trim() === '') return undefined
  if (/<!DOCTYPE/i.test(text) || hasMoreParts(text, '<', mostTags)) throw malformed()
  const parser = await parserOf()
  let parsed: unknown
  try {
    parsed = parser.parse(text, true)
  } catch {
    throw malformed()
  }
  const found = new Element(parsed).elements(root)[0]
  if (found === undefined) throw malformed()
  return found
}

export const malformed = (): S3Error =>
  new S3Error('MalformedXML', 'The XML you provided was not well-formed or did not validate against our published schema')

let loading: Promise<XMLParser> | undefined

const parserOf = (): Promise<XMLParser> => {
  loading ??= import('fast-xml-parser').then(
    ({ XMLParser }) =>
      new XMLParser({ parseTagValue: false, trimValues: false, removeNSPrefix: true, ignoreAttributes: true, htmlEntities: true }),
  )
  return loading
}

/** An element of a document: its children by name. */
export class Element {
  private readonly children: Readonly<Record<string, unknown>>

  constructor(value: unknown) {
    this.children = typeof value === 'object' && value !== null ? { ...value } : {}
  }

  elements(name: string): readonly Element[] {
    return this.all(name).map(value => new Element(value))
  }

  /** The text of a child; undefined where there is none. */
  text(name: string): string | undefined {
    const [value] = this.all(name)
    return typeof value === 'string' ? value : undefined
  }

  private all(name: string): readonly unknown[] {
    const value = Object.hasOwn(this.children, name) ? this.children[name] : undefined
    return value === undefined ? [] : Array.isArray(value) ? value : [value]
  }
}
