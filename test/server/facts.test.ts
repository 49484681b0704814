/** Law D1 and D3: documents of one resource say the same, in XML and JSON, alone and in their index. */

import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { differences } from '../../conformance/documents/facts.ts'
import { type Element, findElements, readXml } from '../../conformance/documents/xml.ts'
import { anyText } from '../../conformance/generators/text.ts'
import { listedCollections, populate } from '../support/population.ts'
import { type Client, inProcess, runs } from '../support/server.ts'

/** Collections whose documents describe the API and no resource. */
const ofNoResource: ReadonlySet<string> = new Set(['drivers', 'instance_states'])

interface Both {
  readonly xml: readonly Element[]
  readonly json: readonly unknown[]
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const index = async (client: Client, root: string, collection: string): Promise<Both> => {
  const [xml, json] = await Promise.all(['xml', 'json'].map(format => client.ask(`${root}/${collection}?format=${format}`)))
  assert.ok(xml !== undefined && json !== undefined)
  assert.deepEqual([xml.status, json.status], [200, 200], collection)
  const document: unknown = JSON.parse(json.text)
  const list = isObject(document) ? document[collection] : undefined
  assert.ok(Array.isArray(list), `${collection} as JSON is a list under its name`)
  return { xml: readXml(xml.text).children, json: list }
}

const member = async (client: Client, href: string): Promise<{ xml: Element; json: unknown }> => {
  const target = href.replace(/^http:\/\/[^/]+/, '')
  const [xml, json] = await Promise.all(['xml', 'json'].map(format => client.ask(`${target}?format=${format}`)))
  assert.ok(xml !== undefined && json !== undefined)
  assert.deepEqual([xml.status, json.status], [200, 200], href)
  const root = readXml(xml.text)
  const document: unknown = JSON.parse(json.text)
  assert.ok(isObject(document), href)
  assert.deepEqual(Object.keys(document), [root.name], 'JSON wraps a resource in its name')
  return { xml: root, json: document[root.name] }
}

const byId = (list: readonly unknown[], id: unknown): unknown => list.find(one => isObject(one) && one.id === id)

const check = async (client: Client, root: string): Promise<void> => {
  for (const collection of await listedCollections(client, root)) {
    if (ofNoResource.has(collection)) continue
    const all = await index(client, root, collection)
    assert.equal(all.xml.length, all.json.length, `${collection} has as many in XML as in JSON`)
    for (const element of all.xml) {
      const id = element.attributes.get('id')
      assert.deepEqual(differences(collection, element, byId(all.json, id)), [], `${collection} ${id} in the index`)
      const own = await member(client, element.attributes.get('href') ?? '')
      assert.deepEqual(differences(collection, own.xml, own.json), [], `${collection} ${id} alone`)
      // An index leaves out what was measured.
      if (collection !== 'metrics') {
        assert.deepEqual(own.xml, element, `${collection} ${id} is the same alone as in the index (D3)`)
        assert.deepEqual(own.json, byId(all.json, id), `${collection} ${id} is the same alone as in the index (D3)`)
      }
      for (const rule of findElements(own.xml, 'rules', 'rule')) {
        const alone = await member(client, rule.attributes.get('href') ?? '')
        assert.deepEqual(alone.xml, rule, 'a rule is the same alone as in its firewall')
        const { rules } = isObject(own.json) ? own.json : { rules: [] }
        assert.deepEqual(alone.json, byId(Array.isArray(rules) ? rules : [], rule.attributes.get('id')))
      }
      for (const blob of collection === 'buckets' ? findElements(own.xml, 'blob') : []) {
        const { xml, json } = await member(client, blob.attributes.get('href') ?? '')
        assert.deepEqual(differences('blobs', xml, json), [], `blob ${blob.attributes.get('id')}`)
      }
    }
  }
}

for (const provider of ['default', 'classic']) {
  t.test(`XML and JSON of any resource hold the same facts, at the provider ${provider}`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyText(), { minLength: 4, maxLength: 4 }), fc.nat(5000), async (texts, later) => {
        const cloud = await inProcess()
        try {
          const root = `/api;provider=${provider}`
          for (const { status, text } of await populate(cloud, texts, root)) assert.ok(status < 500, text)
          await check(cloud, root)
          cloud.clock.advance(later)
          await check(cloud, root)
        } finally {
          await cloud.close()
        }
      }),
      runs(4),
    )
  })
}

t.test('a resource without any text holds the same facts as one with all', async () => {
  const cloud = await inProcess()
  t.teardown(() => cloud.close())
  await populate(cloud, ['', '', '', ''])
  await check(cloud, '/api')
})
