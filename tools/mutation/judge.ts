/** The suite's word on sources that were changed: in a worker each, since what a module makes when it's loaded is changed, too. */

import { Worker } from 'node:worker_threads'
import type { ConformanceOptions } from '../../conformance/index.ts'
import type { Assignment } from './worker.ts'

/** Milliseconds after which a mutant counts as one that never ends. */
const patience = 300_000

/** What noticed the change: a law and its source, or that the suite can't run; undefined where nothing did. */
export const judge = (sources: Assignment['sources'], mutant: string, options: ConformanceOptions): Promise<string | undefined> =>
  new Promise(resolve => {
    const worker = new Worker(new URL('worker.ts', import.meta.url), {
      workerData: { sources, mutant, suite: new URL('../../conformance/index.ts', import.meta.url).href, options } satisfies Assignment,
      stdout: true,
      stderr: true,
    })
    const timer = setTimeout(() => end('it never ends'), patience)
    const end = (killedBy: string | undefined): void => {
      clearTimeout(timer)
      resolve(killedBy)
      void worker.terminate()
    }
    worker.on('message', ({ killedBy }: { killedBy: string | undefined }) => end(killedBy))
    worker.on('error', error => end(`it fails: ${error.message}`))
    worker.on('exit', () => end('it ends too early'))
  })

/** Does a task for each item, so many at a time. */
export const inParallel = async <T>(items: readonly T[], jobs: number, task: (item: T) => Promise<void>): Promise<void> => {
  const waiting = [...items]
  await Promise.all(
    Array.from({ length: jobs }, async () => {
      for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await task(item)
    }),
  )
}
