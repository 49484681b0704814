/** What rows expect of an answer: where two answers have a state of one name, each its own. */

import t from 'tap'
import { type ShownItem, shownItems, stateOfItem } from '../../../conformance/mutations/expectations.ts'
import { parseShapes } from '../../../conformance/mutations/shapes.ts'
import { readDocument } from '../../../conformance/mutations/tree.ts'

const state = { of: 'instances', native: 'AFLOAT', state: 'RUNNING', source: 'page' }
const shapes = parseShapes(
  'x.json',
  JSON.stringify({
    driver: 'x',
    source: 'the reference',
    sources: { page: 'Ships' },
    states: [
      { ...state, asks: '^GET /v1/', actions: ['destroy'] },
      { ...state, asks: '^GET /v2/', actions: ['stop', 'destroy'] },
    ],
    operations: [{ asks: '/ships$', items: 'ships/*', id: 'id', of: 'instances', state: { path: 'status', values: ['AFLOAT'] } }],
  }),
)

t.test('a state that is said to be of some answers only is none of others', async t => {
  const document = readDocument('{"ships": [{"id": "1", "status": "AFLOAT"}]}')
  const [shape] = shapes.operations
  if (document === undefined || shape === undefined) throw new Error('There is no answer')
  const actionsIn = (asked: string): readonly string[] | undefined => {
    const [item]: readonly (ShownItem | undefined)[] = shownItems({ document, shape })
    return item === undefined ? undefined : stateOfItem(shapes, { asked, document, shape }, item)?.row?.actions
  }
  t.same(actionsIn('GET /v1/ships'), ['destroy'])
  t.same(actionsIn('GET /v2/ships'), ['stop', 'destroy'])
  t.equal(actionsIn('GET /v3/ships'), undefined)
})
