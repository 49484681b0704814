/** What an attacker makes of a valid request: the edits, as arbitraries, so that a seed gives the same requests each time. */

import fc from 'fast-check'
import { brokenEncodings, headerValue, type WildRequest, wildRequest } from '../support/requests.ts'
import { basic } from '../support/server.ts'
import { ownSecret, secret } from './planted.ts'
import type { Protocol } from './protocols.ts'
import { controlledWorld, type Seed } from './seeds.ts'

export interface Attack {
  readonly protocol: Protocol
  readonly request: WildRequest
}

/** Who attacks, and where. */
export interface Attacker {
  readonly port: number
  readonly user: string
  readonly password: string
  /** A token of OpenStack's identity service. */
  readonly token: string
}

/** A request on its way through the edits. */
interface Draft {
  readonly protocol: Protocol
  readonly method: string
  /** Prefix of the path, empty for the usual world. */
  readonly world: string
  readonly path: readonly string[]
  readonly query: readonly string[]
  readonly headers: readonly (readonly [string, string])[]
  readonly type: string | undefined
  readonly body: string | undefined
}

type Edit = (draft: Draft) => Draft

/** Text that has broken a server somewhere, as it stands in an address or a form. */
const evil: readonly string[] = [
  ...brokenEncodings,
  '%0d%0aX-Injected:%20yes',
  '%0d%0a%0d%0a<script>alert(1)</script>',
  '..%2f..%2f..%2f..%2f..%2f..%2fetc%2fpasswd',
  '/../../../../../../etc/passwd',
  '%2e%2e%2f%2e%2e%2fetc%2fpasswd',
  'file:%2f%2f%2fetc%2fpasswd',
  '%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E',
  '%27%20OR%20%271%27=%271',
  '%24%7Bjndi:ldap:%2f%2f127.0.0.1%2fx%7D',
  '%7B%7B7*7%7D%7D',
  '__proto__',
  'constructor',
  'hasOwnProperty',
  '%E6%97%A5%E6%9C%AC',
  '%F0%9F%92%A5',
  '%C2%85',
  '%E2%80%AE',
  '%EF%BF%BE',
  '%7F',
  '%1b[31m',
  '99999999999999999999',
  '-1',
  '0',
  '1e308',
  'NaN',
  '0x10',
  '2147483648',
  '*',
  '',
  '%20',
  '+',
  'null',
  'undefined',
  'true',
  '0.0.0.0%2F0',
  '::%2F129',
  'a'.repeat(300),
  '%C3%BC'.repeat(400),
  'a'.repeat(9000),
]

const evilText = (): fc.Arbitrary<string> => fc.constantFrom(...evil)

/** Values that a member of a JSON document isn't made for. */
const evilJson: readonly string[] = [
  'null',
  '[]',
  '{}',
  '[[[[]]]]',
  '-1',
  '0.5',
  '1e400',
  '99999999999999999999',
  'true',
  '""',
  '"\\ud800"',
  '"\\u0000"',
  '"\\r\\nX-Injected: yes"',
  '"../../../../../../etc/passwd"',
  '"__proto__"',
  '{"__proto__":{"polluted":"yes"}}',
  '{"constructor":{"prototype":{"polluted":"yes"}}}',
  `"${'x'.repeat(5000)}"`,
  `[${'1,'.repeat(2000)}1]`,
]

const evilBodies: readonly (readonly [type: string, body: string])[] = [
  ['application/json', '['.repeat(5000)],
  ['application/json', '{"a":'.repeat(2000)],
  ['application/json', '{"__proto__":{"polluted":"yes"},"constructor":{"prototype":{"polluted":"yes"}}}'],
  ['application/json', '\ufeff{}'],
  ['application/json; charset=utf-16', '{}'],
  ['application/x-www-form-urlencoded', '__proto__[polluted]=yes&constructor[prototype][polluted]=yes&__proto__.polluted=yes'],
  ['application/x-www-form-urlencoded', 'a=b&'.repeat(3000)],
  ['application/xml', '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><Delete><Object><Key>&e;</Key></Object></Delete>'],
  [
    'application/xml',
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><Tagging>&c;</Tagging>',
  ],
  ['application/xml', '<a>'.repeat(3000)],
  ['application/yaml', 'a: &a [x,x]\nb: &b [*a,*a,*a,*a]\nc: [*b,*b,*b,*b]\n'],
  ['application/yaml', '? [a, b]\n: c\n!!js/function x: y\n'],
  ['multipart/form-data; boundary=b', '--b\r\nContent-Disposition: form-data; name="__proto__"\r\n\r\nx\r\n--b--\r\n'],
  ['multipart/form-data; boundary=b', '--b\r\nContent-Disposition: form-data; name="x"; filename="../../etc/passwd"\r\n\r\nx'],
  ['multipart/form-data', '--b--'],
  ['text/plain', '\u0000\u0001\u0002'],
  ['\u00ff/\u00ff', 'x'],
]

const methods = ['GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'PATCH', 'OPTIONS', 'COPY', 'PROPFIND', 'TRACE']

/** Parameters that change what a request is, for some protocol. */
const extraParameters: readonly string[] = [
  'format=xml',
  'format=json',
  'format=html',
  'format=svg',
  '_method=delete',
  '_method=PUT',
  'api[driver]=mock',
  'api[driver]=none',
  'api[provider]=ec2',
  'api[driver]=openstack&api[provider]=http:%2f%2f127.0.0.1:1%2fv3',
  'force_auth=1',
  'DryRun=true',
  'MaxResults=-5',
  'NextToken=%00',
  'Version=1999-01-01',
  'X-Amz-Expires=99999999999',
  'X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=stranger%2F20261130%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20261130T000000Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=00',
  'versionId=x',
  'uploads',
  'uploadId=%00',
  'partNumber=0',
  'acl',
  'delete',
  'multipart-manifest=get',
  'temp_url_sig=00&temp_url_expires=9999999999',
  'limit=-1',
  'limit=99999999999999999999',
  'marker=%00',
  'sort=name:up',
  'InstanceId.999999999=i-1',
  'Filter.1.Name=tag:a&Filter.1.Value.1=*',
  '__proto__[polluted]=yes',
  'constructor.prototype.polluted=yes',
]

/** Headers that change what a request is, for some protocol. Raw line ends are left to `any-request.test.ts`: they would end the header. */
const extraHeaders = (): fc.Arbitrary<readonly [string, string]> =>
  fc.oneof(
    fc.constantFrom<readonly [string, string]>(
      ['Accept', 'application/json'],
      ['Accept', 'text/html'],
      ['Accept', 'text/event-stream, */*;q=0.1'],
      ['Accept', ','],
      ['Range', 'bytes=0-0'],
      ['Range', `bytes=${'0-0,'.repeat(500)}1-1`],
      ['Range', 'bytes=-99999999999999999999'],
      ['If-None-Match', '*'],
      ['If-Match', '"x"'],
      ['If-Modified-Since', 'Thu, 99 Foo 9999 99:99:99 GMT'],
      ['X-HTTP-Method-Override', 'DELETE'],
      ['X-Forwarded-Host', 'a:99999'],
      ['X-Forwarded-Host', 'evil.example/"><script>'],
      ['X-Forwarded-Host', '[::1'],
      ['X-Forwarded-Proto', 'javascript'],
      ['X-Forwarded-For', '10.0.0.1'],
      ['X-Deltacloud-World', 'other'],
      ['X-Deltacloud-World', '../../etc/passwd'],
      ['X-Deltacloud-World', '__proto__'],
      ['X-Deltacloud-Driver', 'openstack'],
      ['X-Deltacloud-Driver', '__proto__'],
      ['X-Deltacloud-Provider', 'http://127.0.0.1:1/v3'],
      ['X-Deltacloud-Provider', 'file:///etc/passwd'],
      ['x-amz-copy-source', '/none/../../etc/passwd'],
      ['x-amz-copy-source', '%00'],
      ['x-amz-content-sha256', 'UNSIGNED-PAYLOAD'],
      ['x-amz-content-sha256', 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD'],
      ['x-amz-decoded-content-length', '-1'],
      ['x-amz-meta-__proto__', 'x'],
      ['x-amz-date', '99999999T999999Z'],
      ['Content-MD5', 'AAAA'],
      ['Content-Encoding', 'gzip'],
      ['X-Object-Meta-A', '\u00ff\u00fe'],
      ['X-Object-Manifest', '../../etc/passwd'],
      ['X-Copy-From', '/none/..'],
      ['Destination', '../x'],
      ['X-Delete-At', '99999999999999999999'],
      ['Origin', 'null'],
      ['Sec-Fetch-Site', 'cross-site'],
      ['Referer', 'javascript:alert(1)'],
      ['Cookie', '__proto__=x'],
    ),
    fc.tuple(fc.constantFrom('Accept', 'User-Agent', 'X-Auth-Token', 'Content-Language', 'If-None-Match', 'x-amz-meta-a'), headerValue()),
  )

/** Secrets in all places where a client might put one. None is right, and none may be seen again. */
export const secretHeaders: readonly (readonly [string, string])[] = [
  ['Authorization', basic('attacker', secret('basic'))],
  ['Authorization', `Bearer ${secret('bearer')}`],
  ['Authorization', `AWS attacker:${secret('v2')}`],
  [
    'Authorization',
    `AWS4-HMAC-SHA256 Credential=attacker/20261130/us-east-1/s3/aws4_request, SignedHeaders=host;x-amz-date, Signature=${secret('v4')}`,
  ],
  ['Proxy-Authorization', `Basic ${secret('proxy')}`],
  ['X-Auth-Token', secret('auth')],
  ['X-Subject-Token', secret('subject')],
  ['X-Storage-Token', secret('storage')],
  ['X-Auth-Key', secret('key')],
  ['X-Amz-Security-Token', secret('session')],
  ['X-Api-Key', secret('apikey')],
  ['Cookie', `session=${secret('cookie')}`],
]

export const secretParameters: readonly string[] = [
  ...['token', 'secret', 'api_key', 'access_token', 'sig', 'Signature', 'password', 'private_key', 'X-Auth-Token', 'auth'].map(
    name => `${name}=${secret('query')}`,
  ),
  `X-Amz-Security-Token=${secret('query')}`,
  `X-Amz-Credential=attacker%2F20261130%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=20261130T000000Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=${secret('presigned')}`,
  `AWSAccessKeyId=attacker&Expires=1&Signature=${secret('presigned2')}`,
  `api[driver]=openstack&api[provider]=http:%2f%2fuser:${secret('userinfo')}@127.0.0.1:1%2fv3`,
]

export const secretBodies: readonly (readonly [type: string, body: string])[] = [
  ['application/json', `{"auth":{"identity":{"password":{"user":{"password":"${secret('json')}"}}}}}`],
  ['application/json', `{"password":"${secret('brokenjson')}",`],
  ['application/json', `{"auth": ${secret('unquoted')}}`],
  ['application/x-www-form-urlencoded', `password=${secret('form')}&x=%zz`],
  ['text/plain', `password=${secret('text')}`],
  [
    'multipart/form-data; boundary=b',
    `--b\r\nContent-Disposition: form-data; name="password"\r\n\r\n${secret('multipart')}\r\n--b\r\nContent-Disposition: form-data; name="x"`,
  ],
]

/** What its own resource may show, to its owner. */
export const ownSecrets: readonly string[] = [
  `password=${ownSecret('login')}`,
  `user_data=${ownSecret('data')}`,
  `UserData=${ownSecret('data')}`,
]

/** How many of the first segments say which protocol is meant, and stay. */
const fixedSegments: Readonly<Record<Protocol, number>> = { deltacloud: 1, ec2: 1, s3: 1, openstack: 2, control: 3, server: 0 }

/** A place among several, as a share of their number. */
const share = (): fc.Arbitrary<number> => fc.double({ min: 0, max: 0.999, noNaN: true })

const replaced = <T>(all: readonly T[], at: number, value: (before: T) => T, first = 0): readonly T[] => {
  const place = first + Math.floor(at * (all.length - first))
  return all.map((one, i) => (i === place ? value(one) : one))
}

const isForm = ({ type, body }: Draft): boolean => body !== undefined && type?.startsWith('application/x-www-form-urlencoded') === true

/** Changes the pairs of the form, or of the query where there is no form. */
const withPairs = (draft: Draft, change: (pairs: readonly string[]) => readonly string[]): Draft =>
  isForm(draft)
    ? { ...draft, body: change((draft.body ?? '').split('&')).join('&') }
    : { ...draft, query: change(draft.query).filter(pair => pair !== '') }

const withHeader = (draft: Draft, [name, value]: readonly [string, string]): Draft => ({
  ...draft,
  headers: [...draft.headers.filter(([one]) => one.toLowerCase() !== name.toLowerCase()), [name, value]],
})

const edits: readonly { readonly weight: number; readonly arbitrary: fc.Arbitrary<Edit> }[] = [
  {
    weight: 6,
    arbitrary: fc.tuple(share(), evilText()).map(
      ([at, text]): Edit =>
        draft => ({ ...draft, path: replaced(draft.path, at, () => text, fixedSegments[draft.protocol]) }),
    ),
  },
  {
    weight: 2,
    arbitrary: evilText().map(
      (text): Edit =>
        draft => ({ ...draft, path: [...draft.path, text] }),
    ),
  },
  {
    weight: 6,
    arbitrary: fc.tuple(share(), evilText()).map(
      ([at, text]): Edit =>
        draft =>
          withPairs(draft, pairs => replaced(pairs, at, pair => `${pair.split('=')[0]}=${text}`)),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(share(), evilText()).map(
      ([at, text]): Edit =>
        draft =>
          withPairs(draft, pairs => replaced(pairs, at, pair => `${text}=${pair.split('=')[1] ?? ''}`)),
    ),
  },
  {
    weight: 2,
    arbitrary: share().map(
      (at): Edit =>
        draft =>
          withPairs(draft, pairs => replaced(pairs, at, () => '')),
    ),
  },
  {
    weight: 1,
    arbitrary: share().map(
      (at): Edit =>
        draft =>
          withPairs(draft, pairs => replaced(pairs, at, pair => `${pair}&${pair}`)),
    ),
  },
  {
    weight: 3,
    arbitrary: fc.constantFrom(...extraParameters).map(
      (pair): Edit =>
        draft =>
          withPairs(draft, pairs => [...pairs, pair]),
    ),
  },
  {
    weight: 3,
    arbitrary: fc.constantFrom(...extraParameters).map(
      (pair): Edit =>
        draft => ({ ...draft, query: [...draft.query, pair] }),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(...methods).map(
      (method): Edit =>
        draft => ({ ...draft, method }),
    ),
  },
  {
    weight: 5,
    arbitrary: extraHeaders().map(
      (header): Edit =>
        draft =>
          withHeader(draft, header),
    ),
  },
  {
    weight: 4,
    arbitrary: fc.tuple(share(), fc.constantFrom(...evilJson)).map(
      ([at, value]): Edit =>
        draft => {
          // One value of the document, wherever it stands.
          const found = [...(draft.body ?? '').matchAll(/(?<=[:[,]\s*)("[^"]*"|\d+|null)/g)]
          const one = draft.type === 'application/json' ? found[Math.floor(at * found.length)] : undefined
          if (one === undefined) return draft
          return { ...draft, body: `${one.input.slice(0, one.index)}${value}${one.input.slice(one.index + one[0].length)}` }
        },
    ),
  },
  {
    weight: 2,
    arbitrary: share().map(
      (at): Edit =>
        draft => ({ ...draft, body: draft.body?.slice(0, Math.floor(at * draft.body.length)) }),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(...evilBodies).map(
      ([type, body]): Edit =>
        draft => ({ ...draft, type, body }),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(headerValue(), fc.string({ unit: 'binary', maxLength: 40 })).map(
      ([type, body]): Edit =>
        draft => ({ ...draft, type, body: body.toWellFormed() }),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constant<Edit>(draft => (draft.protocol === 'control' ? draft : { ...draft, world: '/_worlds/other' })),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('evil.example', 'localhost', '[::1]', '127.1', 'a b', '', 'x'.repeat(300)).map(
      (host): Edit =>
        draft =>
          withHeader(draft, ['Host', host]),
    ),
  },
]

/** These plant a secret, under a name that says so: they come last, for what was made of the name otherwise says nothing. */
const plants: typeof edits = [
  {
    weight: 3,
    arbitrary: fc.constantFrom(...secretHeaders).map(
      (header): Edit =>
        draft =>
          withHeader(draft, header),
    ),
  },
  {
    weight: 3,
    arbitrary: fc.constantFrom(...secretParameters).map(
      (pair): Edit =>
        draft => ({ ...draft, query: [...draft.query, pair] }),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(...secretBodies).map(
      ([type, body]): Edit =>
        draft => ({ ...draft, type, body }),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(...ownSecrets).map(
      (pair): Edit =>
        draft =>
          withPairs(draft, pairs => [...pairs, pair]),
    ),
  },
]

const draftOf = (seed: Seed, attacker: Attacker): Draft => {
  const mark = seed.target.indexOf('?')
  const path = mark < 0 ? seed.target : seed.target.slice(0, mark)
  return {
    protocol: seed.protocol,
    method: seed.method,
    world: '',
    path: path.split('/').slice(1),
    query: mark < 0 ? [] : seed.target.slice(mark + 1).split('&'),
    headers: [['Host', `127.0.0.1:${attacker.port}`], ...credentialsFor(seed.protocol, attacker)],
    type: seed.type,
    body: seed.body,
  }
}

const credentialsFor = (protocol: Protocol, { user, password, token }: Attacker): (readonly [string, string])[] => {
  switch (protocol) {
    case 'openstack':
      return [['X-Auth-Token', token]]
    case 'control':
    case 'server':
      return []
    default:
      return [['Authorization', basic(user, password)]]
  }
}

const requestOf = ({ method, world, path, query, headers, type, body }: Draft): WildRequest => ({
  method,
  target: `${world}/${path.join('/')}${query.length === 0 ? '' : `?${query.join('&')}`}`.replace(/[^\x21-\x7e]/g, ''),
  headers: [...headers, ...(type === undefined ? [] : [['Content-Type', type] as const])],
  body: body === undefined ? undefined : Buffer.from(body),
})

/** The ids by which the mock driver answers with a fault of the provider, as the original did. */
const isFault = (target: string): boolean => /\b50[0124]\b/.test(target)

/** The control of another world than the one that is there for it; its snapshots and resets are none of the attack's business. */
const isOtherControl = (target: string): boolean =>
  /^(\/_worlds\/[^/]*)?\/_mock\b/.test(target) && !target.startsWith(`/_worlds/${controlledWorld}/_mock`)

const shares: Readonly<Record<Protocol, number>> = { deltacloud: 5, ec2: 5, s3: 4, openstack: 5, control: 3, server: 1 }

/** Requests to a server: most of them edited seeds, and some that are wild from the beginning. */
export const attacks = (seeds: readonly Seed[], attacker: Attacker): fc.Arbitrary<Attack> => {
  // Each protocol has its share, however many seeds it has.
  const ofProtocols = Object.entries(shares).map(([protocol, weight]) => ({
    weight,
    arbitrary: fc.constantFrom(...seeds.filter(one => one.protocol === protocol)),
  }))
  const edited = fc
    .tuple(fc.oneof(...ofProtocols), fc.array(fc.oneof(...edits), { maxLength: 3 }), fc.array(fc.oneof(...plants), { maxLength: 1 }))
    .map(([seed, all, planted]): Attack => {
      const draft = [...all, ...planted].reduce((before, edit) => edit(before), draftOf(seed, attacker))
      return { protocol: seed.protocol, request: requestOf(draft) }
    })
  const wild = wildRequest().map(({ target, headers, ...rest }): Attack => {
    const asked = target.replace(/[^\x21-\x7e]/g, '')
    return {
      protocol: /^\/api(?=[/;?]|$)/.test(asked) ? 'deltacloud' : 'server',
      request: { ...rest, target: asked, headers: [['Host', `127.0.0.1:${attacker.port}`], ...headers] },
    }
  })
  return fc
    .oneof({ weight: 6, arbitrary: edited }, { weight: 1, arbitrary: wild })
    .filter(({ request: { target } }) => target.startsWith('/') && !isFault(target) && !isOtherControl(target))
}
