/** Whatever is sent, each service answers in its own words, and never with 500. */

import fc from 'fast-check'
import t from 'tap'
import { Client, start } from './support.ts'

const server = await start()
t.teardown(() => server.close(0))
const client = await Client.open(server.url)

const services = [
  'load-balancer/v2/lbaas',
  'identity/v3',
  'identity/v2.0',
  'compute/v2.1',
  'image/v2',
  `volume/v3/${client.project}`,
  'network/v2.0',
  `object-store/v1/AUTH_${client.project}`,
]
const segments = fc.constantFrom(
  ...[
    'servers',
    'detail',
    'action',
    'metadata',
    'flavors',
    'images',
    'os-keypairs',
    'os-interface',
    'os-volume_attachments',
    'volumes',
    'snapshots',
  ],
  ...[
    'networks',
    'subnets',
    'ports',
    'floatingips',
    'security-groups',
    'security-group-rules',
    'auth',
    'tokens',
    'projects',
    'tenants',
    'box',
    '1',
  ],
  ...['%', '%00', '%2F', '..', 'a b', '', 'ünïcode', 'x'.repeat(300)],
)
const words = fc.constantFrom(
  ...[
    'server',
    'name',
    'imageRef',
    'flavorRef',
    'networks',
    'volume',
    'size',
    'network',
    'subnet',
    'cidr',
    'port',
    'auth',
    'identity',
    'methods',
  ],
  ...[
    'security_group_rule',
    'keypair',
    'floatingip',
    'os-start',
    'reboot',
    'createImage',
    'metadata',
    'volumeAttachment',
    'interfaceAttachment',
  ],
)
const value = fc.letrec<{ value: unknown }>(tie => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom<unknown>(null, true, 0, -1, 1e21, '', 'default', 'none', 'password', '10.0.0.0/24'),
    fc.string({ unit: 'binary', maxLength: 10 }),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(words, tie('value'), { maxKeys: 4 }),
  ),
})).value
const bodies = fc.oneof(
  value.map(one => JSON.stringify(one)),
  fc.string({ unit: 'binary', maxLength: 50 }),
  fc.constant('[]'.padStart(20_000, '[')),
)
const headers = fc.dictionary(
  fc.constantFrom(
    'range',
    'etag',
    'x-copy-from',
    'destination',
    'x-object-manifest',
    'if-match',
    'x-subject-token',
    'x-object-meta-a',
    'content-type',
    'accept',
  ),
  fc.string({ maxLength: 20 }).map(text => text.replace(/[^ -~]/g, '').trim()),
  { maxKeys: 2 },
)
const queries = fc.dictionary(
  fc.constantFrom('limit', 'marker', 'name', 'sort', 'sort_key', 'fields', 'format', 'multipart-manifest', 'prefix', 'delimiter'),
  fc.string({ maxLength: 8 }),
  { maxKeys: 3 },
)

/** In the form that a service has. */
const isOwn = (service: string, text: string, status: number): boolean => {
  if (/^(object-store|image)/.test(service) && status !== 401) return /^<html>/.test(text)
  const [name = ''] = Object.keys(Object(JSON.parse(text)))
  return service.startsWith('network') && status !== 401
    ? name === 'NeutronError'
    : service.startsWith('identity') || status === 401
      ? name === 'error'
      : /^[a-z][A-Za-z]+$/.test(name)
}

t.test('no request makes a service fail', async t => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...services),
      fc.array(segments, { maxLength: 4 }),
      fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'PATCH', 'COPY'),
      headers,
      queries,
      bodies,
      async (service, path, method, more, query, body) => {
        const hasBody = method !== 'GET' && method !== 'HEAD'
        const where = `/${service}/${path.map(part => part.replaceAll(' ', '%20')).join('/')}?${new URLSearchParams(query)}`
        const { status, text } = await client.ask(where, method, { headers: more, ...(hasBody ? { body } : {}) })
        if (status === 500 || status === 502) throw new Error(`${method} ${where} is answered with ${status}: ${text}`)
        if (status >= 400 && method !== 'HEAD' && !isOwn(service, text, status) && !path.includes('..'))
          throw new Error(`${method} ${where} is answered with ${status} in other words: ${text}`)
      },
    ),
    { numRuns: 600 },
  )
  t.equal((await client.ask('/compute/v2.1/servers')).status, 200)
})

t.test('a request that is too large is refused, and no other is hurt', async t => {
  const body = JSON.stringify({ server: { name: 'x'.repeat(2 * 1024 * 1024) } })
  t.equal((await client.ask('/compute/v2.1/servers', 'POST', { body })).status, 413)
  t.equal((await client.ask('/compute/v2.1/servers')).status, 200)
})
