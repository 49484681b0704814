/** The first page of the API: what this cloud has, and the choice of another. */

import type { DriverDefinition } from '../../drivers/driver.ts'
import type { Registry } from '../../drivers/registry.ts'
import { type Constraints, type Feature, featuresOf } from '../../model/features.ts'
import { choosable } from '../collections/drivers.ts'
import type { Collection } from '../collections/operation.ts'
import { humanise } from '../formats/view.ts'
import { type Html, html, prose } from './html.ts'
import type { PageScene } from './scene.ts'
import { table } from './table.ts'

/** Collections in the order in which one thinks of them; what is in no group comes last. */
const groups: readonly (readonly [title: string, names: readonly string[]])[] = [
  ['Compute', ['instances', 'images', 'hardware_profiles', 'realms', 'keys', 'metrics', 'instance_states']],
  ['Storage', ['storage_volumes', 'storage_snapshots', 'buckets']],
  ['Network', ['addresses', 'firewalls', 'load_balancers', 'networks', 'subnets', 'network_interfaces']],
]

export const grouped = (listed: readonly Collection[]): { title: string; members: readonly Collection[] }[] => {
  const known = new Set(groups.flatMap(([, names]) => names))
  return [
    ...groups.map(([title, names]) => ({ title, members: names.flatMap(name => listed.filter(one => one.name === name)) })),
    { title: 'Server', members: listed.filter(one => !known.has(one.name)) },
  ].filter(({ members }) => members.length > 0)
}

export const entryPage = (scene: PageScene, listed: readonly Collection[], registry: Registry): Html => {
  const { target, links, user } = scene
  const { driver, provider = 'default' } = target
  const { trial } = driver.credentials
  return html`<p class="lead">You are talking to <strong>${driver.name}</strong> at <strong>${provider}</strong>.
Everything here is also available as XML and JSON; <a href="${links.collection('docs')}">the documentation</a> says how.</p>
${trial !== undefined && user === undefined && html`<p class="note">This cloud is for trying things out: <a href="${links.entry()}?force_auth=1">log in</a> as <code>${trial.user}</code> with the password <code>${trial.password}</code>.</p>`}
${grouped(listed).map(
  ({ title, members }) => html`<h2>${title}</h2>
<ul class="cards-grid">${members.map(
    one => html`<li class="card"><a href="${links.collection(one.name)}">${humanise(one.name)}</a><p>${prose(one.doc)}</p></li>
`,
  )}</ul>`,
)}
<h2 id="switch">Another cloud</h2>
<div class="panel pair">${driverForm(scene, registry.all())}${providerForm(scene)}</div>
${featureTable(scene, listed)}
<h2>For programs</h2>
<ul>
<li><a href="${links.collection('docs')}">Documentation</a> of every operation, with an example each</li>
<li><a href="${links.entry()}/openapi.json">OpenAPI 3.1</a> description of this cloud</li>
${target.offer.machine !== undefined && html`<li><a href="${links.collection('instance_states')}">State machine</a> of instances</li>`}
${driver.control !== undefined && html`<li><a href="${links.origin}/_mock/console">Console</a> of this simulator: its clock, faults, quotas, worlds and log</li>`}
</ul>`
}

/** What a feature adds, and what limits the driver sets to it. */
export const featureInWords = (feature: Feature, constraints: Constraints): Html =>
  html`${prose(feature.doc)}${Object.entries(constraints).map(([name, value]) => html` <span class="tag">${name.replaceAll('_', ' ')}: ${value}</span>`)}`

const featureTable = ({ offer }: PageScene, listed: readonly Collection[]): Html | false => {
  const rows = listed.flatMap(one => featuresOf(offer.features, one.name))
  return (
    rows.length > 0 &&
    html`<h2>Features of this cloud</h2>
<details class="panel"><summary>${rows.length} features add to what every cloud can be asked</summary>
${table({
  head: ['Feature', 'What it adds', 'To'],
  rows: rows.map(({ feature, constraints }) => [
    html`<code>${feature.name}</code>`,
    featureInWords(feature, constraints),
    `${feature.collection.replaceAll('_', ' ')}, ${feature.operation}`,
  ]),
})}</details>`
  )
}

const options = (values: readonly { readonly value: string; readonly text: string }[], chosen: string): Html[] =>
  values.map(({ value, text }) => html`<option value="${value}"${value === chosen && html` selected`}>${text}</option>`)

const driverForm = (
  { target: { driver }, links }: PageScene,
  all: readonly DriverDefinition[],
): Html => html`<form class="switch" method="post" action="${links.origin}/api">
<div><label for="driver">Driver</label><select id="driver" name="driver">${options(
  all.map(one => ({ value: one.id, text: one.name })),
  driver.id,
)}</select></div><button>Use this driver</button></form>`

const providerForm = ({ target: { driver, provider = 'default' }, links }: PageScene): Html => {
  const names = [...new Set([...choosable(driver), provider])]
  return html`<form class="switch" method="post" action="${links.origin}/api"><input type="hidden" name="driver" value="${driver.id}">
<div><label for="provider">Provider</label><select id="provider" name="provider">${options(
    names.map(name => ({ value: name, text: name })),
    provider,
  )}</select></div><button>Use this provider</button></form>`
}
