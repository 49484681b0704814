/** Law T2: what is stored comes back. */

import fc from 'fast-check'
import { type CloudUnderTest, hold, Inconclusive } from '../cloud-under-test.ts'
import { itemsAt, jsonOf, read, readResource } from '../documents/read.ts'
import { describeMissing, encodeSegment } from './asking.ts'
import { type Law, law } from './law.ts'

interface Stored {
  readonly id: string
  readonly content: Uint8Array
  readonly type: string
  readonly metadata: Readonly<Record<string, string>>
}

/** Names that every store takes: those with other letters are for D5. */
const blobName = fc.stringMatching(/^[a-z][a-z0-9._-]{0,20}$/)

const stored: fc.Arbitrary<Stored> = fc.record({
  id: blobName,
  content: fc.oneof(
    { weight: 60, arbitrary: fc.uint8Array({ maxLength: 2000 }) },
    { weight: 1, arbitrary: fc.nat(255).map(byte => new Uint8Array(1_200_000).fill(byte)) },
  ),
  type: fc.constantFrom('text/plain', 'image/png', 'application/octet-stream'),
  metadata: fc.dictionary(fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/), fc.stringMatching(/^[!-~]{1,20}$/), { maxKeys: 3 }),
})

const putBlob = (cloud: CloudUnderTest, bucket: string, { id, content, type, metadata }: Stored) =>
  cloud.ask({
    method: 'PUT',
    target: `${cloud.root}/buckets/${encodeSegment(bucket)}/${encodeSegment(id)}?format=json`,
    body: content,
    headers: {
      'Content-Type': type,
      ...Object.fromEntries(Object.entries(metadata).map(([key, value]) => [`X-Deltacloud-Blobmeta-${key}`, value])),
    },
  })

const checkStored = async (cloud: CloudUnderTest, bucket: string, blob: Stored): Promise<void> => {
  const path = `${cloud.root}/buckets/${encodeSegment(bucket)}/${encodeSegment(blob.id)}`
  const whole = await cloud.ask(`${path}/content`)
  hold(whole.status === 200, () => `The content of ${blob.id} is answered with ${whole.status}`)
  hold(whole.body.equals(blob.content), () => `Of ${blob.content.length} bytes of ${blob.id} others come back (${whole.body.length})`)
  hold(
    (whole.headers.get('content-type') ?? '').startsWith(blob.type),
    () => `${blob.id} was ${blob.type}, and comes back as ${whole.headers.get('content-type')}`,
  )
  const answer = await cloud.ask(`${path}?format=json`)
  hold(answer.status === 200, () => `The blob ${blob.id} is answered with ${answer.status}`)
  const item = readResource(answer)
  hold(
    read(item, 'content_length') === String(blob.content.length),
    () => `${blob.id} has ${blob.content.length} bytes, and says ${read(item, 'content_length')}`,
  )
  for (const [key, value] of Object.entries(blob.metadata))
    hold(
      read(item, 'user_metadata', key) === value,
      () => `${blob.id} was given ${key}=${value}, and says ${read(item, 'user_metadata', key)}`,
    )
}

export const storageLaws: readonly Law[] = [
  law({
    id: 'T2',
    title: 'storage',
    says: 'Bytes in = bytes out for any blob content, size, name and metadata; listing = what was put.',
    family: 'round trip',
    sources: ['T', 'L'],
    missing: setting => describeMissing(setting, 'buckets', 'create') ?? describeMissing(setting, 'blobs', 'create', 'read'),
    question: () =>
      fc.record({
        bucket: fc.stringMatching(/^[a-z][a-z0-9]{5,12}$/),
        blobs: fc.uniqueArray(stored, { minLength: 1, maxLength: 3, selector: ({ id }) => id }),
        gone: fc.boolean(),
      }),
    async check(cloud, { bucket: name, blobs, gone }) {
      const made = await cloud.ask({ method: 'POST', target: `${cloud.root}/buckets?format=json`, form: { name } })
      if (made.status >= 400) throw new Inconclusive('the cloud takes no bucket of that name')
      const bucket = read(readResource(made), 'id') ?? name
      for (const blob of blobs) {
        const answer = await putBlob(cloud, bucket, blob)
        hold(answer.status === 200 || answer.status === 201, () => `Storing ${blob.id} is answered with ${answer.status}`)
      }
      for (const blob of blobs) await checkStored(cloud, bucket, blob)
      const [first] = blobs
      if (gone && first !== undefined && cloud.offers('blobs', 'destroy')) {
        const answer = await cloud.ask({
          method: 'DELETE',
          target: `${cloud.root}/buckets/${encodeSegment(bucket)}/${encodeSegment(first.id)}?format=json`,
        })
        hold(answer.status === 204, () => `Removing ${first.id} is answered with ${answer.status}`)
      }
      const left = blobs.filter(({ id }) => !(gone && cloud.offers('blobs', 'destroy') && id === first?.id)).map(({ id }) => id)
      const bucketNow = jsonOf(await cloud.ask(`${cloud.root}/buckets/${encodeSegment(bucket)}?format=json`))
      const there = itemsAt(Object.values(bucketNow as object)[0], 'blob_list').map(item => read(item, 'id') ?? '')
      hold(
        JSON.stringify([...there].sort()) === JSON.stringify([...left].sort()),
        () => `The bucket lists ${there.join(', ') || 'nothing'}, and holds ${left.join(', ') || 'nothing'}`,
      )
    },
  }),
]
