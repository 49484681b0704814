/** R: recordings of the driver's provider, each played to the driver behind the real server, after the steps of its scenario. */

import fc from 'fast-check'
import type { Transport } from '../../src/drivers/context.ts'
import { MockCloud } from '../../src/mock-cloud/cloud.ts'
import { Recorder } from '../../src/record/recorder.ts'
import type { CloudTime } from '../../src/server/context.ts'
import { prepareRequest } from '../client.ts'
import { CloudUnderTest, collectionsOf, type Performance, type RecordedSource } from '../cloud-under-test.ts'
import type { Subject } from '../harness.ts'
import { startOf } from '../replay/har.ts'
import { withNock } from '../replay/nock.ts'
import { Player } from '../replay/player.ts'
import type { Recording } from '../replay/recording.ts'
import { dealSecrets } from '../replay/secrets.ts'
import { type Format, performSteps, requestOf, type StepOutcome } from '../replay/steps.ts'
import { createReplayTransport } from '../replay/transport.ts'
import type { Grade } from '../results.ts'
import { Traffic } from '../traffic.ts'
import { withDriver } from './declared.ts'
import { compareFrontend } from './faithful.ts'
import { type InProcess, startInProcess } from './in-process.ts'
import type { OpenCloud, Setup, Source } from './source.ts'
import { writtenBy } from './written.ts'

/** Seconds that a request of a case may take. */
const timeLimit = 10

export const openRecorded = async (subject: Subject, recordings: readonly Recording[]): Promise<Source> => {
  const mock = await MockCloud.open()
  return withDriver(subject, async (driver, offer) => ({
    kind: 'R',
    driver,
    offer,
    parts: recordings
      .map(dealSecrets)
      .map(recording =>
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
    player,
    transport: createReplayTransport(player),
    rewound: () => createReplayTransport(new Player(recording)),
    timeLimit,
    mutations: [],
    outcomes,
  })
  outcomes.push(...(await performSteps(played.cloud, recording.scenario, 'json', player.answered)))
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
  readonly player: Player
  /** Played by the player. */
  readonly transport: Transport
  /** The same way, from the beginning of the recording. */
  readonly rewound: () => Transport
  /** Seconds. */
  readonly timeLimit: number
  /** What was done to the recording, in words. */
  readonly mutations: readonly string[]
  /** What was done to it that's more than a provider may do. */
  readonly troubles?: RecordedSource['troubles']
  readonly judge?: RecordedSource['judge']
  readonly fed?: RecordedSource['fed']
  readonly otherwise?: RecordedSource['otherwise']
  readonly pages?: RecordedSource['pages']
  /** Filled by whoever performs the steps. */
  readonly outcomes: readonly StepOutcome[]
}

/** A server whose provider is a recording, before anything was asked. */
export const openPlayed = async (played: Played): Promise<OpenCloud> => {
  const { subject, recording, mutations, troubles = [], outcomes, judge, fed, otherwise, pages } = played
  const { scenario, name } = recording
  const halves = subject.harness.roundTrip
  const players = [played.player]
  const clock = createClock(startOf(recording.har))
  const traffic = new Traffic(clock.now)
  const server = await serve({ ...played, transport: traffic.through(played.transport) }, { time: clock })
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
        gaps: () => [...new Set(players.flatMap(player => player.findGaps()))],
        secrets: () => recording.secrets?.credentials ?? [],
        resources: () => recording.secrets?.resources ?? [],
        recorded: {
          recording,
          mutations,
          isIllegal: troubles.length > 0,
          troubles,
          fed,
          pages,
          outcomes,
          otherwise,
          judge,
          compareFrontend:
            halves === undefined || mutations.length > 0
              ? undefined
              : () => compareFrontend(recording.secrets?.recorded ?? recording, halves),
          perform: format => performAgain(played, format),
          replay: format => {
            const player = new Player(recording)
            players.push(player)
            return replayThroughSockets({ ...played, player }, format)
          },
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

const serve = (
  { subject, recording, mock, transport, timeLimit: seconds }: Played,
  { time = createClock(startOf(recording.har)), recorder }: { readonly time?: CloudTime; readonly recorder?: Recorder } = {},
): Promise<InProcess> =>
  withDriver(subject, async driver => {
    const { provider } = recording.scenario
    return startInProcess({
      driver: driver.id,
      drivers: [driver],
      mock,
      transport,
      timeout: seconds,
      time,
      ...(recorder === undefined ? {} : { recorder }),
      ...(provider === undefined ? {} : { provider }),
    })
  })

/** Performs the steps again, before a recorder that looks on. */
const performAgain = async (played: Played, format: Format | 'html'): Promise<Performance> => {
  const { scenario, har } = played.recording
  const recorder = new Recorder(() => startOf(har))
  const server = await serve({ ...played, transport: played.rewound() }, { recorder })
  try {
    const answers: Performance['answers'][number][] = []
    for (const step of scenario.steps) {
      const request = prepareRequest(requestOf(step, scenario, format), undefined)
      answers.push({ what: `${request.method} ${request.target}`, answer: await server.send(request, 'default') })
    }
    return { answers, log: server.log.text(), written: writtenBy(recorder, scenario.driver, scenario.provider) }
  } finally {
    await server.close()
  }
}

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

/** Runs the steps again from their beginning, in one format, through the real HTTP stack. @returns what is wrong, as sentences */
const replayThroughSockets = async (played: Played, format: Format): Promise<readonly string[]> => {
  const { player } = played
  const outcomes = await withNock(player, async (transport): Promise<readonly StepOutcome[]> => {
    const server = await serve({ ...played, transport })
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
