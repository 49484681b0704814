/** L: a live endpoint. Few cases, one after the other, in real time; whatever a case made is destroyed when it's over. */

import { setTimeout as pause } from 'node:timers/promises'
import fc from 'fast-check'
import type { Credentials } from '../../src/drivers/context.ts'
import { MockCloud } from '../../src/mock-cloud/cloud.ts'
import { type Answer, basicAuthorization, type Sent } from '../client.ts'
import { CloudUnderTest, Inconclusive } from '../cloud-under-test.ts'
import { itemsAt, jsonOf, readResource } from '../documents/read.ts'
import type { Subject } from '../harness.ts'
import { actionsOf, toSeenInstance } from '../laws/asking.ts'
import { startInProcess } from './in-process.ts'
import type { OpenCloud, Setup, Source } from './source.ts'

export interface LiveOptions {
  /** Beside that of the subject. */
  readonly provider?: string
  readonly credentials: Credentials
  /** Seconds that are waited for an instance to come to rest; 180 by default. */
  readonly patience?: number
  /** How many resources a whole run may make; 20 by default. */
  readonly limit?: number
}

export const usualLiveLimit = 20

/** What a run may still make of live clouds, counted over all laws and cases. */
export class LiveBudget {
  private readonly limit: number
  private left: number

  constructor(limit = usualLiveLimit) {
    this.limit = limit
    this.left = limit
  }

  /** Before something is made. @throws Inconclusive where nothing more may be */
  take(): void {
    if (this.left <= 0)
      throw new Inconclusive(`a run makes at most ${this.limit} resources of a live cloud, and these are used up: --live-limit allows more`)
    this.left--
  }

  /** Nothing was made after all. */
  giveBack(): void {
    this.left++
  }
}

/** How often it's looked whether all has come to rest. Milliseconds. */
const betweenLooks = 500
/** What a case may make at most: a live cloud may cost money. */
const mostMade = 5
/** A wait of a case is a real one. Milliseconds. */
const longestWait = 2000

export const openLive = async (
  subject: Subject,
  { provider = subject.provider, credentials, patience = 180, limit }: LiveOptions,
  budget: LiveBudget = new LiveBudget(limit),
): Promise<Source> => {
  const { driver } = subject.harness
  const mock = await MockCloud.open({ accounts: { [credentials.user]: credentials.password } })
  const own = typeof driver === 'function' ? driver(mock) : driver
  const offer = own.offer(provider)
  if (offer === undefined) throw new TypeError(`The driver '${own.id}' has no provider '${provider ?? ''}'`)
  const server = await startInProcess({
    driver: own.id,
    mock,
    drivers: [own],
    timeout: 120,
    ...(provider === undefined ? {} : { provider }),
  })

  /** Asks beside the conversation of a case: what a case sees to, and not what it's about. */
  const call = (target: string, method = 'GET'): Promise<Answer> =>
    server.send({ method, target, headers: [['Authorization', basicAuthorization(credentials)]], body: undefined }, 'default')

  const settle = async (): Promise<void> => {
    const deadline = Date.now() + patience * 1000
    for (;;) {
      const instances = itemsAt(jsonOf(await call('/api/instances?format=json')), 'instances').map(toSeenInstance)
      if (instances.every(({ state }) => offer.machine?.isStable(state) !== false)) return
      if (Date.now() > deadline) throw new Inconclusive(`not all instances came to rest within ${patience} s`)
      await pause(betweenLooks)
    }
  }

  const open = async (): Promise<OpenCloud> => {
    /** Paths of what was made, in that order. */
    const made: string[] = []
    const cloud = new CloudUnderTest({
      subject,
      source: 'L',
      offer,
      credentials,
      async send(request) {
        const isMaking = makes(request)
        if (isMaking && made.length >= mostMade) throw new Inconclusive(`a case makes at most ${mostMade} things of a live cloud`)
        if (isMaking) budget.take()
        const answer = await server.send(request, 'default')
        // After a failure of another kind it isn't known whether something was made.
        if (isMaking && answer.status >= 400 && answer.status < 500) budget.giveBack()
        const location = answer.headers.get('location')
        if (answer.status === 201 && location !== undefined) made.push(new URL(location).pathname)
        // A blob has no Location, and a bucket can't be destroyed while it has one.
        else if (isMaking && request.method === 'PUT' && answer.status < 300) made.push(pathOf(request))
        return answer
      },
      abilities: {
        wait: milliseconds => pause(Math.min(milliseconds, longestWait)),
        settle,
        log: () => server.log.text(),
        secrets: () => [credentials.password],
      },
    })
    return {
      cloud,
      grade: 'verified live',
      date: new Date().toISOString().slice(0, 10),
      async [Symbol.asyncDispose]() {
        await cleanUp(made, call, patience * 1000)
        server.log.forget()
      },
    }
  }

  return {
    kind: 'L',
    driver: own,
    offer,
    parts: [fc.constant<Setup>({ given: 'the live cloud', open })],
    async [Symbol.asyncDispose]() {
      await server.close()
      await mock.close()
    },
  }
}

const pathOf = ({ target }: Pick<Sent, 'target'>): string => target.split('?')[0] ?? ''

/** Whether a request makes a resource: one of a collection, or a blob. */
const makes = ({ method, target }: Pick<Sent, 'method' | 'target'>): boolean => {
  const path = pathOf({ target })
  return method === 'POST'
    ? /^\/api\/([a-z_]+|buckets\/[^/]+)\/?$/.test(path)
    : method === 'PUT' && /^\/api\/buckets\/[^/]+\/[^/]+$/.test(path)
}

/**
 * Destroys what a case made, newest first: an instance is stopped before where it must be.
 * @throws Error that names what is left: whoever runs the suite pays for it
 */
const cleanUp = async (
  made: readonly string[],
  call: (target: string, method?: string) => Promise<Answer>,
  patience: number,
): Promise<void> => {
  const deadline = Date.now() + patience
  const left: string[] = []
  for (const path of [...made].reverse()) if (!(await isDestroyed(path, call, deadline))) left.push(path)
  if (left.length > 0) throw new Error(`These are left in the cloud, and couldn't be destroyed: ${left.join(', ')}`)
}

const isDestroyed = async (
  path: string,
  call: (target: string, method?: string) => Promise<Answer>,
  deadline: number,
): Promise<boolean> => {
  for (;;) {
    const shown = await call(`${path}?format=json`)
    if (shown.status === 404) return true
    if (shown.status === 200) {
      const { state, offered } = toSeenInstance(readResource(shown))
      if (state === 'finish') return true
      const able = actionsOf(offered)
      if (!path.startsWith('/api/instances/') || able.includes('destroy')) await call(`${path}?format=json`, 'DELETE')
      else if (able.includes('stop')) await call(`${path}/stop?format=json`, 'POST')
    }
    if (Date.now() > deadline) return false
    await pause(betweenLooks)
  }
}
