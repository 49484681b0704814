/** Swift as its clients see it: containers, objects, large objects of both kinds, and what it refuses. */

import { createHash } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import { at, Client, start } from './support.ts'

const server = await start({ mock: {} })
t.teardown(() => server.close(0))
const client = await Client.open(server.url)
const { swift } = { swift: client.swift.bind(client) }
const md5 = (text: string): string => createHash('md5').update(text).digest('hex')
const enc = encodeURIComponent

const put = async (path: string, body: string, headers: Readonly<Record<string, string>> = {}) => {
  const answer = await swift(path, 'PUT', { body, headers })
  if (answer.status !== 201) throw new Error(`PUT ${path} is answered with ${answer.status}: ${answer.text}`)
  return answer
}

t.test('a container is made, made again, described, listed, and kept while it has objects', async t => {
  t.equal((await swift('/box', 'PUT', { headers: { 'X-Container-Meta-Colour': 'blue' } })).status, 201)
  t.equal((await swift('/box', 'PUT')).status, 202)
  const shown = await swift('/box', 'HEAD')
  t.equal(shown.status, 204)
  t.equal(shown.headers.get('x-container-meta-colour'), 'blue')
  t.equal(
    (await swift('/box', 'POST', { headers: { 'X-Remove-Container-Meta-Colour': 'x', 'X-Container-Meta-Size': 'large' } })).status,
    204,
  )
  const after = (await swift('/box', 'HEAD')).headers
  t.equal(after.get('x-container-meta-colour'), null)
  t.equal(after.get('x-container-meta-size'), 'large')
  await put('/box/a', 'one')
  t.match((await swift('?format=json')).text, /"name":"box","count":1,"bytes":3/)
  t.equal((await swift('/box', 'DELETE')).status, 409)
  t.equal((await swift('/box/a', 'DELETE')).status, 204)
  t.equal((await swift('/box', 'DELETE')).status, 204)
  for (const method of ['GET', 'HEAD', 'POST', 'DELETE']) t.equal((await swift('/box', method)).status, 404, method)
  t.match((await swift('/box')).text, /<h1>404 Not Found<\/h1>/)
  t.equal((await swift('/open', 'PUT', { headers: { 'X-Container-Read': '.r:*' } })).status, 501)
  t.equal((await swift('?limit=20000')).status, 412)
})

t.test('a list has what is asked for, as lines or as JSON', async t => {
  await swift('/list', 'PUT')
  for (const name of ['a', 'b/1', 'b/2', 'c']) await put(`/list/${name}`, name)
  t.equal((await swift('/list')).text, 'a\nb/1\nb/2\nc\n')
  t.equal((await swift('/list?delimiter=/')).text, 'a\nb/\nc\n')
  t.equal((await swift('/list?prefix=b/&limit=1')).text, 'b/1\n')
  t.equal((await swift('/list?marker=b/1&end_marker=c')).text, 'b/2\n')
  t.match(JSON.parse((await swift('/list?format=json&delimiter=/')).text), [
    { name: 'a', bytes: 1, hash: md5('a') },
    { subdir: 'b/' },
    { name: 'c' },
  ])
  t.equal((await swift('/list?format=xml')).status, 406)
})

t.test('metadata of an object are all replaced, and may be empty', async t => {
  await swift('/told', 'PUT')
  await put('/told/a', 'one', { 'X-Object-Meta-Colour': 'blue', 'X-Object-Meta-Empty': '' })
  t.equal((await swift('/told/a', 'HEAD')).headers.get('x-object-meta-empty'), '')
  t.equal((await swift('/told/a', 'POST', { headers: { 'X-Object-Meta-Size': '' } })).status, 202)
  const { headers } = await swift('/told/a', 'HEAD')
  t.same(
    [...headers].filter(([name]) => name.startsWith('x-object-meta-')),
    [['x-object-meta-size', '']],
  )
})

t.test('an object is stored, read whole and in part, told of, changed and gone', async t => {
  await swift('/one', 'PUT')
  const made = await put('/one/x', 'one two three', {
    'Content-Type': 'text/plain',
    'X-Object-Meta-Colour': Buffer.from('grün').toString('latin1'),
  })
  t.equal(made.headers.get('etag'), md5('one two three'))
  const whole = await swift('/one/x')
  t.equal(whole.text, 'one two three')
  t.equal(whole.headers.get('content-type'), 'text/plain')
  t.equal(Buffer.from(whole.headers.get('x-object-meta-colour') ?? '', 'latin1').toString(), 'grün')
  const part = await swift('/one/x', 'GET', { headers: { Range: 'bytes=4-6' } })
  t.equal(part.status, 206)
  t.equal(part.text, 'two')
  t.equal(part.headers.get('content-range'), 'bytes 4-6/13')
  t.equal((await swift('/one/x', 'GET', { headers: { Range: 'bytes=50-' } })).status, 416)
  const etag = md5('one two three')
  t.equal((await swift('/one/x', 'GET', { headers: { 'If-None-Match': etag } })).status, 304)
  t.equal((await swift('/one/x', 'GET', { headers: { 'If-Match': 'other' } })).status, 412)
  t.equal((await swift('/one/x', 'PUT', { headers: { 'If-None-Match': '*' }, body: 'x' })).status, 412)
  t.equal((await swift('/one/x', 'POST', { headers: { 'X-Object-Meta-Size': 'large' } })).status, 202)
  const head = await swift('/one/x', 'HEAD')
  t.equal(head.headers.get('x-object-meta-colour'), null)
  t.equal(head.headers.get('x-object-meta-size'), 'large')
  t.equal(head.headers.get('content-length'), '13')
  t.equal((await swift('/one/x', 'DELETE')).status, 204)
  for (const method of ['GET', 'HEAD', 'DELETE', 'POST']) t.equal((await swift('/one/x', method)).status, 404, method)
  t.equal((await swift('/none/x', 'PUT', { body: 'x' })).status, 404)
})

t.test('what isn’t what it’s said to be is refused, and what was there stays', async t => {
  await swift('/kept', 'PUT')
  await put('/kept/x', 'before')
  t.equal((await swift('/kept/x', 'PUT', { headers: { ETag: md5('other') }, body: 'after' })).status, 422)
  for (const name of ['X-Delete-After', 'Content-Encoding', 'Content-Disposition'])
    t.equal((await swift('/kept/x', 'PUT', { headers: { [name]: '60' }, body: 'after' })).status, 501, name)
  t.equal((await swift('/kept/x')).text, 'before')
  t.equal((await swift('/kept/x', 'PUT', { headers: { ETag: md5('after') }, body: 'after' })).status, 201)
})

t.test('an object is copied either way, with its metadata or with new ones', async t => {
  await swift('/from', 'PUT')
  await put('/from/a b', 'content', { 'X-Object-Meta-Colour': 'blue' })
  t.equal((await swift('/from/a%20b', 'COPY', { headers: { Destination: '/from/c' } })).status, 201)
  t.equal((await swift('/from/c', 'HEAD')).headers.get('x-object-meta-colour'), 'blue')
  t.equal((await swift('/from/d', 'PUT', { headers: { 'X-Copy-From': '/from/a%20b', 'X-Fresh-Metadata': 'true' } })).status, 201)
  const copied = await swift('/from/d')
  t.equal(copied.text, 'content')
  t.equal(copied.headers.get('x-object-meta-colour'), null)
  t.equal((await swift('/from/d', 'PUT', { headers: { 'X-Copy-From': '/from/none' } })).status, 404)
  t.equal((await swift('/from/d', 'COPY')).status, 412)
})

t.test('a static large object is checked, joined, told and taken apart', async t => {
  await swift('/large', 'PUT')
  await swift('/parts', 'PUT')
  for (const [n, text] of ['one ', 'two ', 'three'].entries()) await put(`/parts/${n}`, text)
  const segments = ['one ', 'two ', 'three'].map((text, n) => ({ path: `/parts/${n}`, etag: md5(text), size_bytes: text.length }))
  const wrong = [{ path: '/parts/0', etag: md5('x') }, { path: '/parts/1', size_bytes: 99 }, { path: '/parts/none' }]
  const refused = await swift('/large/x?multipart-manifest=put', 'PUT', { body: JSON.stringify(wrong) })
  t.equal(refused.status, 400)
  for (const says of ['/parts/0, Etag Mismatch', '/parts/1, Size Mismatch', '/parts/none, 404']) t.match(refused.text, says)
  for (const body of ['{', '[]', '{}', '[1]', '[{"path":"nowhere"}]'])
    t.equal((await swift('/large/x?multipart-manifest=put', 'PUT', { body })).status, 400, body)
  const made = await swift('/large/x?multipart-manifest=put', 'PUT', {
    body: JSON.stringify(segments),
    headers: { 'Content-Type': 'text/plain' },
  })
  t.equal(made.status, 201)
  const etag = `"${md5(segments.map(segment => segment.etag).join(''))}"`
  t.equal(made.headers.get('etag'), etag)
  const read = await swift('/large/x')
  t.equal(read.text, 'one two three')
  t.equal(read.headers.get('x-static-large-object'), 'True')
  t.equal(read.headers.get('etag'), etag)
  t.equal((await swift('/large/x', 'GET', { headers: { Range: 'bytes=2-5' } })).text, 'e tw')
  t.match(JSON.parse((await swift('/large/x?multipart-manifest=get')).text), [{ name: '/parts/0', bytes: 4 }, {}, {}])
  await put('/large/x', 'plain now')
  t.equal((await swift('/large/x', 'HEAD')).headers.get('x-static-large-object'), null)
  await swift('/large/x?multipart-manifest=put', 'PUT', { body: JSON.stringify(segments) })
  t.equal((await swift('/large/x?multipart-manifest=delete', 'DELETE')).status, 204)
  t.equal((await swift('/parts')).status, 204)
})

t.test('a dynamic large object is what begins with a prefix, whenever it’s read', async t => {
  await swift('/dynamic', 'PUT')
  await put('/dynamic/p/1', 'one ')
  await put('/dynamic/x', '', { 'X-Object-Manifest': 'dynamic/p/' })
  await put('/dynamic/p/2', 'two')
  const read = await swift('/dynamic/x')
  t.equal(read.text, 'one two')
  t.equal(read.headers.get('x-object-manifest'), 'dynamic/p/')
  t.equal((await swift('/dynamic/x', 'HEAD')).headers.get('content-length'), '7')
  await swift('/dynamic/x', 'COPY', { headers: { Destination: '/dynamic/copy' } })
  t.equal((await swift('/dynamic/copy')).text, 'one two', 'a copy is of what it is now')
  t.equal((await swift('/dynamic/y', 'PUT', { headers: { 'X-Object-Manifest': 'nowhere' } })).status, 400)
})

t.test('whatever is stored under whatever name comes back, and is listed', async t => {
  await swift('/any', 'PUT')
  const names = fc
    .string({ minLength: 1, maxLength: 20, unit: 'grapheme' })
    .filter(name => !['.', '..'].includes(name) && !/[\n\r]/.test(name))
  await fc.assert(
    fc.asyncProperty(names, fc.uint8Array({ maxLength: 50 }), async (name, bytes) => {
      // Names that a path can't hold aren't sent by any client.
      fc.pre(!name.split('/').some(part => part === '.' || part === '..'))
      const made = await swift(`/any/${enc(name)}`, 'PUT', { body: bytes })
      if (made.status !== 201) throw new Error(`${made.status}: ${made.text}`)
      const found = await swift(`/any/${enc(name)}`)
      const listed: unknown = JSON.parse((await swift(`/any?prefix=${enc(name)}&format=json`)).text)
      const names = Array.isArray(listed) ? listed.map(one => at(one, 'name')) : []
      return (
        found.headers.get('etag') === createHash('md5').update(bytes).digest('hex') && found.bytes.equals(bytes) && names.includes(name)
      )
    }),
    { numRuns: 50 },
  )
  t.pass()
})
