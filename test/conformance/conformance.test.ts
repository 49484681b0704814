/** The suite as people run it: over our drivers and over one in a file, in shards and processes, with exit codes that can be relied on. */

import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { runConformance } from '../../conformance/index.ts'
import { runInJobs } from '../../conformance/jobs.ts'
import { laws } from '../../conformance/laws/index.ts'
import { merge, readReport } from '../../conformance/reports/merge.ts'
import { verdictOf } from '../../conformance/results.ts'

t.setTimeout(0)

const root = fileURLToPath(new URL('../..', import.meta.url))
const harbour = './examples/driver/harbour.ts'
const folder = mkdtempSync(join(tmpdir(), 'deltacloud-conformance-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))

const suite = (...args: readonly string[]): Promise<Ended> => suiteIn(root, { CI: '1' }, ...args)

interface Ended {
  readonly code: number
  readonly out: string
  readonly err: string
}

const suiteIn = (cwd: string, env: NodeJS.ProcessEnv, ...args: readonly string[]): Promise<Ended> =>
  new Promise(resolve => {
    execFile(
      process.execPath,
      [join(root, 'conformance/run.ts'), ...args],
      { cwd, env: { ...process.env, NO_COLOR: '1', ...env } },
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

/** A driver with both halves whose reboot never works. */
const writeBroken = (): string => {
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
  return file
}

t.test('a driver in a file that is broken is rejected, and the case can be seen again', async t => {
  const file = writeBroken()
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

t.test('a driver of which only declarations can be judged is no success, and it’s told why', async t => {
  const file = join(folder, 'alone.ts')
  writeFileSync(file, `export { default } from ${JSON.stringify(join(root, harbour))}\n`)
  // Where no folder of recordings is.
  const { code, out } = await suiteIn(folder, { CI: '1' }, '--driver', file, '--runs', '1')
  t.equal(code, 3)
  t.match(out, /Only what drivers declare was judged/)
  t.match(out, /There is not enough evidence\. 2 hold/)
})

t.test('evidence that is asked for and isn’t there is no success', async t => {
  const args = ['--driver', 'mock', '--law', 'S0,F1', '--runs', '2']
  t.match(await suite(...args, '--require', 'T', '--min-cells', '2'), { code: 0 })
  t.match(await suite(...args, '--require', 'R'), { code: 3, out: /No law holds on R of mock, and --require asks for one/ })
  t.match(await suite(...args, '--min-cells', '1000'), { code: 3, out: /laws of drivers hold, and --min-cells asks for 1000/ })
})

t.test('joined reports of which a shard is missing are no success', async t => {
  const files = await Promise.all(
    [1, 3].map(async index => {
      const file = join(folder, `shard-${index}.json`)
      const args = ['--driver', 'mock', '--law', 'F1,F2,F3', '--runs', '2', '--seed', '1', '--shard', `${index}/3`]
      t.equal((await suite(...args, '--reporter', `json=${file}`)).code, 0)
      return file
    }),
  )
  t.match(await suite('merge', ...files), { code: 3, out: /The shard 2\/3 of this run is missing.*A part of the run is missing/s })
})

t.test('every recording is judged, and each is a case for JUnit', async t => {
  const [junit, json] = [join(folder, 'r1.xml'), join(folder, 'r1.json')]
  const { code, err } = await suite(
    '--driver',
    writeBroken(),
    '--law',
    'R1',
    '--reporter',
    `junit=${junit},json=${json}`,
    '--annotations',
    'github',
  )
  t.equal(code, 1)
  t.match(err, /^::error .*title=R1 replay is broken on R of harbour::/m)
  const [result] = readReport(json, readFileSync(json, 'utf8')).subjects[0]?.laws ?? []
  const { parts = [], counterexample, more = [] } = result ?? {}
  t.equal(parts.length, readReport(json, readFileSync(json, 'utf8')).subjects[0]?.recordings.length)
  t.ok(parts.length > 1)
  const broken = parts.filter(({ outcome }) => outcome === 'broken')
  t.same(
    broken.map(({ replay }) => replay),
    [counterexample, ...more].map(one => one?.replay),
  )
  const xml = readFileSync(junit, 'utf8')
  t.equal(xml.match(/<testcase/g)?.length, parts.length)
  t.equal(xml.match(/<failure/g)?.length, broken.length)
  t.match(xml, /name=['"]R1 replay \(R\): the recording /)
})

t.test('what failed is tried first the next time, until it holds; in CI nothing is remembered', async t => {
  const file = writeBroken()
  const args = ['--driver', file, '--law', 'S4', '--runs', '40']
  const memory = join(folder, '.conformance/failures.jsonl')
  t.equal((await suiteIn(folder, { CI: '1' }, ...args, '--seed', '5')).code, 1)
  t.notOk(existsSync(memory))
  t.equal((await suiteIn(folder, { CI: '' }, ...args, '--seed', '5', '--no-memory')).code, 1)
  t.notOk(existsSync(memory))
  const first = await suiteIn(folder, { CI: '' }, ...args, '--seed', '5')
  const replay = /--replay (\S+)/.exec(first.out)?.[1]
  t.match(first.err, /^The seed is 5; the same cases again: --seed 5 --runs 40$/m)
  t.match(readFileSync(memory, 'utf8'), /^\{"driver":"harbour","law":"S4","source":"T","seed":-?\d+,"path":"[\d.:]+","day":"[\d-]+"\}\n$/)
  const again = await suiteIn(folder, { CI: '' }, ...args, '--seed', '6')
  t.equal(/--replay (\S+)/.exec(again.out)?.[1], replay, 'whatever the seed')
  t.match(again.out, /^0 cases /m, 'nothing else was tried')
  const repaired = await suiteIn(folder, { CI: '' }, '--driver', join(root, harbour), '--law', 'S4', '--runs', '5')
  t.equal(repaired.code, 0)
  t.equal(readFileSync(memory, 'utf8'), '')
})

t.test('a failure that the baseline lists is expected, and one that is gone fails the run', async t => {
  const baseline = join(folder, 'known.yaml')
  writeFileSync(baseline, '- { driver: harbour, law: S4, source: T, message: ^reboot of, reason: the harbour can’t reboot }\n')
  const args = ['--law', 'S4', '--runs', '100', '--seed', '5', '--baseline', baseline]
  const expected = await suite('--driver', writeBroken(), ...args)
  t.equal(expected.code, 0)
  t.match(expected.out, /expected: the harbour can’t reboot: reboot of inst\d/)
  t.match(expected.out, /1 failing as expected/)
  const gone = await suite('--driver', harbour, ...args)
  t.equal(gone.code, 1)
  t.match(gone.out, /FAILED {2}S4 on T of harbour is expected to fail .*, and doesn't: take the entry out of the baseline/)
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
    laws: ['F1', 'S8', 'E2', 'T2'],
    sources: ['L'],
    runs: 3,
    seed: 4,
    live: { credentials: { user: 'somebody', password: 'of-the-live-cloud' }, patience: 20 },
  })
  const [first] = report.subjects
  for (const { law, outcome, counterexample } of first?.laws ?? []) t.equal(outcome, 'holds', `${law}: ${counterexample?.message}`)
  t.match(first?.laws[0]?.evidence['verified live'], { date: /^\d{4}-\d\d-\d\d$/ })
})

t.test('a live cloud is asked by one law at a time, whatever the number of processes', async t => {
  const underWay = new Set<string>()
  let most = 0
  let asked = 0
  const told: string[] = []
  const report = await runInJobs(
    {
      drivers: ['mock'],
      providers: ['classic', 'ec2'],
      recordings: [],
      laws: ['F1', 'E2', 'D1'],
      sources: ['T', 'L'],
      runs: 2,
      seed: 4,
      live: { credentials: { user: 'somebody', password: 'of-the-live-cloud' }, patience: 20 },
      progress: {
        planned: () => undefined,
        told: sentence => told.push(sentence),
        began({ law, source, subject }) {
          if (source !== 'L') return
          asked++
          underWay.add(`${law} ${subject}`)
          most = Math.max(most, underWay.size)
        },
        finished: ({ law, subject, source }) => source === 'L' && underWay.delete(`${law} ${subject}`),
        end: () => undefined,
      },
    },
    3,
  )
  t.equal(verdictOf(report).exitCode, 0)
  t.equal(most, 1)
  t.ok(asked >= 4, `${asked}`)
  t.match(told, [/^The seed is 4/, /^The live cloud is asked to make at most 20 resources/])
})

t.test('a live run makes as much as it may, and what is left is not applicable', async t => {
  const made = async (limit: number) => {
    const { subjects } = await runConformance({
      drivers: ['mock'],
      recordings: [],
      laws: ['S8'],
      sources: ['L'],
      runs: 2,
      seed: 4,
      live: { credentials: { user: 'somebody', password: 'of-the-live-cloud' }, patience: 20, limit },
    })
    return Object.fromEntries(subjects[0]?.laws.map(result => [result.law, result]) ?? [])
  }
  t.match(await made(0), {
    S8: { outcome: 'n/a', reason: /a run makes at most 0 resources of a live cloud, and these are used up: --live-limit allows more/ },
  })
  t.match(await made(50), { S8: { outcome: 'holds', cases: 2 } })
})
