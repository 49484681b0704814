/** What pages say and hold, whatever the names of things are. */

import fc from 'fast-check'
import t from 'tap'
import { html, prose } from '../../../src/server/pages/html.ts'
import { withQuery } from '../../../src/server/pages/scene.ts'
import { type Answer, type Ask, type Client, inProcess, overHttp, runs } from '../../support/server.ts'

const look = (client: Client, target: string, more: Partial<Ask> = {}): Promise<Answer> =>
  client.ask({ target, headers: { Accept: 'text/html' }, ...more })

const send = (client: Client, target: string, values: Readonly<Record<string, string>>): Promise<Answer> =>
  client.ask({
    target,
    body: new URLSearchParams(values).toString(),
    headers: { Accept: 'text/html', 'Content-Type': 'application/x-www-form-urlencoded' },
  })

t.test('text can’t become markup, wherever a template puts it', async () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), text => {
      const { markup } = html`<p title="${text}">${text}</p>`
      const [, attribute = '', content = ''] = /^<p title="([^"]*)">([^<]*)<\/p>$/.exec(markup) ?? []
      return !/[<>"']/.test(attribute + content) && markup.length >= text.length
    }),
    runs(300),
  )
})

t.test('a template leaves nothing for what is absent, and joins lists', async t => {
  t.equal(html`a${undefined}b${false}c${[1, html`<i>`, ['&']]}`.markup, 'abc1<i>&amp;')
  t.equal(prose('give `id`, or `<all>`').markup, 'give <code>id</code>, or <code>&lt;all&gt;</code>')
})

t.test('an address gets another query and keeps the rest', async t => {
  t.equal(withQuery('http://a/b', { format: 'xml' }), 'http://a/b?format=xml')
  t.equal(withQuery('http://a/b?x=1&format=html&y=%20', { format: 'json' }), 'http://a/b?x=1&y=%20&format=json')
  t.equal(withQuery('http://a/b?page=2', { page: undefined }), 'http://a/b')
})

t.test('names of resources come back as text in lists, titles and facts', async t => {
  const cloud = await inProcess()
  t.teardown(() => cloud.close())
  await fc.assert(
    fc.asyncProperty(
      fc.string({ minLength: 1, unit: fc.constantFrom('<', '>', '&', '"', "'", '`', '=', '/', 'a', ' ', '}', '$') }),
      async name => {
        const made = await send(cloud, '/api/instances', { image_id: 'img1', name })
        const list = await look(cloud, '/api/instances')
        for (const { text } of [made, list]) {
          if (/<(?!\/?[a-z!])/i.test(text)) return false
          if (!text.includes(html`${name}`.markup)) return false
        }
        return made.status === 201 && list.status === 200
      },
    ),
    runs(40),
  )
})

t.test('a page loads nothing but the style sheet and the icon, and its policy allows no more', async t => {
  const server = await overHttp()
  t.teardown(() => server.close())
  for (const target of ['/api', '/api/instances/inst1', '/api/instance_states', '/api/instances/new', '/api/nothing']) {
    const { text, headers } = await look(server, target)
    t.match(text, /^<!DOCTYPE html>/)
    t.notMatch(text, /<script|<style|\sstyle=|\son[a-z]+=/i)
    t.match(headers.get('content-security-policy'), /default-src 'none'; style-src 'self'; img-src 'self'/)
    const loaded = [...text.matchAll(/<link rel="(?:stylesheet|icon)" href="([^"]+)"/g)].map(([, href = '']) => href)
    t.equal(loaded.length, 2)
    for (const href of loaded) {
      const asset = await server.ask({ target: href, login: false })
      t.equal(asset.status, 200)
      t.match(asset.headers.get('cache-control'), /immutable/)
      const again = await server.ask({ target: href, login: false, headers: { 'If-None-Match': asset.headers.get('etag') ?? '' } })
      t.equal(again.status, 304)
      t.equal(again.body.length, 0)
    }
  }
  const plain = await server.ask({ target: '/assets/deltacloud.css', login: false })
  t.match(plain.headers.get('cache-control'), /must-revalidate/, 'without its version it is asked for again')
  t.equal((await server.ask({ target: '/assets/nothing.css', login: false })).status, 404)
})

t.test('an index shows a part of what is too much for a page, and leads to the rest', async t => {
  const cloud = await inProcess()
  t.teardown(() => cloud.close())
  for (let launched = 0; launched < 396; launched += 99)
    t.equal((await send(cloud, '/api/instances', { image_id: 'img1', instance_count: '99' })).status, 201)
  const rows = (text: string): number => [...text.matchAll(/<th role="rowheader"/g)].length
  const first = await look(cloud, '/api/instances?owner_id=mockuser')
  t.equal(rows(first.text), 200)
  t.match(first.text, /1 to 200 of 400 instances match/)
  const next = /<a href="([^"]+)">Next<\/a>/.exec(first.text)?.[1]?.replaceAll('&amp;', '&') ?? ''
  t.match(next, /owner_id=mockuser&page=2$/)
  const second = await look(cloud, next.slice('http://cloud.test'.length))
  t.equal(rows(second.text), 200)
  t.match(second.text, /Page 2 of 2/)
  t.equal(rows((await look(cloud, '/api/instances?page=nonsense')).text), 200)
  t.equal(
    (JSON.parse((await cloud.ask('/api/instances?format=json&page=2')).text) as { instances: unknown[] }).instances.length,
    400,
    'documents are whole',
  )
})

t.test('boxes of a filter that were left empty filter nothing', async t => {
  const cloud = await inProcess()
  t.teardown(() => cloud.close())
  const { text } = await look(cloud, '/api/images?id=&architecture=i386&owner_id=')
  t.match(text, /2 images match/)
  t.match((await look(cloud, '/api/images?id=&architecture=&owner_id=')).text, /<caption>3 images<\/caption>/)
  t.match((await look(cloud, '/api/hardware_profiles?id=&architecture=')).text, /<caption>4 hardware profiles<\/caption>/)
})

t.test('actions that the state doesn’t permit, and those that the driver lacks, have no button', async t => {
  const cloud = await inProcess()
  t.teardown(() => cloud.close())
  const { text } = await look(cloud, '/api/instances/inst1')
  t.match(text, /action="[^"]*\/instances\/inst1\/stop"/)
  t.notMatch(text, /action="[^"]*\/instances\/inst1\/start"/)
  const stopped = await send(cloud, '/api/instances/inst1/stop', {})
  t.equal(stopped.status, 202)
  t.notMatch(stopped.text, /action="[^"]*\/instances\/inst1\/(start|stop|reboot)"/)
  t.match(stopped.text, /Look again/)
})

t.test('the form of a launch offers every profile, and asks only for what one of them leaves open', async t => {
  const cloud = await inProcess()
  t.teardown(() => cloud.close())
  const { text } = await look(cloud, '/api/instances/new?image_id=img1&realm_id=eu')
  const names = new Set([...text.matchAll(/<(?:input|select|textarea|button)[^>]*? name="([^"]+)"/g)].map(([, name = '']) => name))
  for (const name of [
    'image_id',
    'name',
    'realm_id',
    'hwp_id',
    'hwp_cpu',
    'hwp_memory',
    'hwp_storage',
    'keyname',
    'password',
    'user_data',
    'firewalls0',
    'path1',
    'content5',
    'instance_count',
    'metrics',
    'load_balancer_id',
    'snapshot_id',
    'commit',
  ]) {
    t.ok(names.has(name), `it has ${name}`)
  }
  t.notOk(names.has('hwp_architecture'), 'no profile leaves the architecture open')
  t.match(text, /<option value="eu" selected>/, 'what the address says is chosen')
  for (const id of ['m1-small', 'm1-large', 'm1-xlarge', 'opaque']) t.match(text, `name="hwp_id" value="${id}"`)
})

t.test('the page of a failure has its status and its reason, and none of our secrets', async t => {
  const cloud = await inProcess()
  t.teardown(() => cloud.close())
  const missing = await look(cloud, '/api/instances/nope')
  t.equal(missing.status, 404)
  t.match(missing.text, /<title>404 - Not Found<\/title>/)
  const refused = await look(cloud, '/api/instances', { login: false })
  t.equal(refused.status, 401)
  t.match(refused.headers.get('www-authenticate'), /^Basic /)
  t.match(refused.text, /Log in when the browser asks/)
  const wrong = await send(cloud, '/api/keys', { public_key: 'top secret' })
  t.equal(wrong.status, 400)
  for (const { text } of [missing, refused, wrong]) {
    t.notMatch(text, /top secret|Authorization|node:|\.ts:\d/)
    t.match(text, /What to do next/)
  }
})

t.test('the form of the first page leads to another cloud', async t => {
  const cloud = await inProcess()
  t.teardown(() => cloud.close())
  const to = async (values: Readonly<Record<string, string>>): Promise<string | undefined> =>
    (await send(cloud, '/api', values)).headers.get('location')
  t.equal(await to({ driver: 'mock', provider: 'classic' }), 'http://cloud.test/api;driver=mock;provider=classic')
  t.equal(await to({ driver: 'mock', provider: 'default' }), 'http://cloud.test/api;driver=mock')
  t.equal(await to({ provider: 'classic' }), 'http://cloud.test/api;provider=classic')
})
