/** Documented states, values and errors in a recording: in all answers that tell of the same. */

import t from 'tap'
import { putError, putState, putValues } from '../../../conformance/mutations/feeding.ts'
import { mutate } from '../../../conformance/mutations/mutants.ts'
import { parseShapes } from '../../../conformance/mutations/shapes.ts'
import { responseBodyOf } from '../../../conformance/replay/har.ts'
import type { Recording } from '../../../conformance/replay/recording.ts'
import { recordingOf } from './made.ts'

const ship = { id: 's1', status: 'ok', task: null, port: { address: '10.0.0.7', version: 4 }, tons: 7, made: '2012-10-25T12:27:53Z' }
const recording = recordingOf([
  { url: 'https://x.example/ships', answer: JSON.stringify({ ships: [ship, { ...ship, id: 's2' }] }) },
  { url: 'https://x.example/ships/s1', answer: JSON.stringify(ship) },
])
const source = 'page'
const attributes = [
  { member: 'id', attribute: 'id', as: 'id', source },
  { member: 'port/address', attribute: 'private_addresses', as: 'text', list: true, source },
  { member: 'tons', attribute: 'capacity', as: 'number', source },
  { member: 'made', attribute: 'launch_time', as: 'iso8601', source },
]
const shaped = { id: 'id', of: 'instances', state: { path: 'status', values: ['ok'] }, attributes }
const row = { of: 'instances', native: 'ok', with: { task: 'sinking', flag: 'x' }, state: 'STOPPING', actions: [], source }
const shapes = parseShapes(
  'x.json',
  JSON.stringify({
    driver: 'made',
    source: 'the reference',
    sources: { page: 'a page' },
    states: [row],
    errors: [{ status: 409, type: 'application/json', headers: { 'Retry-After': '7' }, body: '{"taken":1}', kind: 'conflict', source }],
    operations: [
      { ...shaped, asks: '^GET /ships$', items: 'ships/*' },
      { ...shaped, asks: '^GET /ships/', items: '' },
    ],
  }),
)

const answers = ({ har }: Recording): { list: (typeof ship)[]; one: typeof ship } => {
  const [list, one] = har.log.entries.map(entry => JSON.parse(responseBodyOf(entry).toString('utf8')))
  return { list: list.ships, one }
}

t.test('a state stands in all answers of one resource, with the members that belong to it', t => {
  const { list, one } = answers(putState(recording, shapes, { of: 'instances', id: 's1' }, row))
  t.match(one, { status: 'ok', task: 'sinking', flag: 'x' })
  t.match(list, [
    { id: 's1', task: 'sinking', flag: 'x' },
    { id: 's2', task: null },
  ])
  const busy = putState(recording, shapes, { of: 'instances', id: 's1' }, row)
  const { one: idle } = answers(putState(busy, shapes, { of: 'instances', id: 's1' }, { ...row, with: { task: null } }))
  t.match(idle, { status: 'ok', task: null, flag: 'x' }, 'a member that is to say nothing says nothing')
  t.end()
})

t.test('a value is of the kind that was there, the same in all answers of one resource, and another in others', t => {
  const fed = (attribute: string, n: number) => {
    const wanted = shapes.operations[0]?.attributes?.find(one => one.attribute === attribute)
    return answers(wanted === undefined ? recording : putValues(recording, shapes, 'instances', wanted, n))
  }
  for (let n = 0; n < 10; n++) {
    const { list, one } = fed('capacity', n)
    t.type(one.tons, 'number')
    t.equal(list[0]?.tons, one.tons)
    t.not(list[1]?.tons, one.tons)
    const { port } = fed('private_addresses', n).one
    t.equal(port.version, port.address.includes(':') ? 6 : 4, 'the family of an address is told beside it')
  }
  t.same(new Set(Array.from({ length: 4 }, (_, n) => /(Z|[+-]\d\d:\d\d)$/.exec(fed('launch_time', n).one.made)?.[0])).size, 4)
  t.same(fed('id', 0), answers(recording), 'what identifies a resource stays')
  t.end()
})

t.test('an error is the answer wherever the same is asked, and nowhere else', t => {
  const [error] = shapes.errors ?? []
  const [list, one] = recording.har.log.entries
  if (error === undefined || list === undefined) throw new TypeError('There is an error, and something to ask')
  const { recording: changed, failing } = putError(recording, list, error)
  const [failed, untouched] = changed.har.log.entries
  t.match(failed?.response, { status: 409, content: { text: '{"taken":1}', mimeType: 'application/json' } })
  t.match(failed?.response.headers, [
    { name: 'Content-Type', value: 'application/json' },
    { name: 'Retry-After', value: '7' },
  ])
  t.equal(untouched, one)
  t.same([...failing], [failed])
  t.end()
})

t.test('any law’s mutants have documented states and values', t => {
  const state = mutate(recording, shapes, [{ kind: 'state', entry: 1, which: 0, state: 0 }])
  t.same(state.done, ['the state of s1 is "ok"'])
  t.match(answers(state.recording).list, [{ task: 'sinking' }, { task: null }])
  const values = mutate(recording, shapes, [{ kind: 'values', entry: 0, which: 1, first: 0 }])
  t.same(values.done, ['tons of instances has other values'])
  t.equal(answers(values.recording).one.tons, 0)
  t.end()
})
