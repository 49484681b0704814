/** Shapes: what their rows must say, what is told where they don't, and by which of them an answer is read. */

import t from 'tap'
import { parseShapes, shapeOf } from '../../../conformance/mutations/shapes.ts'
import { readDocument } from '../../../conformance/mutations/tree.ts'

const operation = { asks: '^GET /ships$', items: 'ships/*', of: 'instances' }
const shapes = { driver: 'x', source: 'the reference', sources: { page: 'Ships, https://example.com/ships, read 2026-11-30' } }
const state = { of: 'instances', native: 'AFLOAT', state: 'RUNNING', actions: ['stop'], source: 'page' }
const error = { status: 403, type: 'application/json', body: '{}', kind: 'over-quota', source: 'page' }
const attribute = { member: 'name', attribute: 'name', as: 'text', source: 'page' }

const parse = (more: object) => () => parseShapes('x.json', JSON.stringify({ ...shapes, operations: [operation], ...more }))
const withAttribute = (row: object) => parse({ operations: [{ ...operation, attributes: [row] }] })

t.test('rows of states, errors and attributes are read as they are written', t => {
  const read = parse({ states: [state], errors: [error], operations: [{ ...operation, attributes: [attribute] }] })()
  t.same(read.states, [state])
  t.same(read.errors, [error])
  t.same(read.operations[0]?.attributes, [attribute])
  t.end()
})

t.test('a row that doesn’t name its source is told with its place', t => {
  const unknown = { source: 'elsewhere' }
  const message = (place: string) => ({ name: 'MalformedRecording', message: `x.json: ${place}.source: 'elsewhere' is no key of sources` })
  t.throws(parse({ states: [state, { ...state, ...unknown }] }), message('states[1]'))
  t.throws(parse({ errors: [{ ...error, ...unknown }] }), message('errors[0]'))
  t.throws(withAttribute({ ...attribute, ...unknown }), message('operations[0].attributes[0]'))
  t.throws(parse({ states: [{ ...state, source: 'toString' }] }), { message: /'toString' is no key of sources/ })
  t.throws(parse({ sources: undefined, states: [state] }), { message: /'page' is no key of sources/ })
  t.throws(parse({ states: [{ ...state, source: undefined }] }), { message: /states\[0\]\.source/ })
  t.end()
})

t.test('a row that can’t be judged is refused', t => {
  t.throws(parse({ states: [{ ...state, actions: undefined }] }), { message: /states\[0\]: a state of instances has actions/ })
  t.doesNotThrow(parse({ states: [{ ...state, of: 'images', actions: undefined }] }))
  t.throws(parse({ states: [{ ...state, actions: ['pause'] }] }), { message: /states\[0\]\.actions\[0\]/ })
  t.throws(parse({ states: [{ ...state, asks: '(' }] }), { message: /states\[0\]\.asks: must be a regular expression/ })
  t.throws(parse({ errors: [{ ...error, kind: 'quota' }] }), { message: /errors\[0\]\.kind/ })
  t.throws(parse({ errors: [{ ...error, asks: '(' }] }), { message: /errors\[0\]\.asks: must be a regular expression/ })
  t.throws(withAttribute({ ...attribute, as: 'GB→MB' }), { message: /attributes\[0\]\.as/ })
  t.throws(withAttribute({ ...attribute, as: 'enum' }), { message: /values belong to an enum/ })
  t.throws(withAttribute({ ...attribute, values: { a: 'b' } }), { message: /values belong to an enum/ })
  t.throws(parse({ operations: [{ ...operation, of: undefined, attributes: [attribute] }] }), {
    message: /operations\[0\]\.of: attributes need the collection/,
  })
  t.end()
})

const chosen = (items: readonly string[], text: string): string | undefined => {
  const operations = items.map(one => ({ asks: 'machines', items: one }))
  const document = readDocument(text)
  if (document === undefined) throw new TypeError('That is no document')
  return shapeOf(
    parseShapes('shapes', JSON.stringify({ driver: 'kettle', source: 'https://kettle.example', operations })),
    'GET /machines',
    document.root,
  )?.items
}

t.test('an empty list is read by the shape of the list', t => {
  for (const [items, text, expected] of [
    [['data/*', ''], '{"data":[]}', 'data/*'],
    [['data/*', ''], '{"data":[{"id":1}]}', 'data/*'],
    [['data/*', ''], '{"id":1}', ''],
    [['data/*', ''], '{"id":1,"data":"none"}', ''],
    [['machine', 'data/*'], '{"data":[]}', 'data/*'],
    [['data/*/parts/*', ''], '{"data":[]}', 'data/*/parts/*'],
    [['data/*/parts/*', ''], '{"data":[{"parts":[]}]}', 'data/*/parts/*'],
    [['*', 'data/*'], '[]', '*'],
    [['data/*', ''], '{"data":{}}', 'data/*'],
    [['R/set/item', 'R'], '<R><id>1</id><set/></R>', 'R/set/item'],
    [['R/set/item', 'R'], '<R><id>1</id><set>\n</set></R>', 'R/set/item'],
    [['R/set/item', 'R'], '<R><id>1</id></R>', 'R'],
    [['R/set/item/inner/item', 'R'], '<R><set/></R>', 'R/set/item/inner/item'],
  ] as const)
    t.equal(chosen(items, text), expected, `${items} of ${text}`)
  t.end()
})
