/** The list of frontends at `/`. */

import type { WireRequest, WireResponse } from '../drivers/wire.ts'
import { attribute, XmlWriter } from './formats/xml.ts'
import type { FrontendDefinition } from './frontend.ts'
import { mediaTypes, negotiate, wanted } from './negotiation.ts'
import { baseOf } from './origin.ts'
import { pagePolicy } from './pages/policy.ts'

export const rootDocument = async (frontends: readonly FrontendDefinition[], request: WireRequest): Promise<WireResponse> => {
  const origin = baseOf(request)
  const listed = frontends.map(({ name, title, root, version }) => ({ name, title, version, href: `${origin}/${root}` }))
  const query = new URLSearchParams(request.target.split('?')[1] ?? '')
  const format = negotiate(wanted(query.get('format') ?? undefined, request.header('accept')), ['xml', 'json', 'html']) ?? 'html'
  const headers: [string, string][] = [['Content-Type', mediaTypes[format]]]
  switch (format) {
    case 'json':
      return { status: 200, headers, body: JSON.stringify({ frontends: listed }) }
    case 'html': {
      const { rootPage } = await import('./pages/index.ts')
      return { status: 200, headers: [...headers, ['Content-Security-Policy', pagePolicy]], body: rootPage(listed) }
    }
    default: {
      const writer = new XmlWriter()
      writer.open('frontends')
      for (const one of listed) {
        writer.leaf(
          'frontend',
          one.title,
          `${attribute('href', one.href)}${attribute('name', one.name)}${attribute('version', one.version)}`,
        )
      }
      writer.close('frontends')
      return { status: 200, headers, body: writer.end() }
    }
  }
}
