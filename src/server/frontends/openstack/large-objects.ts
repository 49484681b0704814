/**
 * Large objects of Swift. A static one names its segments, and is joined when it's made; a dynamic one is what begins with a prefix, and is
 * joined when it's read. What they are made of is told of their bucket, for as long as the object is the one that was made then.
 */

import { createHash } from 'node:crypto'
import type { Bytes } from '../../../model/requests.ts'
import type { Blob } from '../../../model/resources.ts'
import { blobPage } from '../object-stores/pages.ts'
import { type Asked, group, operation } from './asked.ts'
import { Body, jsonIn } from './body.ts'
import { Fault, unsupported } from './errors.ts'

interface Segment {
  /** `/container/object` */
  readonly name: string
  readonly hash: string
  readonly bytes: number
}

interface Static {
  readonly kind: 'slo'
  /** The content's, by which it's known whether the object is still this one. */
  readonly of: string
  readonly etag: string
  readonly segments: readonly Segment[]
}

interface Dynamic {
  readonly kind: 'dlo'
  readonly of: string
  readonly etag?: string
  /** `container/prefix` */
  readonly prefix: string
}

export type Manifest = Static | Dynamic

const noted = (object: string): string => `openstack:manifest:${object}`

/** What an object is made of, where it's large. */
export const manifestOf = async ({ cloud }: Asked, container: string, blob: Blob): Promise<Manifest | undefined> => {
  if (cloud.annotations === undefined) return undefined
  const text = (await cloud.annotations.get({ collection: 'buckets', id: container }))[noted(blob.id)]
  if (text === undefined) return undefined
  // What stands there is what `remember` wrote.
  const manifest = JSON.parse(text) as Manifest
  return manifest.of === blob.etag ? manifest : undefined
}

/** @throws Fault 501 where the cloud can't note it */
export const remember = async (asked: Asked, container: string, object: string, manifest: Manifest): Promise<void> => {
  if (asked.cloud.annotations === undefined) throw unsupported('This cloud can’t keep what a large object is made of')
  await asked.cloud.annotations.set({ collection: 'buckets', id: container }, { [noted(object)]: JSON.stringify(manifest) })
}

export const forget = async ({ cloud }: Asked, container: string, object: string): Promise<void> => {
  const resource = { collection: 'buckets', id: container } as const
  if ((await cloud.annotations?.get(resource))?.[noted(object)] !== undefined)
    await cloud.annotations?.set(resource, { [noted(object)]: undefined })
}

export const segmentsTree = ({ segments }: Static): readonly object[] =>
  segments.map(({ name, hash, bytes }) => ({ name, hash, bytes, content_type: 'application/octet-stream' }))

/** Bytes that a list of a thousand segments may have. */
const largest = 8 * 1024 * 1024

const segmentsIn = async ({ request }: Asked): Promise<readonly Body[]> => {
  const found = new Body({ segments: await jsonIn(request, largest) }).list('segments')
  if (found.length === 0 || found.length > 1000) throw new Fault(400, 'A manifest has from 1 to 1000 segments')
  return found
}

const divided = (path: string): readonly [container: string, object: string] => {
  const [, container = '', object = ''] = /^\/?([^/]+)\/(.+)$/s.exec(path) ?? []
  if (object === '') throw new Fault(400, 'The path of a segment is /container/object')
  return [container, object]
}

/** The segments, one after the other; each is opened when it's its turn. */
const contentOf = (asked: Asked, names: readonly string[]): Bytes => ({
  async *[Symbol.asyncIterator]() {
    const read = operation(group(asked, 'blobs').read, 'read blobs')
    for (const name of names) {
      const [container, object] = divided(name)
      yield* (await read(container, object, {})).content
    }
  },
})

/** Makes an object of the segments that a request names. @throws Fault 400 for one that isn't there, or isn't what the request says */
export const putManifest = async (
  asked: Asked,
  container: string,
  object: string,
  about: { readonly contentType?: string; readonly metadata: Readonly<Record<string, string>> },
): Promise<{ readonly blob: Blob; readonly etag?: string }> => {
  const segments: Segment[] = []
  const wrong: string[] = []
  for (const wanted of await segmentsIn(asked)) {
    const path = wanted.need('path')
    const [from, name] = divided(path)
    const blob = await group(asked, 'blobs').get(from, name)
    const [etag, size] = [wanted.text('etag'), wanted.number('size_bytes')]
    const { etag: hash = '', contentLength: bytes = 0 } = blob ?? {}
    if (blob === undefined) wrong.push(`${path}, 404 Not Found`)
    else if (etag !== undefined && etag !== hash) wrong.push(`${path}, Etag Mismatch`)
    else if (size !== undefined && size !== bytes) wrong.push(`${path}, Size Mismatch`)
    else segments.push({ name: `/${from}/${name}`, hash, bytes })
  }
  if (wrong.length > 0) throw new Fault(400, `Errors: ${wrong.slice(0, 20).join('; ')}`)
  const etag = md5Of(segments.map(({ hash }) => hash).join(''))
  const blob = await operation(group(asked, 'blobs').create, 'store blobs')(container, object, {
    ...about,
    content: contentOf(
      asked,
      segments.map(({ name }) => name),
    ),
    length: segments.reduce((sum, { bytes }) => sum + bytes, 0),
  })
  if (asked.cloud.annotations === undefined) return { blob }
  await remember(asked, container, object, { kind: 'slo', of: blob.etag ?? '', etag, segments })
  return { blob, etag }
}

const md5Of = (text: string): string => createHash('md5').update(text).digest('hex')

/** What a dynamic object is now. */
export const joined = async (
  asked: Asked,
  { prefix }: Dynamic,
): Promise<{ readonly size: number; readonly etag: string; readonly content: Bytes }> => {
  const [container, beginning] = divided(prefix)
  const found: Blob[] = []
  for (let after: string | undefined = ''; after !== undefined; ) {
    const page: Awaited<ReturnType<typeof blobPage>> = await blobPage(asked.cloud, container, {
      prefix: beginning,
      limit: 1000,
      ...(after === '' ? {} : { after }),
    })
    found.push(...page.items)
    after = page.next
  }
  return {
    size: found.reduce((sum, { contentLength = 0 }) => sum + contentLength, 0),
    etag: md5Of(found.map(({ etag = '' }) => etag).join('')),
    content: contentOf(
      asked,
      found.map(({ id }) => `/${container}/${id}`),
    ),
  }
}
