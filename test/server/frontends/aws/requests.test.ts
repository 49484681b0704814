/** Requests that are signed well but for one thing that AWS refuses: with --strict, and for key ids that nobody set up. */

import assert from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import { request } from 'node:http'
import fc from 'fast-check'
import t from 'tap'
import { readBody } from '../../../../src/drivers/wire.ts'
import { type RunningServer, startServer } from '../../../../src/index.ts'

const strict = await startServer({ host: '127.0.0.1', port: 0, provider: 'ec2', frontends: ['ec2', 's3'] })
const open = await startServer({
  host: '127.0.0.1',
  port: 0,
  provider: 'ec2',
  frontends: ['ec2', 's3'],
  mock: { openToAnyone: true },
})
t.teardown(() => Promise.all([strict.close(0), open.close(0)]))

type Pairs = Readonly<Record<string, string>>

interface Signing {
  readonly service?: string
  readonly region?: string
  /** Milliseconds from now. */
  readonly off?: number
  /** Headers beside host and x-amz-date; those that are signed, unless `unsigned` names them. */
  readonly headers?: Pairs
  readonly unsigned?: readonly string[]
  readonly method?: string
  /** For presigned ones. */
  readonly expires?: string
  readonly key?: readonly [id: string, secret: string]
}

const mockuser = ['mockuser', 'mockpassword'] as const
const stranger = ['stranger', 'no secret at all'] as const

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
const encode = (text: string): string => encodeURIComponent(text).replace(/[!'()*]/g, c => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)

const signatureOf = (canonical: string, date: string, scope: readonly string[], secret: string): string => {
  const text = ['AWS4-HMAC-SHA256', date, scope.join('/'), sha256(canonical)].join('\n')
  return hmac(
    scope.reduce<string | Buffer>((key, part) => hmac(key, part), `AWS4${secret}`),
    text,
  ).toString('hex')
}

interface Signed {
  readonly method: string
  readonly target: string
  readonly headers: Pairs
}

/** As AWS's reference signs: in the header, or where `expires` is given in the query. */
const sign = (server: RunningServer, path: string, query: Pairs, signing: Signing = {}): Signed => {
  const { service = 's3', region = 'us-east-1', off = 0, headers: more = {}, unsigned = [], method = 'GET', expires } = signing
  const [id, secret] = signing.key ?? mockuser
  const date = new Date(Date.now() + off).toISOString().replace(/[-:]|\.\d+/g, '')
  const scope = [date.slice(0, 8), region, service, 'aws4_request']
  const host = `127.0.0.1:${server.address.port}`
  const hash = service === 's3' ? 'UNSIGNED-PAYLOAD' : sha256('')
  const headers: Record<string, string> = {
    host,
    ...(expires === undefined ? { 'x-amz-date': date, ...(service === 's3' ? { 'x-amz-content-sha256': hash } : {}) } : {}),
    ...more,
  }
  const names = Object.keys(headers)
    .filter(name => !unsigned.includes(name))
    .sort()
  const all: Pairs =
    expires === undefined
      ? query
      : {
          ...query,
          'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
          'X-Amz-Credential': `${id}/${scope.join('/')}`,
          'X-Amz-Date': date,
          'X-Amz-Expires': expires,
          'X-Amz-SignedHeaders': names.join(';'),
        }
  const text = Object.entries(all)
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join('&')
  const canonical = [method, path, text, ...names.map(name => `${name}:${headers[name]}`), '', names.join(';'), hash].join('\n')
  const signature = signatureOf(canonical, date, scope, secret)
  if (expires !== undefined) return { method, target: `${path}?${text}&X-Amz-Signature=${signature}`, headers }
  const authorization = `AWS4-HMAC-SHA256 Credential=${id}/${scope.join('/')}, SignedHeaders=${names.join(';')}, Signature=${signature}`
  return { method, target: text === '' ? path : `${path}?${text}`, headers: { ...headers, authorization } }
}

interface Answer {
  readonly status: number
  readonly code: string | undefined
  readonly text: string
}

const ask = (server: RunningServer, { method, target, headers }: Signed): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port: server.address.port, method, path: target, headers }, answer => {
      readBody(answer).then(body => {
        const text = String(body)
        resolve({ status: answer.statusCode ?? 0, code: /<Code>([\w.]+)/.exec(text)?.[1], text })
      }, reject)
    })
    sent.once('error', reject)
    sent.end()
  })

const regions: Pairs = { Action: 'DescribeRegions', Version: '2016-11-15' }
const balancers: Pairs = { Action: 'DescribeLoadBalancers', Version: '2012-06-01' }

/** Where a request goes, and who signs it: somebody who is known with --strict, and somebody who isn't without. */
const places: readonly (readonly [server: RunningServer, key: readonly [string, string]])[] = [
  [strict, mockuser],
  [open, mockuser],
  [open, stranger],
]

const s3 = async (server: RunningServer, signing: Signing): Promise<Answer> => ask(server, sign(server, '/s3/', {}, signing))
const ec2 = async (server: RunningServer, signing: Signing, query = regions): Promise<Answer> =>
  ask(server, sign(server, '/ec2/', query, { service: 'ec2', ...signing }))

t.test('what is signed well is answered, by header and by address', async t => {
  for (const [server, key] of places)
    for (const more of [
      {},
      { expires: '60' },
      { expires: '604800' },
      { region: 'eu-west-3' },
      { off: -14 * 60_000 },
      { off: 14 * 60_000 },
    ]) {
      t.equal((await s3(server, { key, ...more })).status, 200, JSON.stringify(more))
      t.equal((await ec2(server, { key, ...more })).status, 200, JSON.stringify(more))
    }
  t.equal((await ec2(strict, { service: 'elasticloadbalancing' }, balancers)).status, 200)
  t.equal((await ec2(strict, { service: 'monitoring' }, { Action: 'ListMetrics', Version: '2010-08-01' })).status, 200)
  // Headers that AWS leaves to the client.
  const unsigned = ['range', 'user-agent', 'x-amzn-trace-id', 'x-amz-content-sha256']
  t.equal((await s3(strict, { headers: { range: 'bytes=0-1', 'user-agent': 'x', 'x-amzn-trace-id': 'x' }, unsigned })).status, 200)
})

t.test('what must be signed and isn’t is refused', async t => {
  const cases: readonly (readonly [Signing, string])[] = [
    [{ unsigned: ['host'] }, 'host'],
    [{ unsigned: ['host'], expires: '60', headers: { range: 'bytes=0-1' } }, 'host'],
    [{ unsigned: ['x-amz-date'] }, 'x-amz-date'],
    [{ unsigned: ['x-amz-acl'], headers: { 'x-amz-acl': 'private' } }, 'x-amz-acl'],
    [{ unsigned: ['x-amz-acl'], headers: { 'x-amz-acl': 'private' }, expires: '60' }, 'x-amz-acl'],
    [{ unsigned: ['x-amz-security-token'], headers: { 'x-amz-security-token': 'x' } }, 'x-amz-security-token'],
    [{ unsigned: ['host', 'x-amz-meta-a'], headers: { 'x-amz-meta-a': 'x' } }, 'host, x-amz-meta-a'],
  ]
  for (const [server, key] of places)
    for (const [signing, names] of cases) {
      const refused = await s3(server, { key, ...signing })
      t.equal(`${refused.status} ${refused.code}`, '403 AccessDenied', names)
      t.match(refused.text, /<Message>There were headers present in the request which were not signed</)
      t.match(refused.text, `<HeadersNotSigned>${names}</HeadersNotSigned>`)
      const asked = await ec2(server, { key, ...signing })
      t.equal(`${asked.status} ${asked.code}`, '401 AuthFailure', names)
      const balanced = await ec2(server, { key, ...signing, service: 'elasticloadbalancing' }, balancers)
      t.equal(`${balanced.status} ${balanced.code}`, '403 SignatureDoesNotMatch', names)
    }
  t.match((await s3(strict, { unsigned: ['content-md5'], headers: { 'content-md5': 'x' } })).text, /<HeadersNotSigned>content-md5</)
})

t.test('a date that is no x-amz-date must be signed, too', async t => {
  const well = sign(strict, '/s3/', {}, { headers: { date: new Date().toUTCString() } })
  const { 'x-amz-date': _, ...headers } = well.headers
  const authorization = well.headers.authorization?.replace(/SignedHeaders=[^,]*/, 'SignedHeaders=host')
  const refused = await ask(strict, { ...well, headers: { ...headers, authorization: authorization ?? '' } })
  t.equal(refused.code, 'AccessDenied')
  t.match(refused.text, /<HeadersNotSigned>date</)
})

t.test('no header of Amazon’s can be added to what was signed', async t => {
  await ask(strict, sign(strict, '/s3/signed', {}, { method: 'PUT' }))
  await ask(strict, sign(strict, '/s3/signed/source', {}, { method: 'PUT' }))
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('copy-source', 'acl', 'storage-class', 'tagging', 'server-side-encryption', 'x', 'meta-a', 'date', 'security-token'),
      fc.constantFrom('/signed/source', 'private', 'x', ''),
      fc.boolean(),
      fc.constantFrom(...places),
      async (name, value, presigned, [server, key]) => {
        const signed = sign(server, '/s3/signed/target', {}, { key, method: 'PUT', ...(presigned ? { expires: '60' } : {}) })
        const headers = { ...signed.headers, [`X-Amz-${name}`]: value }
        // A date beside the one that was signed makes two of them, and so another request.
        const answer = await ask(server, { ...signed, headers })
        assert.ok(answer.status === 403 || name === 'date', answer.text)
        assert.ok(answer.status >= 400, answer.text)
      },
    ),
    { numRuns: 80 },
  )
  t.equal((await ask(strict, sign(strict, '/s3/signed/target', {}))).code, 'NoSuchKey')
})

t.test('a scope of another region or service is refused', async t => {
  for (const [server, key] of places) {
    for (const region of ['eu-west-9', 'us-east-3', 'mars-1', 'US-EAST-1', 'us-east-1a', 'RegionOne', 'constructor-1']) {
      const byHeader = await s3(server, { key, region })
      t.equal(`${byHeader.status} ${byHeader.code}`, '400 AuthorizationHeaderMalformed', region)
      t.match(byHeader.text, `The authorization header is malformed; the region '${region}' is wrong; expecting 'us-east-1'`)
      t.match(byHeader.text, '<Region>us-east-1</Region>')
      const byQuery = await s3(server, { key, region, expires: '60' })
      t.equal(`${byQuery.status} ${byQuery.code}`, '400 AuthorizationQueryParametersError', region)
      t.equal((await ec2(server, { key, region })).code, 'AuthFailure', region)
      t.equal((await ec2(server, { key, region, expires: '60' })).code, 'AuthFailure', region)
    }
    t.equal((await s3(server, { key, region: '' })).code, 'AuthorizationHeaderMalformed')
    for (const service of ['ec2', 'sts', 'S3', 's3express']) {
      const refused = await s3(server, { key, service, headers: { 'x-amz-content-sha256': sha256('') } })
      t.equal(`${refused.status} ${refused.code}`, '400 AuthorizationHeaderMalformed', service)
      t.match(refused.text, `incorrect service &quot;${service}&quot;`.replaceAll('&quot;', '"'))
    }
    for (const service of ['s3', 'sts', 'EC2']) t.equal((await ec2(server, { key, service })).code, 'AuthFailure', service)
    t.equal((await ec2(server, { key, service: 'monitoring' }, balancers)).status, 400)
    t.equal((await ec2(server, { key, service: 'sts' }, balancers)).code, 'SignatureDoesNotMatch')
  }
})

t.test('a host that names a region or a service is that one’s endpoint', async t => {
  const at = async (host: string, signing: Signing, path = '/', query: Pairs = {}) =>
    (await ask(open, sign(open, path, query, { key: stranger, ...signing, headers: { ...signing.headers, host } }))).status
  t.equal(await at('s3.eu-west-1.localhost', { region: 'eu-west-1' }), 200)
  t.equal(await at('s3.eu-west-1.localhost', { region: 'eu-west-2' }), 400)
  t.equal(await at('s3.localhost', { region: 'eu-west-2' }), 200)
  t.equal(await at('elasticloadbalancing.localhost', { service: 'elasticloadbalancing' }, '/', balancers), 200)
  t.equal(await at('elasticloadbalancing.localhost', { service: 'ec2' }, '/', balancers), 403)
  t.equal(await at('ec2.us-west-2.localhost', { service: 'ec2', region: 'us-west-2' }, '/', regions), 200)
  t.equal(await at('ec2.us-west-2.localhost', { service: 'ec2' }, '/', regions), 401)
})

t.test('a request of another time is refused', async t => {
  const day = 24 * 3600_000
  for (const [server, key] of places) {
    for (const off of [-16 * 60_000, 16 * 60_000, day, -day]) {
      const refused = await s3(server, { key, off })
      t.equal(`${refused.status} ${refused.code}`, '403 RequestTimeTooSkewed')
      t.equal((await ec2(server, { key, off })).code, 'RequestExpired')
    }
    for (const off of [16 * 60_000, day, 3650 * day]) {
      const refused = await s3(server, { key, off, expires: '604800' })
      t.equal(`${refused.status} ${refused.code}`, '403 AccessDenied')
      t.match(refused.text, /<Message>Request is not yet valid</)
      t.equal((await ec2(server, { key, off, expires: '60' })).code, 'RequestExpired')
    }
    t.match((await s3(server, { key, off: -61_000, expires: '60' })).text, /<Message>Request has expired</)
  }
})

t.test('an address lasts a week at most', async t => {
  const cases: Pairs = {
    604801: 'must be less than a week',
    999999999999: 'must be less than a week',
    '-1': 'must be non-negative',
    '': 'should be a number',
    many: 'should be a number',
    '1e3': 'should be a number',
    '60.5': 'should be a number',
    ' 60': 'should be a number',
    '0x10': 'should be a number',
    99999999999999999999: 'should be a number',
  }
  for (const [server, key] of places)
    for (const [expires, message] of Object.entries(cases)) {
      const refused = await s3(server, { key, expires })
      t.equal(`${refused.status} ${refused.code}`, '400 AuthorizationQueryParametersError', expires)
      t.match(refused.text, `X-Amz-Expires ${message}`, expires)
      t.equal((await ec2(server, { key, expires })).code, 'IncompleteSignature', expires)
    }
  const whole = sign(strict, '/s3/', {}, { expires: '60' })
  for (const name of ['Credential', 'Date', 'Expires', 'SignedHeaders', 'Signature']) {
    const target = whole.target.replace(new RegExp(`X-Amz-${name}=[^&]*`), '')
    t.equal((await ask(strict, { ...whole, target })).code, 'AuthorizationQueryParametersError', name)
  }
  const other = { ...whole, target: whole.target.replace('HMAC-SHA256', 'HMAC-SHA1') }
  t.equal((await ask(strict, other)).code, 'AuthorizationQueryParametersError')
})

t.test('whoever has no secret is let in only where anyone is', async t => {
  t.equal((await s3(strict, { key: stranger })).code, 'InvalidAccessKeyId')
  t.equal((await ec2(strict, { key: stranger })).code, 'AuthFailure')
  t.equal((await s3(open, { key: ['mockuser', 'wrong'] })).code, 'SignatureDoesNotMatch')
})
