/** Drivers and servers that are broken on purpose, and what a law says of them: every law must reject one, and pass a small one that's right. */

import { checkLaw } from '../../../conformance/check.ts'
import type { Kit } from '../../../conformance/kit.ts'
import { subjectsOf } from '../../../conformance/kit.ts'
import { laws } from '../../../conformance/laws/index.ts'
import type { LawResult } from '../../../conformance/results.ts'
import { type SimulatedOptions, simulated } from '../../../conformance/sources/simulated.ts'
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
export const judge = async (id: string, kit: Kit, { runs = 100, seed = 1, provider, ...options }: Judging = {}): Promise<LawResult> => {
  const law = laws.find(one => one.id === id)
  const [subject] = subjectsOf('mock', kit, [provider])
  if (law === undefined || subject === undefined) throw new TypeError(`There is no law ${id}`)
  await using ground = await simulated(subject, options)
  const setting = { subject, driver: ground.driver, offer: ground.offer, source: ground.source, recordings: [] }
  return await checkLaw({ law, setting, ground, runs, seed, command: replay => `--replay ${replay}` })
}

/** The mock driver, as it is. */
export const sound: Kit = { driver: createMockDriver }

/** The mock driver with something else in the place of what it does. */
export const but = (change: (driver: AnyDriver) => Partial<AnyDriver>): Kit => ({
  driver: mock => {
    const driver = createMockDriver(mock) as AnyDriver
    return { ...driver, ...change(driver) }
  },
})

/** The mock driver with other operations. */
export const withOperations = (change: (operations: Operations<unknown>) => Operations<unknown>): Kit =>
  but(driver => ({
    offer(provider) {
      const offer = driver.offer(provider)
      return offer === undefined ? undefined : { ...offer, operations: change(offer.operations) }
    },
  }))

/** The mock driver with some collections only: the least that a law can be asked of. */
export const only = (...groups: readonly OperationGroup[]): Kit =>
  withOperations(operations => Object.fromEntries(Object.entries(operations).filter(([group]) => groups.some(one => one === group))))
