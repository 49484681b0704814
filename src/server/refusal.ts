/** The error document for a request that no frontend answered, or whose answer is not to be given. */

import type { WireResponse } from '../drivers/wire.ts'
import type { Failure } from './errors.ts'
import { type Format, wanted } from './negotiation.ts'
import { errorResponse } from './render.ts'
import { formatNamed } from './target.ts'

/** What is known of the request, which may be unreadable otherwise. */
export interface Refused {
  readonly target: string
  readonly accept: string | undefined
}

interface Server {
  readonly driver: string
  readonly provider: string | undefined
}

/** In the format that the request asks for. */
export const refusal = ({ driver, provider }: Server, failure: Failure, { target, accept }: Refused): Promise<WireResponse> => {
  const isFormat = (one: Format): boolean => one === 'xml' || one === 'json' || one === 'html'
  const format = wanted(formatNamed(target), accept).find(isFormat) ?? 'xml'
  return errorResponse(failure, format, { target, driver, provider, parameters: [], page: undefined })
}

export const challenge = 'Basic realm="deltacloud"'
