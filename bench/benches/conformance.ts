/** What the conformance suite costs: a default run as people start it, and whether twice the cases take twice the time. */

import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { createMockDriver } from '../../src/drivers/mock/index.ts'
import { alternate, type Bench, timed } from '../bench.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

export const conformance: Bench = {
  name: 'conformance',
  async run() {
    const { seconds, cases } = await defaultRun()
    const linear = await linearity()
    return [
      {
        what: 'the mock driver’s default run of the suite',
        value: seconds * 1000,
        unit: 'ms',
        target: { atMost: 10_000 },
        behind: `${cases} cases, ${Math.round(cases / seconds)} a second, with as many processes as processors`,
      },
      {
        what: 'a case of 800, to a case of 200',
        value: linear.ratio,
        unit: '×',
        target: { atMost: 1.3 },
        behind: `${linear.ours.toFixed(2)} and ${linear.baseline.toFixed(2)} ms of processor time a case (F1, S4 and D1)`,
      },
    ]
  },
}

const defaultRun = async (): Promise<{ seconds: number; cases: number }> => {
  const begun = performance.now()
  const out = await new Promise<string>((resolve, reject) =>
    execFile(
      process.execPath,
      ['bin/deltacloud-conformance.js', '--driver', 'mock', '--reporter', 'json'],
      { cwd: root, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout) => (error === null ? resolve(stdout) : reject(error)),
    ),
  )
  const seconds = (performance.now() - begun) / 1000
  const { subjects }: { subjects: { laws: { cases: number }[] }[] } = JSON.parse(out)
  return { seconds, cases: subjects.flatMap(({ laws }) => laws).reduce((sum, { cases }) => sum + cases, 0) }
}

/** Processor time of a case, where there are many, against where there are few. */
const linearity = async () => {
  const { checkLaw } = await import('../../conformance/check.ts')
  const { laws } = await import('../../conformance/laws/index.ts')
  const { subjectsOf } = await import('../../conformance/harness.ts')
  const { openSimulated: simulated } = await import('../../conformance/sources/simulated.ts')
  const [subject] = subjectsOf('mock', { driver: createMockDriver })
  if (subject === undefined) throw new TypeError('The mock driver has no column')
  await using source = await simulated(subject)
  const setting = { subject, driver: source.driver, offer: source.offer, source: source.kind, recordings: [] }
  const of = (runs: number) => async (): Promise<number> =>
    (await timed(1, async () => {
      for (const law of laws.filter(({ id }) => ['F1', 'S4', 'D1'].includes(id)))
        await checkLaw({ law, setting, source, runs, seed: 11, command: replay => replay })
    })) /
    (3 * runs)
  return alternate(3, of(800), of(200))
}
