/** Law D4: documents stay well-formed for any text, and show it as it is, save for what XML can't hold. */

import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { readHtml } from '../../conformance/documents/html.ts'
import { dropLayout, findElements, readXml } from '../../conformance/documents/xml.ts'
import { anyText, replaceIllegal } from '../../conformance/generators/text.ts'
import { listedCollections, populate } from '../support/population.ts'
import { type Client, inProcess, runs } from '../support/server.ts'

/** A text that a client gives, and the name under which documents show it. */
interface Place {
  readonly target: string
  readonly parameters: Readonly<Record<string, string>>
  readonly given: string
  readonly shownAs: string
}

const place = (target: string, given: string, parameters: Place['parameters'] = {}, shownAs = given): Place => ({
  target,
  parameters,
  given,
  shownAs,
})

const launch = { image_id: 'img1' }
const subnet = { network_id: 'net1', address_block: '192.168.99.0/24' }
const nic = { instance: 'inst1', network: 'subnet1' }

const places: readonly Place[] = [
  place('/api/instances', 'name', launch),
  place('/api/images', 'name', { instance_id: 'inst1' }),
  place('/api/images', 'description', { instance_id: 'inst1' }),
  place('/api/storage_volumes', 'name'),
  place('/api/storage_volumes', 'description'),
  place('/api/storage_snapshots', 'name', { volume_id: 'vol1' }),
  place('/api/storage_snapshots', 'description', { volume_id: 'vol1' }),
  place('/api/firewalls', 'description', { name: 'wall' }),
  place('/api/networks', 'name', { address_block: '172.16.0.0/12' }),
  place('/api/subnets', 'name', subnet),
  place('/api/network_interfaces', 'name', nic),
]

const only = (document: unknown): Readonly<Record<string, unknown>> => {
  assert.ok(typeof document === 'object' && document !== null)
  const [inner] = Object.values(document)
  assert.ok(typeof inner === 'object' && inner !== null)
  return inner
}

t.test('a text that a client gave stands in every format as it was given', async () => {
  // The name of some resources can't be anything; those have laws of their own.
  const usable = anyText().filter(text => text !== '' && !['.', '..', 'new'].includes(text))
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...places), usable, async ({ target, parameters, given, shownAs }, text) => {
      const cloud = await inProcess()
      try {
        const made = await cloud.ask({ target: `${target}?format=json`, json: { ...parameters, [given]: text } })
        assert.equal(made.status, 201, made.text)
        const own = (made.headers.get('location') ?? '').replace(/^http:\/\/[^/]+/, '')
        const [xml, json, page] = await Promise.all(['xml', 'json', 'html'].map(format => cloud.ask(`${own}?format=${format}`)))
        assert.ok(xml !== undefined && json !== undefined && page !== undefined)
        const expected = replaceIllegal(text)
        assert.equal(dropLayout(findElements(readXml(xml.text), shownAs)[0]?.text ?? ''), dropLayout(expected))
        assert.equal(only(JSON.parse(json.text))[shownAs], expected)
        assert.ok(readHtml(page.text).text.includes(expected), page.text)
      } finally {
        await cloud.close()
      }
    }),
    runs(60),
  )
})

const pagesOf = async (client: Client): Promise<readonly string[]> => {
  const collections = await listedCollections(client)
  return collections.flatMap(name => [`/api/${name}`, `/api/${name}/new`])
}

t.test('no text breaks a list, a form or a page', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyText(), { minLength: 4, maxLength: 4 }), async texts => {
      const cloud = await inProcess()
      try {
        await populate(cloud, texts)
        for (const target of await pagesOf(cloud)) {
          const page = await cloud.ask(`${target}?format=html`)
          assert.ok(page.status === 200 || page.status === 404 || page.status === 405, `${target}: ${page.status}`)
          readHtml(page.text)
          const xml = await cloud.ask(`${target}?format=xml`)
          readXml(xml.text)
          JSON.parse((await cloud.ask(`${target}?format=json`)).text)
        }
      } finally {
        await cloud.close()
      }
    }),
    runs(6),
  )
})

t.test('an error document is well-formed whatever the request says, and echoes it', async () => {
  const cloud = await inProcess()
  t.teardown(() => cloud.close())
  // A lone surrogate has no encoding in an address.
  const sendable = anyText().filter(text => text.isWellFormed())
  await fc.assert(
    fc.asyncProperty(sendable, sendable, async (name, value) => {
      const target = `/api/images/${encodeURIComponent(`no such ${name}`)}?q${encodeURIComponent(name)}=${encodeURIComponent(value)}`
      const xml = await cloud.ask(`${target}&format=xml`)
      assert.equal(xml.status, 404)
      const parameters = findElements(readXml(xml.text), 'request', 'param')
      const echoed = parameters.find(parameter => parameter.attributes.get('name') === replaceIllegal(`q${name}`))
      assert.ok(echoed !== undefined, xml.text)
      const document: unknown = JSON.parse((await cloud.ask(`${target}&format=json`)).text)
      assert.ok(typeof document === 'object' && document !== null && 'code' in document && document.code === 404)
      readHtml((await cloud.ask(`${target}&format=html`)).text)
    }),
    runs(60),
  )
})

t.test('what a command printed stands in every format', async () => {
  const cloud = await inProcess()
  t.teardown(() => cloud.close())
  await fc.assert(
    fc.asyncProperty(anyText(), async command => {
      const target = '/api;provider=classic/instances/inst1/run'
      const json = { cmd: command, password: 'secret' }
      const [xml, inJson, page] = await Promise.all(
        ['xml', 'json', 'html'].map(format => cloud.ask({ target: `${target}?format=${format}`, json })),
      )
      assert.ok(xml !== undefined && inJson !== undefined && page !== undefined)
      assert.equal(xml.status, 200, xml.text)
      assert.equal(dropLayout(findElements(readXml(xml.text), 'command')[0]?.text ?? ''), dropLayout(replaceIllegal(command)))
      assert.equal(only(JSON.parse(inJson.text)).command, replaceIllegal(command))
      assert.ok(readHtml(page.text).text.includes(replaceIllegal(command)))
    }),
    runs(40),
  )
})

t.test('a text of 64 KiB is a text like any other', async t => {
  const cloud = await inProcess()
  t.teardown(() => cloud.close())
  const text = '<&\u202e\u{1f600}]]>'
    .repeat(64 * 1024)
    .slice(0, 64 * 1024)
    .toWellFormed()
  const made = await cloud.ask({ target: '/api/storage_volumes?format=xml', json: { name: 'long', description: text } })
  t.equal(made.status, 201)
  t.equal(findElements(readXml(made.text), 'description')[0]?.text, replaceIllegal(text))
  const href = readXml(made.text).attributes.get('href') ?? ''
  const page = await cloud.ask(`${new URL(href).pathname}?format=html`)
  readHtml(page.text)
  t.same(only(JSON.parse((await cloud.ask(`${new URL(href).pathname}?format=json`)).text)).description, replaceIllegal(text))
})
