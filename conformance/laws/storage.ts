/** Law T2: what is stored comes back, whole, in parts and under conditions, and nothing large is held. */

import fc from 'fast-check'
import { type CloudUnderTest, hold, Inconclusive } from '../cloud-under-test.ts'
import { read, readResource } from '../documents/read.ts'
import { describeMissing, isSame } from './asking.ts'
import {
  blobName,
  blobPath,
  checkStored,
  keptName,
  listedIn,
  type Metadatum,
  metadata,
  metadataIn,
  putBlob,
  type Stored,
  storeBlob,
  stored,
  updateMetadata,
} from './blobs.ts'
import { checkConditionalRange, checkConditions, checkHead, checkRange, type Range, rangesOf, someConditions, tagOf } from './http.ts'
import { type Law, law } from './law.ts'
import { checkStreaming } from './streaming.ts'

interface Change {
  /** What is tried of the blob that is there. */
  readonly by: 'PUT' | 'POST' | 'DELETE'
  readonly content: Uint8Array
  readonly metadata: readonly Metadatum[]
}

type Question = { readonly bucket: string } & (
  | {
      readonly kind: 'kept'
      readonly blobs: readonly Stored[]
      readonly updates: readonly (readonly Metadatum[])[]
      readonly gone: boolean
    }
  | { readonly kind: 'in parts'; readonly id: string; readonly content: Uint8Array; readonly ranges: readonly Range[] }
  | {
      readonly kind: 'on conditions'
      readonly blob: Stored
      readonly conditions: readonly number[]
      readonly range: number
      readonly change: Change
    }
  | { readonly kind: 'in a stream'; readonly id: string }
)

const bucket = fc.stringMatching(/^[a-z][a-z0-9]{5,12}$/)
const few = fc.uint8Array({ maxLength: 50, size: 'max' })

const question: fc.Arbitrary<Question> = fc.oneof(
  {
    weight: 24,
    arbitrary: fc.record({
      kind: fc.constant('kept' as const),
      bucket,
      blobs: fc.uniqueArray(stored, { minLength: 1, maxLength: 3, selector: ({ id }) => id }),
      updates: fc.array(metadata, { maxLength: 2 }),
      gone: fc.boolean(),
    }),
  },
  {
    weight: 14,
    arbitrary: few.chain(content =>
      fc.record({
        kind: fc.constant('in parts' as const),
        bucket,
        id: blobName,
        content: fc.constant(content),
        ranges: fc.array(rangesOf(content.length), { minLength: 1, maxLength: 6, size: 'max' }),
      }),
    ),
  },
  {
    weight: 14,
    arbitrary: fc.record({
      kind: fc.constant('on conditions' as const),
      bucket,
      blob: fc.record({ id: blobName, content: few, type: fc.constant('text/plain'), metadata }),
      conditions: someConditions,
      range: fc.nat(99),
      change: fc.record({ by: fc.constantFrom('PUT' as const, 'POST' as const, 'DELETE' as const), content: few, metadata }),
    }),
  },
  // One question: each shorter one that is tried after a failure takes as long.
  { weight: 3, arbitrary: fc.constant({ kind: 'in a stream' as const, bucket: 'largeones', id: 'large' }) },
)

/** @returns its id */
const makeBucket = async (cloud: CloudUnderTest, name: string): Promise<string> => {
  const made = await cloud.ask({ method: 'POST', target: `${cloud.root}/buckets?format=json`, form: { name } })
  if (made.status >= 400) throw new Inconclusive('the cloud takes no bucket of that name')
  return read(readResource(made), 'id') ?? name
}

export const storageLaws: readonly Law[] = [
  law({
    id: 'T2',
    title: 'storage',
    says: 'Bytes in = bytes out for any blob content, size, name, type and metadata, whole and in ranges, with the headers and conditions of HTTP; listing = what was put; what is large passes through.',
    family: 'round trip',
    sources: ['T', 'L'],
    missing: setting => describeMissing(setting, 'buckets', 'create') ?? describeMissing(setting, 'blobs', 'create', 'read'),
    question: () => question,
    async check(cloud, asked) {
      const bucket = await makeBucket(cloud, asked.bucket)
      switch (asked.kind) {
        case 'kept':
          return checkKept(cloud, bucket, asked)
        case 'in parts': {
          const { id, content } = asked
          await storeBlob(cloud, bucket, { id, content, type: undefined, metadata: [] })
          for (const range of asked.ranges) await checkRange(cloud, `${blobPath(cloud, bucket, id)}/content`, content, range)
          return
        }
        case 'on conditions':
          return checkOnConditions(cloud, bucket, asked)
        case 'in a stream':
          return checkStreaming(cloud, bucket, asked.id)
      }
    },
  }),
]

const checkKept = async (
  cloud: CloudUnderTest,
  bucket: string,
  { blobs, updates, gone }: Extract<Question, { kind: 'kept' }>,
): Promise<void> => {
  for (const blob of blobs) await storeBlob(cloud, bucket, blob)
  for (const blob of blobs) await checkStored(cloud, bucket, blob)
  const [first] = blobs
  if (first === undefined) return
  if (cloud.offers('blobs', 'updateMetadata'))
    for (const given of updates) {
      const answer = await updateMetadata(cloud, bucket, first.id, given)
      hold(answer.status === 204, () => `Replacing the metadata of ${first.id} is answered with ${answer.status}`)
      const told = new Map(metadataIn(answer))
      for (const { name, value } of given)
        hold(
          told.get(keptName(name)) === value,
          () => `${first.id} is given ${name}=${value}, and the answer says ${told.get(keptName(name))}`,
        )
      hold(told.size === given.length, () => `${first.id} is given ${given.length} metadata, and the answer has ${told.size}`)
      await checkStored(cloud, bucket, { ...first, metadata: given })
    }
  const isGone = gone && cloud.offers('blobs', 'destroy')
  if (isGone) {
    const target = blobPath(cloud, bucket, first.id)
    const answer = await cloud.ask({ method: 'DELETE', target: `${target}?format=json` })
    hold(answer.status === 204, () => `Removing ${first.id} is answered with ${answer.status}`)
    const { status } = await checkHead(cloud, `${target}/content`)
    hold(status === 404, () => `The content of ${first.id}, which was removed, is answered with ${status}`)
  }
  const left = blobs.map(({ id }) => id).filter(id => !(isGone && id === first.id))
  const there = await listedIn(cloud, bucket)
  hold(
    isSame([...there].sort(), [...left].sort()),
    () => `The bucket lists ${there.join(', ') || 'nothing'}, and holds ${left.join(', ') || 'nothing'}`,
  )
}

const checkOnConditions = async (
  cloud: CloudUnderTest,
  bucket: string,
  { blob, conditions, range, change }: Extract<Question, { kind: 'on conditions' }>,
): Promise<void> => {
  await storeBlob(cloud, bucket, blob)
  const path = blobPath(cloud, bucket, blob.id)
  await checkTagged(cloud, `${path}/content`)
  await checkConditions(cloud, `${path}/content`, conditions)
  await checkConditions(cloud, `${path}/content`, conditions, 'HEAD')
  for (const format of ['json', 'xml']) await checkConditions(cloud, `${path}?format=${format}`, conditions)
  await checkConditionalRange(cloud, `${path}/content`, blob.content, range)
  await checkConditionalChange(cloud, bucket, blob, change)
}

/** A tag that the provider tells comes through: without one nobody can ask on conditions. */
const checkTagged = async (cloud: CloudUnderTest, target: string): Promise<void> => {
  const answer = await cloud.ask(target)
  hold(answer.status === 200, () => `${target} is answered with ${answer.status}`)
  if (tagOf(answer) !== undefined || cloud.abilities.twin === undefined) return
  const twin = await cloud.abilities.twin()
  const tag = tagOf(await twin.ask(target))
  const isLossy = Object.hasOwn(cloud.subject.harness.roundTrip?.lossy ?? {}, 'blobs etag')
  hold(tag === undefined || isLossy, () => `The content of ${target} has the ETag ${tag} at the provider, and none here`)
}

/** A change whose condition doesn't hold changes nothing; one whose condition holds is made, and other content has another tag. */
const checkConditionalChange = async (cloud: CloudUnderTest, bucket: string, blob: Stored, change: Change): Promise<void> => {
  const operation = ({ PUT: 'create', POST: 'updateMetadata', DELETE: 'destroy' } as const)[change.by]
  if (!cloud.offers('blobs', operation)) return
  const path = blobPath(cloud, bucket, blob.id)
  const tag = tagOf(await cloud.ask(`${path}/content`))
  const changed: Stored =
    change.by === 'PUT' ? { ...blob, content: change.content, metadata: change.metadata } : { ...blob, metadata: change.metadata }
  const attempt = (headers: Readonly<Record<string, string>>) =>
    change.by === 'PUT'
      ? putBlob(cloud, bucket, changed, headers)
      : change.by === 'POST'
        ? updateMetadata(cloud, bucket, blob.id, change.metadata, headers)
        : cloud.ask({ method: 'DELETE', target: `${path}?format=json`, headers })
  const failing = [{ 'If-None-Match': '*' }, { 'If-Match': '"of another"' }, ...(tag === undefined ? [] : [{ 'If-None-Match': tag }])]
  for (const headers of failing) {
    const { status } = await attempt(headers)
    hold(status === 412, () => `${change.by} with ${JSON.stringify(headers)} is answered with ${status}, not 412`)
  }
  await checkStored(cloud, bucket, blob)
  const { status } = await attempt(tag === undefined || tag.startsWith('W/') ? { 'If-Match': '*' } : { 'If-Match': `"x", ${tag}` })
  hold(status === 200 || status === 204, () => `${change.by} on a condition that holds is answered with ${status}`)
  if (change.by === 'DELETE') return
  await checkStored(cloud, bucket, changed)
  const now = await cloud.ask({ target: `${path}/content`, ...(tag === undefined ? {} : { headers: { 'If-None-Match': tag } }) })
  if (tag === undefined || Buffer.from(changed.content).equals(blob.content)) return
  hold(now.status === 200 && tagOf(now) !== tag, () => `Other content is answered with ${now.status} and the ETag ${tagOf(now)}, as before`)
}
