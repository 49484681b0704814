/** What a start loads: a mock cloud is there in a moment, because what only some requests need comes with the first that needs it. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import t from 'tap'

const home = new URL('../', import.meta.url)

/** Runs in the server's process before anything else: prints the address of each module as it is loaded. */
const watcher = `
import { registerHooks } from 'node:module'
registerHooks({
  load(url, context, next) {
    process.stderr.write('loaded ' + url + '\\n')
    return next(url, context)
  },
})
`

/** The server as the command starts it; what it has loaded is read from what it prints. */
const start = async () => {
  const command = fileURLToPath(new URL('bin/deltacloudd.js', home))
  const hook = `data:text/javascript,${encodeURIComponent(watcher)}`
  const child = spawn(process.execPath, ['--import', hook, command, '-i', 'mock', '-p', '0', '-r', '127.0.0.1'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  t.teardown(() => child.kill('SIGKILL'))
  const loaded = new Set<string>()
  createInterface({ input: child.stderr }).on('line', line => {
    if (line.startsWith('loaded file:')) loaded.add(line.slice('loaded '.length))
  })
  const [line] = await once(createInterface({ input: child.stdout }), 'line')
  const origin = /http:\/\/[^/\s]+/.exec(String(line))?.[0]
  if (origin === undefined) throw new Error(`The server says no address: ${line}`)
  const ask = async (path: string): Promise<number> => {
    const headers = { authorization: `Basic ${btoa('mockuser:mockpassword')}` }
    const response = await fetch(origin + path, { headers })
    await response.arrayBuffer()
    return response.status
  }
  /** What it had loaded by its end. */
  const end = async (): Promise<string[]> => {
    child.kill()
    await once(child, 'close')
    return [...loaded].map(url => url.replace(home.href, ''))
  }
  return { ask, end }
}

/** Each is a tenth of a second or some MiB that a client of the mock cloud must not pay for. */
const heavy = ['undici', 'fast-xml-parser', 'zod', 'yaml', 'pino', '@viz-js', '@fastify/busboy', '@aws-sdk', '@smithy', 'ssh2']

t.test('a server that answers documents has loaded neither heavy packages nor pages', async t => {
  const { ask, end } = await start()
  for (const format of ['xml', 'json']) t.equal(await ask(`/api/instances?format=${format}`), 200)
  const names = await end()
  t.ok(names.includes('src/server/deltacloud.ts'), 'what is loaded is seen')
  for (const name of heavy)
    t.notOk(
      names.some(url => url.includes(`node_modules/${name}/`)),
      `${name} is not loaded`,
    )
  for (const file of ['pages/index.ts', 'pages/docs.ts', 'openapi.ts']) {
    t.notOk(names.includes(`src/server/${file}`), `${file} is not loaded`)
  }
})

t.test('the pages are loaded with the first page', async t => {
  const { ask, end } = await start()
  t.equal(await ask('/api/instances?format=html'), 200)
  t.ok((await end()).includes('src/server/pages/index.ts'))
})
