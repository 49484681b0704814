/** The documentation pages: there is one for everything, and each example does what it says. */

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import t from 'tap'
import { ManualClock } from '../../../src/mock-cloud/clock.ts'
import { collections } from '../../../src/server/collections/index.ts'
import type { Operation } from '../../../src/server/collections/operation.ts'
import { begin, inProcess, overHttp } from '../../support/server.ts'

const run = promisify(execFile)

const page = (target: string) => ({ target, headers: { Accept: 'text/html' }, login: false })

const unescaped = (markup: string): string =>
  markup.replace(/&(?:#(\d+)|(\w+));/g, (_, code: string | undefined, name: string | undefined) =>
    code === undefined ? ({ amp: '&', lt: '<', gt: '>', quot: '"' }[name ?? ''] ?? '?') : String.fromCharCode(Number(code)),
  )

const exampleIn = (text: string): string | undefined => {
  const markup = /<pre class="terminal"[^>]*><code>([\s\S]*?)<\/code>/.exec(text)?.[1]
  return markup === undefined ? undefined : unescaped(markup)
}

/** The order in which examples that name the same things find them: what is made, what is asked, what stops and starts, what destroys. */
const turn = ({ name }: Operation): number => {
  const order = ['create', 'create_blob', 'rules', '', 'stop', 'start', 'destroy_blob', 'destroy_rule', 'destroy']
  return order.includes(name) ? order.indexOf(name) : order.indexOf('')
}

t.test('every operation that isn’t a page has an example, and curl gets the answer that the page promises', async t => {
  const clock = new ManualClock(begin)
  const server = await overHttp({ mock: { clock } })
  t.teardown(() => server.close())
  const all = collections.flatMap(collection => collection.operations.map(operation => ({ collection, operation })))
  let examples = 0
  for (const { collection, operation } of all.sort((a, b) => turn(a.operation) - turn(b.operation))) {
    const name = `${collection.name} ${operation.name}`
    const { status, text } = await server.ask(page(`/api/docs/${collection.name}/${operation.name}`))
    t.equal(status, 200, `${name} is documented`)
    const example = exampleIn(text)
    if (operation.formats.length === 1) {
      t.equal(example, undefined, `${name} is a page`)
      continue
    }
    t.match(example, /^curl/, `${name} has an example`)
    examples++
    clock.advance(10_000)
    const quietly = (example ?? '').replace(/^curl/, "curl --silent --output /dev/null --write-out '%{http_code}'")
    const { stdout } = await run('sh', ['-c', quietly])
    t.ok(operation.statuses.includes(Number(stdout)) && Number(stdout) < 300, `${name} answers ${stdout}`)
  }
  t.ok(examples > 60, `${examples} examples were run`)
})

t.test('there are no pages of what isn’t there', async t => {
  const server = await inProcess()
  t.teardown(() => server.close())
  for (const target of ['/api/docs/nothing', '/api/docs/instances/nothing', '/api/docs/instances/create/more']) {
    t.equal((await server.ask(page(target))).status, 404)
  }
})

t.test('a parameter that a feature adds is marked as such, one that must be given has a star', async t => {
  const server = await inProcess()
  t.teardown(() => server.close())
  const { text } = await server.ask(page('/api/docs/instances/create'))
  t.match(text, /<code>image_id\*<\/code>/)
  t.match(text, /feature user_name/)
  const { text: classic } = await server.ask(page('/api;provider=classic/docs/firewalls'))
  t.match(classic, /mock@classic<\/code> has none of them/)
})
