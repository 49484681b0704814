/** The page of a failure: what happened in plain words, and what to do next. */

import type { Failure } from '../errors.ts'
import { humanise } from '../formats/view.ts'
import { type Html, html } from './html.ts'
import { page } from './page.ts'
import type { PageScene } from './scene.ts'

export const errorPage = (scene: PageScene | undefined, failure: Failure): string => {
  const title = `${failure.status} - ${failure.reason}`
  const said = failure.message === failure.reason ? (failure.details ?? meaning[failure.status] ?? failure.message) : failure.message
  return page({
    title,
    heading: title,
    trail: scene === undefined ? [] : [{ href: scene.links.entry(), text: 'Home' }, ...collectionStep(scene)],
    scene,
    body: html`<p class="note note-bad" role="alert">${said}</p>
${failure.details !== undefined && failure.details !== said && html`<p>${failure.details}</p>`}
<h2>What to do next</h2>
<ul class="steps">${steps(scene, failure).map(step => html`<li>${step}</li>`)}</ul>`,
  })
}

const collectionStep = ({ collection, links }: PageScene): { href: string; text: string }[] =>
  collection === undefined ? [] : [{ href: links.collection(collection.name), text: humanise(collection.name) }]

/** What a status means, where the failure says no more than its name. */
const meaning: Readonly<Record<number, string>> = {
  400: 'The server can’t make sense of the request.',
  401: 'This cloud wants to know who is asking.',
  403: 'You may not do this.',
  404: 'There is nothing at this address.',
  405: 'This can’t be done here, or not now.',
  406: 'This doesn’t come in the format that was asked for.',
  409: 'Something else is in the way.',
  500: 'The server failed. The reason is in its log.',
  502: 'The cloud behind this server can’t be reached, or gave an answer that can’t be used.',
  503: 'The cloud behind this server takes no requests now. Try again later.',
  504: 'The cloud behind this server took too long.',
}

const steps = (scene: PageScene | undefined, { status }: Failure): Html[] => {
  if (scene === undefined) return [html`<a href="/">Begin at the first page</a>`]
  const { links, collection, method, url } = scene
  const isRead = method === 'GET' || method === 'HEAD'
  const found: Html[] = []
  if (status === 401) found.push(logIn(scene))
  if (isRead) found.push(html`<a href="${url}">Try again</a>`)
  if (!isRead && (status === 400 || status === 409)) found.push(html`Go back, where what you have written still stands, and change it`)
  if (status === 412)
    found.push(html`See <a href="${links.entry()}">what this cloud can do</a>, or <a href="${links.entry()}#switch">choose another</a>`)
  if (collection?.listed(scene.offer) === true) {
    const name = collection.name.replaceAll('_', ' ')
    found.push(html`Go to the <a href="${links.collection(collection.name)}">list of ${name}</a>`)
    found.push(html`Read <a href="${links.collection('docs')}/${collection.name}">what can be asked of ${name}</a>`)
  }
  found.push(html`<a href="${links.entry()}">Begin at the entry point</a>`)
  return found
}

const logIn = ({ target: { driver } }: PageScene): Html => {
  const { user, password, trial } = driver.credentials
  return html`Log in when the browser asks; the ${driver.name} cloud calls it ${user} and ${password}${
    trial !== undefined && html`. To try it, take <code>${trial.user}</code> and <code>${trial.password}</code>`
  }`
}
