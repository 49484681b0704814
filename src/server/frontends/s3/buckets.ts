/** Buckets: their list, one of them, and what S3 has of settings for them. */

import { createHash } from 'node:crypto'
import type { WireResponse } from '../../../drivers/wire.ts'
import type { Bucket } from '../../../model/resources.ts'
import { XmlWriter } from '../../formats/xml.ts'
import { headerText } from '../../headers.ts'
import { encoded } from '../aws/canonical.ts'
import { byBytes } from '../object-stores/pages.ts'
import {
  type Asked,
  bucketOf,
  document,
  empty,
  type Handler,
  isoTime,
  namespace,
  noSuchBucket,
  present,
  requireBucket,
  telling,
} from './asked.ts'
import { S3Error } from './errors.ts'
import { refuseGrants } from './metadata.ts'
import { documentIn, malformed } from './reading.ts'
import { behind, tokenOf } from './tokens.ts'

/** Annotations of buckets: what S3 has and the API of clouds lacks. */
const created = 's3:created'
const location = 's3:location'
const tagPrefix = 's3:tag:'

const annotationsOf = async ({ cloud }: Asked, id: string): Promise<Readonly<Record<string, string>>> =>
  (await cloud.annotations?.get({ collection: 'buckets', id })) ?? {}

const allBuckets = async ({ cloud }: Asked): Promise<readonly Bucket[]> => {
  const table = present(cloud.buckets, 'Buckets')
  if (table.page === undefined) return table.list({})
  const all: Bucket[] = []
  for (let after: string | undefined; ; ) {
    const { items, next } = await table.page({}, { limit: 1000, ...(after === undefined ? {} : { after }) })
    all.push(...items)
    if (next === undefined) return all
    after = next
  }
}

export const owner = (writer: XmlWriter, user: string, name = 'Owner'): void => {
  writer.open(name)
  writer.leaf('ID', createHash('sha256').update(user).digest('hex'))
  writer.leaf('DisplayName', user)
  writer.close(name)
}

export const list: Handler = async asked => {
  const { buckets, next } = await pageOfBuckets(asked)
  // A bucket that wasn't made by S3 has no date; clients can't do without one.
  const dates = await Promise.all(buckets.map(async ({ id }) => (await annotationsOf(asked, id))[created] ?? '1970-01-01T00:00:00.000Z'))
  return document('ListAllMyBucketsResult', writer => {
    owner(writer, asked.user)
    writer.open('Buckets')
    for (const [index, { id }] of buckets.entries()) {
      writer.open('Bucket')
      writer.leaf('Name', id)
      writer.leaf('CreationDate', dates[index])
      writer.close('Bucket')
    }
    writer.close('Buckets')
    if (next !== undefined) writer.leaf('ContinuationToken', tokenOf(next))
    const prefix = asked.query.get('prefix') ?? ''
    if (prefix !== '') writer.leaf('Prefix', prefix)
  })
}

/** Buckets of one answer, as S3 has them where somebody asks for pages. */
const most = 10_000

/** All at once, unless pages are asked for. The next page begins behind the last name of this one. */
const pageOfBuckets = async (asked: Asked): Promise<{ readonly buckets: readonly Bucket[]; readonly next: string | undefined }> => {
  const { query, pageSize } = asked
  const [size, token, prefix] = [query.get('max-buckets'), query.get('continuation-token'), query.get('prefix') ?? '']
  if (size !== undefined && !(/^\d{1,5}$/.test(size) && Number(size) >= 1 && Number(size) <= most))
    throw new S3Error('InvalidArgument', `max-buckets must be a number from 1 to ${most}`)
  const found = (await allBuckets(asked)).filter(({ id }) => id.startsWith(prefix)).sort((a, b) => byBytes(a.id, b.id))
  const limit = Math.min(size === undefined ? Number.POSITIVE_INFINITY : Number(size), pageSize ?? Number.POSITIVE_INFINITY)
  if (token === undefined && found.length <= limit) return { buckets: found, next: undefined }
  const after = token === undefined ? '' : behind(token)
  const left = found.filter(({ id }) => byBytes(id, after) > 0)
  const buckets = left.slice(0, limit)
  return { buckets, next: left.length > buckets.length ? buckets.at(-1)?.id : undefined }
}

/** What S3's rules for names of general purpose buckets reserve, as its user guide lists it in 2026. */
const reserved = /^(?:xn--|sthree-|amzn-s3-demo-)|(?:-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$/

const isAddress = (name: string): boolean => /^\d+(?:\.\d+){3}$/.test(name)

/** A name that a new bucket may have. One that another protocol made may have any, and is read all the same. @throws S3Error `InvalidBucketName` */
const newNameOf = (asked: Asked): string => {
  const name = bucketOf(asked)
  const isUsable = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) && !name.includes('..') && !isAddress(name) && !reserved.test(name)
  if (!isUsable) throw new S3Error('InvalidBucketName', 'The specified bucket is not valid.', [], { BucketName: name })
  return name
}

export const create: Handler = async asked => {
  const { cloud, request, now } = asked
  const name = newNameOf(asked)
  refuseGrants(request)
  const configuration = await documentIn(asked, 'CreateBucketConfiguration')
  const wanted = configuration?.text('LocationConstraint')
  await telling(present(cloud.buckets?.create, 'Creating buckets')({ name, ...(wanted === undefined ? {} : { location: wanted }) }), {
    conflict: ['BucketAlreadyOwnedByYou', 'Your previous request to create the named bucket succeeded and you already own it.'],
    'bad-request': ['InvalidBucketName'],
  })
  await cloud.annotations?.set({ collection: 'buckets', id: name }, { [created]: isoTime(now), [location]: wanted })
  return empty(200, [['Location', `/${encoded(name)}`]])
}

export const head: Handler = async asked => {
  await requireBucket(asked, bucketOf(asked))
  return empty(200, [['x-amz-bucket-region', headerText((await annotationsOf(asked, bucketOf(asked)))[location] ?? 'us-east-1')]])
}

export const destroy: Handler = async asked => {
  await telling(present(asked.cloud.buckets?.destroy, 'Deleting buckets')(bucketOf(asked)), {
    'not-found': noSuchBucket,
    conflict: ['BucketNotEmpty', 'The bucket you tried to delete is not empty'],
  })
  return empty(204)
}

export const showLocation: Handler = async asked => {
  await requireBucket(asked, bucketOf(asked))
  const where = (await annotationsOf(asked, bucketOf(asked)))[location]
  // Without a line break in it: clients take what stands there for the name of a region.
  const writer = new XmlWriter()
  writer.leaf('LocationConstraint', where, namespace)
  return { status: 200, headers: [['Content-Type', 'application/xml']], body: writer.end() }
}

export const showTags: Handler = async asked => {
  await requireBucket(asked, bucketOf(asked))
  const tags = Object.entries(await annotationsOf(asked, bucketOf(asked))).filter(([name]) => name.startsWith(tagPrefix))
  if (tags.length === 0) throw new S3Error('NoSuchTagSet', 'The TagSet does not exist')
  return document('Tagging', writer => {
    writer.open('TagSet')
    for (const [name, value] of tags) {
      writer.open('Tag')
      writer.leaf('Key', name.slice(tagPrefix.length))
      writer.leaf('Value', value)
      writer.close('Tag')
    }
    writer.close('TagSet')
  })
}

/** Replaces all tags. */
const setTags = async (asked: Asked, tags: ReadonlyMap<string, string>): Promise<WireResponse> => {
  const id = bucketOf(asked)
  await requireBucket(asked, id)
  const annotations = present(asked.cloud.annotations, 'Tagging')
  const gone = Object.keys(await annotationsOf(asked, id)).filter(name => name.startsWith(tagPrefix))
  const entries = [...gone.map(name => [name, undefined] as const), ...[...tags].map(([key, value]) => [tagPrefix + key, value] as const)]
  await annotations.set({ collection: 'buckets', id }, Object.fromEntries(entries))
  return empty(204)
}

export const putTags: Handler = async asked => {
  const set = (await documentIn(asked, 'Tagging'))?.elements('TagSet')[0]
  if (set === undefined) throw malformed()
  return setTags(asked, new Map(set.elements('Tag').map(tag => [tag.text('Key') ?? '', tag.text('Value') ?? ''])))
}

export const deleteTags: Handler = asked => setTags(asked, new Map())

/** Everything is its owner's alone. */
export const showGrants: Handler = async asked => {
  await requireBucket(asked, bucketOf(asked))
  return document('AccessControlPolicy', writer => {
    owner(writer, asked.user)
    writer.open('AccessControlList')
    writer.open('Grant')
    writer.open('Grantee', " xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xsi:type='CanonicalUser'")
    writer.leaf('ID', createHash('sha256').update(asked.user).digest('hex'))
    writer.leaf('DisplayName', asked.user)
    writer.close('Grantee')
    writer.leaf('Permission', 'FULL_CONTROL')
    writer.close('Grant')
    writer.close('AccessControlList')
  })
}

export const putGrants: Handler = async asked => {
  refuseGrants(asked.request)
  await requireBucket(asked, bucketOf(asked))
  if (asked.request.header('x-amz-acl') === undefined) throw new S3Error('NotImplemented', 'Grants are given by x-amz-acl only')
  return empty(200)
}
