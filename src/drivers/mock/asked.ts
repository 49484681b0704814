/** Lets every operation of the table pass the one place where the simulator's rules and limits stand. */

import type { Tenant } from '../../mock-cloud/tenant.ts'
import type { Operations } from '../driver.ts'

type Operation = (tenant: Tenant, ...args: readonly unknown[]) => Promise<unknown>

export const asked = (table: Operations<Tenant>): Operations<Tenant> =>
  Object.fromEntries(
    Object.entries(table).map(([collection, group]) => [
      collection,
      Object.fromEntries(
        // The contract's operations take a session first, and what they take besides goes through as it is.
        Object.entries(group as Record<string, Operation>).map(([operation, run]) => [operation, asking(collection, operation, run)]),
      ),
    ]),
  )

const asking = (collection: string, operation: string, run: Operation): Operation => {
  const isInBucket = collection === 'blobs'
  return (tenant, ...args) => {
    const [first, second] = args
    const about = isInBucket ? { bucket: textOf(first), id: textOf(second) } : { id: textOf(first) }
    return tenant.ask({ collection, operation, args, ...present(about) }, asking => run(asking, ...args))
  }
}

/** An id, or that of a filter. */
const textOf = (value: unknown): string | undefined => {
  if (typeof value === 'string') return value
  return typeof value === 'object' && value !== null && 'id' in value && typeof value.id === 'string' ? value.id : undefined
}

const present = (about: { readonly bucket?: string | undefined; readonly id?: string | undefined }): { bucket?: string; id?: string } => ({
  ...(about.bucket === undefined ? {} : { bucket: about.bucket }),
  ...(about.id === undefined ? {} : { id: about.id }),
})
