/** How many requests a second our server answers, of those that bare Express answers with the same bytes. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { alternate, type Bench, type Figure, median } from '../bench.ts'
import { load } from '../load.ts'
import { ask, bareExpress, ourServer, type Program, processorTime, start } from '../programs.ts'

const rounds = 9
const connections = 20

const documents = [
  { what: 'instances as XML', path: '/api/instances?format=xml', atLeast: 0.6 },
  { what: 'instances as JSON', path: '/api/instances?format=json', atLeast: 0.6 },
  { what: 'one instance as XML', path: '/api/instances/inst1?format=xml', atLeast: 0.6 },
  { what: 'one instance as JSON', path: '/api/instances/inst1?format=json', atLeast: 0.6 },
  { what: 'instances by EC2’s protocol', path: '/ec2?Action=DescribeInstances', atLeast: 0.5 },
]

export const requestRate: Bench = {
  name: 'request-rate',
  async run({ seconds }) {
    const folder = await mkdtemp(join(tmpdir(), 'deltacloud-bench-'))
    const ours = await start(ourServer)
    try {
      const figures: Figure[] = []
      for (const { what, path, atLeast } of documents) {
        const { status, type, body } = await ask(ours.origin + path)
        if (status !== 200) throw new Error(`${path} was answered with ${status}`)
        const file = join(folder, 'document')
        await writeFile(file, body)
        const bare = await start(bareExpress(file, type))
        try {
          figures.push({ ...(await compare(what, path, ours, bare, body.length, seconds)), target: { atLeast } })
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
    () => measured(ours, path, seconds, spent.ours),
    () => measured(bare, path, seconds, spent.bare),
  )
  const perSecond = (rate: number): string => `${Math.round(rate)}/s`
  return {
    what,
    value: ratio,
    unit: '×',
    behind: `${perSecond(rates.ours)} of ${perSecond(rates.baseline)}; processor time ${micros(spent.ours)} for ${micros(spent.bare)}; ${bytes} bytes`,
  }
}

const micros = (spent: readonly number[]): string => `${Math.round(median(spent))} µs`

/**
 * Requests a second.
 * @param spent gets the server's processor time for one request, in microseconds: other work on the machine disturbs it less than the rate.
 */
const measured = async ({ origin, pid }: Program, path: string, seconds: number, spent: number[]): Promise<number> => {
  const before = await processorTime(pid)
  const { good, rate } = await load(origin + path, { connections, seconds })
  spent.push(((await processorTime(pid)) - before) / good)
  return rate
}
