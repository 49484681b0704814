import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { ask, deltacloudd, mockuser, type Running } from './process.ts'

const folder = mkdtempSync(join(tmpdir(), 'deltacloudd-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))

/** A server on a free port, gone with the test. */
const serve = (t: Test, args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Running => {
  const server = deltacloudd(['-i', 'mock', '-p', '0', ...args], { env })
  t.teardown(() => server.child.kill('SIGKILL'))
  return server
}

/** Begins to store a blob. @returns when the server has begun to read it, with what finishes it and answers with the status. */
const beginUpload = async (url: string): Promise<() => Promise<number>> => {
  await ask(`${url}/api/buckets?name=shutdown`, { method: 'POST' })
  const sent = request(`${url}/api/buckets/shutdown/slow`, {
    method: 'PUT',
    auth: mockuser,
    agent: false,
    headers: { expect: '100-continue' },
  })
  const status = new Promise<number>((resolve, reject) => {
    sent.once('response', answer => text(answer).then(() => resolve(answer.statusCode ?? 0), reject))
    sent.once('error', reject)
  })
  // Whoever doesn't finish it doesn't care how it ends.
  status.catch(() => undefined)
  sent.flushHeaders()
  await new Promise(resolve => sent.once('continue', resolve))
  sent.write('first ')
  return () => {
    sent.end('second')
    return status
  }
}

t.test('it says where it is, as whom to ask, and how', async t => {
  const server = serve(t)
  const url = await server.listens()
  await server.hears(/curl .*\n/)
  const [first, user, curl] = server.said.out.split('\n')
  t.match(first, /^Starting Deltacloud API :: mock :: http:\/\/localhost:[1-9]\d*\/api$/)
  t.match(user, 'mockuser')
  t.match(curl, `'${url}/api/instances?format=xml'`)
  t.match(await ask(`${url}/api/instances?format=xml`), { status: 200, body: /<instances/ })
  server.child.kill('SIGTERM')
  t.match(await server.ended, { code: 0, err: /^Stopping.*\n$/ })
})

t.test('the curl that it prints works', { skip: hasProgram('curl') ? false : 'no curl here' }, async t => {
  const server = serve(t)
  await server.listens()
  const command = (await server.hears(/^ {2}(curl .*)$/m))[1] ?? ''
  t.match(execFileSync('sh', ['-c', `${command} --silent --show-error --fail`], { encoding: 'utf8' }), '<instance ')
})

t.test('the start message names the provider', async t => {
  const server = serve(t, ['-P', 'classic'])
  await server.listens()
  t.match(server.said.out, /^Starting Deltacloud API :: mock :: classic :: http:/)
})

t.test('who speaks OpenStack is given an openrc that logs in', async t => {
  const server = serve(t, ['-P', 'openstack', '-f', 'openstack'])
  await server.hears(/^ {2}openstack server list$/m)
  const openrc = server.said.out.split('\n').filter(line => line.startsWith('  export '))
  const told = execFileSync('sh', ['-c', `${openrc.join('\n')}\nenv`], { encoding: 'utf8' })
  const value = (name: string): string => new RegExp(`^${name}=(.*)$`, 'm').exec(told)?.[1] ?? ''
  const domain = { id: value('OS_USER_DOMAIN_ID') }
  const user = { name: value('OS_USERNAME'), password: value('OS_PASSWORD'), domain }
  const scope = { project: { name: value('OS_PROJECT_NAME'), domain: { id: value('OS_PROJECT_DOMAIN_ID') } } }
  const answer = await fetch(`${value('OS_AUTH_URL')}/auth/tokens`, {
    method: 'POST',
    body: JSON.stringify({ auth: { identity: { methods: ['password'], password: { user } }, scope } }),
  })
  t.equal(answer.status, 201)
  t.match(await answer.json(), { token: { project: { name: 'mockuser' } } })
})

t.test('an unknown provider is refused', async t => {
  t.match(await deltacloudd(['-i', 'mock', '-p', '0', '-P', 'nosuch']).ended, { code: 1, err: /no provider 'nosuch'/ })
})

t.test('-l, --help and --version answer and end', async t => {
  t.match(await deltacloudd(['-l']).ended, { code: 0, out: /^Available drivers:\n\n(\w+\n)*mock\n/, err: '' })
  t.match(await deltacloudd(['--help']).ended, { code: 0, out: /^Usage: deltacloudd/, err: '' })
  t.match(await deltacloudd(['--version']).ended, { code: 0, out: /^\d+\.\d+\.\d+\n$/, err: '' })
})

t.test('a problem is told in a line or two, without a stack', async t => {
  const cases: readonly (readonly [args: string, code: number, words: RegExp])[] = [
    ['', 1, /^No driver/],
    ['-i mokc', 1, /^Driver 'mokc' is not available; did you mean 'mock'\?/],
    ['-i mock -f soap', 1, /^Frontend 'soap'/],
    ['-i mock -s', 1, /^HTTPS needs/],
    ['-i mock --nosuch', 2, /^unknown option '--nosuch'/],
    [`-i mock -c ${folder}/nosuch`, 1, /nosuch can't be read: it does not exist/],
    [`-i mock -s -k ${folder}/nokey -C ${folder}/nocert`, 1, /nokey can't be read/],
    [`-i mock -p 0 -L ${folder}`, 1, /log file .* it is a directory/],
    [`-i mock -p 0 --endpoints-file ${folder}/no/such/file`, 1, /endpoints file .* can't be written: it does not exist/],
    ['-i mock -p 0 -r nosuch.invalid', 1, /'nosuch.invalid' is not an address of this machine/],
    [`-i mock -p 0 --state ${folder}`, 1, /directory/],
  ]
  for (const [args, code, words] of cases) {
    const end = await deltacloudd(args.split(' ').filter(word => word !== '')).ended
    t.match(end, { code, out: '', err: words }, args)
    t.notMatch(end.err, /\n {4}at /, `${args}: no stack`)
    t.ok(end.err.trimEnd().split('\n').length <= 2, `${args}: at most two lines`)
  }
})

t.test('a port that is taken is told with a way out', async t => {
  const other = createServer().listen(0, 'localhost')
  t.teardown(() => other.close())
  await new Promise(resolve => other.once('listening', resolve))
  const address = other.address()
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0
  const end = await deltacloudd(['-i', 'mock', '-p', String(port)]).ended
  t.match(end, { code: 1, out: '', err: `Port ${port} of localhost is taken` })
  t.match(end.err, '--port 0')
})

t.test('a state file that is no database, or in use, is told', async t => {
  const file = join(folder, 'notes.txt')
  writeFileSync(file, 'Dear diary, this file is long enough to be looked into.\n'.repeat(100))
  t.match(await deltacloudd(['-i', 'mock', '-p', '0', '--state', file]).ended, { code: 1, err: /notes\.txt/ })
  t.match(readFileSync(file, 'utf8'), /^Dear diary/, 'and it is left alone')

  const state = join(folder, 'used.db')
  const server = serve(t, ['--state', state])
  await server.listens()
  t.match(await deltacloudd(['-i', 'mock', '-p', '0', '--state', state]).ended, { code: 1, err: /used\.db/ })
  t.match(await ask(`${await server.listens()}/api/instances?format=xml`), { status: 200 }, 'and the first one goes on')
})

t.test('a state file that is damaged is told, and the program ends', async t => {
  const state = join(folder, 'damaged.db')
  const server = serve(t, ['--state', state])
  await server.listens()
  server.child.kill('SIGTERM')
  await server.ended
  const bytes = readFileSync(state)
  writeFileSync(state, bytes.fill(0, 4096, 4096 + 100))
  const end = await deltacloudd(['-i', 'mock', '-p', '0', '--state', state]).ended
  t.match(end, { code: 1, out: '', err: /damaged\.db is damaged/ })
  t.equal(end.err.trimEnd().split('\n').length, 1)
})

t.test('the endpoints file is there while it listens', async t => {
  const file = join(folder, 'endpoints.json')
  writeFileSync(file, 'from a run before')
  const server = serve(t, ['--endpoints-file', file])
  const url = await server.listens()
  t.match(JSON.parse(readFileSync(file, 'utf8')), {
    url,
    api: `${url}/api`,
    port: Number(new URL(url).port),
    driver: 'mock',
    pid: server.child.pid,
  })
  server.child.kill('SIGTERM')
  await server.ended
  t.notOk(existsSync(file))
})

t.test('flags for the mock cloud reach it: accounts, seed, time', async t => {
  const fingerprint = async (seed: string) => {
    const server = serve(t, ['--seed', seed, '--account', 'alice:wonder:land'])
    const url = await server.listens()
    const { body } = await ask(`${url}/api/keys?name=k&format=json`, { method: 'POST', auth: 'alice:wonder:land' })
    t.match(await ask(`${url}/api/instances?format=json`, { auth: 'alice:wrong' }), { status: 401 })
    server.child.kill('SIGTERM')
    const found: unknown = JSON.parse(body)
    return JSON.stringify(found)
  }
  const [first, again, other] = await Promise.all(['s', 's', 'other'].map(fingerprint))
  const print = (answer: string | undefined) => /"fingerprint":"([^"]+)"/.exec(answer ?? '')?.[1]
  t.ok(print(first))
  t.equal(print(again), print(first))
  t.not(print(other), print(first))
})

t.test("--time-scale lets the cloud's time run faster than the wall's", async t => {
  const server = serve(t, ['--time-scale', '100000'])
  const url = await server.listens()
  const launch = async () => {
    const { body } = await ask(`${url}/api/instances?image_id=img1&format=xml`, { method: 'POST' })
    return Date.parse(/<launch_time>([^<]+)</.exec(body)?.[1] ?? '')
  }
  const begun = Date.now()
  const first = await launch()
  await ask(`${url}/api/realms?format=xml`)
  const second = await launch()
  t.ok(second - first > 100 * (Date.now() - begun), `${second - first} ms of the cloud`)
})

t.test('with API_USER and API_PASSWORD clients need no credentials, and there is a warning', async t => {
  const server = serve(t, [], { API_USER: 'mockuser', API_PASSWORD: 'mockpassword' })
  const url = await server.listens()
  t.match(await ask(`${url}/api/instances?format=xml`, { auth: undefined }), { status: 200 })
  t.match(server.said.err, /^Warning: .*API_USER/)
  t.notMatch(server.said.out, 'mockpassword')
})

t.test('a log has a line for each request, and no secrets', async t => {
  const file = join(folder, 'access.log')
  const server = serve(t, ['-L', file, '-e', 'staging'])
  const url = await server.listens()
  await ask(`${url}/api/realms?format=xml&password=hidden`, { auth: 'mockuser:hidden' })
  server.child.kill('SIGTERM')
  const { err } = await server.ended
  const lines = readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line))
  t.match(lines, [
    { msg: 'listening', url },
    {
      msg: 'request',
      method: 'GET',
      url: '/api/realms?format=xml&password=***',
      status: 401,
      name: 'deltacloud-mock',
      environment: 'staging',
    },
    { msg: 'stopping', signal: 'SIGTERM' },
  ])
  const basic = Buffer.from('mockuser:hidden').toString('base64')
  for (const secret of ['hidden', basic]) t.notMatch(readFileSync(file, 'utf8') + err, secret)
})

t.test('-L - logs to standard output, and -V shows requests on standard error', async t => {
  const json = serve(t, ['-L', '-'])
  await ask(`${await json.listens()}/healthz`)
  t.match((await json.hears(/^\{.*"msg":"request".*\}$/m))[0], '/healthz')

  const plain = serve(t, ['-V'])
  await ask(`${await plain.listens()}/healthz`)
  t.match((await plain.hears(/^info: request .*$/m))[0], 'url=/healthz status=200')
})

t.test('HTTPS is served with a key and a certificate', { skip: hasProgram('openssl') ? false : 'no openssl here' }, async t => {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-days', '2']
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  execFileSync('openssl', ['req', '-x509', ...curve, ...subject, '-keyout', key, '-out', cert], { stdio: 'ignore' })
  const server = serve(t, ['-s', '-k', key, '-C', cert])
  const url = await server.listens()
  t.match(url, /^https:/)
  t.match((await server.hears(/curl .*\n/))[0], `--cacert '${cert}'`)
  const { get } = await import('node:https')
  const status = await new Promise((resolve, reject) => {
    get(`${url}/api?format=xml`, { ca: readFileSync(cert), agent: false }, answer => {
      answer.resume()
      resolve(answer.statusCode)
    }).once('error', reject)
  })
  t.equal(status, 200)
  const swapped = await deltacloudd(['-i', 'mock', '-p', '0', '-s', '-k', cert, '-C', key]).ended
  t.match(swapped, { code: 1, err: /are not a private key and its certificate/ })
})

t.test('a running request is finished before the server stops, and new ones are refused', async t => {
  const server = serve(t)
  const url = await server.listens()
  const finish = await beginUpload(url)
  server.child.kill('SIGTERM')
  await server.hears(/Stopping/)
  // A connection that came in just before is reset.
  await t.rejects(ask(`${url}/healthz`), { code: /^ECONN(REFUSED|RESET)$/ })
  t.equal(await finish(), 200)
  t.match(await server.ended, { code: 0 })
})

t.test('an interrupt that comes twice at once, as npm sends it, is one', async t => {
  const server = serve(t)
  const finish = await beginUpload(await server.listens())
  server.child.kill('SIGINT')
  server.child.kill('SIGINT')
  await server.hears(/Stopping/)
  t.equal(await finish(), 200)
  t.match(await server.ended, { code: 130 })
})

t.test('a second signal stops it at once', async t => {
  const server = serve(t)
  await beginUpload(await server.listens())
  server.child.kill('SIGTERM')
  await server.hears(/Stopping/)
  server.child.kill('SIGINT')
  t.match(await server.ended, { code: 130 })
})

function hasProgram(name: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${name}`], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
