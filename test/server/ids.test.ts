/** Law D5: an id with any legal character travels through its URL, and what can't be an id is refused. */

import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { findElements, readXml } from '../../conformance/documents/xml.ts'
import { anyText, replaceIllegal } from '../../conformance/generators/text.ts'
import { type Client, inProcess, overHttp, runs } from '../support/server.ts'

/** How something is made that its maker names. */
interface Naming {
  readonly root: string
  readonly collection: string
  readonly parameters: Readonly<Record<string, string>>
}

const balancer = { realm_id: 'us', listener_protocol: 'TCP', listener_balancer_port: '80', listener_instance_port: '80' }

const namings: readonly Naming[] = [
  { root: '/api', collection: 'keys', parameters: {} },
  { root: '/api', collection: 'buckets', parameters: {} },
  { root: '/api', collection: 'firewalls', parameters: { description: 'x' } },
  { root: '/api', collection: 'load_balancers', parameters: balancer },
  { root: '/api;provider=classic', collection: 'images', parameters: { instance_id: 'inst1' } },
  { root: '/api;provider=classic', collection: 'networks', parameters: { address_block: '172.16.0.0/12' } },
  { root: '/api;provider=classic', collection: 'subnets', parameters: { network_id: 'net1', address_block: '192.168.99.0/24' } },
  { root: '/api;provider=classic', collection: 'network_interfaces', parameters: { instance: 'inst1', network: 'subnet1' } },
]

const odd = [
  'a b',
  'a/b',
  '/',
  '//',
  '%',
  '%2F',
  '%zz',
  '%252F',
  'a;b=c',
  ';',
  'a?b',
  '?',
  'a#b',
  '#',
  '+',
  'a+b',
  '&',
  "'",
  '"',
  '\\',
  ':',
  '@',
  '~',
  '...',
  'ü',
  '日本',
  '\u{1f600}',
  'new?',
  'index',
  'a=b',
  'content',
  'metadata',
  'rules',
  '*',
  '(',
  '|',
  ' ',
  '\u00a0',
]

/** Whatever a key, a bucket or a firewall may be called, and is free in a new cloud. */
const legalId = (): fc.Arbitrary<string> =>
  fc
    .oneof(fc.constantFrom(...odd), anyText())
    .map(text => text.toWellFormed())
    .filter(text => !['', '.', '..', 'new', 'default'].includes(text) && Buffer.byteLength(text) <= 255)

/** A bucket's name is a part of addresses that native protocols write without encoding: this cloud takes no slash in it. */
const bucketName = (): fc.Arbitrary<string> => legalId().filter(name => !name.includes('/'))

const pathOf = (href: string): string => href.replace(/^http:\/\/[^/]+/, '')

/** Makes it, finds it by its links, acts on it, destroys it. */
const travels = async (client: Client, { root, collection, parameters }: Naming, name: string): Promise<void> => {
  const made = await client.ask({ target: `${root}/${collection}?format=xml`, json: { ...parameters, name } })
  assert.equal(made.status, 201, made.text)
  const location = made.headers.get('location') ?? ''
  const document = readXml(made.text)
  assert.equal(document.attributes.get('href'), location)
  assert.equal(document.attributes.get('id'), replaceIllegal(name))
  const own = await client.ask(`${pathOf(location)}?format=xml`)
  assert.equal(own.status, 200, own.text)
  assert.equal(readXml(own.text).attributes.get('id'), replaceIllegal(name))
  const found = await client.ask(`${root}/${collection}?format=xml&id=${encodeURIComponent(name)}`)
  assert.deepEqual(
    readXml(found.text).children.map(child => child.attributes.get('href')),
    [location],
  )
  assert.equal((await client.ask({ method: 'DELETE', target: `${pathOf(location)}?format=xml` })).status, 204)
  assert.equal((await client.ask(`${pathOf(location)}?format=xml`)).status, 404)
}

t.test('any legal id leads back to its resource', async () => {
  const cloud = await inProcess()
  t.teardown(() => cloud.close())
  await fc.assert(
    fc.asyncProperty(
      fc
        .constantFrom(...namings)
        .chain(naming => fc.tuple(fc.constant(naming), naming.collection === 'buckets' ? bucketName() : legalId())),
      ([naming, name]) => travels(cloud, naming, name),
    ),
    runs(100),
  )
})

t.test('every odd id leads back to its resource over HTTP', async () => {
  const server = await overHttp()
  t.teardown(() => server.close())
  for (const name of odd) await travels(server, { root: '/api', collection: 'keys', parameters: {} }, name)
})

t.test('the id of a blob travels beside that of its bucket, through every address of the blob', async () => {
  const cloud = await inProcess()
  t.teardown(() => cloud.close())
  await fc.assert(
    fc.asyncProperty(bucketName(), legalId(), async (bucket, blob) => {
      const made = await cloud.ask({ target: '/api/buckets?format=xml', json: { name: bucket } })
      assert.equal(made.status, 201, made.text)
      const inBucket = `/api/buckets/${encodeURIComponent(bucket)}/${encodeURIComponent(blob)}`
      const put = await cloud.ask({
        method: 'PUT',
        target: `${inBucket}?format=xml`,
        body: 'content',
        headers: { 'Content-Type': 'text/plain' },
      })
      assert.equal(put.status, 200, put.text)
      const listed = await cloud.ask(`/api/buckets/${encodeURIComponent(bucket)}?format=xml`)
      const [link] = findElements(readXml(listed.text), 'blob')
      assert.equal(link?.attributes.get('id'), replaceIllegal(blob))
      const document = readXml((await cloud.ask(`${pathOf(link?.attributes.get('href') ?? '')}?format=xml`)).text)
      assert.equal(document.attributes.get('id'), replaceIllegal(blob))
      const content = findElements(document, 'content')[0]?.attributes.get('href') ?? ''
      const read = await cloud.ask(pathOf(content))
      assert.deepEqual([read.status, read.text], [200, 'content'])
      assert.match(read.headers.get('content-disposition') ?? '', /^attachment; filename(=[\w.-]+|\*=UTF-8''[\w%.~!'()*-]+)$/)
      assert.equal((await cloud.ask({ method: 'HEAD', target: inBucket })).status, 204)
      assert.equal((await cloud.ask({ method: 'DELETE', target: `${inBucket}?format=xml` })).status, 204)
      assert.equal((await cloud.ask({ method: 'DELETE', target: `/api/buckets/${encodeURIComponent(bucket)}?format=xml` })).status, 204)
    }),
    runs(60),
  )
})

t.test('a dot, two dots, nothing, and the names of form pages are refused as names', async t => {
  const cloud = await inProcess()
  t.teardown(() => cloud.close())
  for (const { root, collection, parameters } of namings) {
    // A cloud that may choose the id makes one up where no name is given.
    const empty = root === '/api' ? [''] : []
    for (const name of ['.', '..', 'new', ...empty]) {
      const before = (await cloud.ask(`${root}/${collection}?format=xml`)).text
      const answer = await cloud.ask({ target: `${root}/${collection}?format=xml`, json: { ...parameters, name } })
      t.equal(answer.status, 400, `${collection} '${name}'`)
      t.equal(readXml(answer.text).name, 'error')
      t.equal((await cloud.ask(`${root}/${collection}?format=xml`)).text, before)
    }
  }
  for (const id of ['.', '..', '', 'new_blob_form_d15cfd90']) {
    const answer = await cloud.ask({ target: '/api/buckets/bucket1?format=xml', json: { blob_id: id, blob_data: 'x' } })
    t.equal(answer.status, 400, `blob '${id}'`)
  }
})

t.test('a dot and two dots are no ids in an address', async t => {
  const cloud = await inProcess()
  t.teardown(() => cloud.close())
  for (const segment of ['.', '..', '%2e', '%2E%2e', '.%2e']) {
    for (const [method, target] of [
      ['GET', `/api/images/${segment}`],
      ['DELETE', `/api/keys/${segment}`],
      ['POST', `/api/instances/${segment}/stop`],
      ['PUT', `/api/buckets/bucket1/${segment}`],
    ] as const) {
      const answer = await cloud.ask({ method, target: `${target}?format=xml` })
      t.equal(answer.status, 400, `${method} ${target}`)
      t.equal(readXml(answer.text).name, 'error')
    }
  }
  t.equal((await cloud.ask('/api/images//?format=xml')).status, 400, 'an empty id')
})

t.test('the address of a form is a form for those who want HTML, and an unknown member for others', async t => {
  const cloud = await inProcess()
  t.teardown(() => cloud.close())
  t.equal((await cloud.ask('/api/keys/new?format=html')).status, 200)
  t.equal((await cloud.ask('/api/keys/new?format=xml')).status, 404)
  t.equal((await cloud.ask('/api/keys/new?format=json')).status, 404)
})
