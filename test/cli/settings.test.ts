import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { readConfig } from '../../src/cli/config-file.ts'
import { readOptions } from '../../src/cli/options.ts'
import { Problem } from '../../src/cli/problem.ts'
import { type Settings, settle } from '../../src/cli/settings.ts'

const folder = mkdtempSync(join(tmpdir(), 'deltacloud-settings-'))
t.teardown(() => rmSync(folder, { recursive: true }))

const file = (content: string): string => {
  const path = join(folder, 'config')
  writeFileSync(path, content)
  return path
}

const settings = (args: string, env: NodeJS.ProcessEnv = {}): Promise<Settings> => {
  const asked = readOptions(
    args.split(' ').filter(word => word !== ''),
    env,
    '',
  )
  if (asked.wants !== 'serve') throw new Error('not to be served')
  return settle(asked.options, env)
}

const refusal = async (args: string, env: NodeJS.ProcessEnv = {}): Promise<Problem> => {
  const problem: unknown = await settings(args, env).catch((error: unknown) => error)
  if (problem instanceof Problem) return problem
  throw new Error('it was accepted')
}

t.test('defaults hold where nobody says anything', async t => {
  t.match(await settings('-i mock'), {
    driver: 'mock',
    provider: undefined,
    host: 'localhost',
    port: 3001,
    frontends: ['deltacloud'],
    timeout: 60,
    pageSize: undefined,
    timeScale: 1,
    environment: 'development',
    verbose: false,
    daemon: undefined,
    credentials: undefined,
    notes: [],
  })
})

t.test('a flag beats the environment, which beats the config file, which beats the default', async t => {
  const config = file('mock:\n  provider: from-file\n  user: file-user\n  password: file-password\n')
  const provider = async (args: string, env: NodeJS.ProcessEnv = {}) => (await settings(args, env)).provider
  t.equal(await provider('-i mock'), undefined)
  t.equal(await provider(`-i mock -c ${config}`), 'from-file')
  t.equal(await provider(`-i mock -c ${config}`, { API_PROVIDER: 'from-env' }), 'from-env')
  t.equal(await provider(`-i mock -c ${config} -P from-flag`, { API_PROVIDER: 'from-env' }), 'from-flag')
  t.same((await settings(`-i mock -c ${config}`)).credentials, { user: 'file-user', password: 'file-password' })
  t.same((await settings(`-i mock -c ${config}`, { API_USER: 'env' })).credentials, { user: 'env', password: 'file-password' })
  t.equal((await settings(`-i mock -c ${config} -P from-flag`)).credentials, undefined, 'those of the file are for its provider')
  t.equal((await settings(`-i mock -c ${config} -P from-flag`, { API_USER: 'env' })).credentials, undefined)
  t.same((await settings(`-i mock -c ${config} -P from-file`)).credentials, { user: 'file-user', password: 'file-password' })
})

t.test('without a driver two lines say what to do', async t => {
  const { message, exitCode } = await refusal('')
  t.match(message.split('\n'), { length: 2 })
  t.match(message, 'API_DRIVER')
  t.equal(exitCode, 1)
  t.equal((await settings('', { API_DRIVER: 'mock' })).driver, 'mock')
})

t.test('a driver that is not there is refused, with those that may have been meant', async t => {
  t.match(await refusal('-i mokc'), {
    message: "Driver 'mokc' is not available; did you mean 'mock'? -l lists those that are.",
    exitCode: 1,
  })
  t.match(await refusal('-i abracadabra'), { message: "Driver 'abracadabra' is not available. -l lists those that are." })
})

t.test('a frontend that is not there is refused, and those that are there are named', async t => {
  t.match(await refusal('-i mock -f deltacloud,soap'), {
    message: /^Frontend 'soap' is not available; there is: .*deltacloud/,
    exitCode: 1,
  })
  t.match(await refusal('-i mock -f ,'), { message: /^No frontend is named/ })
})

t.test('HTTPS needs a key and a certificate', async t => {
  for (const args of ['-s', '-s -k key', '-s -C cert']) t.match(await refusal(`-i mock ${args}`), { message: /-k and -C/, exitCode: 1 })
  t.same((await settings('-i mock -s -k key -C cert')).tls, { key: 'key', cert: 'cert' })
  t.equal((await settings('-i mock -k key -C cert')).tls, undefined)
})

t.test('a daemon runs in production and logs under the name of its driver', async t => {
  const { daemon, environment } = await settings('-i mock -d')
  t.equal(environment, 'production')
  t.same(daemon, { user: 'nobody', group: undefined, pid: 'tmp/pids/thin.pid', log: '/var/log/deltacloud-core/mock.log' })
  t.equal((await settings('-i mock -d -e staging')).environment, 'staging')
})

t.test('fixed credentials and -w are pointed out', async t => {
  t.match((await settings('-i mock', { API_USER: 'u', API_PASSWORD: 'secret' })).notes, [/^Warning: .*API_USER/])
  t.notMatch((await settings('-i mock', { API_USER: 'u', API_PASSWORD: 'secret' })).notes.join(), 'secret')
  t.same((await settings('-i mock', { API_USER: 'u' })).notes, [], 'a user alone fixes nothing')
  t.match((await settings('-i mock -w')).notes, [/-w has no effect/])
})

t.test('accounts of the mock cloud come from everywhere', async t => {
  const config = file('mock:\n  accounts:\n    filed: one\n    both: two\n')
  t.same((await settings(`-i mock -c ${config} --account both:three --account flagged:four`)).accounts, {
    filed: 'one',
    both: 'three',
    flagged: 'four',
  })
})

t.test('the config file holds entries by driver and keys; other drivers leave this one alone', async t => {
  const config = file('ec2:\n  user: key\n  password: secret\nkeys:\n  AKIA1:\n    user: someone\n    password: 0123\n')
  const read = await settings(`-i mock -c ${config}`)
  t.equal(read.credentials, undefined)
  t.same(read.keys, { AKIA1: { user: 'someone', password: '0123' } }, 'and a password is the text that stands there')
  t.same((await readConfig(config, 'ec2')).entry, { user: 'key', password: 'secret' })
})

t.test('an empty config file says nothing', async t => {
  for (const content of ['', '\n', '# nothing\n', '---\n']) t.same((await settings(`-i mock -c ${file(content)}`)).keys, {}, content)
})

t.test('a config file that can not be used is refused with its line, and without its secrets', async t => {
  const cases: readonly (readonly [content: string, words: RegExp])[] = [
    ['mock:\n  user: u\n  passwort: hidden\n', /line 3: 'mock\.passwort' is not a key that belongs there/],
    ['mock:\n  user: u\n password: hidden\n', /line [23]: not valid YAML/],
    ['mock:\n  user: [hidden]\n', /line 2: 'mock\.user' must be there, as text/],
    ['mock: hidden\n', /line 1: 'mock' must be a map/],
    ['- hidden\n', /line 1: the file must be a map/],
    ['keys:\n  K1:\n    user: u\n', /line 3: 'keys\.K1\.password' must be there/],
    ['keys:\n  K1: hidden\n', /line 2: 'keys\.K1' must be a map/],
    ['mock:\n  user: u\n  user: hidden\n', /line 3: not valid YAML \(duplicate key\)/],
    [':mock:\n  :user: hidden\n', /':mock'.*write 'mock:'/],
    ['mock:\n  :user: hidden\n', /':user'/],
    ['mock: &a\n  user: *b\n', /an alias .* leads nowhere/],
    ['a: &a [x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\n', /too many/],
  ]
  for (const [content, words] of cases) {
    const { message, exitCode } = await refusal(`-i mock -c ${file(content)}`)
    t.match(message, words, content)
    t.notMatch(message, 'hidden')
    t.equal(exitCode, 1)
  }
  t.match(await refusal(`-i mock -c ${join(folder, 'nosuch')}`), { message: /nosuch can't be read: it does not exist/, exitCode: 1 })
  t.match(await refusal(`-i mock -c ${folder}`), { message: /it is a directory/ })
})

t.test('the control token comes by flag or environment, and is never empty', async t => {
  t.equal((await settings('-i mock')).controlToken, undefined)
  t.equal((await settings('-i mock', { API_CONTROL_TOKEN: 'secret' })).controlToken, 'secret')
  t.equal((await settings('-i mock --control-token other', { API_CONTROL_TOKEN: 'secret' })).controlToken, 'other')
  t.equal((await settings('-i mock', { API_CONTROL_TOKEN: '' })).controlToken, undefined, 'a variable that is set to nothing says nothing')
  t.throws(() => settings('-i mock --control-token='), /--control-token is empty/)
})
