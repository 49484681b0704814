/**
 * `npm run mutation -- [--sample N] [--seed N] [--runs N] [--only TEXT] [--out FILE]`: changes sources in small ways, one at a time, and sees
 * whether the conformance suite alone notices.
 */

import { readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { createInstrumenter } from '@stryker-mutator/instrumenter'
import { createInjector } from 'typed-inject'
import { inParallel, judge } from './judge.ts'
import { type Target, targets } from './targets.ts'
import type { Assignment } from './worker.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

const { values } = parseArgs({
  options: {
    sample: { type: 'string' },
    seed: { type: 'string', default: '1' },
    runs: { type: 'string', default: '40' },
    only: { type: 'string', default: '' },
    out: { type: 'string' },
    jobs: { type: 'string', default: String(availableParallelism()) },
  },
})

interface Mutant {
  readonly id: string
  readonly file: string
  readonly line: number
  readonly kind: string
  readonly original: string
  readonly replacement: string
}

interface Verdict {
  readonly mutant: Mutant
  readonly killedBy: string | undefined
}

const silent = {
  isTraceEnabled: () => false,
  isDebugEnabled: () => false,
  isInfoEnabled: () => false,
  isWarnEnabled: () => false,
  isErrorEnabled: () => false,
  isFatalEnabled: () => false,
  trace: () => undefined,
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  fatal: () => undefined,
}

const instrumented = async ({
  files,
  without,
}: Target): Promise<{ readonly mutants: readonly Mutant[]; readonly sources: Readonly<Record<string, string>> }> => {
  const contents = new Map(files.map(file => [file, readFileSync(join(root, file), 'utf8')]))
  const instrumenter = createInjector().provideValue('logger', silent).injectFunction(createInstrumenter)
  const result = await instrumenter.instrument(
    [...contents].map(([name, content]) => ({ name, content, mutate: true })),
    { ignorers: [], plugins: null, excludedMutations: [...without], mutationLevel: undefined } as never,
  )
  return {
    sources: Object.fromEntries(result.files.map(({ name, content }) => [pathToFileURL(join(root, name)).href, String(content)])),
    // Kinds that are left out are there all the same, with the reason why they don't count.
    mutants: result.mutants
      .filter(({ status }) => status === undefined)
      .map(({ id, fileName, mutatorName, replacement, location }) => {
        const lines = contents.get(fileName)?.split('\n') ?? []
        return {
          id,
          file: fileName,
          line: location.start.line + 1,
          kind: mutatorName,
          original: (lines[location.start.line] ?? '')
            .slice(location.start.column, location.end.line === location.start.line ? location.end.column : undefined)
            .trim(),
          replacement: String(replacement).split('\n')[0] ?? '',
        }
      }),
  }
}

/** Some of them, always the same for the same seed. */
const sampled = (mutants: readonly Mutant[], size: number | undefined, seed: number): readonly Mutant[] => {
  if (size === undefined || size >= mutants.length) return mutants
  let state = seed
  const next = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state
  }
  return mutants
    .map(mutant => ({ mutant, draw: next() }))
    .sort((a, b) => a.draw - b.draw)
    .slice(0, size)
    .map(({ mutant }) => mutant)
    .sort((a, b) => Number(a.id) - Number(b.id))
}

const judged = (target: Target, sources: Assignment['sources'], mutant: string): Promise<string | undefined> =>
  judge(sources, mutant, {
    drivers: [target.driver],
    recordings: [],
    runs: Number(values.runs),
    seed: Number(values.seed),
    ...(target.providers === undefined ? {} : { providers: target.providers }),
  })

const share = (verdicts: readonly Verdict[]): string => {
  const killed = verdicts.filter(({ killedBy }) => killedBy !== undefined).length
  return `${killed} of ${verdicts.length} (${((100 * killed) / Math.max(1, verdicts.length)).toFixed(1)} %)`
}

const chosen = targets.filter(({ name }) => name.includes(values.only))
const found: { readonly target: Target; readonly verdicts: readonly Verdict[] }[] = []
for (const target of chosen) {
  const { mutants, sources } = await instrumented(target)
  // What is right must pass, or nothing is known.
  const sound = await judged(target, sources, '')
  if (sound !== undefined) {
    console.error(`${target.name}: the suite rejects it as it is: ${sound}`)
    process.exit(2)
  }
  const size = values.sample === undefined ? undefined : Number(values.sample)
  const verdicts: Verdict[] = []
  const tried = sampled(mutants, size, Number(values.seed))
  await inParallel(tried, Number(values.jobs), async mutant => {
    const killedBy = await judged(target, sources, mutant.id)
    verdicts.push({ mutant, killedBy })
    console.error(`${verdicts.length} of ${tried.length}: ${mutant.file}:${mutant.line} ${killedBy ?? 'lives'}`)
  })
  verdicts.sort((a, b) => Number(a.mutant.id) - Number(b.mutant.id))
  found.push({ target, verdicts })
  console.log(`${target.name}: ${share(verdicts)} noticed, of ${mutants.length} mutants there are`)
  for (const { mutant, killedBy } of verdicts)
    if (killedBy === undefined)
      console.log(
        `  lives: ${mutant.file}:${mutant.line} ${mutant.kind}: ${mutant.original.slice(0, 80)} → ${mutant.replacement.slice(0, 80)}`,
      )
}
const all = found.flatMap(({ verdicts }) => verdicts)
console.log(`All: ${share(all)} noticed`)
if (values.out !== undefined)
  writeFileSync(
    values.out,
    `${JSON.stringify(
      found.map(({ target, verdicts }) => ({ target: target.name, verdicts })),
      null,
      2,
    )}\n`,
  )
