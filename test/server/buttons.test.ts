/** What a page offers to a person: each button does what it says, or says what is in the way. */

import t from 'tap'
import { findTags, readHtml } from '../../conformance/documents/html.ts'
import { readXml } from '../../conformance/documents/xml.ts'
import { listedCollections, populate } from '../support/population.ts'
import { type Client, type InProcess, inProcess } from '../support/server.ts'

/** A form that needs nothing to be written: a button. */
interface Button {
  readonly page: string
  readonly action: string
  readonly fields: ReadonlyMap<string, string>
}

const buttonsOf = (page: string, source: string): Button[] =>
  [...source.matchAll(/<form method="post".*?<\/form>/gs)].flatMap(([markup]) => {
    const form = readHtml(markup)
    const inputs = findTags(form, 'input')
    if (inputs.some(one => one.attributes.get('type') !== 'hidden') || ['select', 'textarea'].some(name => findTags(form, name).length > 0))
      return []
    const { pathname, search } = new URL(findTags(form, 'form')[0]?.attributes.get('action') ?? '', 'http://cloud.test')
    const fields = new Map(inputs.map(one => [one.attributes.get('name') ?? '', one.attributes.get('value') ?? '']))
    return [{ page, action: pathname + search, fields }]
  })

/** Pages of all members, and of all that lies in them. */
const memberPages = async (client: Client, root: string): Promise<readonly string[]> => {
  const found: string[] = []
  for (const collection of await listedCollections(client, root)) {
    if (collection === 'instance_states') continue
    for (const child of readXml((await client.ask(`${root}/${collection}?format=xml`)).text).children) {
      found.push(new URL(child.attributes.get('href') ?? '').pathname)
      for (const inner of child.children) if (inner.name === 'blob') found.push(new URL(inner.attributes.get('href') ?? '').pathname)
    }
  }
  return found
}

const filled = async (root: string): Promise<InProcess> => {
  const cloud = await inProcess()
  await populate(cloud, ['a b', 'b/c', 'c;d', 'd?e'], root)
  cloud.clock.advance(60_000)
  return cloud
}

for (const provider of ['default', 'classic']) {
  const root = `/api;provider=${provider}`

  t.test(`every button at the provider ${provider} leads on, or tells of a conflict`, async t => {
    const looking = await filled(root)
    t.teardown(() => looking.close())
    const buttons: Button[] = []
    for (const page of await memberPages(looking, root)) {
      const { status, text } = await looking.ask(`${page}?format=html`)
      t.equal(status, 200, page)
      buttons.push(...buttonsOf(page, text))
    }
    t.ok(buttons.length > 30, `${buttons.length} buttons`)
    for (const { page, action, fields } of buttons) {
      // Each on a cloud of its own: a button of another page may have been in the way.
      const cloud = await filled(root)
      const body = new URLSearchParams([...fields]).toString()
      const headers = { 'Content-Type': 'application/x-www-form-urlencoded', Accept: 'text/html' }
      const answer = await cloud.ask({ target: action, body, headers })
      t.ok(answer.status < 400 || answer.status === 409, `${fields.get('_method') ?? 'post'} ${action} of ${page}: ${answer.status}`)
      if (answer.status === 303) {
        const next = await cloud.ask({
          target: (answer.headers.get('location') ?? '').replace(/^http:\/\/[^/]+/, ''),
          headers: { Accept: 'text/html' },
        })
        t.equal(next.status, 200, `where ${action} leads`)
      }
      readHtml(answer.text)
      await cloud.close()
    }
  })
}
