/** The limits of a world: those of its personalities, and what was set for it instead. Every call and every new resource is held against them. */

import { badRequest, CloudError, overQuota, throttled } from '../../model/errors.ts'
import type { Personality } from '../personality.ts'
import { type Kind, resourceKinds, type Shown } from '../records.ts'
import type { Call, Limits } from '../rules.ts'
import type { Settings } from '../store/store.ts'
import type { Turn } from '../tenant.ts'
import type { World } from '../world.ts'
import { type Allowance, capacityOf, combined, type LimitsSetting, type Quota, type Rate } from './limits.ts'
import { countOf, gigabytesOf, inRealm, type Measure, measuresOf, realmUnits, usedIn } from './measures.ts'

const owner = 'limits'

/** What is kept with the world. Each setting has a number, so that nothing counted under another is taken for its own. */
interface KeptLimits {
  readonly revision: number
  readonly set: LimitsSetting
}

/** How much of everything an account uses. */
export interface LimitsReport {
  readonly quotas: readonly { readonly name: Quota; readonly used: number; readonly limit?: number }[]
  readonly realms: readonly RealmReport[]
  readonly rate?: Rate
  readonly sizes: Allowance['sizes']
}

export interface RealmReport {
  readonly id: string
  readonly instances: { readonly used: number; readonly limit?: number }
  readonly cpus: { readonly used: number; readonly limit?: number }
}

export class LimitBook implements Limits {
  private readonly world: World

  constructor(world: World) {
    this.world = world
  }

  /** What was set for this world. */
  get setting(): LimitsSetting {
    return keptIn(this.world.settings).set
  }

  /** What holds at a provider. */
  of(provider: string): Allowance {
    return allowanceIn(this.world.settings, this.world.personality(provider))
  }

  /**
   * Sets limits for the world, part by part instead of those of its personalities; undefined goes back to theirs.
   * What there is already stays, even where it's more.
   * @throws CloudError `bad-request` that says where and what is wrong.
   */
  async set(input: unknown): Promise<void> {
    const set = input === undefined ? {} : (await import('./schema.ts')).parseLimits(input)
    await this.change(() => set)
  }

  /** Sets some quotas, and leaves everything else as it is set. */
  async setQuotas(quotas: Readonly<Record<string, number | null>>): Promise<void> {
    const checked = (await import('./schema.ts')).parseLimits({ quotas })
    await this.change(set => ({ ...set, quotas: { ...set.quotas, ...checked.quotas } }))
  }

  concerns(provider: string, call: Pick<Call, 'collection' | 'operation'>): boolean {
    const { rate, sizes } = this.of(provider)
    if (rate !== undefined) return true
    const sized = sizedOf(call)
    return sized !== undefined && sizes[sized] !== undefined
  }

  async before(call: Call): Promise<void> {
    const { rate, sizes } = this.of(call.provider)
    if (rate !== undefined) await this.spend(rate, call)
    for (const argument of call.args) {
      if (typeof argument !== 'object' || argument === null) continue
      if (sizedOf(call) === 'userData' && 'userData' in argument && typeof argument.userData === 'string')
        fitsIn(sizes.userData, Buffer.byteLength(argument.userData), 'User data', 'bytes')
      if (sizedOf(call) === 'blob' && 'length' in argument && typeof argument.length === 'number')
        this.checkBlob(sizes.blob, argument.length)
    }
  }

  async creating<K extends Kind>(turn: Turn, kind: K, shown: Shown<K>): Promise<void> {
    const { settings } = turn.tx.world
    const allowance = allowanceIn(settings, turn.personality)
    const { sizes } = allowance
    if (sizes.name !== undefined && 'name' in shown && shown.name !== undefined)
      fitsIn(sizes.name, lengthOf(shown.name), 'A name', 'characters')
    if (sizes.description !== undefined && 'description' in shown && shown.description !== undefined)
      fitsIn(sizes.description, lengthOf(shown.description), 'A description', 'characters')
    for (const measure of measuresOf(allowance, turn.personality, kind, shown)) await take(turn, measure, keptIn(settings).revision)
  }

  async forget({ tx, personality }: Turn): Promise<void> {
    const { capacity } = allowanceIn(tx.world.settings, personality)
    const realms = new Set([...personality.realms.map(({ id }) => id), ...Object.keys(capacity)])
    const names = [...resourceKinds, 'volume_gigabytes', ...[...realms].flatMap(realm => realmUnits.map(unit => inRealm(unit, realm)))]
    for (const name of names) if ((await tx.number(keyOf(name))) !== 0) await tx.setNumber(keyOf(name), 0)
  }

  /** Asked before content becomes a blob's. @throws CloudError `bad-request` where it's too large. */
  storing({ tx, personality }: Turn, bytes: number): void {
    this.checkBlob(allowanceIn(tx.world.settings, personality).sizes.blob, bytes)
  }

  /** How much an account uses of what it may. */
  usage(provider: string, account: string): Promise<LimitsReport> {
    const { world } = this
    return world.tenant(provider, account).read(async ({ tx, personality }) => {
      const allowance = allowanceIn(tx.world.settings, personality)
      const quotas: LimitsReport['quotas'][number][] = []
      for (const kind of resourceKinds) {
        quotas.push({ name: kind, used: await countOf(tx, kind), ...limited(allowance.quotas[kind]) })
        if (kind === 'storage_volumes')
          quotas.push({ name: 'volume_gigabytes', used: await gigabytesOf(tx), ...limited(allowance.quotas.volume_gigabytes) })
      }
      const instances = await tx.list('instances')
      const realms = personality.realms.map(({ id }): RealmReport => {
        const used = usedIn(instances, personality, id)
        const capacity = capacityOf(allowance, id)
        return {
          id,
          instances: { used: used.instances, ...limited(capacity?.instances) },
          cpus: { used: used.cpus, ...limited(capacity?.cpus) },
        }
      })
      return { quotas, realms, ...(allowance.rate === undefined ? {} : { rate: allowance.rate }), sizes: allowance.sizes }
    })
  }

  private change(change: (set: LimitsSetting) => LimitsSetting): Promise<void> {
    return this.world.store.change(this.world.name, ({ settings }) => {
      const { revision, set } = keptIn(settings)
      const kept: KeptLimits = { revision: revision + 1, set: change(set) }
      return { settings: { ...settings, [owner]: kept } }
    })
  }

  private checkBlob(limit: number | undefined, bytes: number): void {
    fitsIn(limit, bytes, 'A blob', 'bytes')
  }

  /**
   * Takes one call out of the account's bucket. What is kept is the time at which the bucket will be full again, in microseconds: the whole
   * state of a token bucket in one number.
   */
  private spend({ calls, window }: Rate, { provider, account }: Call): Promise<void> {
    const each = (window * 1000) / calls
    return this.world.tenant(provider, account).write(async ({ tx, now }) => {
      const full = Math.max(await tx.number(bucketName), now * 1000)
      const early = Math.round(full + each - window * 1000 - now * 1000)
      if (early > 0) throw throttled('Too many requests: slow down', Math.ceil(early / 1e6))
      await tx.setNumber(bucketName, Math.round(full + each))
    })
  }
}

const bucketName = 'calls are full'

const unset: KeptLimits = { revision: 0, set: {} }

/** What is kept was checked when it was set. */
const keptIn = (settings: Settings): KeptLimits => (settings[owner] as KeptLimits | undefined) ?? unset

/** Settings are the same object for as long as nothing of them changes. */
const known = new WeakMap<Settings, Map<Personality, Allowance>>()

const allowanceIn = (settings: Settings, personality: Personality): Allowance => {
  let byPersonality = known.get(settings)
  if (byPersonality === undefined) {
    byPersonality = new Map()
    known.set(settings, byPersonality)
  }
  let allowance = byPersonality.get(personality)
  if (allowance === undefined) {
    allowance = combined(personality.limits ?? {}, keptIn(settings).set)
    byPersonality.set(personality, allowance)
  }
  return allowance
}

/** Which size an operation has to do with before it begins. */
const sizedOf = ({ collection, operation }: Pick<Call, 'collection' | 'operation'>): 'blob' | 'userData' | undefined =>
  collection === 'blobs' && (operation === 'create' || operation === 'part')
    ? 'blob'
    : collection === 'instances' && operation === 'create'
      ? 'userData'
      : undefined

const keyOf = (name: string): string => `at most ${name}`

/** Room in a number for what is counted, beside the revision that it was counted under. */
const span = 2 ** 31

/**
 * Takes what a new resource needs. Counting all there is would make each creation slower than the last, so an upper bound is kept: what was
 * counted once and what came since, whatever has gone. Only where that reaches the limit it's counted anew.
 */
const take = async ({ tx }: Turn, { name, limit, takes, used, refusal }: Measure, revision: number): Promise<void> => {
  const key = keyOf(name)
  const kept = (await tx.number(key)) - revision * span
  // One more is kept than there are: 0 is what was never counted.
  let bound = kept > 0 && kept < span ? kept - 1 : undefined
  if (bound === undefined || bound + takes > limit) bound = await used(tx)
  if (bound + takes > limit) {
    if (refusal.kind === 'quota')
      throw overQuota(`The quota of ${limit} ${refusal.what} is used up`, { resource: name, limit, used: bound })
    throw new CloudError('provider-unavailable', `There is not enough capacity: no room for more ${refusal.what}`)
  }
  await tx.setNumber(key, revision * span + Math.min(bound + takes, span - 2) + 1)
}

const fitsIn = (limit: number | undefined, size: number, what: string, unit: string): void => {
  if (limit !== undefined && size > limit) throw badRequest(`${what} can have at most ${limit} ${unit}, and not ${size}`)
}

/** In characters, as people count them. */
const lengthOf = (text: string): number => [...text].length

const limited = (limit: number | undefined): { limit?: number } => (limit === undefined ? {} : { limit })
