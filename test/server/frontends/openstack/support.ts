/** A small client of the OpenStack frontends: logs in, and asks a service. */

import { type RunningServer, type ServerOptions, startServer } from '../../../../src/index.ts'

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly bytes: Buffer
  /** The whole document; an empty one where there's none. */
  readonly body: Record<string, unknown>
}

export interface Asked {
  readonly headers?: Readonly<Record<string, string>>
  /** An object is sent as JSON. */
  readonly body?: object | string | Uint8Array
}

export const start = (options: Partial<ServerOptions> = {}): Promise<RunningServer> =>
  startServer({
    host: '127.0.0.1',
    port: 0,
    provider: 'openstack',
    frontends: ['deltacloud', 'openstack'],
    mock: { clock: { mode: 'scaled', scale: 10_000 } },
    ...options,
  })

const documentIn = (text: string): Record<string, unknown> => {
  try {
    return Object(JSON.parse(text))
  } catch {
    return {}
  }
}

export const send = async (url: string, method = 'GET', { headers = {}, body }: Asked = {}): Promise<Answer> => {
  const isJson = typeof body === 'object' && !(body instanceof Uint8Array)
  const response = await fetch(url, {
    method,
    headers: { ...(isJson ? { 'content-type': 'application/json' } : {}), ...headers },
    ...(body === undefined ? {} : { body: isJson ? JSON.stringify(body) : (body as string | Uint8Array<ArrayBuffer>) }),
  })
  const bytes = Buffer.from(await response.arrayBuffer())
  const text = bytes.toString('utf8')
  return { status: response.status, headers: response.headers, text, bytes, body: documentIn(text) }
}

export const passwordOf = (name: string, password: string, project?: object): object => ({
  auth: {
    identity: { methods: ['password'], password: { user: { name, password, domain: { id: 'default' } } } },
    ...(project === undefined ? {} : { scope: { project: { domain: { id: 'default' }, ...project } } }),
  },
})

export class Client {
  readonly base: string
  token: string
  readonly project: string
  private readonly again: () => Promise<Client>

  private constructor(base: string, token: string, project: string, again: () => Promise<Client>) {
    this.base = base
    this.token = token
    this.project = project
    this.again = again
  }

  /** @param origin with the prefix of a world, where that isn't the usual one */
  static async open(origin: string, user = 'mockuser', password = 'mockpassword', project?: string): Promise<Client> {
    const base = `${origin}/openstack`
    const asked = { body: passwordOf(user, password, project === undefined ? undefined : { name: project }) }
    const answer = await send(`${base}/identity/v3/auth/tokens`, 'POST', asked)
    const token = answer.headers.get('x-subject-token')
    if (answer.status !== 201 || token === null) throw new Error(`Logging in is answered with ${answer.status}: ${answer.text}`)
    return new Client(base, token, String(at(answer.body, 'token', 'project', 'id')), () => Client.open(origin, user, password, project))
  }

  /** As clients do, it logs in again when its token has ended: an hour of the cloud is over soon here. */
  async ask(path: string, method = 'GET', { headers = {}, body }: Asked = {}): Promise<Answer> {
    const sending = (token: string): Promise<Answer> =>
      send(`${this.base}${path}`, method, { headers: { 'x-auth-token': token, ...headers }, ...(body === undefined ? {} : { body }) })
    const answer = await sending(this.token)
    if (answer.status !== 401) return answer
    this.token = (await this.again()).token
    return sending(this.token)
  }

  /** @throws Error for another status */
  async must(status: number, path: string, method = 'GET', asked: Asked = {}): Promise<Answer> {
    const answer = await this.ask(path, method, asked)
    if (answer.status !== status) throw new Error(`${method} ${path} is answered with ${answer.status}, not ${status}: ${answer.text}`)
    return answer
  }

  /** Asks until the document is so. @throws Error after some hundred times */
  async until(path: string, isSo: (body: Record<string, unknown>) => boolean): Promise<Record<string, unknown>> {
    for (let tries = 0; tries < 300; tries++) {
      const { body } = await this.must(200, path)
      if (isSo(body)) return body
      await new Promise(resolve => setTimeout(resolve, 10))
    }
    throw new Error(`${path} never becomes what is waited for`)
  }

  swift(path: string, method = 'GET', asked: Asked = {}): Promise<Answer> {
    return this.ask(`/object-store/v1/AUTH_${this.project}${path}`, method, asked)
  }

  volume(path: string, method = 'GET', asked: Asked = {}): Promise<Answer> {
    return this.ask(`/volume/v3/${this.project}${path}`, method, asked)
  }
}

/** What stands at a path of a document. */
export const at = (value: unknown, ...path: readonly (string | number)[]): unknown => {
  let found = value
  for (const name of path) found = Object(found)[name]
  return found
}

export const listAt = (value: unknown, ...path: readonly string[]): readonly unknown[] => {
  const found = at(value, ...path)
  return Array.isArray(found) ? found : []
}
