/** Which rules are for a call, whatever was counted before. */

import type { Call } from '../rules.ts'
import type { Match, Rule } from './rules.ts'

/** Words of the REST API for operations that the contract calls otherwise; a list may be asked for in parts. */
const meant: Readonly<Record<string, readonly string[]>> = {
  list: ['list', 'page'],
  index: ['list', 'page'],
  show: ['get'],
}

/** The rules that a call fits, in their order. */
export const fitting = async (rules: readonly Rule[], call: Call, now: number): Promise<readonly Rule[]> => {
  const near = rules.filter(({ match }) => fitsAllButRealm(match, call, now))
  if (!near.some(({ match }) => match.realm !== undefined)) return near
  // Asked for only where it matters: the realm of a resource has to be looked up.
  const realm = await call.realm()
  return near.filter(({ match }) => match.realm === undefined || (realm !== undefined && match.realm.includes(realm)))
}

const fitsAllButRealm = (match: Match, call: Call, now: number): boolean =>
  (match.provider?.includes(call.provider) ?? true) &&
  (match.account?.includes(call.account) ?? true) &&
  (match.collection?.includes(call.collection) ?? true) &&
  (match.operation?.some(name => isOperation(name, call)) ?? true) &&
  (match.resource?.some(id => isResource(id, call)) ?? true) &&
  (match.after === undefined || now >= match.after) &&
  (match.until === undefined || now < match.until)

const isOperation = (name: string, { collection, operation }: Call): boolean => {
  const dot = name.indexOf('.')
  if (dot >= 0 && name.slice(0, dot) !== collection) return false
  const verb = name.slice(dot + 1)
  return verb === '*' || (meant[verb] ?? [verb]).includes(operation)
}

const isResource = (id: string, call: Call): boolean =>
  call.id === id || (call.bucket !== undefined && (call.bucket === id || `${call.bucket}/${call.id ?? ''}` === id))
