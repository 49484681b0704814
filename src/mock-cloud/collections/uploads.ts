/** Uploads of blobs in parts. */

import { createHash } from 'node:crypto'
import { badRequest, notFound } from '../../model/errors.ts'
import type { Bytes, UploadedPart } from '../../model/requests.ts'
import type { Blob } from '../../model/resources.ts'
import type { PendingUpload } from '../store/store.ts'
import type { Look, Tenant } from '../tenant.ts'
import { keeping, longestId, put } from './blobs.ts'
import { checkedId, found } from './lookup.ts'

export const begin = (
  tenant: Tenant,
  bucket: string,
  id: string,
  options: { readonly contentType?: string; readonly metadata: Readonly<Record<string, string>> },
): Promise<string> =>
  tenant.write(async turn => {
    const { tx, draws } = turn
    checkedId(id, 'blob', longestId)
    await found(turn, 'buckets', bucket)
    const n = (await tx.number('uploads begun')) + 1
    await tx.setNumber('uploads begun', n)
    const upload = draws.bytes(16, 'uploads', n).toString('hex')
    await tx.blobs.begin(bucket, upload, { id, ...options })
    return upload
  })

/** @param part.number from 1; a part of the same number is replaced. */
export const part = async (
  tenant: Tenant,
  bucket: string,
  id: string,
  upload: string,
  { number, content, length }: { readonly number: number; readonly content: Bytes; readonly length?: number },
): Promise<UploadedPart> => {
  if (!(Number.isInteger(number) && number >= 1 && number <= mostParts)) throw badRequest(`Parts are numbered from 1 to ${mostParts}`)
  await tenant.read(look => pendingOf(look, bucket, id, upload))
  return keeping(tenant, await tenant.world.store.receive(content, length), async (turn, incoming) => {
    await pendingOf(turn, bucket, id, upload)
    const made: UploadedPart = { number, id: `${number}-${incoming.etag}`, size: incoming.size, etag: incoming.etag }
    await turn.tx.blobs.putPart(bucket, upload, made, incoming)
    return made
  })
}

export const parts = (tenant: Tenant, bucket: string, id: string, upload: string): Promise<readonly UploadedPart[]> =>
  tenant.read(async look => {
    await pendingOf(look, bucket, id, upload)
    return look.tx.blobs.parts(bucket, upload)
  })

/** Joins the parts named, in that order. @throws CloudError `bad-request` for a part that isn't there. */
export const finish = async (
  tenant: Tenant,
  bucket: string,
  id: string,
  upload: string,
  wanted: readonly { readonly id: string }[],
): Promise<Blob> => {
  const chosenParts = await tenant.read(async look => {
    await pendingOf(look, bucket, id, upload)
    return chosen(await look.tx.blobs.parts(bucket, upload), wanted)
  })
  const numbers = chosenParts.map(({ number }) => number)
  const joined = await tenant.world.store.receive(join(tenant, bucket, upload, numbers))
  return keeping(tenant, { ...joined, etag: etagOf(chosenParts) }, async (turn, incoming) => {
    const pending = await pendingOf(turn, bucket, id, upload)
    // A part may have been replaced while they were joined.
    chosen(await turn.tx.blobs.parts(bucket, upload), wanted)
    const blob = await put(turn, bucket, id, pending, incoming)
    await turn.tx.blobs.end(bucket, upload)
    return blob
  })
}

export const abort = (tenant: Tenant, bucket: string, id: string, upload: string): Promise<void> =>
  tenant.write(async turn => {
    await pendingOf(turn, bucket, id, upload)
    await turn.tx.blobs.end(bucket, upload)
  })

const mostParts = 10_000

/** @throws CloudError `not-found` */
const pendingOf = async ({ tx }: Look, bucket: string, id: string, upload: string): Promise<PendingUpload> => {
  const pending = await tx.blobs.upload(bucket, upload)
  if (pending?.id !== id) throw notFound()
  return pending
}

const chosen = (there: readonly UploadedPart[], wanted: readonly { readonly id: string }[]): UploadedPart[] => {
  if (wanted.length === 0) throw badRequest('A blob needs at least one part')
  const parts = new Map(there.map(one => [one.id, one]))
  return wanted.map(({ id }) => {
    const part = parts.get(id)
    if (part === undefined) throw badRequest(`There is no part '${id}'`)
    return part
  })
}

/** As S3 makes it, and its clients check: the MD5 of the parts' MD5s, and how many there are. */
const etagOf = (parts: readonly UploadedPart[]): string => {
  const md5 = createHash('md5')
  for (const { etag } of parts) md5.update(Buffer.from(etag, 'hex'))
  return `${md5.digest('hex')}-${parts.length}`
}

/** The parts' content, one after the other; each is opened when it's its turn. */
async function* join(tenant: Tenant, bucket: string, upload: string, numbers: readonly number[]): AsyncGenerator<Uint8Array> {
  for (const number of numbers) {
    const content = await tenant.read(({ tx }) => tx.blobs.openPart(bucket, upload, number))
    if (content === undefined) throw notFound()
    yield* content.read(0, content.size - 1)
  }
}
