import fc from 'fast-check'
import t from 'tap'
import { declared } from '../../src/cli/flags.ts'
import { type Options, readOptions } from '../../src/cli/options.ts'
import { Problem } from '../../src/cli/problem.ts'

const read = (args: readonly string[], env: NodeJS.ProcessEnv = {}): Options => {
  const asked = readOptions(args, env, '1.2.3')
  if (asked.wants !== 'serve') throw new Error(`the command line asks for ${asked.wants}`)
  return asked.options
}

const refusal = (args: readonly string[], env: NodeJS.ProcessEnv = {}): Problem => {
  try {
    readOptions(args, env, '1.2.3')
  } catch (error) {
    if (error instanceof Problem) return error
    throw error
  }
  throw new Error('the command line was understood')
}

t.test('short and long flags are one', async t => {
  const long = '--driver mock --hostname ::1 --port 0 --provider p --frontends deltacloud --env e --user u --group g --pid p --log l --ssl'
  const short = '-i mock -r ::1 -p 0 -P p -f deltacloud -e e -u u -g g -b p -L l -s'
  t.same(read(short.split(' ')), read(long.split(' ')))
  t.same(
    read('-k key -C cert -t 5 -V -w -d'.split(' ')),
    read('--ssl-key key --ssl-cert cert --timeout 5 --verbose --webrick --daemon'.split(' ')),
  )
})

t.test('what nobody says is absent', async t => t.same(read([]), {}))

t.test('every option can be given in the environment, and a flag beats it', async t => {
  const samples: Readonly<Record<string, readonly [string, string]>> = {
    port: ['80', '81'],
    timeout: ['1', '2'],
    pageSize: ['1', '2'],
    timeScale: ['1', '2'],
    frontends: ['deltacloud', 'cimi'],
    accounts: ['a:b', 'c:d'],
    faults: ['reset', 'never'],
    quotas: ['keys=1', 'keys=2'],
    providers: ['own', 'any'],
    trustedProxies: ['loopback', '10.0.0.0/8'],
  }
  for (const [name, { env, flags }] of Object.entries(declared)) {
    const flag = /--[a-z-]+/.exec(flags)?.[0] ?? ''
    const takesValue = /[<[]/.test(flags)
    const [first, second] = samples[name] ?? ['first', 'second']
    const inherited = read([], { [env]: takesValue ? first : 'true' })
    t.same(Object.keys(inherited), [name], env)
    const typed = read(takesValue ? [flag, second] : [flag])
    t.same(read(takesValue ? [flag, second] : [flag], { [env]: takesValue ? first : 'false' }), typed, flag)
  }
})

t.test('a variable that is set to nothing says nothing', async t => t.same(read([], { API_PORT: '', API_DRIVER: '' }), {}))

t.test('a driver and frontends are named in any case, and a provider as it is written', async t => {
  const { driver, provider, frontends } = read(['-i', 'Mock', '-P', 'Eu-West', '-f', 'Deltacloud, CIMI,cimi'])
  t.same({ driver, provider, frontends }, { driver: 'mock', provider: 'Eu-West', frontends: ['deltacloud', 'cimi'] })
})

t.test('a switch in the environment may be on or off', async t => {
  for (const on of ['1', 'true', 'TRUE', 'yes', 'on']) t.equal(read([], { API_VERBOSE: on }).verbose, true, on)
  for (const off of ['0', 'false', 'no', 'Off']) t.equal(read([], { API_VERBOSE: off }).verbose, false, off)
  t.match(refusal([], { API_VERBOSE: 'maybe' }), { message: "API_VERBOSE is 'maybe'; it must be true or false.", exitCode: 2 })
})

t.test('--config without a file means the one in the home folder', async t => {
  t.match(read(['-c', '-i', 'mock']), { config: /\/\.deltacloud\/config$/, driver: 'mock' })
  t.equal(read(['-c', 'mine.yaml']).config, 'mine.yaml')
})

t.test('accounts are repeated flags, or a list in the environment', async t => {
  t.same(read(['--account', 'a:b', '--account', 'c:d:e']).accounts, [
    ['a', 'b'],
    ['c', 'd:e'],
  ])
  t.same(read([], { API_ACCOUNTS: 'a:b,c:' }).accounts, [
    ['a', 'b'],
    ['c', ''],
  ])
})

t.test('an account that is none is refused without repeating it', async t => {
  const { message } = refusal(['--account', 'nocolonsecret'])
  t.match(message, '--account must be USER:PASSWORD.')
  t.notMatch(message, 'secret')
})

t.test('what can not be understood is a usage error that names it', async t => {
  const cases: readonly (readonly [args: readonly string[], words: string])[] = [
    [['--prot', '1'], "unknown option '--prot'"],
    [['-i'], 'argument missing'],
    [['-i', 'mock', 'extra'], 'too many arguments'],
    [['-p', 'http'], "--port is 'http'; it must be a whole number from 0 to 65535."],
    [['-p', '65536'], '--port'],
    [['-p', '1.5'], '--port'],
    [['-t', '0'], '--timeout'],
    [['--time-scale', '-1'], '--time-scale'],
    [['--page-size', '0'], "--page-size is '0'; it must be a whole number from 1 to 10000."],
    [['-i', ''], '--driver is empty.'],
  ]
  for (const [args, words] of cases) {
    const problem = refusal(args)
    t.match(problem.message, words)
    t.equal(problem.exitCode, 2, words)
  }
  t.match(refusal(['--prot', '1']).message, '--port', 'and what may have been meant')
})

t.test('no command line and no environment does worse than be refused', async () => {
  const word = fc.oneof(
    fc.string(),
    fc.constantFrom(...Object.values(declared).flatMap(({ flags }) => flags.split(/[ ,]+/)), '-l', '--', '-', '--version', '-h'),
  )
  const env = fc.dictionary(fc.constantFrom(...Object.values(declared).map(({ env }) => env)), fc.string())
  fc.assert(
    fc.property(fc.array(word, { maxLength: 6 }), env, (args, env) => {
      try {
        readOptions(args, env, '1.2.3')
      } catch (error) {
        if (!(error instanceof Problem)) throw error
      }
    }),
  )
})

t.test('help names every flag and every variable', async t => {
  const asked = readOptions(['--help'], {}, '1.2.3')
  if (asked.wants !== 'text') return t.fail('no text')
  for (const { flags, env } of Object.values(declared)) {
    t.match(asked.text, flags)
    t.match(asked.text, env)
  }
})

t.test('the version is that of the package', async t => t.same(readOptions(['--version'], {}, '1.2.3'), { wants: 'text', text: '1.2.3' }))

t.test('-l lists the drivers, whatever else is asked', async t => t.same(readOptions(['-l', '-i', 'x'], {}, ''), { wants: 'drivers' }))
