/** Situations that people know, each as a function of few parameters to the rules that bring it about. */

import { badRequest, notFound } from '../../model/errors.ts'
import { latestTime } from '../clock-state.ts'
import { readDuration } from '../duration.ts'
import type { World } from '../world.ts'
import type { Rule } from './rules.ts'

interface Parameter {
  readonly kind: 'text' | 'number' | 'share' | 'duration'
  readonly doc: string
  /** What holds where it isn't given; none: it must be. */
  readonly usual?: string | number
  /** It may be left out, and then says nothing. */
  readonly optional?: true
}

interface Scenario {
  readonly doc: string
  readonly parameters: Readonly<Record<string, Parameter>>
  /** @param p the parameters, as they were given or usually are; durations in milliseconds. */
  readonly rules: (p: Readonly<Record<string, string | number | undefined>>) => readonly { match: object; effect: object; note: string }[]
}

const realm: Parameter = { kind: 'text', doc: 'id of the realm', optional: true }
const account: Parameter = { kind: 'text', doc: 'the account that it concerns; all where none is named', optional: true }

/** Matching what was named, and whatever it is where nothing was. */
const only = (key: string, value: unknown): object => (value === undefined ? {} : { [key]: value })

export const scenarios: Readonly<Record<string, Scenario>> = {
  'brown-out': {
    doc: 'A realm answers slowly, and sometimes not at all.',
    parameters: {
      realm: { kind: 'text', doc: 'id of the realm' },
      share: { kind: 'share', doc: 'share of the calls that fail', usual: 0.3 },
      p50: { kind: 'duration', doc: 'what half of the calls take at most', usual: 2000 },
      p99: { kind: 'duration', doc: 'what 99 of 100 calls take at most', usual: 15_000 },
    },
    rules: ({ realm, share, p50, p99 }) => [
      { match: { realm }, effect: { latency: { p50, p99 } }, note: `Realm ${realm} is slow` },
      {
        match: { realm, share },
        effect: { error: { kind: 'provider-unavailable', message: `Realm ${realm} is not available at the moment`, retryAfter: 5 } },
        note: `Realm ${realm} fails now and then`,
      },
    ],
  },
  'throttling-storm': {
    doc: 'Each account may make only a few calls in a while.',
    parameters: {
      calls: { kind: 'number', doc: 'how many', usual: 5 },
      window: { kind: 'duration', doc: 'in how long', usual: 10_000 },
      account,
    },
    rules: ({ calls, window, account }) => [
      { match: only('account', account), effect: { throttle: { calls, window } }, note: `${calls} calls in ${window} ms` },
    ],
  },
  'region-outage': {
    doc: 'Nothing answers: the whole provider, or one realm of it.',
    parameters: { provider: { kind: 'text', doc: 'name of the provider; all where none is named', optional: true }, realm },
    rules: ({ provider, realm }) => [
      {
        match: { ...only('provider', provider), ...only('realm', realm) },
        effect: { error: { kind: 'provider-unavailable', message: 'The region is not available' } },
        note: 'Outage',
      },
    ],
  },
  'slow-boot': {
    doc: 'Instances take many times as long as usual to boot.',
    parameters: { factor: { kind: 'number', doc: 'how many times', usual: 20 }, realm },
    rules: ({ factor, realm }) => [
      {
        match: { operation: ['instances.create'], ...only('realm', realm) },
        effect: { boot: { slow: factor } },
        note: 'Launches are slow',
      },
      { match: { operation: ['instances.start'], ...only('realm', realm) }, effect: { boot: { slow: factor } }, note: 'Starts are slow' },
    ],
  },
  'capacity-exhausted': {
    doc: 'There is no room for new instances and volumes.',
    parameters: { realm },
    rules: ({ realm }) => [
      {
        match: { operation: ['instances.create', 'instances.start', 'storage_volumes.create'], ...only('realm', realm) },
        effect: { error: { kind: 'provider-unavailable', message: 'There is not enough capacity for this at the moment' } },
        note: 'No capacity',
      },
    ],
  },
  'expired-credentials': {
    doc: "An account's credentials are no longer taken.",
    parameters: { account: { kind: 'text', doc: 'the account' } },
    rules: ({ account }) => [
      { match: { account }, effect: { error: { kind: 'unauthenticated', message: 'The credentials have expired' } }, note: 'Expired' },
    ],
  },
}

/** How long a scenario lasts; until it's stopped where it isn't said. */
const lasting: Parameter = { kind: 'duration', doc: 'how long it lasts', optional: true }

export const scenarioParameters = (name: string): Readonly<Record<string, Parameter>> => ({ ...named(name).parameters, for: lasting })

/**
 * Starts a scenario: its rules are added, in place of those it had.
 * @param given values by parameter, as text or as they are.
 * @throws CloudError `not-found` for a name that isn't there, `bad-request` for a parameter.
 */
export const startScenario = async (
  world: World,
  name: string,
  given: Readonly<Record<string, unknown>> = {},
  marks: Pick<Rule, 'atStart'> = {},
): Promise<readonly Rule[]> => {
  const { rules } = named(name)
  const values = read(name, given)
  const until = typeof values.for === 'number' ? { until: Math.min(latestTime, world.now() + values.for) } : {}
  const made = rules(values).map((rule, index) => ({ id: `${name}-${index + 1}`, ...rule, match: { ...rule.match, ...until } }))
  const added = await world.rules.add(made, { ...marks, scenario: name }, name)
  await world.rules.remove(rule => rule.scenario === name && !added.some(({ id }) => id === rule.id))
  return added
}

/** @returns whether it had been started. */
export const stopScenario = async (world: World, name: string): Promise<boolean> => {
  named(name)
  return (await world.rules.remove(({ scenario }) => scenario === name)) > 0
}

const named = (name: string): Scenario => {
  const found = Object.hasOwn(scenarios, name) ? scenarios[name] : undefined
  if (found === undefined) throw notFound(`There is no scenario '${name}'; there are ${Object.keys(scenarios).join(', ')}`)
  return found
}

const read = (name: string, given: Readonly<Record<string, unknown>>): Record<string, string | number | undefined> => {
  const parameters = scenarioParameters(name)
  for (const key of Object.keys(given)) {
    if (!Object.hasOwn(parameters, key))
      throw badRequest(`${name} has no parameter '${key}'; there are ${Object.keys(parameters).join(', ')}`)
  }
  return Object.fromEntries(
    Object.entries(parameters).map(([key, parameter]) => [
      key,
      given[key] === undefined ? usual(name, key, parameter) : readValue(given[key], name, key, parameter),
    ]),
  )
}

const usual = (name: string, key: string, { usual, optional, doc }: Parameter): string | number | undefined => {
  if (usual === undefined && optional === undefined) throw badRequest(`${name} needs the parameter '${key}': ${doc}`)
  return usual
}

const readValue = (value: unknown, name: string, key: string, { kind }: Parameter): string | number => {
  const text = typeof value === 'string' || typeof value === 'number' ? String(value) : ''
  if (kind === 'text') {
    if (text === '') throw badRequest(`${name}.${key} must be text`)
    return text
  }
  const number = kind === 'duration' ? readDuration(text) : text === '' ? undefined : Number(text)
  if (number === undefined || !Number.isFinite(number) || number < 0 || (kind === 'share' && number > 1))
    throw badRequest(`${name}.${key} must be a ${kind === 'share' ? 'number from 0 to 1' : kind}, and not '${text}'`)
  return number
}
