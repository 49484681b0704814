/** Keystone: who asks, what that opens, and for how long. v3 and v2.0; and the headers by which Swift's clients logged in before. */

import { hash, timingSafeEqual } from 'node:crypto'
import type { Credentials } from '../../../drivers/context.ts'
import type { WireResponse } from '../../../drivers/wire.ts'
import { CloudError } from '../../../model/errors.ts'
import type { Claim, Target } from '../../gate.ts'
import { type Asked, type Called, json, nothing, part, type Routes } from './asked.ts'
import type { Body } from './body.ts'
import { catalogV2, catalogV3, endpointId, placesOf, regionsOf, sides } from './catalog.ts'
import { accountOf, type Identity, identityOf, plainId } from './derived.ts'
import { badRequest, Fault, missing, unsupported } from './errors.ts'

/** How long a token lasts, milliseconds of cloud time: Keystone's own hour. */
const lifetime = 3_600_000

const domain = { id: 'default', name: 'Default' }

/** A token that was just made. */
interface Issued {
  readonly token: string
  readonly expires: number
  readonly identity: Identity
}

/** @throws Fault 401 for who isn't known */
const issue = async ({ gate, target, now }: Called, claim: Claim, chosen?: (of: Credentials) => Credentials): Promise<Issued> => {
  const { credentials, session } = await gate.connect(provable(claim, target), target).catch(tellUnknown)
  if (credentials === undefined) throw unknown()
  const wanted = chosen?.(credentials) ?? credentials
  if (wanted.user !== credentials.user) await gate.connect(provable({ kind: 'password', ...wanted }, target), target).catch(tellUnknown)
  // Who opens a session only by asking its provider is asked now: a token is for who is known.
  else if (claim.kind === 'password') await target.driver.verify?.(session)
  const expires = now + lifetime
  return { token: await gate.seal(wanted, target, expires), expires, identity: identityOf(wanted.user) }
}

/** Where a driver knows its accounts' secrets, it's asked for them: a cloud that takes anyone says so only then. */
const provable = (claim: Claim, { driver }: Target): Claim =>
  claim.kind !== 'password' || driver.credentialsOf === undefined
    ? claim
    : { kind: 'signature', keyId: claim.user, verify: ({ password }) => isSameText(password, claim.password) }

/** In a time that tells nothing of where they differ. */
const isSameText = (a: string, b: string): boolean => timingSafeEqual(hash('sha256', a, 'buffer'), hash('sha256', b, 'buffer'))

const unknown = (): Fault => new Fault(401, 'The request you have made requires authentication.')

const tellUnknown = (error: unknown): never => {
  throw error instanceof CloudError && error.kind === 'unauthenticated' ? unknown() : error
}

/** How a client says which project it means. */
interface Named {
  readonly id: string | undefined
  readonly name: string | undefined
}

const namedIn = (project: Body | undefined): Named => ({ id: project?.text('id'), name: project?.text('name') })

/** A project by the name or the id that a client gives; undefined for that of the user's own name. @throws Fault 401 for the id of another */
const projectNamed = ({ id, name }: Named, user: string): string | undefined => {
  if (id === undefined || name !== undefined) return name
  // Ids are made of names: only one's own can be told by its id.
  if (id === identityOf(user).projectId) return undefined
  throw new Fault(401, 'Name the project: which one has that id can’t be told')
}

const claimV3 = (auth: Body): { readonly claim: Claim; readonly chosen?: (of: Credentials) => Credentials } => {
  const identity = auth.needObject('identity')
  const [method] = identity.items('methods')
  const scope = auth.isText('scope') ? undefined : auth.object('scope')
  const project = scope?.object('project')
  if (scope !== undefined && project === undefined && scope.gives('system')) throw new Fault(403, 'Tokens are for projects here')
  if (method === 'password') {
    const user = identity.needObject('password').needObject('user')
    const name = user.text('name') ?? user.need('id')
    return { claim: { kind: 'password', user: accountOf(name, projectNamed(namedIn(project), name)), password: user.need('password') } }
  }
  if (method === 'token') {
    const token = identity.needObject('token').need('id')
    return { claim: { kind: 'token', token }, chosen: of => rescoped(of, namedIn(project)) }
  }
  if (method === 'application_credential') {
    const credential = identity.needObject('application_credential')
    const user = `appcred+${credential.need('id')}`
    return { claim: { kind: 'password', user, password: credential.need('secret') } }
  }
  throw new Fault(401, `Attempted to authenticate with an unsupported method.`)
}

/** The same user in another project. */
const rescoped = (of: Credentials, project: Named): Credentials => {
  if (project.id === undefined && project.name === undefined) return of
  const now = identityOf(of.user)
  if (project.id === now.projectId) return of
  return { user: accountOf(now.userName, projectNamed(project, now.userName)), password: of.password }
}

const tokenTree = (called: Called, { expires, identity }: Issued, methods: readonly string[]): object => ({
  token: {
    methods,
    user: { ...userTree(identity), password_expires_at: null },
    audit_ids: [plainId('audit', `${identity.userId}/${expires}`).slice(0, 22)],
    expires_at: new Date(expires).toISOString().replace('Z', '000Z'),
    issued_at: new Date(expires - lifetime).toISOString().replace('Z', '000Z'),
    project: { id: identity.projectId, name: identity.projectName, domain },
    is_domain: false,
    roles,
    catalog: catalogV3(placesOf(called, identity.projectId)),
  },
})

const roles = ['member', 'reader'].map(name => ({ id: plainId('role', name), name }))

const userTree = ({ userId, userName }: Identity): object => ({ id: userId, name: userName, domain })

/** `POST /v3/auth/tokens` */
const issueV3 = async (called: Called): Promise<WireResponse> => {
  const auth = (await called.body()).needObject('auth')
  const { claim, chosen } = claimV3(auth)
  const issued = await issue(called, claim, chosen)
  const isBare = called.query.has('nocatalog')
  const tree = tokenTree(called, issued, [claim.kind === 'token' ? 'token' : 'password'])
  return json(201, isBare ? withoutCatalog(tree) : tree, [
    ['X-Subject-Token', issued.token],
    ['Vary', 'X-Auth-Token'],
  ])
}

const withoutCatalog = (tree: object): object => {
  const { catalog: _, ...token } = Object(Reflect.get(tree, 'token'))
  return { token }
}

/** `POST /v2.0/tokens` */
const issueV2 = async (called: Called): Promise<WireResponse> => {
  const auth = (await called.body()).needObject('auth')
  const tenant: Named = { id: auth.text('tenantId'), name: auth.text('tenantName') }
  const [password, key, token] = [
    auth.object('passwordCredentials'),
    auth.object('RAX-KSKEY:apiKeyCredentials') ?? auth.object('apiAccessKeyCredentials'),
    auth.object('token'),
  ]
  const given = password ?? key
  if (given === undefined && token === undefined) throw badRequest('Expecting to find passwordCredentials or token in auth')
  const issued =
    given === undefined
      ? await issue(called, { kind: 'token', token: token?.need('id') ?? '' }, of => rescoped(of, tenant))
      : await issue(called, {
          kind: 'password',
          user: accountOf(userIn(given), projectNamed(tenant, userIn(given))),
          password: given.text('password') ?? given.text('apiKey') ?? given.need('secretKey'),
        })
  const { identity, expires } = issued
  return json(200, {
    access: {
      token: {
        id: issued.token,
        expires: new Date(expires).toISOString().replace(/\.\d+Z$/, 'Z'),
        issued_at: new Date(expires - lifetime).toISOString().replace('Z', '000'),
        tenant: tenantTree(identity),
      },
      user: { id: identity.userId, name: identity.userName, username: identity.userName, roles: [{ name: 'member' }], roles_links: [] },
      serviceCatalog: catalogV2(placesOf(called, identity.projectId), key !== undefined),
      metadata: { is_admin: 0, roles: [plainId('role', 'member')] },
    },
  })
}

const userIn = (given: Body): string => given.text('username') ?? given.need('accessKey')

const tenantTree = ({ projectId, projectName }: Identity): object => ({
  id: projectId,
  name: projectName,
  description: null,
  enabled: true,
})

/** `GET /auth/v1.0`, as Swift alone still has it. */
export const issueV1 = async (called: Called): Promise<WireResponse> => {
  const { request } = called
  const user = request.header('x-auth-user') ?? request.header('x-storage-user')
  const password = request.header('x-auth-key') ?? request.header('x-storage-pass')
  if (user === undefined || password === undefined) throw unknown()
  // `ACCOUNT:USER` is a user in a project.
  const [, project, name] = /^([^:]+):(.+)$/s.exec(user) ?? []
  const account = project === undefined || name === undefined ? user : accountOf(name, project)
  const { token, identity } = await issue(called, { kind: 'password', user: account, password })
  // Below the region that was asked, which is the first from there.
  const storage = placesOf(called, identity.projectId).find(({ entry }) => entry.type === 'object-store')?.endpoints[0]
  return nothing(204, [
    ['X-Auth-Token', token],
    ['X-Storage-Token', token],
    ['X-Auth-Token-Expires', String(lifetime / 1000)],
    ...(storage === undefined ? [] : [['X-Storage-Url', storage.url] as const]),
  ])
}

/** What Keystone serves to who asks without a token of their own. */
export const openRoutes: Readonly<Record<string, (called: Called) => Promise<WireResponse>>> = {
  'POST /v3/auth/tokens': issueV3,
  'POST /v2.0/tokens': issueV2,
}

/** The token that a request asks about: anyone may ask about their own. */
const subject = async (asked: Asked, token: string | undefined): Promise<Issued> => {
  if (token === undefined) throw badRequest('X-Subject-Token is missing')
  const { gate, target, now } = asked
  try {
    const { credentials } = await gate.connect({ kind: 'token', token }, target)
    if (credentials?.user === asked.account) return { token, expires: now + lifetime, identity: asked.identity }
  } catch (error) {
    if (!(error instanceof CloudError && error.kind === 'unauthenticated')) throw error
  }
  throw new Fault(404, 'Could not find token')
}

const projectTree = ({ identity: { projectId, projectName } }: Asked): object => ({
  id: projectId,
  name: projectName,
  domain_id: domain.id,
  parent_id: domain.id,
  description: '',
  enabled: true,
  is_domain: false,
  options: {},
  tags: [],
  links: {},
})

const personTree = ({ identity: { userId, userName } }: Asked): object => ({
  id: userId,
  name: userName,
  domain_id: domain.id,
  enabled: true,
  options: {},
  password_expires_at: null,
  links: {},
})

const own = (asked: Asked, id: string, name: string, what: string, tree: (asked: Asked) => object): object => {
  if (part(asked) !== id && part(asked) !== name) throw missing(what, part(asked))
  return tree(asked)
}

/** A list of one, if the query's name is its own. */
const only = (asked: Asked, key: string, name: string, tree: object): WireResponse => {
  const wanted = asked.query.get('name')
  return json(200, { [key]: wanted === null || wanted === name ? [tree] : [], links: { next: null, previous: null } })
}

const domainTree = { ...domain, enabled: true, description: '', links: {} }

export const identityRoutes: Routes = {
  'GET /v3/auth/tokens': async asked =>
    json(200, tokenTree(asked, await subject(asked, asked.request.header('x-subject-token')), ['password']), [
      ['X-Subject-Token', asked.request.header('x-subject-token') ?? ''],
    ]),
  'HEAD /v3/auth/tokens': async asked => {
    await subject(asked, asked.request.header('x-subject-token'))
    return nothing(200)
  },
  // A sealed token lasts as long as it says: nobody keeps a list of those that don't.
  'DELETE /v3/auth/tokens': () => {
    throw unsupported('Tokens can’t be revoked here: each ends when it said')
  },
  'GET /v3/auth/catalog': asked => json(200, { catalog: catalogV3(placesOf(asked, asked.identity.projectId)), links: {} }),
  'GET /v3/auth/projects': asked => json(200, { projects: [projectTree(asked)], links: {} }),
  'GET /v3/auth/domains': () => json(200, { domains: [domainTree], links: {} }),
  'GET /v3/projects': asked => only(asked, 'projects', asked.identity.projectName, projectTree(asked)),
  'GET /v3/projects/:id': asked =>
    json(200, { project: own(asked, asked.identity.projectId, asked.identity.projectName, 'Project', projectTree) }),
  'GET /v3/users': asked => only(asked, 'users', asked.identity.userName, personTree(asked)),
  'GET /v3/users/:id': asked => json(200, { user: own(asked, asked.identity.userId, asked.identity.userName, 'User', personTree) }),
  'GET /v3/users/:id/projects': asked => json(200, { projects: [projectTree(asked)], links: {} }),
  'GET /v3/domains': asked => only(asked, 'domains', domain.name, domainTree),
  'GET /v3/domains/:id': asked => json(200, { domain: own(asked, domain.id, domain.name, 'Domain', () => domainTree) }),
  'GET /v3/regions': ({ gate, target }) => json(200, { regions: regionsOf(gate, target).map(regionTree), links: {} }),
  'GET /v3/regions/:id': asked => {
    const region = regionsOf(asked.gate, asked.target).find(name => name === part(asked))
    if (region === undefined) throw missing('Region', part(asked))
    return json(200, { region: regionTree(region) })
  },
  'GET /v3/services': asked =>
    json(200, {
      services: placesOf(asked, asked.identity.projectId).map(({ entry: { type, name } }) => ({
        id: plainId('service', type),
        type,
        name,
        enabled: true,
        links: {},
      })),
      links: {},
    }),
  'GET /v3/endpoints': asked =>
    json(200, {
      endpoints: placesOf(asked, asked.identity.projectId).flatMap(({ entry: { type }, endpoints }) =>
        endpoints.flatMap(({ region, url }, n) =>
          sides.map(side => ({
            id: endpointId(type, side, region, n),
            interface: side,
            region,
            region_id: region,
            service_id: plainId('service', type),
            url,
            enabled: true,
            links: {},
          })),
        ),
      ),
      links: {},
    }),
  'GET /v2.0/tenants': asked => json(200, { tenants: [tenantTree(asked.identity)], tenants_links: [] }),
  'GET /v2.0/extensions': () => json(200, { extensions: { values: [] } }),
}

const regionTree = (region: string): object => ({ id: region, description: '', parent_region_id: null, links: {} })
