/** The pages of the browser interface, each made from the same views and declarations as the documents. */

import type { Resource } from '../../model/resources.ts'
import type { Collection, Form } from '../collections/operation.ts'
import type { Failure } from '../errors.ts'
import type { Display, Scene, View } from '../formats/view.ts'
import type { Target } from '../gate.ts'
import { type Html, type HtmlValue, html } from './html.ts'
import { page } from './page.ts'

/** What a page needs beside what documents need. */
export interface PageScene extends Scene {
  readonly target: Target
  /** The collection that the page belongs to; none for the entry point. */
  readonly collection: Collection | undefined
  /** The request's own address, path and query. */
  readonly url: string
}

const show = (value: Display): HtmlValue => {
  if (value === undefined || typeof value === 'string' || typeof value === 'number') return value
  if ('href' in value) return html`<a href="${value.href}">${value.text}</a>`
  if ('preformatted' in value) return html`<pre>${value.preformatted}</pre>`
  if ('state' in value) return value.state
  if ('actions' in value)
    return value.actions.map(a =>
      a.form !== undefined
        ? html`<a href="${a.form}">${a.rel}</a> `
        : html`<form method="post" action="${a.href}"><input type="hidden" name="_method" value="${a.method}"><button>${a.rel}</button></form>`,
    )
  return html`<ul>${value.map(one => html`<li>${show(one)}</li>`)}</ul>`
}

export const plainPage = (_scene: PageScene, title: string, body: Html): string => page({ title, body })

export const listPage = <T extends Resource>(scene: PageScene, view: View<T>, items: readonly T[]): string =>
  page({
    title: view.collection,
    body: html`<table>${items.map(
      one =>
        html`<tr><td><a href="${view.href(one, scene.links)}">${one.id}</a></td>${view.fields.filter(f => f.column).map(f => html`<td>${show(f.display(one, scene))}</td>`)}</tr>`,
    )}</table>`,
  })

export const itemPage = <T extends Resource>(scene: PageScene, view: View<T>, one: T): string =>
  page({
    title: view.title(one),
    body: html`<dl>${view.fields.map(f => html`<dt>${f.label}</dt><dd>${show(f.display(one, scene))}</dd>`)}</dl>`,
  })

export const formPage = (_scene: PageScene, form: Form): string =>
  page({
    title: form.title,
    body: html`<form method="post" action="${form.action}"${form.multipart ? html` enctype="multipart/form-data"` : ''}>${form.fields.map(
      f =>
        html`<label>${f.parameter.name}<input name="${f.parameter.name}" type="${f.hidden === true ? 'hidden' : f.parameter.kind === 'file' ? 'file' : 'text'}" value="${f.value ?? ''}"></label>`,
    )}<button>${form.submit}</button></form>`,
  })

export const errorPage = (_scene: PageScene | undefined, failure: Failure, url: string): string =>
  page({
    title: `${failure.status} - ${failure.reason}`,
    body: html`<p>${failure.message}</p><p>${failure.details}</p><p><a href="${url}">Retry</a></p>`,
  })
