/** What clients in this process are told of the cloud that they meet without a port. */

import type { CompositionOptions, OpenCloud } from './compose.ts'

export interface InProcessOptions extends Omit<CompositionOptions, 'mock'> {
  /** Where clients believe the server to be: scheme, host and port. `http://localhost:3001` by default. */
  readonly url?: string | undefined
  /** What `createMockCloud` gave; stays its maker's to close. Without it, a cloud that nobody else has, with the time of the machine. */
  readonly cloud?: OpenCloud
}

/** @throws TypeError for an address that is more than an origin. */
export const originOf = (url = 'http://localhost:3001'): string => {
  const parsed = new URL(url)
  if (parsed.pathname !== '/' || parsed.search !== '') throw new TypeError(`'${url}' is more than scheme, host and port`)
  return parsed.origin
}
