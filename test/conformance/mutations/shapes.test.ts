/** Which shape an answer is read by: the one whose items it has, or would have. */

import t from 'tap'
import { parseShapes, shapeOf } from '../../../conformance/mutations/shapes.ts'
import { readDocument } from '../../../conformance/mutations/tree.ts'

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
