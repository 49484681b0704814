/** Requests that nobody should send, and that a server must survive. */

import fc from 'fast-check'
import { anyText } from '../../conformance/generators/text.ts'
import { basic } from './server.ts'

/** A request as bytes would spell it: the target in ASCII, header values in Latin-1. */
export interface WildRequest {
  readonly method: string
  readonly target: string
  readonly headers: readonly (readonly [string, string])[]
  readonly body: Uint8Array | undefined
}

const collections = [
  'drivers',
  'realms',
  'hardware_profiles',
  'images',
  'instance_states',
  'instances',
  'keys',
  'storage_volumes',
  'storage_snapshots',
  'buckets',
  'addresses',
  'firewalls',
  'load_balancers',
  'metrics',
  'networks',
  'subnets',
  'network_interfaces',
]

const words = [
  ...collections,
  'docs',
  'openapi.json',
  'new',
  'inst1',
  'img1',
  'vol1',
  'bucket1',
  'blob1',
  'default',
  'test-key',
  'start',
  'stop',
  'reboot',
  'run',
  'attach',
  'detach',
  'attach_instance',
  'associate',
  'disassociate',
  'register',
  'rules',
  'new_rule',
  'content',
  'metadata',
  'create',
  'index',
  'new_blob_form_d15cfd90',
  '192.168.0.1',
  '',
  '.',
  '..',
]

/** Text with the bytes that an address can hold, encoded where they must be. */
const encoded = (text: string): string => encodeURIComponent(text.toWellFormed())

export const brokenEncodings = [
  '%',
  '%z',
  '%zz',
  '%1',
  '%ff',
  '%c3',
  '%c3%28',
  '%ed%a0%80',
  '%00',
  '%2e%2e',
  '%252e',
  '%2F',
  '%5c',
  '%u0041',
]

/** What stands between two slashes. */
const segment = (): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...words) },
    { weight: 1, arbitrary: anyText().map(encoded) },
    { weight: 1, arbitrary: fc.constantFrom(...brokenEncodings) },
    { weight: 1, arbitrary: fc.array(fc.constantFrom(...'!$&\'()*+,;=:@-._~|^`{}[]<>"\\'), { maxLength: 6 }).map(all => all.join('')) },
  )

const matrix = (): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 5, arbitrary: fc.constant('') },
    {
      weight: 2,
      arbitrary: fc.constantFrom(
        ';driver=mock',
        ';provider=classic',
        ';driver=mock;provider=default',
        ';driver=nope',
        ';provider=nope',
        ';image_id=img1',
      ),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom(';', ';;;', ';=', ';=x', ';driver', ';driver=', ';driver=%', ';%zz=1', ';driver=mock;driver=x'),
    },
    { weight: 1, arbitrary: fc.tuple(anyText(), anyText()).map(([name, value]) => `;${encoded(name)}=${encoded(value)}`) },
  )

const parameterNames = [
  'id',
  'format',
  'name',
  'state',
  'owner_id',
  'realm_id',
  'image_id',
  'hwp_id',
  'hwp_memory',
  'instance_id',
  'instance_count',
  'instance',
  'network',
  'network_id',
  'address_block',
  'capacity',
  'volume_id',
  'snapshot_id',
  'device',
  'protocol',
  'port_from',
  'port_to',
  'ip_address1',
  'group1',
  'cmd',
  'port',
  'password',
  'private_key',
  'user_data',
  'public_key',
  'blob_id',
  'blob_data',
  'meta_params',
  'meta_name1',
  'meta_value1',
  'blob_type',
  'segmented_blob',
  'segment_order',
  'listener_protocol',
  'listener_balancer_port',
  'listener_instance_port',
  'description',
  'location',
  'force_auth',
  'current',
  'driver',
  'provider',
  '_method',
  'api[driver]',
  'api[provider]',
  '__proto__',
  'constructor',
]

const parameterValues = [
  'xml',
  'json',
  'html',
  'gv',
  'svg',
  'img1',
  'inst1',
  'inst2',
  'vol1',
  'us',
  'eu',
  'm1-small',
  'm1-large',
  'net1',
  'subnet1',
  'snap1',
  'default',
  'delete',
  'put',
  'get',
  'tcp',
  '22',
  '0',
  '-1',
  '1e9',
  '99999999999999999999',
  '10.0.0.0/8',
  '::/0',
  '10.0.0.0/99',
  'segmented',
  'running',
  '/dev/sdc',
  'self',
  '',
]

const parameter = (): fc.Arbitrary<readonly [string, string]> =>
  fc.tuple(
    fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...parameterNames) }, { weight: 1, arbitrary: anyText() }),
    fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...parameterValues) }, { weight: 1, arbitrary: anyText() }),
  )

const parameters = (): fc.Arbitrary<readonly (readonly [string, string])[]> => fc.array(parameter(), { maxLength: 5 })

const form = (pairs: readonly (readonly [string, string])[]): string =>
  pairs.map(([name, value]) => `${encoded(name)}=${encoded(value)}`).join('&')

const query = (): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom('', '?format=xml', '?format=json', '?format=html') },
    { weight: 4, arbitrary: parameters().map(pairs => `?${form(pairs)}`) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        '?',
        '??',
        '?&&&',
        '?=',
        '?=x',
        '?format',
        '?format=XML',
        '?format=%',
        '?a=%zz',
        '?%=1',
        '?format=xml&format=json',
      ),
    },
  )

const root = (): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 12, arbitrary: fc.constant('/api') },
    { weight: 1, arbitrary: fc.constantFrom('', '/', '//api', '/API', '/apix', '/healthz', '/assets/x', '*') },
  )

export const wildTarget = (): fc.Arbitrary<string> =>
  fc
    .tuple(root(), matrix(), fc.array(fc.tuple(segment(), matrix()), { maxLength: 4 }), query())
    .map(([first, its, rest, asked]) => `${first}${its}${rest.map(([name, more]) => `/${name}${more}`).join('')}${asked}`)

const usualMethods = ['GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'PATCH']

export const headerValue = (): fc.Arbitrary<string> =>
  // Any byte that a header can hold.
  fc
    .array(fc.oneof(fc.integer({ min: 0x20, max: 0x7e }), fc.integer({ min: 0x80, max: 0xff })), { maxLength: 12 })
    .map(bytes => String.fromCharCode(...bytes).trim())

const header = (): fc.Arbitrary<readonly [string, string]> =>
  fc.oneof(
    fc.tuple(
      fc.constant('Accept'),
      fc.oneof(
        fc.constantFrom(
          'application/json',
          'application/xml',
          'text/html',
          '*/*',
          'text/plain',
          'application/*',
          'text/html;q=0',
          'image/png',
          'a/b;q=x, */*;q=0.1',
          ',',
          ';',
        ),
        headerValue(),
      ),
    ),
    fc.tuple(
      fc.constant('Authorization'),
      fc.oneof(
        fc.constantFrom(basic('nobody', 'x'), 'Basic', 'Basic ', 'Basic ====', 'Basic dXNlcg==', 'Bearer x', basic('mockuser', '')),
        headerValue(),
      ),
    ),
    fc.tuple(
      fc.constant('Range'),
      fc.oneof(
        fc.constantFrom('bytes=0-0', 'bytes=5-', 'bytes=-3', 'bytes=9-1', 'bytes=99-', 'bytes=0-1,3-4', 'lines=1-2', 'bytes=-0', 'bytes=-'),
        headerValue(),
      ),
    ),
    fc.tuple(fc.constant('If-None-Match'), fc.oneof(fc.constantFrom('*', '""', 'W/"x"', ','), headerValue())),
    fc.tuple(
      fc.constant('X-HTTP-Method-Override'),
      fc.oneof(fc.constantFrom('DELETE', 'get', 'HEAD', 'PUT', 'PATCH', 'OPTIONS', ''), headerValue()),
    ),
    fc.tuple(
      fc.constantFrom('X-Deltacloud-Driver', 'X-Deltacloud-Provider'),
      fc.oneof(fc.constantFrom('mock', 'MOCK', 'classic', 'default', 'ec2'), headerValue()),
    ),
    fc.tuple(fc.constant('X-Deltacloud-BlobType'), fc.constantFrom('segmented', '', 'x')),
    fc.tuple(fc.constant('X-Deltacloud-SegmentedBlob'), fc.oneof(fc.constantFrom('', 'nope'), headerValue())),
    fc.tuple(fc.constant('X-Deltacloud-SegmentOrder'), fc.oneof(fc.constantFrom('1', '0', '-1', '9999999999'), headerValue())),
    fc.tuple(fc.constantFrom('X-Deltacloud-Blobmeta-Note', 'X-Deltacloud-Blobmeta-', 'X-Deltacloud-Blobmeta-__proto__'), headerValue()),
    fc.tuple(fc.constantFrom('Referer', 'User-Agent', 'Cookie', 'Origin', 'If-Match', 'Expect-CT'), headerValue()),
    fc.tuple(fc.constant('X-Forwarded-Host'), fc.oneof(fc.constantFrom('cloud.example', 'a b', 'evil.example/<x>', ''), headerValue())),
    fc.tuple(fc.constant('X-Forwarded-Proto'), fc.constantFrom('https', 'http', 'gopher', 'https, http')),
  )

type Content = readonly [type: string | undefined, bytes: string | Uint8Array]

const boundary = 'frontier'

const part = ([name, value]: readonly [string, string]): string =>
  `--${boundary}\r\nContent-Disposition: form-data; name="${encoded(name)}"\r\n\r\n${value}\r\n`

const filePart = ([name, value]: readonly [string, string]): string =>
  `--${boundary}\r\nContent-Disposition: form-data; name="${encoded(name)}"; filename="${encoded(value)}"\r\nContent-Type: text/plain\r\n\r\n${value}\r\n`

const multipart = (): fc.Arbitrary<Content> =>
  fc
    .record({
      fields: parameters(),
      files: fc.array(parameter(), { maxLength: 2 }),
      type: fc.constantFrom(
        `multipart/form-data; boundary=${boundary}`,
        `multipart/form-data; boundary="${boundary}"`,
        'multipart/form-data',
        'multipart/form-data; boundary=',
        'multipart/form-data; boundary=other',
      ),
      end: fc.constantFrom(`--${boundary}--\r\n`, `--${boundary}--`, `--${boundary}`, '', '\r\n'),
      cut: fc.double({ min: 0, max: 1.5, noNaN: true }),
    })
    .map(({ fields, files, type, end, cut }) => {
      const whole = Buffer.from(fields.map(part).join('') + files.map(filePart).join('') + end)
      return [type, whole.subarray(0, Math.round(whole.length * Math.min(cut, 1)))]
    })

const anyJson = (): fc.Arbitrary<string> =>
  fc.oneof(
    parameters().map(pairs => JSON.stringify(Object.fromEntries(pairs))),
    fc.json(),
    fc.constantFrom(
      '{',
      '[]',
      'null',
      '"x"',
      '{"a":{}}',
      '{"a":[[]]}',
      '{"name":"\\ud800"}',
      '{"driver":"\\ud800"}',
      '{"provider":"\\udfff"}',
      '{"name":1e999}',
      '{"__proto__":"x"}',
      '\ufeff{}',
      `${'['.repeat(5000)}`,
    ),
  )

const content = (): fc.Arbitrary<Content> =>
  fc.oneof(
    parameters().map((pairs): Content => ['application/x-www-form-urlencoded', form(pairs)]),
    fc.constantFrom('a=%zz', '%', '&', '=', 'a=%ff').map((text): Content => ['application/x-www-form-urlencoded; charset=utf-16', text]),
    anyJson().map((text): Content => ['application/json', text]),
    multipart(),
    fc.tuple(fc.option(headerValue(), { nil: undefined }), fc.uint8Array({ maxLength: 64 })).map(([type, bytes]): Content => [type, bytes]),
  )

/** Any request that is HTTP at all. Most of them carry good credentials, so that they get far. */
export const wildRequest = (): fc.Arbitrary<WildRequest> =>
  fc
    .record({
      method: fc.oneof(
        { weight: 12, arbitrary: fc.constantFrom(...usualMethods) },
        { weight: 1, arbitrary: fc.constantFrom('TRACE', 'PROPFIND', 'LOCK', 'REPORT', 'QUERY') },
      ),
      target: wildTarget(),
      login: fc.integer({ min: 0, max: 5 }).map(n => n > 0),
      headers: fc.array(header(), { maxLength: 3 }),
      content: fc.option(content(), { nil: undefined }),
    })
    .map(({ method, target, login, headers, content: given }) => {
      const own: [string, string][] = login ? [['Authorization', basic()]] : []
      const type = given?.[0]
      if (type !== undefined) own.push(['Content-Type', type])
      const taken = new Set(own.map(([name]) => name))
      return {
        method,
        target,
        headers: [...own, ...headers.filter(([name]) => !taken.has(name))],
        body: given === undefined ? undefined : Buffer.from(given[1]),
      }
    })
    .filter(
      ({ target, headers, body }) =>
        !isFault(target) && !headers.some(([, value]) => isFault(value)) && !isFault(Buffer.from(body ?? []).toString('latin1')),
    )

/** The ids by which the original's mock driver answers with a fault of the provider. */
const isFault = (text: string): boolean => /50[0124]/.test(text)
