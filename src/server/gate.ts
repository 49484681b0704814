/** Who asks, and for which cloud: the only door from a frontend to a driver. */

import type { Context, Credentials } from '../drivers/context.ts'
import { bind, type Cloud, type DriverDefinition, type Offer } from '../drivers/driver.ts'
import type { Registry } from '../drivers/registry.ts'
import { badRequest, unauthenticated } from '../model/errors.ts'
import { hasUserInfo } from '../model/secrets.ts'
import type { Reach } from './reach.ts'
import type { Sealer } from './sealing.ts'
import { anyOrigin, type Origin, refuseForeignChange, refuseForeignChoice } from './site.ts'

/** How a client says who it is. */
export type Claim =
  | { readonly kind: 'none' }
  | { readonly kind: 'password'; readonly user: string; readonly password: string }
  /** A signed request: the id of the key, and whether a secret made the signature. */
  | { readonly kind: 'signature'; readonly keyId: string; readonly verify: (credentials: Credentials) => boolean }
  /** A token that `seal` made. */
  | { readonly kind: 'token'; readonly token: string }

/** A driver at a provider, as a request chose it. */
export interface Target {
  readonly driver: DriverDefinition
  /** As chosen; undefined where neither the request nor the server names one. */
  readonly provider: string | undefined
  readonly offer: Offer
}

/** A claim that was proven, and the cloud it opens. */
export interface Connection {
  readonly target: Target
  /** Undefined where the client gave none. */
  readonly credentials: Credentials | undefined
  readonly session: unknown
  readonly cloud: Cloud
}

/** What all requests of a server share. */
export interface GateSettings {
  readonly registry: Registry
  readonly driver: string
  readonly provider: string | undefined
  /** Credentials of the operator, each for the one cloud that they belong to. */
  readonly fixed: readonly FixedCredentials[]
  /** Key ids that native protocols may sign with over drivers that don't know their accounts' secrets. */
  readonly keys: ReadonlyMap<string, Credentials>
  readonly sealer: Sealer
  /** Which providers requests may choose. */
  readonly reach: Reach
  /** Items of one answer of a native protocol that lists in pages, where that's fewer than the protocol has. */
  readonly pageSize?: number | undefined
}

/** Credentials that are sent to one driver and provider, and to no other. */
export interface FixedCredentials {
  readonly driver: string
  /** Undefined is the driver's default. */
  readonly provider: string | undefined
  readonly credentials: Credentials
}

/** No driver takes credentials in an address, and documents would repeat them in every link. @throws CloudError `bad-request` */
export const refuseUserInfo = (provider: string | undefined): void => {
  if (provider !== undefined && hasUserInfo(provider))
    throw badRequest("The provider's address must not have a user and password; send them as HTTP Basic credentials")
}

/** The gate of one request. */
export class Gate {
  readonly settings: GateSettings
  readonly context: Context
  readonly origin: Origin

  /** @param origin where the request comes from; by default from a client that is no browser. */
  constructor(settings: GateSettings, context: Context, origin: Origin = anyOrigin) {
    this.settings = settings
    this.context = context
    this.origin = origin
  }

  /**
   * The driver and provider that a request means; what it doesn't name is the server's own choice.
   * @throws CloudError `bad-request` for a driver that isn't there (with those of a near name), a provider that the driver doesn't have or that
   * has a password in its address; `forbidden` for one that may not be chosen, or that another site has chosen.
   */
  target(choice: { driver?: string | undefined; provider?: string | undefined } = {}): Target {
    if (choice.driver !== undefined || choice.provider !== undefined) refuseForeignChoice(this.origin)
    refuseUserInfo(choice.provider)
    const { registry, reach } = this.settings
    const id = choice.driver?.toLowerCase() ?? this.settings.driver
    const driver = registry.get(id)
    if (driver === undefined) {
      const near = registry.near(id)
      throw badRequest(`Driver '${id}' is not available${near.length > 0 ? `, did you mean ${near.map(n => `'${n}'`).join(' or ')}?` : ''}`)
    }
    // The server's own provider belongs to the server's own driver.
    const provider = choice.provider ?? (id === this.settings.driver ? this.settings.provider : undefined)
    const offer = driver.offer(provider)
    if (offer === undefined) throw badRequest(`Driver '${id}' has no provider '${provider ?? ''}'`)
    const target: Target = { driver, provider, offer }
    if (!this.isOwn(target)) reach.checkChoice(id, destinationOf(target), id === this.settings.driver)
    return target
  }

  /** The names of the regions that a target is divided into, its own first; none where it's one region. */
  regionsOf({ driver, provider }: Target): readonly string[] {
    return [...(driver.regions?.(provider).keys() ?? [])]
  }

  /** A target in one of its regions; undefined where it has none of that name. */
  inRegion(target: Target, region: string): Target | undefined {
    const { driver } = target
    const regions = driver.regions?.(target.provider)
    if (regions?.has(region) !== true) return undefined
    const provider = regions.get(region)
    const offer = driver.offer(provider)
    return offer === undefined ? undefined : { driver, provider, offer }
  }

  /**
   * The operator's credentials for this cloud, as a claim: the Deltacloud API uses them for every request. Native protocols don't, there
   * they are a key to sign with.
   */
  fixedClaim(target: Target): Claim | undefined {
    const credentials = this.fixed(target)
    return credentials === undefined ? undefined : { kind: 'password', ...credentials }
  }

  /**
   * Proves a claim and opens the cloud.
   * @param issuer whose tokens are taken, where the target is one of its regions
   * @throws CloudError `unauthenticated`; `forbidden` for a change that another site asks for.
   */
  async connect(claim: Claim, target: Target, issuer = target): Promise<Connection> {
    // A browser adds a password by itself, and a cloud may take who gives none; a signature or a token is the page's own.
    if (claim.kind === 'none' || claim.kind === 'password') refuseForeignChange(this.origin)
    const credentials = claim.kind === 'password' ? claim : await this.prove(claim, issuer)
    // The simulator reaches nobody.
    if (target.driver.control === undefined) {
      const destination = destinationOf(target)
      const isOwn = this.isOwn(target)
      this.context.access = this.settings.reach.access({ ...destination, isNamed: destination.isNamed || isOwn, isOwn })
    }
    const session = await target.driver.connect({ credentials, provider: target.provider, context: this.context })
    return { target, credentials, session, cloud: bind(target.offer.operations, session) }
  }

  /** A token that stands for these credentials in this world until it expires. @param expires milliseconds since 1970, cloud time. */
  seal(credentials: Credentials, target: Target, expires: number): Promise<string> {
    const { user, password } = credentials
    return this.settings.sealer.seal({
      user,
      password,
      driver: target.driver.id,
      provider: target.provider ?? '',
      world: this.context.world,
      expires,
    })
  }

  /** The time in the cloud, milliseconds since 1970: what a token's expiry is measured by. */
  now({ driver }: Target): number {
    return driver.now?.(this.context.world) ?? this.context.now()
  }

  /** The time in the server's own cloud, by which answers have their ids: the machine's where that one can't be told. */
  ownTime(): number {
    try {
      return this.now(this.target())
    } catch {
      return this.context.now()
    }
  }

  private async prove(claim: Exclude<Claim, { kind: 'password' }>, target: Target): Promise<Credentials | undefined> {
    const { driver } = target
    switch (claim.kind) {
      case 'none':
        return undefined
      case 'token': {
        const sealed = await this.settings.sealer.open(claim.token)
        if (sealed === undefined || sealed.driver !== driver.id || sealed.world !== this.context.world) throw unauthenticated()
        // A provider may be an address: who holds a token must not be able to have the password sent elsewhere.
        if (sealed.provider !== (target.provider ?? '')) throw unauthenticated()
        if (sealed.expires <= this.now(target)) throw unauthenticated('The token has expired')
        return { user: sealed.user, password: sealed.password }
      }
      case 'signature': {
        const known =
          driver.credentialsOf === undefined
            ? { credentials: this.keyOf(claim.keyId, target), proven: false }
            : await driver.credentialsOf(claim.keyId, this.context.world)
        if (known?.credentials === undefined || !(known.proven || claim.verify(known.credentials))) throw unauthenticated()
        return known.credentials
      }
    }
  }

  /** The keys of the config file are for the cloud that the server is for, and never sent to another. */
  private keyOf(keyId: string, target: Target): Credentials | undefined {
    const fixed = this.fixed(target)
    return (this.isOwn(target) ? this.settings.keys.get(keyId) : undefined) ?? (fixed?.user === keyId ? fixed : undefined)
  }

  private fixed({ driver, provider }: Target): Credentials | undefined {
    return this.settings.fixed.find(one => one.driver === driver.id && one.provider === provider)?.credentials
  }

  private isOwn({ driver, provider }: Target): boolean {
    return driver.id === this.settings.driver && provider === this.settings.provider
  }
}

/** A provider that isn't a name is or has an address, by which a request may lead anywhere. */
const destinationOf = ({ driver, provider }: Target) => {
  const known = Object.values(driver.entrypoints).flatMap(addresses => addresses[provider ?? 'default'] ?? [])
  const isNamed =
    provider === undefined || /^[\w-]+$/.test(provider) || known.length > 0 || driver.providerNames?.includes(provider) === true
  const addresses = [provider ?? '', ...known].join(' ')
  return { provider, isNamed, isSecure: /https:\/\//i.test(addresses) && !/http:\/\//i.test(addresses) }
}
