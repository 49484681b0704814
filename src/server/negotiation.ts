// Which format a client wants. `?format=` beats Accept; without Accept it's XML; a bare `*/*` means HTML (quirk P1).

export type Format = 'xml' | 'json' | 'html' | 'png' | 'gv' | 'svg'

export const mediaTypes: Readonly<Record<Format, string>> = {
  xml: 'application/xml',
  json: 'application/json',
  html: 'text/html',
  png: 'image/png',
  gv: 'application/ghostscript',
  svg: 'image/svg+xml',
}

const formatOfType: Readonly<Record<string, Format>> = {
  'application/xml': 'xml',
  'text/xml': 'xml',
  'application/json': 'json',
  'application/xhtml+xml': 'html',
  'text/html': 'html',
  '*/*': 'html',
  'image/png': 'png',
  'application/ghostscript': 'gv',
  'image/svg+xml': 'svg',
}

const isFormat = (text: string): text is Format => Object.hasOwn(mediaTypes, text)

/** The formats that a client takes, best first; none where it takes nothing that we know. */
export const wanted = (format: string | undefined, accept: string | undefined): readonly Format[] => {
  if (format !== undefined) return isFormat(format) ? [format] : []
  if (accept === undefined || accept.trim() === '') return ['xml']
  // Header order breaks ties (quirk P32), save that `*/*` is never preferred to a type named with the same weight.
  const ranges = accept.split(',').map((range, order) => {
    const [type = '', ...parameters] = range.split(';').map(part => part.trim().toLowerCase())
    const weight = parameters.find(p => p.startsWith('q='))?.slice(2)
    const q = weight === undefined ? 1 : Number(weight)
    return { type, q: Number.isFinite(q) ? q : 0, order }
  })
  ranges.sort((a, b) => b.q - a.q || Number(a.type === '*/*') - Number(b.type === '*/*') || a.order - b.order)
  const formats: Format[] = []
  for (const { type, q } of ranges) {
    const known = Object.hasOwn(formatOfType, type) ? formatOfType[type] : undefined
    if (q > 0 && known !== undefined && !formats.includes(known)) formats.push(known)
  }
  return formats
}

/** The first wanted format that is offered. */
export const negotiate = (accepted: readonly Format[], offered: readonly Format[]): Format | undefined =>
  accepted.find(f => offered.includes(f))
