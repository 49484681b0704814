/**
 * A server as a process of its own, for tests that measure or end one: tells its port, and on demand how much memory it took at most.
 * Its argument, where there is one, holds options as JSON.
 */

import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { startServer } from '../../src/index.ts'

/** The most memory that this process has had, in KiB. */
const peak = (): number => {
  try {
    // Linux counts anew for a new program; what getrusage tells includes the program before it.
    return Number(/^VmHWM:\s*(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1])
  } catch {
    return process.resourceUsage().maxRSS
  }
}

const options = z.strictObject({
  driver: z.string().exactOptional(),
  provider: z.string().exactOptional(),
  frontends: z.array(z.string()).exactOptional(),
})

const server = await startServer({ host: '127.0.0.1', port: 0, ...options.parse(JSON.parse(process.argv[2] ?? '{}')) })
process.on('message', () => process.send?.({ peak: peak() }))
// Closing takes away what the cloud has on disk.
process.on('disconnect', () => void server.close(0).finally(() => process.exit()))
process.send?.({ port: server.address.port })
