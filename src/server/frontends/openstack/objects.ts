/** Swift: the account, its containers, and objects; what is larger than one upload is another file's. */

import { createHash } from 'node:crypto'
import type { Headers, WireResponse } from '../../../drivers/wire.ts'
import { CloudError } from '../../../model/errors.ts'
import type { Bytes, Download } from '../../../model/requests.ts'
import type { Blob } from '../../../model/resources.ts'
import { byteRange, headerText, headerToken, textOfHeader } from '../../headers.ts'
import { conditionsIn, isConditional, judged } from '../object-stores/conditions.ts'
import { contentPolicy } from '../object-stores/policy.ts'
import { type Asked, type Called, group, type Handler, json, nothing, operation, part, type Routes, telling } from './asked.ts'
import { containerRoutes } from './containers.ts'
import { denied, Fault, unsupported } from './errors.ts'
import { forget, joined, type Manifest, manifestOf, putManifest, remember, segmentsTree } from './large-objects.ts'

export const swiftInfo = (_called: Called): WireResponse =>
  json(200, {
    swift: {
      version: '2.30.1',
      max_file_size: 5_368_709_122,
      max_object_name_length: 1024,
      max_container_name_length: 256,
      container_listing_limit: 10_000,
      account_listing_limit: 10_000,
      max_meta_name_length: 128,
      max_meta_value_length: 256,
      max_meta_count: 90,
    },
    slo: { max_manifest_segments: 1000, max_manifest_size: 8_388_608, min_segment_size: 1 },
    dlo: { max_segments: 10_000 },
  })

const prefix = 'x-object-meta-'

const metadataIn = ({ request }: Asked): Readonly<Record<string, string>> =>
  Object.fromEntries(
    request.headers.flatMap(([name, value]) => {
      const lower = name.toLowerCase()
      return lower.startsWith(prefix) ? [[lower.slice(prefix.length), textOfHeader(value)]] : []
    }),
  )

/** Facts of an object that the API of clouds has no place for; lost in silence they would do harm. */
const unkept = ['x-delete-at', 'x-delete-after', 'content-encoding', 'content-disposition', 'x-symlink-target'] as const

/** @throws Fault 501 */
const refuseUnkept = ({ request }: Asked): void => {
  for (const name of unkept) if (request.header(name) !== undefined) throw unsupported(`The header ${name} can't be kept`)
}

/** `1700000000.00000` of a time in any spelling. */
const stamp = (time: string | undefined): string => {
  const at = Date.parse(time ?? '')
  return (Number.isNaN(at) ? 0 : at / 1000).toFixed(5)
}

/** What an answer says of an object. */
const headersOf = (blob: Blob, manifest: Manifest | undefined): Headers => {
  const modified = Date.parse(blob.lastModified ?? '')
  const etag = manifest?.etag ?? blob.etag
  return [
    ...(Number.isNaN(modified) ? [] : [['Last-Modified', new Date(modified).toUTCString()] as const]),
    // Of several segments it's in quotes, by which clients know that it isn't the MD5 of the content.
    ...(etag === undefined ? [] : [['ETag', manifest === undefined ? etag : `"${etag}"`] as const]),
    ['X-Timestamp', stamp(blob.lastModified)],
    ['Accept-Ranges', 'bytes'],
    ['Content-Type', headerText(blob.contentType ?? 'application/octet-stream')],
    ...(manifest?.kind === 'slo' ? [['X-Static-Large-Object', 'True'] as const] : []),
    ...(manifest?.kind === 'dlo' ? [['X-Object-Manifest', headerText(encodeURI(manifest.prefix))] as const] : []),
    ...Object.entries(blob.userMetadata).map(([name, value]) => [`X-Object-Meta-${titled(headerToken(name))}`, headerText(value)] as const),
  ]
}

/** As Swift writes names of headers. */
const titled = (name: string): string => name.replace(/[^-]+/g, word => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase())

const notThere = (): Fault => new Fault(404, 'The resource could not be found.')

/** @throws Fault 404 */
const blobAt = async (asked: Asked, container = part(asked, 'container'), object = part(asked, 'object')): Promise<Blob> => {
  const blob = await group(asked, 'blobs').get(container, object)
  if (blob === undefined) throw notThere()
  return blob
}

/** The answer where a condition isn't met; undefined where all are. @throws Fault 412 */
const stoppedBy = (asked: Asked, blob: Blob, headers: Headers): WireResponse | undefined => {
  const conditions = conditionsIn(name => asked.request.header(name))
  const verdict = isConditional(conditions) ? judged(conditions, blob) : 'met'
  if (verdict === 'failed') throw new Fault(412, 'A precondition for this request was not met.')
  return verdict === 'met' ? undefined : nothing(304, headers)
}

/** No bytes: of an answer to HEAD, and of an object that was sent without any. */
const unsent: Bytes = {
  async *[Symbol.asyncIterator]() {
    // There are none.
  },
}

const read: Handler = async asked => {
  const [container, object] = [part(asked, 'container'), part(asked, 'object')]
  const blob = await blobAt(asked)
  const manifest = await manifestOf(asked, container, blob)
  if (manifest?.kind === 'slo' && asked.query.get('multipart-manifest') === 'get') return json(200, segmentsTree(manifest))
  const whole = manifest?.kind === 'dlo' ? await joined(asked, manifest) : undefined
  const shown = whole === undefined ? blob : { ...blob, contentLength: whole.size, etag: whole.etag }
  const headers = contentPolicy(
    asked.request,
    headersOf(shown, manifest?.kind === 'dlo' ? { ...manifest, etag: whole?.etag ?? '' } : manifest),
  )
  const stopped = stoppedBy(asked, shown, headers)
  if (stopped !== undefined) return stopped
  const total = shown.contentLength ?? 0
  if (asked.request.method === 'HEAD') return { status: 200, headers: [...headers, ['Content-Length', String(total)]], body: unsent }
  const range = byteRange(asked.request.header('range') ?? '')
  if (whole !== undefined) return { status: 200, headers: [...headers, ['Content-Length', String(total)]], body: whole.content }
  const get = operation(group(asked, 'blobs').read, 'read blobs')
  const download = await telling<Download>(get(container, object, range === undefined ? {} : { range }), (kind, error) =>
    kind === 'bad-request' && range !== undefined
      ? new Fault(416, `The Range requested is not available: ${error.message}`)
      : kind === 'not-found'
        ? notThere()
        : undefined,
  )
  const sent = download.range
  return {
    status: sent === undefined ? 200 : 206,
    headers: [
      ...headers,
      ['Content-Length', String(sent === undefined ? total : sent.last - sent.first + 1)],
      ...(sent === undefined ? [] : [['Content-Range', `bytes ${sent.first}-${sent.last}/${sent.total}`] as const]),
    ],
    body: download.content,
  }
}

/** The same bytes; what ends otherwise than the client said is no object. @throws Fault 422 at the end */
const checked = (content: Bytes, etag: string | undefined): Bytes => {
  if (etag === undefined) return content
  return {
    async *[Symbol.asyncIterator]() {
      const md5 = createHash('md5')
      for await (const piece of content) {
        md5.update(piece)
        yield piece
      }
      if (md5.digest('hex') !== etag) throw new Fault(422, 'The ETag is not the MD5 of the content.')
    },
  }
}

const lengthIn = ({ request }: Asked): number | undefined => {
  const length = request.header('content-length')
  if (length !== undefined && /^\d{1,15}$/.test(length)) return Number(length)
  return request.body === undefined ? 0 : undefined
}

/** What an object made of a request's headers is, beside its content. */
const about = (asked: Asked): { readonly contentType?: string; readonly metadata: Readonly<Record<string, string>> } => {
  const contentType = textOfHeader(asked.request.header('content-type') ?? '')
  return { metadata: metadataIn(asked), ...(contentType === '' ? {} : { contentType }) }
}

const put: Handler = async asked => {
  refuseUnkept(asked)
  const { request, query } = asked
  const [container, object] = [part(asked, 'container'), part(asked, 'object')]
  const create = operation(group(asked, 'blobs').create, 'store blobs')
  if (request.header('if-none-match') === '*' && (await group(asked, 'blobs').get(container, object)) !== undefined)
    throw new Fault(412, 'A precondition for this request was not met.')
  const from = request.header('x-copy-from')
  if (from !== undefined) return copied(asked, from, container, object)
  if (query.get('multipart-manifest') === 'put') return created(await putManifest(asked, container, object, about(asked)))
  const etag = request.header('etag')?.replace(/^"|"$/g, '').toLowerCase()
  const length = lengthIn(asked)
  const made = await create(container, object, {
    ...about(asked),
    content: checked(request.body ?? unsent, etag),
    ...(length === undefined ? {} : { length }),
  })
  const manifest = request.header('x-object-manifest')
  if (manifest === undefined) await forget(asked, container, object)
  else await remember(asked, container, object, { kind: 'dlo', of: made.etag ?? '', prefix: prefixIn(manifest) })
  return created({ blob: made })
}

/** `container/prefix`, encoded as a path is. @throws Fault 400 */
const prefixIn = (header: string): string => {
  const text = decoded(header.replace(/^\//, ''))
  if (!/^[^/]+\/./.test(text)) throw new Fault(400, 'X-Object-Manifest must be in the format container/prefix')
  return text
}

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new Fault(400, 'A name in the headers cannot be read')
  }
}

const created = ({ blob, etag }: { readonly blob: Blob; readonly etag?: string }): WireResponse => {
  const modified = Date.parse(blob.lastModified ?? '')
  const shown = etag === undefined ? blob.etag : `"${etag}"`
  return nothing(201, [
    ...(shown === undefined ? [] : [['ETag', shown] as const]),
    ...(Number.isNaN(modified) ? [] : [['Last-Modified', new Date(modified).toUTCString()] as const]),
    ['Content-Type', 'text/html; charset=UTF-8'],
  ])
}

/** A copy of `container/object`, with the metadata of both, or those of the request alone. */
const copied = async (asked: Asked, from: string, container: string, object: string): Promise<WireResponse> => {
  const [, source = '', name = ''] = /^\/?([^/]+)\/(.+)$/s.exec(decoded(from)) ?? []
  if (name === '') throw new Fault(412, 'X-Copy-From header must be of the form <container name>/<object name>')
  for (const header of ['x-copy-from-account', 'destination-account'])
    if ((asked.request.header(header) ?? `AUTH_${asked.identity.projectId}`) !== `AUTH_${asked.identity.projectId}`) throw denied()
  const blob = await blobAt(asked, source, name)
  const isFresh = /^(true|1|yes|on|t|y)$/i.test(asked.request.header('x-fresh-metadata') ?? '')
  const { contentType, metadata } = about(asked)
  const manifest = await manifestOf(asked, source, blob)
  const whole = manifest?.kind === 'dlo' ? await joined(asked, manifest) : undefined
  const content = whole?.content ?? (await operation(group(asked, 'blobs').read, 'read blobs')(source, name, {})).content
  const length = whole?.size ?? blob.contentLength
  const type = contentType ?? blob.contentType
  const made = await operation(group(asked, 'blobs').create, 'store blobs')(container, object, {
    content,
    ...(length === undefined ? {} : { length }),
    ...(type === undefined ? {} : { contentType: type }),
    metadata: isFresh ? metadata : { ...blob.userMetadata, ...metadata },
  })
  await forget(asked, container, object)
  return created({ blob: made })
}

const copy: Handler = async asked => {
  const to = asked.request.header('destination')
  const [, container = '', object = ''] = /^\/?([^/]+)\/(.+)$/s.exec(decoded(to ?? '')) ?? []
  if (object === '') throw new Fault(412, 'Destination header must be of the form <container name>/<object name>')
  const from = `${encodeURIComponent(part(asked, 'container'))}/${encodeURIComponent(part(asked, 'object'))}`
  return copied(asked, from, container, object)
}

const update: Handler = async asked => {
  refuseUnkept(asked)
  const [container, object] = [part(asked, 'container'), part(asked, 'object')]
  const blob = await blobAt(asked)
  const type = asked.request.header('content-type')
  const changes = operation(group(asked, 'blobs').updateMetadata, 'change metadata')
  // The type of what is there stays: the cloud can't change it.
  if (type !== undefined && blob.contentType !== undefined && type !== blob.contentType && !isUnsaid(type))
    throw unsupported('The type of an object stays as it is')
  await changes(container, object, metadataIn(asked))
  return nothing(202)
}

/** What clients send with a request that has no body, and don't mean. */
const isUnsaid = (type: string): boolean => /^(application\/x-www-form-urlencoded|text\/plain|application\/octet-stream)?$/i.test(type)

const destroy: Handler = async asked => {
  const [container, object] = [part(asked, 'container'), part(asked, 'object')]
  const act = operation(group(asked, 'blobs').destroy, 'destroy blobs')
  const blob = await blobAt(asked)
  const manifest = await manifestOf(asked, container, blob)
  await act(container, object)
  await forget(asked, container, object)
  if (manifest?.kind === 'slo' && asked.query.get('multipart-manifest') === 'delete')
    for (const { name } of manifest.segments) {
      const [, of = '', segment = ''] = /^\/([^/]+)\/(.+)$/s.exec(name) ?? []
      await act(of, segment).catch(unlessGone)
    }
  return nothing(204)
}

const unlessGone = (error: unknown): void => {
  if (!(error instanceof CloudError && error.kind === 'not-found')) throw error
}

export const objectRoutes: Routes = {
  ...containerRoutes,
  'GET /:container/*object': read,
  'HEAD /:container/*object': read,
  'PUT /:container/*object': put,
  'POST /:container/*object': update,
  'DELETE /:container/*object': destroy,
  'COPY /:container/*object': copy,
}
