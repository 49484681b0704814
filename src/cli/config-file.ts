/** The config file: credentials by driver, key ids, and accounts of the mock cloud, as YAML. */

import { readFile } from 'node:fs/promises'
import { LineCounter, parseDocument } from 'yaml'
import { z } from 'zod'
import type { FixedCredentials } from '../server/gate.ts'
import { networksOf } from '../server/networks.ts'
import { providerPolicies, type ReachOptions } from '../server/reach.ts'
import { Problem, whyFile } from './problem.ts'

const credentials = z.strictObject({ user: z.string().min(1), password: z.string() })

const entry = z.strictObject({
  provider: z.string().min(1).optional(),
  user: z.string().min(1).optional(),
  password: z.string().optional(),
})

/** Which providers requests may choose by address. */
const providers = z.strictObject({
  allow: z.enum(providerPolicies).optional(),
  hosts: z.array(z.string().min(1)).optional(),
  networks: z.array(z.string().min(1)).optional(),
  drivers: z.array(z.string().min(1)).optional(),
})

const config = z
  .object({
    providers: providers.optional(),
    keys: z.record(z.string(), credentials).optional(),
    mock: entry.extend({ accounts: z.record(z.string(), z.string()).optional() }).optional(),
  })
  .catchall(entry)

export interface Config {
  /** Those of the chosen driver. */
  readonly entry: z.infer<typeof entry>
  /** User and password of each entry that has both, for its driver and provider. */
  readonly credentials: readonly FixedCredentials[]
  readonly providers: ReachOptions
  /** Key ids that native protocols may sign with. */
  readonly keys: Readonly<Record<string, z.infer<typeof credentials>>>
  /** Of the mock cloud: user → password. */
  readonly accounts: Readonly<Record<string, string>>
}

/** @throws Problem that names the file and, where there is one, the line; it quotes keys and never a value. */
export const readConfig = async (file: string, driver: string): Promise<Config> => {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new Problem(`The config file ${file} can't be read: ${whyFile(error)}.`)
  })
  const lines = new LineCounter()
  const at = (offset: number): string => `The config file ${file}, line ${lines.linePos(offset).line}:`
  // Each value is the text that stands there: a password of 0123 or `no` is no number and no boolean.
  const document = parseDocument(text, { schema: 'failsafe', lineCounter: lines, prettyErrors: false })
  const flaw = document.errors[0]
  if (flaw !== undefined) throw new Problem(`${at(flaw.pos[0])} not valid YAML (${flaw.code.toLowerCase().replaceAll('_', ' ')}).`)
  const content = resolve(document, file)
  if (content === null || content === '') return { entry: {}, credentials: [], providers: {}, keys: {}, accounts: {} }
  const symbol = symbolKey(content)
  if (symbol !== undefined) {
    throw new Problem(
      `The config file ${file} has the key ':${symbol}'. Keys are plain text now: write '${symbol}:' without the first colon.`,
    )
  }
  const parsed = config.safeParse(content)
  const issue = parsed.error?.issues[0]
  if (issue !== undefined) {
    const found = issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0] ?? ''] : issue.path
    const range = lineOf(document, found)
    throw new Problem(`${at(range)} ${found.length === 0 ? 'the file' : `'${found.join('.')}'`} ${saysOf(issue)}.`)
  }
  const { keys, mock: { accounts, ...mock } = {}, providers: { allow, ...listed } = {}, ...others } = parsed.data ?? {}
  const entries: Readonly<Record<string, z.infer<typeof entry>>> = { ...others, mock }
  requireNetworks(file, listed)
  return {
    entry: entries[driver] ?? {},
    credentials: Object.entries(entries).flatMap(([driver, { provider, user, password }]) =>
      user === undefined || password === undefined ? [] : [{ driver, provider, credentials: { user, password } }],
    ),
    providers: { ...listed, policy: allow },
    keys: keys ?? {},
    accounts: accounts ?? {},
  }
}

/** @throws Problem for a network that is none. */
const requireNetworks = (file: string, { networks = [] }: ReachOptions): void => {
  try {
    networksOf(networks)
  } catch (error) {
    throw new Problem(
      `The config file ${file} has a wrong entry under 'providers.networks': ${error instanceof Error ? error.message : String(error)}.`,
    )
  }
}

/** The content with its aliases followed, where they lead somewhere and don't multiply without end. */
const resolve = (document: ReturnType<typeof parseDocument>, file: string): unknown => {
  try {
    return document.toJS({ maxAliasCount: 100 })
  } catch {
    throw new Problem(`The config file ${file} has an alias (*name) that leads nowhere, or too many of them.`)
  }
}

const saysOf = (issue: z.core.$ZodIssue): string => {
  switch (issue.code) {
    case 'unrecognized_keys':
      return 'is not a key that belongs there'
    case 'too_small':
      return 'is empty'
    case 'invalid_value':
      return `must be one of ${issue.values.join(', ')}`
    default:
      if (issue.code !== 'invalid_type') return 'must be a map of keys and values'
      return { string: 'must be there, as text', array: 'must be a list' }[String(issue.expected)] ?? 'must be a map of keys and values'
  }
}

/** Where a path begins in the text, or the nearest thing above it that is there. */
const lineOf = (document: ReturnType<typeof parseDocument>, path: readonly PropertyKey[]): number => {
  for (let length = path.length; length > 0; length--) {
    const node: unknown = document.getIn(path.slice(0, length), true)
    if (typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range)) return Number(node.range[0])
  }
  return 0
}

/** The first key that begins with a colon, as Ruby wrote its symbols. */
const symbolKey = (content: unknown): string | undefined => {
  if (typeof content !== 'object' || content === null) return undefined
  for (const [key, value] of Object.entries(content)) {
    const found = key.startsWith(':') ? key.slice(1) : symbolKey(value)
    if (found !== undefined) return found
  }
  return undefined
}
