/** How many requests a second our server answers, of those that bare Express answers with the same bytes. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { alternate, type Bench, type Figure, median } from '../bench.ts'
import { ask, authorization, bareExpress, ourServer, type Program, processorTime, start } from '../programs.ts'

const rounds = 9
const connections = 20

const documents = [
  { what: 'instances as XML', path: '/api/instances?format=xml' },
  { what: 'instances as JSON', path: '/api/instances?format=json' },
  { what: 'one instance as XML', path: '/api/instances/inst1?format=xml' },
  { what: 'one instance as JSON', path: '/api/instances/inst1?format=json' },
]

export const requestRate: Bench = {
  name: 'request-rate',
  async run({ seconds }) {
    const folder = await mkdtemp(join(tmpdir(), 'deltacloud-bench-'))
    const ours = await start(ourServer)
    try {
      const figures: Figure[] = []
      for (const { what, path } of documents) {
        const { status, type, body } = await ask(ours.origin + path)
        if (status !== 200) throw new Error(`${path} was answered with ${status}`)
        const file = join(folder, 'document')
        await writeFile(file, body)
        const bare = await start(bareExpress(file, type))
        try {
          figures.push(await compare(what, path, ours, bare, body.length, seconds))
        } finally {
          await bare.stop()
        }
      }
      return figures
    } finally {
      await ours.stop()
      await rm(folder, { recursive: true })
    }
  },
}

const compare = async (what: string, path: string, ours: Program, bare: Program, bytes: number, seconds: number): Promise<Figure> => {
  // Express names the character set of text, and writes headers of its own: the body is what has to be the same.
  const sent = await ask(bare.origin + path)
  if (sent.body.length !== bytes) throw new Error(`Bare Express sends ${sent.body.length} bytes instead of ${bytes}`)
  const spent = { ours: [] as number[], bare: [] as number[] }
  const { ratio, ...rates } = await alternate(
    rounds,
    () => load(ours, path, seconds, spent.ours),
    () => load(bare, path, seconds, spent.bare),
  )
  const perSecond = (rate: number): string => `${Math.round(rate)}/s`
  return {
    what,
    value: ratio,
    unit: '×',
    target: { atLeast: 0.6 },
    behind: `${perSecond(rates.ours)} of ${perSecond(rates.baseline)}; processor time ${micros(spent.ours)} for ${micros(spent.bare)}; ${bytes} bytes`,
  }
}

const micros = (spent: readonly number[]): string => `${Math.round(median(spent))} µs`

const autocannon = fileURLToPath(import.meta.resolve('autocannon'))

/**
 * Requests a second, by a program of its own that keeps its connections busy.
 * @param spent gets the server's processor time for one request, in microseconds: other work on the machine disturbs it less than the rate.
 * @throws Error where not every answer was a 200.
 */
const load = async ({ origin, pid }: Program, path: string, seconds: number, spent: number[]): Promise<number> => {
  const url = origin + path
  const args = ['--json', '--connections', connections, '--duration', seconds, '--headers', `authorization=${authorization}`, url]
  const before = await processorTime(pid)
  const child = spawn(process.execPath, [autocannon, ...args.map(String)], { stdio: ['ignore', 'pipe', 'ignore'] })
  const [printed] = await Promise.all([text(child.stdout), once(child, 'exit')])
  const {
    '2xx': good,
    non2xx,
    errors,
    duration,
  } = JSON.parse(printed) as Readonly<Record<'2xx' | 'non2xx' | 'errors' | 'duration', number>>
  if (good === 0 || non2xx + errors > 0) throw new Error(`${url}: ${good} good answers, ${non2xx} others, ${errors} errors`)
  spent.push(((await processorTime(pid)) - before) / good)
  return good / duration
}
