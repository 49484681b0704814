/** Pairs the members of a recorded list with those of ours: by key, where they have one; what is left over pairs by content, then in order. */

import type { Comparison } from './same.ts'

export interface Pair<T> {
  readonly recorded: T | undefined
  readonly ours: T | undefined
  /** What tells this member from others of its list. */
  readonly label: string | undefined
}

interface Manner<T> {
  /** Texts that may tell a member from others: attributes of an element, fields of an object. */
  readonly factsOf: (member: T) => ReadonlyMap<string, string>
  readonly show: (member: T) => string
  readonly comparison: Comparison
}

// What identifies a member, best first. A transition is told by all three, and a link of the entry point by its `rel`.
const keys: readonly (readonly string[])[] = [
  ['id'],
  ['name', 'rel'],
  ['rel'],
  ['name'],
  ['key'],
  ['kind'],
  ['to', 'action', 'auto'],
  ['to', 'action'],
  ['to', 'auto'],
  ['href'],
  ['value'],
  ['text'],
]

export const pairUp = <T>(recorded: readonly T[], ours: readonly T[], manner: Manner<T>): Pair<T>[] => {
  const free = new Set(ours)
  const pairs = new Map<T, T>()
  const settle = (matches: (a: T, b: T) => boolean) => {
    for (const a of recorded) {
      const b = pairs.has(a) ? undefined : [...free].find(candidate => matches(a, candidate))
      if (b !== undefined && free.delete(b)) pairs.set(a, b)
    }
  }
  settle((a, b) => hasSameKey(a, b, manner))
  settle((a, b) => manner.show(a) === manner.show(b))
  // A word that the original made up and that has no counterpart yet: the first of ours that is left.
  settle(a => keyOf(a, manner)?.facts.some(([, value]) => manner.comparison.aliases.isOpen(value)) === true)
  const lonely = recorded.length === 1 && ours.length === 1
  settle((a, b) => lonely || (keyOf(a, manner) === undefined && keyOf(b, manner) === undefined))
  return [
    ...recorded.map(a => ({ recorded: a, ours: pairs.get(a), label: keyOf(a, manner)?.label })),
    ...[...free].map(b => ({ recorded: undefined, ours: b, label: keyOf(b, manner)?.label })),
  ]
}

const hasSameKey = <T>(a: T, b: T, manner: Manner<T>): boolean => {
  const [key, theirs] = [keyOf(a, manner), manner.factsOf(b)]
  return key?.facts.every(([name, value]) => isNamed(value, theirs.get(name), manner.comparison)) === true
}

const isNamed = (recorded: string, ours: string | undefined, { aliases }: Comparison): boolean =>
  ours !== undefined && aliases.means(recorded, ours)

const keyOf = <T>(member: T, { factsOf }: Manner<T>): { facts: [string, string][]; label: string } | undefined => {
  const facts = factsOf(member)
  const names = keys.find(candidate => candidate.every(name => facts.has(name)))
  if (names === undefined) return undefined
  const values = names.map((name): [string, string] => [name, facts.get(name) ?? ''])
  return { facts: values, label: values.map(([, value]) => value).join(' ') }
}
