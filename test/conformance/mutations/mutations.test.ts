/** Mutants stay within what a shape allows, or are as broken as they say; bodies are read and written without loss. */

import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import t from 'tap'
import { readXml } from '../../../conformance/documents/xml.ts'
import { anyText } from '../../../conformance/generators/text.ts'
import { type Mutation, mutate, mutations } from '../../../conformance/mutations/mutants.ts'
import { parseShapes, type Shapes } from '../../../conformance/mutations/shapes.ts'
import { playingMutants } from '../../../conformance/mutations/transport.ts'
import { everyNode, find, readDocument, textAt, writeDocument } from '../../../conformance/mutations/tree.ts'
import { responseBodyOf } from '../../../conformance/replay/har.ts'
import { outgoingOf, Player } from '../../../conformance/replay/player.ts'
import { type Recording, readRecordings } from '../../../conformance/replay/recording.ts'
import { kit } from '../../../examples/driver/harbour.ts'
import { readBody, wireRequest } from '../../../src/drivers/wire.ts'

const own = fileURLToPath(new URL('../../../recordings', import.meta.url))
const [recording] = (await readRecordings([own], 'harbour')).filter(({ name }) => name === 'look-around')
if (recording === undefined || kit.shapes === undefined) throw new TypeError('There is no recording of the made-up cloud')
const shapes = parseShapes('harbour.json', readFileSync(kit.shapes, 'utf8'))

const bodyOf = (one: Recording, end: string): string => {
  const entry = one.har.log.entries.find(({ request }) => new URL(request.url).pathname.endsWith(end))
  return entry === undefined ? '' : responseBodyOf(entry).toString('utf8')
}

t.test('any JSON is what it was', async () => {
  fc.assert(
    fc.property(fc.jsonValue(), value => {
      const document = readDocument(JSON.stringify(value))
      return document === undefined || JSON.stringify(JSON.parse(writeDocument(document))) === JSON.stringify(value)
    }),
  )
})

t.test('any XML means what it did', async t => {
  const name = fc.stringMatching(/^[a-z][a-zA-Z0-9]{0,6}$/)
  const element: fc.Memo<{ name: string; attributes: Record<string, string>; inner: unknown }> = fc.memo(n =>
    fc.record({
      name,
      attributes: fc.dictionary(name, anyText(), { maxKeys: 2 }),
      inner: n > 1 ? fc.oneof(anyText(), fc.array(element(), { minLength: 1, maxLength: 3 })) : anyText(),
    }),
  )
  type Made = { name: string; attributes: Record<string, string>; inner: unknown }
  const tree = ({ name: own, attributes, inner }: Made): Parameters<typeof writeDocument>[0]['root'] => ({
    name: own,
    kind: 'element',
    attributes: Object.entries(attributes),
    children: Array.isArray(inner) ? inner.map(one => tree(one as Made)) : [],
    ...(Array.isArray(inner) ? {} : { text: String(inner) }),
  })
  fc.assert(
    fc.property(element(3), made => {
      const written = writeDocument({ media: 'xml', root: tree(made as Made) })
      readXml(written)
      const again = readDocument(written)
      return again !== undefined && writeDocument(again) === written
    }),
  )
  t.pass()
})

t.test('what a shape gets wrong is told with its place', t => {
  t.throws(() => parseShapes('x.json', '{"driver":"x","source":"y","operations":[{"asks":"(","items":"a"}]}'), {
    message: /x\.json: operations\[0\]\.asks: must be a regular expression/,
  })
  t.throws(() => parseShapes('x.json', '{"driver":"x","source":"y","operations":[{"asks":"a","items":"a","typo":1}]}'), { message: /typo/ })
  t.end()
})

const of = (kind: Parameters<typeof mutations>[0]) => mutations(kind)

t.test('items in another order are the same items', async t => {
  let moved = 0
  fc.assert(
    fc.property(of('permute'), all => {
      const mutant = mutate(recording, shapes, all)
      for (const end of ['/ships', '/images', '/zones']) {
        const [before, after] = [bodyOf(recording, end), bodyOf(mutant.recording, end)]
        if (before !== after) moved++
        const items = (text: string) =>
          Object.values(JSON.parse(text))
            .filter(Array.isArray)
            .flat()
            .map(one => JSON.stringify(one))
            .sort()
        if (JSON.stringify(items(before)) !== JSON.stringify(items(after))) return false
      }
      return true
    }),
  )
  t.ok(moved > 10)
})

t.test('what is copied has an id of its own', async t => {
  fc.assert(
    fc.property(of('multiply'), all => {
      const mutant = mutate(recording, shapes, all)
      for (const { shape } of mutant.recording.har.log.entries.flatMap(entry =>
        shapes.operations
          .filter(one => new RegExp(one.asks).test(`${entry.request.method} ${new URL(entry.request.url).pathname}`))
          .map(shape => ({ shape, entry })),
      )) {
        if (shape.id === undefined || shape.items === '') continue
        for (const entry of mutant.recording.har.log.entries) {
          const document = readDocument(responseBodyOf(entry).toString('utf8'))
          if (document === undefined) continue
          const ids = find(document.root, `${shape.items}/${shape.id}`)
            .map(address => address.reduce((tree, n) => tree.children[n] ?? tree, document.root))
            .map(textAt)
          if (new Set(ids).size !== ids.length) return false
        }
      }
      return true
    }),
    { numRuns: 40 },
  )
  t.pass()
})

t.test('every legal mutant can be read, and is another; the same data make the same', async t => {
  let other = 0
  fc.assert(
    fc.property(of('legal'), all => {
      const [mutant, again] = [mutate(recording, shapes, all), mutate(recording, shapes, all)]
      if (JSON.stringify(mutant.recording.har) !== JSON.stringify(again.recording.har)) return false
      if (mutant.done.length > 0) other++
      return mutant.recording.har.log.entries.every(entry => {
        const text = responseBodyOf(entry).toString('utf8')
        return text === '' || readDocument(text) !== undefined
      })
    }),
  )
  t.ok(other > 50)
})

t.test('an element that is left out is one, and the mutant says whether it’s essential', async t => {
  const seen = { essential: 0, optional: 0 }
  fc.assert(
    fc.property(of('omit'), all => {
      const mutant = mutate(recording, shapes, all)
      for (const { essential } of mutant.omitted) seen[essential ? 'essential' : 'optional']++
      return mutant.omitted.length === mutant.done.length
    }),
  )
  t.ok(seen.essential > 0 && seen.optional > 0, JSON.stringify(seen))
})

t.test('an illegal mutant answers as it says', async t => {
  const told = async (mutation: Mutation): Promise<{ status: number; text: string } | string> => {
    const mutant = mutate(recording, shapes, [mutation])
    const player = new Player(mutant.recording)
    const [entry] = mutant.recording.har.log.entries
    if (entry === undefined) return 'nothing'
    const { method, url, headers, body } = outgoingOf(entry)
    const signal = AbortSignal.timeout(50)
    // The time limit alone keeps no process alive.
    const waiting = setInterval(() => undefined, 1000)
    try {
      const response = await playingMutants(player, mutant.effects).send(
        wireRequest({ method, target: url, headers, ...(body === undefined ? {} : { body }) }),
        { signal },
      )
      return { status: response.status, text: String(await readBody(response.body)).slice(0, 100) }
    } catch (error) {
      return error instanceof Error ? error.name : String(error)
    } finally {
      clearInterval(waiting)
    }
  }
  t.match(await told({ kind: 'status', entry: 0, status: 503 }), { status: 503 })
  t.match(await told({ kind: 'type', entry: 0, body: '<html/>' }), { status: 200, text: '<html/>' })
  t.equal(await told({ kind: 'cut', entry: 0, share: 0.5 }), 'CloudError')
  t.equal(await told({ kind: 'reset', entry: 0 }), 'CloudError')
  t.equal(await told({ kind: 'late', entry: 0 }), 'TimeoutError')
  t.equal(await told({ kind: 'never ending', entry: 0 }), 'TimeoutError')
})

const shared = fileURLToPath(new URL('../../../../shared/recordings', import.meta.url))

t.test(
  'every body at hand can be read and written, and means the same',
  { skip: existsSync(shared) ? false : 'there is no ../shared/recordings' },
  async t => {
    let read = 0
    for (const { driver, name, har } of await readRecordings([shared])) {
      for (const entry of har.log.entries) {
        const text = responseBodyOf(entry).toString('utf8')
        const document = readDocument(text)
        if (document === undefined) continue
        read++
        const again = readDocument(writeDocument(document))
        const facts = (one: typeof document) => everyNode(one.root).map(({ names, tree }) => [names.join('/'), textAt(tree)])
        t.same(again === undefined ? undefined : facts(again), facts(document), `${driver}/${name}`)
      }
    }
    t.ok(read > 800, `${read} bodies`)
  },
)

t.test('a recording of EC2 has mutants, too', { skip: existsSync(shared) ? false : 'there is no ../shared/recordings' }, async t => {
  const ec2: Shapes = parseShapes(
    'ec2.json',
    JSON.stringify({
      driver: 'ec2',
      source: 'the API reference of EC2',
      operations: [
        {
          asks: '^DescribeInstances$',
          items: 'DescribeInstancesResponse/reservationSet/item/instancesSet/item',
          id: 'instanceId',
          refs: ['imageId', 'keyName'],
          state: { path: 'instanceState/name', values: ['pending', 'running', 'shutting-down', 'terminated', 'stopping', 'stopped'] },
          essential: { instanceId: 'nothing else tells instances apart' },
        },
      ],
    }),
  )
  const [one] = (await readRecordings([shared], 'ec2')).filter(({ name }) => name === 'list-instances')
  if (one === undefined) throw new TypeError('The recording is gone')
  const kinds = new Set<string>()
  fc.assert(
    fc.property(of('legal'), all => {
      const mutant = mutate(one, ec2, all)
      for (const { kind } of all) if (mutant.done.length > 0) kinds.add(kind)
      return mutant.recording.har.log.entries.every(entry => readDocument(responseBodyOf(entry).toString('utf8'))?.media === 'xml')
    }),
    { numRuns: 60 },
  )
  t.ok(kinds.size >= 6, [...kinds].join())
})
