/** `deltacloud/driver`: what the author of a driver, or of a frontend, needs of the house. */

export type { Context, Credentials, Log, SessionCache, Transport } from './drivers/context.ts'
export type { Cloud, ConnectRequest, DriverDefinition, Listing, Offer, Operations } from './drivers/driver.ts'
export { allPages, type ProviderPage } from './drivers/pagers.ts'
export { sessionKey } from './drivers/sessions.ts'
export { retryAfter } from './drivers/transport.ts'
export { discard, type Headers, headerOf, readBody, type WireRequest, type WireResponse, wireRequest } from './drivers/wire.ts'
export {
  badRequest,
  CloudError,
  conflict,
  type ErrorKind,
  type Exhausted,
  forbidden,
  notFound,
  notPermitted,
  notSupported,
  overQuota,
  throttled,
  unauthenticated,
} from './model/errors.ts'
export { enumeration, fixed, type HardwareProfile, type Property, range } from './model/hardware-profile.ts'
export type * from './model/requests.ts'
export type * from './model/resources.ts'
export { type InstanceAction, type State, StateMachine, type Transition } from './model/state-machine.ts'
export type { Frontend, FrontendDefinition } from './server/frontend.ts'
export type { Claim, Connection, Gate, Target } from './server/gate.ts'
