/** How smoothly a cloud runs: how long things take, what goes wrong by itself, and how late its answers may be. A world may set it otherwise. */

import { CloudError } from '../model/errors.ts'
import type { Latency } from './latency.ts'
import type { Reading, Settings } from './store/store.ts'
import type { World } from './world.ts'

export interface Latencies {
  /** From `pending` to what comes of it. */
  readonly boot: Latency
  /** From `stopping` to `stopped` or to the end. */
  readonly stop: Latency
  readonly reboot: Latency
  /** From the end of an instance until it's no longer shown. */
  readonly removal: Latency
  readonly image: Latency
  readonly volume: Latency
  readonly attachment: Latency
  readonly detachment: Latency
  readonly snapshot: Latency
  /** From the association of an address until its instance has it. */
  readonly association: Latency
}

/** What goes wrong with instances, as far as their machine says that it may (`possibly`). */
export interface Troubles {
  /** Share of boots that fail, from 0 to 1. */
  readonly failing: number
  /** Share of boots and reboots that never end, unless they're made to: only where the machine permits to destroy. */
  readonly sticking: number
  /** Cloud seconds that an instance runs, on average, before it dies; 0 where none does. Drawn whenever it begins to run. */
  readonly lifetime: number
}

/** Eventual consistency: what was created, changed or destroyed is seen as it was before for a while. */
export interface Staleness {
  /** Share of changes that are seen late, from 0 to 1. */
  readonly share: number
  /** How late. */
  readonly delay: Latency
  /** Whether a resource's own document is late too, and not only lists. */
  readonly everywhere: boolean
}

export interface Texture {
  readonly latencies: Latencies
  readonly troubles: Troubles
  readonly staleness: Staleness
}

/** What a world sets otherwise than its personalities. */
export type TextureSetting = { readonly [Part in keyof Texture]?: Partial<Texture[Part]> }

export const noTroubles: Troubles = { failing: 0, sticking: 0, lifetime: 0 }
export const neverStale: Staleness = { share: 0, delay: { fixed: 0 }, everywhere: false }

const owner = 'texture'

/** Sets a world's texture. @param value undefined for that of its personalities. @throws CloudError `bad-request` */
export const setTexture = async (world: World, value: unknown): Promise<void> => {
  if (value === undefined) return world.set(owner, undefined)
  const { parseTexture } = await import('./texture-schema.ts')
  const parsed = parseTexture(value)
  if ('wrong' in parsed) throw new CloudError('bad-request', parsed.wrong)
  await world.set(owner, parsed.texture)
}

/** What a world has set. */
export const textureSetting = (settings: Settings): TextureSetting => {
  const value = settings[owner]
  return isSetting(value) ? value : {}
}

/** The texture of a cloud, as a transaction finds it. */
export const textureOf = (tx: Pick<Reading, 'world'>, own: Texture): Texture => {
  const { settings } = tx.world
  if (settings[owner] === undefined) return own
  let byOwn = merged.get(settings)
  if (byOwn === undefined) {
    byOwn = new Map()
    merged.set(settings, byOwn)
  }
  let texture = byOwn.get(own)
  if (texture === undefined) {
    const { latencies, troubles, staleness } = textureSetting(settings)
    texture = {
      latencies: { ...own.latencies, ...latencies },
      troubles: { ...own.troubles, ...troubles },
      staleness: { ...own.staleness, ...staleness },
    }
    byOwn.set(own, texture)
  }
  return texture
}

/** Settings are the same object for as long as nothing of them changes. */
const merged = new WeakMap<Settings, Map<Texture, Texture>>()

/** What is kept was checked when it was set. */
const isSetting = (value: unknown): value is TextureSetting => typeof value === 'object' && value !== null
