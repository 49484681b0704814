/** What is wrong with a request is said in a document of the format asked for, with its status, and nothing has changed. */

import t from 'tap'
import { readHtml } from '../../conformance/documents/html.ts'
import { findElements, readXml } from '../../conformance/documents/xml.ts'
import { listedCollections } from '../support/population.ts'
import { sendRaw } from '../support/raw.ts'
import { type Ask, basic, type Client, inProcess, overHttp } from '../support/server.ts'

interface Example {
  readonly what: string
  /** Without the format, which is added. */
  readonly ask: Ask
  readonly status: number
  readonly message: RegExp
  readonly headers?: Readonly<Record<string, RegExp>>
}

const post = (target: string, json?: unknown): Ask => (json === undefined ? { method: 'POST', target } : { target, json })
const typed = (target: string, type: string, body: string): Ask => ({ target, body, headers: { 'Content-Type': type } })

const missingCapability = /^The required capability to execute this operation is missing$/

const examples: readonly Example[] = [
  {
    what: 'an unknown driver',
    ask: { target: '/api;driver=mick/images' },
    status: 400,
    message: /^Driver 'mick' is not available.*'mock'/,
  },
  {
    what: 'an unknown driver in a header',
    ask: { target: '/api', headers: { 'X-Deltacloud-Driver': 'none' } },
    status: 400,
    message: /'none' is not available/,
  },
  { what: 'an unknown provider', ask: { target: '/api;provider=Mars/images' }, status: 400, message: /Mars/ },
  { what: 'an unknown collection', ask: { target: '/api/unicorns' }, status: 404, message: /^Not Found$/ },
  {
    what: 'a collection that the cloud lacks',
    ask: { target: '/api;provider=classic/firewalls' },
    status: 412,
    message: missingCapability,
    headers: { expect: /^firewalls$/ },
  },
  { what: 'an unknown id', ask: { target: '/api/images/none' }, status: 404, message: /^Not Found$/ },
  { what: 'an unknown id to act on', ask: post('/api/instances/none/stop'), status: 404, message: /^Not Found$/ },
  { what: 'an unknown id to destroy', ask: { method: 'DELETE', target: '/api/storage_volumes/none' }, status: 404, message: /^Not Found$/ },
  { what: 'an unknown blob', ask: { target: '/api/buckets/bucket1/none' }, status: 404, message: /^Not Found$/ },
  { what: 'an unknown path', ask: { target: '/api/images/img1/nothing/here' }, status: 404, message: /^Not Found$/ },
  {
    what: 'a method that a path has not',
    ask: { method: 'PUT', target: '/api/images/img1' },
    status: 405,
    message: /^Method Not Allowed$/,
    headers: { allow: /GET.*DELETE/ },
  },
  {
    what: 'a method that HTTP has not',
    ask: { method: 'PURGE', target: '/api/images' },
    status: 405,
    message: /^Method Not Allowed$/,
    headers: { allow: /GET/ },
  },
  { what: 'an unknown reference', ask: post('/api/instances', { image_id: 'none' }), status: 400, message: /none/ },
  { what: 'an unknown realm', ask: post('/api/instances', { image_id: 'img1', realm_id: 'mars' }), status: 400, message: /mars/ },
  {
    what: 'an unknown hardware profile',
    ask: post('/api/instances', { image_id: 'img1', hwp_id: 'huge' }),
    status: 400,
    message: /^Hardware profile 'huge' does not exist/,
  },
  {
    what: 'a value that a profile has not',
    ask: post('/api/instances', { image_id: 'img1', hwp_id: 'm1-large', hwp_memory: '1' }),
    status: 400,
    message: /1/,
  },
  { what: 'text for a number', ask: post('/api/storage_volumes', { capacity: 'much' }), status: 400, message: /much/ },
  { what: 'too many at once', ask: post('/api/instances', { image_id: 'img1', instance_count: 100000 }), status: 400, message: /100000/ },
  {
    what: 'no address range',
    ask: post('/api/firewalls/default/rules', { protocol: 'tcp', port_from: '1', ip_address1: '300.0.0.0/8' }),
    status: 400,
    message: /300\.0\.0\.0/,
  },
  {
    what: 'a port that is none',
    ask: post('/api/firewalls/default/rules', { protocol: 'tcp', port_from: '70000', ip_address1: '10.0.0.0/8' }),
    status: 400,
    message: /70000/,
  },
  {
    what: 'a missing parameter',
    ask: post('/api/instances?realm_id=us'),
    status: 400,
    message: /^Required parameter 'image_id' not found in \[realm_id(,[^\]]*)?\]$/,
  },
  { what: 'malformed JSON', ask: typed('/api/keys', 'application/json', '{"name": '), status: 400, message: /JSON/ },
  { what: 'JSON that is no object', ask: typed('/api/keys', 'application/json', '[1]'), status: 400, message: /object/ },
  { what: 'JSON with a value inside a value', ask: post('/api/keys', { name: { first: 'x' } }), status: 400, message: /name/ },
  { what: 'XML', ask: typed('/api/keys', 'application/xml', '<key><name>x</key>'), status: 415, message: /application\/xml/ },
  {
    what: 'a malformed form',
    ask: typed('/api/keys', 'application/x-www-form-urlencoded', 'name=%zz'),
    status: 400,
    message: /percent-encoding/,
  },
  {
    what: 'a malformed multipart form',
    ask: typed('/api/keys', 'multipart/form-data; boundary=x', '--x\r\nnonsense'),
    status: 400,
    message: /multipart/,
  },
  {
    what: 'too large a body',
    ask: typed('/api/keys', 'application/x-www-form-urlencoded', `name=${'x'.repeat(4 * 1024 * 1024)}`),
    status: 413,
    message: /larger than/,
  },
  { what: 'too long an address', ask: { target: `/api/images?id=${'x'.repeat(16 * 1024)}` }, status: 414, message: /longer than/ },
  { what: 'a bad percent-encoding in the path', ask: { target: '/api/images/%zz' }, status: 400, message: /percent-encoding/ },
  { what: 'a bad percent-encoding in the query', ask: { target: '/api/images?id=%ff' }, status: 400, message: /percent-encoding/ },
  {
    what: 'no credentials',
    ask: { target: '/api/instances', login: false },
    status: 401,
    message: /^Unauthorized$/,
    headers: { 'www-authenticate': /^Basic realm="mock-deltacloud@/ },
  },
  {
    what: 'wrong credentials',
    ask: { target: '/api/instances', login: false, headers: { Authorization: basic('mockuser', 'wrong') } },
    status: 401,
    message: /^Authentication Failure$/,
    headers: { 'www-authenticate': /^Basic / },
  },
  {
    what: 'an unknown user',
    ask: { target: '/api/instances', login: false, headers: { Authorization: basic('nobody', 'mockpassword') } },
    status: 401,
    message: /^Authentication Failure$/,
  },
  {
    what: 'credentials that can’t be read',
    ask: { target: '/api/instances', login: false, headers: { Authorization: 'Basic !!!' } },
    status: 401,
    message: /^Unauthorized$/,
  },
  {
    what: 'credentials of another kind',
    ask: { target: '/api/instances', login: false, headers: { Authorization: 'Bearer x' } },
    status: 401,
    message: /^Unauthorized$/,
  },
  { what: 'an action in the wrong state', ask: post('/api/instances/inst1/start'), status: 405, message: /^Method Not Allowed$/ },
  {
    what: 'a volume attached twice',
    ask: post('/api/storage_volumes/vol3/attach', { instance_id: 'inst2', device: '/dev/sdx' }),
    status: 409,
    message: /vol3/,
  },
  { what: 'a volume in use, to destroy', ask: { method: 'DELETE', target: '/api/storage_volumes/vol3' }, status: 409, message: /vol3/ },
  { what: 'a volume that isn’t attached, to detach', ask: post('/api/storage_volumes/vol1/detach'), status: 409, message: /vol1/ },
  { what: 'an image of an instance that allows none', ask: post('/api/images', { instance_id: 'inst3' }), status: 409, message: /./ },
  { what: 'a duplicate key', ask: post('/api/keys', { name: 'test-key' }), status: 409, message: /./ },
  { what: 'a duplicate bucket', ask: post('/api/buckets', { name: 'bucket1' }), status: 409, message: /bucket1/ },
  { what: 'a duplicate firewall', ask: post('/api/firewalls', { name: 'default', description: 'x' }), status: 409, message: /default/ },
  { what: 'a bucket that isn’t empty', ask: { method: 'DELETE', target: '/api/buckets/bucket1' }, status: 409, message: /./ },
  {
    what: 'a blob in an unknown bucket',
    ask: { method: 'PUT', target: '/api/buckets/none/x', body: 'x' },
    status: 404,
    message: /^Not Found$/,
  },
  { what: 'an empty name', ask: post('/api/buckets', { name: '' }), status: 400, message: /empty/ },
  { what: 'a name that is too long', ask: post('/api/keys', { name: 'x'.repeat(300) }), status: 400, message: /longer than/ },
  {
    what: 'an upload in segments that isn’t there',
    ask: {
      method: 'PUT',
      target: '/api/buckets/bucket1/x',
      body: 'x',
      headers: { 'X-Deltacloud-BlobType': 'segmented', 'X-Deltacloud-SegmentedBlob': 'none', 'X-Deltacloud-SegmentOrder': '1' },
    },
    status: 404,
    message: /^Not Found$/,
  },
]

const inFormat = ({ target, ...rest }: Ask, format: string): Ask => ({
  ...rest,
  target: `${target}${target.includes('?') ? '&' : '?'}format=${format}`,
})

const everything = async (client: Client): Promise<string> => {
  const documents: string[] = []
  for (const collection of await listedCollections(client)) {
    if (collection !== 'metrics') documents.push((await client.ask(`/api/${collection}?format=xml`)).text)
  }
  return documents.join('')
}

t.test('each mistake gets its status and its document, and changes nothing', async t => {
  const cloud = await inProcess()
  t.teardown(() => cloud.close())
  const before = await everything(cloud)
  for (const { what, ask, status, message, headers = {} } of examples) {
    const xml = await cloud.ask(inFormat(ask, 'xml'))
    t.equal(xml.status, status, `${what}: ${xml.text}`)
    const document = readXml(xml.text)
    t.match(
      {
        root: document.name,
        status: document.attributes.get('status'),
        code: findElements(document, 'code')[0]?.text,
        message: findElements(document, 'message')[0]?.text,
      },
      { root: 'error', status: String(status), code: String(status), message },
      `${what}, as XML`,
    )
    t.match(findElements(document, 'backend')[0]?.attributes.get('driver'), /^mock$/, what)
    t.equal(findElements(document, 'backtrace')[0]?.text, '', 'no backtrace goes out')
    for (const [name, value] of Object.entries(headers)) t.match(xml.headers.get(name), value, `${what}: ${name}`)
    const json = await cloud.ask(inFormat(ask, 'json'))
    t.match(
      { status: json.status, document: JSON.parse(json.text) },
      { status, document: { code: status, message, error: /^Deltacloud::Exceptions::\w+$/ } },
      `${what}, as JSON`,
    )
    const page = await cloud.ask(inFormat(ask, 'html'))
    t.equal(page.status, status, `${what}, as HTML`)
    t.match(readHtml(page.text).text, new RegExp(String(status)), `${what}, as HTML`)
    t.equal(await everything(cloud), before, `${what} changes nothing`)
  }
})

t.test('a format that nobody knows is refused, in a document that a client of XML can read', async t => {
  const cloud = await inProcess()
  t.teardown(() => cloud.close())
  const answer = await cloud.ask('/api/images?format=yaml')
  t.equal(answer.status, 406)
  t.equal(answer.headers.get('content-type'), 'application/xml')
  t.equal(findElements(readXml(answer.text), 'code')[0]?.text, '406')
  const json = await cloud.ask({ target: '/api/images', headers: { Accept: 'application/vnd.other+json' } })
  t.match(JSON.parse(json.text), { code: 406 })
})

t.test('`classic` refuses nothing that the original took, save where a quirk mends it', async t => {
  const cloud = await inProcess({ provider: 'classic' })
  t.teardown(() => cloud.close())
  t.equal((await cloud.ask({ target: '/api/buckets?format=xml', json: { name: 'bucket1' } })).status, 201, 'a bucket’s name taken (M18)')
  t.equal((await cloud.ask({ target: '/api/instances?format=xml', json: { image_id: 'none' } })).status, 201, 'an unknown image (M18)')
  t.equal((await cloud.ask({ target: '/api/keys?format=xml', json: { name: 'test-key' } })).status, 409, 'but no duplicate key (M17)')
  t.equal(
    (await cloud.ask({ method: 'DELETE', target: '/api/buckets/bucket2?format=xml' })).status,
    409,
    'nor a bucket that isn’t empty (M17)',
  )
})

t.test('what never reaches the API is answered by the server itself', async t => {
  const server = await overHttp()
  t.teardown(() => server.close())
  const raw: readonly (readonly [what: string, request: string, status: number])[] = [
    ['no Host', 'GET /api HTTP/1.1\r\nConnection: close\r\n\r\n', 400],
    ['a Host that is none', 'GET /api HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n', 400],
    ['no HTTP', 'hello\r\n\r\n', 400],
    ['headers without end', `GET /api HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(40_000)}\r\n\r\n`, 431],
    ['two lengths', 'POST /api/keys HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx', 400],
    ['an expectation', 'GET /api HTTP/1.1\r\nHost: localhost\r\nExpect: miracles\r\nConnection: close\r\n\r\n', 417],
    ['a path outside', 'GET /nothing HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n', 404],
  ]
  for (const [what, request, status] of raw) {
    const answer = await sendRaw(server.port, Buffer.from(request), 'wait')
    t.equal(answer?.status, status, what)
    const document = readXml(answer?.body.toString('utf8') ?? '')
    t.match({ name: document.name, status: document.attributes.get('status') }, { name: 'error', status: String(status) }, what)
  }
  const inJson = await server.ask({ target: '/nothing?format=json' })
  t.match(JSON.parse(inJson.text), { code: 404 })
  const large = await server.ask({
    target: '/api/keys?format=json',
    body: `name=${'x'.repeat(20 * 1024 * 1024)}`,
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
  })
  t.match(
    { status: large.status, document: JSON.parse(large.text) },
    { status: 413, document: { code: 413 } },
    'a body that is refused before its end',
  )
  t.equal((await server.ask('/healthz')).status, 200)
})
