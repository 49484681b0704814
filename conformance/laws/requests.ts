/** Every request that a driver's operations can be asked, with an id that nothing has, or one that's given. */

import type { Offer } from '../../src/drivers/driver.ts'
import { collections } from '../../src/server/collections/index.ts'
import type { Operation } from '../../src/server/collections/operation.ts'
import { parametersOf } from '../../src/server/forms.ts'
import type { Ask } from '../client.ts'
import type { CloudUnderTest } from '../cloud-under-test.ts'
import { encodeSegment } from './asking.ts'

/** One operation of the API. */
export interface Described {
  readonly collection: string
  readonly operation: Operation
  /** All of its parameters, with those of features. */
  readonly parameters: ReturnType<typeof parametersOf>
}

/** Collections that the server itself answers, and no cloud. */
const ofServer: ReadonlySet<string> = new Set(['drivers', 'instance_states'])

/** The operations that a driver offers and that ask its provider; pages for browsers are left out. */
export const offeredOperations = (offer: Offer): readonly Described[] =>
  collections
    .filter(({ name }) => !ofServer.has(name))
    .flatMap(({ name, operations }) =>
      operations
        .filter(operation => operation.offered(offer) && operation.formats.some(format => format !== 'html') && !operation.open)
        .filter(() => name !== 'hardware_profiles' || offer.hardwareProfiles === undefined)
        .map(operation => ({ collection: name, operation, parameters: parametersOf(name, operation, offer.features) })),
    )

/** Whether the operation is about one resource, which its path names. */
export const namesOne = ({ operation }: Described): boolean => operation.path.some(part => part.startsWith(':'))

/** The request of an operation. @param id stands wherever its path has a parameter; what must be given gets a value that has the right shape */
export const requestFor = (
  cloud: CloudUnderTest,
  { collection, operation, parameters }: Described,
  id: string,
  format: 'xml' | 'json',
): Ask => {
  const path = operation.path.map(part => `/${part.startsWith(':') ? encodeSegment(id) : part}`).join('')
  const given: Record<string, string> = Object.fromEntries(
    parameters
      .filter(({ required }) => required)
      .map(({ name, kind, numbered }) => [numbered === true ? `${name}1` : name, kind === 'number' ? '1' : 'x']),
  )
  // A rule needs ports, unless its protocol has none.
  if ('protocol' in given) Object.assign(given, { protocol: 'tcp', port_from: '1', port_to: '1', ip_address1: '10.0.0.0/8' })
  const isForm = operation.method === 'POST'
  const query = isForm
    ? ''
    : Object.entries(given)
        .map(([name, value]) => `&${name}=${value}`)
        .join('')
  return {
    method: operation.method,
    target: `${cloud.root}/${collection}${path}?format=${format}${query}`,
    ...(isForm ? { form: given } : operation.method === 'PUT' ? { body: 'x' } : {}),
  }
}

/** An operation in words: `instances.stop`. */
export const nameOf = ({ collection, operation }: Described): string => `${collection}.${operation.name}`
