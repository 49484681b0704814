/** The page of an index: a table, with boxes to filter it by. */

import type { Resource } from '../../model/resources.ts'
import type { Collection } from '../collections/operation.ts'
import { type ActionLink, type Display, type Field, humanise, type View } from '../formats/view.ts'
import { ownFirst, parametersOf } from '../forms.ts'
import { buttons, isAbsent, show } from './display.ts'
import { type Html, html, prose } from './html.ts'
import { page } from './page.ts'
import { type PageScene, withQuery } from './scene.ts'
import { table } from './table.ts'

/** How many rows a page has. */
const pageLength = 200

export const listPage = <T extends Resource>(scene: PageScene, view: View<T>, items: readonly T[]): string => {
  const { collection, links, method } = scene
  const own = links.collection(view.collection)
  const isIndex = method === 'GET' || method === 'HEAD'
  const filters = isIndex && collection !== undefined ? filterNames(collection, scene) : []
  const filtered = filters.some(name => (scene.query.get(name) ?? '') !== '')
  const last = Math.max(1, Math.ceil(items.length / pageLength))
  const asked = Number(scene.query.get('page') ?? 1)
  const current = Number.isInteger(asked) ? Math.min(Math.max(asked, 1), last) : 1
  const shown = items.slice((current - 1) * pageLength, current * pageLength)
  return page({
    heading: humanise(view.collection),
    beside: newButton(scene, view),
    trail: [{ href: links.entry(), text: 'Home' }],
    document: isIndex ? withQuery(scene.url, { page: undefined }) : own,
    scene,
    body: html`${collection !== undefined && html`<p class="lead">${prose(collection.doc)}</p>`}
${filters.length > 0 && (items.length > 0 || filtered) && filterBox(scene, view, filters, filtered)}
${
  items.length === 0
    ? nothing(scene, view, filtered)
    : tableOf(scene, view, shown, countOf(view, items.length, filtered, (current - 1) * pageLength, shown.length))
}
${last > 1 && isIndex && pageLinks(scene.url, current, last)}`,
  })
}

const plural = (view: { readonly collection: string; readonly singular: string }, count: number): string =>
  (count === 1 ? view.singular : view.collection).replaceAll('_', ' ')

const countOf = (view: View<never>, total: number, filtered: boolean, before: number, shown: number): string => {
  const number = `${total.toLocaleString('en')} ${plural(view, total)}${filtered ? (total === 1 ? ' matches' : ' match') : ''}`
  return shown === total ? number : `${before + 1} to ${before + shown} of ${number}`
}

const pageLinks = (url: string, current: number, last: number): Html => {
  const link = (to: number, text: string): Html => html`<a href="${withQuery(url, { page: String(to) })}">${text}</a>`
  return html`<nav class="pages" aria-label="Pages">${current > 1 && link(current - 1, 'Previous')}<span>Page ${current} of ${last}</span>${current < last && link(current + 1, 'Next')}</nav>`
}

/** Names of the parameters by which the index can be filtered. */
const filterNames = (collection: Collection, scene: PageScene): string[] => {
  const index = collection.operations.find(operation => operation.name === 'index')
  return index === undefined
    ? []
    : ownFirst(index, parametersOf(collection.name, index, scene.offer.features)).map(parameter => parameter.name)
}

const filterBox = <T extends Resource>(scene: PageScene, view: View<T>, names: readonly string[], filtered: boolean): Html => {
  const own = scene.links.collection(view.collection)
  return html`<form class="filter" action="${own}" role="search" aria-label="Filter ${view.collection.replaceAll('_', ' ')}">
${names.map(name => html`<div><label for="filter-${name}">${filterLabel(name)}</label>${filterInput(scene, view, name)}</div>`)}
<div class="end"><button>Filter</button>${filtered && html`<a href="${own}">Clear</a>`}</div>
</form>`
}

const filterLabel = (name: string): string => (name === 'id' ? 'ID' : humanise(name.replace(/_id$/, '')))

const filterInput = (scene: PageScene, view: { readonly collection: string }, name: string): Html => {
  const value = scene.query.get(name) ?? ''
  const machine = scene.offer.machine
  if (view.collection !== 'instances' || name !== 'state' || machine === undefined)
    return html`<input id="filter-${name}" name="${name}" value="${value}"${name === 'owner_id' && html` placeholder="self, or a name"`}>`
  const states = machine.states.map(state => state.toUpperCase()).filter(state => state !== 'START')
  return html`<select id="filter-${name}" name="${name}"><option value="">Any</option>${states.map(
    state => html`<option${state === value && html` selected`}>${state}</option>`,
  )}</select>`
}

/** The button that leads to something new: to its form, or at once where there is nothing to ask. */
const newButton = (scene: PageScene, view: { readonly collection: string; readonly singular: string }): Html | undefined => {
  const { collection, offer, links } = scene
  const create = collection?.operations.find(operation => operation.name === 'create')
  if (create === undefined || !create.offered(offer)) return undefined
  const form = collection?.operations.some(operation => operation.name === 'new') === true
  const own = links.collection(view.collection)
  const label = `New ${plural(view, 1)}`
  return html`<div class="actions">${
    form
      ? html`<a class="button primary" href="${own}/new">${label}</a>`
      : html`<form method="post" action="${own}"><button class="primary">${label}</button></form>`
  }</div>`
}

const nothing = (scene: PageScene, view: { readonly collection: string; readonly singular: string }, filtered: boolean): Html => {
  const what = plural(view, 2)
  return filtered
    ? html`<div class="empty"><p>No ${what} match. A filter compares whole values, in upper and lower case as they are.</p>
<p><a href="${scene.links.collection(view.collection)}">Show all ${what}</a></p></div>`
    : html`<div class="empty"><p>There are no ${what} here.</p>${newButton(scene, view)}</div>`
}

const tableOf = <T extends Resource>(scene: PageScene, view: View<T>, items: readonly T[], caption: string): Html => {
  const columns = view.fields.filter(field => field.column && items.some(item => says(field.display(item, scene), item)))
  const rows = items.map(item => ({ item, actions: view.fields.flatMap(field => (field.column ? [] : handy(field, item, scene))) }))
  const acts = rows.some(row => row.actions.length > 0)
  return table({
    caption,
    head: ['ID', ...columns.map(field => field.label), ...(acts ? [html`<span class="unseen">What can be done</span>`] : [])],
    rows: rows.map(({ item, actions }) => [
      html`<a href="${view.href(item, scene.links)}">${item.id}</a>`,
      ...columns.map(field => show(field.display(item, scene), item.id)),
      ...(acts ? [buttons(actions, item.id)] : []),
    ]),
  })
}

/** Whether a column has something to say that the id doesn't. */
const says = (value: Display, item: Resource): boolean =>
  !isAbsent(value) && value !== item.id && !(Array.isArray(value) && value.length === 0)

const handy = <T>(field: Field<T>, item: T, scene: PageScene): readonly ActionLink[] => {
  const value = field.display(item, scene)
  return typeof value === 'object' && 'actions' in value ? value.actions.filter(action => action.handy === true) : []
}
