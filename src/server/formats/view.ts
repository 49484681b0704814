/**
 * A resource has one view: a list of fields. A field reads the model once, and says for each format what it's called, where it stands and
 * what stands for absent. Formats render views and never read the model themselves.
 */

import type { Offer } from '../../drivers/driver.ts'
import type { Resource } from '../../model/resources.ts'
import type { Links } from '../links.ts'
import { legal } from './text.ts'
import { attribute, href, type XmlWriter } from './xml.ts'

/** What rendering needs beside the resource: where links lead, and what the cloud can do. */
export interface Scene {
  readonly links: Links
  readonly offer: Offer
}

/** What can be done with a resource now. */
export interface ActionLink {
  readonly rel: string
  readonly method: 'get' | 'post' | 'delete' | 'put'
  readonly href: string
  /** A page that asks for what the action needs; without it a button will do. */
  readonly form?: string
  /** What a button says; by default the rel in words. */
  readonly label?: string
  /** What it's done to, where that isn't the resource itself: buttons that say the same differ in it. */
  readonly of?: string
  /** Whether a table of resources offers it, too. */
  readonly handy?: boolean
}

/** How a page shows a value. */
export type Display =
  | string
  | number
  | undefined
  | { readonly href: string; readonly text: string }
  | { readonly preformatted: string }
  | { readonly state: string }
  | { readonly actions: readonly ActionLink[] }
  | { readonly head: readonly string[]; readonly rows: readonly (readonly Display[])[] }
  | readonly Display[]

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined }

export interface Field<T> {
  /** For people, and the key by which tests and filters name it. */
  readonly label: string
  /** Whether a table of resources shows it. */
  readonly column: boolean
  xml?(writer: XmlWriter, item: T, scene: Scene): void
  /** Sets nothing for an absent value that JSON leaves out. */
  json?(document: Record<string, Json | undefined>, item: T, scene: Scene): void
  display(item: T, scene: Scene): Display
}

export interface View<T extends Resource> {
  readonly collection: string
  readonly singular: string
  href(item: T, links: Links): string
  /** What a page calls the resource. */
  title(item: T): string
  /** XML attributes beside href and id, as `attribute` makes them. */
  attributes?(item: T): string
  readonly fields: readonly Field<T>[]
  /** Its state in the state machine of instances: a page marks it in the picture. */
  machineState?(item: T): string
}

export const writeXml = <T extends Resource>(writer: XmlWriter, view: View<T>, item: T, scene: Scene): void => {
  writer.open(view.singular, `${href(view.href(item, scene.links))}${attribute('id', item.id)}${view.attributes?.(item) ?? ''}`)
  for (const field of view.fields) field.xml?.(writer, item, scene)
  writer.close(view.singular)
}

export const toJson = <T extends Resource>(view: View<T>, item: T, scene: Scene): Record<string, Json | undefined> => {
  const document: Record<string, Json | undefined> = { id: legal(item.id), href: view.href(item, scene.links) }
  for (const field of view.fields) field.json?.(document, item, scene)
  return document
}

interface Naming {
  readonly label?: string
  readonly column?: boolean
}

interface TextOptions<T> extends Naming {
  /** Name in JSON, where it differs; null where JSON hasn't got it. */
  readonly json?: string | null
  /** Name in XML, where it differs; null where XML hasn't got it. */
  readonly xml?: string | null
  /** What XML does with an absent value: an empty element, or none. */
  readonly absentInXml?: 'empty' | 'left out'
  /** What JSON does with an absent value: null, or no key. */
  readonly absentInJson?: 'null' | 'left out'
  readonly cdata?: boolean
  /** XML attributes of the element, as `attribute` makes them. */
  readonly attributes?: string
  /** What XML and pages show instead of an absent value; JSON says that it's absent. */
  readonly fallback?: (item: T) => string
}

/** `storage_volumes` as people read it: `Storage volumes`. */
export const humanise = (name: string): string => {
  const words = name.replaceAll('_', ' ')
  return words[0] === undefined ? words : words[0].toUpperCase() + words.slice(1)
}

/** A text or a number. */
export const text = <T>(name: string, read: (item: T) => string | number | undefined, options: TextOptions<T> = {}): Field<T> => {
  const { attributes = '', absentInXml = 'empty', absentInJson = 'null' } = options
  const xmlName = options.xml === undefined ? name : options.xml
  const jsonName = options.json === undefined ? name : options.json
  const shown = (item: T): string | number | undefined => read(item) ?? options.fallback?.(item)
  return {
    label: options.label ?? humanise(name),
    column: options.column ?? false,
    ...(xmlName === null
      ? {}
      : {
          xml(writer, item) {
            const value = shown(item)
            if (value === undefined && absentInXml === 'left out') return
            if (options.cdata === true) writer.cdata(xmlName, value === undefined ? undefined : String(value), attributes)
            else writer.leaf(xmlName, value, attributes)
          },
        }),
    ...(jsonName === null
      ? {}
      : {
          json(document, item) {
            const value = read(item)
            if (value !== undefined) document[jsonName] = typeof value === 'string' ? legal(value) : value
            else if (absentInJson === 'null') document[jsonName] = null
          },
        }),
    display: shown,
  }
}

/** A state: as text, but a page marks it by colour and shape. */
export const state = <T>(read: (item: T) => string | undefined, options: TextOptions<T> = {}): Field<T> => ({
  ...text('state', read, { column: true, ...options }),
  display(item) {
    const value = read(item)
    return value === undefined ? undefined : { state: value }
  },
})

interface ReferenceOptions extends Naming {
  /** What JSON does with an absent reference: the collection with a null id, or no key. */
  readonly absentInJson?: 'collection' | 'left out' | 'empty'
  /** Whether JSON carries `rel`. */
  readonly rel?: boolean
}

/** One other resource, by id. */
export const reference = <T>(
  name: string,
  collection: string,
  read: (item: T) => string | undefined,
  options: ReferenceOptions = {},
): Field<T> => ({
  label: options.label ?? humanise(name),
  column: options.column ?? false,
  xml(writer, item, { links }) {
    const id = read(item)
    if (id !== undefined) writer.empty(name, `${href(links.member(collection, id))}${attribute('id', id)}`)
  },
  json(document, item, { links }) {
    const id = read(item)
    const rel = options.rel === false ? {} : { rel: name }
    if (id !== undefined) document[name] = { href: links.member(collection, id), id: legal(id), ...rel }
    else if (options.absentInJson === 'collection') document[name] = { href: links.collection(collection), id: null, ...rel }
    else if (options.absentInJson === 'empty') document[name] = {}
  },
  display(item, { links }) {
    const id = read(item)
    return id === undefined ? undefined : { href: links.member(collection, id), text: id }
  },
})

interface ReferencesOptions extends Naming {
  /** What both formats do with an absent list. */
  readonly absent?: 'empty' | 'left out'
  /** Name of one, in XML. */
  readonly singular: string
  readonly rel?: boolean
  /** Further XML attributes and JSON keys of one. */
  readonly extra?: (item: { readonly id: string }) => Readonly<Record<string, string | undefined>>
  readonly relInXml?: boolean
}

/** A list of other resources. */
export const references = <T>(
  name: string,
  collection: string,
  read: (item: T) => readonly { readonly id: string }[] | undefined,
  options: ReferencesOptions,
): Field<T> => ({
  label: options.label ?? humanise(name),
  column: options.column ?? false,
  xml(writer, item, { links }) {
    const list = read(item)
    if (list === undefined && options.absent === 'left out') return
    writer.open(name)
    for (const one of list ?? []) {
      let attributes = `${href(links.member(collection, one.id))}${attribute('id', one.id)}`
      if (options.extra !== undefined) for (const [key, value] of Object.entries(options.extra(one))) attributes += attribute(key, value)
      if (options.relInXml === true) attributes += attribute('rel', options.singular)
      writer.empty(options.singular, attributes)
    }
    writer.close(name)
  },
  json(document, item, { links }) {
    const list = read(item)
    if (list === undefined && options.absent === 'left out') return
    document[name] = (list ?? []).map(one => ({
      id: legal(one.id),
      href: links.member(collection, one.id),
      ...(options.rel === false ? {} : { rel: options.singular }),
      ...options.extra?.(one),
    }))
  },
  display(item, { links }) {
    return (read(item) ?? []).map(one => ({ href: links.member(collection, one.id), text: one.id }))
  },
})

/** What can be done with the resource. */
export const actions = <T>(
  read: (item: T, scene: Scene) => readonly ActionLink[],
  options: { readonly absentInXml?: 'empty' | 'left out' } = {},
): Field<T> => ({
  label: 'Actions',
  column: false,
  xml(writer, item, scene) {
    const links = read(item, scene)
    if (links.length === 0 && options.absentInXml === 'left out') return
    writer.open('actions')
    for (const link of links) {
      writer.empty('link', `${href(link.href)}${attribute('method', link.method)}${attribute('rel', link.rel)}`)
    }
    writer.close('actions')
  },
  json(document, item, scene) {
    document.actions = read(item, scene).map(({ rel, method, href }) => ({ href, rel, method }))
  },
  display(item, scene) {
    return { actions: read(item, scene) }
  },
})
