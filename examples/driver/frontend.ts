/** The other half of the protocol: a harbour over any cloud. It shares nothing with the driver, and keeps nothing. */

import {
  badRequest,
  type Cloud,
  CloudError,
  type Connection,
  type ErrorKind,
  type Frontend,
  type FrontendDefinition,
  type Gate,
  type HardwareProfile,
  type Image,
  type Instance,
  type Key,
  notFound,
  notSupported,
  type Page,
  type Realm,
  readBody,
  type StorageVolume,
  unauthenticated,
  type WireRequest,
  type WireResponse,
} from '../../src/driver.ts'

/** How many items a page has, where the server has no size of its own. */
const perPage = 3
/** How long a login lasts, cloud time. Milliseconds. */
const loginLasts = 3600_000

const answer: Frontend = async (request, gate) => {
  try {
    return await answered(request, gate)
  } catch (error) {
    return refused(error)
  }
}

export const frontend: FrontendDefinition = {
  name: 'harbour',
  title: 'Harbour',
  root: 'harbour',
  version: '1',
  answer,
  refuse: error => refused(error),
}

const json = (status: number, value?: unknown): WireResponse => ({
  status,
  headers: [['Content-Type', 'application/json']],
  ...(value === undefined ? {} : { body: JSON.stringify(value) }),
})

interface Fault {
  readonly status: number
  readonly code: string
}

const faults: Readonly<Partial<Record<ErrorKind, Fault>>> = {
  'bad-request': { status: 400, code: 'bad-request' },
  unauthenticated: { status: 401, code: 'who-are-you' },
  forbidden: { status: 403, code: 'not-yours' },
  'over-quota': { status: 403, code: 'harbour-full' },
  throttled: { status: 429, code: 'slow-down' },
  'not-found': { status: 404, code: 'no-such-thing' },
  'not-permitted': { status: 409, code: 'wrong-state' },
  conflict: { status: 409, code: 'taken' },
  'not-supported': { status: 501, code: 'beyond-us' },
  'provider-unavailable': { status: 503, code: 'later' },
}

const refused = (error: unknown): WireResponse => {
  const { status, code } = (error instanceof CloudError ? faults[error.kind] : undefined) ?? { status: 500, code: 'broken' }
  const response = json(status, {
    fault: { code, reason: error instanceof CloudError ? (error.details ?? error.message) : 'Something broke' },
  })
  if (!(error instanceof CloudError) || error.retryAfter === undefined) return response
  return { ...response, headers: [...response.headers, ['Retry-After', String(Math.ceil(error.retryAfter))]] }
}

const answered = async (request: WireRequest, gate: Gate): Promise<WireResponse> => {
  // Read as it was written: a URL resolves `%2e%2e`, and would take an id for a way up.
  const [path = '', query] = request.target.split('?')
  const [, , version, collection = '', id, verb] = path.split('/').map(decoded)
  if (version !== 'v1') throw notFound('There is only version 1')
  if (collection === 'session' && request.method === 'POST') return session(request, gate)
  const token = /^Bearer (.+)$/.exec(request.header('authorization') ?? '')?.[1]
  if (token === undefined) throw unauthenticated()
  const connection = await gate.connect({ kind: 'token', token }, gate.target())
  const [after, size] = [new URLSearchParams(query).get('after') ?? undefined, gate.settings.pageSize ?? perPage]
  return route(request, connection, { collection, id, verb, after, size })
}

const decoded = (segment: string): string => {
  try {
    return decodeURIComponent(segment)
  } catch {
    throw badRequest('The path has a percent sign that encodes nothing')
  }
}

const session = async (request: WireRequest, gate: Gate): Promise<WireResponse> => {
  const [, encoded = ''] = /^Basic (.+)$/.exec(request.header('authorization') ?? '') ?? []
  const [, user, password] = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded, 'base64').toString()) ?? []
  if (user === undefined || password === undefined) throw unauthenticated()
  const target = gate.target()
  await gate.connect({ kind: 'password', user, password }, target)
  const expires = gate.now(target) + loginLasts
  return json(200, { token: await gate.seal({ user, password }, target, expires), expires: new Date(expires).toISOString() })
}

interface Place {
  /** Items of a page. */
  readonly size: number
  readonly collection: string
  readonly id: string | undefined
  readonly verb: string | undefined
  readonly after: string | undefined
}

const route = async (request: WireRequest, { cloud, target }: Connection, place: Place): Promise<WireResponse> => {
  const { collection, id, verb } = place
  switch (`${request.method} ${collection}${id === undefined ? '' : '/:id'}${verb === undefined ? '' : `/${verb}`}`) {
    case 'GET zones':
      return page('zones', present(cloud.realms), zone, place)
    case 'GET sizes':
      return target.offer.hardwareProfiles === undefined
        ? page('sizes', present(cloud.hardware_profiles), size, place)
        : json(200, { sizes: target.offer.hardwareProfiles.map(size) })
    case 'GET images':
      return page('images', present(cloud.images), image, place)
    case 'GET ships':
      return page('ships', present(cloud.instances), ship, place)
    case 'GET ships/:id':
      return json(200, ship(await instance(cloud, id)))
    case 'POST ships':
      return json(201, ship(await launch(cloud, await bodyOf(request))))
    case 'POST ships/:id/launch':
      return json(202, ship(await present(present(cloud.instances).start)((await instance(cloud, id)).id)))
    case 'POST ships/:id/moor':
      return json(202, ship(await present(present(cloud.instances).stop)((await instance(cloud, id)).id)))
    case 'POST ships/:id/refit':
      return json(202, ship(await present(present(cloud.instances).reboot)((await instance(cloud, id)).id)))
    case 'DELETE ships/:id':
      await present(present(cloud.instances).destroy)((await instance(cloud, id)).id)
      return json(204)
    case 'GET keys':
      return page('keys', present(cloud.keys), key, place)
    case 'POST keys':
      return json(201, key(await present(present(cloud.keys).create)({ name: text(await bodyOf(request), 'name') ?? '' })))
    case 'DELETE keys/:id':
      await present(present(cloud.keys).destroy)(id ?? '')
      return json(204)
    case 'GET crates':
      return page('crates', present(cloud.storage_volumes), crate, place)
    case 'GET crates/:id':
      return json(200, crate(await volume(cloud, id)))
    case 'POST crates':
      return json(201, crate(await present(present(cloud.storage_volumes).create)(newVolume(await bodyOf(request)))))
    case 'POST crates/:id/load':
      return json(202, crate(await load(cloud, id, await bodyOf(request))))
    case 'POST crates/:id/unload':
      return json(202, crate(await present(present(cloud.storage_volumes).detach)((await volume(cloud, id)).id)))
    case 'DELETE crates/:id':
      await present(present(cloud.storage_volumes).destroy)((await volume(cloud, id)).id)
      return json(204)
    default:
      throw notFound(`There is nothing at ${collection}`)
  }
}

const present = <T>(value: T | undefined): T => {
  if (value === undefined) throw notSupported('The cloud behind this harbour can’t do that')
  return value
}

/** What a frontend sees of a listing. */
interface Listed<T> {
  list(filter: { readonly id?: string }): Promise<readonly T[]>
  get?(id: string): Promise<T | undefined>
  page?(filter: object, part: { readonly after?: string; readonly limit: number }): Promise<Page<T>>
}

const instance = (cloud: Cloud, id = ''): Promise<Instance> => one(present(cloud.instances), id)

const volume = (cloud: Cloud, id = ''): Promise<StorageVolume> => one(present(cloud.storage_volumes), id)

const one = async <T extends { readonly id: string }>(table: Listed<T>, id: string): Promise<T> => {
  const found = table.get === undefined ? (await table.list({ id })).find(item => item.id === id) : await table.get(id)
  if (found === undefined) throw notFound(`There is no ${id}`)
  return found
}

/** In the pages of the cloud behind, whose cursors outlive what is taken away meanwhile; in one where it has none. */
const page = async <T>(name: string, table: Listed<T>, shown: (item: T) => object, { after, size }: Place): Promise<WireResponse> => {
  const { items, next }: Page<T> =
    table.page === undefined
      ? { items: await table.list({}) }
      : await table.page({}, { limit: size, ...(after === undefined ? {} : { after }) })
  return json(200, { [name]: items.map(shown), next })
}

const bodyOf = async (request: WireRequest): Promise<Readonly<Record<string, unknown>>> => {
  try {
    const value: unknown = JSON.parse(String(await readBody(request.body, 1024 * 1024)))
    if (typeof value === 'object' && value !== null) return { ...value }
  } catch {
    // It's told below.
  }
  throw badRequest('The body must be a JSON object')
}

const text = (body: Readonly<Record<string, unknown>>, name: string): string | undefined => {
  const value = body[name]
  return value === undefined || value === null ? undefined : String(value)
}

const launch = async (cloud: Cloud, body: Readonly<Record<string, unknown>>): Promise<Instance> => {
  const [imageId, realmId, hardwareProfileId, name, keyName] = ['image', 'zone', 'size', 'name', 'key'].map(field => text(body, field))
  if (imageId === undefined) throw badRequest('A ship needs an image')
  const [made] = await present(present(cloud.instances).create)({
    imageId,
    ...(realmId === undefined ? {} : { realmId }),
    ...(hardwareProfileId === undefined ? {} : { hardwareProfileId }),
    ...(name === undefined ? {} : { name }),
    ...(keyName === undefined ? {} : { keyName }),
    ...(typeof body.traits === 'object' && body.traits !== null
      ? { overrides: Object.fromEntries(Object.entries(body.traits).map(([trait, value]) => [trait, String(value)])) }
      : {}),
  })
  return present(made)
}

const newVolume = (body: Readonly<Record<string, unknown>>) => {
  const [name, description, realmId] = ['name', 'description', 'zone'].map(field => text(body, field))
  const { tons } = body
  if (tons !== undefined && typeof tons !== 'number') throw badRequest('The weight of a crate must be a number of tons')
  return {
    ...(name === undefined ? {} : { name }),
    ...(description === undefined ? {} : { description }),
    ...(realmId === undefined ? {} : { realmId }),
    ...(tons === undefined ? {} : { capacity: tons }),
  }
}

const load = async (cloud: Cloud, id: string | undefined, body: Readonly<Record<string, unknown>>): Promise<StorageVolume> => {
  const attach = present(present(cloud.storage_volumes).attach)
  return attach((await volume(cloud, id)).id, { instanceId: text(body, 'ship') ?? '', device: text(body, 'place') ?? '' })
}

const zone = ({ id, name, state }: Realm) => ({ name: id, label: name, open: state === undefined ? undefined : state === 'AVAILABLE' })

const size = ({ id, name, properties }: HardwareProfile) => ({ name: id, label: name, traits: properties.map(trait) })

const trait = (property: HardwareProfile['properties'][number]) => {
  switch (property.kind) {
    case 'fixed':
      return { name: property.name, kind: 'fixed', value: property.value }
    case 'range':
      return { name: property.name, kind: 'range', first: property.first, last: property.last, preset: property.default }
    case 'enum':
      return { name: property.name, kind: 'choice', values: property.values, preset: property.default }
  }
}

const image = ({ id, name, description, ownerId, architecture, state, creationTime, hardwareProfiles }: Image) => ({
  id,
  name,
  description,
  owner: ownerId,
  arch: architecture,
  status: state,
  made: creationTime,
  sizes: hardwareProfiles,
})

const statuses: Readonly<Record<string, string>> = {
  pending: 'LAUNCHING',
  running: 'AFLOAT',
  stopping: 'MOORING',
  stopped: 'MOORED',
  finish: 'SUNK',
  error: 'WRECKED',
}

/** What is being done tells one state from another that the API calls the same. */
const statusOf = ({ state, doing }: Instance): string | undefined => {
  if (state === 'stopping' && doing === 'destroy') return 'SINKING'
  return state === 'running' && doing === 'reboot' ? 'REFITTING' : statuses[state]
}

const ship = (one: Instance) => ({
  id: one.id,
  status: statusOf(one),
  name: one.name,
  owner: one.ownerId,
  image: one.imageId,
  zone: one.realmId,
  size: one.hardwareProfile?.id,
  traits: one.hardwareProfile?.overrides,
  key: one.keyName,
  launched: one.launchTime,
  berths: [
    ...one.publicAddresses.map(({ address, type }) => ({ address, type, side: 'public' })),
    ...one.privateAddresses.map(({ address, type }) => ({ address, type, side: 'private' })),
  ],
  crates: one.storageVolumes.map(({ id, device }) => ({ id, place: device })),
})

/** A crate holds as many gigabytes as it weighs tons. */
const crate = ({ id, name, description, state, capacity, created, realmId, instanceId, device }: StorageVolume) => ({
  id,
  name,
  description,
  status: state,
  tons: capacity,
  packed: created,
  zone: realmId,
  aboard: instanceId === undefined ? null : { ship: instanceId, place: device },
})

const key = ({ id, fingerprint, pem }: Key) => ({ name: id, fingerprint, pem })
