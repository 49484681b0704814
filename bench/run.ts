/** `npm run bench`: measures each number against its baseline in the same run, and prints them beside what was promised. */

import { writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { type Figure, isMet } from './bench.ts'
import { conformance } from './benches/conformance.ts'
import { idleMemory } from './benches/idle-memory.ts'
import { largeIndex } from './benches/large-index.ts'
import { manyInstances } from './benches/many-instances.ts'
import { requestRate } from './benches/request-rate.ts'
import { sharedCloud } from './benches/shared-cloud.ts'
import { simulatorRate } from './benches/simulator-rate.ts'
import { startUp } from './benches/start-up.ts'
import { worlds } from './benches/worlds.ts'

const benches = [requestRate, startUp, largeIndex, manyInstances, idleMemory, simulatorRate, worlds, sharedCloud, conformance]

const usage = `npm run bench -- [--only NAME] [--seconds N] [--json FILE] [--check]
  --only     ${benches.map(({ name }) => name).join(', ')}; may be repeated
  --seconds  of one round of load (1)
  --json     writes the figures to a file, too
  --check    exits with 1 where a target is missed`

const main = async (): Promise<number> => {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true },
      seconds: { type: 'string', default: '1' },
      json: { type: 'string' },
      check: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  const seconds = Number(values.seconds)
  const unknown = values.only?.find(name => !benches.some(bench => bench.name === name))
  if (values.help || unknown !== undefined || !(seconds >= 1)) {
    console.log(unknown === undefined ? usage : `There is no benchmark '${unknown}'.\n${usage}`)
    return values.help ? 0 : 2
  }
  const machine = { cores: availableParallelism(), node: process.version, platform: `${process.platform} ${process.arch}` }
  console.log(`${machine.cores} cores, Node ${machine.node}, ${machine.platform}\n`)
  const figures: Figure[] = []
  for (const bench of benches) {
    if (values.only !== undefined && !values.only.includes(bench.name)) continue
    const obstacle = bench.obstacle?.()
    if (obstacle !== undefined) {
      console.log(`${bench.name} is not measured: ${obstacle}`)
      continue
    }
    for (const figure of await bench.run({ seconds })) {
      figures.push(figure)
      console.log(line(figure))
    }
  }
  if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify({ machine, figures }, undefined, 2)}\n`)
  return values.check && !figures.every(isMet) ? 1 : 0
}

const line = (figure: Figure): string => {
  const { what, value, unit, target, behind } = figure
  const promised = target === undefined ? '' : 'atLeast' in target ? `≥ ${target.atLeast}` : `≤ ${target.atMost}`
  const verdict = target === undefined ? '' : isMet(figure) ? 'met' : 'MISSED'
  const shown = `${unit === 'MiB' ? Math.round(value) : value.toFixed(2)} ${unit}`
  return `${what.padEnd(38)} ${shown.padStart(8)}  ${promised.padEnd(6)} ${verdict.padEnd(7)} ${behind}`
}

process.exitCode = await main().catch((error: unknown) => {
  console.error(`A benchmark can't run: ${error instanceof Error ? error.message : String(error)}`)
  return 1
})
