/**
 * Secrets wherever a client can put one, sent to every frontend of servers that say all they can: with a log of all levels, and with a recorder
 * between the drivers and their providers. They are looked for in every answer, in the logs, on both output streams and in the recordings.
 */

import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { startServer } from '../../src/index.ts'
import { deltacloudd } from '../cli/process.ts'
import { type Answer, type Ask, basic, clientAt } from '../support/server.ts'
import { secretBodies, secretHeaders, secretParameters } from './mutations.ts'
import { ownSecret, plantedIn, plantedInLog, secret } from './planted.ts'
import { presigned, signedHeaders } from './signing.ts'

/** Whose password is a planted secret, too: it is in every request that succeeds. */
const account = { user: 'holder', password: secret('account') }
const frontends = ['deltacloud', 'ec2', 's3', 'openstack']

/** A part of a form that has a file or a field in it. */
const part = (name: string, value: string, end = '--b--\r\n'): string =>
  `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n${end}`

/** Addresses of each frontend, and some with nothing at them. */
const targets = [
  '/api',
  '/api/instances?format=xml',
  '/api/instances?format=json',
  '/api/instances?format=html',
  '/api/instances/new?format=html',
  '/api/keys?format=html',
  '/api/none?format=html',
  '/api/instances/none?format=xml',
  '/api/realms/%zz?format=html',
  '/ec2/?Action=DescribeInstances&Version=2016-11-15',
  '/ec2/?Action=NoSuchAction',
  '/s3/',
  '/s3/none?list-type=2',
  '/s3/none/key',
  '/openstack',
  '/openstack/identity/v3/auth/tokens',
  '/openstack/compute/v2.1/servers/detail',
  '/openstack/network/v2.0/networks',
  '/openstack/object-store/v1/AUTH_00000000000000000000000000000000/box/key',
  '/_mock/worlds',
  '/_mock/none?format=html',
  '/_worlds/other/api/instances?format=html',
  '/',
  '/healthz',
  '/nothing',
]

const withQuery = (target: string, query: string): string => `${target}${target.includes('?') ? '&' : '?'}${query}`

/** Every secret to every address, in every place. */
const plain = (targets: readonly string[]): Ask[] =>
  targets.flatMap(target => [
    ...secretHeaders.map(([name, value]): Ask => ({ target, headers: { [name]: value }, login: false })),
    ...secretParameters.map(
      (query): Ask => ({ target: withQuery(target, query), headers: { Authorization: basic(account.user, account.password) } }),
    ),
    ...secretParameters.slice(0, 3).map(
      (query): Ask => ({
        target: withQuery(
          target,
          query.replace(/^./, letter => letter.toUpperCase()),
        ),
        login: false,
      }),
    ),
    ...secretBodies.map(([type, body]): Ask => ({ target, body, headers: { 'Content-Type': type }, login: false })),
    { target, body: part('password', secret('field')), headers: { 'Content-Type': 'multipart/form-data; boundary=b' }, login: false },
    { target, body: part('private_key', secret('field'), ''), headers: { 'Content-Type': 'multipart/form-data; boundary=b' } },
    { target, body: `{"adminPass":"${secret('admin')}","x":`, headers: { 'Content-Type': 'application/json' } },
  ])

/** Paths and choices that hold a secret themselves. */
const inPaths = (): Ask[] => [
  { target: `/openstack/identity/v2.0/tokens/${secret('path')}` },
  { target: `/openstack/identity/v2.0/tokens/${secret('path')}/endpoints` },
  { target: `/api;provider=http:%2f%2fuser:${secret('userinfo')}@127.0.0.1:1%2fv3/instances` },
  { target: `/api;driver=openstack;provider=http:%2f%2fuser:${secret('userinfo')}@127.0.0.1:1%2fv3/instances?format=html` },
  { target: `/api;driver=ec2;provider=ec2=http:%2f%2fuser:${secret('userinfo')}@127.0.0.1:1/instances?format=json` },
  { target: `/api;password=${secret('matrix')}/instances;token=${secret('matrix')}?format=html` },
  {
    target: '/api/instances',
    headers: { 'X-Deltacloud-Driver': 'openstack', 'X-Deltacloud-Provider': `http://user:${secret('userinfo')}@127.0.0.1:1/v3` },
  },
]

/** Requests that prove themselves: right ones, and ones of a wrong secret. */
const signed = (host: string): Ask[] =>
  (['s3', 'ec2'] as const).flatMap(service =>
    [account, { ...account, password: secret('wrong') }].flatMap(who => {
      const target = service === 's3' ? '/s3/' : '/ec2/?Action=DescribeKeyPairs&Version=2016-11-15'
      const request = { ...who, method: 'GET', target, host, service, sessionToken: secret('session') }
      return [
        { target, headers: signedHeaders(request), login: false },
        { target: presigned(request), login: false },
      ]
    }),
  )

/** What makes resources that hold a secret of their own. */
const making = (): Ask[] => {
  const headers = { Authorization: basic(account.user, account.password) }
  const userData = `#!/bin/sh\n# ${ownSecret('data')}\n`
  const form = { ...headers, 'Content-Type': 'application/x-www-form-urlencoded' }
  return [
    { target: '/api/instances?format=json', headers, json: { image_id: '{image}', name: 'web', user_data: userData } },
    {
      target: '/api/instances?format=xml',
      headers,
      json: { image_id: '{image}', name: 'web', user_data: Buffer.from(userData).toString('base64') },
    },
    { target: '/api/instances?format=json', headers, json: { image_id: '{image}', password: ownSecret('login') } },
    {
      target: '/ec2/',
      headers: form,
      body: `Action=RunInstances&ImageId={image}&MinCount=1&MaxCount=1&UserData=${Buffer.from(userData).toString('base64')}`,
    },
    { target: '/ec2/', headers: form, body: `Action=RunInstances&ImageId={image}&MinCount=1&MaxCount=1&UserData=${ownSecret('raw')}` },
  ]
}

/** Signatures of requests and private keys that were made here: no text may have them, though nobody has planted them. */
const secretsOf = (request: Ask, answer: Answer): readonly string[] => [
  ...(/Signature=([0-9a-f]{64})/.exec(`${request.target} ${request.headers?.Authorization ?? ''}`)?.slice(1) ?? []),
  ...(answer.headers.get('x-subject-token') === undefined ? [] : [answer.headers.get('x-subject-token') ?? '']),
  ...[...answer.text.matchAll(/-----BEGIN (?:RSA )?PRIVATE KEY-----\s*([A-Za-z0-9+/]{40})/g)].map(([, line = '']) => line),
]

interface Sort {
  readonly name: string
  /** @param port of a server with the same account, for drivers that need a provider */
  readonly args: (ports: { openstack: number; ec2: number }) => readonly string[]
  readonly log: 'a file' | 'the standard error output'
  /** Recordings are written anew after each request, so those servers are asked less. */
  readonly isRecorded: boolean
}

const sorts: readonly Sort[] = [
  { name: 'the mock cloud', args: () => mockCloud, log: 'a file', isRecorded: false },
  { name: 'the mock cloud', args: () => mockCloud, log: 'the standard error output', isRecorded: false },
  {
    name: 'OpenStack',
    args: ({ openstack }) => ['-i', 'openstack', '-P', `http://127.0.0.1:${openstack}/openstack/identity/v3`],
    log: 'a file',
    isRecorded: true,
  },
  {
    name: 'EC2',
    args: ({ ec2 }) => ['-i', 'ec2', '-P', `ec2=http://127.0.0.1:${ec2}/ec2;s3=http://127.0.0.1:${ec2}/s3`],
    log: 'the standard error output',
    isRecorded: true,
  },
]

const mockCloud = ['-i', 'mock', '--account', `${account.user}:${account.password}`]

const recordedTargets = ['/api/instances?format=html', '/ec2/?Action=DescribeInstances']

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map(name => join(folder, name))
    .filter(file => statSync(file).isFile())

t.setTimeout(240_000)

for (const { name, args, log, isRecorded } of sorts) {
  t.test(`no secret is shown by a server for ${name} with a verbose log to ${log}`, async t => {
    const folder = mkdtempSync(join(tmpdir(), 'secrets-'))
    const mock = { accounts: { [account.user]: account.password } }
    const providers = await Promise.all(
      ['openstack', 'ec2'].map(provider => startServer({ host: '127.0.0.1', port: 0, provider, frontends, mock })),
    )
    const [openstack = 0, ec2 = 0] = providers.map(({ address }) => address.port)
    const running = deltacloudd([
      ...args({ openstack, ec2 }),
      ...['-p', '0', '-r', '127.0.0.1', '-f', frontends.join(','), '-V'],
      ...(log === 'a file' ? ['-L', join(folder, 'log')] : []),
      ...(isRecorded ? ['--record', join(folder, 'recording')] : []),
    ])
    t.teardown(async () => {
      running.child.kill('SIGKILL')
      await running.ended
      await Promise.all(providers.map(one => one.close(0)))
      rmSync(folder, { recursive: true })
    })
    const { port, host } = new URL(await running.listens())
    const { ask, close } = clientAt(Number(port))
    t.teardown(close)
    const shown: string[] = []
    const others: string[] = []
    const images = await ask({ target: '/api/images?format=json', headers: { Authorization: basic(account.user, account.password) } })
    const image = /"id": ?"([^"]+)"/.exec(images.text)?.[1] ?? 'none'
    const asked = [...plain(isRecorded ? recordedTargets : targets), ...inPaths(), ...signed(host), ...making()]
    for (const request of asked) {
      const answer = await ask(JSON.parse(JSON.stringify(request).replaceAll('{image}', image)))
      const leak = plantedIn([...answer.headers].join('\n')) ?? plantedIn(answer.text)
      if (leak !== undefined) shown.push(`${request.method ?? ''} ${request.target} shows ${leak.word}: ${leak.excerpt}`)
      others.push(...secretsOf(request, answer))
    }
    t.same(shown.slice(0, 10), [], 'no answer shows a secret')
    running.child.kill('SIGTERM')
    await running.ended
    const texts = [
      ...filesBelow(folder).map(file => [file, readFileSync(file, 'utf8')] as const),
      ['stdout', running.said.out],
      ['stderr', running.said.err],
    ] as const
    t.ok(
      texts.some(([, text]) => text.includes('/openstack/identity')),
      'the log has the requests',
    )
    if (isRecorded)
      t.ok(
        texts.some(([file]) => file.includes('recording')),
        'there is a recording',
      )
    for (const [where, text] of texts) {
      t.same(plantedInLog(text), undefined, `${where} holds no planted secret`)
      t.same(others.filter(one => text.includes(one)).slice(0, 3), [], `${where} holds no signature and no private key`)
    }
  })
}
