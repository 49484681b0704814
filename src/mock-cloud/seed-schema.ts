/** What a seed file may say: resources by account and collection, with the model's names for their attributes. */

import { z } from 'zod'

const value = z.union([z.string(), z.number()]).exactOptional()

/** What can stand in a path. */
const idUpTo = (longest: number) =>
  z
    .string()
    .min(1)
    .max(longest)
    .refine(id => id !== '.' && id !== '..', "'.' and '..' can't be ids")

const id = idUpTo(255)
const text = z.string()
const port = z.int().min(0).max(65_535)
const realmId = text
const state = text

const addresses = z.array(
  z.strictObject({ address: text, type: z.enum(['ipv4', 'ipv6', 'hostname', 'mac', 'vnc', 'unavailable']), port: port.exactOptional() }),
)

const source = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('address'), family: z.enum(['ipv4', 'ipv6']), address: text, prefix: z.coerce.string() }),
  z.strictObject({ type: z.literal('group'), name: text, owner: text.exactOptional() }),
])

const collections = {
  images: z.strictObject({
    id,
    name: text.exactOptional(),
    description: text.exactOptional(),
    ownerId: text.exactOptional(),
    architecture: text.exactOptional(),
    state: state.exactOptional(),
    creationTime: text.exactOptional(),
    rootType: text.exactOptional(),
    hardwareProfiles: z.array(text).exactOptional(),
  }),
  keys: z.strictObject({
    id,
    name: text.exactOptional(),
    credentialType: z.enum(['key', 'password']).exactOptional(),
    fingerprint: text.exactOptional(),
    pem: text.exactOptional(),
    username: text.exactOptional(),
    password: text.exactOptional(),
    state: state.exactOptional(),
  }),
  networks: z.strictObject({
    id,
    name: text.exactOptional(),
    state: state.exactOptional(),
    addressBlocks: z.array(text).exactOptional(),
    /** Told again by the subnets themselves. */
    subnets: z.array(text).exactOptional(),
  }),
  subnets: z.strictObject({
    id,
    name: text.exactOptional(),
    state: state.exactOptional(),
    type: text.exactOptional(),
    addressBlock: text.exactOptional(),
    networkId: text.exactOptional(),
  }),
  firewalls: z.strictObject({
    id,
    name: text.exactOptional(),
    description: text.exactOptional(),
    ownerId: text.exactOptional(),
    rules: z
      .array(
        z.strictObject({
          id,
          protocol: text.exactOptional(),
          portFrom: port.exactOptional(),
          portTo: port.exactOptional(),
          direction: z.enum(['ingress', 'egress']).exactOptional(),
          action: z.enum(['accept', 'deny']).exactOptional(),
          log: z.boolean().exactOptional(),
          sources: z.array(source),
        }),
      )
      .exactOptional(),
  }),
  instances: z.strictObject({
    id,
    name: text.exactOptional(),
    ownerId: text.exactOptional(),
    imageId: text.exactOptional(),
    realmId: realmId.exactOptional(),
    /** Only one that it stays in: nothing begins in the middle of a move. */
    state: z.enum(['running', 'stopped']).exactOptional(),
    hardwareProfile: z
      .strictObject({
        id: text,
        overrides: z.strictObject({ cpu: value, memory: value, storage: value, architecture: value }).exactOptional(),
      })
      .exactOptional(),
    publicAddresses: addresses.exactOptional(),
    privateAddresses: addresses.exactOptional(),
    launchTime: text.exactOptional(),
    keyName: text.exactOptional(),
    username: text.exactOptional(),
    password: text.exactOptional(),
    canCreateImage: z.boolean().exactOptional(),
    firewalls: z.array(text).exactOptional(),
    /** Those that say themselves that they're here needn't be named. */
    storageVolumes: z.array(z.strictObject({ id: text, device: text.exactOptional() })).exactOptional(),
    networkInterfaces: z.array(text).exactOptional(),
  }),
  storage_volumes: z.strictObject({
    id,
    name: text.exactOptional(),
    description: text.exactOptional(),
    state: state.exactOptional(),
    capacity: z.number().positive().exactOptional(),
    created: text.exactOptional(),
    realmId: realmId.exactOptional(),
    kind: text.exactOptional(),
    instanceId: text.exactOptional(),
    device: text.exactOptional(),
  }),
  storage_snapshots: z.strictObject({
    id,
    name: text.exactOptional(),
    description: text.exactOptional(),
    state: state.exactOptional(),
    storageVolumeId: text.exactOptional(),
    created: text.exactOptional(),
  }),
  buckets: z.strictObject({
    id,
    name: text.exactOptional(),
    /** Told again by the blobs themselves. */
    size: z.number().exactOptional(),
  }),
  blobs: z.strictObject({
    bucketId: id,
    id: idUpTo(1024),
    contentType: text.exactOptional(),
    lastModified: text.exactOptional(),
    userMetadata: z.record(text, text).exactOptional(),
    text: text.exactOptional(),
    base64: z.base64().exactOptional(),
    /** Told again by the content itself. */
    contentLength: z.number().exactOptional(),
    etag: text.exactOptional(),
  }),
  addresses: z.strictObject({ id: z.ipv4(), instanceId: text.exactOptional() }),
  load_balancers: z.strictObject({
    id,
    createdAt: text.exactOptional(),
    realms: z.array(text).exactOptional(),
    listeners: z.array(z.strictObject({ protocol: text, loadBalancerPort: port, instancePort: port })).exactOptional(),
    instances: z.array(text).exactOptional(),
    publicAddresses: z.array(text).exactOptional(),
  }),
  network_interfaces: z.strictObject({
    id,
    name: text.exactOptional(),
    instanceId: text,
    networkId: text,
    ipAddress: text.exactOptional(),
  }),
} as const

const listsOf = <T extends Record<string, z.ZodType>>(shapes: T) =>
  z.strictObject(
    Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, z.array(shape).exactOptional()])) as {
      [K in keyof T]: z.ZodExactOptional<z.ZodArray<T[K]>>
    },
  )

const account = z.strictObject({
  account: z.string().min(1),
  /** Kind of cloud; `default` without. */
  provider: z.string().min(1).exactOptional(),
  /** Without what an account of this cloud finds; only where it hasn't been used yet. */
  empty: z.boolean().exactOptional(),
  collections: listsOf(collections),
})

/** What an export says beside is for people. */
export const seedSchema = z.object({ accounts: z.array(account) })

export type SeedAccount = z.infer<typeof account>
export type SeedCollections = { readonly [K in keyof typeof collections]: z.infer<(typeof collections)[K]> }
