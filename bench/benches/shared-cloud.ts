/** What a cloud in PostgreSQL answers, with one server and with two, of what one in a file does. */

import { execFileSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { alternate, type Bench, type Figure } from '../bench.ts'
import { load } from '../load.ts'
import { ourServer, type Program, start } from '../programs.ts'

const rounds = 5
const connections = 20

const works = [
  { what: 'one instance', path: '/api/instances/inst1?format=json' },
  { what: 'launches', path: '/api/instances?format=json', form: 'image_id=img1' },
]

export const sharedCloud: Bench = {
  name: 'shared-cloud',
  obstacle() {
    try {
      // Installing a server is more than a benchmark may do.
      execFileSync('sh', ['-c', 'command -v psql && ls /usr/lib/postgresql/*/bin/postgres || command -v postgres'], { stdio: 'ignore' })
      return undefined
    } catch {
      return 'no PostgreSQL server is installed'
    }
  },
  async run({ seconds }) {
    const folder = await mkdtemp(join(tmpdir(), 'deltacloud-bench-'))
    const database = tool('up')
    const at = (state: string): Promise<Program> => start({ ...ourServer, args: [...ourServer.args, '--state', state] })
    const programs: Program[] = []
    try {
      const [file, one, two] = [await at(join(folder, 'state')), await at(database), await at(database)]
      programs.push(file, one, two)
      const figures: Figure[] = []
      for (const { what, path, form } of works) {
        /** Requests a second of servers that share the load. */
        const rate = async (servers: readonly Program[]): Promise<number> => {
          const each = { connections: connections / servers.length, seconds, ...(form === undefined ? {} : { form }) }
          const rates = await Promise.all(servers.map(async ({ origin }) => (await load(origin + path, each)).rate))
          return rates.reduce((sum, one) => sum + one)
        }
        const perSecond = (number: number): string => `${Math.round(number)}/s`
        const alone = await alternate(
          rounds,
          () => rate([one]),
          () => rate([file]),
        )
        figures.push({
          what: `${what}, PostgreSQL for a file`,
          value: alone.ratio,
          unit: '×',
          behind: `${perSecond(alone.ours)} of ${perSecond(alone.baseline)}, one server`,
        })
        const both = await alternate(
          rounds,
          () => rate([one, two]),
          () => rate([one]),
        )
        figures.push({
          what: `${what}, two servers for one`,
          value: both.ratio,
          unit: '×',
          behind: `${perSecond(both.ours)} of ${perSecond(both.baseline)}, over one database, in one account`,
        })
      }
      return figures
    } finally {
      await Promise.all(programs.map(program => program.stop()))
      tool('down', database)
      await rm(folder, { recursive: true })
    }
  },
}

/** Of a server that loses nothing when the power goes, as a file loses nothing. */
const tool = (name: string, ...args: string[]): string =>
  execFileSync(fileURLToPath(new URL(`../../tools/postgres/${name}`, import.meta.url)), args, {
    encoding: 'utf8',
    env: { ...process.env, FSYNC: 'on' },
    stdio: ['ignore', 'pipe', 'inherit'],
  }).trim()
