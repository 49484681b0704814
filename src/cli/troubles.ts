/** The faults and limits that a mock cloud is started with: read from the command line and a file, and brought to its world. */

import { readFile } from 'node:fs/promises'
import { fromShortForm } from '../mock-cloud/faults/short-form.ts'
import type { World } from '../mock-cloud/world.ts'
import { CloudError } from '../model/errors.ts'
import { Problem, whyFile } from './problem.ts'

export interface Troubles {
  /** As YAML: rules, scenarios, limits. */
  readonly file: string | undefined
  /** In their long form. */
  readonly faults: readonly object[]
  readonly scenarios: readonly StartedScenario[]
  readonly quotas: Readonly<Record<string, number>>
}

export interface StartedScenario {
  readonly name: string
  readonly parameters: Readonly<Record<string, unknown>>
}

/** What a file holds. */
interface FileContent {
  readonly rules: unknown
  readonly scenarios: readonly StartedScenario[]
  readonly limits: unknown
}

export const readFault = fromShortForm

/** `brown-out:realm=us,share=0.5` */
export const readScenario = (text: string): StartedScenario => {
  const colon = text.indexOf(':')
  if (colon < 0) return { name: text, parameters: {} }
  const pairs = text
    .slice(colon + 1)
    .split(',')
    .map((pair): [string, string] => {
      const equals = pair.indexOf('=')
      if (equals < 1) throw new Error(`is '${text}'; it must be NAME or NAME:PARAMETER=VALUE,…`)
      return [pair.slice(0, equals), pair.slice(equals + 1)]
    })
  return { name: text.slice(0, colon), parameters: Object.fromEntries(pairs) }
}

export const readQuota = (text: string): readonly [name: string, limit: number] => {
  const match = /^([a-z_]+)=(\d{1,9})$/.exec(text)
  if (match === null) throw new Error(`is '${text}'; it must be COLLECTION=NUMBER`)
  return [match[1] ?? '', Number(match[2])]
}

/** @throws Problem that names the file and what is wrong with it. */
export const readTroubles = async (file: string): Promise<FileContent> => {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new Problem(`The faults file ${file} can't be read: ${whyFile(error)}.`)
  })
  const { LineCounter, parseDocument } = await import('yaml')
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' })
  const [flaw] = document.errors
  if (flaw !== undefined) throw new Problem(`The faults file ${file}, line ${lines.linePos(flaw.pos[0]).line}: not valid YAML.`)
  const content: unknown = toPlain(document, file)
  if (content === null || content === undefined) return { rules: [], scenarios: [], limits: undefined }
  if (Array.isArray(content)) return { rules: content, scenarios: [], limits: undefined }
  if (typeof content !== 'object') throw new Problem(`The faults file ${file} must hold a list of rules, or rules, scenarios and limits.`)
  const known = ['rules', 'scenarios', 'limits']
  const unknown = Object.keys(content).find(key => !known.includes(key))
  if (unknown !== undefined) throw new Problem(`The faults file ${file} has '${unknown}'; there are ${known.join(', ')}.`)
  const { rules = [], scenarios = [], limits }: { rules?: unknown; scenarios?: unknown; limits?: unknown } = content
  if (!Array.isArray(scenarios)) throw new Problem(`The faults file ${file}: scenarios must be a list.`)
  return { rules, limits, scenarios: scenarios.map(one => scenarioOf(one, file)) }
}

/** The content with its aliases followed, where they lead somewhere and don't multiply without end. */
const toPlain = (document: { toJS(options: { maxAliasCount: number }): unknown }, file: string): unknown => {
  try {
    return document.toJS({ maxAliasCount: 100 })
  } catch {
    throw new Problem(`The faults file ${file} has an alias (*name) that leads nowhere, or too many of them.`)
  }
}

/** A name, or `{name, …parameters}`. */
const scenarioOf = (one: unknown, file: string): StartedScenario => {
  if (typeof one === 'string') return { name: one, parameters: {} }
  if (typeof one !== 'object' || one === null || !('name' in one) || typeof one.name !== 'string')
    throw new Problem(`The faults file ${file}: a scenario is a name, or a name and parameters.`)
  const { name, ...parameters } = one
  return { name, parameters }
}

/**
 * Gives a world the faults that it's started with, in place of those of an earlier start; those that the control API added stay.
 * @throws Problem where one of them can't be taken.
 */
export const bringTroubles = async (world: World, { file, faults, scenarios, quotas }: Troubles): Promise<void> => {
  const content = file === undefined ? undefined : await readTroubles(file)
  const { rules, limits } = world
  const inFile = `The faults file ${file ?? ''}:`
  const ids = new Set<string>()
  const keep = (added: readonly { readonly id: string }[]): void => {
    for (const { id } of added) ids.add(id)
  }
  if (content !== undefined) keep(await explained(inFile, () => rules.add(numbered(content.rules, 'file'), { atStart: true })))
  if (faults.length > 0) keep(await explained('--fault', () => rules.add(numbered(faults, 'fault'), { atStart: true }, 'fault')))
  const started = [...(content?.scenarios ?? []), ...scenarios]
  if (started.length > 0) {
    const { startScenario } = await import('../mock-cloud/faults/scenarios.ts')
    for (const { name, parameters } of started)
      keep(await explained('--scenario', () => startScenario(world, name, parameters, { atStart: true })))
  }
  if (rules.list().some(isOld(ids))) await rules.remove(isOld(ids))
  const given = content?.limits
  if (given !== undefined) await explained(inFile, () => limits.set(given))
  if (Object.keys(quotas).length > 0) await explained('--quota', () => limits.setQuotas(quotas))
}

/** Rules that were given at an earlier start. */
const isOld =
  (ids: ReadonlySet<string>) =>
  ({ id, atStart }: { readonly id: string; readonly atStart?: true }): boolean =>
    atStart === true && !ids.has(id)

/** Rules that were given no id get one that they have at the next start, too: so they are counted on. */
const numbered = (rules: unknown, prefix: string): unknown =>
  Array.isArray(rules)
    ? rules.map((rule: unknown, index) => (typeof rule === 'object' && rule !== null ? { id: `${prefix}-${index + 1}`, ...rule } : rule))
    : rules

const explained = async <T>(where: string, act: () => Promise<T>): Promise<T> => {
  try {
    return await act()
  } catch (error) {
    if (error instanceof CloudError) throw new Problem(`${where} ${error.details ?? error.message}.`, 2)
    throw error
  }
}
