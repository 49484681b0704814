import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import t from 'tap'
import { ask, deltacloudd, launcher, plainEnvironment } from './process.ts'

/** This Node, taken for an old one by the launcher. */
const pretended = [
  process.execPath,
  '--import',
  'data:text/javascript,Object.defineProperty(process,"versions",{value:{node:"20.1.0"}})',
] as const

/** The Nodes of this machine that are too old. */
const old = (plainEnvironment.PATH ?? '')
  .split(':')
  .map(folder => join(folder, 'node'))
  .find(node => {
    try {
      const major = Number(
        /^v(\d+)/.exec(execFileSync(node, ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }))?.[1],
      )
      return major >= 12 && major < 24
    } catch {
      return false
    }
  })

const nodes = [
  { name: 'a Node that says it is old', node: pretended },
  ...(old === undefined ? [] : [{ name: 'an old Node', node: [old] as const }]),
]

const alone = mkdtempSync(join(tmpdir(), 'deltacloud-launcher-'))
t.teardown(() => rmSync(alone, { recursive: true }))
cpSync(dirname(launcher), join(alone, 'bin'), { recursive: true })
writeFileSync(join(alone, 'package.json'), '{"type":"module"}')

const endpoints = join(alone, 'endpoints.json')
const self = execFileSync('id', ['-un'], { encoding: 'utf8' }).trim()

/** Ends a process of a test that may have ended. */
const end = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has.
  }
}

for (const { name, node } of nodes) {
  t.test(`${name} hands over to the pinned one, with arguments and exit code`, async t => {
    t.match(await deltacloudd(['--version'], { node }).ended, { code: 0, out: /^\d+\.\d+\.\d+\n$/ })
    t.match(await deltacloudd([], { node }).ended, { code: 1, err: /No driver/ })
    t.match(await deltacloudd(['--nosuch'], { node }).ended, { code: 2 })
  })

  t.test(`${name} passes signals on`, async t => {
    const server = deltacloudd(['-i', 'mock', '-p', '0'], { node })
    t.teardown(() => server.child.kill('SIGKILL'))
    t.match(await ask(`${await server.listens()}/healthz`), { status: 200 })
    server.child.kill('SIGTERM')
    t.match(await server.ended, { code: 0, err: /Stopping/ })
  })

  t.test(`${name} that is killed takes the server with it, in order`, async t => {
    const server = deltacloudd(['-i', 'mock', '-p', '0', '--endpoints-file', endpoints], { node })
    await server.listens()
    const { pid } = JSON.parse(readFileSync(endpoints, 'utf8'))
    t.teardown(() => end(pid))
    t.not(pid, server.child.pid)
    server.child.kill('SIGKILL')
    // Its streams are the server's too: they close when both are gone.
    t.match(await server.ended, { signal: 'SIGKILL', err: /Stopping/ })
    t.notOk(existsSync(endpoints))
  })

  t.test(`${name} leaves a daemon running when it has ended`, async t => {
    const [pidFile, logdir] = [join(alone, 'server.pid'), join(alone, 'log')]
    const started = deltacloudd(['-i', 'mock', '-p', '0', '-d', '-b', pidFile, '--logdir', logdir, '-u', self], { node })
    const url = await started.listens()
    t.teardown(() => end(Number(readFileSync(pidFile, 'utf8'))))
    t.match(await started.ended, { code: 0, err: '' })
    t.match(await ask(`${url}/healthz`), { status: 200 })
    end(Number(readFileSync(pidFile, 'utf8')))
  })

  t.test(`${name} without a pinned one beside it says what is needed`, async t => {
    const { code, out, err } = await deltacloudd(['-i', 'mock'], { node, launcher: join(alone, 'bin', 'deltacloudd.js') }).ended
    t.equal(code, 2)
    t.equal(out, '')
    t.match(err, /needs Node 24 or newer; this is Node \d+/)
    t.equal(err.trimEnd().split('\n').length, 2)
  })
}
