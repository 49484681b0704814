/** Commands on an instance, over SSH, before a real SSH server of this process. */

import { generateKeyPairSync } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import ssh2 from 'ssh2'
import t, { type Test } from 'tap'
import type { Context } from '../../src/drivers/context.ts'
import { run } from '../../src/drivers/shell.ts'
import { CloudError } from '../../src/model/errors.ts'
import type { Instance } from '../../src/model/resources.ts'

const hostKey = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  publicKeyEncoding: { type: 'pkcs1', format: 'pem' },
}).privateKey

/** One that takes `root` with the password `right`, and says what it was asked. @returns its port */
const listening = async (t: Test): Promise<number> => {
  const server = new ssh2.Server({ hostKeys: [hostKey] }, client => {
    client.on('error', () => undefined)
    client.on('authentication', login => {
      if (login.method === 'password' && login.username === 'root' && login.password === 'right') login.accept()
      else login.reject(['password'])
    })
    client.on('session', accept => {
      accept().on('exec', (answer, _refuse, { command }) => {
        const channel = answer()
        channel.write(`asked ${command}\n`)
        channel.stderr.write('and warned\n')
        channel.exit(0)
        channel.end()
      })
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  return (server.address() as AddressInfo).port
}

const instance = (addresses: readonly string[]): Instance => ({
  id: 'i1',
  state: 'running',
  publicAddresses: addresses.map(address => ({ address, type: 'ipv4' as const })),
  privateAddresses: [],
  storageVolumes: [],
})

const context = (signal: AbortSignal): Context => {
  const silent = () => undefined
  return {
    signal,
    deadline: Date.now() + 20_000,
    transport: { send: () => Promise.reject(new Error('SSH needs no provider')) },
    now: Date.now,
    sleep: async () => undefined,
    random: () => 0,
    log: { debug: silent, info: silent, warn: silent, error: silent },
    sessions: { remember: async (_key, make) => (await make()).value, forget: silent },
    wire: {},
    world: 'default',
  }
}

const refusal = async (asking: Promise<unknown>): Promise<CloudError> => {
  const error = await asking.then(
    () => new Error('It was not refused'),
    (reason: unknown) => reason,
  )
  if (error instanceof CloudError) return error
  throw error
}

const { signal } = new AbortController()

t.test('a command gives what it wrote, wherever it wrote it', async t => {
  const port = await listening(t)
  const result = await run(instance(['127.0.0.1']), { command: 'uname', password: 'right', port }, context(signal))
  t.match(result, { id: 'i1', publicAddress: '127.0.0.1', command: 'uname' })
  t.match(result.output, /asked uname/)
  t.match(result.output, /and warned/)
})

t.test('a wrong password is a bad request, and stays a secret', async t => {
  const port = await listening(t)
  const error = await refusal(run(instance(['127.0.0.1']), { command: 'x', password: 'wrong-one', port }, context(signal)))
  t.equal(error.kind, 'bad-request')
  t.notMatch(error.message, /wrong-one/)
})

t.test('what can’t be tried is refused before anything is', async t => {
  const cases = [
    run(instance([]), { command: 'x', password: 'p' }, context(signal)),
    run(instance(['127.0.0.1']), { command: 'x' }, context(signal)),
    run(instance(['127.0.0.1']), { command: 'x', privateKey: 'no key at all' }, context(signal)),
  ]
  for (const asking of cases) t.equal((await refusal(asking)).kind, 'bad-request')
})

t.test('an instance that can’t be reached is an error of the provider', async t => {
  const error = await refusal(run(instance(['127.0.0.1']), { command: 'x', password: 'p', port: 1 }, context(signal)))
  t.equal(error.kind, 'provider-error')
})

t.test('who stops asking isn’t kept waiting', async t => {
  const port = await listening(t)
  const stopping = new AbortController()
  const asking = run(instance(['127.0.0.1']), { command: 'x', password: 'right', port }, context(stopping.signal))
  stopping.abort(new CloudError('provider-timeout', 'enough'))
  t.equal((await refusal(asking)).message, 'enough')
})

t.test('where a command is run is checked, as told by the provider or by the client', async t => {
  const port = await listening(t)
  const asked: (readonly [host: string, address: string, isTold: boolean])[] = []
  const access = {
    level: 'trusted' as const,
    checkOrigin: () => undefined,
    checkAddress: () => undefined,
    checkInstance: (...asking: readonly [host: string, address: string, isTold: boolean]) => {
      asked.push(asking)
      if (!asking[2]) throw new CloudError('forbidden', 'not there')
    },
  }
  const how = { command: 'uname', password: 'right', port }
  await run(instance(['127.0.0.1']), how, { ...context(signal), access })
  await run(instance(['10.0.0.1', '127.0.0.1']), { ...how, ip: '127.0.0.1' }, { ...context(signal), access })
  const elsewhere = run(instance(['10.0.0.1']), { ...how, ip: '127.0.0.1' }, { ...context(signal), access })
  t.equal((await refusal(elsewhere)).kind, 'forbidden')
  t.same(asked, [
    ['127.0.0.1', '127.0.0.1', true],
    ['127.0.0.1', '127.0.0.1', true],
    ['127.0.0.1', '127.0.0.1', false],
  ])
})
