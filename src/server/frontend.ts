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
  /** Hosts that are this frontend's alone, whatever the path: `bucket.s3.localhost`. Asked first, where a frontend declares it. */
  readonly hosts?: RegExp
  /** Whether a request whose path names no frontend is for this one all the same, by its signature, say. */
  readonly recognizes?: (request: WireRequest) => boolean
  /** Commands to try it with, a line each, for who has just started a server. */
  readonly trial?: (origin: string, account: { readonly user: string; readonly password: string }) => string
  /** Changes are asked for by GET, too. */
  readonly everyMethodChanges?: true
  readonly answer: Frontend
  /** The answer, in the protocol's own form, to a request that never came to `answer`, or whose answer can't be sent. */
  readonly refuse: (error: unknown, request: WireRequest, gate: Gate) => WireResponse | Promise<WireResponse>
}
