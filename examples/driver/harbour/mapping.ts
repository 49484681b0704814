/** What Harbour says, read once, and what it is in the words of the API. Nothing here asks anybody. */

import { z } from 'zod'
import type { HardwareProfile, Image, Instance, InstanceAddress, Key, Property, Realm, StorageVolume } from '../../../src/driver.ts'
import { permittedIn, stateOf } from './states.ts'

const text = z.string()

export const zoneSchema = z.object({ name: text, label: text.optional(), open: z.boolean().optional() })

const trait = z.discriminatedUnion('kind', [
  z.object({ name: text, kind: z.literal('fixed'), value: z.union([z.number(), text]) }),
  z.object({ name: text, kind: z.literal('range'), first: z.number(), last: z.number(), preset: z.number() }),
  z.object({ name: text, kind: z.literal('choice'), values: z.array(z.union([z.number(), text])), preset: z.union([z.number(), text]) }),
])
export const sizeSchema = z.object({ name: text, label: text.optional(), traits: z.array(trait).optional() })

export const imageSchema = z.object({
  id: text,
  name: text.optional(),
  description: text.optional(),
  owner: text.optional(),
  arch: text.optional(),
  status: text.optional(),
  made: text.optional(),
  sizes: z.array(text).optional(),
})

export const shipSchema = z.object({
  id: text,
  status: text,
  name: text.optional(),
  owner: text.optional(),
  image: text.optional(),
  zone: text.optional(),
  size: text.optional(),
  traits: z.record(text, z.union([z.number(), text])).optional(),
  key: text.optional(),
  launched: text.optional(),
  berths: z.array(z.object({ address: text, type: text, side: z.enum(['public', 'private']) })).optional(),
  crates: z.array(z.object({ id: text, place: text.optional() })).optional(),
})

export const crateSchema = z.object({
  id: text,
  name: text.optional(),
  description: text.optional(),
  status: text.optional(),
  tons: z.number().optional(),
  packed: text.optional(),
  zone: text.optional(),
  // Null ashore: were it only absent, what was left out would look like a crate that's free.
  aboard: z.object({ ship: text, place: text.optional() }).nullable(),
})

export const keySchema = z.object({ name: text, fingerprint: text.optional(), pem: text.optional() })

export const realmOf = ({ name, label, open }: z.infer<typeof zoneSchema>): Realm => ({
  id: name,
  limit: 'unlimited',
  ...(label === undefined ? {} : { name: label }),
  ...(open === undefined ? {} : { state: open ? 'AVAILABLE' : 'UNAVAILABLE' }),
})

const names = ['cpu', 'memory', 'storage', 'architecture', 'root_type'] as const

/** A trait of a name that the API doesn't know is left out. */
const propertyOf = (one: z.infer<typeof trait>): Property[] => {
  const name = names.find(known => known === one.name)
  if (name === undefined) return []
  switch (one.kind) {
    case 'fixed':
      return [{ name, kind: 'fixed', value: one.value }]
    case 'range':
      return [{ name, kind: 'range', first: one.first, last: one.last, default: one.preset }]
    case 'choice':
      return [{ name, kind: 'enum', values: one.values, default: one.preset }]
  }
}

export const profileOf = ({ name, label, traits = [] }: z.infer<typeof sizeSchema>): HardwareProfile => ({
  id: name,
  ...(label === undefined ? {} : { name: label }),
  properties: traits.flatMap(propertyOf),
})

export const imageOf = ({ id, name, description, owner, arch, status, made, sizes }: z.infer<typeof imageSchema>): Image => ({
  id,
  ...(name === undefined ? {} : { name }),
  ...(description === undefined ? {} : { description }),
  ...(owner === undefined ? {} : { ownerId: owner }),
  ...(arch === undefined ? {} : { architecture: arch }),
  ...(status === undefined ? {} : { state: status }),
  ...(made === undefined ? {} : { creationTime: made }),
  ...(sizes === undefined ? {} : { hardwareProfiles: sizes }),
})

export const instanceOf = (ship: z.infer<typeof shipSchema>): Instance => {
  const { id, status, name, owner, image, zone, size, traits = {}, key, launched, berths = [], crates = [] } = ship
  const permits = permittedIn(status)
  const side = (wanted: 'public' | 'private'): InstanceAddress[] =>
    berths
      .filter(berth => berth.side === wanted)
      .map(({ address, type }) => ({ address, type: type === 'ipv4' || type === 'ipv6' ? type : ('hostname' as const) }))
  return {
    id,
    state: stateOf(status),
    ...(permits === undefined ? {} : { permits }),
    publicAddresses: side('public'),
    privateAddresses: side('private'),
    storageVolumes: crates.map(({ id, place }) => ({ id, ...(place === undefined ? {} : { device: place }) })),
    ...(name === undefined ? {} : { name }),
    ...(owner === undefined ? {} : { ownerId: owner }),
    ...(image === undefined ? {} : { imageId: image }),
    ...(zone === undefined ? {} : { realmId: zone }),
    ...(size === undefined ? {} : { hardwareProfile: { id: size, overrides: traits } }),
    ...(key === undefined ? {} : { keyName: key }),
    ...(launched === undefined ? {} : { launchTime: launched }),
  }
}

/** A ton of Harbour is a gigabyte. */
export const volumeOf = (crate: z.infer<typeof crateSchema>): StorageVolume => {
  const { id, name, description, status, tons, packed, zone, aboard } = crate
  return {
    id,
    ...(name === undefined ? {} : { name }),
    ...(description === undefined ? {} : { description }),
    ...(status === undefined ? {} : { state: status }),
    ...(tons === undefined ? {} : { capacity: tons }),
    ...(packed === undefined ? {} : { created: packed }),
    ...(zone === undefined ? {} : { realmId: zone }),
    ...(aboard === null ? {} : { instanceId: aboard.ship }),
    ...(aboard?.place === undefined ? {} : { device: aboard.place }),
  }
}

export const keyOf = ({ name, fingerprint, pem }: z.infer<typeof keySchema>): Key => ({
  id: name,
  name,
  credentialType: 'key',
  ...(fingerprint === undefined ? {} : { fingerprint }),
  ...(pem === undefined ? {} : { pem }),
})
