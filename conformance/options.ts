/** The command line of the suite, read and checked: what is wrong with it is said in a sentence. */

import { existsSync, readFileSync } from 'node:fs'
import { Command, CommanderError, Option } from 'commander'
import { nearest } from '../src/drivers/registry.ts'
import type { ConformanceOptions } from './conformance.ts'
import { Problem } from './problem.ts'
import { type Demands, type SourceKind, sourceKinds } from './results.ts'
import { usualLiveLimit } from './sources/live.ts'

export const reporterNames = ['terminal', 'junit', 'json', 'markdown', 'html'] as const
export type ReporterName = (typeof reporterNames)[number]

/** A report, and the file that it goes to; standard output where there is none. */
export interface Reporter {
  readonly name: ReporterName
  readonly file: string | undefined
}

/** How a forge is told what is broken: GitHub by commands in the output, GitLab by a file. */
export interface Annotations {
  readonly github: boolean
  readonly gitlab: string | undefined
}

/** What reports are written of a run, and how much evidence it needs. */
export interface Publishing {
  readonly reporters: readonly Reporter[]
  /** None by default. */
  readonly annotations?: Annotations
}

export type Asked =
  | { readonly wants: 'text'; readonly text: string }
  | { readonly wants: 'list'; readonly options: ConformanceOptions }
  | ({ readonly wants: 'merge'; readonly files: readonly string[]; readonly demands?: Demands } & Publishing)
  | ({ readonly wants: 'run'; readonly options: ConformanceOptions; readonly jobs: number; readonly remembers?: false } & Publishing)

const collectNames = (value: string, before: readonly string[] = []): string[] => [
  ...before,
  ...value
    .split(',')
    .map(one => one.trim())
    .filter(one => one !== ''),
]

/** A path may have a comma in it. */
const collectPath = (value: string, before: readonly string[] = []): string[] => [...before, value]

const wholeNumber = (name: string, least: number, most: number) => (text: string) => {
  const value = /^-?\d+$/.test(text) ? Number(text) : Number.NaN
  if (!(value >= least && value <= most)) throw new Problem(`${name} is '${text}'; it must be a whole number from ${least} to ${most}`)
  return value
}

const usualConfig = 'conformance.config.json'

const command = (): Command =>
  new Command('deltacloud-conformance')
    .description('Holds drivers to the laws of conformance: on recordings of their providers, on mutated ones, by round trip, and live.')
    .option(
      '-d, --driver <name>',
      'a driver by name, `all`, or the path of a module: ./my-driver.ts; several, separated by commas',
      collectNames,
    )
    .option('-P, --provider <name>', 'provider to test at, instead of those that the suite would take', collectPath)
    .option(
      '--recordings <dir>',
      'folder of recordings, again for several; else recordings and ../shared/recordings, where they exist',
      collectPath,
    )
    .option('-l, --law <ids>', 'laws by id, separated by commas; all by default', collectNames)
    .addOption(new Option('--source <kinds>', `where behaviour is looked at, of ${sourceKinds.join(', ')}`).argParser(collectNames))
    .option(
      '--budget <seconds>',
      'processor time for each driver, dealt to what was covered least; 10 by default. Each law gets 25 cases whatever that takes',
      wholeNumber('--budget', 0, 1_000_000),
    )
    .option('-n, --runs <n>', 'generated cases a law, instead of a budget', wholeNumber('--runs', 1, 10_000_000))
    .option(
      '--seed <n>',
      'what all cases are generated from; by chance where it is not given',
      wholeNumber('--seed', -(2 ** 31), 2 ** 31 - 1),
    )
    .option('--replay <case>', 'one case seen again, as a counterexample names it')
    .option('--live', 'asks a live endpoint too: credentials from API_USER and API_PASSWORD, the endpoint from --provider')
    .option('-r, --reporter <list>', `of ${reporterNames.join(', ')}, each with a file or without: terminal,html=report.html`, collectNames)
    .option('-o, --out <dir>', 'folder for reports that name no file: report.html, report.json, junit.xml, summary.md')
    .option('--shard <i/n>', 'one part of several, such as 1/4')
    .option('-j, --jobs <n>', 'processes at a time; as many as there are processors by default', wholeNumber('--jobs', 1, 64))
    .option('--max-age <days>', 'recordings that are older, or of no known date, are warned of', wholeNumber('--max-age', 0, 100_000))
    .option('--fail-on-stale', 'with --max-age: such recordings fail the run')
    .option('--bail', 'ends with the first law that is broken')
    .option('--all', 'goes on after a law’s first failure, and reports all that differ, up to 10 of a law on a source')
    .option('--require <kinds>', 'sources of which each driver needs a law that holds, as in R,T; else exit code 3', collectNames)
    .option('--min-cells <n>', 'how many laws of drivers must hold; else exit code 3', wholeNumber('--min-cells', 0, 1_000_000))
    .option(
      '--live-limit <n>',
      `resources that a live run may make in all; ${usualLiveLimit} by default`,
      wholeNumber('--live-limit', 0, 100_000),
    )
    .option('--baseline <file>', 'failures that are expected, as JSON or YAML: they do not fail the run, and one that is gone does')
    .option('--no-memory', 'neither tries first what failed before, nor remembers what fails; so it is in CI')
    .option('--annotations <list>', 'github, or gitlab=FILE for a code quality report; none for neither. On GitHub, github', collectNames)
    .option('--config <file>', `options as JSON, named like these; ${usualConfig} by default, where it exists`)
    .option('--list', 'lists drivers, their providers and recordings, and the laws; runs nothing')
    .addHelpText(
      'after',
      `
  merge <files…> joins the JSON reports of shards: deltacloud-conformance merge 1.json 2.json --reporter html=report.html

${usualConfig}: { "driver": "./my-driver.ts", "require": ["R", "T"], "min-cells": 30, "memory": false }. The command line wins.

Exit codes: 0 all laws hold, 1 a law is broken, 2 the command line can't be understood, 3 nothing was compared, or too little:
only what drivers declare, less than --require and --min-cells ask for, or a part of the run is missing.`,
    )
    .exitOverride()
    .configureOutput({ writeOut: () => undefined, writeErr: () => undefined })

interface Given {
  readonly driver?: string[]
  readonly provider?: string[]
  readonly recordings?: string[]
  readonly law?: string[]
  readonly source?: string[]
  readonly runs?: number
  readonly budget?: number
  readonly seed?: number
  readonly replay?: string
  readonly live?: true
  readonly reporter?: string[]
  readonly out?: string
  readonly shard?: string
  readonly jobs?: number
  readonly maxAge?: number
  readonly failOnStale?: true
  readonly bail?: true
  readonly all?: true
  readonly require?: string[]
  readonly minCells?: number
  readonly liveLimit?: number
  readonly baseline?: string
  readonly memory?: boolean
  readonly annotations?: string[]
  readonly config?: string
  readonly list?: true
}

/** @param usualJobs where the command line says nothing @throws Problem */
export const readOptions = (args: readonly string[], env: NodeJS.ProcessEnv, usualJobs: number): Asked => {
  const isMerge = args[0] === 'merge'
  const parser = command()
  parser.allowExcessArguments(isMerge)
  try {
    parser.parse(isMerge ? args.slice(1) : [...args], { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.code === 'commander.helpDisplayed') return { wants: 'text', text: parser.helpInformation() + readHelpFooter(parser) }
    throw new Problem(`${error.message.replace(/^error: /, '')}; --help tells the options`)
  }
  const typed = givenTo(parser)
  const given = { ...readConfig(typed.config), ...typed }
  const publishing = { reporters: reportersOf(given), ...annotationsOf(given, env) }
  if (isMerge) return mergeOf(parser.args, publishing, demandsOf(given))
  const options = optionsOf(given, env)
  if (given.list === true) return { wants: 'list', options }
  return {
    wants: 'run',
    options,
    jobs: given.replay === undefined ? (given.jobs ?? usualJobs) : 1,
    ...publishing,
    ...(wantsMemory(given, env) ? {} : { remembers: false as const }),
  }
}

/** What stands behind the options in the help is written by an event that `helpInformation` leaves out. */
const readHelpFooter = (parser: Command): string => {
  let text = ''
  parser.configureOutput({ writeOut: (part: string) => (text += part) })
  parser.outputHelp()
  return text.slice(parser.helpInformation().length)
}

/** What was said, and nothing that holds by default. */
const givenTo = (parser: Command): Given =>
  Object.fromEntries(Object.entries(parser.opts<Given>()).filter(([name]) => parser.getOptionValueSource(name) === 'cli'))

/** What a config file can't say: it's of one run, or of the file itself. */
const notInConfig: readonly string[] = ['config', 'list', 'replay', 'shard']

/** The options of a file, each read as the command line would read it. @throws Problem */
const readConfig = (named: string | undefined): Given => {
  const file = named ?? usualConfig
  if (named === undefined && !existsSync(file)) return {}
  let value: unknown
  try {
    value = JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new Problem(`The config file ${file} can't be read: ${error instanceof Error ? error.message : String(error)}`)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Problem(`The config file ${file} must hold an object`)
  const parser = command()
  const args = Object.entries(value).flatMap(([key, one]) => argumentsOf(file, parser, key, one))
  try {
    parser.parse(args, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError || error instanceof Problem)) throw error
    throw new Problem(`${file}: ${error.message.replace(/^error: /, '')}`)
  }
  return givenTo(parser)
}

/** `--no-memory` is a member `memory`. */
const keyOf = (option: Option): string => (option.negate ? option.name().replace(/^no-/, '') : option.name())

const argumentsOf = (file: string, parser: Command, key: string, value: unknown): readonly string[] => {
  const option = parser.options.find(one => keyOf(one) === key && !notInConfig.includes(key))
  if (option === undefined) {
    const names = parser.options.map(keyOf).filter(name => !notInConfig.includes(name))
    const near = nearest(names, key)
    const hint = near.length > 0 ? `did you mean ${near.map(one => `'${one}'`).join(' or ')}?` : `there are ${names.join(', ')}`
    throw new Problem(`${file}: there is no option '${key}', ${hint}`)
  }
  if (option.isBoolean() || option.negate) {
    if (typeof value !== 'boolean') throw new Problem(`${file}: '${key}' must be true or false`)
    return value === option.negate ? [] : [option.long ?? '']
  }
  const values = [value].flat()
  if (values.length === 0 || !values.every(one => typeof one === 'string' || typeof one === 'number'))
    throw new Problem(`${file}: '${key}' must be a text, a number, or a list of them`)
  return values.map(one => `${option.long}=${one}`)
}

const mergeOf = (files: readonly string[], publishing: Publishing, demands: Demands | undefined): Asked => {
  if (files.length === 0) throw new Problem('merge needs the JSON reports that it is to join')
  return { wants: 'merge', files, ...publishing, ...(demands === undefined ? {} : { demands }) }
}

const demandsOf = ({ require, minCells }: Given): Demands | undefined =>
  require === undefined && minCells === undefined ? undefined : definedOnly({ require: require?.map(parseSource), minCells })

const annotationsOf = ({ annotations }: Given, env: NodeJS.ProcessEnv): Pick<Publishing, 'annotations'> => {
  if (annotations === undefined) return env.GITHUB_ACTIONS === 'true' ? { annotations: { github: true, gitlab: undefined } } : {}
  let found: Annotations = { github: false, gitlab: undefined }
  for (const text of annotations) {
    const [kind = '', ...file] = text.split('=')
    if (kind === 'gitlab' && file.length > 0) found = { ...found, gitlab: file.join('=') }
    else if (text === 'github') found = { ...found, github: true }
    else if (text !== 'none') throw new Problem(`--annotations is '${text}'; it must be github, gitlab=FILE or none`)
  }
  return { annotations: found }
}

/** Whether failing cases are remembered. In CI each run begins with nothing, and the same seed is to mean the same cases. */
const wantsMemory = ({ memory, replay }: Given, env: NodeJS.ProcessEnv): boolean => memory !== false && replay === undefined && !isCi(env)

const isCi = ({ CI }: NodeJS.ProcessEnv): boolean => CI !== undefined && CI !== '' && CI !== '0' && CI !== 'false'

const optionsOf = (given: Given, env: NodeJS.ProcessEnv): ConformanceOptions => {
  const { driver, provider, recordings, law, runs, budget, seed, replay, maxAge } = given
  const drivers = driver ?? (given.list === true ? ['all'] : replay === undefined ? undefined : [driverOfReplay(replay)])
  if (drivers === undefined || drivers.length === 0)
    throw new Problem('Name a driver: --driver mock, --driver all, --driver ./my-driver.ts; --list tells what there is')
  if (runs !== undefined && budget !== undefined) throw new Problem('--runs and --budget are two ways to say how much is tried: give one')
  if (given.failOnStale === true && maxAge === undefined) throw new Problem('--fail-on-stale needs --max-age')
  const live = given.live === true ? { credentials: credentialsFrom(env), ...definedOnly({ limit: given.liveLimit }) } : undefined
  const all = {
    providers: provider,
    recordings,
    laws: law,
    sources: given.source === undefined ? undefined : given.source.map(parseSource),
    runs,
    budget,
    seed,
    replay,
    live,
    shard: given.shard === undefined ? undefined : parseShard(given.shard),
    bail: given.bail,
    all: given.all,
    baseline: given.baseline,
    demands: demandsOf(given),
    maxAge: maxAge === undefined ? undefined : { days: maxAge, fails: given.failOnStale === true },
  }
  return { drivers, ...definedOnly(all) }
}

/** `F1/T/mock;provider=classic/1/0` is of `mock`. */
const driverOfReplay = (replay: string): string => replay.split('/')[2]?.split(';')[0] ?? ''

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> }

const definedOnly = <T extends object>(values: T): Defined<T> =>
  // What is undefined was left out: an optional member that's there has a value.
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Defined<T>

const credentialsFrom = (env: NodeJS.ProcessEnv): { user: string; password: string } => {
  const { API_USER: user, API_PASSWORD: password } = env
  if (user === undefined || password === undefined) throw new Problem('--live needs credentials: set API_USER and API_PASSWORD')
  return { user, password }
}

const parseSource = (text: string): SourceKind => {
  const found = sourceKinds.find(kind => kind.toLowerCase() === text.toLowerCase())
  if (found === undefined) throw new Problem(`There is no source '${text}'; there are ${sourceKinds.join(', ')}`)
  return found
}

const parseShard = (text: string): { index: number; of: number } => {
  const [, index, of] = /^(\d+)\/(\d+)$/.exec(text) ?? []
  const shard = { index: Number(index), of: Number(of) }
  if (!(shard.index >= 1 && shard.index <= shard.of)) throw new Problem(`--shard is '${text}'; it must be like 1/4`)
  return shard
}

/** Where a report goes that names no file. */
const usualFiles: Readonly<Record<ReporterName, string>> = {
  terminal: 'summary.txt',
  junit: 'junit.xml',
  json: 'report.json',
  markdown: 'summary.md',
  html: 'report.html',
}

const reportersOf = ({ reporter, out }: Given): readonly Reporter[] => {
  // A folder alone asks for everything in it.
  const wanted = reporter ?? (out === undefined ? ['terminal'] : ['terminal', ...reporterNames.filter(name => name !== 'terminal')])
  const reporters = wanted.map((text): Reporter => {
    const [kind = '', ...file] = text.split('=')
    const name = reporterNames.find(one => one === kind.toLowerCase())
    if (name === undefined) throw new Problem(`There is no reporter '${kind}'; there are ${reporterNames.join(', ')}`)
    if (file.length > 0) return { name, file: file.join('=') }
    return { name, file: out === undefined || name === 'terminal' ? undefined : `${out}/${usualFiles[name]}` }
  })
  const onOutput = reporters.filter(({ file }) => file === undefined)
  if (onOutput.length > 1)
    throw new Problem(
      `Only one report can go to standard output, not ${onOutput.map(({ name }) => name).join(' and ')}: name a file, as in html=report.html`,
    )
  return reporters
}
