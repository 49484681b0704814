/** What all lists have in common: filters by what documents say, an order, fields, and pages by a marker. */

import type { WireResponse } from '../../../drivers/wire.ts'
import { isConfidential } from '../../../model/secrets.ts'
import { type Asked, json } from './asked.ts'
import { baseIn } from './catalog.ts'
import { badRequest } from './errors.ts'

export type Document = Readonly<Record<string, unknown>>

/** How a service lists: what of the query isn't a filter, how filters compare, how large a page is, and where the next one is told. */
export interface Style {
  /** Milliards of resources don't come at once. */
  readonly usualLimit: number
  /** Names that filters may have beside those of documents, and what they read there; undefined lets everything through. */
  readonly filters?: Readonly<Record<string, ((document: Document, value: string) => boolean) | undefined>>
  /** Whether a filter that nothing is known about is an error, and not overlooked. */
  readonly isStrict?: boolean
  /** All come at once, whatever is asked. */
  readonly isWhole?: true
  /** `next` of Glance, or links by relation. */
  readonly next: 'links' | 'path'
}

/** Parameters that are about the page, and not about what's in it. */
const paging: ReadonlySet<string> = new Set([
  ...['limit', 'marker', 'page_reverse', 'sort', 'sort_key', 'sort_dir', 'fields', 'with_count', 'offset', 'all_tenants', 'all_projects'],
])

/** A page of documents, as the service has them under `key`. @throws Fault 400 for a limit, a marker or a filter that can't be */
export const listed = (
  asked: Asked,
  key: string,
  documents: readonly Document[],
  style: Style,
  shown: (document: Document) => Document = document => document,
): WireResponse => {
  const { query } = asked
  const found = sorted(query, filtered(query, documents, style))
  const limit =
    style.isWhole === true ? found.length : Math.min(limitIn(query, style), asked.gate.settings.pageSize ?? Number.POSITIVE_INFINITY)
  const marker = style.isWhole === true ? '' : (query.get('marker') ?? '')
  const at = marker === '' ? 0 : found.findIndex(document => markOf(document) === marker) + 1
  if (marker !== '' && at === 0) throw badRequest(`marker [${marker.slice(0, 100)}] not found`)
  const page = found.slice(at, at + limit)
  const last = page.at(-1)
  const next = last === undefined || at + limit >= found.length ? undefined : nextOf(asked, markOf(last))
  const fields = query.getAll('fields')
  return json(200, {
    [key]: page.map(document => chosen(shown(document), fields)),
    ...(next === undefined
      ? {}
      : style.next === 'path'
        ? { next: `/v2${next}` }
        : { [`${key}_links`]: [{ rel: 'next', href: linkTo(asked, next) }] }),
  })
}

/** Resources have ids; pairs of keys are wrapped, and have names. */
const markOf = (document: Document): string => String(document.id ?? document.name ?? '')

const filtered = (query: URLSearchParams, documents: readonly Document[], { filters = {}, isStrict }: Style): readonly Document[] => {
  let left = documents
  for (const name of new Set(query.keys())) {
    if (paging.has(name)) continue
    const values = query.getAll(name)
    if (Object.hasOwn(filters, name)) {
      const matches = filters[name]
      if (matches !== undefined) left = left.filter(document => values.some(value => matches(document, value)))
    } else if (documents.some(document => Object.hasOwn(document, name)))
      left = left.filter(document => values.some(value => isSaid(document[name], value)))
    else if (isStrict === true && documents.length > 0) throw badRequest(`['${name.slice(0, 100)}'] is invalid attribute for filtering`)
  }
  return left
}

/** Flags are written in many ways. */
const isSaid = (said: unknown, value: string): boolean => {
  if (typeof said === 'boolean') return said === /^(true|1|yes)$/i.test(value)
  return String(said ?? '') === value
}

/** `sort=name:asc,created_at`, or `sort_key` and `sort_dir`, as often as there are keys. */
const sorted = (query: URLSearchParams, documents: readonly Document[]): readonly Document[] => {
  const asked = [
    ...(query.get('sort') ?? '').split(',').map(one => one.split(':')),
    ...query.getAll('sort_key').map((key, n) => [key, query.getAll('sort_dir')[n] ?? 'asc']),
  ]
  const names = new Set(documents.flatMap(document => Object.keys(document)))
  // What was sorted by is in order: the same key again would change nothing.
  const orders = new Map<string, string | undefined>()
  for (const [key = '', direction] of asked) if (names.has(key) && !orders.has(key)) orders.set(key, direction)
  if (orders.size === 0) return documents
  return [...documents].sort((a, b) => {
    for (const [key, direction] of orders) {
      const [left, right] = [String(a[key] ?? ''), String(b[key] ?? '')]
      if (left !== right) return (left < right ? -1 : 1) * (direction === 'desc' ? -1 : 1)
    }
    return 0
  })
}

const limitIn = (query: URLSearchParams, { usualLimit }: Style): number => {
  const text = query.get('limit')
  if (text === null) return usualLimit
  if (!/^\d{1,9}$/.test(text)) throw badRequest('limit must be a whole number')
  const limit = Number(text)
  return limit === 0 ? usualLimit : Math.min(limit, 1000)
}

const nextOf = ({ query, here }: Asked, marker: string): string => {
  // A link repeats what was asked, and nothing that proves who asked it.
  const next = new URLSearchParams([...query].filter(([name]) => !isConfidential(name)))
  next.set('marker', marker)
  return `${here}?${next}`
}

const linkTo = ({ base, region, request }: Asked, path: string): string => {
  // What stands between the root and the path: service, version, and Cinder's project.
  const raw = request.target.split('?')[0] ?? ''
  const root = baseIn('/openstack', region)
  const above = raw.slice(raw.indexOf(root) + root.length, raw.length - (path.split('?')[0] ?? '').length)
  return `${base}${above}${path}`
}

const chosen = (document: Document, fields: readonly string[]): Document =>
  fields.length === 0 ? document : Object.fromEntries(Object.entries(document).filter(([name]) => fields.includes(name)))
