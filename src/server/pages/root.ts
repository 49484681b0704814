/** The page at `/`: which APIs this server speaks. */

import { html } from './html.ts'
import { page } from './page.ts'

export const rootPage = (frontends: readonly { readonly title: string; readonly version: string; readonly href: string }[]): string =>
  page({
    title: 'Deltacloud',
    body: html`<ul>${frontends.map(one => html`<li><a href="${one.href}">${one.title}</a> ${one.version}</li>`)}</ul>`,
  })
