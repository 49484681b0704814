/** What pages load: a style sheet. It's part of the program, so that nothing is read from disk. */

import type { WireResponse } from '../../drivers/wire.ts'

/** An asset by name; undefined where there is none. */
export const asset = (name: string): WireResponse | undefined =>
  name === 'deltacloud.css' ? { status: 200, headers: [['Content-Type', 'text/css']], body: '' } : undefined
