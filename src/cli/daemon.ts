/** The server in the background: a parent that waits until its child listens, and a child that is a daemon. */

import { execFileSync, spawn } from 'node:child_process'
import { chownSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { openForAppending, openJsonLog } from './log.ts'
import { Problem, systemCode, whyFile } from './problem.ts'
import type { Place } from './serve.ts'
import type { Daemon } from './settings.ts'

/** Set for the child alone. */
const marker = 'DELTACLOUDD_DAEMON'

/** What the child tells its parent, once. */
type Report = { readonly lines: readonly string[] } | { readonly problem: string }

/** Whether this process is the child. */
export const isDaemon = (env: NodeJS.ProcessEnv): boolean => env[marker] !== undefined && process.connected

/**
 * Starts this very command line again as a daemon.
 * @returns what the child says once it listens
 * @throws Problem where it doesn't get that far
 */
export const detach = async (daemon: Daemon, args: readonly string[], env: NodeJS.ProcessEnv): Promise<readonly string[]> => {
  refuseSecond(daemon.pid)
  try {
    mkdirSync(dirname(daemon.log), { recursive: true })
  } catch (error) {
    throw new Problem(`The log folder ${dirname(daemon.log)} can't be made: ${whyFile(error)}. Name another with --logdir.`)
  }
  const log = openForAppending(daemon.log)
  const launcher = process.argv[1]
  if (launcher === undefined) throw new Problem('This program has no file to be started from again.')
  const child = spawn(process.execPath, [...process.execArgv, launcher, ...args], {
    detached: true,
    stdio: ['ignore', log, log, 'ipc'],
    env: { ...env, [marker]: '1' },
  })
  const report = await new Promise<Report>(resolve => {
    // The only sender is this program itself.
    child.once('message', message => resolve(message as Report))
    child.once('error', error => resolve({ problem: `The background process can't be started: ${error.message}` }))
    child.once('exit', () => resolve({ problem: `The background process ended before it listened; see ${daemon.log}.` }))
  })
  if (child.connected) child.disconnect()
  child.unref()
  if ('problem' in report) throw new Problem(report.problem)
  return report.lines
}

/** The child's own place. */
export const background = (daemon: Daemon, log: string | undefined, verbose: boolean): Place => ({
  // Standard output is the daemon's log file.
  openLog: facts => openJsonLog(log ?? '-', facts, verbose),
  settleIn: () => settleIn(daemon),
  started: lines => report({ lines }),
  stopping: () => undefined,
})

/** Tells the parent why there will be no server; the parent tells its person. @returns the exit code */
export const reportProblem = async (error: unknown): Promise<number> => {
  if (!(error instanceof Problem)) throw error
  await report({ problem: error.message })
  return error.exitCode
}

/** Tells the waiting parent how it went, and parts from it. */
const report = (content: Report): Promise<void> =>
  new Promise(resolve => {
    if (!process.connected) return resolve()
    process.send?.(content, () => {
      if (process.connected) process.disconnect()
      resolve()
    })
  })

/**
 * Writes the process id and, as root, becomes the user and group of the daemon.
 * @returns takes the process id away again
 * @throws Problem
 */
const settleIn = (daemon: Daemon): (() => void) => {
  const become = process.getuid?.() === 0 ? identity(daemon) : undefined
  try {
    mkdirSync(dirname(daemon.pid), { recursive: true })
    writeFileSync(daemon.pid, `${process.pid}\n`)
    if (become !== undefined) chownSync(daemon.pid, become.user, become.group)
  } catch (error) {
    throw new Problem(`The process id can't be written to ${daemon.pid}: ${whyFile(error)}. Name another file with --pid.`)
  }
  if (become !== undefined) {
    process.setgroups?.([become.group])
    process.setgid?.(become.group)
    process.setuid?.(become.user)
  }
  return () => {
    try {
      rmSync(daemon.pid, { force: true })
    } catch {
      // The folder is root's, the file is ours: an empty one names no process.
      writeFileSync(daemon.pid, '')
    }
  }
}

/** The numbers of the daemon's user and group, as the system knows them. */
const identity = ({ user, group }: Daemon): { user: number; group: number } => {
  const ask = (command: string, args: readonly string[]): string | undefined => {
    try {
      return execFileSync(command, [...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
    } catch {
      return undefined
    }
  }
  const userId = ask('id', ['-u', user])
  if (userId === undefined) throw new Problem(`There is no user '${user}' to become. Name another with --user.`)
  const groupId = group === undefined ? ask('id', ['-g', user]) : ask('getent', ['group', group])?.split(':')[2]
  if (groupId === undefined) throw new Problem(`There is no group '${group}' to become. Name another with --group.`)
  return { user: Number(userId), group: Number(groupId) }
}

const refuseSecond = (file: string): void => {
  const pid = readPid(file)
  if (pid !== undefined && isAlive(pid)) {
    throw new Problem(
      `A server with the process id file ${file} is running already, as process ${pid}. Stop it, or name another file with --pid.`,
    )
  }
}

const readPid = (file: string): number | undefined => {
  try {
    const pid = Number.parseInt(readFileSync(file, 'utf8'), 10)
    return pid > 0 ? pid : undefined
  } catch {
    return undefined
  }
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    // Someone else's process may not be signalled, but it is there.
    return systemCode(error) === 'EPERM'
  }
}
