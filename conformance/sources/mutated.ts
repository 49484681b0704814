/** M: mutants of the recordings: what the provider might have answered as well, and what no provider should. */

import fc from 'fast-check'
import { MockCloud } from '../../src/mock-cloud/cloud.ts'
import { Inconclusive, type RecordedSource } from '../cloud-under-test.ts'
import { isItem, read } from '../documents/read.ts'
import type { Subject } from '../harness.ts'
import { type Mutated, mutate } from '../mutations/mutants.ts'
import { type IllegalMutation, type Mutation, mutations } from '../mutations/mutations.ts'
import { type Shapes, shapesOf } from '../mutations/shapes.ts'
import { type Feeding, fedTo, type ShownRecording } from '../mutations/targets.ts'
import { createMutantTransport } from '../mutations/transport.ts'
import { type HarEntry, startOf } from '../replay/har.ts'
import { Player } from '../replay/player.ts'
import type { Recording } from '../replay/recording.ts'
import { dealSecrets } from '../replay/secrets.ts'
import { performSteps, type StepOutcome } from '../replay/steps.ts'
import { createReplayTransport } from '../replay/transport.ts'
import { withDriver } from './declared.ts'
import { pagedParts } from './paged.ts'
import { openPlayed } from './recorded.ts'
import type { OpenCloud, Setup, Source } from './source.ts'

/** Seconds that a request may take: a provider that is late is too late soon. */
const timeLimit = 0.25

/** What laws want to be done to recordings; the others take whatever a provider may do. */
const wanted: Readonly<Record<string, Parameters<typeof mutations>[0]>> = {
  R2: 'permute',
  R3: 'add',
  R4: 'omit',
  D4: 'text',
  E1: 'token ends',
  E3: 'illegal',
  E4: 'illegal',
  E5: 'illegal',
  E7: 'throttle',
}

export const openMutated = async (subject: Subject, recordings: readonly Recording[]): Promise<Source> => {
  const shapes = shapesOf(subject.harness)
  if (shapes === undefined) throw new TypeError(`There are no shapes of ${subject.name}`)
  const mock = await MockCloud.open()
  const dealt = recordings.map(dealSecrets)
  const parts = (kind: Parameters<typeof mutations>[0]) =>
    dealt.map(recording =>
      mutations(kind).map(
        (all): Setup => ({
          given: `the recording ${recording.name}, with ${JSON.stringify(all).slice(0, 300)}`,
          open: () => openMutant(subject, recording, shapes, all, mock),
        }),
      ),
    )
  let shown: Promise<readonly ShownRecording[]> | undefined
  const show = () => {
    shown ??= Promise.all(recordings.map(recording => showRecording(subject, recording, mock)))
    return shown
  }
  const feedings = async (law: string): Promise<readonly fc.Arbitrary<Setup>[] | undefined> =>
    Object.hasOwn(fedTo, law)
      ? (fedTo[law]?.(shapes, await show()) ?? []).map(all =>
          fc.constantFrom(...all).map(feeding => ({ given: feeding.given, open: () => openFed(subject, feeding, mock) })),
        )
      : undefined
  const performWhole = async (recording: Recording) => (await showRecording(subject, recording, mock)).outcomes
  return withDriver(subject, async (driver, offer) => ({
    kind: 'M',
    driver,
    offer,
    parts: parts('legal'),
    partsFor: async law =>
      law === 'R5'
        ? pagedParts(dealt, { subject, shapes, mock, perform: performWhole })
        : Object.hasOwn(wanted, law)
          ? parts(wanted[law] ?? 'legal')
          : feedings(law),
    [Symbol.asyncDispose]: () => mock.close(),
  }))
}

/** A recording in whose mutants one step is to be judged. */
const openFed = async (subject: Subject, { given, recording, fed }: Feeding, mock: MockCloud): Promise<OpenCloud> => {
  const startPlayer = () => new Player(recording, fed.kind === 'error' ? fed.failing : new Set())
  const player = startPlayer()
  const outcomes: StepOutcome[] = []
  const played = await openPlayed({
    player,
    subject,
    recording,
    mock,
    transport: createReplayTransport(player),
    rewound: () => createReplayTransport(startPlayer()),
    timeLimit: 10,
    mutations: [given],
    outcomes,
    fed,
  })
  try {
    const { scenario } = recording
    const steps = scenario.steps.slice(0, fed.step + 1)
    outcomes.push(...(await performSteps(played.cloud, { ...scenario, steps }, 'json', player.answered)))
    const [missed] = player.failures
    if (missed !== undefined) throw new Inconclusive(`not recorded: ${missed.message.split('\n')[0]}`)
  } catch (error) {
    await played[Symbol.asyncDispose]()
    throw error
  }
  return { ...played, grade: 'property-tested', [Symbol.asyncDispose]: () => played[Symbol.asyncDispose]() }
}

/** What each step of a recording as it is asks the provider, and what it's answered. */
const showRecording = async (subject: Subject, recording: Recording, mock: MockCloud): Promise<ShownRecording> => {
  const player = new Player(recording)
  const played = await openPlayed({
    player,
    subject,
    recording,
    mock,
    transport: createReplayTransport(player),
    rewound: () => createReplayTransport(new Player(recording)),
    timeLimit: 10,
    mutations: [],
    outcomes: [],
  })
  try {
    return { recording, outcomes: await performSteps(played.cloud, recording.scenario, 'json', player.answered) }
  } finally {
    await played[Symbol.asyncDispose]()
  }
}

const openMutant = async (
  subject: Subject,
  recording: Recording,
  shapes: Shapes,
  all: readonly Mutation[],
  mock: MockCloud,
): Promise<OpenCloud> => {
  const mutant = mutate(recording, shapes, all)
  if (mutant.done.length === 0) throw new Inconclusive('nothing in the recording can be changed like that')
  const player = new Player(mutant.recording)
  const outcomes: StepOutcome[] = []
  const troubles = [...mutant.effects].map(([entry, mutation]) => ({ mutation, status: statusOf(entry, mutation) }))
  const isThrottled = troubles.some(({ mutation }) => mutation.kind === 'throttle')
  const played = await openPlayed({
    subject,
    recording: mutant.recording,
    mock,
    player,
    transport: createMutantTransport(player, mutant.effects, () => startOf(recording.har)),
    rewound: () => createMutantTransport(new Player(mutant.recording), mutant.effects, () => startOf(recording.har)),
    // Waits that are asked for take no time, and must fit.
    timeLimit: isThrottled ? 60 : timeLimit,
    mutations: mutant.done,
    troubles,
    outcomes,
    judge: kind => judge(kind, { subject, recording, mutant, outcomes, mock }),
    otherwise: otherwiseOf(all, instead => openMutant(subject, recording, shapes, instead, mock)),
  })
  try {
    outcomes.push(...(await performSteps(played.cloud, recording.scenario, 'json')))
    const [missed] = player.failures
    // An answer that's another may lead to a question that nobody asked the provider.
    if (missed !== undefined) throw new Inconclusive(`not recorded: ${missed.message.split('\n')[0]}`)
  } catch (error) {
    await played[Symbol.asyncDispose]()
    throw error
  }
  player.isAfterwards = true
  played.cloud.abilities.unrecorded = () => player.failures.at(-1)?.message
  return { ...played, cloud: played.cloud, grade: 'property-tested', [Symbol.asyncDispose]: () => played[Symbol.asyncDispose]() }
}

/** Where a text was changed: the same with yet another in its place. */
const otherwiseOf = (all: readonly Mutation[], open: (instead: readonly Mutation[]) => Promise<OpenCloud>): RecordedSource['otherwise'] => {
  const changed = all.find(mutation => mutation.kind === 'text')
  return changed === undefined
    ? undefined
    : { text: changed.text, open: text => open(all.map(mutation => (mutation === changed ? { ...changed, text } : mutation))) }
}

/** The status with which an exchange is answered, whatever else is wrong with the answer. */
const statusOf = (entry: HarEntry, mutation: IllegalMutation): number =>
  'status' in mutation ? mutation.status : mutation.kind === 'token ends' ? 401 : entry.response.status

interface Mutant {
  readonly subject: Subject
  readonly recording: Recording
  readonly mutant: Mutated
  readonly outcomes: readonly StepOutcome[]
  readonly mock: MockCloud
}

/** What came of the recording as it was, compared with what came of the mutant. */
const judge: (kind: 'order' | 'extra' | 'absent', mutant: Mutant) => ReturnType<NonNullable<RecordedSource['judge']>> = async (
  kind,
  { subject, recording, mutant, outcomes, mock },
) => {
  const { outcomes: before } = await showRecording(subject, recording, mock)
  return before.flatMap(({ step, answer }, n) => {
    const after = outcomes[n]?.answer
    if (after === undefined || answer.status >= 400) return []
    return compared[kind](answer.text, after, mutant).map(sentence => `${step.title}: ${sentence}`)
  })
}

type Answered = StepOutcome['answer']

const compared: Readonly<Record<'order' | 'extra' | 'absent', (before: string, after: Answered, mutant: Mutated) => string[]>> = {
  order: (before, after) =>
    sortedText(before) === sortedText(after.text) ? [] : ['another order at the provider changes more than the order'],
  extra: (before, after) =>
    before === after.text ? [] : [`something unknown in the provider’s answer changes the document (${after.status})`],
  absent(before, after, { omitted }) {
    if (after.status === 502) {
      const essential = omitted.find(one => one.essential)
      if (essential === undefined) return ['something optional that’s absent gives 502']
      return after.text.includes(essential.name) ? [] : [`without ${essential.name} the answer is 502, and doesn’t say that it’s missing`]
    }
    if (after.status >= 400) return [`without ${omitted.map(({ name }) => name).join(', ')} the answer is ${after.status}`]
    const known = new Set(facts(parseOrText(before)))
    const told = facts(parseOrText(after.text))
    const all = new Set(told)
    const invented = told.filter(fact => !known.has(fact) && !isFallback(fact, all))
    return invented.length === 0
      ? []
      : [`without ${omitted.map(({ name }) => name).join(', ')} the document says ${invented.slice(0, 3).join(', ')}`]
  },
}

const parseOrText = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** Lists in the order of their items’ ids, those in items too: a bucket lists its blobs. */
const sortedText = (text: string): string => JSON.stringify(sortValues(parseOrText(text)))

const sortValues = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sortValues).sort((a, b) => byText(idIn(a), idIn(b)))
  if (!isItem(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, sortValues(inner)]))
}

const idIn = (value: unknown): string => (isItem(value) ? (read(value, 'id') ?? '') : '')

const byText = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1)

/** Each value, with its place by the id of the resource; what is null is absent. */
const facts = (value: unknown, path = ''): string[] => {
  if (value === null || value === undefined) return []
  if (Array.isArray(value)) return value.flatMap(inner => facts(inner, `${path}[${isItem(inner) ? (read(inner, 'id') ?? '') : ''}]`))
  if (!isItem(value)) return [`${path}=${String(value)}`]
  return Object.entries(value).flatMap(([key, inner]) => facts(inner, `${path}.${key}`))
}

/** What stands for absent: an unknown state, a name that is the id, an empty list of actions. */
const isFallback = (fact: string, all: ReadonlySet<string>): boolean => {
  const [, place, name, value] = /^(.*)\.(name|state|limit)=(.*)$/s.exec(fact) ?? []
  const isId = name === 'name' && (place?.endsWith(`[${value}]`) === true || all.has(`${place}.id=${value}`))
  return value === 'UNKNOWN' || value === 'unlimited' || isId || /\.href=/.test(fact)
}
