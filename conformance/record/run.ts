/** `npm run record -- --driver NAME --provider URL SCRIPT…`: records scripts against a provider, or records again what is there. */

import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import { Refusal } from '../../src/record/gate.ts'
import { findDrivers } from '../drivers.ts'
import { Problem } from '../problem.ts'
import { type Recorded, type RecordOptions, readScript, recordScript, write } from './record.ts'

const usage = `npm run record -- --driver NAME --provider URL [options] SCRIPT…
  --driver NAME       a driver by name, or the path of a module
  --provider URL      its provider
  --out DIR           folder of recordings; recordings by default
  --name NAME         what the recording is called; as the script by default
  --kind KIND         live (the service itself) or emulator (another implementation); as the script says, else live
  --service TEXT      what the service is, with its version
  --update            the arguments are names of recordings: they are recorded again, and what changed is shown
  --dry-run           writes nothing
Credentials come from API_USER and API_PASSWORD. A script is a scenario: its requests are asked.`

const optionsFrom = () => {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        driver: { type: 'string' },
        provider: { type: 'string' },
        out: { type: 'string', default: 'recordings' },
        name: { type: 'string' },
        kind: { type: 'string' },
        service: { type: 'string' },
        update: { type: 'boolean', default: false },
        'dry-run': { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    })
  } catch (error) {
    throw new Problem(`${error instanceof Error ? error.message : String(error)}\n${usage}`)
  }
}

const main = async (): Promise<number> => {
  const { values, positionals } = optionsFrom()
  if (values.help) {
    console.log(usage)
    return 0
  }
  const { driver: named, out, kind, name: called, update } = values
  const { API_USER: user, API_PASSWORD: password } = process.env
  if (named === undefined) throw new Problem(`Name a driver\n${usage}`)
  if (positionals.length === 0) throw new Problem(`Name a script${values.update ? ', or a recording' : ''}\n${usage}`)
  if (kind !== undefined && kind !== 'live' && kind !== 'emulator') throw new Problem(`--kind is '${kind}'; it must be live or emulator`)
  if (called !== undefined && (update || positionals.length > 1)) throw new Problem('--name is for one new recording')
  if (called !== undefined && !/^[\w.-]+$/.test(called))
    throw new Problem(`--name is '${called}'; it may have letters, digits, dots and dashes`)
  if (user === undefined || password === undefined)
    throw new Problem('Set API_USER and API_PASSWORD: they are what the provider is asked with')
  const [found] = await findDrivers(named)
  if (found === undefined) throw new Problem(`There is no driver '${named}'`)
  const { driver, harness } = found
  for (const argument of positionals) {
    const file = update ? join(out, driver, `${argument}.scenario.json`) : argument
    if (!existsSync(file))
      throw new Problem(update ? `There is no recording ${argument} in ${join(out, driver)}` : `There is no file ${file}`)
    const name = called ?? basename(file).replace(/(\.scenario)?\.json$/, '')
    if (!update && existsSync(join(out, driver, `${name}.scenario.json`)))
      throw new Problem(
        `There is a recording ${name} in ${join(out, driver)}: record it again with --update ${name}, or choose another --name`,
      )
    const script = await readScript(file)
    const { service, kind: before } = script.provenance ?? {}
    const options: RecordOptions = {
      harness,
      driver,
      provider: values.provider ?? script.provider,
      credentials: { user, password },
      kind: kind ?? (before === 'emulator' ? before : 'live'),
      service: values.service ?? service ?? found.driver,
      out,
      isUpdate: update,
    }
    const recorded = await recordScript(script, name, options)
    report(recorded, values['dry-run'])
    if (!values['dry-run']) write(out, driver, recorded)
  }
  return 0
}

const report = ({ name, answers, changes }: Recorded, isDry: boolean): void => {
  const remark = isDry ? ' (nothing is written)' : ''
  if (changes === undefined) console.log([`${name}: recorded${remark}`, ...answers.map(line => `  ${line}`)].join('\n'))
  else if (changes.length === 0) console.log(`${name}: nothing that matters has changed${remark}`)
  else console.log([`${name}: has changed${remark}`, ...changes.map(line => `  ${line}`)].join('\n'))
}

try {
  process.exitCode = await main()
} catch (error) {
  if (!(error instanceof Problem || error instanceof Refusal)) throw error
  console.error(error.message)
  process.exitCode = error instanceof Refusal ? 1 : 2
}
