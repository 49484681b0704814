/** One request to the Deltacloud API, read and ready for its operation. */

import type { Cloud } from '../drivers/driver.ts'
import type { WireRequest } from '../drivers/wire.ts'
import { badRequest } from '../model/errors.ts'
import type { FilePart } from './body.ts'
import type { Collection, Operation } from './collections/operation.ts'
import { HttpError } from './errors.ts'
import type { Scene } from './formats/view.ts'
import type { Claim, Connection, Gate, Target } from './gate.ts'
import type { Links } from './links.ts'
import type { Format } from './negotiation.ts'
import type { Parameters } from './target.ts'

export interface ApiRequestParts {
  readonly wire: WireRequest
  readonly gate: Gate
  readonly target: Target
  readonly collection: Collection
  readonly operation: Operation
  readonly links: Links
  readonly format: Format
  readonly path: Parameters
  readonly parameters: Parameters
  readonly files: ReadonlyMap<string, FilePart>
}

export class ApiRequest implements Scene {
  readonly wire: WireRequest
  readonly gate: Gate
  readonly target: Target
  readonly collection: Collection
  readonly operation: Operation
  readonly links: Links
  readonly format: Format
  readonly files: ReadonlyMap<string, FilePart>
  private readonly path: Parameters
  private readonly parameters: Parameters
  private connecting: Promise<Connection> | undefined

  constructor(parts: ApiRequestParts) {
    this.wire = parts.wire
    this.gate = parts.gate
    this.target = parts.target
    this.collection = parts.collection
    this.operation = parts.operation
    this.links = parts.links
    this.format = parts.format
    this.path = parts.path
    this.parameters = parts.parameters
    this.files = parts.files
  }

  get offer(): Target['offer'] {
    return this.target.offer
  }

  /** Proves who asks, once a request. Operations that don't call it need no credentials. */
  connect(): Promise<Connection> {
    this.connecting ??= this.gate.connect(this.gate.fixedClaim(this.target) ?? claimOf(this.wire), this.target)
    return this.connecting
  }

  async cloud(): Promise<Cloud> {
    return (await this.connect()).cloud
  }

  /** The id in the path. */
  get id(): string {
    return this.segment('id')
  }

  /** A path parameter. */
  segment(name: string): string {
    const value = this.path.get(name)
    if (value === undefined) throw new TypeError(`The path of ${this.operation.name} has no '${name}'`)
    return value
  }

  /** A parameter as given, even empty; undefined where it wasn't. */
  given(name: string): string | undefined {
    return this.parameters.get(name)
  }

  /** A parameter; undefined where it wasn't given or is empty. */
  value(name: string): string | undefined {
    const value = this.parameters.get(name)
    return value === '' ? undefined : value
  }

  /** A parameter that must have been given; it may be empty (quirk P6). */
  required(name: string): string {
    const value = this.parameters.get(name)
    if (value === undefined) throw badRequest(`Required parameter '${name}' not found in [${[...this.parameters.keys()].join(',')}]`)
    return value
  }

  /** A whole number, undefined where it wasn't given or is empty. @throws CloudError `bad-request` for other text. */
  number(name: string): number | undefined {
    const value = this.value(name)
    if (value === undefined) return undefined
    if (!/^\d{1,15}$/.test(value)) throw badRequest(`Parameter '${name}' value '${value}' is not a whole number`)
    return Number(value)
  }

  /** The values of `name0`, `name1`, …, in the order of their numbers; empty ones are left out. */
  numbered(name: string): string[] {
    const pattern = new RegExp(`^${name}(\\d{1,4})?$`)
    return [...this.parameters]
      .flatMap(([key, value]) => {
        const match = pattern.exec(key)
        return match === null || value === '' ? [] : [{ order: Number(match[1] ?? -1), value }]
      })
      .sort((a, b) => a.order - b.order)
      .map(({ value }) => value)
  }

  /** A parameter that a feature adds: it has no effect where the driver doesn't advertise the feature. */
  featured(feature: string, name: string): string | undefined {
    return this.has(feature) ? this.value(name) : undefined
  }

  has(feature: string): boolean {
    const own = this.offer.features[this.collection.name]
    return own !== undefined && Object.hasOwn(own, feature)
  }

  /** Names and values of all parameters, those in the path last. */
  all(): Parameters {
    return new Map([...this.parameters, ...this.path])
  }
}

/** Who the client says it is, by HTTP Basic; anything else counts as nobody. */
export const claimOf = (request: WireRequest): Claim => {
  const header = request.header('authorization')
  if (header === undefined || !/^basic /i.test(header)) return { kind: 'none' }
  const decoded = Buffer.from(header.slice(6).trim(), 'base64').toString('utf8')
  const colon = decoded.indexOf(':')
  return colon < 0 ? { kind: 'none' } : { kind: 'password', user: decoded.slice(0, colon), password: decoded.slice(colon + 1) }
}

/** Names that can't become ids: a path with them would mean something else. */
const reserved = new Set(['.', '..', 'new'])

/** A name that may become an id in a URL. @throws CloudError `bad-request` */
export const usableId = (name: string, what: string): string => {
  if (name === '') throw badRequest(`The ${what} must not be empty`)
  if (reserved.has(name)) throw badRequest(`The ${what} must not be '${name}'`)
  return name
}

/** Something that must be there because the operation was offered. */
export const present = <T>(value: T | undefined): T => {
  if (value === undefined) throw new HttpError(412, 'The required capability to execute this operation is missing')
  return value
}
