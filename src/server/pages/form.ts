/** The page of a form, made from the parameters of the operation that it leads to. */

import type { Parameter } from '../../model/parameter.ts'
import type { Form, FormField, FormSection } from '../collections/operation.ts'
import { humanise } from '../formats/view.ts'
import { type Html, html, prose } from './html.ts'
import { page } from './page.ts'
import type { PageScene } from './scene.ts'

export const formPage = (scene: PageScene, form: Form): string => {
  const { collection, links } = scene
  const list = collection === undefined ? undefined : links.collection(collection.name)
  const trail = [{ href: links.entry(), text: 'Home' }]
  if (collection !== undefined && list !== undefined) trail.push({ href: list, text: humanise(collection.name) })
  if (form.back !== list) trail.push({ href: form.back, text: decodeURIComponent(form.back.slice(form.back.lastIndexOf('/') + 1)) })
  const hidden = form.sections.flatMap(({ fields }) => fields.filter(field => field.hidden === true))
  return page({
    heading: form.title,
    trail,
    scene,
    body: html`<form class="form" method="post" action="${form.action}"${form.multipart && html` enctype="multipart/form-data"`}>
${hidden.map(({ parameter, value }) => html`<input type="hidden" name="${parameter.name}" value="${value}">`)}
${form.sections.map(section)}
<div class="submit"><button class="primary" name="commit" value="${form.submit}">${form.submit}</button><a href="${form.back}">Cancel</a></div>
</form>`,
  })
}

const section = ({ title, fields, collapsed }: FormSection): Html | undefined => {
  const shown = fields.filter(field => field.hidden !== true)
  if (shown.length === 0) return undefined
  const content = html`<div class="fields">${shown.map(control)}</div>`
  if (title === undefined) return html`<div class="panel">${content}</div>`
  return collapsed === true
    ? html`<details><summary>${title}</summary>${content}</details>`
    : html`<fieldset><legend>${title}</legend>${content}</fieldset>`
}

/** Names of the API that have a better one for people. */
const labels: Readonly<Record<string, string>> = {
  cmd: 'Command',
  hwp_id: 'Hardware profile',
  hwp_cpu: 'CPU',
  hwp_memory: 'Memory (MB)',
  hwp_storage: 'Storage (GB)',
  hwp_architecture: 'Architecture',
  ip: 'IP address',
  ip_address: 'IP addresses',
  meta_name: 'Metadata name',
  meta_value: 'Metadata value',
  keyname: 'Key',
  blob_id: 'Name',
  blob_data: 'Content',
  capacity: 'Capacity (GB)',
  instance_count: 'Number of instances',
  user_iso: 'CD image',
  first_boot_dev: 'First boot device',
  path: 'Path',
  group1owner: 'Owner of the group',
}

const labelOf = ({ name }: Parameter): string => {
  const known = labels[name]
  if (known !== undefined) return known
  const [, stem = name, number] = /^(.*?)(\d+)?$/.exec(name) ?? []
  return (labels[stem] ?? humanise(stem.replace(/_id$/, ''))) + (number === undefined ? '' : ` ${number}`)
}

const control = (field: FormField): Html => {
  const { parameter, choices } = field
  if (choices !== undefined && choices.length > 0) {
    if (parameter.numbered === true) return several(field)
    if (field.columns !== undefined) return options(field)
  }
  if (parameter.numbered === true) return one({ ...field, parameter: { ...parameter, name: `${parameter.name}0` } })
  return one(field)
}

const hintOf = ({ parameter, hint }: FormField): Html => prose(hint ?? `${parameter.doc}.`)

const needed = (parameter: Parameter): Html | false => parameter.required && html` <span class="needed">(needed)</span>`

/** One box, with its label and what it's for. */
const one = (field: FormField): Html => {
  const { parameter } = field
  const { name } = parameter
  const hint = html`<span class="hint" id="hint-${name}">${hintOf(field)}</span>`
  if (parameter.kind === 'flag')
    return html`<div class="field"><label class="check"><input type="checkbox" name="${name}" value="true" aria-describedby="hint-${name}"${field.value === 'true' && html` checked`}>${labelOf(parameter)}</label>${hint}</div>`
  return html`<div class="field${parameter.kind === 'text' && ' wide'}"><label for="field-${name}">${labelOf(parameter)}${needed(parameter)}</label>${hint}${box(field)}</div>
`
}

const box = ({ parameter, value = '', choices, suggestions }: FormField): Html => {
  const { name, kind, required, secret } = parameter
  const shared = html` id="field-${name}" name="${name}" aria-describedby="hint-${name}"${required && html` required`}`
  if (choices !== undefined) {
    const isKnown = choices.some(choice => choice.value === value)
    return html`<select${shared}>${(!required || !isKnown) && html`<option value="">${choices.length === 0 ? 'There are none yet' : required ? 'Choose one' : 'Not chosen'}</option>`}${choices.map(
      choice => html`<option value="${choice.value}"${choice.value === value && html` selected`}>${choice.text}</option>`,
    )}</select>`
  }
  // A browser drops the first line feed: without one of ours it would be the value's.
  if (kind === 'text') return html`<textarea${shared} spellcheck="false" autocomplete="off">\n${value}</textarea>`
  if (kind === 'file') return html`<input type="file"${shared}>`
  if (kind === 'number') return html`<input type="number" min="0"${shared} value="${value}">`
  if (secret === true) return html`<input type="password" autocomplete="new-password"${shared} value="${value}">`
  if (suggestions === undefined || suggestions.length === 0) return html`<input${shared} value="${value}" autocomplete="off">`
  return html`<input${shared} value="${value}" autocomplete="off" list="list-${name}"><datalist id="list-${name}">${suggestions.map(
    suggestion => html`<option value="${suggestion}"></option>`,
  )}</datalist>`
}

/** Any number of choices; each has a name of its own, counted from 0 as the original's form did. */
const several = (field: FormField): Html => {
  const { parameter, choices = [] } = field
  return html`<fieldset class="wide" aria-describedby="hint-${parameter.name}"><legend>${labelOf(parameter)}${needed(parameter)}</legend>
<span class="hint" id="hint-${parameter.name}">${parameter.doc.replace(/:.*$/, '')}.</span>
<ul class="checks">${choices.map(
    (choice, i) =>
      html`<li><label class="check"><input type="checkbox" name="${parameter.name}${i}" value="${choice.value}"${choice.value === field.value && html` checked`}>${choice.text}</label></li>`,
  )}</ul></fieldset>
`
}

/** One choice of several whose particulars matter: a table. */
const options = (field: FormField): Html => {
  const { parameter, choices = [], columns = [], value = '' } = field
  const { name } = parameter
  const isKnown = choices.some(choice => choice.value === value)
  const radio = (id: string, of: string, checked: boolean): Html =>
    html`<input type="radio" id="${id}" name="${name}" value="${of}"${checked && html` checked`}>`
  return html`<fieldset class="wide"><legend>${labelOf(parameter)}${needed(parameter)}</legend>
<div class="scroll field"><table class="options">
<thead><tr><th scope="col"><span class="unseen">Choice</span></th><th scope="col">Name</th>${columns.map(column => html`<th scope="col">${column}</th>`)}</tr></thead>
<tbody>
${!parameter.required && html`<tr><td>${radio(`choice-${name}`, '', !isKnown)}</td><th scope="row"><label for="choice-${name}">The cloud’s choice</label></th><td colspan="${columns.length}"></td></tr>`}
${choices.map(
  (
    choice,
    i,
  ) => html`<tr><td>${radio(`choice-${name}-${i}`, choice.value, choice.value === value)}</td><th scope="row"><label for="choice-${name}-${i}">${choice.text}</label></th>${(choice.cells ?? []).map((cell, column) => html`<td data-label="${columns[column]}">${cell}</td>`)}</tr>
`,
)}</tbody></table></div></fieldset>
`
}
