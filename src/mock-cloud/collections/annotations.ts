/** Annotations: text by resource and key, gone with the resource. */

import { notFound } from '../../model/errors.ts'
import { type Kind, resourceKinds } from '../records.ts'
import type { Tenant } from '../tenant.ts'

/** A resource by collection and id; collections whose resources aren't kept have no annotations. */
export interface Annotated {
  readonly collection: string
  readonly id: string
}

const annotatable: ReadonlySet<string> = new Set(resourceKinds)

const isKind = (collection: string): collection is Kind => annotatable.has(collection)

export const get = async (tenant: Tenant, { collection, id }: Annotated): Promise<Readonly<Record<string, string>>> =>
  isKind(collection) ? tenant.read(({ tx }) => tx.annotations(collection, id)) : {}

/** Of all resources of a collection, by id; who has none is left out. */
export const all = async (tenant: Tenant, collection: string): Promise<ReadonlyMap<string, Readonly<Record<string, string>>>> =>
  isKind(collection) ? tenant.read(({ tx }) => tx.allAnnotations(collection)) : new Map()

/** Sets some and leaves the others; an undefined value removes one. @throws CloudError `not-found` */
export const set = async (
  tenant: Tenant,
  { collection, id }: Annotated,
  entries: Readonly<Record<string, string | undefined>>,
): Promise<void> => {
  if (!isKind(collection)) throw notFound()
  await tenant.write(async ({ tx }) => {
    if ((await tx.show(collection, id)) === undefined) throw notFound()
    await tx.annotate(collection, id, entries)
  })
}

/** Ids of the resources of a collection whose annotation has this value. */
export const find = async (tenant: Tenant, collection: string, key: string, value: string): Promise<readonly string[]> =>
  isKind(collection) ? tenant.read(({ tx }) => tx.annotated(collection, key, value)) : []
