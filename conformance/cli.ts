/** `deltacloud-conformance`: reads what is asked for, runs it, and writes the reports. */

import { mkdirSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { dirname } from 'node:path'
import { type ConformanceOptions, prepare } from './conformance.ts'
import { runInJobs } from './jobs.ts'
import { type Asked, type Publishing, type Reporter, readOptions } from './options.ts'
import { Problem } from './problem.ts'
import { MalformedRecording } from './replay/har.ts'
import { toGithub, toGitlab } from './reports/annotations.ts'
import { toHtml } from './reports/html.ts'
import { toJson } from './reports/json.ts'
import { toJunit } from './reports/junit.ts'
import { toMarkdown } from './reports/markdown.ts'
import { merge, readReport } from './reports/merge.ts'
import { progressOn } from './reports/progress.ts'
import { toText } from './reports/terminal.ts'
import { type Demands, type Report, verdictOf } from './results.ts'

/** @returns the exit code */
export const main = async (args: readonly string[] = process.argv.slice(2), program = 'deltacloud-conformance'): Promise<number> => {
  try {
    return await obey(readOptions(args, process.env, availableParallelism()), program)
  } catch (error) {
    if (!(error instanceof Problem || error instanceof MalformedRecording)) throw error
    process.stderr.write(`${error.message}\n`)
    return 2
  }
}

const obey = async (asked: Asked, program: string): Promise<number> => {
  switch (asked.wants) {
    case 'text':
      process.stdout.write(asked.text)
      return 0
    case 'list':
      process.stdout.write(await list(asked.options))
      return 0
    case 'merge':
      return publish(
        { ...merge(await Promise.all(asked.files.map(async file => readReport(file, await readText(file))))), ...definedDemands(asked) },
        asked,
      )
    case 'run': {
      const progress = progressOn(process.stderr)
      const memory = asked.remembers === false ? {} : { memory: memoryFolder }
      return publish(await runInJobs({ ...asked.options, ...memory, program, progress }, asked.jobs), asked)
    }
  }
}

/** Where failing cases are remembered: below the working directory. */
const memoryFolder = '.conformance'

/** What the command line asks for beats what the shards were told. */
const definedDemands = ({ demands }: { readonly demands?: Demands }): Pick<Report, 'demands'> => (demands === undefined ? {} : { demands })

const readText = async (file: string): Promise<string> => {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw new Problem(`The report ${file} can't be read: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** Writes all reports. @returns the exit code that they come to */
const publish = async (report: Report, { reporters, annotations }: Publishing): Promise<number> => {
  if (annotations?.gitlab !== undefined) save(annotations.gitlab, toGitlab(report))
  // Beside reports, which may go to standard output: GitHub reads both.
  if (annotations?.github === true) process.stderr.write(toGithub(report))
  for (const { name, file } of reporters) {
    const text = await writeReport(name, report, file === undefined && process.stdout.isTTY === true)
    if (file === undefined) process.stdout.write(text)
    else save(file, text)
  }
  return verdictOf(report).exitCode
}

const writeReport = async (name: Reporter['name'], report: Report, inColour: boolean): Promise<string> => {
  switch (name) {
    case 'terminal':
      return toText(report, { colour: inColour && process.env.NO_COLOR === undefined, width: process.stdout.columns })
    case 'junit':
      return toJunit(report)
    case 'json':
      return toJson(report)
    case 'markdown':
      return toMarkdown(report)
    case 'html':
      return toHtml(report)
  }
}

const save = (file: string, text: string): void => {
  try {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  } catch (error) {
    throw new Problem(`The report ${file} can't be written: ${error instanceof Error ? error.message : String(error)}`)
  }
}

const list = async (options: ConformanceOptions): Promise<string> => {
  const { laws, subjects } = await prepare(options)
  const drivers = subjects.map(({ subject, recordings }) => `  ${subject.name.padEnd(28)} ${recordings.length} recordings`)
  const known = laws.map(({ id, sources, says }) => `  ${id.padEnd(4)} ${sources.join(' ').padEnd(9)} ${says}`)
  return `${['Drivers:', ...drivers, '', 'Laws, and the sources that they are asked of (static; R recordings, M mutated recordings, T round trip, L live):', ...known].join('\n')}\n`
}
