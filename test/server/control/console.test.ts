/** The console as a document: what it's sent with, and when it's sent again. */

import t from 'tap'
import { controlled, launch } from './support.ts'

t.test('the console runs its own script only, and goes into no frame', async t => {
  const server = await controlled()
  t.teardown(server.close)
  const page = await server.raw('/_mock/console')
  t.equal(page.status, 200)
  t.equal(page.headers.get('content-type'), 'text/html')
  const policy = page.headers.get('content-security-policy') ?? ''
  for (const part of ["default-src 'none'", "script-src 'self'", "connect-src 'self'", "form-action 'self'", "frame-ancestors 'none'"])
    t.ok(policy.includes(part), part)
  t.notMatch(page.text, /<script(?![^>]*\ssrc=)/, 'no script stands in the page')
  t.notMatch(page.text, /\son\w+=/, 'no handler stands in it')
  const [, script = ''] = /<script src="([^"]+)"/.exec(page.text) ?? []
  const sent = await server.raw(script)
  t.equal(sent.status, 200)
  t.match(sent.headers.get('content-type'), /^text\/javascript/)
})

t.test('names that hold markup are shown as they are', async t => {
  const server = await controlled()
  t.teardown(server.close)
  await launch(server, '<img src=x onerror=alert(1)>')
  await server.control('POST', '/faults', { note: '<script>alert(1)</script>', match: {}, effect: { latency: 0 } })
  const { text } = await server.raw('/_mock/console?text=%22%3E%3Cscript%3E')
  t.notMatch(text, /<img src=x|<script>/)
  t.match(text, /&lt;img src=x/)
})

t.test('the page comes again when something has changed, be it in the log or not', async t => {
  const server = await controlled()
  t.teardown(server.close)
  let tag = ''
  const status = async (): Promise<number> => {
    const answer = await server.raw({ target: '/_mock/console', headers: { 'If-None-Match': tag } })
    tag = answer.headers.get('etag') ?? ''
    return answer.status
  }
  t.equal(await status(), 200)
  const changes: readonly (readonly [what: string, make: () => Promise<unknown>])[] = [
    ['an instance is launched', () => launch(server, 'web')],
    ['time passes', () => server.control('POST', '/clock/advance', { by: '1s' })],
    ['a rule is added', () => server.control('POST', '/faults', { match: { operation: 'keys.list' }, effect: { latency: 0 } })],
    ['a rule hits', () => server.raw('/api/keys')],
    ['a quota is set', () => server.control('POST', '/limits/quotas', { instances: 50 })],
    ['a world is made', () => server.control('POST', '/worlds', { name: 'another' })],
    ['the clock is let go', () => server.control('POST', '/clock', { mode: 'scaled', scale: 0.001 })],
  ]
  for (const [what, make] of changes) {
    t.equal(await status(), 304, `before ${what}`)
    await make()
    t.equal(await status(), 200, what)
  }
})

t.test('what a browser asked for by a form leads back to the console', async t => {
  const server = await controlled()
  t.teardown(server.close)
  const form = { 'Content-Type': 'application/x-www-form-urlencoded', Accept: 'text/html,*/*;q=0.8' }
  const sent = await server.raw({ method: 'POST', target: '/_mock/clock/advance', body: 'by=10s', headers: form })
  t.equal(sent.status, 303)
  t.match(sent.headers.get('location'), /^http:\/\/127\.0\.0\.1:\d+\/_mock\/console$/)
  await server.control('POST', '/worlds', { name: 'one' })
  const elsewhere = await server.raw({ method: 'POST', target: '/_worlds/one/_mock/faults?_method=delete', headers: form })
  t.match(elsewhere.headers.get('location'), /\/_worlds\/one\/_mock\/console$/)
  const refused = await server.raw({ method: 'POST', target: '/_mock/clock/advance', body: 'by=x', headers: form })
  t.equal(refused.status, 400)
  t.match(refused.text, /^<!DOCTYPE html>/, 'what went wrong is a page')
  t.match(refused.headers.get('content-security-policy'), /default-src 'none'/)
})

t.test('every link of the console leads somewhere, and stays in its world', async t => {
  const server = await controlled()
  t.teardown(server.close)
  await launch(server, 'a b/ü')
  await server.control('POST', '/worlds/default/fork', { to: 'copy' })
  const { text } = await server.raw('/_worlds/copy/_mock/console')
  const links = [...text.matchAll(/<a [^>]*href="([^"#][^"]*)"/g)].map(
    ([, href = '']) => new URL(href.replaceAll('&amp;', '&'), server.url),
  )
  t.ok(links.length > 20, `${links.length} links`)
  for (const { pathname, search } of links) {
    t.equal((await server.raw(pathname + search)).status, 200, pathname)
    t.ok(pathname === '/' || pathname.startsWith('/_worlds/'), pathname)
  }
})
