/** Pages of native protocols, of a size that the server was started with: each item comes once, whatever the size. */

import t from 'tap'
import { startServer } from '../../../src/index.ts'
import { Client } from './openstack/support.ts'
import { connect } from './s3/raw.ts'

const open = (pageSize: number, provider: string) =>
  startServer({ host: '127.0.0.1', port: 0, provider, frontends: ['deltacloud', 'ec2', 's3', 'openstack'], pageSize })

const textsOf = (xml: string, name: string): readonly string[] =>
  [...xml.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))].map(([, text = '']) => text)

/** Items of all pages, page by page. */
const pagesOf = async (ask: (next: string) => Promise<{ readonly items: readonly string[]; readonly next: string | undefined }>) => {
  const pages: (readonly string[])[] = []
  for (let next: string | undefined = ''; next !== undefined && pages.length < 50; ) {
    const page: { readonly items: readonly string[]; readonly next: string | undefined } = await ask(next)
    pages.push(page.items)
    next = page.next
  }
  return pages
}

t.test('EC2, its load balancers and its metrics have pages; what is asked for by id comes at once', async t => {
  const server = await open(2, 'ec2')
  t.teardown(() => server.close(0))
  const ask = connect(server.address.port)
  const action = async (query: string) => (await ask('GET', `/ec2?${query}`)).text
  for (const name of ['one', 'two', 'three'])
    await action(
      `Action=CreateLoadBalancer&Version=2012-06-01&LoadBalancerName=${name}&AvailabilityZones.member.1=us-east-1a&Listeners.member.1.Protocol=HTTP&Listeners.member.1.LoadBalancerPort=80&Listeners.member.1.InstancePort=80`,
    )
  for (const [query, item, cursor, parameter] of [
    ['Action=DescribeImages&Version=2016-11-15', 'imageId', 'nextToken', 'NextToken'],
    ['Action=DescribeLoadBalancers&Version=2012-06-01', 'LoadBalancerName', 'NextMarker', 'Marker'],
  ] as const) {
    const pages = await pagesOf(async next => {
      const text = await action(next === '' ? query : `${query}&${parameter}=${encodeURIComponent(next)}`)
      return { items: textsOf(text, item), next: textsOf(text, cursor)[0] }
    })
    t.ok(pages.length > 1, query)
    t.ok(
      pages.every(({ length }) => length <= 2),
      query,
    )
    t.equal(new Set(pages.flat()).size, pages.flat().length, query)
  }
  const images = textsOf(await action('Action=DescribeImages&Version=2016-11-15&MaxResults=2'), 'imageId')
  const more = textsOf(await action('Action=DescribeImages&Version=2016-11-15&MaxResults=1'), 'imageId')
  t.equal(images.length, 2)
  t.equal(more.length, 1)
  const byName = 'Action=DescribeLoadBalancers&Version=2012-06-01'
  const named = ['one', 'two', 'three'].map((name, n) => `&LoadBalancerNames.member.${n + 1}=${name}`).join('')
  t.equal(textsOf(await action(byName + named), 'LoadBalancerName').length, 3)
})

t.test('S3 has pages of buckets and of objects', async t => {
  const server = await open(2, 'ec2')
  t.teardown(() => server.close(0))
  const ask = connect(server.address.port)
  const buckets = ['c-bucket', 'a-bucket', 'b-bucket', 'd-other']
  for (const bucket of buckets) await ask('PUT', `/s3/${bucket}`)
  const keys = ['a + b', 'a/&=c', 'ä', 'z', 'ü ü']
  for (const key of keys) await ask('PUT', `/s3/a-bucket/${encodeURIComponent(key)}`, { body: 'x' })
  const list = (query: string) =>
    pagesOf(async next => {
      const { text } = await ask('GET', `/s3/?${query}${next === '' ? '' : `&continuation-token=${encodeURIComponent(next)}`}`)
      return { items: textsOf(text, 'Name'), next: textsOf(text, 'ContinuationToken')[0] }
    })
  t.same(await list(''), [
    ['a-bucket', 'b-bucket'],
    ['c-bucket', 'd-other'],
  ])
  t.same(await list('max-buckets=1&prefix=b'), [['b-bucket']])
  t.same(await list('max-buckets=1'), [['a-bucket'], ['b-bucket'], ['c-bucket'], ['d-other']])
  for (const query of ['max-buckets=0', 'max-buckets=10001', 'max-buckets=x', 'continuation-token=%21'])
    t.match((await ask('GET', `/s3/?${query}`)).text, /<Code>InvalidArgument/, query)
  const objects = await pagesOf(async next => {
    const { text } = await ask('GET', `/s3/a-bucket?encoding-type=url&marker=${encodeURIComponent(next)}`)
    const items = textsOf(text, 'Key').map(decodeURIComponent)
    return { items, next: textsOf(text, 'IsTruncated')[0] === 'true' ? items.at(-1) : undefined }
  })
  t.same(
    objects.map(({ length }) => length),
    [2, 2, 1],
  )
  t.same([...objects.flat()].sort(), [...keys].sort())
})

t.test('OpenStack has pages, but for pairs of keys; Swift has as many names as a limit says', async t => {
  const server = await open(2, 'openstack')
  t.teardown(() => server.close(0))
  const client = await Client.open(server.url)
  const first = await client.must(200, '/compute/v2.1/flavors')
  t.match(first.body, { flavors_links: [{ rel: 'next' }] })
  t.equal(Object(first.body).flavors.length, 2)
  for (const name of ['k1', 'k2', 'k3']) await client.ask('/compute/v2.1/os-keypairs', 'POST', { body: { keypair: { name } } })
  const keys = Object((await client.must(200, '/compute/v2.1/os-keypairs?limit=1&marker=k1')).body)
  t.equal(keys.keypairs.length, 3)
  t.equal(keys.keypairs_links, undefined)
  const account = `/object-store/v1/AUTH_${client.project}`
  for (const name of ['c1', 'c2', 'c3']) await client.ask(`${account}/${name}`, 'PUT')
  const names = async (query: string) =>
    Object((await client.must(200, `${account}?format=json${query}`)).body).map(({ name }: { name: string }) => name)
  t.same(await names(''), ['c1', 'c2'])
  t.same(await names('&marker=c2'), ['c3'])
  t.same(await names('&limit=3'), ['c1', 'c2', 'c3'])
})

t.test('a size of pages that is none is refused', async t => {
  for (const pageSize of [0, -1, 1.5, Number.NaN]) await t.rejects(open(pageSize, 'ec2'), /size of pages/)
})
