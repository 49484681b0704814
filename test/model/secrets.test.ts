/** Secrets are told by their names, forms and places; what only looks like one stays readable. */

import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { hasUserInfo, isConfidential, isKeyIdName, isSecretName, withoutSecrets, withoutSecretsInText } from '../../src/model/secrets.ts'

/** Names of parameters whose values are secret, as clouds and people write them. */
const secretNames = [
  'password',
  'PASSWORD',
  'adminPass',
  'passphrase',
  'pwd',
  'api_key',
  'apiKey',
  'X-Api-Key',
  'access_token',
  'token',
  'secret',
  'client_secret',
  'SecretAccessKey',
  'private_key',
  'X-Amz-Signature',
  'x-amz-signature',
  'X-Amz-Security-Token',
  'X-Goog-Signature',
  'Signature',
  'sig',
  'temp_url_sig',
  'JSESSIONID',
  'PHPSESSID',
  'jwt',
  'bearer',
  'pw',
  'x-amz-server-side-encryption-customer-key',
  'user_data',
  'UserData',
  'LaunchSpecification.UserData',
  'content1',
  'public_key',
  'user_iso',
  'blob_data',
  'auth[password]',
]

const harmlessNames = [
  'id',
  'marker',
  'NextToken',
  'next_token',
  'pageToken',
  'continuation-token',
  'ClientToken',
  'token_type',
  'SignatureMethod',
  'SignatureVersion',
  'X-Amz-SignedHeaders',
  'X-Amz-Credential',
  'AWSAccessKeyId',
  'keyname',
  'KeyName',
  'key_name',
  'key-marker',
  'force_auth',
  'bypass',
  'compass',
  'passive',
  'user_database',
  'password_length',
  'content-type',
  'author',
  'development',
]

t.test('a name tells whether a value is secret, however it is written', async t => {
  for (const name of secretNames) t.ok(isConfidential(name), name)
  for (const name of harmlessNames) t.notOk(isConfidential(name), name)
  for (const name of ['X-Amz-Credential', 'AWSAccessKeyId', 'X-Goog-Credential']) t.ok(isKeyIdName(name) && !isSecretName(name), name)
})

const encodeAll = (text: string): string => [...Buffer.from(text)].map(byte => `%${byte.toString(16).padStart(2, '0')}`).join('')

const encodings: readonly ((text: string) => string)[] = [
  text => text,
  encodeURIComponent,
  encodeAll,
  text => encodeURIComponent(encodeURIComponent(text)),
]

/** What no address has by chance, with letters that addresses give a meaning. */
const secret = fc
  .tuple(fc.stringMatching(/^[A-Za-z0-9]{9}$/), fc.constantFrom('', '/', '?', ';', '=', '+', ' ', "'", '"', '%', 'ä'))
  .map(([text, mark]) => `s3cr${text}${mark}${text}s3cr`)

const places: Readonly<Record<string, (name: string, value: string, encode: (text: string) => string) => string>> = {
  query: (name, value, encode) => `/api/instances?format=xml&${encode(name)}=${encodeURIComponent(value)}&id=i-1`,
  'query, all encoded': (name, value) => `/api?${encodeAll(name)}=${encodeAll(value)}`,
  'query behind a semicolon': (name, value, encode) => `/api?a=1;${encode(name)}=${encodeURIComponent(value)}`,
  matrix: (name, value, encode) => `/api/instances;${encode(name)}=${encodeURIComponent(value)};x=1/start?format=xml`,
  'matrix of the first segment': (name, value, encode) => `/api;driver=mock;${encode(name)}=${encodeURIComponent(value)}/realms`,
  'an address in the query': (name, value, encode) => `/api?next=${encode(`http://h.test/a?${name}=${encodeURIComponent(value)}`)}`,
  'user and password': (_, value) => `http://u:${encodeURIComponent(value)}@h.test/api`,
  'user and password of a provider': (_, value, encode) =>
    `/api;provider=${encode(`http:%2f%2fu:${encodeURIComponent(value)}@h.test`)}/realms`,
  'user and password without a scheme': (_, value, encode) => `/api;provider=${encode(`u:${encodeURIComponent(value)}@h.test:80`)}`,
  'a token in a path': (_, value) => `/openstack/identity/v2.0/tokens/${encodeURIComponent(value)}/endpoints?x=1`,
  'a token behind two slashes': (_, value) => `/openstack/identity/v2.0/tokens//${encodeURIComponent(value)}`,
  'a token in an encoded path': (_, value) => `/openstack/identity/v2.0/%74okens/${encodeAll(value)}`,
  'a token of an older Keystone': (_, value) => `/v1.1/token/${encodeURIComponent(value)}`,
}

t.test('no address tells a secret, wherever it stands and however it is encoded', async () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...Object.keys(places)),
      fc.constantFrom(...secretNames),
      secret,
      fc.constantFrom(...encodings),
      (place, name, value, encode) => {
        const address = places[place]?.(name, value, encode) ?? ''
        const clean = withoutSecrets(address)
        assert.doesNotMatch(
          decodeURIComponent(decodeURIComponent(decodeURIComponent(clean.replaceAll(/%(?![\da-f]{2})/gi, '')))),
          /s3cr/,
          `${address} → ${clean}`,
        )
        assert.equal(withoutSecrets(clean), clean)
      },
    ),
    { numRuns: 2000 },
  )
})

t.test('an address without secrets stays as it was written', async () => {
  const words = fc.stringMatching(/^[a-z0-9][\w.~-]{0,30}$/)
  const uuids = fc.uuid()
  const values = fc
    .oneof(
      words,
      uuids,
      words.map(text => `tag:${text}`),
      words.map(text => `2026-11-30T12:00:00Z ${text}`),
    )
    .map(encodeURIComponent)
  fc.assert(
    fc.property(
      fc.array(fc.oneof(words, uuids), { maxLength: 4 }),
      fc.array(fc.tuple(fc.constantFrom(...harmlessNames), values)),
      (path, query) => {
        if (path.some(segment => /token/i.test(segment))) return
        const address = `/api;driver=ec2;provider=eu-west-1/${path.join('/')}?${query.map(pair => pair.join('=')).join('&')}`
        assert.equal(withoutSecrets(address), address)
      },
    ),
    { numRuns: 1000 },
  )
})

t.test('a cursor may look like a token, and stays', async t => {
  const cursor = Buffer.from(JSON.stringify({ after: 'a'.repeat(90), n: 1 })).toString('base64url')
  for (const name of ['continuation-token', 'NextToken', 'next_token'])
    t.equal(withoutSecrets(`/s3/b?${name}=${cursor}`), `/s3/b?${name}=${cursor}`)
  t.equal(withoutSecrets(`/s3/${cursor}/a?x=${cursor}`), '/s3/***/a?x=***', 'elsewhere it is a sealed token')
})

t.test('a message tells no secret that it quotes', async t => {
  const told = [
    "Driver 'x' has no provider 'http://u:s3cr@h.test'",
    'There is nothing at /tokens/s3cr',
    'can not parse {"password": "s3\\"s3cr", "api_key":12s3cr}',
    "password='two s3cr' is wrong",
    'GET https://h.test/a?x=1&Signature=ab/s3cr;s3cr failed',
    'Authorization: Basic dXNlcjpzM2Ny',
    'got eyJhbGciOiJI.eyJzdWIiOiIx.SflKxwRJSMeKKF2QT4s3cr',
    '-----BEGIN PRIVATE KEY-----\ns3cr\n-----END PRIVATE KEY-----',
  ]
  for (const text of told) t.notMatch(withoutSecretsInText(text), /s3cr|dXNlcjpzM2Ny/, text)
  const kept = [
    'Basic authentication is wanted here',
    'The token has expired: log in again',
    "Parameter 'port' value 'many' is not a whole number",
    "Required parameter 'name' not found in [password,private_key]",
    'connect ECONNREFUSED 127.0.0.1:80, user mockuser at jane@example.com',
  ]
  for (const text of kept) t.equal(withoutSecretsInText(text), text)
})

t.test('an address has user info with or without a scheme, and ports are none', async t => {
  for (const address of [
    'http://u:p@h',
    'http://u@h/a',
    'u:p@h:80',
    'http:%2f%2fu:p@h',
    'ec2=u:p@h;s3=h',
    'http%253A%252F%252Fu%253Ap%2540h',
  ])
    t.ok(hasUserInfo(address), address)
  for (const address of ['http://h:80/v3', 'eu-west-1', 'ec2=localhost:80;s3=localhost:81', 'http://[::1]:80/v3', 'tenant@cloud'])
    t.notOk(hasUserInfo(address), address)
})

t.test('long texts take no time to speak of', async t => {
  for (const piece of ['=a:', '//a', 'a:b@', '%25', '"a":', 'a=b&', 'tokens/', 'x-', 'aA1_', "a='", '-1', '@']) {
    const text = `/api?x${piece.repeat(16_000 / piece.length)}`
    t.type(withoutSecretsInText(text) + withoutSecrets(text), 'string')
    t.type(isConfidential(text), 'boolean')
  }
})
