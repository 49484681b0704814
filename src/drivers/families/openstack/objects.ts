/** Containers and objects: Swift's API 1. */

import { badRequest, CloudError, conflict, notFound } from '../../../model/errors.ts'
import type { ByteRange, Bytes, Upload } from '../../../model/requests.ts'
import type { Blob, Bucket } from '../../../model/resources.ts'
import { wholeIfSmall } from '../../content.ts'
import type { Operations } from '../../driver.ts'
import { allPages } from '../../pagers.ts'
import { discard, type Headers, headerOf, readBody } from '../../wire.ts'
import { Native, parsed } from './native.ts'
import { blobOf, bucketOf, listedBlobOf, metadataHeaders } from './object-mapping.ts'
import { type Session, segment, unlessMissing, whole } from './session.ts'

export const containerPath = (bucket: string): string => {
  // What no container can be called isn't there.
  if (!isContainerName(bucket)) throw notFound(`There is no bucket ${bucket.slice(0, 300)}`)
  return `/${segment(bucket)}`
}

export const objectPath = (bucket: string, id: string): string => `${containerPath(bucket)}/${segment(id)}`

/** Names in a page of Swift, unless it's configured otherwise. */
const mostNames = 10_000

/** A part of a list: JSON is a list as such, which no other service has. */
const entries = async (session: Session, path: string): Promise<{ readonly items: readonly Native[]; readonly headers: Headers }> => {
  const response = await session.send('objects', { method: 'GET', path })
  const call = `GET ${path.split('?')[0]}`
  const text = await whole(call, response.body)
  // Nothing at all is an empty list: 204 has no body.
  const value = response.status === 204 ? [] : parsed(text)
  return { items: new Native({ list: value }, call).needList('list'), headers: response.headers }
}

/** All names of a list, page by page: a page ends where Swift's limit is, which isn't told. */
const allEntries = async (session: Session, path: string): Promise<{ readonly items: readonly Native[]; readonly headers: Headers }> => {
  let headers: Headers = []
  let total = Number.NaN
  let full = mostNames
  const names = new Set<string>()
  const items = await allPages(`GET ${path}`, async marker => {
    const page = await entries(session, `${path}?format=json${marker === undefined ? '' : `&marker=${segment(marker)}`}`)
    if (marker === undefined) {
      headers = page.headers
      total = Number(headerOf(headers, totalIn(path)) ?? Number.NaN)
    }
    for (const name of page.items.map(item => item.need('name'))) {
      if (names.has(name)) throw new CloudError('provider-error', `GET ${path}: the provider listed ${name.slice(0, 100)} twice`)
      names.add(name)
    }
    // A total may lag behind, and some say none: a page that's as long as the limit, or as the first one, may have a next.
    const isLast = page.items.length < full && (Number.isNaN(total) || names.size >= total)
    if (marker === undefined) full = page.items.length
    return { items: page.items, next: isLast ? undefined : page.items.at(-1)?.need('name') }
  })
  return { items, headers }
}

const totalIn = (path: string): string => (path === '' ? 'x-account-container-count' : 'x-container-object-count')

/** As Swift limits them. */
const isContainerName = (name: string): boolean => name !== '' && !name.includes('/') && Buffer.byteLength(name) <= 256

/** Where segments of uploads are kept; not a place of its own for clients. */
const isSegments = (name: string): boolean => name.endsWith(segmentsSuffix)
export const segmentsSuffix = '.segments'

const getBucket = async (session: Session, id: string): Promise<Bucket | undefined> => {
  if (!isContainerName(id)) {
    await session.login()
    return undefined
  }
  const found = await unlessMissing(allEntries(session, containerPath(id)))
  if (found === undefined) return undefined
  const blobs = found.items.map(object => object.need('name')).sort()
  const count = headerOf(found.headers, 'x-container-object-count')
  return { id, name: id, size: count !== undefined && /^\d+$/.test(count) ? Number(count) : blobs.length, blobs }
}

export const buckets: NonNullable<Operations<Session>['buckets']> = {
  list: async session => (await allEntries(session, '')).items.map(bucketOf).filter(({ id }) => !isSegments(id)),
  get: getBucket,
  async create(session, { name }) {
    // Who can't log in is told that, whatever the name.
    await session.login()
    if (!isContainerName(name)) throw badRequest('The name of a bucket has 1 to 256 bytes, and no slash')
    // Sent twice it would be answered as if the container had been there before.
    const response = await session.send('objects', { method: 'PUT', path: containerPath(name), idempotent: false })
    await discard(response)
    // 202 is a container that was there; asked without headers, nothing of it changed.
    if (response.status === 202) throw conflict(`There is a bucket ${name}`)
    return { id: name, name, size: 0, blobs: [] }
  },
  destroy: (session, id) => session.tell('objects', 'DELETE', containerPath(id)),
}

/** Content up to this size is kept in memory, so that it can be sent again. Bytes. */
const small = 1024 * 1024

interface Sendable {
  readonly content: Bytes | Uint8Array
  readonly length?: number
}

/** Content that a token which is taken no more doesn't spoil: small enough to be sent twice, or sent when the bucket has been found. */
export const safely = async (
  session: Session,
  bucket: string,
  { content, length }: Pick<Upload, 'content' | 'length'>,
): Promise<Sendable> => {
  if (length !== undefined && length <= small) return { content: await readBody(content, small) }
  await discard(await session.send('objects', { method: 'HEAD', path: containerPath(bucket) }))
  return { content, ...(length === undefined ? {} : { length }) }
}

const put = async (session: Session, bucket: string, id: string, upload: Upload): Promise<Headers> => {
  const { content, length } = await safely(session, bucket, upload)
  const response = await session.send('objects', {
    method: 'PUT',
    path: objectPath(bucket, id),
    headers: [
      ...typeHeader(upload.contentType),
      ...(length === undefined ? [] : [lengthHeader(length)]),
      ...metadataHeaders(upload.metadata),
    ],
    content,
    idempotent: true,
  })
  await discard(response)
  return response.headers
}

export const typeHeader = (contentType: string | undefined): Headers => (contentType === undefined ? [] : [['Content-Type', contentType]])

export const lengthHeader = (length: number): readonly [string, string] => ['Content-Length', String(length)]

export const headOf = async (session: Session, bucket: string, id: string): Promise<Headers | undefined> => {
  const response = await unlessMissing(session.send('objects', { method: 'HEAD', path: objectPath(bucket, id) }))
  if (response === undefined) return undefined
  await discard(response)
  return response.headers
}

export const getBlob = async (session: Session, bucket: string, id: string): Promise<Blob | undefined> => {
  const headers = await headOf(session, bucket, id)
  return headers === undefined ? undefined : blobOf(bucket, id, headers)
}

const present = async (session: Session, bucket: string, id: string): Promise<Blob> => {
  const blob = await getBlob(session, bucket, id)
  if (blob === undefined) throw notFound(`There is no blob ${bucket}/${id}`)
  return blob
}

const rangeHeader = (range: ByteRange): Headers => [
  ['Range', range.first === undefined ? `bytes=-${range.last}` : `bytes=${range.first}-${range.last ?? ''}`],
]

const partIn = (headers: Headers): { readonly first: number; readonly last: number; readonly total: number } | undefined => {
  const [, first, last, total] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(headerOf(headers, 'content-range') ?? '') ?? []
  return total === undefined ? undefined : { first: Number(first), last: Number(last), total: Number(total) }
}

/** What every cloud with Swift can do with blobs; uploads in parts are another file's. */
export const blobs = {
  get: getBlob,
  async page(session, bucket, { prefix, delimiter, after, limit }) {
    const given: readonly (readonly [string, string | undefined])[] = [
      ['prefix', prefix],
      ['delimiter', delimiter],
      ['marker', after],
      ['limit', String(limit)],
    ]
    const query = given.flatMap(([name, value]) => (value === undefined ? [] : [`&${name}=${segment(value)}`])).join('')
    const { items } = await entries(session, `${containerPath(bucket)}?format=json${query}`)
    const last = items.at(-1)
    const next = items.length < limit ? undefined : last?.oneOf('name', 'subdir')
    return {
      items: items.filter(item => !item.has('subdir')).map(item => listedBlobOf(bucket, item)),
      prefixes: items.flatMap(item => item.text('subdir') ?? []),
      ...(next === undefined ? {} : { next }),
    }
  },
  async read(session, bucket, id, { range }) {
    const response = await session.send('objects', {
      method: 'GET',
      path: objectPath(bucket, id),
      headers: range === undefined ? [] : rangeHeader(range),
    })
    const part = partIn(response.headers)
    const length = headerOf(response.headers, 'content-length')
    return {
      blob: blobOf(bucket, id, response.headers, part?.total),
      content: await wholeIfSmall(response.body, length === undefined ? undefined : Number(length)),
      ...(part === undefined ? {} : { range: part }),
    }
  },
  async create(session, bucket, id, upload) {
    await put(session, bucket, id, upload)
    return present(session, bucket, id)
  },
  /** Swift takes the type of the content away unless it's sent again. */
  async updateMetadata(session, bucket, id, metadata) {
    const blob = await present(session, bucket, id)
    const headers = [...typeHeader(blob.contentType), ...metadataHeaders(metadata)]
    await discard(await session.send('objects', { method: 'POST', path: objectPath(bucket, id), headers, idempotent: true }))
    return present(session, bucket, id)
  },
  destroy: (session, bucket, id) => session.tell('objects', 'DELETE', objectPath(bucket, id)),
} satisfies NonNullable<Operations<Session>['blobs']>
