/** S3 as clients see it where the SDKs don't look: hosts, the root, codes of refusals, conditions, and content that isn't what it's said to be. */

import { createHmac } from 'node:crypto'
import t from 'tap'
import { startServer } from '../../../../src/index.ts'
import { connect } from './raw.ts'

const server = await startServer({ host: '127.0.0.1', port: 0, frontends: ['deltacloud', 's3'], allowedHosts: ['*.amazonaws.com'] })
t.teardown(() => server.close(0))
const ask = connect(server.address.port)

t.test('a bucket stands in the path or in the host', async t => {
  t.equal((await ask('PUT', '/s3/hosted')).status, 200)
  t.equal((await ask('PUT', '/s3/hosted/a%2Fb%20c', { body: 'content' })).status, 200)
  const host = { Host: `hosted.s3.localhost:${server.address.port}` }
  t.equal((await ask('GET', '/a/b%20c', { headers: host })).text, 'content')
  t.match((await ask('GET', '/?prefix=a', { headers: host })).text, /<Key>a\/b c<\/Key>/)
  t.equal((await ask('GET', '/hosted/a/b%20c', { headers: { Host: 's3.us-east-1.amazonaws.com' } })).text, 'content')
  // A key that is called like another protocol's root is a key all the same.
  t.match((await ask('GET', '/api', { headers: host })).text, /NoSuchKey/)
})

t.test('a signature at the root says whose request it is, and nothing else does', async t => {
  const date = new Date().toUTCString()
  const signature = createHmac('sha1', 'mockpassword').update(`GET\n\n\n${date}\n/hosted`).digest('base64')
  const signed = await ask('GET', '/hosted', { headers: { Authorization: `AWS mockuser:${signature}`, Date: date } })
  t.match(signed.text, /<ListBucketResult/)
  t.equal((await ask('GET', '/hosted')).status, 404)
  t.notMatch((await ask('GET', '/hosted')).text, /NoSuch/)
})

t.test('refusals have the codes of S3', async t => {
  await ask('PUT', '/s3/refusals')
  await ask('PUT', '/s3/refusals/there', { body: '0123456789' })
  const cases: readonly [method: string, target: string, status: number, code: string, headers?: Record<string, string>][] = [
    ['GET', '/s3/nowhere', 404, 'NoSuchBucket'],
    ['GET', '/s3/nowhere/key', 404, 'NoSuchBucket'],
    ['GET', '/s3/refusals/nothing', 404, 'NoSuchKey'],
    ['GET', '/s3/refusals/there', 416, 'InvalidRange', { Range: 'bytes=10-' }],
    ['GET', '/s3/refusals/there', 412, 'PreconditionFailed', { 'If-Match': '"another"' }],
    ['PUT', '/s3/refusals', 409, 'BucketAlreadyOwnedByYou'],
    ['DELETE', '/s3/refusals', 409, 'BucketNotEmpty'],
    ['GET', '/s3/refusals?policy', 404, 'NoSuchBucketPolicy'],
    ['GET', '/s3/refusals?tagging', 404, 'NoSuchTagSet'],
    ['GET', '/s3/refusals?uploads', 501, 'NotImplemented'],
    ['GET', '/s3/refusals?max-keys=many', 400, 'InvalidArgument'],
    ['GET', '/s3/refusals?list-type=2&continuation-token=%21', 400, 'InvalidArgument'],
    ['PUT', '/s3/refusals/there?partNumber=1&uploadId=none', 404, 'NoSuchUpload'],
    ['PUT', '/s3/refusals/there', 501, 'NotImplemented', { 'Cache-Control': 'no-store' }],
    ['PUT', '/s3/refusals/there', 400, 'BadDigest', { 'Content-MD5': 'XUFAKrxLKna5cZ2REBfFkg==' }],
    ['POST', '/s3/refusals?delete', 400, 'MalformedXML'],
    ['PATCH', '/s3/refusals', 405, 'MethodNotAllowed'],
    ['GET', '/s3/%ff', 400, 'InvalidURI'],
    ['GET', '/s3/', 403, 'AccessDenied', { Authorization: '' }],
    ['GET', '/s3/', 403, 'SignatureDoesNotMatch', { Authorization: 'AWS mockuser:wrong', Date: new Date().toUTCString() }],
    ['GET', '/s3/', 400, 'AuthorizationHeaderMalformed', { Authorization: 'AWS4-HMAC-SHA256 nothing' }],
  ]
  for (const [method, target, status, code, headers = {}] of cases) {
    const answer = await ask(method, target, { headers, ...(method === 'PUT' && target.includes('there') ? { body: 'x' } : {}) })
    t.equal(`${answer.status} ${/<Code>(\w+)/.exec(answer.text)?.[1]}`, `${status} ${code}`, `${method} ${target}`)
  }
  t.equal((await ask('GET', '/s3/refusals/there')).text, '0123456789', 'and what was refused has changed nothing')
})

t.test('conditions and ranges', async t => {
  await ask('PUT', '/s3/conditions')
  const made = await ask('PUT', '/s3/conditions/a', {
    body: '0123456789',
    headers: { 'If-None-Match': '*', 'x-amz-meta-name': '=?UTF-8?B?w7w=?=' },
  })
  const etag = made.headers.etag ?? ''
  t.equal(etag, '"781e5e245d69b566979b86e28d23f2c7"')
  t.equal((await ask('PUT', '/s3/conditions/a', { body: 'x', headers: { 'If-None-Match': '*' } })).status, 412)
  t.equal((await ask('GET', '/s3/conditions/a', { headers: { 'If-None-Match': etag } })).status, 304)
  const later = new Date(Date.now() + 60_000).toUTCString()
  t.equal((await ask('GET', '/s3/conditions/a', { headers: { 'If-Modified-Since': later } })).status, 304)
  t.equal((await ask('GET', '/s3/conditions/a', { headers: { 'If-Unmodified-Since': later, 'If-Match': etag } })).status, 200)
  const part = await ask('GET', '/s3/conditions/a', { headers: { Range: 'bytes=-3' } })
  t.strictSame([part.status, part.text, part.headers['content-range']], [206, '789', 'bytes 7-9/10'])
  t.equal((await ask('GET', '/s3/conditions/a', { headers: { Range: 'bytes=0-1', 'If-Range': '"another"' } })).text, '0123456789')
  const head = await ask('HEAD', '/s3/conditions/a')
  t.strictSame([head.headers['content-length'], head.headers.etag, head.headers['x-amz-meta-name']], ['10', etag, '=?UTF-8?B?w7w=?='])
  const typed = await ask('GET', '/s3/conditions/a?response-content-type=text%2Fcsv')
  t.equal(typed.headers['content-type'], 'text/csv')
})

t.test('a text that reads as an encoded word stays one, and a copy with metadata of its own has a type of its own', async t => {
  await ask('PUT', '/s3/words')
  const word = '=?UTF-8?B?aGk=?='
  const twice = `=?UTF-8?B?${Buffer.from(word).toString('base64')}?=`
  await ask('PUT', '/s3/words/a', { body: 'x', headers: { 'x-amz-meta-name': twice, 'Content-Type': 'text/plain' } })
  t.equal((await ask('HEAD', '/s3/words/a')).headers['x-amz-meta-name'], twice)
  const copied = { 'x-amz-copy-source': '/words/a', 'x-amz-metadata-directive': 'REPLACE' }
  for (const key of ['a', 'b']) {
    t.equal((await ask('PUT', `/s3/words/${key}`, { headers: copied })).status, 200)
    const { headers } = await ask('HEAD', `/s3/words/${key}`)
    t.strictSame([headers['content-type'], headers['x-amz-meta-name']], ['binary/octet-stream', undefined])
  }
})

t.test('many are deleted at once, whatever is in their names', async t => {
  await ask('PUT', '/s3/many')
  for (const key of ['%20a%20', 'b%26c', 'd']) await ask('PUT', `/s3/many/${key}`, { body: 'x' })
  const body = '<Delete><Object><Key> a </Key></Object><Object><Key>b&amp;c</Key></Object><Object><Key>never</Key></Object></Delete>'
  const answer = await ask('POST', '/s3/many?delete', { body })
  t.match(answer.text, /<Key>b&amp;c<\/Key>/)
  t.strictSame(
    [...(await ask('GET', '/s3/many')).text.matchAll(/<Key>(.*?)<\/Key>/g)].map(([, key]) => key),
    ['d'],
  )
  t.match((await ask('POST', '/s3/many?delete', { body: `<!DOCTYPE x>${body}` })).text, /MalformedXML/)
})

t.test('a bucket is made by a name that S3 allows, and by no other', async t => {
  const allowed = ['abc', 'a1.b-2', '1.2.3.4a', 'a.1.2.3', '0-0', 'a'.repeat(63), 'xn-', 'sthree'].map(name => name.replace(/-$/, '-0'))
  for (const name of allowed) {
    const made = await ask('PUT', `/s3/${name}`)
    t.equal(made.status, 200, name)
    t.equal(made.headers.location, `/${name}`)
  }
  const refused = [
    ...[
      'ab',
      'a',
      'a'.repeat(64),
      'Abc',
      'a_b',
      'a b',
      '-abc',
      'abc-',
      '.abc',
      'abc.',
      'a..b',
      '192.168.5.4',
      '1.2.3.4',
      'abc\n',
      'a\r\nb',
    ],
    ...['日', 'é', 'ünïcode', 'a%b', 'a/../b', '\u0000abc', 'abc?', 'constructor ', '__proto__', '..', 'ａｂｃ'],
    ...['xn--abc', 'sthree-abc', 'amzn-s3-demo-abc', 'abc-s3alias', 'abc--ol-s3', 'abc.mrap', 'abc--x-s3', 'abc--table-s3'],
  ]
  for (const name of refused) {
    const answer = await ask('PUT', `/s3/${encodeURIComponent(name)}`)
    t.equal(`${answer.status} ${/<Code>(\w+)/.exec(answer.text)?.[1]}`, '400 InvalidBucketName', JSON.stringify(name))
    t.match(answer.headers['content-type'], 'application/xml')
  }
  const listed = [...(await ask('GET', '/s3/')).text.matchAll(/<Name>([^<]*)</g)].map(([, name]) => name)
  t.strictSame(
    listed.filter(name => refused.includes(name ?? '')),
    [],
  )
  for (const name of allowed) await ask('DELETE', `/s3/${name}`)
})

t.test('a bucket of another protocol is read by whatever name it has', async t => {
  const name = 'Ünï_日 é'
  const api = await fetch(`${server.url}/api/buckets?format=json`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa('mockuser:mockpassword')}` },
    body: new URLSearchParams({ name }),
  })
  t.equal(api.status, 201)
  const path = `/s3/${encodeURIComponent(name)}`
  t.match((await ask('GET', '/s3/')).text, `<Name>${name}</Name>`)
  t.equal((await ask('HEAD', path)).status, 200)
  t.match((await ask('GET', path)).text, '<ListBucketResult')
  // Without a body: Node writes headers before text in the encoding of the text.
  t.equal((await ask('PUT', `${path}/key`, { headers: { 'Content-Type': 'text/plain; name="\u00c3\u00bc"' } })).status, 200)
  t.equal((await ask('GET', `${path}/key`)).headers['content-type'], 'text/plain; name="\u00c3\u00bc"')
  t.equal((await ask('DELETE', `${path}/key`)).status, 204)
  t.equal((await ask('DELETE', path)).status, 204)
})

t.test('a place of a bucket that no header could hold is told all the same', async t => {
  const body = '<CreateBucketConfiguration><LocationConstraint>日\n</LocationConstraint></CreateBucketConfiguration>'
  t.equal((await ask('PUT', '/s3/somewhere', { body })).status, 200)
  const told = await ask('HEAD', '/s3/somewhere')
  t.equal(told.status, 200)
  t.not(told.headers['x-amz-bucket-region'], undefined)
})
