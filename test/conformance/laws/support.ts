/** Drivers and servers that are broken on purpose, and what a law says of them: every law must reject one, and pass a small one that's right. */

import { fileURLToPath } from 'node:url'
import { checkLaw } from '../../../conformance/check.ts'
import type { Harness } from '../../../conformance/harness.ts'
import { subjectsOf } from '../../../conformance/harness.ts'
import { laws } from '../../../conformance/laws/index.ts'
import { readRecordings } from '../../../conformance/replay/recording.ts'
import type { LawResult } from '../../../conformance/results.ts'
import { withDriver } from '../../../conformance/sources/declared.ts'
import { openMutated } from '../../../conformance/sources/mutated.ts'
import { openRecorded } from '../../../conformance/sources/recorded.ts'
import { openRoundTrip } from '../../../conformance/sources/round-trip.ts'
import { openSimulated, type SimulatedOptions } from '../../../conformance/sources/simulated.ts'
import { harbour } from '../../../examples/driver/harbour/index.ts'
import { harness as harbourHarness } from '../../../examples/driver/harbour.ts'
import type { OperationGroup, Operations } from '../../../src/drivers/driver.ts'
import { createMockDriver } from '../../../src/drivers/mock/index.ts'
import type { AnyDriver } from '../../../src/drivers/registry.ts'

export interface Judging extends SimulatedOptions {
  /** 100 by default. */
  readonly runs?: number
  readonly seed?: number
  readonly provider?: string
}

/** What a law says of a driver on the simulator. */
export const judge = async (
  id: string,
  harness: Harness,
  { runs = 100, seed = 1, provider, ...options }: Judging = {},
): Promise<LawResult> => {
  const law = laws.find(one => one.id === id)
  const [subject] = subjectsOf('mock', harness, [provider])
  if (law === undefined || subject === undefined) throw new TypeError(`There is no law ${id}`)
  await using source = await openSimulated(subject, options)
  const setting = { subject, driver: source.driver, offer: source.offer, source: source.kind, recordings: [] }
  return await checkLaw({ law, setting, source, runs, seed, command: replay => `--replay ${replay}` })
}

/** What a law says of a driver of the made-up cloud, on one source. */
export const judgeHarbour = async (
  id: string,
  kind: 'R' | 'M' | 'T',
  change: (driver: AnyDriver) => Partial<AnyDriver> = () => ({}),
  { runs = 60, seed = 1 } = {},
): Promise<LawResult> => {
  const law = laws.find(one => one.id === id)
  const driver: AnyDriver = harbour as AnyDriver
  const harness: Harness = { ...harbourHarness, driver: { ...driver, ...change(driver) } }
  const [subject] = subjectsOf('harbour', harness)
  if (law === undefined || subject === undefined) throw new TypeError(`There is no law ${id}`)
  const recordings = await readRecordings([fileURLToPath(new URL('../../../recordings', import.meta.url))], 'harbour')
  await using source = await (kind === 'T'
    ? openRoundTrip(subject)
    : kind === 'R'
      ? openRecorded(subject, recordings)
      : openMutated(subject, recordings))
  const setting = { subject, driver: source.driver, offer: source.offer, source: kind, recordings }
  return await checkLaw({ law, setting, source, runs, seed, command: replay => `--replay ${replay}` })
}

/** What a law says without asking a cloud: undefined where it holds. */
export const examine = async (id: string, harness: Harness): Promise<string | undefined> => {
  const law = laws.find(one => one.id === id)
  const [subject] = subjectsOf('mock', harness)
  if (law?.examine === undefined || subject === undefined) throw new TypeError(`There is no law ${id} to be examined`)
  const { examine: look } = law
  return withDriver(subject, async (driver, offer) => {
    try {
      await look({ subject, driver, offer, source: 'static', recordings: [] })
      return undefined
    } catch (error) {
      return error instanceof Error ? error.message : String(error)
    }
  })
}

/** The mock driver, as it is. */
export const sound: Harness = { driver: createMockDriver }

/** The mock driver with something else in the place of what it does. */
export const but = (change: (driver: AnyDriver) => Partial<AnyDriver>): Harness => ({
  driver: mock => {
    const driver = createMockDriver(mock) as AnyDriver
    return { ...driver, ...change(driver) }
  },
})

/** The mock driver with other operations. */
export const withOperations = (change: (operations: Operations<unknown>) => Operations<unknown>): Harness =>
  but(driver => ({
    offer(provider) {
      const offer = driver.offer(provider)
      return offer === undefined ? undefined : { ...offer, operations: change(offer.operations) }
    },
  }))

/** The mock driver with some collections only: the least that a law can be asked of. */
export const only = (...groups: readonly OperationGroup[]): Harness =>
  withOperations(operations => Object.fromEntries(Object.entries(operations).filter(([group]) => groups.some(one => one === group))))
