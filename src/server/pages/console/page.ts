/** The console of the simulator: one page that shows a world as it is, and moves it. Without its script it's to read, and its forms work. */

import { consoleScriptHref, consoleStyleHref } from '../assets.ts'
import { type Html, html } from '../html.ts'
import { page } from '../page.ts'
import { clockPart } from './clock.ts'
import { dataPart, worldsPart } from './data.ts'
import { eventsPart } from './events.ts'
import { limitsPart } from './limits.ts'
import { resourcesPart } from './resources.ts'
import { faultsPart } from './rules.ts'
import { type ConsoleView, hrefOf } from './view.ts'

export const consolePage = (view: ConsoleView): string => {
  const { root, world, worlds } = view
  return page({
    title: `${world.name} – Mock cloud – Deltacloud`,
    heading: 'Mock cloud',
    beside: html`<span class="tag">world ${world.name}</span><span id="console-live" hidden></span>${switcher(root, world.name, worlds)}`,
    scene: undefined,
    nav: [
      { href: `${root}/api`, text: 'API' },
      { href: `${root}/_mock?format=json`, text: 'Control API' },
      { href: `${root}/_mock/openapi.json`, text: 'OpenAPI' },
    ],
    styles: [consoleStyleHref],
    scripts: [consoleScriptHref],
    body: html`<div id="console" data-stream="${root}/_mock/events/stream?after=${world.events}"></div>
<p id="console-status" role="status"></p>
<div class="console">
<div class="column">
${clockPart(view)}
${limitsPart(view)}
${worldsPart(view)}
</div>
<div class="column">
${faultsPart(view)}
</div>
${resourcesPart(view)}
${eventsPart(view)}
${dataPart(view)}
</div>`,
  })
}

/** Other worlds are other pages: links, and nothing to press. */
const switcher = (root: string, current: string, worlds: ConsoleView['worlds']): Html | undefined => {
  const others = worlds.filter(({ name }) => name !== current)
  if (others.length === 0 || others.length > 8) return undefined
  return html`<nav class="beside-one-another" aria-label="Other worlds">${others.map(
    ({ name }) => html`<a href="${hrefOf(root, name)}"><span class="unseen">Go to the world </span>${name}</a>`,
  )}</nav>`
}
