/** The AWS SDK for JavaScript with all that it does by default: checksums in trailers, and content in chunks. */
// needs: node
// frontends: s3

import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { S3 } from '@aws-sdk/client-s3'

const { SERVER = '', USER_NAME = '', PASSWORD = '' } = process.env
const s3 = new S3({
  endpoint: `${SERVER}/s3`,
  region: 'us-east-1',
  forcePathStyle: true,
  credentials: { accessKeyId: USER_NAME, secretAccessKey: PASSWORD },
})
const at = { Bucket: 'sdk', Key: 'a/b c.txt' }

await s3.createBucket({ Bucket: 'sdk' })
await s3.putObject({ ...at, Body: 'hello', ContentType: 'text/plain', Metadata: { colour: 'blue' } })
const got = await s3.getObject(at)
assert.equal(await got.Body?.transformToString(), 'hello')
assert.deepEqual([got.ContentType, got.Metadata], ['text/plain', { colour: 'blue' }])

const large = Buffer.alloc(3_000_000, 'streamed ')
await s3.putObject({ ...at, Body: Readable.from([large.subarray(0, 1_000_000), large.subarray(1_000_000)]), ContentLength: large.length })
assert.deepEqual(Buffer.from((await (await s3.getObject(at)).Body?.transformToByteArray()) ?? []), large)

await s3.copyObject({ Bucket: 'sdk', Key: 'copy', CopySource: 'sdk/a/b%20c.txt' })
assert.equal((await s3.listObjectsV2({ Bucket: 'sdk' })).KeyCount, 2)
await assert.rejects(s3.getObject({ Bucket: 'sdk', Key: 'nothing' }), { name: 'NoSuchKey' })
await assert.rejects(s3.deleteBucket({ Bucket: 'sdk' }), { name: 'BucketNotEmpty' })
await s3.deleteObjects({ Bucket: 'sdk', Delete: { Objects: [{ Key: at.Key }, { Key: 'copy' }] } })
await s3.deleteBucket({ Bucket: 'sdk' })
assert.deepEqual(
  (await s3.listBuckets()).Buckets?.some(({ Name }) => Name === 'sdk'),
  false,
)
