/** The suite as people run it: over our drivers and over one in a file, in shards and processes, with exit codes that can be relied on. */

import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { runConformance } from '../../conformance/index.ts'
import { laws } from '../../conformance/laws/index.ts'
import { merge } from '../../conformance/reports/merge.ts'
import { verdictOf } from '../../conformance/results.ts'

t.setTimeout(0)

const root = fileURLToPath(new URL('../..', import.meta.url))
const harbour = './examples/driver/harbour.ts'
const folder = mkdtempSync(join(tmpdir(), 'deltacloud-conformance-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))

const suite = (...args: readonly string[]): Promise<{ code: number; out: string; err: string }> =>
  new Promise(resolve => {
    execFile(
      process.execPath,
      ['conformance/run.ts', ...args],
      { cwd: root, env: { ...process.env, CI: '1', NO_COLOR: '1' } },
      (error, out, err) => resolve({ code: error === null ? 0 : Number(error.code), out, err }),
    )
  })

t.test('the mock driver holds every law that applies, at every provider', async t => {
  for (const providers of [undefined, ['ec2', 'openstack']]) {
    const report = await runConformance({
      drivers: ['mock'],
      recordings: [],
      runs: 30,
      seed: 20,
      ...(providers === undefined ? {} : { providers }),
    })
    for (const { subject, laws: results } of report.subjects)
      for (const { law, source, outcome, counterexample } of results)
        t.not(outcome, 'broken', `${law} on ${source} of ${subject}: ${counterexample?.message}`)
    t.equal(verdictOf(report).exitCode, 0)
  }
})

t.test('every law holds for the made-up cloud, on recordings, their mutants and the round trip', async t => {
  const report = await runConformance({ drivers: [join(root, harbour)], recordings: [], runs: 30, seed: 20 })
  const results = report.subjects[0]?.laws ?? []
  for (const { law, source, outcome, counterexample } of results)
    t.not(outcome, 'broken', `${law} on ${source}: ${counterexample?.message}`)
  const sources = (id: string) =>
    results.filter(({ law, outcome, cases }) => law === id && outcome === 'holds' && cases > 0).map(({ source }) => source)
  t.same(sources('F1'), ['R', 'M', 'T'])
  t.same(sources('R1'), ['R'])
  t.same(sources('R4'), ['M'])
  t.same(sources('T1'), ['T'])
  t.same(sources('T0'), ['R'])
  const [{ recordings = [] } = {}] = report.subjects
  t.ok(recordings.every(({ kind, captured }) => kind === 'emulator' && captured !== undefined))
  const grades = new Set(results.flatMap(({ evidence }) => Object.keys(evidence)))
  t.same([...grades].sort(), ['declared', 'property-tested', 'replayed from documentation'])
})

t.test('shards put together are the whole, whatever is run in which', async t => {
  const options = { drivers: ['mock'], recordings: [], laws: ['F1', 'F2', 'S0', 'S4', 'E2'], runs: 10, seed: 3 }
  const whole = await runConformance(options)
  const shards = await Promise.all([1, 2, 3].map(index => runConformance({ ...options, shard: { index, of: 3 } })))
  const cells = (report: typeof whole) =>
    report.subjects.map(({ subject, laws: results }) => [
      subject,
      results
        .map(({ law, source, outcome, cases, evidence }) => ({ law, source, outcome, cases, evidence }))
        .sort((a, b) => (a.law + a.source < b.law + b.source ? -1 : 1)),
    ])
  t.same(cells(merge(shards)), cells(whole))
})

t.test('several processes find what one finds', async t => {
  const ask = async (jobs: string) => {
    const file = join(folder, `jobs-${jobs}.json`)
    const { code } = await suite(
      '--driver',
      'mock',
      '--law',
      'D1,F1,S4,S5,E4',
      '--runs',
      '10',
      '--seed',
      '9',
      '--jobs',
      jobs,
      '--reporter',
      `json=${file}`,
    )
    t.equal(code, 0)
    const { subjects } = JSON.parse(readFileSync(file, 'utf8'))
    return subjects.map(({ subject, laws: results }: { subject: string; laws: { law: string; cases: number; evidence: object }[] }) => [
      subject,
      results.map(({ law, cases, evidence }) => [law, cases, evidence]),
    ])
  }
  t.same(await ask('2'), await ask('1'))
})

t.test('a driver in a file that is broken is rejected, and the case can be seen again', async t => {
  const file = join(folder, 'broken.ts')
  const of = (path: string) => JSON.stringify(join(root, path))
  writeFileSync(
    file,
    `import { harness as whole } from ${of('examples/driver/harbour.ts')}
import { harbour } from ${of('examples/driver/harbour/index.ts')}
const { offer } = harbour
export const harness = whole
export default { ...harbour, offer(provider) {
  const found = offer(provider)
  return found && { ...found, operations: { ...found.operations, instances: { ...found.operations.instances, reboot: async () => { throw new TypeError('broken on purpose') } } } }
} }
`,
  )
  const { code, out } = await suite('--driver', file, '--law', 'S4', '--runs', '40', '--seed', '5')
  t.equal(code, 1)
  t.match(out, /BROKEN\s+S4 on T of harbour/)
  t.match(out, /reboot of inst\d, which is RUNNING and offers it, is answered with 500/)
  t.match(out, /broken on purpose/, 'what the server logged is shown')
  const replay = /--replay (\S+)/.exec(out)?.[1] ?? ''
  const again = await suite('--driver', file, '--replay', replay)
  t.equal(again.code, 1)
  t.match(again.out, /reboot of inst\d, which is RUNNING/)
  t.notMatch(out, /pw-of-alice/, 'no password is told')
})

t.test('what can’t be understood is told in words, with exit code 2', async t => {
  for (const [args, says] of [
    [['--driver', 'mocc'], /There is no driver 'mocc', did you mean 'mock'\?/],
    [['--driver', './nowhere.ts'], /There is no file \.\/nowhere\.ts/],
    [['--driver', './conformance/plan.ts'], /has no driver: its default export must be a DriverDefinition/],
    [['--driver', 'mock', '--law', 'Z9'], /There is no law Z9; there are D1,/],
    [['--driver', 'mock', '--recordings', './nowhere'], /There is no folder \.\/nowhere/],
    [['--driver', 'mock', '--provider', 'nowhere'], /has no provider 'nowhere'/],
    [['--driver', 'mock', '--replay', 'F1'], /names no case/],
    [['merge', './nowhere.json'], /nowhere\.json can.t be read/],
  ] as const) {
    const { code, err, out } = await suite(...args)
    t.equal(code, 2, args.join(' '))
    t.match(err, says)
    t.notMatch(err, /\n\s+at /, 'without a stack')
    t.equal(out, '')
  }
})

t.test('where nothing was compared, the exit code is 3', async t => {
  const { code, out } = await suite('--driver', 'mock', '--source', 'R,M', '--runs', '1')
  t.equal(code, 3)
  t.match(out, /Nothing was compared/)
})

t.test('recordings that are too old warn, or fail', async t => {
  const args = ['--driver', harbour, '--law', 'R1', '--max-age', '0']
  const age = Math.floor((Date.now() - Date.parse('2026-11-27')) / 86_400_000)
  if (age < 1) {
    t.pass('the recordings of today are not too old yet')
    return
  }
  t.match(await suite(...args), { code: 0, out: /Warning: The recording harbour\/keys is \d+ days old/ })
  t.match(await suite(...args, '--fail-on-stale'), { code: 1, out: /FAILED/ })
})

t.test('the list tells drivers and laws', async t => {
  const { code, out } = await suite('--list')
  t.equal(code, 0)
  for (const { id } of laws) t.match(out, new RegExp(`^  ${id}\\s`, 'm'))
  t.match(out, /mock;provider=classic/)
})

t.test('a live cloud is asked only when it’s told to be, and what was made there is destroyed', async t => {
  const report = await runConformance({
    drivers: ['mock'],
    recordings: [],
    laws: ['F1', 'S8', 'E2'],
    sources: ['L'],
    runs: 3,
    seed: 4,
    live: { credentials: { user: 'somebody', password: 'of-the-live-cloud' }, patience: 20 },
  })
  const [first] = report.subjects
  for (const { law, outcome, counterexample } of first?.laws ?? []) t.equal(outcome, 'holds', `${law}: ${counterexample?.message}`)
  t.match(first?.laws[0]?.evidence['verified live'], { date: /^\d{4}-\d\d-\d\d$/ })
})
