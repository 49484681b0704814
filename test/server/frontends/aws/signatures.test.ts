/** Signatures as AWS publishes them in its S3 reference, and what is made of them where one bit is another. */

import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import { type Headers, readBody, wireRequest } from '../../../../src/drivers/wire.ts'
import { ContentError, contentOf, querySignature, SignatureError, s3Signature } from '../../../../src/server/frontends/aws/index.ts'

const keyId = 'AKIAIOSFODNN7EXAMPLE'
const credentials = { user: keyId, password: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' }
const now = Date.UTC(2013, 4, 24, 0, 1)
const scope = `${keyId}/20130524/us-east-1/s3/aws4_request`
const emptyHash = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

const faultOf = async (run: () => unknown): Promise<string | undefined> => {
  try {
    await run()
    return undefined
  } catch (error) {
    if (error instanceof SignatureError || error instanceof ContentError) return error.fault
    throw error
  }
}

const getObject = (signature: string, range = 'bytes=0-9') =>
  wireRequest({
    method: 'GET',
    target: '/test.txt',
    headers: [
      ['Host', 'examplebucket.s3.amazonaws.com'],
      [
        'Authorization',
        `AWS4-HMAC-SHA256 Credential=${scope},SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,Signature=${signature}`,
      ],
      ['Range', range],
      ['x-amz-content-sha256', emptyHash],
      ['x-amz-date', '20130524T000000Z'],
    ],
  })
const published = 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41'

t.test('the published GET is signed, and no other is signed by its signature', async t => {
  const good = s3Signature(getObject(published), { now })
  t.equal(good?.keyId, keyId)
  t.equal(good?.claim.verify(credentials), true)
  t.equal(good?.fault(), undefined)
  const other = s3Signature(getObject(published, 'bytes=0-8'), { now })
  t.equal(other?.claim.verify(credentials), false)
  t.equal(other?.fault(), 'mismatch')
  t.equal(s3Signature(getObject(published), { now })?.claim.verify({ user: keyId, password: 'another' }), false)
})

t.test('a signature of another time is no signature', async t => {
  for (const off of [-16 * 60_000, 16 * 60_000])
    t.equal(await faultOf(() => s3Signature(getObject(published), { now: Date.UTC(2013, 4, 24) + off })), 'skewed')
})

t.test('the published address opens until its time is over', async t => {
  const query = `X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${encodeURIComponent(scope)}&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host`
  const request = wireRequest({
    method: 'GET',
    target: `/test.txt?${query}&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404`,
    headers: [['Host', 'examplebucket.s3.amazonaws.com']],
  })
  t.equal(s3Signature(request, { now: now + 3600_000 })?.claim.verify(credentials), true)
  t.equal(await faultOf(() => s3Signature(request, { now: now + 86_400_001 })), 'expired')
})

const chunkSignatures = [
  'ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648',
  '0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497',
  'b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9',
]
const chunkHeaders: Headers = [
  ['Host', 's3.amazonaws.com'],
  ['x-amz-date', '20130524T000000Z'],
  ['x-amz-storage-class', 'REDUCED_REDUNDANCY'],
  [
    'Authorization',
    `AWS4-HMAC-SHA256 Credential=${scope},SignedHeaders=content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class,Signature=4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9`,
  ],
  ['x-amz-content-sha256', 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD'],
  ['Content-Encoding', 'aws-chunked'],
  ['x-amz-decoded-content-length', '66560'],
  ['Content-Length', '66824'],
]

const chunk = (content: string, signature = ''): string => `${content.length.toString(16)};chunk-signature=${signature}\r\n${content}\r\n`

const inPieces = (text: string, size: number) => ({
  async *[Symbol.asyncIterator]() {
    const bytes = Buffer.from(text)
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
  },
})

t.test('an address that is dated ahead opens nothing yet', async t => {
  const query = `X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${encodeURIComponent(scope)}&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host`
  const request = wireRequest({ method: 'GET', target: `/test.txt?${query}&X-Amz-Signature=0`, headers: [['Host', 's3.amazonaws.com']] })
  t.equal(await faultOf(() => s3Signature(request, { now: Date.UTC(2013, 4, 23, 23, 44) })), 'early')
  t.equal(await faultOf(() => s3Signature(request, { now: Date.UTC(2013, 4, 23, 23, 46) })), undefined)
})

t.test('the published chunks come out whole, however they come in, and not where one byte is another', async t => {
  const read = (body: string, size: number) => {
    const signed = s3Signature(wireRequest({ method: 'PUT', target: '/examplebucket/chunkObject.txt', headers: chunkHeaders }), { now })
    if (signed === undefined) throw new TypeError('It is signed')
    t.equal(signed.claim.verify(credentials), true)
    return readBody(contentOf(inPieces(body, size), signed.content))
  }
  const [first, second, last] = chunkSignatures
  const body = chunk('a'.repeat(65536), first) + chunk('a'.repeat(1024), second) + chunk('', last)
  for (const size of [7, 1000, 100_000]) t.equal(String(await read(body, size)), 'a'.repeat(66560))
  t.equal(await faultOf(() => read(body.replace('aaa\r\n400', 'aab\r\n400'), 1000)), 'signature')
  t.equal(await faultOf(() => read(body.slice(0, 66000), 1000)), 'framing')
})

t.test('a trailer ends in no content, and what it promises is held to', async t => {
  const signed = { kind: 'chunks', trailer: true, chain: undefined } as const
  const framed = (text: string, crc: string) => `${text.length.toString(16)}\r\n${text}\r\n0\r\nx-amz-checksum-crc32:${crc}\r\n\r\n`
  t.equal(String(await readBody(contentOf(inPieces(framed('hello', 'NhCmhg=='), 3), signed))), 'hello')
  t.equal(await faultOf(() => readBody(contentOf(inPieces(framed('hullo', 'NhCmhg=='), 3), signed))), 'checksum')
})

t.test('content comes out of any chunks as it went in', async () => {
  const chunks = fc.array(fc.string({ minLength: 1, unit: 'grapheme-ascii' }), { maxLength: 5 })
  await fc.assert(
    fc.asyncProperty(chunks, fc.integer({ min: 1, max: 50 }), async (contents, size) => {
      const body = `${contents.map(one => `${one.length.toString(16)}\r\n${one}\r\n`).join('')}0\r\n\r\n`
      const read = await readBody(contentOf(inPieces(body, size), { kind: 'chunks', trailer: false, chain: undefined }))
      return String(read) === contents.join('')
    }),
  )
})

t.test('content that is not of its digest never comes out whole', async t => {
  const digest = { md5: 'XUFAKrxLKna5cZ2REBfFkg==' }
  t.equal(String(await readBody(contentOf(inPieces('hello', 2), { kind: 'unsigned' }, digest))), 'hello')
  let seen = ''
  const reading = async (): Promise<void> => {
    for await (const piece of contentOf(inPieces('hullo', 2), { kind: 'unsigned' }, digest)) seen += String(piece)
  }
  t.equal(await faultOf(() => reading()), 'digest')
  t.equal(seen, 'hull')
  t.equal(await faultOf(() => readBody(contentOf(inPieces('x', 1), { kind: 'hash', sha256: emptyHash }))), 'sha256')
})

t.test('the published requests of version 2 are signed, by header and by address', async t => {
  const old = { now: Date.UTC(2007, 2, 27, 19, 36) }
  const at = 'johnsmith.s3.amazonaws.com'
  const read = wireRequest({
    method: 'GET',
    target: '/photos/puppy.jpg',
    headers: [
      ['Host', at],
      ['Date', 'Tue, 27 Mar 2007 19:36:42 +0000'],
      ['Authorization', `AWS ${keyId}:bWq2s1WEIj+Ydj0vQ697zp+IXMU=`],
    ],
  })
  t.equal(s3Signature(read, { ...old, bucket: 'johnsmith' })?.claim.verify(credentials), true)
  t.equal(s3Signature(read, { ...old, bucket: 'another' })?.claim.verify(credentials), false)
  const address = wireRequest({
    method: 'GET',
    target: `/photos/puppy.jpg?AWSAccessKeyId=${keyId}&Signature=NpgCjnDzrM%2BWFzoENXmpNDUsSn8%3D&Expires=1175139620`,
    headers: [['Host', at]],
  })
  t.equal(s3Signature(address, { ...old, bucket: 'johnsmith' })?.claim.verify(credentials), true)
  t.equal(await faultOf(() => s3Signature(address, { now, bucket: 'johnsmith' })), 'expired')
})

t.test('a query of version 2 is signed over its parameters, wherever they stand', async t => {
  const parameters: [string, string][] = [
    ['Action', 'DescribeInstances'],
    ['AWSAccessKeyId', keyId],
    ['SignatureVersion', '2'],
    ['SignatureMethod', 'HmacSHA256'],
    ['Timestamp', '2013-05-24T00:00:00'],
  ]
  const canonical = [...parameters]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(pair => pair.map(encodeURIComponent).join('='))
    .join('&')
  const signature = createHmac('sha256', credentials.password).update(`POST\nlocalhost:3001\n/ec2\n${canonical}`).digest('base64')
  const request = wireRequest({ method: 'POST', target: '/ec2', headers: [['Host', 'localhost:3001']] })
  const signed = (pairs: [string, string][]) =>
    querySignature(request, { service: 'ec2', now, body: new Uint8Array(), parameters: [...pairs, ['Signature', signature]] })
  t.equal(signed(parameters)?.claim.verify(credentials), true)
  t.equal(signed([...parameters, ['InstanceId.1', 'i-1']])?.claim.verify(credentials), false)
})

t.test('a path that was read already is signed with the rest', async t => {
  const whole = getObject(published)
  const request = { ...whole, prefix: '/test', target: '.txt', header: (name: string) => whole.header(name) }
  t.equal(s3Signature(request, { now })?.claim.verify(credentials), true)
})

t.test('what only looks like a signature is told from one', async t => {
  const of = (authorization: string) =>
    s3Signature(wireRequest({ method: 'GET', target: '/', headers: [['Authorization', authorization]] }), { now })
  t.equal(of('Basic eDp5'), undefined)
  t.equal(await faultOf(() => of('AWS4-HMAC-SHA256 Credential=a/b')), 'malformed')
  t.equal(await faultOf(() => of('AWS only')), 'malformed')
})
