/** Who asks, and for which cloud: the only door from a frontend to a driver. */

import type { Context, Credentials } from '../drivers/context.ts'
import { bind, type Cloud, type DriverDefinition, type Offer } from '../drivers/driver.ts'
import type { Registry } from '../drivers/registry.ts'
import { badRequest, unauthenticated } from '../model/errors.ts'
import { hasUserInfo } from '../model/secrets.ts'
import type { Sealer } from './sealing.ts'

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
  /** Credentials used for every request, from the server's own environment. */
  readonly fixed: Credentials | undefined
  /** Key ids that native protocols may sign with over drivers that don't know their accounts' secrets. */
  readonly keys: ReadonlyMap<string, Credentials>
  readonly sealer: Sealer
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

  constructor(settings: GateSettings, context: Context) {
    this.settings = settings
    this.context = context
  }

  /**
   * The driver and provider that a request means; what it doesn't name is the server's own choice.
   * @throws CloudError `bad-request` for a driver that isn't there (with those of a near name) or a provider that the driver doesn't have or that has a password in its address.
   */
  target(choice: { driver?: string | undefined; provider?: string | undefined } = {}): Target {
    const { registry } = this.settings
    refuseUserInfo(choice.provider)
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
    return { driver, provider, offer }
  }

  /** Proves a claim and opens the cloud. @throws CloudError `unauthenticated` */
  async connect(claim: Claim, target: Target): Promise<Connection> {
    const credentials = this.settings.fixed ?? (claim.kind === 'password' ? claim : await this.prove(claim, target))
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
  private keyOf(keyId: string, { driver, provider }: Target): Credentials | undefined {
    const { settings } = this
    return driver.id === settings.driver && provider === settings.provider ? settings.keys.get(keyId) : undefined
  }
}
