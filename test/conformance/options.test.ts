/** The command line of the suite: what it understands, and what it says of what it doesn't. */

import t from 'tap'
import { readOptions } from '../../conformance/options.ts'

const asked = (line: string, env: NodeJS.ProcessEnv = {}) => readOptions(line.split(' '), env, 2)

t.test('options are read as they are meant', t => {
  t.same(asked('--driver mock'), {
    wants: 'run',
    options: { drivers: ['mock'] },
    jobs: 2,
    reporters: [{ name: 'terminal', file: undefined }],
  })
  t.match(asked('-d mock,./my.ts -l F1,s3 -n 1000 --seed -5 --shard 2/4 --jobs 3 --recordings a,b --recordings c -P classic'), {
    options: {
      drivers: ['mock', './my.ts'],
      laws: ['F1', 's3'],
      runs: 1000,
      seed: -5,
      shard: { index: 2, of: 4 },
      recordings: ['a,b', 'c'],
      providers: ['classic'],
    },
    jobs: 3,
  })
  t.match(asked('-d mock --max-age 90 --fail-on-stale --source t,R'), {
    options: { maxAge: { days: 90, fails: true }, sources: ['T', 'R'] },
  })
  t.match(asked('--driver mock --live', { API_USER: 'me', API_PASSWORD: 'secret' }), {
    options: { live: { credentials: { user: 'me', password: 'secret' } } },
  })
  t.match(asked('--replay F1/T/mock;provider=classic/1/0.0'), { options: { drivers: ['mock'] }, jobs: 1 })
  t.match(asked('--list'), { wants: 'list', options: { drivers: ['all'] } })
  t.match(asked('merge a.json b.json -r html=x.html'), {
    wants: 'merge',
    files: ['a.json', 'b.json'],
    reporters: [{ name: 'html', file: 'x.html' }],
  })
  t.end()
})

t.test('what a verdict needs, and what is known before, is read', t => {
  t.match(asked('-d mock --require R,t --min-cells 30 --all --baseline known.yaml --no-memory'), {
    options: { demands: { require: ['R', 'T'], minCells: 30 }, all: true, baseline: 'known.yaml' },
    remembers: false,
  })
  t.match(asked('merge a.json --require T'), { wants: 'merge', demands: { require: ['T'] } })
  t.match(asked('-d mock --live --live-limit 3', { API_USER: 'me', API_PASSWORD: 'secret' }), { options: { live: { limit: 3 } } })
  t.equal('remembers' in asked('-d mock'), false)
  for (const env of [{ CI: '1' }, { CI: 'true' }]) t.match(asked('-d mock', env), { remembers: false })
  t.equal('remembers' in asked('-d mock', { CI: 'false' }), false)
  t.match(asked('--replay F1/T/mock/1/0.0'), { remembers: false })
  t.end()
})

t.test('annotations are those of GitHub there, and whatever is asked for', t => {
  t.match(asked('-d mock', { GITHUB_ACTIONS: 'true' }), { annotations: { github: true, gitlab: undefined } })
  t.match(asked('-d mock --annotations none', { GITHUB_ACTIONS: 'true' }), { annotations: { github: false } })
  t.match(asked('-d mock --annotations github,gitlab=quality.json'), { annotations: { github: true, gitlab: 'quality.json' } })
  t.end()
})

t.test('a config file holds options, and the command line wins', t => {
  const folder = t.testdir({
    'a.json': JSON.stringify({
      driver: ['mock', './my.ts'],
      runs: 50,
      seed: -5,
      'max-age': 90,
      'fail-on-stale': true,
      bail: false,
      memory: false,
      require: 'R,T',
      recordings: ['a,b', 'c'],
    }),
    'not.json': '{',
    'list.json': '[]',
    'unknown.json': '{"run":5}',
    'strange.json': '{"qqqqqqqqqqqq":5}',
    'value.json': '{"runs":0}',
    'type.json': '{"bail":"yes"}',
    'kind.json': '{"law":{}}',
    'once.json': '{"replay":"F1/T/mock/1/0"}',
    'conformance.config.json': '{"driver":"ec2"}',
  })
  t.match(asked(`--config ${folder}/a.json --runs 7`), {
    options: {
      drivers: ['mock', './my.ts'],
      runs: 7,
      seed: -5,
      maxAge: { days: 90, fails: true },
      demands: { require: ['R', 'T'] },
      recordings: ['a,b', 'c'],
    },
    remembers: false,
  })
  t.match(asked(`--config ${folder}/a.json -d ec2`), { options: { drivers: ['ec2'] } })
  for (const [file, message] of [
    ['none.json', /none\.json can't be read/],
    ['not.json', /not\.json can't be read/],
    ['list.json', /must hold an object/],
    ['unknown.json', /there is no option 'run', did you mean 'runs'/],
    ['strange.json', /there is no option 'qqqqqqqqqqqq', there are driver, /],
    ['value.json', /value\.json: --runs is '0'/],
    ['type.json', /'bail' must be true or false/],
    ['kind.json', /'law' must be a text, a number, or a list of them/],
    ['once.json', /there is no option 'replay'/],
  ] as const)
    t.throws(() => asked(`-d mock --config ${folder}/${file}`), { name: 'Problem', message })
  const before = process.cwd()
  process.chdir(folder)
  t.teardown(() => process.chdir(before))
  t.match(asked('--runs 5'), { options: { drivers: ['ec2'], runs: 5 } }, 'that of the working directory is found')
  t.end()
})

t.test('a folder for reports gets all of them, and the terminal the summary', t => {
  const found = asked('-d mock --out build')
  t.same('reporters' in found ? found.reporters : [], [
    { name: 'terminal', file: undefined },
    { name: 'junit', file: 'build/junit.xml' },
    { name: 'json', file: 'build/report.json' },
    { name: 'markdown', file: 'build/summary.md' },
    { name: 'html', file: 'build/report.html' },
  ])
  t.end()
})

t.test('help tells the options, the other command and the exit codes', t => {
  const help = asked('--help')
  t.match(help, {
    wants: 'text',
    text: /--driver <name>.*--replay.*merge <files…>.*Exit codes: 0 all laws hold.*3 nothing was compared, or too little/s,
  })
  t.end()
})

for (const [line, message] of [
  ['--law F1', /Name a driver/],
  ['--driver mock --nosuch', /unknown option '--nosuch'.*--help/],
  ['--driver mock --runs many', /--runs is 'many'; it must be a whole number from 1/],
  ['--driver mock --runs 0', /--runs is '0'/],
  ['--driver mock --shard 5/4', /--shard is '5\/4'; it must be like 1\/4/],
  ['--driver mock --source X', /There is no source 'X'; there are static, R, M, T, L/],
  ['--driver mock --reporter pdf', /There is no reporter 'pdf'; there are terminal, junit/],
  ['--driver mock --reporter html,json', /Only one report can go to standard output, not html and json/],
  ['--driver mock --live', /set API_USER and API_PASSWORD/],
  ['--driver mock --fail-on-stale', /needs --max-age/],
  ['--driver mock extra', /too many arguments/],
  ['--driver mock --require X', /There is no source 'X'/],
  ['--driver mock --live-limit -1', /--live-limit is '-1'/],
  ['--driver mock --annotations gitlab', /must be github, gitlab=FILE or none/],
  ['merge', /merge needs the JSON reports/],
] as const)
  t.test(`'${line}' is refused in words`, t => {
    t.throws(() => asked(line), { name: 'Problem', message })
    t.end()
  })
