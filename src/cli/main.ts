/** `deltacloudd`: reads what is asked for, and answers, starts the server, or starts it in the background. */

import { readFileSync } from 'node:fs'
import { openJsonLog, plainLog } from './log.ts'
import { readOptions } from './options.ts'
import { Problem } from './problem.ts'
import type { Place } from './serve.ts'
import { type Settings, settle } from './settings.ts'

/** Where the command is run. */
export interface Terminal {
  readonly env: NodeJS.ProcessEnv
  out(line: string): void
  err(line: string): void
}

const ownTerminal: Terminal = {
  env: process.env,
  out: line => process.stdout.write(`${line}\n`),
  err: line => process.stderr.write(`${line}\n`),
}

/** @returns the exit code, once there is nothing left to do. */
export const main = async (args: readonly string[] = process.argv.slice(2), terminal: Terminal = ownTerminal): Promise<number> => {
  try {
    return await obey(args, terminal)
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    terminal.err(error.message)
    return error.exitCode
  }
}

const obey = async (args: readonly string[], terminal: Terminal): Promise<number> => {
  const asked = readOptions(args, terminal.env, version())
  if (asked.wants === 'text') {
    terminal.out(asked.text)
    return 0
  }
  if (asked.wants === 'drivers') {
    const { driverIds } = await import('../index.ts')
    terminal.out(['Available drivers:', '', ...driverIds].join('\n'))
    return 0
  }
  const settings = await settle(asked.options, terminal.env)
  const { serve } = await import('./serve.ts')
  if (settings.daemon === undefined) return serve(settings, foreground(settings, terminal))

  const daemon = await import('./daemon.ts')
  if (daemon.isDaemon(terminal.env)) {
    const { log, verbose } = settings
    return serve(settings, daemon.background(settings.daemon, log, verbose)).catch(daemon.reportProblem)
  }
  for (const note of settings.notes) terminal.err(note)
  terminal.out((await daemon.detach(settings.daemon, args, terminal.env)).join('\n'))
  return 0
}

const foreground = (settings: Settings, terminal: Terminal): Place => ({
  openLog: async facts =>
    settings.log === undefined
      ? { log: plainLog(terminal.err, settings.verbose), close: () => Promise.resolve() }
      : openJsonLog(settings.log, facts, settings.verbose),
  settleIn() {
    // Whoever reads our lines may go; that is no reason to stop.
    for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)
    for (const note of settings.notes) terminal.err(note)
    return () => undefined
  },
  async started(lines) {
    terminal.out(lines.join('\n'))
  },
  stopping: terminal.err,
})

/** Of the package, which knows itself by its name, in a checkout and installed alike. */
const version = (): string => {
  const manifest: unknown = JSON.parse(readFileSync(new URL(import.meta.resolve('deltacloud/package.json')), 'utf8'))
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest ? String(manifest.version) : 'unknown'
}
