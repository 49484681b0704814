/** How often each operation was asked for, refused, and succeeded: by the requests that a cloud was sent. */

import type { Sent } from './client.ts'
import type { Coverage, Report, SubjectResult, Tally } from './results.ts'

export const noTally: Tally = { asked: 0, refused: 0, succeeded: 0 }

export const tallyOf = (status: number): Tally => ({
  asked: 1,
  refused: status >= 400 && status < 500 ? 1 : 0,
  succeeded: status < 400 ? 1 : 0,
})

export const addTallies = (a: Readonly<Record<string, Tally>>, b: Readonly<Record<string, Tally>>): Record<string, Tally> => {
  const all = new Map(Object.entries(a))
  for (const [name, tally] of Object.entries(b)) {
    const { asked, refused, succeeded } = all.get(name) ?? noTally
    all.set(name, { asked: asked + tally.asked, refused: refused + tally.refused, succeeded: succeeded + tally.succeeded })
  }
  return Object.fromEntries(all)
}

/** What a request asks for, as the driver's operations are called, and the resource that it's done with. */
export interface Requested {
  /** `instances.stop` */
  readonly operation: string
  readonly id: string | undefined
}

/** Undefined for what is no operation of a driver. */
export const requestedBy = ({ method, target }: Pick<Sent, 'method' | 'target'>): Requested | undefined => {
  const [path = ''] = target.split('?')
  const [root, collection, id, next, last, more] = path.split('/').slice(1)
  if (root !== 'api' || collection === undefined || !/^[a-z_]+$/.test(collection) || more !== undefined) return undefined
  const name = nameOf(method, collection, { id, next, last })
  return name === undefined ? undefined : { operation: name, id: id === undefined ? undefined : decoded(id) }
}

interface Place {
  readonly id: string | undefined
  readonly next: string | undefined
  readonly last: string | undefined
}

const nameOf = (method: string, collection: string, { id, next, last }: Place): string | undefined => {
  if (collection === 'buckets' && next !== undefined) return blobOperation(method, last)
  if (last !== undefined) return undefined
  if (id === undefined) return inTable({ GET: `${collection}.list`, POST: `${collection}.create` }, method)
  if (next === undefined) return inTable({ GET: `${collection}.get`, DELETE: `${collection}.destroy` }, method)
  if (collection === 'firewalls')
    return inTable({ POST: next === 'rules' ? 'firewalls.createRule' : '', DELETE: 'firewalls.destroyRule' }, method)
  return method === 'POST' ? `${collection}.${next}` : undefined
}

const blobOperation = (method: string, last: string | undefined): string | undefined =>
  last === 'content'
    ? inTable({ GET: 'blobs.read' }, method)
    : last === undefined
      ? inTable({ GET: 'blobs.get', HEAD: 'blobs.get', PUT: 'blobs.create', POST: 'blobs.updateMetadata', DELETE: 'blobs.destroy' }, method)
      : undefined

const inTable = (table: Readonly<Record<string, string>>, method: string): string | undefined =>
  Object.hasOwn(table, method) ? table[method] || undefined : undefined

const decoded = (segment: string): string => {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

/** Operations that a request of its own asks for; others are steps within these, as pages of a list are. */
const requested: ReadonlySet<string> = new Set([
  ...['list', 'get', 'create', 'destroy', 'start', 'stop', 'reboot', 'attach', 'detach', 'associate', 'disassociate'],
  ...['register', 'unregister', 'createRule', 'destroyRule', 'read', 'updateMetadata'],
])

/** Of these a client asks in another way: interfaces are attached as they're made, and notes are the server's own. */
const withinOthers: ReadonlySet<string> = new Set(['network_interfaces.attach', 'network_interfaces.detach', 'annotations.get'])

/** The operations of a driver that are counted, `instances.stop`, in the order in which it declares them. */
export const operationNames = (operations: Readonly<Record<string, readonly string[]>>): readonly string[] =>
  Object.entries(operations).flatMap(([group, names]) =>
    names
      .filter(name => requested.has(name))
      .map(name => `${group}.${name}`)
      .filter(name => !withinOthers.has(name)),
  )

/** What became of one operation, or of one transition. */
export interface Attempted extends Tally {
  readonly name: string
  /** Why no client can bring it about. */
  readonly impossible?: string
}

/** What was seen of a driver, its own word left out. */
const seenOf = ({ laws }: SubjectResult): readonly Coverage[] =>
  laws.flatMap(({ evidence }) => Object.entries(evidence).flatMap(([grade, coverage]) => (grade === 'declared' ? [] : [coverage])))

const reasonFor = ({ impossible = {} }: SubjectResult, name: string): { readonly impossible?: string } => {
  const reason = Object.hasOwn(impossible, name) ? impossible[name] : undefined
  return reason === undefined ? {} : { impossible: reason }
}

const totals = (
  all: readonly Coverage[],
  of: (coverage: Coverage) => Readonly<Record<string, Tally>> | undefined,
): Readonly<Record<string, Tally>> =>
  all.reduce<Readonly<Record<string, Tally>>>((sum, coverage) => addTallies(sum, of(coverage) ?? {}), {})

const inTallies = (tallies: Readonly<Record<string, Tally>>, name: string): Tally =>
  Object.hasOwn(tallies, name) ? (tallies[name] ?? noTally) : noTally

/** The operations of a driver: how many requests asked for each, and what they were answered. */
export const operationsOf = (subject: SubjectResult): readonly Attempted[] => {
  const tallies = totals(seenOf(subject), ({ operations }) => operations)
  return operationNames(subject.operations).map(name => ({ name, ...inTallies(tallies, name), ...reasonFor(subject, name) }))
}

/**
 * The transitions of a driver's machine, `running stop stopping`: how often the action was asked for in the state, and refused; the cases that saw
 * it happen count as successes.
 */
export const attemptedTransitionsOf = (subject: SubjectResult): readonly Attempted[] => {
  const all = seenOf(subject)
  const asked = totals(all, ({ actions }) => actions)
  return subject.machine.map(({ from, on, to }) => {
    const name = `${from} ${on} ${to}`
    const succeeded = all.reduce((sum, { transitions }) => sum + (Object.hasOwn(transitions, name) ? (transitions[name] ?? 0) : 0), 0)
    return { name, ...inTallies(asked, `${from} ${on}`), succeeded, ...reasonFor(subject, name) }
  })
}

/** The laws that bring about what a driver declares: a run without one of them says nothing of what never succeeded. */
const aimed = ['S2', 'S4', 'T1', 'T2', 'D2']

/** What a driver declares and no case saw succeed, as sentences, one for each driver at a provider. */
export const neverSucceededInWords = ({
  subjects,
  laws,
}: {
  readonly subjects: readonly SubjectResult[]
  readonly laws: readonly Pick<Report['laws'][number], 'id'>[]
}): readonly string[] => {
  if (aimed.some(id => !laws.some(law => law.id === id))) return []
  return subjects.flatMap(subject => {
    if (!subject.laws.some(({ source, cases }) => source === 'T' && cases > 0)) return []
    const never = [...operationsOf(subject), ...attemptedTransitionsOf(subject)].filter(
      ({ succeeded, impossible }) => succeeded === 0 && impossible === undefined,
    )
    return never.length === 0 ? [] : [`Of ${subject.subject} these never succeeded: ${never.map(({ name }) => name).join(', ')}`]
  })
}
