/** Law D2: every link that is to be read leads to what it names, from the entry point to the last leaf, in every format. */

import t from 'tap'
import { readHtml } from '../../conformance/documents/html.ts'
import { type Element, readXml } from '../../conformance/documents/xml.ts'
import { populate } from '../support/population.ts'
import { type Answer, overHttp } from '../support/server.ts'

/** A link of a document, and the id of what it should lead to, where it says one. */
interface Link {
  readonly href: string
  readonly id: string | undefined
}

const inXml = (element: Element): Link[] => {
  const href = element.attributes.get('href')
  const method = element.attributes.get('method') ?? 'get'
  const own = href === undefined || method !== 'get' ? [] : [{ href, id: element.attributes.get('id') }]
  return [...own, ...element.children.flatMap(inXml)]
}

const inJson = (value: unknown): Link[] => {
  if (Array.isArray(value)) return value.flatMap(inJson)
  if (typeof value !== 'object' || value === null) return []
  const found: Link[] = Object.values(value).flatMap(inJson)
  const method = 'method' in value ? value.method : 'get'
  if ('href' in value && typeof value.href === 'string' && method === 'get')
    found.push({ href: value.href, id: 'id' in value && typeof value.id === 'string' ? value.id : undefined })
  if ('content_href' in value && typeof value.content_href === 'string') found.push({ href: value.content_href, id: undefined })
  return found
}

const inHtml = (source: string): Link[] =>
  readHtml(source).tags.flatMap(({ name, attributes }) => {
    const href =
      name === 'a' || name === 'link' ? attributes.get('href') : name === 'img' || name === 'script' ? attributes.get('src') : undefined
    const target = name === 'form' && (attributes.get('method') ?? 'get') === 'get' ? attributes.get('action') : href
    return target === undefined || target.startsWith('#') || target.startsWith('data:') ? [] : [{ href: target, id: undefined }]
  })

const linksOf = ({ headers, text }: Answer): Link[] => {
  switch (headers.get('content-type')) {
    case 'application/xml':
      return inXml(readXml(text))
    case 'application/json':
      return inJson(JSON.parse(text))
    case 'text/html':
      return inHtml(text)
    default:
      return []
  }
}

/** The id that a document says of itself. */
const idOf = ({ headers, text }: Answer): string | undefined => {
  if (headers.get('content-type') === 'application/xml') return readXml(text).attributes.get('id')
  if (headers.get('content-type') !== 'application/json') return undefined
  const document: unknown = JSON.parse(text)
  const [own]: unknown[] = typeof document === 'object' && document !== null ? Object.values(document) : []
  return typeof own === 'object' && own !== null && 'id' in own ? String(own.id) : undefined
}

/** Links of the original's own data that lead nowhere: `classic` keeps that data as it was (quirk M11). */
const dangling = /provider=classic\/subnets\/net1$/

const accepts: Readonly<Record<string, string>> = { xml: 'application/xml', json: 'application/json', html: 'text/html,*/*;q=0.5' }

for (const format of ['xml', 'json', 'html']) {
  for (const root of ['/api', '/api;provider=classic', '/api;driver=mock', '/api;driver=mock;provider=classic']) {
    t.test(`all links from ${root} lead to what they name, as ${format}, and stay with the cloud that was chosen`, async t => {
      const server = await overHttp()
      t.teardown(() => server.close())
      await populate(server, ['a b/ü', 'b;c', 'c?d#e', 'd%2F'], root)
      const seen = new Set<string>()
      const queue: { readonly link: Link; readonly from: string }[] = [{ link: { href: server.url + root, id: undefined }, from: 'here' }]
      const failures: string[] = []
      for (const { link, from } of queue) {
        const { origin, pathname, search } = new URL(link.href, server.url)
        if (origin !== server.url || seen.has(pathname + search)) continue
        seen.add(pathname + search)
        const said = `${link.href}, of ${from}`
        const answer = await server.ask({ target: pathname + search, headers: { Accept: accepts[format] ?? '' } })
        // A picture in PNG is there only where Graphviz is installed (quirk P37).
        if (answer.status === 406 && search === '?format=png') continue
        if (answer.status !== 200) {
          if (!dangling.test(pathname)) failures.push(`${said} answers ${answer.status}`)
          continue
        }
        // A page may offer another cloud; what lies there is another crawl.
        if (pathname !== root && /^\/api(;[^/]*)?$/.test(pathname)) continue
        // The console of the simulator shows what there is in all of them.
        if (pathname.startsWith('/_mock')) continue
        if (pathname.startsWith('/api') && pathname !== root && !pathname.startsWith(`${root}/`))
          failures.push(`${said} leads to another cloud`)
        const id = link.id === undefined ? undefined : idOf(answer)
        if (id !== undefined && id !== link.id) failures.push(`${said} leads to ${id}`)
        // What was stored by someone is no document of ours.
        if (/\/content$/.test(pathname)) continue
        queue.push(...linksOf(answer).map(next => ({ link: next, from: pathname + search })))
      }
      t.same(failures, [])
      t.ok(seen.size > 60, `${seen.size} documents`)
    })
  }
}

t.test('a cloud that was chosen by header is not in the links: the header goes with each request', async t => {
  const server = await overHttp()
  t.teardown(() => server.close())
  const answer = await server.ask({ target: '/api?format=xml', headers: { 'X-Deltacloud-Provider': 'classic' } })
  t.equal(readXml(answer.text).attributes.get('provider'), 'classic')
  t.notMatch(answer.text, /;provider=/)
  t.notMatch(answer.text, /rel='firewalls'/)
})

t.test('links are built on the host that the client used', async t => {
  const server = await overHttp({ trustedProxies: ['loopback'] })
  t.teardown(() => server.close())
  const through = { 'X-Forwarded-Host': 'cloud.example', 'X-Forwarded-Proto': 'https' }
  const answer = await server.ask({ target: '/api/realms/us?format=xml', headers: through })
  t.equal(readXml(answer.text).attributes.get('href'), 'https://cloud.example/api/realms/us')
})
