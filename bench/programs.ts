/** The programs that are compared, each a process of its own: our server as the command starts it, and bare Express. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { request } from 'node:http'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'

export interface Program {
  readonly pid: number
  /** `http://host:port` */
  readonly origin: string
  stop(): Promise<void>
}

export interface Startable {
  readonly script: string
  readonly args: readonly string[]
}

export const ourServer: Startable = {
  script: fileURLToPath(new URL('../bin/deltacloudd.js', import.meta.url)),
  args: ['-i', 'mock', '-p', '0', '-r', '127.0.0.1', '-f', 'deltacloud,ec2'],
}

/** @param file what it answers with, whatever is asked for. */
export const bareExpress = (file: string, type: string): Startable => ({
  script: fileURLToPath(new URL('bare-express.js', import.meta.url)),
  args: [file, type],
})

export const authorization = `Basic ${Buffer.from('mockuser:mockpassword').toString('base64')}`

/** @returns as soon as the program has printed where it listens. */
export const start = async ({ script, args }: Startable): Promise<Program> => {
  const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const { pid } = child
  let said = ''
  child.stderr.on('data', piece => {
    said += piece
  })
  const origin = await firstOrigin(child)
  if (pid === undefined || origin === undefined) throw new Error(`${script} ended before it listened: ${said}`)
  return {
    pid,
    origin,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const gone = once(child, 'exit')
      child.kill()
      await gone
    },
  }
}

const firstOrigin = async ({ stdout }: { readonly stdout: Readable }): Promise<string | undefined> => {
  for await (const line of createInterface({ input: stdout })) {
    const origin = /http:\/\/[^/\s]+/.exec(line)?.[0]
    if (origin !== undefined) {
      stdout.resume()
      return origin
    }
  }
  return undefined
}

export interface Answer {
  readonly status: number
  readonly type: string
  readonly body: Buffer
}

/** One request on a connection of its own. */
export const ask = (url: string, accept = '*/*'): Promise<Answer> =>
  new Promise((resolve, reject) => {
    request(url, { agent: false, headers: { authorization, accept } }, async response => {
      const chunks: Buffer[] = await response.toArray()
      resolve({ status: response.statusCode ?? 0, type: response.headers['content-type'] ?? '', body: Buffer.concat(chunks) })
    })
      .on('error', reject)
      .end()
  })

/** Microseconds that a process has computed, in the program and in the kernel, as Linux counts them: in hundredths of a second. */
export const processorTime = async (pid: number): Promise<number> => {
  // The name of the program stands in brackets before the numbers, and may hold anything.
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).replace(/^.*\) /s, '').split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10_000
}
