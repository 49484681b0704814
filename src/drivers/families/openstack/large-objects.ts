/** Uploads in parts: segments in a container beside the bucket, joined by a static large object of Swift. */

import { badRequest, CloudError, notFound } from '../../../model/errors.ts'
import type { UploadedPart } from '../../../model/requests.ts'
import type { Operations } from '../../driver.ts'
import { allPages } from '../../pagers.ts'
import { discard, headerOf } from '../../wire.ts'
import { each } from './each.ts'
import { Native, parsed } from './native.ts'
import { metadataHeaders } from './object-mapping.ts'
import { blobs, containerPath, getBlob, headOf, lengthHeader, objectPath, safely, segmentsSuffix, typeHeader } from './objects.ts'
import { type Session, unlessMissing, whole } from './session.ts'

/** Where the segments of a bucket's blobs are. */
const store = (bucket: string): string => `${bucket}${segmentsSuffix}`

/** The object that stands for an upload until it's finished: type and metadata of the blob are its own. */
const marker = (id: string, upload: string): string => `${id}/${upload}`

const digits = 9

const segmentName = (id: string, upload: string, number: number): string => `${marker(id, upload)}/${String(number).padStart(digits, '0')}`

/** @throws CloudError `not-found` where there is no such upload */
const begun = async (session: Session, bucket: string, id: string, upload: string) => {
  const headers = /^[0-9a-f]{24}$/.test(upload) ? await headOf(session, store(bucket), marker(id, upload)) : undefined
  if (headers === undefined) throw notFound(`There is no upload ${upload} of ${bucket}/${id}`)
  return headers
}

const partsOf = async (session: Session, bucket: string, id: string, upload: string): Promise<readonly UploadedPart[]> => {
  const prefix = `${marker(id, upload)}/`
  return allPages(`GET ${containerPath(store(bucket))}`, async after => {
    const page = await blobs.page(session, store(bucket), { prefix, after: after ?? prefix, limit: 1000 })
    const items = page.items.map(({ id: name, contentLength: size = 0, etag = '' }) => ({
      number: Number(name.slice(prefix.length)),
      id: name.slice(prefix.length),
      size,
      etag,
    }))
    return { items, next: page.next }
  })
}

const remove = async (session: Session, bucket: string, names: readonly string[]): Promise<void> => {
  await each(names, name => unlessMissing(session.tell('objects', 'DELETE', objectPath(store(bucket), name))))
}

/** The container goes with what was last in it; where it isn't empty, Swift keeps it. */
const tidy = async (session: Session, bucket: string): Promise<void> => {
  try {
    await session.tell('objects', 'DELETE', containerPath(store(bucket)))
  } catch (error) {
    if (!(error instanceof CloudError && (error.kind === 'conflict' || error.kind === 'not-found'))) throw error
  }
}

type Uploads = Pick<NonNullable<Operations<Session>['blobs']>, 'begin' | 'part' | 'parts' | 'finish' | 'abort' | 'destroy'>

export const uploads: Uploads = {
  async begin(session, bucket, id, { contentType, metadata }) {
    await discard(await session.send('objects', { method: 'HEAD', path: containerPath(bucket) }))
    await session.tell('objects', 'PUT', containerPath(store(bucket)))
    const upload = Array.from({ length: 24 }, () => Math.floor(session.context.random() * 16).toString(16)).join('')
    const headers = [...typeHeader(contentType), lengthHeader(0), ...metadataHeaders(metadata)]
    const path = objectPath(store(bucket), marker(id, upload))
    await discard(await session.send('objects', { method: 'PUT', path, headers, content: new Uint8Array(), idempotent: true }))
    return upload
  },
  async part(session, bucket, id, upload, { number, content, length }) {
    await begun(session, bucket, id, upload)
    const name = segmentName(id, upload, number)
    const sent = await safely(session, store(bucket), { content, ...(length === undefined ? {} : { length }) })
    const response = await session.send('objects', {
      method: 'PUT',
      path: objectPath(store(bucket), name),
      headers: sent.length === undefined ? [] : [lengthHeader(sent.length)],
      content: sent.content,
      idempotent: true,
    })
    await discard(response)
    const headers = await headOf(session, store(bucket), name)
    const size = Number(headerOf(headers ?? [], 'content-length') ?? length ?? 0)
    const etag = (headerOf(response.headers, 'etag') ?? '').replace(/^"|"$/g, '')
    return { number, id: name.slice(marker(id, upload).length + 1), size, etag }
  },
  async parts(session, bucket, id, upload) {
    await begun(session, bucket, id, upload)
    return partsOf(session, bucket, id, upload)
  },
  async finish(session, bucket, id, upload, named) {
    const headers = await begun(session, bucket, id, upload)
    const parts = new Map((await partsOf(session, bucket, id, upload)).map(part => [part.id, part]))
    const manifest = named.map(({ id: name }) => {
      const part = parts.get(name)
      if (part === undefined) throw badRequest(`There is no segment ${name}`)
      return { path: `/${store(bucket)}/${marker(id, upload)}/${name}`, etag: part.etag, size_bytes: part.size }
    })
    const kept = headers.filter(([name]) => /^(content-type|x-object-meta-.*)$/i.test(name))
    await discard(
      await session.send('objects', {
        method: 'PUT',
        path: `${objectPath(bucket, id)}?multipart-manifest=put`,
        headers: kept,
        content: Buffer.from(JSON.stringify(manifest)),
        idempotent: true,
      }),
    )
    const used = new Set(named.map(one => one.id))
    const left = [...parts.keys()].filter(name => !used.has(name)).map(name => `${marker(id, upload)}/${name}`)
    await remove(session, bucket, [...left, marker(id, upload)])
    const blob = await getBlob(session, bucket, id)
    if (blob === undefined) throw notFound(`There is no blob ${bucket}/${id}`)
    return blob
  },
  async abort(session, bucket, id, upload) {
    await begun(session, bucket, id, upload)
    const parts = await partsOf(session, bucket, id, upload)
    await remove(session, bucket, [...parts.map(part => `${marker(id, upload)}/${part.id}`), marker(id, upload)])
    await tidy(session, bucket)
  },
  /** Segments go with the blob that they make up. */
  async destroy(session, bucket, id) {
    const headers = await headOf(session, bucket, id)
    if (headers === undefined) throw notFound(`There is no blob ${bucket}/${id}`)
    if (headerOf(headers, 'x-static-large-object')?.toLowerCase() !== 'true') return blobs.destroy(session, bucket, id)
    const names = await segmentsOf(session, bucket, id)
    await blobs.destroy(session, bucket, id)
    await remove(session, bucket, names)
    await tidy(session, bucket)
  },
}

/** Names of the segments that are ours to remove: those in the container beside the bucket. */
const segmentsOf = async (session: Session, bucket: string, id: string): Promise<readonly string[]> => {
  const path = `${objectPath(bucket, id)}?multipart-manifest=get`
  const response = await session.send('objects', { method: 'GET', path })
  const call = `GET objects${objectPath(bucket, id)}`
  const list = new Native({ list: parsed(await whole(call, response.body)) }, call).list('list')
  const beginning = `/${store(bucket)}/`
  return list.flatMap(one => {
    const name = one.need('name')
    return name.startsWith(beginning) ? [name.slice(beginning.length)] : []
  })
}
