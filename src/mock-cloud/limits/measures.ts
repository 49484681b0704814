/** What counts against which limit: of each resource, how much it takes of what. */

import { defaultOf, propertyOf } from '../../model/hardware-profile.ts'
import type { Instance } from '../../model/resources.ts'
import type { Personality } from '../personality.ts'
import type { Kind, Shown } from '../records.ts'
import type { Reading } from '../store/store.ts'
import { type Allowance, capacityOf, type Quota } from './limits.ts'

/** One limit that a new resource counts against. */
export interface Measure {
  /** The name under which it's counted. */
  readonly name: string
  readonly limit: number
  /** What the new resource takes. */
  readonly takes: number
  /** What is taken already. */
  used(tx: Reading): Promise<number>
  /** What is said where there is no room. */
  readonly refusal: { readonly kind: 'quota' | 'capacity'; readonly what: string }
}

export const measuresOf = (limits: Allowance, personality: Personality, kind: Kind, shown: Shown<Kind>): Measure[] => {
  if (kind === 'leases' || kind === 'echoes') return []
  const measures: Measure[] = []
  const quota = limits.quotas[kind]
  if (quota !== undefined) {
    measures.push({ name: kind, limit: quota, takes: 1, used: tx => countOf(tx, kind), refusal: { kind: 'quota', what: kind } })
  }
  const gigabytes = limits.quotas.volume_gigabytes
  if (gigabytes !== undefined && kind === 'storage_volumes') {
    const takes = 'capacity' in shown && typeof shown.capacity === 'number' ? Math.ceil(shown.capacity) : 0
    const name = 'volume_gigabytes'
    measures.push({ name, limit: gigabytes, takes, used: gigabytesOf, refusal: { kind: 'quota', what: 'GB of volumes' } })
  }
  if (isInstance(kind, shown) && shown.realmId !== undefined) measures.push(...roomFor(limits, personality, shown, shown.realmId))
  return measures
}

const roomFor = (limits: Allowance, personality: Personality, instance: Instance, realm: string): Measure[] => {
  const capacity = capacityOf(limits, realm)
  return realmUnits.flatMap(unit => {
    const limit = capacity?.[unit]
    if (limit === undefined) return []
    const used = async (tx: Reading): Promise<number> => usedIn(await tx.list('instances'), personality, realm)[unit]
    const takes = unit === 'cpus' ? cpusOf(instance, personality) : 1
    return [
      { name: inRealm(unit, realm), limit, takes, used, refusal: { kind: 'capacity' as const, what: `${unit} in the realm '${realm}'` } },
    ]
  })
}

/** What a realm has room for; each under a name of its own where it's counted. */
export const inRealm = (unit: (typeof realmUnits)[number], realm: string): string => `${unit} in ${realm}`

export const realmUnits = ['instances', 'cpus'] as const

/** How much of a realm instances take. */
export const usedIn = (
  instances: readonly Instance[],
  personality: Personality,
  realm: string,
): Readonly<Record<(typeof realmUnits)[number], number>> => {
  const there = instances.filter(({ realmId, state }) => realmId === realm && state !== 'finish')
  return { instances: there.length, cpus: there.reduce((sum, one) => sum + cpusOf(one, personality), 0) }
}

/** What is only shown yet, because some clouds show an instance for a while after its end, takes up nothing. */
export const countOf = async (tx: Reading, kind: Exclude<Quota, 'volume_gigabytes'>): Promise<number> =>
  kind === 'instances' ? (await tx.list(kind)).filter(({ state }) => state !== 'finish').length : (await tx.list(kind)).length

export const gigabytesOf = async (tx: Reading): Promise<number> =>
  (await tx.list('storage_volumes')).reduce((sum, { capacity }) => sum + Math.ceil(capacity ?? 0), 0)

const cpusOf = ({ hardwareProfile }: Instance, { hardwareProfiles }: Personality): number => {
  const profile = hardwareProfiles.find(({ id }) => id === hardwareProfile?.id)
  const property = profile === undefined ? undefined : propertyOf(profile, 'cpu')
  const usual = property === undefined ? 1 : defaultOf(property)
  const cpus = Number(hardwareProfile?.overrides.cpu ?? usual)
  return Number.isFinite(cpus) ? Math.ceil(cpus) : 1
}

const isInstance = (kind: Kind, _shown: Shown<Kind>): _shown is Instance => kind === 'instances'
