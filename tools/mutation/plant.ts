/**
 * `npm run mutation:planted -- [--only TEXT] [--seed N] [--jobs N] [--list] [--quick]`: plants each mistake of `planted.ts`, and sees whether the
 * conformance suite notices: the laws that can see it first, and, if they don't and it isn't to be quick, all of the driver's. Exit 1 where one
 * lives.
 */

import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { inParallel, judge } from './judge.ts'
import { type Planted, planted } from './planted.ts'

const root = new URL('../../', import.meta.url)

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    seed: { type: 'string', default: String((Math.random() * 2 ** 31) | 0) },
    jobs: { type: 'string', default: String(availableParallelism()) },
    list: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
  },
})

/** A source with the mistake in it. @throws Error where the place isn't there, or not once */
const sourceWith = ({ name, file, from, to }: Planted): Readonly<Record<string, string>> => {
  const url = new URL(file, root)
  const source = readFileSync(url, 'utf8')
  const places = source.split(from).length - 1
  if (places !== 1) throw new Error(`${name}: its text stands ${places} times in ${file}`)
  return { [pathToFileURL(fileURLToPath(url)).href]: source.replace(from, () => to) }
}

const chosen = planted.filter(({ name, kind, driver }) => [name, kind, driver].some(text => text.includes(values.only)))
const sources = new Map(chosen.map(one => [one.name, sourceWith(one)]))
if (values.list) {
  for (const { name, kind, driver, file } of chosen) console.log(`${name}\t${kind}\t${driver}\t${file}`)
  process.exit(0)
}

console.log(`The seed is ${values.seed}`)
const common = { seed: Number(values.seed) }

// What is right must pass, or nothing is known.
const lawsOf = new Map<string, Set<string>>()
for (const { driver, laws } of chosen) lawsOf.set(driver, new Set([...(lawsOf.get(driver) ?? []), ...laws]))
for (const [driver, laws] of lawsOf) {
  const sound = await judge({}, '', { ...common, drivers: [driver], laws: [...laws] })
  if (sound !== undefined) {
    console.error(`${driver}: the suite rejects it as it is: ${sound}`)
    process.exit(2)
  }
}

const living: string[] = []
const told: string[] = []
await inParallel(chosen, Number(values.jobs), async one => {
  const changed = sources.get(one.name) ?? {}
  const first = await judge(changed, '', { ...common, drivers: [one.driver], laws: [...one.laws] })
  const killedBy = first ?? (values.quick ? undefined : await judge(changed, '', { ...common, drivers: [one.driver] }))
  if (killedBy === undefined) living.push(one.name)
  console.error(`${one.name}: ${killedBy ?? 'lives'}`)
  told.push(`| ${one.kind} | ${one.name} | \`${one.file.replace('src/', '')}\` | ${killedBy ?? '**lives**'} |`)
})
console.log(told.sort().join('\n'))
console.log(
  `${chosen.length - living.length} of ${chosen.length} noticed${living.length === 0 ? '' : `; these live: ${living.join(', ')}`}`,
)
process.exitCode = living.length === 0 ? 0 : 1
