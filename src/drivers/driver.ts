/**
 * The contract between the server and a driver.
 *
 * A driver is a value: what it says of itself, a way to connect, and a table of operations. A capability is an operation that stands in
 * the table. Routes, forms, OPTIONS, documentation and OpenAPI read the table, and nothing else says what a driver can do.
 */

import type { AdvertisedFeatures } from '../model/features.ts'
import type { HardwareProfile } from '../model/hardware-profile.ts'
import type {
  BlobPage,
  BlobPageRequest,
  ByteRange,
  Bytes,
  Download,
  IdFilter,
  ImageFilter,
  InstanceFilter,
  LaunchRequest,
  Page,
  PageRequest,
  RuleRequest,
  RunRequest,
  Upload,
  UploadedPart,
} from '../model/requests.ts'
import type {
  Address,
  Blob,
  Bucket,
  CommandResult,
  Firewall,
  Image,
  Instance,
  Key,
  Listener,
  LoadBalancer,
  Metric,
  Network,
  NetworkInterface,
  Provider,
  Realm,
  Resource,
  StorageSnapshot,
  StorageVolume,
  Subnet,
} from '../model/resources.ts'
import type { StateMachine } from '../model/state-machine.ts'
import type { Context, Credentials } from './context.ts'
import type { MockControl } from './control.ts'

/** A driver. Static and cheap to load: a provider's SDK is imported by the operation that needs it. */
export interface DriverDefinition<Session = unknown> {
  /** As in `deltacloudd -i`. */
  readonly id: string
  /** For people. */
  readonly name: string
  /** What user and password are called at this provider. */
  readonly credentials: {
    readonly user: string
    readonly password: string
    /** Credentials that anyone may try: only a simulator has them, and pages and examples name them. */
    readonly trial?: { readonly user: string; readonly password: string }
  }
  /** Names of providers to choose from beside those of the endpoints; `default` is that of requests that name none. */
  readonly providerNames?: readonly string[]
  /**
   * The regions of one cloud that are providers, each by its name there, the given provider's own first: native protocols serve them as regions.
   * Absent, or none, where a provider is one region.
   */
  regions?(provider: string | undefined): ReadonlyMap<string, string | undefined>
  /** Known endpoints: kind → provider → address. */
  readonly entrypoints: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** What the driver can do at a provider, without asking it; undefined where there is no such provider. Called for each request. */
  offer(provider: string | undefined): Offer<Session> | undefined
  /**
   * Opens a session with a provider.
   * @param request.credentials absent where the client gave none.
   * @throws CloudError `unauthenticated` where the driver needs credentials and has none, or knows at once that they are wrong.
   */
  connect(request: ConnectRequest): Promise<Session>
  /** Asks the provider whether the credentials are right, where `connect` doesn't. @throws CloudError `unauthenticated` */
  verify?(session: Session): Promise<void>
  /** The caller, as owners of resources are named, where that isn't the user of the credentials. */
  caller?(session: Session): string
  /** Collections of the table that this account lacks; asked by the entry point, only when credentials were given. */
  withdrawn?(session: Session): Promise<readonly CollectionName[]>
  /** The providers as the cloud lists them now. */
  providers?(session: Session): Promise<readonly Provider[]>
  /**
   * Where the driver knows its accounts' secrets: the credentials of a key id, or undefined. It makes signed native protocols possible.
   * `proven` says that the cloud takes anyone who names this key, so that no signature need be checked.
   */
  credentialsOf?(keyId: string, world: string): Promise<{ credentials: Credentials; proven: boolean } | undefined>
  /** The time in the cloud, milliseconds since 1970, where that isn't the machine's. */
  now?(world: string): number
  /** Where the driver keeps a key of its own for sealing tokens (32 bytes), so that they outlive the process. */
  sealingKey?(): Promise<Uint8Array>
  /** How the cloud is controlled, where that is a simulator. */
  readonly control?: MockControl
}

export interface ConnectRequest {
  readonly credentials: Credentials | undefined
  readonly provider: string | undefined
  readonly context: Context
}

/** What a driver offers at one provider. */
export interface Offer<Session = unknown> {
  readonly features: AdvertisedFeatures
  /** Absent where the cloud has no instances. */
  readonly machine?: StateMachine
  /** Profiles that need no question to the provider; listing them needs no credentials. */
  readonly hardwareProfiles?: readonly HardwareProfile[]
  readonly operations: Operations<Session>
}

/** The filter is a hint: the server filters again, so a driver pushes down only what its provider does faithfully. */
export interface Listing<Session, T, Filter = IdFilter> {
  /**
   * Names of filters that the server doesn't apply again, for their values mean more to the provider than resources say: EC2's owners have
   * aliases.
   */
  readonly selects?: readonly string[]
  /** All that the caller can see, in a stable order. */
  list(session: Session, filter: Filter): Promise<readonly T[]>
  /** One by id, undefined where there is none. Without it the server looks in the list. */
  get?(session: Session, id: string): Promise<T | undefined>
  /** A part of the list, where the provider pages; `after` is the `next` of the part before. */
  page?(session: Session, filter: Filter, page: PageRequest): Promise<Page<T>>
}

export interface ResourceRef {
  readonly collection: CollectionName
  readonly id: string
}

/**
 * What a driver can do, by collection. What is absent, this cloud can't do; nothing else says so.
 *
 * For every operation: an unknown id in the path is `not-found`; an unknown reference or a bad value is `bad-request`; what is taken, in use
 * or not empty is a `conflict`. A failed operation has changed nothing.
 */
export interface Operations<Session> {
  readonly realms?: Listing<Session, Realm>
  readonly hardware_profiles?: Listing<Session, HardwareProfile>
  readonly images?: Listing<Session, Image, ImageFilter> & {
    /** Makes an image of an instance. @throws CloudError `conflict` where the instance doesn't allow it now. */
    create?(session: Session, request: { instanceId: string; name?: string; description?: string }): Promise<Image>
    destroy?(session: Session, id: string): Promise<void>
  }
  readonly instances?: Listing<Session, Instance, InstanceFilter> & {
    /**
     * Launches one or more instances, all or none.
     * @returns the instances as the provider reported them right after, usually `pending`.
     */
    create?(session: Session, request: LaunchRequest): Promise<readonly Instance[]>
    /** What says which actions are permitted now, where that takes less than the whole instance; undefined where there is none. */
    permitted?(session: Session, id: string): Promise<Pick<Instance, 'state' | 'permits'> | undefined>
    /** The server has checked that the state permits it; a provider may still refuse with `not-permitted`. */
    start?(session: Session, id: string): Promise<Instance>
    stop?(session: Session, id: string): Promise<Instance>
    reboot?(session: Session, id: string): Promise<Instance>
    destroy?(session: Session, id: string): Promise<void>
    run?(session: Session, id: string, request: RunRequest): Promise<CommandResult>
  }
  readonly keys?: Listing<Session, Key> & {
    /** @returns the key, with its private half where the provider made one. */
    create?(session: Session, request: { name: string; publicKey?: string }): Promise<Key>
    destroy?(session: Session, id: string): Promise<void>
  }
  readonly storage_volumes?: Listing<Session, StorageVolume> & {
    /** @param request.capacity GB. */
    create?(
      session: Session,
      request: { name?: string; description?: string; capacity?: number; snapshotId?: string; realmId?: string },
    ): Promise<StorageVolume>
    attach?(session: Session, id: string, request: { instanceId: string; device: string }): Promise<StorageVolume>
    detach?(session: Session, id: string): Promise<StorageVolume>
    destroy?(session: Session, id: string): Promise<void>
  }
  readonly storage_snapshots?: Listing<Session, StorageSnapshot> & {
    create?(session: Session, request: { volumeId: string; name?: string; description?: string }): Promise<StorageSnapshot>
    destroy?(session: Session, id: string): Promise<void>
  }
  readonly buckets?: Listing<Session, Bucket> & {
    create?(session: Session, request: { name: string; location?: string }): Promise<Bucket>
    destroy?(session: Session, id: string): Promise<void>
  }
  readonly blobs?: {
    get(session: Session, bucket: string, id: string): Promise<Blob | undefined>
    page?(session: Session, bucket: string, page: BlobPageRequest): Promise<BlobPage>
    /** @throws CloudError `not-found`; `bad-request` for a range that the blob doesn't have. */
    read?(session: Session, bucket: string, id: string, options: { range?: ByteRange }): Promise<Download>
    /** Stores a blob, in place of one of that id. What was there stays whole until the new content is. */
    create?(session: Session, bucket: string, id: string, upload: Upload): Promise<Blob>
    /** Replaces all metadata. */
    updateMetadata?(session: Session, bucket: string, id: string, metadata: Readonly<Record<string, string>>): Promise<Blob>
    destroy?(session: Session, bucket: string, id: string): Promise<void>
    /** Uploads in parts: begins one and returns its id. */
    begin?(
      session: Session,
      bucket: string,
      id: string,
      options: { contentType?: string; metadata: Readonly<Record<string, string>> },
    ): Promise<string>
    part?(
      session: Session,
      bucket: string,
      id: string,
      upload: string,
      part: { number: number; content: Bytes; length?: number },
    ): Promise<UploadedPart>
    parts?(session: Session, bucket: string, id: string, upload: string): Promise<readonly UploadedPart[]>
    /** Joins the parts named, in that order. @throws CloudError `bad-request` for a part that isn't there. */
    finish?(session: Session, bucket: string, id: string, upload: string, parts: readonly { id: string }[]): Promise<Blob>
    abort?(session: Session, bucket: string, id: string, upload: string): Promise<void>
  }
  readonly addresses?: Listing<Session, Address> & {
    create?(session: Session): Promise<Address>
    associate?(session: Session, id: string, instanceId: string): Promise<void>
    disassociate?(session: Session, id: string): Promise<void>
    destroy?(session: Session, id: string): Promise<void>
  }
  readonly firewalls?: Listing<Session, Firewall> & {
    create?(session: Session, request: { name: string; description: string }): Promise<Firewall>
    destroy?(session: Session, id: string): Promise<void>
    /** @returns the firewall with its new rule. */
    createRule?(session: Session, id: string, rule: RuleRequest): Promise<Firewall>
    destroyRule?(session: Session, id: string, ruleId: string): Promise<void>
  }
  readonly load_balancers?: Listing<Session, LoadBalancer> & {
    create?(session: Session, request: { name: string; realmId: string; listener: Listener }): Promise<LoadBalancer>
    register?(session: Session, id: string, instanceId: string): Promise<LoadBalancer>
    unregister?(session: Session, id: string, instanceId: string): Promise<LoadBalancer>
    destroy?(session: Session, id: string): Promise<void>
  }
  readonly metrics?: Listing<Session, Metric>
  readonly networks?: Listing<Session, Network> & {
    create?(session: Session, request: { name?: string; addressBlock?: string }): Promise<Network>
    destroy?(session: Session, id: string): Promise<void>
  }
  readonly subnets?: Listing<Session, Subnet> & {
    create?(session: Session, request: { networkId: string; addressBlock: string; name?: string }): Promise<Subnet>
    destroy?(session: Session, id: string): Promise<void>
  }
  readonly network_interfaces?: Listing<Session, NetworkInterface> & {
    /** @param request.networkId a subnet where the cloud has subnets, else a network. */
    create?(session: Session, request: { instanceId: string; networkId: string; name?: string }): Promise<NetworkInterface>
    /** Makes one that belongs to no instance yet: what native protocols ask in two steps. */
    reserve?(session: Session, request: { networkId: string; name?: string }): Promise<NetworkInterface>
    attach?(session: Session, id: string, request: { instanceId: string }): Promise<NetworkInterface>
    detach?(session: Session, id: string): Promise<NetworkInterface>
    destroy?(session: Session, id: string): Promise<void>
  }
  /** Text by resource and key, kept and gone with the resource: what a native protocol has and the model lacks (tags, client tokens). */
  readonly annotations?: {
    get(session: Session, resource: ResourceRef): Promise<Readonly<Record<string, string>>>
    /** Those of all resources of a collection, by id; who has none is left out. */
    all(session: Session, collection: CollectionName): Promise<ReadonlyMap<string, Readonly<Record<string, string>>>>
    /** Sets some and leaves the others; an undefined value removes one. @throws CloudError `not-found` */
    set(session: Session, resource: ResourceRef, entries: Readonly<Record<string, string | undefined>>): Promise<void>
    /** The resources of a collection whose annotation has this value. */
    find(session: Session, collection: CollectionName, key: string, value: string): Promise<readonly string[]>
  }
}

export type OperationGroup = keyof Operations<unknown>

/** Collections with resources of their own. */
export type CollectionName = Exclude<OperationGroup, 'annotations' | 'blobs'>

type Bound<Group> = { readonly [Name in keyof Group]: WithoutSession<Group[Name]> }
type WithoutSession<F> = F extends (session: never, ...args: infer Args) => infer Result ? (...args: Args) => Result : F

/** The table of operations bound to a session: what frontends call. */
export type Cloud = { readonly [Group in OperationGroup]: Bound<NonNullable<Operations<unknown>[Group]>> | undefined }

type AnyOperation = (session: unknown, ...args: readonly unknown[]) => unknown

const prototypes = new WeakMap<object, object>()

/** Binds a table to a session. A group is bound when it's first asked for, so a request pays only for what it uses. */
export const bind = (operations: Operations<unknown>, session: unknown): Cloud => {
  let prototype = prototypes.get(operations)
  if (prototype === undefined) {
    prototype = {}
    for (const [group, table] of Object.entries(operations)) {
      const entries = Object.entries(table as Record<string, AnyOperation>)
      Object.defineProperty(prototype, group, {
        get(this: { session: unknown }) {
          const own = this.session
          return Object.fromEntries(entries.map(([name, operation]) => [name, (...args: unknown[]) => operation(own, ...args)]))
        },
      })
    }
    prototypes.set(operations, prototype)
  }
  return Object.assign(Object.create(prototype), { session }) as Cloud
}

/** Whether a table has an operation. */
export const offers = (operations: Operations<unknown>, group: OperationGroup, operation: string): boolean => {
  const table = operations[group]
  return table !== undefined && Object.hasOwn(table, operation)
}

/** A resource by id: by the driver's own call, or out of its list. */
export const find = async <S, T extends Resource>(listing: Listing<S, T, IdFilter>, session: S, id: string): Promise<T | undefined> =>
  listing.get === undefined ? (await listing.list(session, { id })).find(item => item.id === id) : listing.get(session, id)

/** A listing that asks for the one resource where its id is given: by a call that is cheaper than the whole list. */
export const byId = <Session, T>(
  list: (session: Session) => Promise<readonly T[]>,
  get: (session: Session, id: string) => Promise<T | undefined>,
) => ({
  async list(session: Session, { id }: { readonly id?: string }): Promise<readonly T[]> {
    if (id === undefined) return list(session)
    const one = isNoId(id) ? undefined : await get(session, id)
    return one === undefined ? [] : [one]
  },
  get,
})

/** What no resource has for an id, and what would be another path as part of one. */
const isNoId = (id: string): boolean => id === '' || id === '.' || id === '..'
