/** Where the server's log goes: JSON lines to a file or standard output, or plain lines to standard error. */

import { appendFile as appendFileToo, closeSync, openSync } from 'node:fs'
import { promisify } from 'node:util'
import type { Log } from '../drivers/context.ts'
import { discreet } from '../server/discreet-log.ts'
import { Problem, whyFile } from './problem.ts'

const appendFile = promisify(appendFileToo)

export interface OpenLog {
  readonly log: Log
  /** Writes what is still held back. */
  close(): Promise<void>
}

/**
 * JSON lines of all levels, at most a few lines behind.
 * @param file `-` is standard output
 * @param facts what each line begins with
 * @throws Problem where the file can't be opened
 */
export const openJsonLog = async (file: string, facts: object, verbose: boolean): Promise<OpenLog> => {
  const { pino } = await import('pino')
  const lines = file === '-' ? standardOutput : appender(openForAppending(file), error => complain(file, error))
  const log = pino(
    {
      level: verbose ? 'debug' : 'info',
      base: { ...facts, pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
    },
    lines,
  )
  return { log: discreet(log), close: lines.close }
}

interface Lines {
  write(line: string): void
  close(): Promise<void>
}

const standardOutput: Lines = {
  write: line => {
    process.stdout.write(line)
  },
  close: () => Promise.resolve(),
}

/**
 * Lines written behind the back of those who log them, as many at once as have come. A full disk costs lines and never the server
 * (pino's own destination retries for ever when the process ends).
 */
const appender = (fd: number, complain: (error: unknown) => void): Lines => {
  let waiting = ''
  let writing: Promise<void> | undefined
  let failing = false
  const writeAll = async () => {
    while (waiting !== '') {
      const lines = waiting
      waiting = ''
      try {
        await appendFile(fd, lines)
        failing = false
      } catch (error) {
        if (!failing) complain(error)
        failing = true
      }
    }
    writing = undefined
  }
  return {
    write(line) {
      waiting += line
      writing ??= writeAll()
    },
    async close() {
      await writing
      closeSync(fd)
    },
  }
}

const complain = (file: string, error: unknown): void => {
  process.stderr.write(`error: the log ${file} can't be written: ${whyFile(error)}\n`)
}

/** @throws Problem */
export const openForAppending = (file: string): number => {
  try {
    return openSync(file, 'a', 0o640)
  } catch (error) {
    throw new Problem(`The log file ${file} can't be opened: ${whyFile(error)}. Name another with --log.`)
  }
}

/** Warnings and errors, and with `verbose` all else, one line each. */
export const plainLog = (write: (line: string) => void, verbose: boolean): Log => {
  const writer = (level: string, shown: boolean) => (details: object, message: string) => {
    if (shown) write(`${level}: ${oneLine(message)}${factsOf(details, verbose)}`)
  }
  return discreet({
    debug: writer('debug', verbose),
    info: writer('info', verbose),
    warn: writer('warning', true),
    error: writer('error', true),
  })
}

const factsOf = (details: object, verbose: boolean): string =>
  Object.entries(details)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}=${shown(value, verbose)}`)
    .join('')

const shown = (value: unknown, verbose: boolean): string => {
  if (value instanceof Error) return JSON.stringify(verbose ? (value.stack ?? value.message) : value.message)
  if (typeof value === 'string' && /^[^\s"=]+$/.test(value)) return value
  return JSON.stringify(value) ?? String(value)
}

// A message may quote what a client sent; it must not look like two lines.
const oneLine = (message: string): string => message.replace(/\p{Cc}+/gu, ' ')
