/** Logging in, by each way that an OpenStack cloud may have: Keystone v3 and v2.0, Rackspace's keys, and the headers of before Keystone. */

import { badRequest, CloudError, unauthenticated } from '../../../model/errors.ts'
import type { Credentials } from '../../context.ts'
import { headerOf } from '../../wire.ts'
import { type Catalog, catalogOfV2, catalogOfV3 } from './catalog.ts'
import { Native } from './native.ts'

/** A token, and what came with it. */
export interface Login {
  readonly token: string
  /** Milliseconds since 1970, of the provider's clock; absent where it doesn't say. */
  readonly expires?: number
  readonly catalog: Catalog
  /** The project that the token is for. */
  readonly projectId?: string
}

/** An answer of the identity service: its status is below 400. */
export interface Answer {
  readonly headers: readonly (readonly [string, string])[]
  readonly body: unknown
  readonly call: string
}

export interface Question {
  readonly method: string
  readonly url: string
  readonly headers?: readonly (readonly [string, string])[]
  readonly body?: object
}

/** Asks the identity service. @throws CloudError where it refuses */
export type Asking = (question: Question) => Promise<Answer>

/** A way to log in. */
export type LoggingIn = (ask: Asking, url: string, credentials: Credentials) => Promise<Login>

/** By the end of the address: `/v3`, `/v2.0`, `/v1.0`; an address without a version is asked which ones it has. */
export const byAddress: LoggingIn = async (ask, url, credentials) => {
  const way = wayOf(url)
  if (way !== undefined) return way(ask, url, credentials)
  const versioned = await discovered(ask, url)
  const found = wayOf(versioned)
  if (found === undefined) throw new CloudError('provider-error', `GET ${url}: it offers no version of the identity service that is known`)
  return found(ask, versioned, credentials)
}

const wayOf = (url: string): LoggingIn | undefined => ways.find(([end]) => end.test(url))?.[1]

/** The newest version that is known. Old services list versions below `versions.values`, some answer with 300. */
const discovered = async (ask: Asking, url: string): Promise<string> => {
  const { body, call } = await ask({ method: 'GET', url: `${url}/` })
  const answer = new Native(body, call)
  const versions = Array.isArray(Object(body).versions) ? answer.list('versions') : (answer.object('versions')?.list('values') ?? [])
  const ids = versions.map(version => version.text('id') ?? '')
  const [version] = [/^v3/, /^v2\.0/].flatMap((known, n) => (ids.some(id => known.test(id)) ? [['v3', 'v2.0'][n]] : []))
  return `${url}/${version ?? 'v3'}`
}

/** What stands in a user name beside the user: `USER@DOMAIN+PROJECT@DOMAIN`. A `+`, `@` or `%` inside a name is percent-encoded. */
interface Names {
  readonly user: string
  readonly userDomain?: string
  readonly project?: string
  readonly projectDomain?: string
}

const namesIn = (text: string): Names => {
  const [user = '', project, ...more] = text.split('+')
  if (more.length > 0) throw badRequest('The user must be USER@DOMAIN+PROJECT@DOMAIN; a + inside a name is written %2B')
  const [userName, userDomain] = divided(user)
  if (project === undefined) return { user: userName, ...(userDomain === undefined ? {} : { userDomain }) }
  const [projectName, projectDomain] = divided(project)
  return {
    user: userName,
    project: projectName,
    ...(userDomain === undefined ? {} : { userDomain }),
    ...(projectDomain === undefined ? {} : { projectDomain }),
  }
}

const divided = (name: string): readonly [string, string | undefined] => {
  const [, before, after] = /^(.*)@([^@]*)$/s.exec(name) ?? []
  return before === undefined || after === undefined ? [decoded(name), undefined] : [decoded(before), decoded(after)]
}

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

const applicationCredential = /^appcred\+(.+)$/s

/** The name of the user, as resources of the account name their owner. */
export const userIn = (text: string): string => {
  const id = applicationCredential.exec(text)?.[1]
  return id ?? (text.includes('+') ? decoded(text.split('+')[0] ?? '') : text)
}

/** Keystone v3 writes domains by id or name; a name that isn't given is the domain that every installation begins with. */
const domain = (name: string | undefined): object => (name === undefined ? { id: 'default' } : { name })

const v3Question = (user: string, password: string): object => {
  const id = applicationCredential.exec(user)?.[1]
  if (id !== undefined) return { identity: { methods: ['application_credential'], application_credential: { id, secret: password } } }
  const names = namesIn(user)
  return {
    identity: { methods: ['password'], password: { user: { name: names.user, domain: domain(names.userDomain), password } } },
    // Without a project the token is for the user's default one.
    ...(names.project === undefined ? {} : { scope: { project: { name: names.project, domain: domain(names.projectDomain) } } }),
  }
}

/** `POST …/v3/auth/tokens`. The token stands in a header. */
const v3: LoggingIn = async (ask, url, { user, password }) => {
  const { body, headers, call } = await ask({ method: 'POST', url: `${url}/auth/tokens`, body: { auth: v3Question(user, password) } })
  const token = new Native(body, call).needObject('token')
  const value = headerOf(headers, 'x-subject-token')
  if (value === undefined) throw new CloudError('provider-error', `${call}: X-Subject-Token can't be read`)
  return loginOf(value, token.text('expires_at'), catalogOfV3(token), token.object('project')?.text('id'))
}

/** `POST …/v2.0/tokens`. */
const v2: LoggingIn = (ask, url, { user, password }) => {
  const parts = user.split('+')
  const [username, tenantName] = parts
  if (parts.length !== 2) throw badRequest('The user must be USER+TENANT')
  return v2Login(ask, url, { passwordCredentials: { username, password }, tenantName })
}

/** With the API key of a Rackspace account in place of a password. */
export const byApiKey: LoggingIn = (ask, url, { user, password }) =>
  v2Login(ask, url, { 'RAX-KSKEY:apiKeyCredentials': { username: user, apiKey: password } })

const v2Login = async (ask: Asking, url: string, auth: object): Promise<Login> => {
  const { body, call } = await ask({ method: 'POST', url: `${url}/tokens`, body: { auth } })
  const access = new Native(body, call).needObject('access')
  const token = access.needObject('token')
  return loginOf(token.need('id'), token.text('expires'), catalogOfV2(access), token.object('tenant')?.text('id'))
}

/** `GET` with user and key in headers; the answer's headers hold token and addresses. Swift alone (`/auth/v1.0`) still has it. */
export const byHeaders: LoggingIn = async (ask, url, { user, password }) => {
  const headers = [['X-Auth-User', user] as const, ['X-Auth-Key', password] as const]
  if (headers.some(([, value]) => !/^[\x20-\x7e]*$/.test(value))) throw unauthenticated()
  const answer = await ask({ method: 'GET', url, headers })
  const token = headerOf(answer.headers, 'x-auth-token')
  if (token === undefined) throw new CloudError('provider-error', `${answer.call}: X-Auth-Token can't be read`)
  const service = (type: string, name: string) => {
    const address = headerOf(answer.headers, name)
    return address === undefined ? [] : [{ type, endpoints: [{ interface: 'public', url: address }] }]
  }
  return loginOf(token, undefined, [...service('compute', 'x-server-management-url'), ...service('object-store', 'x-storage-url')])
}

const ways: readonly (readonly [RegExp, LoggingIn])[] = [
  [/\/v3$/, v3],
  [/\/v2\.0$/, v2],
  [/\/v1(\.\d)?$/, byHeaders],
]

const loginOf = (token: string, expires: string | undefined, catalog: Catalog, projectId?: string): Login => {
  const at = expires === undefined ? Number.NaN : Date.parse(expires)
  return { token, catalog, ...(Number.isNaN(at) ? {} : { expires: at }), ...(projectId === undefined ? {} : { projectId }) }
}
