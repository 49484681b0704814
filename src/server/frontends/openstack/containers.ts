/** Swift's account and its containers: buckets. */

import type { Headers, WireResponse } from '../../../drivers/wire.ts'
import { CloudError } from '../../../model/errors.ts'
import type { Blob, Bucket } from '../../../model/resources.ts'
import { headerText, headerToken, textOfHeader } from '../../headers.ts'
import { blobPage, byBytes } from '../object-stores/pages.ts'
import { type Asked, group, type Handler, json, nothing, operation, part, type Routes, telling } from './asked.ts'
import { fineTimeOf } from './derived.ts'
import { Fault, unsupported } from './errors.ts'
import { type Facts, factsOf, tell } from './facts.ts'

/** Of one answer, as Swift has it. */
const most = 10_000

const notThere = (): Fault => new Fault(404, 'The resource could not be found.')

const limitIn = ({ query, gate }: Asked): number => {
  const text = query.get('limit')
  if (text === null || text === '') return Math.min(gate.settings.pageSize ?? most, most)
  if (!/^\d{1,9}$/.test(text)) throw new Fault(400, 'limit must be a whole number')
  if (Number(text) > most) throw new Fault(412, `Maximum limit is ${most}`)
  return Number(text)
}

/** JSON where it's asked for by parameter or by `Accept`; names as lines otherwise. */
const isJson = ({ query, request }: Asked): boolean => {
  const format = query.get('format')
  if (format === 'xml') throw new Fault(406, 'Lists are JSON or plain text here')
  return format === null ? /application\/json/.test(request.header('accept') ?? '') : format === 'json'
}

const list = (asked: Asked, names: readonly string[], trees: readonly object[], headers: Headers): WireResponse => {
  if (isJson(asked)) return { ...json(200, trees), headers: [['Content-Type', 'application/json; charset=utf-8'], ...headers] }
  if (names.length === 0) return nothing(204, [['Content-Type', 'text/plain; charset=utf-8'], ...headers])
  return { status: 200, headers: [['Content-Type', 'text/plain; charset=utf-8'], ...headers], body: `${names.join('\n')}\n` }
}

/** How many objects a container has, and how many bytes: counted. */
const usageOf = async ({ cloud }: Asked, container: string): Promise<{ readonly count: number; readonly bytes: number }> => {
  let [count, bytes] = [0, 0]
  for (let after: string | undefined = ''; after !== undefined; ) {
    const page: Awaited<ReturnType<typeof blobPage>> = await blobPage(cloud, container, { limit: most, ...(after === '' ? {} : { after }) })
    count += page.items.length
    bytes += page.items.reduce((sum, { contentLength = 0 }) => sum + contentLength, 0)
    after = page.next
  }
  return { count, bytes }
}

/** Names of containers, in the order and the stretch that are asked for. */
const containersOf = async (asked: Asked): Promise<readonly Bucket[]> => {
  const { query } = asked
  const [prefix, marker, end] = [query.get('prefix') ?? '', query.get('marker') ?? '', query.get('end_marker') ?? '']
  const all = [...(await group(asked, 'buckets').list({}))].sort((a, b) => byBytes(a.id, b.id))
  return all
    .filter(({ id }) => id.startsWith(prefix) && byBytes(id, marker) > 0 && (end === '' || byBytes(id, end) < 0))
    .slice(0, limitIn(asked))
}

const accountHeaders = async (asked: Asked): Promise<Headers> => {
  const all = await group(asked, 'buckets').list({})
  let [objects, bytes] = [0, 0]
  for (const { id } of all) {
    const usage = await usageOf(asked, id)
    objects += usage.count
    bytes += usage.bytes
  }
  return [
    ['X-Account-Container-Count', String(all.length)],
    ['X-Account-Object-Count', String(objects)],
    ['X-Account-Bytes-Used', String(bytes)],
    ['X-Timestamp', '0.00000'],
  ]
}

const showAccount: Handler = async asked => {
  const headers = await accountHeaders(asked)
  if (asked.request.method === 'HEAD') return nothing(204, headers)
  const found = await containersOf(asked)
  const trees: object[] = []
  for (const { id: name } of found) trees.push({ name, ...(await usageOf(asked, name)), last_modified: '1970-01-01T00:00:00.000000' })
  return list(
    asked,
    found.map(({ id }) => id),
    trees,
    headers,
  )
}

/** @throws Fault 404 */
const containerAt = async (asked: Asked): Promise<string> => {
  const id = part(asked, 'container')
  if (!(await exists(asked, id))) throw notThere()
  return id
}

const exists = async ({ cloud }: Asked, id: string): Promise<boolean> => {
  try {
    await blobPage(cloud, id, { limit: 1 })
    return true
  } catch (error) {
    if (error instanceof CloudError && error.kind === 'not-found') return false
    throw error
  }
}

const prefix = 'x-container-meta-'

const metadataIn = ({ request }: Asked): Readonly<Record<string, string | undefined>> =>
  Object.fromEntries(
    request.headers.flatMap(([name, value]) => {
      const lower = name.toLowerCase()
      if (lower.startsWith('x-remove-container-meta-')) return [[lower.slice('x-remove-container-meta-'.length), undefined]]
      return lower.startsWith(prefix) ? [[lower.slice(prefix.length), value === '' ? undefined : textOfHeader(value)]] : []
    }),
  )

/** @throws Fault 501 for what isn't the owner's alone, and versions */
const refuseUnkept = ({ request }: Asked): void => {
  for (const name of ['x-container-read', 'x-container-write', 'x-versions-location', 'x-history-location', 'x-versions-enabled'])
    if ((request.header(name) ?? '') !== '') throw unsupported(`The header ${name} can't be kept`)
}

const containerHeaders = async (asked: Asked, id: string): Promise<Headers> => {
  const { count, bytes } = await usageOf(asked, id)
  const facts: Facts = await factsOf(asked, 'buckets', id)
  return [
    ['X-Container-Object-Count', String(count)],
    ['X-Container-Bytes-Used', String(bytes)],
    ['X-Timestamp', '0.00000'],
    ['X-Storage-Policy', 'Policy-0'],
    ['Accept-Ranges', 'bytes'],
    ...Object.entries(facts).map(([name, value]) => [`X-Container-Meta-${headerToken(name)}`, headerText(value)] as const),
  ]
}

const objectTree = (blob: Blob): object => ({
  name: blob.id,
  bytes: blob.contentLength ?? 0,
  hash: blob.etag ?? '',
  content_type: blob.contentType ?? 'application/octet-stream',
  last_modified: fineTimeOf(blob.lastModified) ?? '1970-01-01T00:00:00.000000',
})

const showContainer: Handler = async asked => {
  const id = await containerAt(asked)
  const headers = await containerHeaders(asked, id)
  if (asked.request.method === 'HEAD') return nothing(204, headers)
  const { query, cloud } = asked
  const [wanted, delimiter, marker, end] = [query.get('prefix'), query.get('delimiter'), query.get('marker'), query.get('end_marker')]
  const limit = limitIn(asked)
  const page =
    limit === 0
      ? { items: [], prefixes: [] }
      : await blobPage(cloud, id, {
          limit,
          ...(wanted === null || wanted === '' ? {} : { prefix: wanted }),
          ...(delimiter === null || delimiter === '' ? {} : { delimiter }),
          ...(marker === null || marker === '' ? {} : { after: marker }),
        })
  const entries = [
    ...page.items.map(blob => ({ name: blob.id, tree: objectTree(blob) })),
    ...page.prefixes.map(subdir => ({ name: subdir, tree: { subdir } })),
  ]
    .sort((a, b) => byBytes(a.name, b.name))
    .filter(({ name }) => end === null || end === '' || byBytes(name, end) < 0)
  return list(
    asked,
    entries.map(({ name }) => name),
    entries.map(({ tree }) => tree),
    headers,
  )
}

const put: Handler = async asked => {
  refuseUnkept(asked)
  const id = part(asked, 'container')
  if (Buffer.byteLength(id) > 256) throw new Fault(400, 'Container name length of more than 256')
  const isThere = await exists(asked, id)
  if (!isThere) await operation(group(asked, 'buckets').create, 'make buckets')({ name: id })
  await tell(asked, 'buckets', id, metadataIn(asked))
  return nothing(isThere ? 202 : 201)
}

const post: Handler = async asked => {
  refuseUnkept(asked)
  await tell(asked, 'buckets', await containerAt(asked), metadataIn(asked))
  return nothing(204)
}

const destroy: Handler = async asked => {
  const act = operation(group(asked, 'buckets').destroy, 'destroy buckets')
  await telling(act(part(asked, 'container')), kind =>
    kind === 'not-found'
      ? notThere()
      : kind === 'conflict'
        ? new Fault(409, 'There was a conflict when trying to complete your request.')
        : undefined,
  )
  return nothing(204)
}

export const containerRoutes: Routes = {
  'GET /': showAccount,
  'HEAD /': showAccount,
  'POST /': asked => {
    if (asked.request.headers.some(([name]) => /^x-account-meta-/i.test(name))) throw unsupported('An account has no metadata here')
    return nothing(204)
  },
  'GET /:container': showContainer,
  'HEAD /:container': showContainer,
  'PUT /:container': put,
  'POST /:container': post,
  'DELETE /:container': destroy,
}
