/** What a driver says of itself, without a cloud behind it that anybody asks. */

import type { Offer } from '../../src/drivers/driver.ts'
import type { AnyDriver } from '../../src/drivers/registry.ts'
import { MockCloud } from '../../src/mock-cloud/cloud.ts'
import type { Subject } from '../harness.ts'
import { Problem } from '../problem.ts'

/** @throws Problem where the driver has no such provider. */
export const withDriver = async <T>(
  { harness, provider, name }: Subject,
  look: (driver: AnyDriver, offer: Offer) => Promise<T>,
): Promise<T> => {
  if (typeof harness.driver !== 'function') return look(harness.driver, offerOf(harness.driver, provider, name))
  const mock = await MockCloud.open()
  try {
    const driver = harness.driver(mock)
    return await look(driver, offerOf(driver, provider, name))
  } finally {
    await mock.close()
  }
}

const offerOf = (driver: AnyDriver, provider: string | undefined, name: string): Offer => {
  const offer = driver.offer(provider)
  if (offer === undefined) throw new Problem(`The driver '${driver.id}' has no provider '${provider ?? ''}' (${name})`)
  return offer
}
