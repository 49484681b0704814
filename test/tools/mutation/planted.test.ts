/** The mistakes that are planted: each has its place in the sources of today. */

import { readFileSync } from 'node:fs'
import t from 'tap'
import { planted } from '../../../tools/mutation/planted.ts'

const root = new URL('../../../', import.meta.url)

t.test('each planted mistake changes one place of a source', async t => {
  for (const { name, file, from, to } of planted) {
    const source = readFileSync(new URL(file, root), 'utf8')
    t.equal(source.split(from).length - 1, 1, `${name} stands in ${file} once`)
    t.not(from, to, `${name} changes something`)
  }
})

t.test('mistakes have names of their own, and each kind has several', async t => {
  t.equal(new Set(planted.map(({ name }) => name)).size, planted.length)
  for (const [kind, members] of Map.groupBy(planted, one => one.kind)) t.ok(members.length >= 3, `${kind}: ${members.length}`)
})
