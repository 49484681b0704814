/** What pages load: style sheets, an icon, the console's script. They are part of the program, so that nothing is read from disk. */

import { hash } from 'node:crypto'
import type { WireRequest, WireResponse } from '../../drivers/wire.ts'
import { script as consoleScript } from './console/script.ts'
import { style as consoleStyle } from './console/style.ts'
import { styleSheet } from './style/index.ts'

interface Asset {
  readonly type: string
  readonly body: Buffer
  readonly version: string
}

const made = (type: string, text: string): Asset => {
  const body = Buffer.from(text)
  return { type, body, version: hash('sha256', body).slice(0, 16) }
}

const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#0c2b29"/>
<path d="M16 4v9M16 13 6 27M16 13v14M16 13l10 14" fill="none" stroke="#7fe0cf" stroke-width="3" stroke-linecap="round"/></svg>
`

const assets: ReadonlyMap<string, Asset> = new Map([
  ['deltacloud.css', made('text/css; charset=utf-8', styleSheet)],
  ['icon.svg', made('image/svg+xml', icon)],
  ['console.css', made('text/css; charset=utf-8', consoleStyle)],
  ['console.js', made('text/javascript; charset=utf-8', consoleScript)],
])

const address = (name: string): string => `/assets/${name}?v=${assets.get(name)?.version ?? ''}`

export const styleHref = address('deltacloud.css')
export const iconHref = address('icon.svg')
export const consoleStyleHref = address('console.css')
export const consoleScriptHref = address('console.js')

/** An asset by name; undefined where there is none. Under the address that pages use, which names the version, it may be kept for ever. */
export const asset = (name: string, request: WireRequest): WireResponse | undefined => {
  const found = assets.get(name)
  if (found === undefined) return undefined
  const isVersioned = request.target.endsWith(`?v=${found.version}`)
  const tag = `"${found.version}"`
  const headers: [string, string][] = [
    ['ETag', tag],
    ['Cache-Control', isVersioned ? 'public, max-age=31536000, immutable' : 'public, max-age=0, must-revalidate'],
  ]
  const known = request.header('if-none-match')
  if (known?.split(',').some(one => one.trim().replace(/^W\//, '') === tag) === true) return { status: 304, headers }
  return { status: 200, headers: [['Content-Type', found.type], ...headers], body: found.body }
}
