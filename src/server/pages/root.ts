/** The page at `/`: which APIs this server speaks. */

import { html } from './html.ts'
import { page } from './page.ts'

export const rootPage = (frontends: readonly { readonly title: string; readonly version: string; readonly href: string }[]): string =>
  page({
    title: 'Deltacloud',
    heading: 'Deltacloud',
    scene: undefined,
    body: html`<p class="lead">One API in front of every cloud. This server speaks:</p>
<ul class="cards-grid">${frontends.map(
      one => html`<li class="card"><a href="${one.href}">${one.title}</a><p>Version ${one.version}</p></li>`,
    )}</ul>`,
  })
