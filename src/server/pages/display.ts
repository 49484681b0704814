/** How a page shows a value of a view. */

import { type ActionLink, type Display, humanise } from '../formats/view.ts'
import { readForm } from '../target.ts'
import { type Html, type HtmlValue, html } from './html.ts'
import { table } from './table.ts'

type Tone = 'good' | 'moving' | 'idle' | 'bad' | 'plain'

/** What a state looks like: a colour and a shape, beside its name. */
const toneOf: Readonly<Record<string, Tone>> = {
  RUNNING: 'good',
  AVAILABLE: 'good',
  COMPLETED: 'good',
  UP: 'good',
  ACTIVE: 'good',
  PENDING: 'moving',
  STOPPING: 'moving',
  CREATING: 'moving',
  ATTACHING: 'moving',
  DETACHING: 'moving',
  STOPPED: 'idle',
  FINISH: 'idle',
  DOWN: 'idle',
  ERROR: 'bad',
  FAILED: 'bad',
}

export const stateBadge = (state: string): Html => html`<span class="state state-${toneOf[state.toUpperCase()] ?? 'plain'}">${state}</span>`

/** Whether there is nothing to show. */
export const isAbsent = (value: Display): boolean => value === undefined || value === ''

/** @param about what buttons are about, for those who hear them one by one. */
export const show = (value: Display, about: string): HtmlValue => {
  if (value === undefined || typeof value === 'string' || typeof value === 'number') return value
  if ('href' in value) return html`<a href="${value.href}">${value.text}</a>`
  // A browser drops the first line feed: without one of ours it would be the text's.
  if ('preformatted' in value) return html`<pre tabindex="0">\n${value.preformatted}</pre>`
  if ('state' in value) return stateBadge(value.state)
  if ('actions' in value) return buttons(value.actions, about)
  if ('rows' in value) return table({ head: value.head, rows: value.rows.map(row => row.map(one => show(one, about))) })
  if (value.length === 0) return html`<span class="none">none</span>`
  return html`<ul>${value.map(one => html`<li>${Array.isArray(one) ? together(one, about) : show(one, about)}</li>`)}</ul>`
}

const together = (values: readonly Display[], about: string): Html =>
  html`<div class="beside-one-another">${values.map(one => html`<span>${show(one, about)}</span>`)}</div>`

/** What can be done, as buttons: each a form, so that no script is needed. What destroys stands apart. */
export const buttons = (actions: readonly ActionLink[], about: string): Html | undefined => {
  // Documents name some links twice, by rels of different ages: a page has one button for both.
  const once = [...new Map(actions.map(action => [`${action.method} ${action.form ?? action.href}`, action])).values()]
  const gentle = once.filter(action => action.method !== 'delete')
  const destructive = once.filter(action => action.method === 'delete')
  if (once.length === 0) return undefined
  return html`<div class="actions">${gentle.map(action => button(action, about))}${
    destructive.length > 0 && html`<div class="apart">${destructive.map(action => button(action, about))}</div>`
  }</div>`
}

const button = (action: ActionLink, about: string): Html => {
  const label = action.label ?? humanise(action.rel)
  const name = html`${label}<span class="unseen"> ${action.of ?? about}</span>`
  if (action.form === undefined) {
    const look = action.method === 'delete' && html` class="danger"`
    return html`<form method="post" action="${action.href}"><input type="hidden" name="_method" value="${action.method}"><button${look}>${name}</button></form>`
  }
  // A page that asks for more is read, not sent to: it can be reloaded and come back to. A browser drops the query of such an action.
  const query = readForm(action.form.split('?')[1] ?? '', 'The link')
  return html`<form action="${action.form}"><input type="hidden" name="_method" value="get">${[...query].map(
    ([key, value]) => html`<input type="hidden" name="${key}" value="${value}">`,
  )}<button>${name}</button></form>`
}
