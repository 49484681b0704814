import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { openJsonLog, plainLog } from '../../src/cli/log.ts'

const folder = mkdtempSync(join(tmpdir(), 'deltacloud-log-'))
t.teardown(() => rmSync(folder, { recursive: true }))

t.test('a log file holds one JSON line for each message, after what was there', async t => {
  const file = join(folder, 'two-runs.log')
  for (const run of [1, 2]) {
    const { log, close } = await openJsonLog(file, { name: 'deltacloud-mock', environment: 'test' }, false)
    log.info({ run, status: 200 }, 'GET /api')
    log.debug({ run }, 'not written')
    await close()
  }
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
  t.match(
    lines.map(line => JSON.parse(line)),
    [1, 2].map(run => ({ run, status: 200, msg: 'GET /api', name: 'deltacloud-mock', environment: 'test', time: /^\d{4}-/ })),
  )
  t.equal(lines.length, 2)
})

t.test('no log shows a password, whoever passes it in', async t => {
  const file = join(folder, 'secrets.log')
  const json = await openJsonLog(file, {}, true)
  const plain: string[] = []
  const details = { user: 'u', password: 'hidden', authorization: 'hidden', request: { password: 'hidden', path: '/api' } }
  for (const log of [json.log, plainLog(line => plain.push(line), true)]) log.error(details, 'failed')
  await json.close()
  for (const text of [readFileSync(file, 'utf8'), plain.join()]) {
    t.match(text, '/api')
    t.notMatch(text, 'hidden')
  }
})

t.test('a log file that can not be opened is a plain problem', async t => {
  await t.rejects(openJsonLog(folder, {}, false), { message: /can't be opened: it is a directory.*--log/ })
})

t.test('a full disk stops the log and not the server', { skip: existsSync('/dev/full') ? false : 'no /dev/full here' }, async t => {
  const said: unknown[] = []
  t.intercept(process.stderr, 'write', { value: (text: unknown) => said.push(text) > 0 })
  const { log, close } = await openJsonLog('/dev/full', {}, false)
  for (let i = 0; i < 100; i++) log.info({ i }, 'lost')
  await close()
  t.match(said, [/the log \/dev\/full can't be written: the disk is full/])
  t.equal(said.length, 1)
})

t.test('without a log file only warnings and errors are shown, unless it is verbose', async t => {
  for (const [verbose, expected] of [
    [false, ['warning: w', 'error: e']],
    [true, ['debug: d', 'info: i', 'warning: w', 'error: e']],
  ] as const) {
    const lines: string[] = []
    const log = plainLog(line => lines.push(line), verbose)
    log.debug({}, 'd')
    log.info({}, 'i')
    log.warn({}, 'w')
    log.error({}, 'e')
    t.same(lines, expected)
  }
})

t.test('an error is shown by its message, and with its stack only where it is verbose', async t => {
  const lines: string[] = []
  const err = new Error('no luck')
  plainLog(line => lines.push(line), false).error({ err, status: 502, where: undefined }, 'failed')
  plainLog(line => lines.push(line), true).error({ err }, 'failed')
  t.equal(lines[0], 'error: failed err="no luck" status=502')
  t.match(lines[1], 'log.test.ts')
})

t.test('whatever is logged is one plain line', async () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.dictionary(fc.stringMatching(/^[a-z]+$/), fc.anything()), (message, details) => {
      const lines: string[] = []
      plainLog(line => lines.push(line), true).info(details, message)
      return lines.length === 1 && !/[\p{Cc}]/u.test(lines[0] ?? '\n')
    }),
  )
})
