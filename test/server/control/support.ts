/** A server whose simulator a test controls over HTTP. */

import type { ServerOptions } from '../../../src/index.ts'
import { type Answer, type Ask, begin, type OverHttp, overHttp } from '../../support/server.ts'

export interface Controlled extends OverHttp {
  /** Asks the control API; a body is sent as JSON. */
  control(method: string, path: string, json?: unknown, world?: string): Promise<{ status: number; body: never }>
  raw(request: Ask | string): Promise<Answer>
}

/** A cloud whose clock stands still at `begin`. */
export const controlled = async (options: ServerOptions = {}): Promise<Controlled> => {
  const server = await overHttp({ mock: { clock: { mode: 'manual', now: begin } }, ...options })
  return {
    ...server,
    raw: request => server.ask(request),
    async control(method, path, json, world) {
      const answer = await server.ask({
        method,
        target: `/_mock${path}`,
        login: false,
        headers: { Accept: 'application/json', ...(world === undefined ? {} : { 'X-Deltacloud-World': world }) },
        ...(json === undefined ? {} : { json }),
      })
      return { status: answer.status, body: (answer.text === '' ? undefined : JSON.parse(answer.text)) as never }
    },
  }
}

/** Launches an instance as `mockuser`; gives the status of the answer. */
export const launch = async ({ raw }: Pick<Controlled, 'raw'>, name: string, prefix = ''): Promise<number> => {
  const { status } = await raw({ target: `${prefix}/api/instances?format=json`, json: { image_id: 'img1', name } })
  return status
}

/** States of the instances of `mockuser` by name. */
export const states = async ({ raw }: Pick<Controlled, 'raw'>, prefix = ''): Promise<Record<string, string>> => {
  const { text } = await raw(`${prefix}/api/instances?format=json`)
  const { instances }: { instances: { id: string; name?: string; state: string }[] } = JSON.parse(text)
  return Object.fromEntries(instances.map(({ id, name = id, state }) => [name, state]))
}
