import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { ask, deltacloudd } from './process.ts'

const folder = mkdtempSync(join(tmpdir(), 'deltacloud-daemon-'))
// The daemon of root is nobody, and writes here.
chmodSync(folder, 0o777)
const pidFile = join(folder, 'run', 'server.pid')
const logdir = join(folder, 'log')
const log = join(logdir, 'mock.log')
const background = ['-i', 'mock', '-p', '0', '-d', '-b', pidFile, '--logdir', logdir]
const root = process.getuid?.() === 0
const self = execFileSync('id', ['-un'], { encoding: 'utf8' }).trim()

const readPid = () => Number(existsSync(pidFile) ? readFileSync(pidFile, 'utf8') : '')

t.teardown(() => {
  if (readPid() > 0) process.kill(readPid(), 'SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

/** Waits until a condition holds; the runner's time limit is the only one. */
const until = async (holds: () => boolean | Promise<boolean>) => {
  while (!(await holds())) await new Promise(resolve => setTimeout(resolve, 20))
}

const stop = async () => {
  process.kill(readPid(), 'SIGTERM')
  await until(() => !(readPid() > 0))
}

const logged = () =>
  readFileSync(log, 'utf8')
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line))

t.test('the command comes back when the daemon listens, and the daemon runs on', async t => {
  const started = deltacloudd([...background, '-u', self])
  const url = await started.listens()
  t.match(await started.ended, { code: 0, err: '' })
  t.match(await ask(`${url}/api/instances?format=xml`), { status: 200 })
  t.not(readPid(), started.child.pid)

  const second = await deltacloudd([...background, '-u', self]).ended
  t.match(second, { code: 1, err: `is running already, as process ${readPid()}` }, 'and a second one is refused')

  process.kill(readPid(), 'SIGHUP')
  t.match(await ask(`${url}/healthz`), { status: 200 }, 'a hang-up is nothing to it')
  await stop()
  await t.rejects(ask(`${url}/healthz`), { code: 'ECONNREFUSED' })
  const lines = logged()
  t.match(lines[0], { msg: 'listening', name: 'deltacloud-mock', environment: 'production', url })
  t.match(lines[1], { msg: 'request', url: '/api/instances?format=xml' })
  t.match(lines.at(-1), { msg: 'stopping', signal: 'SIGTERM' })
})

t.test('what keeps it from listening is told by the command', async t => {
  const first = deltacloudd(['-i', 'mock', '-p', '0'])
  t.teardown(() => first.child.kill('SIGKILL'))
  const port = new URL(await first.listens()).port
  const end = await deltacloudd([...background, '-u', self, '-p', port]).ended
  t.match(end, { code: 1, out: '', err: `Port ${port} of localhost is taken` })
  t.notOk(readPid() > 0, 'and no process id is left')
})

t.test('a pid file of a process that is gone keeps nobody out', async t => {
  const gone = deltacloudd(['--version'])
  await gone.ended
  writeFileSync(pidFile, `${gone.child.pid}\n`)
  const started = deltacloudd([...background, '-u', self])
  await started.listens()
  t.match(await started.ended, { code: 0 })
  await stop()
})

t.test('files and folders that can not be used are told', async t => {
  const file = join(folder, 'file')
  writeFileSync(file, '')
  t.match(await deltacloudd([...background, '--logdir', join(file, 'below')]).ended, { code: 1, err: /log folder .* --logdir/ })
  t.match(await deltacloudd([...background, '-u', self, '-b', join(file, 'below', 'pid')]).ended, { code: 1, err: /process id .* --pid/ })
})

t.test('as root it becomes nobody, and can still stop in order', { skip: root ? false : 'not root' }, async t => {
  const state = join(folder, 'state.db')
  const started = deltacloudd([...background, '--state', state])
  const url = await started.listens()
  t.match(await started.ended, { code: 0 })
  const nobody = Number(execFileSync('id', ['-u', 'nobody'], { encoding: 'utf8' }))
  t.equal(statSync(state).uid, nobody)
  t.match(await ask(`${url}/api/instances?format=xml`), { status: 200 })
  const status = `/proc/${readPid()}/status`
  if (existsSync(status)) {
    const ids = (name: string) => new RegExp(`^${name}:(.*)$`, 'm').exec(readFileSync(status, 'utf8'))?.[1]?.trim().split(/\s+/)
    t.same(ids('Uid'), Array(4).fill(String(nobody)))
    t.notOk(ids('Gid')?.includes('0'))
    t.notOk(ids('Groups')?.includes('0'), 'and keeps none of the groups of root')
  }
  await stop()
})

t.test('as root, a user or group that is not there is told', { skip: root ? false : 'not root' }, async t => {
  t.match(await deltacloudd([...background, '-u', 'nosuchuser']).ended, { code: 1, err: /no user 'nosuchuser' .* --user/ })
  t.match(await deltacloudd([...background, '-g', 'nosuchgroup']).ended, { code: 1, err: /no group 'nosuchgroup' .* --group/ })
})
