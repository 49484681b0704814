/** A scenario's first draft: what clients asked, and what they got, to be read over by a person. */

import type { RecordedStep } from './recorder.ts'

export interface Draft {
  readonly driver: string
  readonly title: string
  readonly provider?: string
  readonly credentials?: { readonly user: string; readonly password: string }
  readonly traffic: string
  readonly options?: object
  readonly provenance: { readonly kind: string; readonly service: string; readonly captured: string }
  readonly steps: readonly object[]
}

export interface DraftOptions {
  readonly driver: string
  readonly name: string
  readonly title: string
  readonly provider: string | undefined
  readonly user: string | undefined
  /** `live` for the service itself, `emulator` for another implementation. */
  readonly kind: 'live' | 'emulator'
  readonly service: string
  /** The day, `2026-11-27`. */
  readonly captured: string
  /** What steps are called, in order; the others are called by their requests. */
  readonly titles?: readonly (string | undefined)[]
}

export const draftOf = (
  steps: readonly RecordedStep[],
  { driver, name, title, provider, user, kind, service, captured, titles = [] }: DraftOptions,
): Draft => ({
  driver,
  title,
  ...(provider === undefined ? {} : { provider }),
  ...(user === undefined ? {} : { credentials: { user, password: 'REDACTED' } }),
  traffic: `${name}.har`,
  provenance: { kind, service, captured },
  steps: steps.map((step, n) => ({
    title: titles[n] ?? `${step.method} ${step.path}`,
    request: {
      method: step.method,
      path: step.path,
      ...(Object.keys(step.query).length === 0 ? {} : { query: step.query }),
      ...(Object.keys(step.form).length === 0 ? {} : { form: step.form }),
      ...(Object.keys(step.headers).length === 0 ? {} : { headers: step.headers }),
    },
    expect: expectationOf(step),
  })),
})

/** What is worth being held to: ids, names, sizes, states and references; what changes with each day isn't. */
const expectationOf = ({ status, answer, path }: RecordedStep): object => {
  if (status >= 400) return { status, error: { status } }
  const [, , collection = '', id] = path.split('/')
  const document = parsed(answer)
  if (document === undefined) return { status }
  const list = document[collection]
  if (id === undefined && Array.isArray(list)) {
    const members = list.filter(isObject).map(attributesOf)
    return { status, collection, count: list.length, ...(members.length === 0 ? {} : { members }) }
  }
  const inner = Object.values(document).find(isObject)
  const element =
    typeof document.id === 'string'
      ? attributesOf(document)
      : inner === undefined || Object.keys(document).length > 1
        ? undefined
        : attributesOf(inner)
  return element === undefined ? { status } : { status, element }
}

type Json = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

const parsed = (text: string): Json | undefined => {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

const texts = ['name', 'description', 'capacity'] as const
const references = ['image', 'realm', 'hardware_profile', 'storage_volume', 'instance'] as const
const machineActions: ReadonlySet<string> = new Set(['start', 'stop', 'reboot', 'destroy'])

const attributesOf = (item: Json): Readonly<Record<string, string | readonly string[]>> => {
  const found: Record<string, string | readonly string[]> = { id: String(item.id) }
  for (const name of texts) {
    const text = item[name]
    if (typeof text === 'number' || (typeof text === 'string' && text !== '')) found[name] = String(text)
  }
  if (typeof item.state === 'string') found.state = item.state.toUpperCase()
  for (const name of references) {
    const reference = item[name]
    if (isObject(reference) && typeof reference.id === 'string') found[`${name}.id`] = reference.id
  }
  if (typeof item.state === 'string' && isObject(item.image) && Array.isArray(item.actions)) {
    found.actions = item.actions
      .filter(isObject)
      .map(({ rel }) => String(rel))
      .filter(rel => machineActions.has(rel))
      .sort()
  }
  return found
}
