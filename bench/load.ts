/** Load on a server, by a program of its own that keeps its connections busy. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { authorization } from './programs.ts'

const autocannon = fileURLToPath(import.meta.resolve('autocannon'))

export interface Load {
  readonly connections: number
  readonly seconds: number
  /** Posted as a form; without it, the URL is read. */
  readonly form?: string
}

/**
 * Asks the same again and again.
 * @returns how many good answers there were, and how many a second
 * @throws Error where not every answer was good.
 */
export const load = async (url: string, { connections, seconds, form }: Load): Promise<{ good: number; rate: number }> => {
  const posted =
    form === undefined ? [] : ['--method', 'POST', '--body', form, '--headers', 'content-type=application/x-www-form-urlencoded']
  const args = [
    '--json',
    '--connections',
    connections,
    '--duration',
    seconds,
    '--headers',
    `authorization=${authorization}`,
    ...posted,
    url,
  ]
  const child = spawn(process.execPath, [autocannon, ...args.map(String)], { stdio: ['ignore', 'pipe', 'ignore'] })
  const [printed] = await Promise.all([text(child.stdout), once(child, 'exit')])
  const {
    '2xx': good,
    non2xx,
    errors,
    duration,
  } = JSON.parse(printed) as Readonly<Record<'2xx' | 'non2xx' | 'errors' | 'duration', number>>
  if (good === 0 || non2xx + errors > 0) throw new Error(`${url}: ${good} good answers, ${non2xx} others, ${errors} errors`)
  return { good, rate: good / duration }
}
