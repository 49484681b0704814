/** The frame that every page of the browser interface has. */

import { iconHref, styleHref } from './assets.ts'
import { cloudOf } from './cloud.ts'
import { type Html, html } from './html.ts'
import { type PageScene, withQuery } from './scene.ts'

export interface Frame {
  /** Of the window; a heading alone where it's enough. */
  readonly title?: string
  readonly heading: string
  /** Beside the heading: a state, what can be done. */
  readonly beside?: Html | undefined
  /** The way here from the entry point. */
  readonly trail?: readonly { readonly href: string; readonly text: string }[]
  /** Address of the same as XML and JSON. */
  readonly document?: string | undefined
  /** None for the list of frontends, and where the request can't be understood. */
  readonly scene: PageScene | undefined
  /** The way on, of a page without a scene. */
  readonly nav?: readonly { readonly href: string; readonly text: string }[]
  /** Addresses of further style sheets, and of scripts; the policy that the page is sent with must let them in. */
  readonly styles?: readonly string[]
  readonly scripts?: readonly string[]
  readonly body: Html
}

export const page = ({
  title,
  heading,
  beside,
  trail = [],
  document,
  scene,
  nav = [],
  styles = [],
  scripts = [],
  body,
}: Frame): string => `<!DOCTYPE html>
${html`<html lang="en">
<head>
<meta charset="utf-8">
<title>${title ?? `${heading} – Deltacloud`}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="stylesheet" href="${styleHref}">
${styles.map(href => html`<link rel="stylesheet" href="${href}">\n`)}${scripts.map(src => html`<script src="${src}" defer></script>\n`)}<link rel="icon" href="${iconHref}" type="image/svg+xml">
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
${header(scene, document, nav)}
<main id="content">
${trail.length > 0 && html`<nav class="trail" aria-label="Breadcrumb"><ol>${trail.map(step => html`<li><a href="${step.href}">${step.text}</a></li>`)}</ol></nav>`}
<div class="heading"><h1>${heading}</h1>${beside}</div>
${body}
</main>
<footer><p>Deltacloud: one API in front of every cloud.</p></footer>
</body>
</html>`}
`

/** A page that has a title, and a body of its own making. */
export const plainPage = (scene: PageScene, title: string, body: Html): string =>
  page({
    heading: title,
    trail:
      scene.url.split('?')[0] === scene.links.entry() || scene.collection === undefined
        ? []
        : [{ href: scene.links.entry(), text: 'Home' }],
    document: scene.method === 'GET' || scene.method === 'HEAD' ? scene.url : undefined,
    scene,
    body,
  })

const header = (scene: PageScene | undefined, document: string | undefined, nav: NonNullable<Frame['nav']>): Html => html`<header>
<a class="brand" href="${scene?.links.entry() ?? '/'}">${mark}Deltacloud</a>
${scene !== undefined && html`<a class="cloud" href="${scene.links.entry()}#switch"><span class="unseen">Cloud </span>${cloudOf(scene)}</a>`}
<nav aria-label="Main"><ul>
${nav.map(({ href, text }) => html`<li><a href="${href}">${text}</a></li>`)}${scene !== undefined && html`<li><a href="${scene.links.entry()}">Home</a></li><li><a href="${scene.links.collection('docs')}">Docs</a></li>`}
${document !== undefined && ['XML', 'JSON'].map(name => html`<li><a href="${withQuery(document, { format: name.toLowerCase() })}">${name}</a></li>`)}
</ul></nav>
${scene?.user !== undefined && html`<p class="user"><span class="unseen">Logged in as </span>${scene.user}</p>`}
</header>`

/** A river that divides on its way to the sea. */
const mark = html`<svg class="mark" viewBox="0 0 32 32" width="28" height="28" aria-hidden="true"><path d="M16 3v9M16 12 5 28M16 12v16M16 12l11 16"/></svg>`
