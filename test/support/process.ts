/** Starts a server in a process of its own. */

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export interface ServerProcess {
  readonly port: number
  /** The most memory that it has had, in MiB. */
  peak(): Promise<number>
  close(): Promise<void>
}

export interface ServerProcessOptions {
  readonly driver?: string
  readonly provider?: string
  readonly frontends?: readonly string[]
}

/** @param heap MiB that its JavaScript may take. */
export const serverProcess = async (heap: number, options: ServerProcessOptions = {}): Promise<ServerProcess> => {
  const child = fork(fileURLToPath(new URL('serve.ts', import.meta.url)), [JSON.stringify(options)], {
    execArgv: [`--max-old-space-size=${heap}`],
  })
  const tell = async (name: string): Promise<number> => {
    const [message]: unknown[] = await once(child, 'message')
    const value =
      typeof message === 'object' && message !== null && name in message ? (message as Record<string, unknown>)[name] : undefined
    if (typeof value !== 'number') throw new TypeError(`The server tells no ${name}`)
    return value
  }
  const port = await tell('port')
  return {
    port,
    async peak() {
      child.send('peak')
      return (await tell('peak')) / 1024
    },
    async close() {
      const gone = once(child, 'exit')
      child.disconnect()
      await gone
    },
  }
}
