/** What the documentation shows is what happens: every console block is run, and each line that it shows must come. */

import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import t from 'tap'
import { startServer } from '../src/index.ts'

const run = promisify(execFile)
const root = new URL('..', import.meta.url)

interface Step {
  readonly command: string
  /** Lines that the output holds, in this order; `…` stands for any. */
  readonly shows: readonly string[]
}

/** The commands of the console blocks in a document, each with what's shown below it. */
const stepsOf = (markdown: string): Step[] =>
  [...markdown.matchAll(/```console\n([\s\S]*?)```/g)].flatMap(([, block = '']) =>
    block
      .split(/^\$ /m)
      .slice(1)
      .map(part => {
        const [command = '', ...lines] = part.trimEnd().split('\n')
        return { command, shows: lines.filter(line => line.trim() !== '' && line.trim() !== '…') }
      }),
  )

const documents = [
  'README.md',
  ...readdirSync(new URL('docs', root))
    .filter(name => name.endsWith('.md'))
    .map(name => `docs/${name}`),
]

let examples = 0

for (const document of documents) {
  const steps = stepsOf(readFileSync(new URL(document, root), 'utf8'))
  if (steps.length === 0) continue
  examples += steps.length
  t.test(`${document} shows what happens`, async t => {
    const server = await startServer({ port: 0 })
    t.teardown(() => server.close(0))
    for (const { command, shows } of steps) {
      const { stdout } = await run('bash', ['-c', command.replaceAll('localhost:3001', new URL(server.url).host)])
      const output = stdout.replaceAll(new URL(server.url).host, 'localhost:3001')
      let from = 0
      for (const line of shows) {
        const at = output.indexOf(line.trim(), from)
        t.ok(at >= 0, `\`${command}\` shows ${line.trim()}`, { output })
        from = Math.max(from, at)
      }
    }
  })
}

t.test('links between documents lead somewhere', async t => {
  for (const document of documents) {
    const text = readFileSync(new URL(document, root), 'utf8')
    for (const [, link = ''] of text.matchAll(/\]\(([^)#:]+)\)/g)) {
      const target = new URL(link, new URL(document, root))
      t.doesNotThrow(
        () => (link.endsWith('/decisions') || link === 'docs/decisions' ? readdirSync(target) : readFileSync(target)),
        `${document} → ${link}`,
      )
    }
  }
})

t.test('there are examples', async t => {
  t.ok(examples > 0)
})
