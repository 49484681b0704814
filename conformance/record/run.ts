/** `npm run record -- --driver NAME --provider URL SCRIPT…`: records scripts against a provider, or records again what is there. */

import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import { Refusal } from '../../src/record/gate.ts'
import { findDrivers } from '../drivers.ts'
import { Problem } from '../problem.ts'
import { type RecordOptions, readScript, recordScript, write } from './record.ts'

const usage = `npm run record -- --driver NAME --provider URL [options] SCRIPT…
  --driver NAME       a driver by name, or the path of a module
  --provider URL      its provider
  --out DIR           folder of recordings; recordings by default
  --kind KIND         live (the service itself, by default) or emulator (another implementation)
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
        kind: { type: 'string', default: 'live' },
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
  const { driver: named, out, kind } = values
  const { API_USER: user, API_PASSWORD: password } = process.env
  if (named === undefined) throw new Problem(`Name a driver\n${usage}`)
  if (positionals.length === 0) throw new Problem(`Name a script${values.update ? ', or a recording' : ''}\n${usage}`)
  if (kind !== 'live' && kind !== 'emulator') throw new Problem(`--kind is '${kind}'; it must be live or emulator`)
  if (user === undefined || password === undefined)
    throw new Problem('Set API_USER and API_PASSWORD: they are what the provider is asked with')
  const [found] = await findDrivers(named)
  if (found === undefined) throw new Problem(`There is no driver '${named}'`)
  const { driver, kit } = found
  for (const argument of positionals) {
    const file = values.update ? join(out, driver, `${argument}.scenario.json`) : argument
    if (!existsSync(file))
      throw new Problem(values.update ? `There is no recording ${argument} in ${join(out, driver)}` : `There is no file ${file}`)
    const script = await readScript(file)
    const options: RecordOptions = {
      kit,
      driver,
      provider: values.provider ?? script.provider,
      credentials: { user, password },
      kind,
      service: values.service ?? script.provenance.service,
      out,
    }
    const recorded = await recordScript(script, basename(file).replace(/(\.scenario)?\.json$/, ''), options)
    report(recorded.name, recorded.changes)
    if (!values['dry-run']) write(out, driver, recorded)
  }
  return 0
}

const report = (name: string, changes: readonly string[] | undefined): void => {
  if (changes === undefined) console.log(`${name}: recorded`)
  else if (changes.length === 0) console.log(`${name}: nothing that matters has changed`)
  else console.log([`${name}: has changed`, ...changes.map(line => `  ${line}`)].join('\n'))
}

try {
  process.exitCode = await main()
} catch (error) {
  if (!(error instanceof Problem || error instanceof Refusal)) throw error
  console.error(error.message)
  process.exitCode = error instanceof Refusal ? 1 : 2
}
