/** The first page: what this cloud has, and the choice of another. */

import type { Registry } from '../../drivers/registry.ts'
import type { Collection } from '../collections/operation.ts'
import type { Target } from '../gate.ts'
import type { Links } from '../links.ts'
import { type Html, html } from './html.ts'

export const entryPage = (target: Target, listed: readonly Collection[], links: Links, registry: Registry): Html => html`
<p>${target.driver.id}@${target.provider ?? 'default'}</p>
<ul>${listed.map(one => html`<li><a href="${links.collection(one.name)}">${one.name}</a> ${one.doc}</li>`)}</ul>
<form method="post" action="/api"><select name="driver">${registry.all().map(d => html`<option>${d.id}</option>`)}</select><button>Switch</button></form>`
