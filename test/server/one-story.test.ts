/** Laws C1 to C3: what is offered is there, and OPTIONS, documentation, forms and OpenAPI name the same operations and parameters. */

import t from 'tap'
import { findTags, readHtml } from '../../conformance/documents/html.ts'
import { findElements, readXml } from '../../conformance/documents/xml.ts'
import { listedCollections, populate } from '../support/population.ts'
import { type Client, inProcess } from '../support/server.ts'

type Json = Readonly<Record<string, unknown>>

const object = (value: unknown): Json => (typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {})
const list = (value: unknown): readonly Json[] => (Array.isArray(value) ? value.map(object) : [])

const documentOf = async (client: Client, root: string): Promise<Json> =>
  object(JSON.parse((await client.ask(`${root}/openapi.json`)).text))

/** One operation, as the OpenAPI document describes it. */
interface Described {
  readonly id: string
  readonly collection: string
  /** As OPTIONS and the documentation call it. */
  readonly name: string
  readonly method: string
  readonly path: string
  /** Below the collection. */
  readonly segments: readonly string[]
  readonly inPath: readonly string[]
  /** Name → whether it's required, beside those in the path. */
  readonly parameters: ReadonlyMap<string, boolean>
  readonly statuses: readonly string[]
  readonly raw: Json
}

const described = (document: Json): readonly Described[] =>
  Object.entries(object(document.paths)).flatMap(([path, item]) =>
    Object.entries(object(item)).flatMap(([method, raw]) => {
      const operation = object(raw)
      const [collection = '', ...segments] = path.slice(1).split('/')
      if (collection === '') return []
      const parameters = list(operation.parameters)
      const schemas = Object.values(object(object(operation.requestBody).content)).map(content => object(object(content).schema))
      const body = schemas.find(schema => schema.type === 'object')
      const required = Array.isArray(body?.required) ? body.required : []
      return [
        {
          id: String(operation.operationId),
          collection,
          name: String(operation.operationId).slice(collection.length + 1),
          method: method.toUpperCase(),
          path,
          segments,
          inPath: parameters.filter(one => one.in === 'path').map(one => String(one.name)),
          parameters: new Map([
            ...parameters
              .filter(one => one.in === 'query' && one.name !== 'format')
              .map(one => [String(one.name), one.required === true] as const),
            ...Object.keys(object(body?.properties)).map(name => [name, required.includes(name)] as const),
          ]),
          statuses: Object.keys(object(operation.responses)),
          raw: operation,
        },
      ]
    }),
  )

const inOrder = (values: Iterable<string>): string[] => [...values].sort()

/** The text of each cell of a page's tables, row by row. */
const rowsOf = (page: string): string[][] =>
  [...page.matchAll(/<tr[^>]*>(.*?)<\/tr>/gs)].map(([, row = '']) =>
    [...row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/gs)].map(([, cell = '']) => readHtml(cell).text.trim()),
  )

for (const provider of ['default', 'classic']) {
  const root = `/api;provider=${provider}`

  t.test(`at the provider ${provider}`, async t => {
    const cloud = await inProcess()
    t.teardown(() => cloud.close())
    await populate(cloud, ['one', 'two', 'three', 'four'], root)
    const document = await documentOf(cloud, root)
    const operations = described(document)
    const listed = await listedCollections(cloud, root)
    const all = [...(await cloud.ask('/api/docs')).text.matchAll(/\/api\/docs\/(\w+)"/g)].map(([, name = '']) => name)

    t.test('a collection answers where the entry point lists it, and is 412 where it doesn’t', async t => {
      t.ok(all.length >= 17, 'the documentation names all collections')
      for (const collection of new Set(all)) {
        for (const format of ['xml', 'json', 'html']) {
          const answer = await cloud.ask(`${root}/${collection}?format=${format}`)
          if (listed.includes(collection)) t.equal(answer.status, 200, `${collection} as ${format}`)
          else {
            t.equal(answer.status, 412, `${collection} as ${format}`)
            t.ok((answer.headers.get('expect') ?? '') !== '', 'with the capability that it lacks')
            t.match(answer.headers.get('content-type'), format, 'as a document')
          }
        }
        t.equal((await cloud.ask({ method: 'OPTIONS', target: `${root}/${collection}` })).status, listed.includes(collection) ? 200 : 412)
      }
      for (const target of ['/nothing', '/nothing/x', '/realms.xml', '/Realms'])
        t.equal((await cloud.ask(`${root}${target}?format=xml`)).status, 404)
      const options = await cloud.ask({ method: 'OPTIONS', target: root })
      t.same(inOrder((options.headers.get('allow') ?? '').split(',')), inOrder(listed))
      const inJson = object(JSON.parse((await cloud.ask(`${root}?format=json`)).text))
      t.same(inOrder(list(object(inJson.api).links).map(link => String(link.rel))), inOrder(listed))
    })

    t.test('OpenAPI describes operations of the collections that are there, and of no others', t => {
      t.same(inOrder(new Set(operations.map(one => one.collection))), inOrder(listed))
      t.end()
    })

    t.test('OPTIONS names the parameters that OpenAPI does', async t => {
      for (const { id, collection, name, segments, inPath, parameters } of operations) {
        const target = `${root}/${collection}/${segments.length > 1 ? `x/${name}` : name}`
        const answer = await cloud.ask({ method: 'OPTIONS', target })
        t.equal(answer.status, 200, target)
        const allowed = (answer.headers.get('allow') ?? '').split(',').filter(one => one !== '')
        const expected = [
          ...inPath.map(one => `${one}:string:required`),
          ...[...parameters].map(([one, needed]) => `${one}:string:${needed ? 'required' : 'optional'}`),
        ]
        t.same(inOrder(allowed), inOrder(expected), id)
      }
    })

    t.test('OPTIONS of a collection names the methods that OpenAPI does', async t => {
      for (const collection of listed) {
        const answer = await cloud.ask({ method: 'OPTIONS', target: `${root}/${collection}` })
        const allowed = (answer.headers.get('allow') ?? '').split(',')
        const own = operations.filter(one => one.collection === collection && one.inPath.length < 2)
        for (const { method } of own) t.ok(allowed.includes(method), `${collection} can be asked with ${method}`)
        for (const method of allowed)
          t.ok(
            method === 'OPTIONS' || method === 'HEAD' || own.some(one => one.method === method),
            `${method} of ${collection} is described`,
          )
      }
    })

    t.test('the documentation names the operations and parameters that OpenAPI does', async t => {
      for (const collection of listed) {
        const overview = await cloud.ask(`${root}/docs/${collection}`)
        const rows = rowsOf(overview.text).filter(
          ([, request = '', meaning = '']) => / \/api\//.test(request) && !meaning.includes('not in this cloud'),
        )
        const own = operations.filter(one => one.collection === collection)
        t.same(
          inOrder(rows.map(([name, request]) => `${name} ${request?.replace(/\s+/g, ' ')}`)),
          inOrder(own.map(({ name, method, path }) => `${name} ${method} /api${path.replace(/\{(\w+)\}/g, ':$1')}`)),
          collection,
        )
        for (const { name, parameters } of own) {
          const page = await cloud.ask(`${root}/docs/${collection}/${name}`)
          t.equal(page.status, 200)
          const named = rowsOf(page.text.slice(page.text.indexOf('<h2>Parameters'), page.text.indexOf('<h2>Answers')))
            .slice(1)
            .map(([cell = '']) => cell)
          t.same(inOrder(named), inOrder([...parameters].map(([one, needed]) => (needed ? `${one}*` : one))), `${collection}/${name}`)
        }
      }
    })

    t.test('a form asks for parameters of the operation that it leads to, and for all that are required', async t => {
      const forms = [
        ...listed.map(collection => `/${collection}/new`),
        '/instances/inst1/run',
        '/storage_volumes/vol2/attach_instance',
        '/addresses/192.168.0.1/associate',
        '/firewalls/default/new_rule',
        '/load_balancers/four/register',
        '/buckets/bucket1/new_blob_form_d15cfd90',
      ]
      let checked = 0
      for (const target of forms) {
        const answer = await cloud.ask(`${root}${target}?format=html`)
        if (answer.status === 404 || answer.status === 412) continue
        t.equal(answer.status, 200, target)
        const [, markup = ''] = /(<form class="form".*?<\/form>)/s.exec(answer.text) ?? []
        const form = readHtml(markup)
        const action = new URL(findTags(form, 'form')[0]?.attributes.get('action') ?? '').pathname.slice(root.length)
        const operation = operations.find(
          one =>
            one.method === 'POST' &&
            new RegExp(`^${one.path.replace(/\{\w+\}/g, '[^/]+')}$`).test(action) &&
            !/\{[^}]+\}.*\{/.test(one.path),
        )
        t.ok(operation !== undefined, `${target} leads to ${action}`)
        if (operation === undefined) continue
        const names = ['input', 'select', 'textarea'].flatMap(tag => findTags(form, tag).map(one => one.attributes.get('name') ?? ''))
        const known = new Set(operation.parameters.keys())
        for (const name of names)
          t.ok(known.has(name) || known.has(name.replace(/\d+/, '')), `${target} asks for ${name}, of ${[...known]}`)
        for (const [name, needed] of operation.parameters)
          if (needed) t.ok(names.includes(name), `${target} asks for ${name}, which is required`)
        checked++
      }
      t.ok(checked >= 12, `${checked} forms`)
    })

    t.test('an operation that is described can be asked', async t => {
      for (const { id, method, path, statuses } of operations) {
        const target = `${root}${path.replace(/\{\w+\}/g, 'none')}`
        const { status, text } = await cloud.ask({ method, target: `${target}?format=json` })
        t.ok(status !== 412 && status !== 405 && status < 500, `${id}: ${status}`)
        t.ok(statuses.includes(String(status)) || status === 400 || status === 401, `${id} says that it may answer ${status}: ${text}`)
      }
    })

    t.test('the document is OpenAPI 3.1', t => {
      t.match(document.openapi, /^3\.1\.\d+$/)
      t.match(document.info, { title: String, version: String })
      const ids = operations.map(one => one.id)
      t.equal(new Set(ids).size, ids.length, 'each operation has an id of its own')
      const shapes = Object.keys(object(document.paths)).map(path => path.replace(/\{\w+\}/g, '{}'))
      t.equal(new Set(shapes).size, shapes.length, 'no two paths are the same but for the names in them')
      for (const { id, method, path, inPath, raw } of operations) {
        t.match(path, /^(\/([\w.-]+|\{\w+\}))+$/, id)
        t.ok(['GET', 'PUT', 'POST', 'DELETE', 'HEAD', 'PATCH', 'OPTIONS'].includes(method), id)
        t.same(
          inOrder([...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name)),
          inOrder(inPath),
          `${id} declares what is in its path`,
        )
        const parameters = list(raw.parameters)
        const named = parameters.map(one => `${String(one.in)} ${String(one.name)}`)
        t.equal(new Set(named).size, named.length, `${id} declares no parameter twice`)
        for (const one of parameters) {
          t.ok(one.in === 'query' || (one.in === 'path' && one.required === true) || one.in === 'header', `${id} ${String(one.name)}`)
          t.ok(['string', 'integer'].includes(String(object(one.schema).type)), `${id} ${String(one.name)} has a type`)
        }
        const responses = Object.entries(object(raw.responses))
        t.ok(responses.length > 0, id)
        for (const [status, response] of responses) {
          t.match(status, /^([1-5]\d\d|default)$/, id)
          t.type(object(response).description, 'string', id)
        }
        if (raw.requestBody !== undefined) {
          t.ok(method === 'POST' || method === 'PUT', `${id} has a body`)
          t.ok(Object.keys(object(object(raw.requestBody).content)).length > 0, id)
        }
        for (const requirement of list(raw.security)) {
          for (const scheme of Object.keys(requirement))
            t.ok(scheme in object(object(document.components).securitySchemes), `${id}: ${scheme}`)
        }
      }
      for (const [, reference = ''] of JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)) {
        const found = reference
          .slice(2)
          .split('/')
          .reduce<unknown>((inner, key) => object(inner)[key], document)
        t.ok(found !== undefined, reference)
      }
      t.end()
    })

    t.test('a feature’s parameter has its effect where the feature is advertised, and none where it isn’t', async t => {
      const features = findElements(readXml((await cloud.ask(`${root}?format=xml`)).text), 'link').flatMap(link =>
        findElements(link, 'feature').map(feature => `${link.attributes.get('rel')} ${feature.attributes.get('name')}`),
      )
      const make = async (collection: string, json: unknown): Promise<Json> => {
        const answer = await cloud.ask({ target: `${root}/${collection}?format=json`, json })
        t.equal(answer.status, 201, answer.text)
        return object(Object.values(object(JSON.parse(answer.text)))[0])
      }
      const named = await make('instances', { image_id: 'img1', name: 'my own name', keyname: 'test-key', password: 'my-own-password' })
      t.equal(named.name === 'my own name', features.includes('instances user_name'), 'user_name')
      t.equal(object(named.authentication).keyname === 'test-key', features.includes('instances authentication_key'), 'authentication_key')
      t.equal(
        object(named.authentication).password === 'my-own-password',
        features.includes('instances authentication_password'),
        'authentication_password',
      )
      const several = await cloud.ask({ target: `${root}/instances?format=json`, json: { image_id: 'img1', instance_count: 2 } })
      const { instances } = object(JSON.parse(several.text))
      t.equal(list(instances).length, features.includes('instances instance_count') ? 2 : 0, 'instance_count')
      const inEurope = { image_id: 'img1', realm_id: 'eu' }
      await make('instances', inEurope)
      const filtered = object(JSON.parse((await cloud.ask(`${root}/instances?format=json&realm_id=eu`)).text))
      const isFiltered = list(filtered.instances).every(one => object(one.realm).id === 'eu')
      t.equal(isFiltered, features.includes('instances realm_filter'), 'realm_filter')
    })
  })
}
