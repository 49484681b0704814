/** What a browser may do with stored content: it comes from whoever stored it, and never acts in the name of this server. */

import type { Headers, WireRequest } from '../../../drivers/wire.ts'

/** Types that a browser shows without running anything. */
const passive = /^(?:image\/(?!svg)|audio\/|video\/|text\/plain\b)/i

/**
 * Headers for stored content, beside its own. Clients that aren't browsers see no more than the policy: content is to be saved only where
 * it would be shown as a document.
 * @param own headers of the answer, of which a disposition stays as it is.
 */
export const contentPolicy = (request: WireRequest, own: Headers): Headers => {
  const headerIn = (wanted: string): string | undefined => own.find(([name]) => name.toLowerCase() === wanted)?.[1]
  const isSaved =
    wouldShow(request) && !passive.test(headerIn('content-type') ?? '') && !/^attachment/i.test(headerIn('content-disposition') ?? '')
  return [
    ...own.filter(([name]) => !isSaved || name.toLowerCase() !== 'content-disposition'),
    ['Content-Security-Policy', "sandbox; default-src 'none'"],
    ...(isSaved ? [['Content-Disposition', 'attachment'] as const] : []),
  ]
}

/** Whether a browser asks for a document, in a window or in a frame: an old one says so by what it accepts. */
const wouldShow = (request: WireRequest): boolean => {
  const destination = request.header('sec-fetch-dest')
  if (destination !== undefined) return /^(?:document|i?frame|embed|object|fencedframe)$/.test(destination)
  return /\btext\/html\b/i.test(request.header('accept') ?? '')
}
