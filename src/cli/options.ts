/** Reads the command line and the environment: what was asked for, checked, and nothing of defaults yet. */

import { Command, CommanderError, Option as Flag } from 'commander'
import { type Declared, declared } from './flags.ts'
import { Problem } from './problem.ts'

const after = `
A flag beats its environment variable (in brackets), which beats the config file.
API_USER and API_PASSWORD: the user and password for every request to this driver and provider, so that clients need none.`

type Name = keyof typeof declared
type Value<Option> = Option extends Declared<infer T> ? (Option extends { many: true } ? readonly T[] : T) : never

/** Absent where neither a flag nor the environment says something. */
export type Options = { readonly [N in Name]?: Value<(typeof declared)[N]> }

export type Asked =
  | { readonly wants: 'serve'; readonly options: Options }
  | { readonly wants: 'drivers' }
  /** --help and --version. */
  | { readonly wants: 'text'; readonly text: string }

/** @throws Problem with exit code 2 for what can't be understood. */
export const readOptions = (args: readonly string[], env: NodeJS.ProcessEnv, version: string): Asked => {
  let printed = ''
  const command = new Command('deltacloudd')
    .description('One REST API in front of every cloud, and a mock cloud to try it on.')
    .usage('-i <driver> [options]')
    .version(version, '--version', 'print the version')
    .helpOption('-h, --help', 'print this')
    .option('-l, --drivers', 'list the drivers')
    .addHelpText('after', after)
    .exitOverride()
    .configureOutput({
      writeOut: part => {
        printed += part
      },
      outputError: () => undefined,
    })
  const flags = entries.map(([name, option]) => {
    const flag = new Flag(option.flags, `${option.doc} (${option.env}${option.fallback === undefined ? '' : `; ${option.fallback}`})`)
    // A flag given again replaces the one before, or joins it; the texts are read below, as the environment is.
    if (flag.required) flag.argParser((value: string, before?: string[]) => [...(before ?? []), value])
    command.addOption(flag)
    return { name, option, flag }
  })
  try {
    command.parse([...args], { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0) return { wants: 'text', text: printed.trimEnd() }
    throw new Problem(`${error.message.replace(/^error: /, '')}\nRun deltacloudd --help for what there is.`, 2)
  }
  const typed = command.opts<Record<string, true | string | string[]>>()
  if (typed.drivers !== undefined) return { wants: 'drivers' }

  const options: Partial<Record<Name, unknown>> = {}
  for (const { name, option, flag } of flags) {
    const texts = textsOf(option, typed[flag.attributeName()], env[option.env])
    if (texts === undefined) continue
    const called = typed[flag.attributeName()] === undefined ? option.env : flag.long
    const values = texts.map(text => {
      try {
        return option.read(text)
      } catch (error) {
        throw new Problem(`${called} ${error instanceof Error ? error.message : String(error)}.`, 2)
      }
    })
    options[name] = option.many ? values : values.at(-1)
  }
  // Each value was made by the reader of its own option.
  return { wants: 'serve', options: options as Options }
}

const entries = Object.entries(declared) as [Name, Declared<unknown>][]

/** What was typed, else what the environment holds; a variable that is set to nothing says nothing. */
const textsOf = (option: Declared<unknown>, typed: true | string | readonly string[] | undefined, inherited: string | undefined) => {
  if (typed === true) return [option.bare ?? 'true']
  if (typed !== undefined) return [typed].flat()
  if (inherited === undefined || inherited === '') return undefined
  return option.many ? inherited.split(option.separator ?? ',') : [inherited]
}
