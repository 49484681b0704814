/** What a client asks of a cloud, once a frontend has read it: filters, pages, things to make, content on its way. */

import type { PropertyName } from './hardware-profile.ts'
import type { Blob, RuleSource } from './resources.ts'

/** Content as bytes in pieces; read once. */
export type Bytes = AsyncIterable<Uint8Array>

export interface PageRequest {
  readonly after?: string
  readonly limit: number
}

export interface Page<T> {
  readonly items: readonly T[]
  /** Absent on the last page. */
  readonly next?: string
}

export interface IdFilter {
  readonly id?: string
}

export interface ImageFilter extends IdFilter {
  readonly architecture?: string
  /** `self` is the caller. */
  readonly ownerId?: string
}

export interface InstanceFilter extends IdFilter {
  readonly state?: string
  readonly realmId?: string
  readonly ownerId?: string
}

/** What to launch. The server has dropped what the driver's features don't allow; all else is as the client gave it. */
export interface LaunchRequest {
  readonly imageId: string
  readonly realmId?: string
  readonly hardwareProfileId?: string
  /** `hwp_*`, as text; names that no profile knows are dropped. Absent: the profile as it is. */
  readonly overrides?: Readonly<Partial<Record<PropertyName, string>>>
  readonly name?: string
  readonly keyName?: string
  /** As the client sent it: Base64 by convention. */
  readonly userData?: string
  readonly files?: readonly { readonly path: string; readonly content: string }[]
  readonly iso?: string
  readonly firewalls?: readonly string[]
  readonly password?: string
  readonly loadBalancerId?: string
  /** Absent: one, and the answer is that instance; else as many, and the answer is a list. */
  readonly count?: number
  readonly snapshotId?: string
  readonly deviceName?: string
  readonly sandbox?: string
  readonly metrics?: string
  readonly firstBootDevice?: string
  /** Ids of networks or subnets to be in; absent: the cloud's usual. Native protocols name them; the API of clouds doesn't. */
  readonly networks?: readonly string[]
}

export interface RunRequest {
  readonly command: string
  readonly privateKey?: string
  readonly password?: string
  readonly username?: string
  readonly ip?: string
  readonly port?: number
}

export interface RuleRequest {
  readonly protocol: string
  readonly portFrom?: number
  readonly portTo?: number
  readonly direction?: 'ingress' | 'egress'
  readonly sources: readonly RuleSource[]
}

/** Content on its way in. The driver reads it once, and not at all where it refuses first. */
export interface Upload {
  readonly content: Bytes
  /** Bytes, where the client said. */
  readonly length?: number
  readonly contentType?: string
  readonly metadata: Readonly<Record<string, string>>
}

/** Bytes `first` to `last`, both included; without `last` to the end; without `first` the last `last` bytes. */
export type ByteRange = { readonly first: number; readonly last?: number } | { readonly first?: undefined; readonly last: number }

export interface Download {
  readonly blob: Blob
  readonly content: Bytes
  /** What is sent, where a range was asked for. */
  readonly range?: { readonly first: number; readonly last: number; readonly total: number }
}

export interface BlobPageRequest {
  readonly prefix?: string
  readonly delimiter?: string
  readonly after?: string
  readonly limit: number
}

export interface BlobPage extends Page<Blob> {
  /** What the delimiter folded. */
  readonly prefixes: readonly string[]
}

export interface UploadedPart {
  readonly number: number
  /** What `finish` is told; unique within the upload. */
  readonly id: string
  readonly size: number
  readonly etag: string
}
