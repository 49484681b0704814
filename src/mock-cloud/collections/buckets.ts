/** Buckets. */

import { badRequest, conflict } from '../../model/errors.ts'
import type { Bucket } from '../../model/resources.ts'
import type { Look, Tenant } from '../tenant.ts'
import { checkedId, found, given } from './lookup.ts'

export const list = (tenant: Tenant, filter: { readonly id?: string }): Promise<readonly Bucket[]> =>
  tenant.read(async look => {
    const { id } = filter
    const one = id === undefined ? undefined : await look.tx.show('buckets', id)
    const buckets = id === undefined ? await look.tx.list('buckets') : one === undefined ? [] : [one]
    return Promise.all(buckets.map(bucket => withBlobs(look, bucket)))
  })

export const get = (tenant: Tenant, id: string): Promise<Bucket | undefined> =>
  tenant.read(async look => {
    const bucket = await look.tx.show('buckets', id)
    return bucket === undefined ? undefined : withBlobs(look, bucket)
  })

/** Without the ids of their blobs, which may be many. */
export const page = (tenant: Tenant, _filter: unknown, part: { readonly after?: string; readonly limit: number }) =>
  tenant.read(({ tx }) => tx.page('buckets', part))

export const create = (tenant: Tenant, request: { readonly name: string; readonly location?: string }): Promise<Bucket> =>
  tenant.write(async turn => {
    const { tx, personality } = turn
    const id = checkedId(request.name, 'bucket')
    if (id.includes('/') && !personality.lenient.looseValues) throw badRequest(`The name of a bucket can't have a '/' in it`)
    const there = await tx.show('buckets', id)
    if (there !== undefined) {
      if (personality.lenient.bucketTaken) return withBlobs(turn, there)
      throw conflict(`Bucket '${id}' already exists`)
    }
    const location = given(request.location)
    const shown: Bucket = { id, name: id, size: 0 }
    await tx.put('buckets', { shown, kept: location === undefined ? {} : { location } })
    return { ...shown, blobs: [] }
  })

export const destroy = (tenant: Tenant, id: string): Promise<void> =>
  tenant.write(async turn => {
    const { shown } = await found(turn, 'buckets', id)
    if ((shown.size ?? 0) > 0) throw conflict('BucketNotEmpty', `There are ${shown.size} blobs in the bucket '${id}'`)
    await turn.tx.blobs.endAll(id)
    await turn.tx.remove('buckets', id)
  })

const withBlobs = async ({ tx }: Look, bucket: Bucket): Promise<Bucket> => ({ ...bucket, blobs: await tx.blobs.ids(bucket.id) })
