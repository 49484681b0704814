/** `deltacloudd` as a process of its own, as its user meets it. */

import { type ChildProcess, spawn } from 'node:child_process'
import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

export const launcher = fileURLToPath(new URL('../../bin/deltacloudd.js', import.meta.url))

/** The environment without what would steer the command. */
export const plainEnvironment: NodeJS.ProcessEnv = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(API_|TAP|NODE_OPTIONS)/.test(name)),
)

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly out: string
  readonly err: string
}

export interface Running {
  readonly child: ChildProcess
  /** What it has said so far. */
  readonly said: { out: string; err: string }
  readonly ended: Promise<Ended>
  /** Waits for words on either stream; rejects where it ends without them. */
  hears(words: RegExp): Promise<RegExpExecArray>
  /** Waits until it listens. @returns its address, without a path */
  listens(): Promise<string>
}

interface Command {
  /** Goes before the launcher. */
  readonly node?: readonly [command: string, ...args: string[]]
  readonly launcher?: string
  readonly env?: NodeJS.ProcessEnv
  readonly cwd?: string
}

export const deltacloudd = (args: readonly string[], command: Command = {}): Running => {
  const [node, ...flags] = command.node ?? [process.execPath]
  const child = spawn(node, [...flags, command.launcher ?? launcher, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...plainEnvironment, ...command.env },
    ...(command.cwd === undefined ? {} : { cwd: command.cwd }),
  })
  const said = { out: '', err: '' }
  const listeners = new Set<() => void>()
  const hear = (stream: 'out' | 'err') => (chunk: Buffer) => {
    said[stream] += chunk.toString()
    for (const listener of listeners) listener()
  }
  child.stdout?.on('data', hear('out'))
  child.stderr?.on('data', hear('err'))
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve({ code, signal, ...said }))
  })
  const hears = (words: RegExp) =>
    new Promise<RegExpExecArray>((resolve, reject) => {
      const look = () => {
        const found = words.exec(said.out) ?? words.exec(said.err)
        if (found === null) return
        listeners.delete(look)
        resolve(found)
      }
      listeners.add(look)
      look()
      ended.then(end => reject(new Error(`it ended with ${end.code ?? end.signal} and without ${words}:\n${end.out}${end.err}`)), reject)
    })
  return {
    child,
    said,
    ended,
    hears,
    listens: async () => (await hears(/ :: (https?:\/\/\S+:\d+)\/api\n/))[1] ?? '',
  }
}

export interface Answer {
  readonly status: number
  readonly body: string
}

export const mockuser = 'mockuser:mockpassword'

/** One request on a connection of its own. */
export const ask = (url: string, options: { method?: string; auth?: string | undefined; body?: string } = {}): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const { method = 'GET', body } = options
    const auth = 'auth' in options ? options.auth : mockuser
    const sent = request(url, { method, agent: false, ...(auth === undefined ? {} : { auth }) }, answer => {
      text(answer).then(body => resolve({ status: answer.statusCode ?? 0, body }), reject)
    })
    sent.once('error', reject)
    sent.end(body)
  })
