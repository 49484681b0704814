/** R: recordings of the driver's provider, each played to the driver behind the real server, after the steps of its scenario. */

import fc from 'fast-check'
import type { Transport } from '../../src/drivers/context.ts'
import { MockCloud } from '../../src/mock-cloud/cloud.ts'
import type { CloudTime } from '../../src/server/context.ts'
import { prepareRequest } from '../client.ts'
import { CloudUnderTest, collectionsOf, type RecordedSource } from '../cloud-under-test.ts'
import type { Subject } from '../harness.ts'
import { withNock } from '../replay/nock.ts'
import { Player } from '../replay/player.ts'
import type { Recording } from '../replay/recording.ts'
import { type Format, performSteps, type StepOutcome } from '../replay/steps.ts'
import { createReplayTransport } from '../replay/transport.ts'
import type { Grade } from '../results.ts'
import { Traffic } from '../traffic.ts'
import { withDriver } from './declared.ts'
import { compareFrontend } from './faithful.ts'
import { type InProcess, startInProcess } from './in-process.ts'
import type { OpenCloud, Setup, Source } from './source.ts'

/** Seconds that a request of a case may take. */
const timeLimit = 10

export const openRecorded = async (subject: Subject, recordings: readonly Recording[]): Promise<Source> => {
  const mock = await MockCloud.open()
  return withDriver(subject, async (driver, offer) => ({
    kind: 'R',
    driver,
    offer,
    parts: recordings.map(recording =>
      fc.constant<Setup>({ given: `the recording ${recording.name}`, open: () => openRecording(subject, recording, mock) }),
    ),
    [Symbol.asyncDispose]: () => mock.close(),
  }))
}

const openRecording = async (subject: Subject, recording: Recording, mock: MockCloud): Promise<OpenCloud> => {
  const player = new Player(recording)
  const outcomes: StepOutcome[] = []
  const played = await openPlayed({
    subject,
    recording,
    mock,
    transport: createReplayTransport(player),
    timeLimit,
    mutations: [],
    outcomes,
  })
  outcomes.push(...(await performSteps(played.cloud, recording.scenario, 'json')))
  // From here on it's questions beside the recording; what its own steps met is for R1 to say.
  player.failures.length = 0
  player.isAfterwards = true
  played.cloud.abilities.unrecorded = () => player.failures.at(-1)?.message
  return played
}

export interface Played {
  readonly subject: Subject
  readonly recording: Recording
  readonly mock: MockCloud
  readonly transport: Transport
  /** Seconds. */
  readonly timeLimit: number
  /** What was done to the recording, in words. */
  readonly mutations: readonly string[]
  /** What was done to it that's more than a provider may do. */
  readonly troubles?: RecordedSource['troubles']
  readonly judge?: RecordedSource['judge']
  /** Filled by whoever performs the steps. */
  readonly outcomes: readonly StepOutcome[]
}

/** A server whose provider is a recording, before anything was asked. */
export const openPlayed = async (played: Played): Promise<OpenCloud> => {
  const { subject, recording, mutations, troubles = [], outcomes, judge } = played
  const { scenario, name } = recording
  const halves = subject.harness.roundTrip
  const clock = createClock(startOf(recording))
  const traffic = new Traffic(clock.now)
  const server = await serve({ ...played, transport: traffic.through(played.transport) }, clock)
  return withDriver(subject, async driver => {
    const offer = driver.offer(scenario.provider ?? subject.provider)
    if (offer === undefined) throw new TypeError(`The driver '${driver.id}' has no provider '${scenario.provider}', which ${name} is of`)
    const credentials = scenario.credentials ?? { user: '', password: '' }
    const cloud = new CloudUnderTest({
      subject,
      source: mutations.length === 0 ? 'R' : 'M',
      offer,
      credentials,
      collections: collectionsListedIn(recording, collectionsOf(offer)),
      send: request => server.send(request, 'default'),
      abilities: {
        log: () => server.log.text(),
        traffic,
        // What stands for a secret in recordings is none.
        secrets: () => [credentials.password].filter(secret => secret !== '' && !/^REDACTED/.test(secret)),
        recorded: {
          recording,
          mutations,
          isIllegal: troubles.length > 0,
          troubles,
          outcomes,
          judge,
          compareFrontend: halves === undefined || mutations.length > 0 ? undefined : () => compareFrontend(recording, halves),
          replay: format => replayThroughSockets(played, format),
        },
      },
    })
    const { captured } = scenario.provenance
    return {
      cloud,
      grade: gradeOf(recording),
      ...(captured === undefined ? {} : { date: captured }),
      [Symbol.asyncDispose]: () => server.close(),
    }
  })
}

const serve = ({ subject, recording, mock, transport, timeLimit: seconds }: Played, time: CloudTime): Promise<InProcess> =>
  withDriver(subject, async driver => {
    const { provider } = recording.scenario
    return startInProcess({
      driver: driver.id,
      drivers: [driver],
      mock,
      transport,
      timeout: seconds,
      time,
      ...(provider === undefined ? {} : { provider }),
    })
  })

/** A clock that only waits move: between tries of a provider that fails nobody need really wait. */
const createClock = (start: number): CloudTime => {
  let now = start
  return {
    now: () => now,
    sleep: async milliseconds => {
      now += milliseconds
    },
    random: () => 0,
  }
}

/** When the traffic was recorded: the time that a driver is told, so that nothing in it has expired. Milliseconds since 1970. */
export const startOf = ({ har }: Recording): number => Date.parse(har.log.entries[0]?.startedDateTime ?? '1970-01-01T00:00:00Z')

/** Runs the steps again from their beginning, in one format, through the real HTTP stack. @returns what is wrong, as sentences */
const replayThroughSockets = async (played: Played, format: Format): Promise<readonly string[]> => {
  const player = new Player(played.recording)
  const outcomes = await withNock(player, async (transport): Promise<readonly StepOutcome[]> => {
    const server = await serve({ ...played, transport }, createClock(startOf(played.recording)))
    try {
      return await performSteps(
        { ask: request => server.send(prepareRequest(request, undefined), 'default') },
        played.recording.scenario,
        format,
      )
    } finally {
      await server.close()
    }
  })
  return [
    ...outcomes.flatMap(({ wrong }) => wrong),
    ...player.failures.map(({ message }) => message),
    ...player.unused().map(({ request }) => `${request.method} ${new URL(request.url).pathname} was recorded, and nothing asks it`),
  ]
}

/** Collections that a scenario lists: what else can be asked of them isn't recorded. */
const collectionsListedIn = ({ scenario }: Recording, all: readonly string[]): readonly string[] =>
  all.filter(collection =>
    scenario.steps.some(
      ({ request: { method, path }, expect }) => method === 'GET' && path === `/api/${collection}` && [expect.status].flat().includes(200),
    ),
  )

const gradeOf = ({ scenario }: Recording): Grade =>
  scenario.provenance.kind === 'live' ? 'replayed from live traffic' : 'replayed from documentation'
