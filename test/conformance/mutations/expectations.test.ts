/** What documents must show of an answer, by its rows: every conversion, and what it refuses. */

import assert from 'node:assert'
import fc from 'fast-check'
import t from 'tap'
import { expectedAttributes, rowsOf, shownItems, stateOfItem } from '../../../conformance/mutations/expectations.ts'
import { parseShapes } from '../../../conformance/mutations/shapes.ts'
import { readDocument } from '../../../conformance/mutations/tree.ts'

const shapesWith = (row: object, more: object = {}) =>
  parseShapes(
    'x.json',
    JSON.stringify({
      driver: 'x',
      source: 'the reference',
      sources: { page: 'Ships, https://example.com/ships, read 2026-11-30', old: 'recording ships', sheet: 'driver sheet' },
      operations: [
        {
          asks: 'ships',
          items: 'ships/*',
          id: 'id',
          of: 'instances',
          state: { path: 'status', values: ['A'] },
          attributes: [{ member: 'm', attribute: 'a', as: 'text', source: 'page', ...row }],
        },
      ],
      ...more,
    }),
  )

const answerTo = (shapes: ReturnType<typeof shapesWith>, ship: object) => {
  const document = readDocument(JSON.stringify({ ships: [{ id: 's1', ...ship }] }))
  const [shape] = shapes.operations
  assert.ok(document !== undefined && shape !== undefined)
  return { asked: 'GET /ships', document, shape }
}

/** Whether a document that shows an attribute so fits; undefined where nothing is expected. */
const fits = (row: object, m: unknown, shown: string | readonly string[] | undefined): boolean | undefined =>
  expectedAttributes(answerTo(shapesWith(row), { m }))[0]?.value.fits(shown)

const conversions: readonly (readonly [row: object, member: unknown, right: readonly unknown[], wrong: readonly unknown[]])[] = [
  [{ as: 'text' }, 'tea', ['tea'], ['Tea', undefined, '']],
  [{ as: 'number' }, 0, ['0', '0.0'], [undefined, '', '1']],
  [{ as: 'boolean' }, true, ['true'], ['false', undefined]],
  [{ as: 'MiB→MB' }, 2048, ['2048'], ['2', '2147', undefined]],
  [{ as: 'GiB→GB' }, 10, ['10'], ['10240', '11']],
  [{ as: 'bytes→GB' }, 5_368_709_120, ['5'], ['6', '4', '5368709120', '5120']],
  [{ as: 'bytes→GB' }, 5_000_000_000, ['4', '5', '4.66'], ['6', '3']],
  [{ as: 'bytes' }, 5_368_709_120, ['5368709120'], ['5', undefined]],
  [{ as: 'epochSeconds' }, 0, ['1970-01-01T00:00:00Z'], ['1970-01-01T00:00:00', '0', undefined]],
  [{ as: 'epochMilliseconds' }, 1000, ['1970-01-01T00:00:01Z', '1970-01-01T01:00:01.500+01:00'], ['1970-01-01T00:16:40Z']],
  [
    { as: 'iso8601' },
    '2012-02-29T23:30:00+05:30',
    ['2012-02-29T23:30:00+05:30', '2012-02-29T18:00:00Z'],
    ['2012-02-29T23:30:00Z', '2012-02-29T23:30:00', '1330538400'],
  ],
  [{ as: 'iso8601' }, '2012-02-29T23:30:00.000000', ['2012-02-29T23:30:00.000000', '2012-02-29T23:30:00Z'], ['2012-02-29T22:30:00Z']],
  [{ as: 'enum', values: { 'in-use': 'IN-USE' } }, 'in-use', ['IN-USE', 'in-use'], ['AVAILABLE', undefined]],
  [{ as: 'id' }, 'https://example.com/flavors/7', ['7'], ['https://example.com/flavors/7', undefined]],
  [{ as: 'id' }, 'a7', ['a7'], ['7']],
  [{ member: 'm/*', list: true }, ['a', 'b'], [['b', 'a']], [['a'], ['a', 'b', 'c'], undefined]],
  [{ member: 'm/*', list: true }, [], [[], undefined], [['a']]],
  [
    { member: 'm/*[side=public]/to', list: true },
    [
      { side: 'public', to: 'x' },
      { side: 'private', to: 'y' },
    ],
    [['x']],
    [['y'], ['x', 'y']],
  ],
  [{ absent: 'none' }, null, ['none'], [undefined]],
]

t.test('each conversion takes what is right, and nothing else', t => {
  for (const [row, member, right, wrong] of conversions) {
    for (const shown of right) t.equal(fits(row, member, shown as string), true, `${JSON.stringify(row)} ${member}: ${shown}`)
    for (const shown of wrong) t.equal(fits(row, member, shown as string), false, `${JSON.stringify(row)} ${member}: ${shown}`)
  }
  t.end()
})

t.test('what the documents don’t describe isn’t expected to be anything', t => {
  t.equal(fits({}, null, 'x'), undefined)
  t.equal(fits({ as: 'number' }, 'many', 'x'), undefined)
  t.equal(fits({ as: 'iso8601' }, 'Thu Jul 30 14:35:11 UTC 2009', 'x'), undefined)
  t.equal(fits({ as: 'enum', values: { a: 'A' } }, 'toString', 'x'), undefined)
  t.end()
})

t.test('a second is the same in any zone, and another an hour off', t => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4_000_000_000 }), fc.integer({ min: -12, max: 14 }), (seconds, hours) => {
      const local = new Date((seconds + hours * 3600) * 1000).toISOString().slice(0, 19)
      const zone = `${hours < 0 ? '-' : '+'}${String(Math.abs(hours)).padStart(2, '0')}:00`
      assert.equal(fits({ as: 'epochSeconds' }, seconds, `${local}${zone}`), true)
      assert.equal(fits({ as: 'iso8601' }, `${local}${zone}`, `${local}Z`), hours === 0)
    }),
  )
  t.pass()
  t.end()
})

t.test('a state is that of the row that says most of it', t => {
  const states = [
    { of: 'instances', native: 'A', state: 'RUNNING', actions: ['stop'], source: 'page' },
    { of: 'instances', native: 'A', with: { task: 'rebooting' }, state: 'PENDING', actions: [], source: 'old' },
    { of: 'images', native: 'B', state: 'AVAILABLE', source: 'sheet' },
  ]
  const shapes = shapesWith({}, { states })
  const stateOf = (ship: object) => {
    const answer = answerTo(shapes, ship)
    const [item] = shownItems(answer)
    return item === undefined ? undefined : stateOfItem(shapes, answer, item)
  }
  t.same(stateOf({ status: 'A' }), { native: 'A', row: states[0] })
  t.same(stateOf({ status: 'A', task: 'resizing' }), { native: 'A', row: states[0] })
  t.same(stateOf({ status: 'A', task: 'rebooting' }), { native: 'A', row: states[1] })
  t.same(stateOf({ status: 'B' }), { native: 'B', row: undefined }, 'a state of images is none of instances')
  t.equal(stateOf({}), undefined)
  t.same(
    rowsOf(shapes).map(({ law, from }) => [law, from]),
    [
      ['S9', 'document'],
      ['S9', 'recording'],
      ['S9', 'driver sheet'],
      ['A1', 'document'],
    ],
  )
  t.end()
})

t.test('a state that is said to be of some answers only is none of others', async t => {
  const state = { of: 'instances', native: 'AFLOAT', state: 'RUNNING', source: 'page' }
  const states = [
    { ...state, asks: '^GET /v1/', actions: ['destroy'] },
    { ...state, asks: '^GET /v2/', actions: ['stop', 'destroy'] },
  ]
  const shapes = shapesWith({}, { states })
  const answer = answerTo(shapes, { status: 'AFLOAT' })
  const actionsIn = (asked: string) => shownItems(answer).map(item => stateOfItem(shapes, { ...answer, asked }, item)?.row?.actions)
  t.same(actionsIn('GET /v1/ships'), [['destroy']])
  t.same(actionsIn('GET /v2/ships'), [['stop', 'destroy']])
  t.same(actionsIn('GET /v3/ships'), [undefined])
})
