/**
 * `npm run attack -- --minutes 60`: the attack of `test/security/fuzz.test.ts` for as long as it is given, with new seeds all the time. It attacks
 * servers that it starts itself on this machine, one at a time, each in a process of its own, and sends nothing anywhere else.
 */

import { fork } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { appendFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { type Batch, type CloudName, clouds, type Finding, isCloudName, runBatch } from '../../test/security/attack.ts'

const usage = `npm run attack -- [--minutes N] [--cloud NAME] [--requests N] [--seed N] [--failures FILE]

  --minutes   how long to go on, from 1 to 1440; 5 by default
  --cloud     ${Object.keys(clouds).join(', ')}; all in turn by default
  --requests  of a batch, which begins with a new server; 5000 by default
  --seed      repeats one batch; needs --cloud
  --failures  where failures are added, a line of JSON each; attack-failures.jsonl by default`

/** What a batch may take before it counts as a hang, in milliseconds. Its memory is bounded, too. */
const batchLimit = 10 * 60_000
const heap = 1024

interface Settings {
  readonly minutes: number
  readonly cloud: CloudName | undefined
  readonly requests: number
  readonly seed: number | undefined
  readonly failures: string
}

/** @throws TypeError for what can't be understood */
const readSettings = (args: readonly string[]): Settings => {
  const text = { type: 'string' } as const
  const { values } = parseArgs({ args: [...args], options: { minutes: text, cloud: text, requests: text, seed: text, failures: text } })
  const number = (name: 'minutes' | 'requests' | 'seed', fallback: number, least: number, most: number): number => {
    const value = Number(values[name] ?? fallback)
    if (!Number.isInteger(value) || value < least || value > most)
      throw new TypeError(`--${name} must be a whole number from ${least} to ${most}`)
    return value
  }
  const { cloud } = values
  if (cloud !== undefined && !isCloudName(cloud))
    throw new TypeError(`There is no cloud '${cloud}'; there are ${Object.keys(clouds).join(', ')}`)
  if (values.seed !== undefined && cloud === undefined) throw new TypeError('--seed needs --cloud: a seed is of one batch on one cloud')
  return {
    minutes: number('minutes', 5, 1, 1440),
    cloud,
    requests: number('requests', 5000, 1, 1_000_000),
    seed: values.seed === undefined ? undefined : number('seed', 0, 0, 2 ** 31 - 1),
    failures: values.failures ?? 'attack-failures.jsonl',
  }
}

/** Runs a batch in a process of its own: one that crashes or hangs is a finding like others. */
const runApart = (batch: Batch): Promise<readonly Finding[]> =>
  new Promise(resolve => {
    const child = fork(fileURLToPath(import.meta.url), [], {
      execArgv: [`--max-old-space-size=${heap}`],
      env: { ...process.env, ATTACK_BATCH: '1' },
    })
    let findings: readonly Finding[] | undefined
    const timer = setTimeout(() => {
      findings = [{ what: `the batch was not over after ${batchLimit / 60_000} minutes` }]
      child.kill('SIGKILL')
    }, batchLimit)
    // A message is what `runHere` sends.
    child.on('message', message => {
      findings ??= message as readonly Finding[]
    })
    child.on('exit', (code, signal) => {
      clearTimeout(timer)
      resolve(findings ?? [{ what: `the process of the server ended with ${signal ?? code}` }])
    })
    child.send(batch)
  })

/** In the process of a batch: does what the first message says. */
const runHere = (): void => {
  process.once('message', message => {
    runBatch(message as Batch)
      .then(({ findings }) => findings)
      .catch((error: unknown): readonly Finding[] => [
        { what: `the batch failed: ${error instanceof Error ? error.stack : String(error)}` },
      ])
      .then(findings => process.send?.(findings, () => process.exit()))
  })
}

const replayOf = ({ cloud, seed, requests }: Batch): string => `npm run attack -- --cloud ${cloud} --seed ${seed} --requests ${requests}`

const main = async ({ minutes, cloud, requests, seed, failures }: Settings): Promise<number> => {
  const end = Date.now() + minutes * 60_000
  const names = cloud === undefined ? Object.keys(clouds).filter(isCloudName) : [cloud]
  let sent = 0
  let failed = 0
  for (let turn = 0; turn === 0 || (seed === undefined && Date.now() < end); turn++) {
    const batch: Batch = { cloud: names[turn % names.length] ?? 'memory', seed: seed ?? randomInt(2 ** 31), requests }
    const findings = await runApart(batch)
    sent += requests
    failed += findings.length
    console.log(
      `${findings.length === 0 ? 'ok    ' : 'failed'} ${batch.cloud}, seed ${batch.seed}: ${findings.length} findings, ${sent} requests so far`,
    )
    for (const finding of findings) {
      console.log(`  ${finding.what}`)
      appendFileSync(failures, `${JSON.stringify({ time: new Date().toISOString(), ...batch, replay: replayOf(batch), ...finding })}\n`)
    }
    if (findings.length > 0) console.log(`  again: ${replayOf(batch)}`)
  }
  console.log(failed === 0 ? `${sent} requests, nothing found` : `${sent} requests, ${failed} findings: see ${failures}`)
  return failed === 0 ? 0 : 1
}

if (process.env.ATTACK_BATCH !== undefined) runHere()
else {
  try {
    const settings = readSettings(process.argv.slice(2))
    process.exitCode = await main(settings)
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`)
    process.exitCode = 2
  }
}
