/** The page of one resource: its facts, and what can be done with it now. */

import type { Resource } from '../../model/resources.ts'
import { type Display, humanise, type View } from '../formats/view.ts'
import { isAbsent, show, stateBadge } from './display.ts'
import { type Html, html } from './html.ts'
import { page } from './page.ts'
import type { PageScene } from './scene.ts'
import { machinePicture } from './states.ts'

const isActions = (value: Display): boolean => typeof value === 'object' && 'actions' in value
const isState = (value: Display): value is { readonly state: string } => typeof value === 'object' && 'state' in value

export const itemPage = async <T extends Resource>(scene: PageScene, view: View<T>, one: T): Promise<string> => {
  const { links } = scene
  const own = view.href(one, links)
  const shown = view.fields.map(field => ({ label: field.label, value: field.display(one, scene) }))
  const state = shown.map(field => field.value).find(isState)
  const facts = shown.filter(({ value }) => !isAbsent(value) && !isActions(value) && !isState(value))
  const title = view.title(one)
  return page({
    title: `${title} – ${humanise(view.singular)} – Deltacloud`,
    heading: title,
    beside: html`${state !== undefined && stateBadge(state.state)}${shown.filter(({ value }) => isActions(value)).map(({ value }) => show(value, one.id))}`,
    trail: [
      { href: links.entry(), text: 'Home' },
      { href: links.collection(view.collection), text: humanise(view.collection) },
      ...within(view, own, links.collection(view.collection)),
    ],
    document: own,
    scene,
    body: html`${changing(scene, view, one, own)}
<h2 class="unseen">Facts</h2>
<dl class="facts"><div><dt>ID</dt><dd class="id">${one.id}</dd></div>
${facts.map(
  ({ label, value }) => html`<div><dt>${label}</dt><dd>${show(value, one.id)}</dd></div>
`,
)}</dl>
${await picture(scene, view, one)}`,
  })
}

/** What lies between the collection and the resource: a blob's bucket. */
const within = <T extends Resource>(view: View<T>, own: string, collection: string): { href: string; text: string }[] => {
  const between = own
    .slice(collection.length + 1)
    .split('/')
    .slice(0, -1)
  return between.length === 1 && view.singular === 'blob'
    ? [{ href: `${collection}/${between[0] ?? ''}`, text: decodeURIComponent(between[0] ?? '') }]
    : []
}

/** An instance that is on its way to another state: the page doesn't reload itself, the reader does. */
const changing = <T extends Resource>(scene: PageScene, view: View<T>, one: T, own: string): Html | undefined => {
  const { machine } = scene.offer
  const state = view.machineState?.(one)
  if (state === undefined || machine === undefined || machine.isStable(state)) return undefined
  return html`<p class="note" role="status">This ${view.singular.replaceAll('_', ' ')} is ${state} and will change its state by itself. <a href="${own}">Look again</a></p>`
}

const picture = async <T extends Resource>(scene: PageScene, view: View<T>, one: T): Promise<Html | undefined> => {
  const { machine } = scene.offer
  const state = view.machineState?.(one)
  if (state === undefined || machine === undefined) return undefined
  return html`<h2>Where it is in its life</h2>
${await machinePicture(machine, state)}`
}
