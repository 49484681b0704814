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
  /**
   * Writes a failure in this frontend's own form, whatever it is: what `answer` threw, an answer whose headers can't be sent, or a status that
   * the server decided on. It asks nothing of the cloud. Without it such a failure comes as a document of the Deltacloud API.
   */
  readonly refuse?: (error: unknown, request: WireRequest, gate: Gate) => Promise<WireResponse> | WireResponse
}
