/** A client of the Deltacloud API before a real OpenStack: what it asks is held to a status, and may be recorded. */

import { setTimeout as wait } from 'node:timers/promises'
import { basicAuthorization } from '../../conformance/client.ts'
import { type InProcess, startInProcess } from '../../conformance/sources/in-process.ts'
import type { Credentials } from '../../src/drivers/context.ts'
import { openstack } from '../../src/drivers/openstack/index.ts'
import { MockCloud } from '../../src/mock-cloud/cloud.ts'
import type { Recorder } from '../../src/record/recorder.ts'

/** The cloud that is asked, and who asks. */
export interface Place {
  readonly provider: string
  readonly credentials: Credentials
}

export interface Asked {
  readonly query?: Readonly<Record<string, string>>
  readonly form?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array | string
  /** The status that is right; 200 by default. */
  readonly is?: number
  readonly as?: Credentials
}

export type Item = Readonly<Record<string, unknown>>

export interface Answered {
  readonly status: number
  readonly headers: ReadonlyMap<string, string>
  readonly body: Buffer
  /** The one resource of the document. @throws Error where there is none */
  readonly item: Item
  readonly id: string
}

export class Client {
  /** What each request is called, in order. */
  readonly titles: string[] = []
  private readonly server: InProcess
  private readonly mock: MockCloud
  private readonly place: Place

  private constructor(server: InProcess, mock: MockCloud, place: Place) {
    this.server = server
    this.mock = mock
    this.place = place
  }

  static async open(place: Place, recorder?: Recorder): Promise<Client> {
    const mock = await MockCloud.open()
    // A replay has no chance in it, so what is recorded has none either.
    const time = { now: Date.now, random: () => 0, sleep: (milliseconds: number) => wait(milliseconds) }
    const server = await startInProcess({
      driver: 'openstack',
      provider: place.provider,
      mock,
      timeout: 600,
      ...(recorder === undefined ? {} : { recorder, time }),
    })
    return new Client(server, mock, place)
  }

  /** @throws Error where the answer has another status */
  async ask(title: string, method: string, path: string, asked: Asked = {}): Promise<Answered> {
    const { query = {}, form, headers = {}, body, is = 200, as = this.place.credentials } = asked
    const content = form === undefined ? body : new URLSearchParams(form).toString()
    this.titles.push(title)
    const answer = await this.server.send(
      {
        method,
        target: `/api${path}?${new URLSearchParams({ ...query, format: 'json' })}`,
        headers: [
          ['Authorization', basicAuthorization(as)],
          ['X-Deltacloud-Driver', openstack.id],
          ['X-Deltacloud-Provider', this.place.provider],
          ...(form === undefined ? [] : [['Content-Type', 'application/x-www-form-urlencoded'] as const]),
          ...Object.entries(headers),
        ],
        body: content === undefined ? undefined : Buffer.from(content),
      },
      'default',
    )
    if (answer.status !== is)
      throw new Error(`${title}: ${method} ${path} is answered with ${answer.status}, not ${is}: ${answer.text.slice(0, 800)}`)
    const item = (): Item => resourceIn(answer.text)
    return {
      status: answer.status,
      headers: answer.headers,
      body: answer.body,
      get item() {
        return item()
      },
      get id() {
        return String(item().id)
      },
    }
  }

  /** Asks again while it's a conflict: a volume that's being made is told as one that's there. @throws Error after two minutes */
  async insist(title: string, method: string, path: string, is: number): Promise<Answered> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.ask(title, method, path, { is })
      } catch (error) {
        if (tries === 240 || !(error instanceof Error && / answered with 409,/.test(error.message))) throw error
        await wait(500)
      }
    }
  }

  /** All resources of a collection. */
  async all(collection: string): Promise<readonly Item[]> {
    const { body } = await this.ask(`all ${collection}`, 'GET', `/${collection}`)
    const list: unknown = JSON.parse(String(body))[collection]
    return Array.isArray(list) ? list : []
  }

  /** Waits until a resource is as it's wanted; `undefined` is one that's gone. @throws Error after two minutes */
  async until(path: string, isSo: (item: Item | undefined) => boolean): Promise<void> {
    for (let tries = 0; tries < 240; tries++) {
      const item = await this.look(path)
      if (isSo(item)) return
      await wait(500)
    }
    throw new Error(`${path} doesn't come to what is waited for`)
  }

  private async look(path: string): Promise<Item | undefined> {
    try {
      return (await this.ask(`look at ${path}`, 'GET', path)).item
    } catch (error) {
      if (error instanceof Error && / answered with 404,/.test(error.message)) return undefined
      throw error
    }
  }

  async close(): Promise<void> {
    await this.server.close()
    await this.mock.close()
  }
}

const resourceIn = (text: string): Item => {
  const document: unknown = JSON.parse(text)
  if (typeof document !== 'object' || document === null) throw new Error('The answer has no resource')
  if ('id' in document) return { ...document }
  const [inner] = Object.values(document)
  return { ...inner }
}
