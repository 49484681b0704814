/** One mutant: the sources with it in them, and the suite's word on that. A worker of its own, since what a module makes when it's loaded is changed, too. */

import { registerHooks } from 'node:module'
import { parentPort, workerData } from 'node:worker_threads'

export interface Assignment {
  /** Instrumented sources by URL. */
  readonly sources: Readonly<Record<string, string>>
  readonly mutant: string
  /** URL of the suite. */
  readonly suite: string
  readonly options: object
}

const { sources, mutant, suite, options }: Assignment = workerData
// The instrumented sources read which of their mutants is to be alive.
process.env.__STRYKER_ACTIVE_MUTANT__ = mutant

registerHooks({
  load(url, context, next) {
    const source = sources[url]
    return source === undefined ? next(url, context) : { format: 'module-typescript', source, shortCircuit: true }
  },
})

const judge = async (): Promise<string | undefined> => {
  try {
    const { runConformance, verdictOf } = await import(suite)
    const report = await runConformance({ ...options, bail: true })
    if (verdictOf(report).exitCode === 0) return undefined
    for (const { laws } of report.subjects)
      for (const { law, source, outcome } of laws) if (outcome === 'broken') return `${law} on ${source}`
    return 'nothing was compared'
  } catch (error) {
    return `it fails: ${error instanceof Error ? error.message : String(error)}`
  }
}

parentPort?.postMessage({ killedBy: await judge() })
