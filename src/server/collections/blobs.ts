/** Blobs: content in a bucket. It streams both ways and is never held in memory. */

import { discard } from '../../drivers/wire.ts'
import { badRequest, CloudError } from '../../model/errors.ts'
import { optional, required } from '../../model/parameter.ts'
import type { ByteRange, Bytes, Download } from '../../model/requests.ts'
import type { Blob } from '../../model/resources.ts'
import { readText } from '../body.ts'
import { hasMoreParts } from '../bounds.ts'
import { HttpError } from '../errors.ts'
import { shortened } from '../excerpts.ts'
import { formFor } from '../forms.ts'
import { byteRange, headerText, headerToken, textOfHeader } from '../headers.ts'
import { isNotModified, isSameContent, preconditionsOf, requireConditions, requireMatch } from '../preconditions.ts'
import { type ApiRequest, present, usableId } from '../request.ts'
import { blobView } from './blob-view.ts'
import { action, form, item, missing } from './build.ts'
import type { Operation, Result } from './operation.ts'

/** The original's address of the page; a blob can't have this name. */
export const uploadForm = 'new_blob_form_d15cfd90'

const metadataPrefix = 'x-deltacloud-blobmeta-'

/** Metadata in headers: names in lower case, `-` as `_`, as drivers always stored them. */
const metadataOfHeaders = (request: ApiRequest): Record<string, string> => {
  const found: Record<string, string> = {}
  for (const [name, value] of request.wire.headers) {
    const lower = name.toLowerCase()
    if (lower.startsWith(metadataPrefix) && lower.length > metadataPrefix.length) {
      found[lower.slice(metadataPrefix.length).replaceAll('-', '_')] = textOfHeader(value)
    }
  }
  return found
}

/** Metadata in a form: `meta_params` pairs of `meta_name1`, `meta_value1`, …; names in lower case, as in headers. */
const metadataOfForm = (request: ApiRequest): Record<string, string> => {
  const found: Record<string, string> = {}
  const count = Math.min(request.number('meta_params') ?? 0, 1000)
  for (let n = 1; n <= count; n++) {
    const name = request.value(`meta_name${n}`)
    if (name !== undefined) found[name.toLowerCase()] = request.given(`meta_value${n}`) ?? ''
  }
  return found
}

const metadataHeaders = (blob: Blob): [string, string][] =>
  Object.entries(blob.userMetadata).map(([key, value]) => [`X-Deltacloud-Blobmeta-${headerToken(key)}`, headerText(value)])

const blobId = (id: string): string => {
  if (id === uploadForm) throw badRequest(`A blob can't be named '${id}'`)
  return usableId(id, 'name of a blob')
}

const oneOf = async (request: ApiRequest): Promise<Blob> => {
  const { blobs: table } = await request.cloud()
  const found = await present(table?.get)(request.id, request.segment('blob_id'))
  if (found === undefined) throw missingBlob(request)
  return found
}

const missingBlob = (request: ApiRequest): Error => missing('blob', `${request.id}/${request.segment('blob_id')}`)

const empty: Bytes = {
  async *[Symbol.asyncIterator]() {
    // No content.
  },
}

const declaredLength = (request: ApiRequest): number | undefined => {
  const text = request.wire.header('content-length')
  return text !== undefined && /^\d{1,16}$/.test(text) ? Number(text) : undefined
}

const put = async (request: ApiRequest): Promise<Result> => {
  const id = blobId(request.segment('blob_id'))
  const segmented = (request.wire.header('x-deltacloud-blobtype') ?? request.value('blob_type')) === 'segmented'
  if (segmented) return putSegmented(request, id)
  await judgeConditions(request)
  const { blobs: table } = await request.cloud()
  const length = declaredLength(request)
  const contentType = request.wire.header('content-type')
  const blob = await present(table?.create)(request.id, id, {
    content: request.wire.body ?? empty,
    ...(length === undefined ? {} : { length }),
    ...(contentType === undefined ? {} : { contentType }),
    metadata: metadataOfHeaders(request),
  })
  return item(blobView, blob, 200)
}

/** An upload in segments: begun, fed and finished by PUTs on the blob's own address. */
const putSegmented = async (request: ApiRequest, id: string): Promise<Result> => {
  const { blobs: table } = await request.cloud()
  const upload = request.wire.header('x-deltacloud-segmentedblob') ?? request.value('segmented_blob')
  const order = request.wire.header('x-deltacloud-segmentorder') ?? request.value('segment_order')
  if (upload === undefined) {
    const contentType = request.wire.header('content-type')
    const begun = await present(table?.begin)(request.id, id, {
      ...(contentType === undefined ? {} : { contentType }),
      metadata: metadataOfHeaders(request),
    })
    return { kind: 'done', status: 204, headers: [['X-Deltacloud-SegmentedBlob', begun]] }
  }
  if (order !== undefined) {
    if (!/^\d{1,9}$/.test(order)) throw badRequest(`The segment order '${shortened(order)}' is not a whole number`)
    const length = declaredLength(request)
    const part = await present(table?.part)(request.id, id, upload, {
      number: Number(order),
      content: request.wire.body ?? empty,
      ...(length === undefined ? {} : { length }),
    })
    return { kind: 'done', status: 204, headers: [['X-Deltacloud-BlobSegmentId', part.id]] }
  }
  await judgeConditions(request)
  const manifest = await readText(request.wire.body, 1024 * 1024)
  return item(blobView, await present(table?.finish)(request.id, id, upload, readManifest(manifest)), 200)
}

/** Segments of a blob: as many as S3 takes. */
const segmentLimit = 10_000

/** `1=<segment id>, 2=<segment id>, …`, in the order of the numbers. */
const readManifest = (text: string): { id: string }[] => {
  if (hasMoreParts(text, ',', segmentLimit)) throw badRequest(`The list has more than ${segmentLimit} segments`)
  const parts = text
    .split(',')
    .map(part => part.trim())
    .filter(part => part !== '')
    .map(part => {
      const match = /^(\d{1,9})\s*=\s*(.+)$/.exec(part)
      const [, order, id] = match ?? []
      if (order === undefined || id === undefined)
        throw badRequest(`'${shortened(part)}' in the list of segments is not of the form 1=<segment id>`)
      return { order: Number(order), id }
    })
  if (parts.length === 0) throw badRequest('The list of segments is empty')
  return parts.sort((a, b) => a.order - b.order).map(({ id }) => ({ id }))
}

const download = async (request: ApiRequest): Promise<Result> => {
  const { wire } = request
  const conditions = preconditionsOf(wire)
  // What the client has needn't be opened; and a range is for GET alone.
  if (wire.method === 'HEAD' || conditions.noneMatch !== undefined) {
    const blob = await oneOf(request)
    const headers = downloadHeaders({ blob })
    if (isNotModified(conditions, tagOf(blob))) return unmodified(headers)
    if (wire.method === 'HEAD') return { kind: 'raw', response: { status: 200, headers, body: empty } }
  }
  const found = await open(request)
  let isKnown = false
  try {
    isKnown = isNotModified(conditions, tagOf(found.blob))
  } catch (error) {
    await leave(found)
    throw error
  }
  if (isKnown) {
    await leave(found)
    return unmodified(downloadHeaders(found))
  }
  return { kind: 'raw', response: { status: found.range === undefined ? 200 : 206, headers: downloadHeaders(found), body: found.content } }
}

/** Nothing about the content itself, which the client has. */
const unmodified = (headers: readonly (readonly [string, string])[]): Result => ({
  kind: 'raw',
  response: { status: 304, headers: headers.filter(([name]) => !/^content-(type|length|range|disposition)$/i.test(name)) },
})

/** The content, or the part of it that is asked for, where that is a part of what the client knows. */
const open = async (request: ApiRequest): Promise<Download> => {
  const { blobs: table } = await request.cloud()
  const read = (options: { range?: ByteRange }): Promise<Download> =>
    present(table?.read)(request.id, request.segment('blob_id'), options).catch((error: unknown) => {
      // As HEAD says it, and the blob's own document.
      throw error instanceof CloudError && error.kind === 'not-found' ? missingBlob(request) : error
    })
  const range = byteRange(request.wire.header('range') ?? '')
  if (range === undefined) return read({})
  const ifRange = request.wire.header('if-range')
  const found = await read({ range }).catch((error: unknown) => withoutRange(request, error))
  if (found !== undefined && isSameContent(ifRange, tagOf(found.blob))) return found
  if (found !== undefined) await leave(found)
  return read({})
}

/**
 * A driver says in its own words that a blob lacks a range; HTTP has a status for it, and tells how long the blob is.
 * @returns nothing where it's another blob than the client has a part of, whose range doesn't matter
 */
const withoutRange = async (request: ApiRequest, error: unknown): Promise<undefined> => {
  if (!(error instanceof CloudError && error.kind === 'bad-request')) throw error
  const blob = await oneOf(request)
  const { contentLength } = blob
  requireMatch(preconditionsOf(request.wire), tagOf(blob))
  if (!isSameContent(request.wire.header('if-range'), tagOf(blob))) return undefined
  throw new HttpError(416, error.message, { headers: contentLength === undefined ? [] : [['Content-Range', `bytes */${contentLength}`]] })
}

const leave = ({ content }: Download): Promise<void> => discard({ status: 200, headers: [], body: content })

const tagOf = ({ etag }: Blob): string | undefined => (etag === undefined ? undefined : `"${etag}"`)

/** Conditions of a change are judged by the tag of the content that is there. @throws HttpError 412 */
const judgeConditions = async (request: ApiRequest): Promise<void> => {
  const conditions = preconditionsOf(request.wire)
  if (conditions.match === undefined && conditions.noneMatch === undefined) return
  const { blobs: table } = await request.cloud()
  const there = await present(table?.get)(request.id, request.segment('blob_id'))
  requireConditions(conditions, there === undefined ? undefined : { tag: tagOf(there) })
}

const downloadHeaders = ({ blob, range }: Pick<Download, 'blob' | 'range'>): [string, string][] => {
  const headers: [string, string][] = [
    ['Content-Type', headerText(blob.contentType ?? '') || 'application/octet-stream'],
    [
      'Content-Disposition',
      `attachment; ${/^[\w.-]+$/.test(blob.id) ? `filename=${blob.id}` : `filename*=UTF-8''${encodeURIComponent(blob.id)}`}`,
    ],
    ['Accept-Ranges', 'bytes'],
    // Content comes from whoever stored it: a browser must save it, not run it.
    ['Content-Security-Policy', "sandbox; default-src 'none'"],
  ]
  const tag = tagOf(blob)
  if (tag !== undefined) headers.push(['ETag', tag])
  if (range !== undefined) {
    headers.push(
      ['Content-Range', `bytes ${range.first}-${range.last}/${range.total}`],
      ['Content-Length', String(range.last - range.first + 1)],
    )
  } else if (blob.contentLength !== undefined) headers.push(['Content-Length', String(blob.contentLength)])
  return headers
}

/** Metadata as headers, whatever format is asked for (quirk P17). */
const metadataHead = (path: readonly string[], name: string): Operation =>
  action({
    name,
    method: 'HEAD',
    path,
    capability: 'blob_metadata',
    doc: 'Shows the metadata of a blob, in headers.',
    statuses: [204, 404],
    offered: offer => offer.operations.blobs !== undefined,
    async run(request) {
      return { kind: 'done', status: 204, headers: metadataHeaders(await oneOf(request)) }
    },
  })

const blobPath = [':id', ':blob_id'] as const

export const blobOperations: readonly Operation[] = [
  action({
    name: 'show_blob',
    method: 'GET',
    path: blobPath,
    capability: 'blob',
    doc: 'Shows a blob, without its content.',
    statuses: [200, 404],
    offered: offer => offer.operations.blobs !== undefined,
    run: async request => item(blobView, await oneOf(request), 200),
  }),
  metadataHead(blobPath, 'blob_metadata'),
  metadataHead([...blobPath, 'metadata'], 'blob_metadata_alias'),
  action({
    name: 'blob_content',
    method: 'GET',
    path: [...blobPath, 'content'],
    capability: 'blob',
    doc: 'Reads the content of a blob, whole or a range of it.',
    statuses: [200, 206, 404, 416],
    formats: ['xml', 'json', 'html', 'png', 'gv', 'svg'],
    offered: offer => offer.operations.blobs?.read !== undefined,
    run: download,
  }),
  action({
    name: 'create_blob',
    path: [':id'],
    capability: 'create_blob',
    doc: 'Creates a blob from a form.',
    statuses: [201, 400, 404],
    offered: offer => offer.operations.blobs?.create !== undefined,
    parameters: [
      required('blob_id', 'Name of the blob'),
      required('blob_data', 'Its content, as a file or as text', { kind: 'file' }),
      optional('meta_params', 'Number of metadata pairs', { kind: 'number' }),
      optional('meta_name', 'Names of metadata: `meta_name1`, `meta_name2`, …', { numbered: true }),
      optional('meta_value', 'Their values: `meta_value1`, `meta_value2`, …', { numbered: true }),
    ],
    async run(request) {
      const { blobs: table } = await request.cloud()
      const file = request.files.get('blob_data')
      const text = Buffer.from(request.given('blob_data') ?? '')
      const blob = await present(table?.create)(request.id, blobId(request.required('blob_id')), {
        content: file === undefined ? bytesOf(text) : file.open(),
        length: file === undefined ? text.length : file.size,
        contentType: file === undefined ? 'text/plain' : file.contentType,
        metadata: metadataOfForm(request),
      })
      return item(blobView, blob, 201)
    },
  }),
  action({
    name: 'put_blob',
    method: 'PUT',
    path: blobPath,
    capability: 'create_blob',
    doc: 'Creates or replaces a blob from the body of the request; also a blob in segments.',
    body: 'raw',
    statuses: [200, 204, 400, 404],
    offered: offer => offer.operations.blobs?.create !== undefined,
    parameters: [
      optional('blob_type', '`segmented` for an upload in segments (or header X-Deltacloud-BlobType)'),
      optional('segmented_blob', 'The upload that a segment belongs to (or header X-Deltacloud-SegmentedBlob)'),
      optional('segment_order', 'Number of the segment (or header X-Deltacloud-SegmentOrder)'),
    ],
    run: put,
  }),
  action({
    name: 'update_blob',
    path: blobPath,
    capability: 'update_blob_metadata',
    doc: 'Replaces the metadata of a blob by that in the headers.',
    statuses: [204, 404],
    offered: offer => offer.operations.blobs?.updateMetadata !== undefined,
    async run(request) {
      await judgeConditions(request)
      const { blobs: table } = await request.cloud()
      const blob = await present(table?.updateMetadata)(request.id, request.segment('blob_id'), metadataOfHeaders(request))
      return { kind: 'done', status: 204, headers: metadataHeaders(blob) }
    },
  }),
  action({
    name: 'destroy_blob',
    method: 'DELETE',
    path: blobPath,
    capability: 'delete_blob',
    doc: 'Destroys a blob.',
    statuses: [204, 404],
    offered: offer => offer.operations.blobs?.destroy !== undefined,
    async run(request) {
      await judgeConditions(request)
      await present((await request.cloud()).blobs?.destroy)(request.id, request.segment('blob_id'))
      return { kind: 'done', status: 204, redirect: request.links.member('buckets', request.id) }
    },
  }),
  form({
    name: 'new_blob',
    path: [':id', uploadForm],
    capability: 'create_blob',
    doc: 'The form that uploads a blob.',
    offered: offer => offer.operations.blobs?.create !== undefined,
    async run(request) {
      const { buckets: table } = await request.cloud()
      const found = await present(table).list({ id: request.id })
      if (!found.some(one => one.id === request.id)) throw missing('bucket', request.id)
      return formFor(request, 'create_blob', {
        title: `New blob in ${request.id}`,
        submit: 'Upload blob',
        action: request.links.member('buckets', request.id),
        hidden: { meta_params: '2' },
        without: ['meta_name', 'meta_value'],
        further: [1, 2].flatMap(n => [
          { parameter: optional(`meta_name${n}`, `Name of metadata ${n}`) },
          { parameter: optional(`meta_value${n}`, `Value of metadata ${n}`) },
        ]),
      })
    },
  }),
]

async function* bytesOf(content: Uint8Array): AsyncGenerator<Uint8Array> {
  if (content.length > 0) yield content
}
