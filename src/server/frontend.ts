/** A frontend: one protocol over the Cloud contract. It gets a request and the gate of that request, and keeps no state. */

import type { WireRequest, WireResponse } from '../drivers/wire.ts'
import type { Gate } from './gate.ts'

export type Frontend = (request: WireRequest, gate: Gate) => Promise<WireResponse>

export interface FrontendDefinition {
  /** As in `deltacloudd -f`. */
  readonly name: string
  /** For people. */
  readonly title: string
  /** First path segment, `api` for `/api`. */
  readonly root: string
  readonly version: string
  readonly answer: Frontend
}
