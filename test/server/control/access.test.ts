/** Who may control the simulator. */

import { networkInterfaces } from 'node:os'
import t from 'tap'
import { wireRequest } from '../../../src/drivers/wire.ts'
import { startServer } from '../../../src/index.ts'
import { admit } from '../../../src/server/control/access.ts'
import { inText } from '../../support/server.ts'
import { controlled } from './support.ts'

t.test('without a token, this machine is let in', async t => {
  const server = await controlled()
  t.teardown(server.close)
  t.equal((await server.control('GET', '/clock')).status, 200)
})

t.test('without a token, a client from elsewhere is refused', async t => {
  const request = wireRequest({ method: 'GET', target: '/_mock/clock', headers: [['Host', 'localhost']] })
  for (const address of ['192.0.2.1', '10.0.0.1', '::ffff:192.0.2.1', '2001:db8::1', '128.0.0.1', undefined])
    t.throws(() => admit(request, address, undefined), /own machine/, String(address))
  for (const address of ['127.0.0.1', '127.1.2.3', '::1', '::ffff:127.0.0.1'])
    t.doesNotThrow(() => admit(request, address, undefined), address)
})

t.test('the address that counts is that of the connection', async t => {
  const server = await startServer({ host: '0.0.0.0', port: 0 })
  t.teardown(() => server.close(0))
  t.equal((await fetch(`http://127.0.0.1:${server.address.port}/_mock/clock`)).status, 200)
  const outside = Object.values(networkInterfaces())
    .flatMap(list => list ?? [])
    .filter(one => !one.internal && one.family === 'IPv4')
  for (const { address } of outside) t.equal((await fetch(`http://${address}:${server.address.port}/_mock/clock`)).status, 403, address)
})

t.test('without a token, what a proxy passes on is refused, and so is a name that only leads here', async t => {
  const server = await controlled()
  t.teardown(server.close)
  const refused: readonly Record<string, string>[] = [
    { 'X-Forwarded-For': '127.0.0.1' },
    { Forwarded: 'for=127.0.0.1' },
    { 'X-Forwarded-Host': 'localhost' },
    { 'X-Forwarded-Proto': 'https' },
    { Via: '1.1 proxy' },
    { 'X-Real-IP': '192.0.2.1' },
    { 'CF-Connecting-IP': '192.0.2.1' },
    { Host: 'attacker.example' },
  ]
  for (const headers of refused) t.equal((await server.raw({ target: '/_mock/clock', headers })).status, 403, JSON.stringify(headers))
  for (const host of ['localhost', 'localhost.', '127.0.0.1:3001', '[::1]:3001'])
    t.equal((await server.raw({ target: '/_mock/clock', headers: { Host: host } })).status, 200, host)
})

t.test('with a token, only who shows it is let in, wherever they are', async t => {
  const server = await controlled({ controlToken: 'open sesame', allowedHosts: ['cloud.example'] })
  t.teardown(server.close)
  const ask = (headers: Record<string, string>) => server.raw({ target: '/_mock/clock', login: false, headers })
  const without = await ask({})
  t.equal(without.status, 401)
  t.match(without.headers.get('www-authenticate'), /^Basic realm=/, 'a browser asks its user')
  t.equal((await ask({ Authorization: 'Bearer open' })).status, 401)
  t.equal((await ask({ Authorization: 'Bearer ' })).status, 401)
  t.equal((await ask({ Authorization: 'Digest open sesame' })).status, 401)
  t.equal((await ask({ Authorization: 'Bearer open sesame' })).status, 200)
  t.equal((await ask({ Authorization: 'Bearer open sesame', 'X-Forwarded-For': '192.0.2.1', Host: 'cloud.example' })).status, 200)
  const password = `Basic ${Buffer.from('anyone:open sesame').toString('base64')}`
  t.equal((await ask({ Authorization: password })).status, 200, 'as a password, too')
  t.notMatch(inText(server.lines), /sesame/, 'no log shows it')
})

t.test('an empty token lets nobody in', async t => {
  await t.rejects(startServer({ port: 0, controlToken: '' }), /control token is empty/)
  const anonymous = wireRequest({ method: 'GET', target: '/_mock/clock', headers: [['Host', 'localhost']] })
  t.throws(() => admit(anonymous, '127.0.0.1', ''), /Unauthorized/)
})

t.test('a change that another site asks for is refused', async t => {
  const server = await controlled()
  t.teardown(server.close)
  const ask = (headers: Record<string, string>) => server.raw({ method: 'POST', target: '/_mock/clock/next', headers })
  t.equal((await ask({ 'Sec-Fetch-Site': 'cross-site' })).status, 403)
  t.equal((await ask({ 'Sec-Fetch-Site': 'same-site' })).status, 403)
  t.equal((await ask({ Origin: 'http://attacker.example' })).status, 403)
  t.equal((await ask({ 'Sec-Fetch-Site': 'same-origin' })).status, 200)
  t.equal((await ask({})).status, 200)
})
