/** A driver for Harbour, a made-up cloud whose machines are ships. */

import { z } from 'zod'
import { CloudError, type DriverDefinition, type InstanceAction, type LaunchRequest, type Offer } from '../../../src/driver.ts'
import {
  crateSchema,
  imageOf,
  imageSchema,
  instanceOf,
  keyOf,
  keySchema,
  profileOf,
  realmOf,
  shipSchema,
  sizeSchema,
  volumeOf,
  zoneSchema,
} from './mapping.ts'
import { Session } from './session.ts'
import { machine } from './states.ts'

const path = (id: string): string => encodeURIComponent(id)

/** One by id; undefined where there is none. */
const found = async <T>(asking: Promise<T>): Promise<T | undefined> => {
  try {
    return await asking
  } catch (error) {
    if (error instanceof CloudError && error.kind === 'not-found') return undefined
    throw error
  }
}

const act = (verb: string) => async (session: Session, id: string) =>
  instanceOf(await session.ask('POST', `/ships/${path(id)}/${verb}`, shipSchema))

/** What Harbour calls the actions. */
const verbs = { start: 'launch', stop: 'moor', reboot: 'refit' } as const satisfies Partial<Record<InstanceAction, string>>

const shipFrom = ({ imageId, realmId, hardwareProfileId, overrides, name, keyName }: LaunchRequest): object => ({
  image: imageId,
  zone: realmId,
  size: hardwareProfileId,
  traits: overrides,
  name,
  key: keyName,
})

const offer: Offer<Session> = {
  features: {
    images: { owner_id: {} },
    instances: { user_name: {}, authentication_key: {} },
    storage_volumes: { volume_name: {}, volume_description: {} },
  },
  machine,
  operations: {
    realms: {
      list: async session => (await session.list('/zones', 'zones', zoneSchema)).map(realmOf),
    },
    hardware_profiles: {
      list: async session => (await session.list('/sizes', 'sizes', sizeSchema)).map(profileOf),
    },
    images: {
      list: async session => (await session.list('/images', 'images', imageSchema)).map(imageOf),
    },
    instances: {
      list: async session => (await session.list('/ships', 'ships', shipSchema)).map(instanceOf),
      get: async (session, id) => found(session.ask('GET', `/ships/${path(id)}`, shipSchema).then(instanceOf)),
      create: async (session, request) => [instanceOf(await session.ask('POST', '/ships', shipSchema, shipFrom(request)))],
      start: act(verbs.start),
      stop: act(verbs.stop),
      reboot: act(verbs.reboot),
      destroy: (session, id) => session.tell('DELETE', `/ships/${path(id)}`),
    },
    keys: {
      list: async session => (await session.list('/keys', 'keys', keySchema)).map(keyOf),
      create: async (session, { name }) => keyOf(await session.ask('POST', '/keys', keySchema, { name })),
      destroy: (session, id) => session.tell('DELETE', `/keys/${path(id)}`),
    },
    storage_volumes: {
      list: async session => (await session.list('/crates', 'crates', crateSchema)).map(volumeOf),
      get: async (session, id) => found(session.ask('GET', `/crates/${path(id)}`, crateSchema).then(volumeOf)),
      create: async (session, { name, description, capacity: tons, realmId: zone }) =>
        volumeOf(await session.ask('POST', '/crates', crateSchema, { name, description, tons, zone })),
      attach: async (session, id, { instanceId: ship, device: place }) =>
        volumeOf(await session.ask('POST', `/crates/${path(id)}/load`, crateSchema, { ship, place })),
      detach: async (session, id) => volumeOf(await session.ask('POST', `/crates/${path(id)}/unload`, crateSchema)),
      destroy: (session, id) => session.tell('DELETE', `/crates/${path(id)}`),
    },
  },
}

export const harbour: DriverDefinition<Session> = {
  id: 'harbour',
  name: 'Harbour',
  credentials: { user: 'Captain', password: 'Password' },
  entrypoints: {},
  // A provider is the address of a harbour.
  offer: provider => (provider === undefined || z.url({ protocol: /^https?$/ }).safeParse(provider).success ? offer : undefined),
  connect: async request => new Session(request),
}
