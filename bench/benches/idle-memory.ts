/** How much memory the server holds when it has answered a few requests and has nothing to do. */

import { readFile } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'
import type { Bench } from '../bench.ts'
import { ask, ourServer, start } from '../programs.ts'

/** What a visitor asks first, in every format. */
const visit = ['/api', '/api/instances', '/api/instances/inst1', '/api/images', '/api/hardware_profiles', '/api/realms']

export const idleMemory: Bench = {
  name: 'idle-memory',
  async run() {
    const { origin, pid, stop } = await start(ourServer)
    try {
      for (const format of ['xml', 'json', 'html']) {
        for (const path of visit) {
          const { status } = await ask(`${origin}${path}?format=${format}`)
          if (status !== 200) throw new Error(`${path} was answered with ${status}`)
        }
      }
      await setTimeout(1000)
      return [
        {
          what: 'resident memory, idle',
          value: await resident(pid),
          unit: 'MiB',
          target: { atMost: 120 },
          behind: `a bare Node process: ${Math.round(await residentOfNode())} MiB`,
        },
      ]
    } finally {
      await stop()
    }
  },
}

/** MiB, as Linux counts it. */
const resident = async (pid: number | 'self'): Promise<number> => {
  const kibibytes = /^VmRSS:\s*(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]
  if (kibibytes === undefined) throw new Error(`The memory of process ${pid} can't be read`)
  return Number(kibibytes) / 1024
}

const residentOfNode = async (): Promise<number> => {
  const { spawn } = await import('node:child_process')
  const child = spawn(process.execPath, ['-e', 'console.log(1); setInterval(() => {}, 1000)'], { stdio: ['ignore', 'pipe', 'ignore'] })
  try {
    await new Promise(resolve => child.stdout.once('data', resolve))
    return await resident(child.pid ?? 'self')
  } finally {
    child.kill()
  }
}
