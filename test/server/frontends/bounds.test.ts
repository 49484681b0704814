/** What one request to a native protocol may hold: beyond it, it's refused in the protocol's own words, and nothing is done. */

import t from 'tap'
import { filtered } from '../../../src/server/frontends/ec2/listing.ts'
import { Parameters } from '../../../src/server/frontends/ec2/parameters.ts'
import { overHttp } from '../../support/server.ts'

const server = await overHttp({ frontends: ['deltacloud', 'ec2', 's3', 'openstack'] })
t.teardown(() => server.close())

const many = <T>(count: number, make: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => make(n + 1))
const form = { 'Content-Type': 'application/x-www-form-urlencoded' }

t.test('EC2 takes 1,000 parameters, of query and form together', async t => {
  const values = (count: number) => many(count, n => `Filter.1.Value.${n}=v`).join('&')
  const sparse = (count: number) => many(count, n => `Filter.${n * 900}.Name=x`).join('&')
  const asked = 'Action=CreateKeyPair&KeyName=k&Version=2016-11-15'
  for (const [what, request] of [
    ['a query', (count: number) => ({ target: `/ec2/?${asked}&${values(count - 3)}` })],
    ['a form', (count: number) => ({ target: '/ec2/', headers: form, body: `${asked}&${values(count - 3)}` })],
    ['a sparse list', (count: number) => ({ target: '/ec2/', headers: form, body: `${asked}&${sparse(count - 3)}` })],
    ['both', (count: number) => ({ method: 'POST', target: `/ec2/?${asked}&${values(497)}`, headers: form, body: sparse(count - 500) })],
  ] as const) {
    const refused = await server.ask(request(1001))
    t.equal(refused.status, 400, what)
    t.match(refused.text, '<Code>InvalidParameterCombination</Code><Message>The request has more than 1000 parameters</Message>', what)
    t.equal((await server.ask('/api/keys/k')).status, 404, what)
    t.equal((await server.ask(request(1000))).status, 200, what)
    t.equal((await server.ask({ method: 'DELETE', target: '/api/keys/k' })).status, 204, what)
  }
})

t.test('S3 takes 1,000 parameters', async t => {
  const query = (count: number) => many(count, n => `x${n}=1`).join('&')
  const refused = await server.ask({ method: 'PUT', target: `/s3/wide?${query(1001)}` })
  t.equal(refused.status, 400)
  t.match(refused.text, '<Code>InvalidArgument</Code>')
  t.notMatch((await server.ask('/s3/')).text, '<Name>wide</Name>')
  t.equal((await server.ask({ method: 'PUT', target: `/s3/wide?${query(1000)}` })).status, 200)
})

t.test('documents of S3 have no more elements than an upload has parts', async t => {
  await server.ask({ method: 'PUT', target: '/s3/documents' })
  const remove = (content: string) =>
    server.ask({ method: 'POST', target: '/s3/documents?delete', headers: { 'Content-Type': 'application/xml' }, body: content })
  for (const content of [
    `<Delete>${'<a/>'.repeat(200_000)}</Delete>`,
    `<Delete>${'<?a?>'.repeat(200_000)}</Delete>`,
    `${'<Delete>'.repeat(1000)}${'</Delete>'.repeat(1000)}`,
    `<Delete>${'<Object><Key>a</Key></Object>'.repeat(1001)}</Delete>`,
  ]) {
    const { status, text } = await remove(content)
    t.equal(status, 400)
    t.match(text, '<Code>MalformedXML</Code>')
  }
  t.equal((await remove(`<Delete>${'<Object><Key>a</Key></Object>'.repeat(1000)}</Delete>`)).status, 200)
})

const token = async (): Promise<string> => {
  const identity = { methods: ['password'], password: { user: { name: 'mockuser', domain: { id: 'default' }, password: 'mockpassword' } } }
  const answer = await server.ask({ target: '/openstack/identity/v3/auth/tokens', login: false, json: { auth: { identity } } })
  return answer.headers.get('x-subject-token') ?? ''
}

t.test('OpenStack takes 1,000 members in one place of a body, some more in all, and few levels', async t => {
  const headers = { 'X-Auth-Token': await token() }
  const create = (keypair: object, more: object = {}) =>
    server.ask({ target: '/openstack/compute/v2.1/os-keypairs', login: false, headers, json: { keypair, ...more } })
  const deep = JSON.parse(`${'['.repeat(101)}${']'.repeat(101)}`)
  for (const [what, keypair, more] of [
    ['members', { name: 'k', ...Object.fromEntries(many(1000, n => [`m${n}`, 1])) }, {}],
    ['items', { name: 'k', items: many(1001, () => 1) }, {}],
    ['members of another object', { name: 'k' }, Object.fromEntries(many(1001, n => [`m${n}`, 1]))],
    ['values in all', { name: 'k', items: many(20, () => many(600, () => 1)) }, {}],
    ['levels', { name: 'k', items: deep }, {}],
  ] as const) {
    const refused = await create(keypair, more)
    t.equal(refused.status, 400, what)
    t.match(refused.text, /"badRequest":\{"code":400,"message":"The request body has more than 1000 members/, what)
    t.ok(refused.text.length < 1000, what)
  }
  t.equal((await server.ask('/api/keys/k')).status, 404)
  t.equal((await create({ name: 'k', items: many(1000, () => 1) })).status, 200)
})

t.test('OpenStack takes 1,000 parameters in a query', async t => {
  const headers = { 'X-Auth-Token': await token() }
  const list = (count: number) =>
    server.ask({ target: `/openstack/compute/v2.1/servers?${many(count, n => `sort_key=k${n}`).join('&')}`, login: false, headers })
  t.equal((await list(1001)).status, 400)
  t.equal((await list(1000)).status, 200)
})

t.test('OpenStack reads a body only of who has a token, where a token is needed', async t => {
  for (const headers of [{}, { 'X-Auth-Token': 'made up' }]) {
    const { status } = await server.ask({ target: '/openstack/compute/v2.1/servers', login: false, headers, body: 'no JSON' })
    t.equal(status, 401)
  }
})

t.test('messages quote no more of a request than one can read', async t => {
  const long = 'x'.repeat(100_000)
  const headers = { 'X-Auth-Token': await token() }
  for (const request of [
    { target: '/ec2/', headers: form, body: `Action=${long}` },
    { target: '/ec2/', headers: form, body: `Action=RunInstances&Version=2016-11-15&ImageId=${long}&MinCount=1&MaxCount=1` },
    { target: '/ec2/', headers: form, body: `Action=CreateVolume&Version=2016-11-15&Size=${long}&AvailabilityZone=us` },
    { target: '/openstack/compute/v2.1/servers', login: false, headers, json: { server: { name: 'a', flavorRef: long, imageRef: long } } },
    { target: '/openstack/volume/v3/p/volumes', login: false, headers, json: { volume: { size: long } } },
  ]) {
    const { status, text } = await server.ask(request)
    t.ok(status >= 400 && status < 500, `${status} for ${request.target}`)
    t.ok(text.length < 5000, `${text.length} characters`)
  }
})

t.test('a scope in a signature is found wherever it stands, or not at all', async t => {
  const authorization = `AWS4-HMAC-SHA256 ${'Credential='.repeat(1000)}`
  const { status } = await server.ask({ target: '/ec2/?Action=DescribeRegions', login: false, headers: { Authorization: authorization } })
  t.equal(status, 400)
  const doubled = 'AWS4-HMAC-SHA256 Credential=a/20300101/r/ec2/aws4_request, SignedHeaders=host;host, Signature=0'
  const answer = await server.ask({
    target: '/ec2/?Action=DescribeRegions',
    login: false,
    headers: { Authorization: doubled, 'X-Amz-Date': '20300101T000000Z' },
  })
  t.match(answer.text, 'SignedHeaders names a header twice')
})

t.test('a request that S3 signed by its query is S3’s at the root, unless it asks for an action', async t => {
  const signed = 'X-Amz-Credential=mockuser%2F20300101%2Fr%2Fs3%2Faws4_request'
  t.match((await server.ask({ target: `/?${signed}`, login: false })).headers.get('server'), 'AmazonS3')
  t.match((await server.ask({ target: '/?AWSAccessKeyId=a&Expires=1&Signature=b', login: false })).headers.get('server'), 'AmazonS3')
  for (const query of [
    'AWSAccessKeyId=a&Action=DescribeRegions',
    'Action=DescribeRegions&AWSAccessKeyId=a',
    '?X-Amz-Credential='.repeat(500),
  ])
    t.not((await server.ask({ target: `/?${query}`, login: false })).headers.get('server'), 'AmazonS3')
})

/** Which texts a filter with this value lets through. */
const matching = (value: string, texts: readonly string[]): readonly string[] =>
  filtered(Parameters.of(new URLSearchParams({ 'Filter.1.Name': 'text', 'Filter.1.Value.1': value })), texts, { text: text => text })

t.test('a filter’s `*` stands for any text, `?` for any character, and a backslash takes that away', async t => {
  const texts = ['', 'a', 'ab', 'abc', 'a*c', 'a?c', 'a.c', 'xaby', 'abab', 'a\nc']
  for (const [value, expected] of [
    ['*', texts],
    ['a*', ['a', 'ab', 'abc', 'a*c', 'a?c', 'a.c', 'abab', 'a\nc']],
    ['*ab', ['ab', 'abab']],
    ['*a*b*', ['ab', 'abc', 'xaby', 'abab']],
    ['a?c', ['abc', 'a*c', 'a?c', 'a.c', 'a\nc']],
    ['a\\*c', ['a*c']],
    ['a\\?c', ['a?c']],
    ['?', ['a']],
    ['**b**', ['ab', 'abc', 'xaby', 'abab']],
    ['a.*', ['a.c']],
  ] as const)
    t.same(matching(value, texts), expected, value)
})

t.test('no filter takes longer than its length times that of the text', async t => {
  // By backtracking at every `*`, this would not end while anyone waits.
  t.same(matching(`${'*a'.repeat(40)}*b`, ['a'.repeat(5000)]), [])
  t.same(matching(`${'*a'.repeat(40)}*`, ['a'.repeat(5000)]), ['a'.repeat(5000)])
})
