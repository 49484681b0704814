/** Eucalyptus signs as clouds of 2010 understand: tried on our own EC2 frontend, which knows only who was set up. */

import t from 'tap'
import { startServer } from '../../../../src/index.ts'

const cloud = await startServer({
  host: '127.0.0.1',
  port: 0,
  provider: 'ec2',
  frontends: ['ec2', 's3'],
  mock: { accounts: { alice: 'wonder+land/=' }, openToAnyone: false },
})
t.teardown(() => cloud.close(0))
const server = await startServer({
  host: '127.0.0.1',
  port: 0,
  driver: 'eucalyptus',
  provider: `ec2=${cloud.url}/ec2;s3=${cloud.url}/s3`,
})
t.teardown(() => server.close(0))

const ask = (path: string, password: string, form?: Record<string, string>): Promise<Response> =>
  fetch(`${server.url}/api/${path}`, {
    headers: { authorization: `Basic ${btoa(`alice:${password}`)}`, accept: 'application/json' },
    ...(form === undefined ? {} : { method: 'POST', body: new URLSearchParams(form) }),
  })

t.test('a signature of version 2 is taken, and one of another secret is not', async t => {
  const realms = await ask('realms', 'wonder+land/=')
  t.equal(realms.status, 200)
  t.match(await realms.json(), { realms: [{ id: 'us-east-1a' }] })
  t.equal((await ask('realms', 'another')).status, 401)
})

t.test('what is made there is found there', async t => {
  t.equal((await ask('keys', 'wonder+land/=', { name: 'my key' })).status, 201)
  t.match(await (await ask('keys', 'wonder+land/=')).json(), { keys: [{ id: 'my key' }] })
  t.equal((await ask('buckets', 'wonder+land/=', { name: 'backups' })).status, 201)
  t.match(await (await ask('buckets', 'wonder+land/=')).json(), { buckets: [{ id: 'backups' }] })
})
