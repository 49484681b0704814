/** Documentation pages, made from the declarations of the collections. */

import { featuresOf } from '../../model/features.ts'
import type { Parameter } from '../../model/parameter.ts'
import { collectionNamed, collections } from '../collections/index.ts'
import type { Collection, Operation } from '../collections/operation.ts'
import { reasonOf } from '../errors.ts'
import { humanise } from '../formats/view.ts'
import { ownFirst, parametersOf } from '../forms.ts'
import { cloudOf } from './cloud.ts'
import { featureInWords, grouped } from './entry.ts'
import { exampleOf } from './examples.ts'
import { type Html, html, prose } from './html.ts'
import { page } from './page.ts'
import type { PageScene } from './scene.ts'
import { table } from './table.ts'

/** The page for `/api/docs`, `/api/docs/<collection>` or `/api/docs/<collection>/<operation>`; undefined where there is none. */
export const docsPage = (scene: PageScene, segments: readonly string[]): string | undefined => {
  const [name, operationName, ...rest] = segments
  if (rest.length > 0) return undefined
  const home = { href: scene.links.entry(), text: 'Home' }
  if (name === undefined) return page({ heading: 'Documentation', trail: [home], scene, body: overview(scene) })
  const collection = collectionNamed(name)
  if (collection === undefined) return undefined
  const docs = { href: scene.links.collection('docs'), text: 'Documentation' }
  if (operationName === undefined)
    return page({ heading: humanise(collection.name), trail: [home, docs], scene, body: ofCollection(scene, collection) })
  const operation = collection.operations.find(one => one.name === operationName)
  if (operation === undefined) return undefined
  return page({
    heading: `${humanise(collection.name)}: ${operation.name.replaceAll('_', ' ')}`,
    trail: [home, docs, { href: address(scene, collection), text: humanise(collection.name) }],
    scene,
    body: ofOperation(scene, collection, operation),
  })
}

const address = (scene: PageScene, collection: Collection, operation?: Operation): string =>
  `${scene.links.collection('docs')}/${collection.name}${operation === undefined ? '' : `/${operation.name}`}`

const pathOf = (collection: Collection, operation: Operation): string => ['/api', collection.name, ...operation.path].join('/')

const isPage = (operation: Operation): boolean => operation.formats.length === 1 && operation.formats[0] === 'html'

const terminal = (text: string): Html => html`<pre class="terminal" tabindex="0"><code>${text}</code></pre>`

const overview = (scene: PageScene): Html => {
  const { links, target } = scene
  const { user, password, trial } = target.driver.credentials
  return html`<p class="lead">How to ask this server, and what it can be asked.</p>
<h2>In short</h2>
<div class="panel"><dl class="words">
<dt>Where</dt><dd>Everything is below <code>${links.entry()}</code>. A collection is at its name, a member at its id, an action at its name below that.</dd>
<dt>Formats</dt><dd>XML, JSON and these pages: by <code>?format=xml</code>, <code>json</code> or <code>html</code>, or by the header <code>Accept</code>. A browser gets pages; a client that says nothing gets XML.</dd>
<dt>Who asks</dt><dd>HTTP Basic: here ${user} and ${password}.${trial !== undefined && html` To try it, take <code>${trial.user}</code> and <code>${trial.password}</code>.`}</dd>
<dt>Which cloud</dt><dd>Each request may choose: <code>/api;driver=…;provider=…/instances</code>, or the headers <code>X-Deltacloud-Driver</code> and <code>X-Deltacloud-Provider</code>. This page speaks of <code>${cloudOf(scene)}</code>.</dd>
<dt>Parameters</dt><dd>In the query, or in a body of a form, of parts (multipart) or of JSON.</dd>
<dt>Failures</dt><dd>A status and a document with its <code>message</code>, in the format that was asked for. Nothing has changed then.</dd>
</dl></div>
<h2>Try it</h2>
${terminal(`curl --user '${trial === undefined ? `${user}:${password}` : `${trial.user}:${trial.password}`}' '${links.collection('instances')}?format=xml'`)}
${grouped(collections).map(
  ({ title, members }) => html`<h2>${title}</h2>
<ul class="cards-grid">${members.map(
    one => html`<li class="card"><a href="${address(scene, one)}">${humanise(one.name)}</a>${!one.listed(scene.offer) && html` <span class="tag">not in this cloud</span>`}<p>${prose(one.doc)}</p></li>
`,
  )}</ul>`,
)}
<h2>For programs</h2>
<ul><li><a href="${links.entry()}/openapi.json">OpenAPI 3.1</a> description of this cloud</li>
<li><a href="${links.collection('instance_states')}">State machine</a> of instances</li></ul>`
}

const ofCollection = (scene: PageScene, collection: Collection): Html => {
  const features = featuresOf(scene.offer.features, collection.name)
  return html`<p class="lead">${prose(collection.doc)}</p>
${collection.listed(scene.offer) ? html`<p><a href="${scene.links.collection(collection.name)}">See them</a></p>` : html`<p class="note">The cloud <code>${cloudOf(scene)}</code> has none of them.</p>`}
<h2>Operations</h2>
${table({
  head: ['Operation', 'Request', 'What it does'],
  rows: collection.operations
    .filter(one => !isPage(one))
    .map(one => [
      html`<a href="${address(scene, collection, one)}">${one.name}</a>`,
      requestOf(collection, one),
      html`${prose(one.doc)}${notHere(scene, one)}`,
    ]),
})}
${
  features.length > 0 &&
  html`<h2>Features of this cloud</h2>
${table({
  head: ['Feature', 'What it adds', 'To', 'Parameters'],
  rows: features.map(({ feature, constraints }) => [
    html`<code>${feature.name}</code>`,
    featureInWords(feature, constraints),
    feature.operation,
    feature.parameters.map(({ name }) => html`<code>${name}</code> `),
  ]),
})}`
}`
}

const requestOf = (collection: Collection, operation: Operation): Html =>
  html`<code><span class="method">${operation.method}</span> ${pathOf(collection, operation)}</code>`

const notHere = (scene: PageScene, operation: Operation): Html | false =>
  !operation.offered(scene.offer) && html` <span class="tag">not in this cloud</span>`

const ofOperation = (scene: PageScene, collection: Collection, operation: Operation): Html => {
  const parameters = ownFirst(operation, parametersOf(collection.name, operation, scene.offer.features))
  const added = new Map(
    featuresOf(scene.offer.features, collection.name).flatMap(({ feature }) =>
      feature.operation === operation.name ? feature.parameters.map(({ name }) => [name, feature.name] as const) : [],
    ),
  )
  const example = exampleOf(scene, collection, operation)
  return html`<p class="lead">${prose(operation.doc)}</p>
<p>${requestOf(collection, operation)}${operation.open && html` <span class="tag">needs no login</span>`}${!operation.offered(scene.offer) && html` <span class="tag">not in this cloud</span>`}</p>
<h2>Parameters</h2>
${parameters.length === 0 ? html`<p>None${operation.path.some(part => part.startsWith(':')) && html` beside those in the path`}.</p>` : parameterTable(parameters, added)}
<h2>Answers</h2>
${table({ head: ['Status', 'Means'], rows: operation.statuses.map(status => [status, successes[status] ?? reasonOf(status)]) })}
<p>In ${operation.formats.join(', ')}. Every operation may also answer 400 for what it can’t read, 401 for a login that is missing or wrong, 412 where the cloud can’t do it, and 502 to 504 where the cloud itself fails.</p>
${
  example !== undefined &&
  html`<h2>Example</h2>
${terminal(example)}`
}`
}

const parameterTable = (parameters: readonly Parameter[], added: ReadonlyMap<string, string>): Html => html`${table({
  head: ['Parameter', 'Type', 'Values', 'Meaning'],
  rows: parameters.map(({ name, required, kind, values, refers, doc }) => [
    html`<code>${name}${required && '*'}</code>`,
    kind,
    values?.join(', ') ?? (refers === undefined ? '' : `an id of ${refers.replaceAll('_', ' ')}`),
    html`${prose(doc)}${added.has(name) && html` <span class="tag">feature ${added.get(name)}</span>`}`,
  ]),
})}
${parameters.some(({ required }) => required) && html`<p>* must be given.</p>`}`

const successes: Readonly<Record<number, string>> = {
  200: 'Done; here is the document',
  201: 'Created; here it is, and Location says where',
  202: 'Accepted; the cloud is at work on it',
  204: 'Done; there is nothing to say',
  206: 'A part of the content, as asked for',
}
