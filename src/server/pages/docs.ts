/** Documentation pages, made from the declarations of the collections. */

import { featuresOf } from '../../model/features.ts'
import type { Parameter } from '../../model/parameter.ts'
import { collectionNamed, collections } from '../collections/index.ts'
import type { Collection, Operation } from '../collections/operation.ts'
import { parametersOf } from '../forms.ts'
import { type Html, html } from './html.ts'
import { type PageScene, plainPage } from './pages.ts'

/** The page for `/api/docs`, `/api/docs/<collection>` or `/api/docs/<collection>/<operation>`; undefined where there is none. */
export const docsPage = (scene: PageScene, segments: readonly string[]): string | undefined => {
  const [name, operationName, ...rest] = segments
  if (rest.length > 0) return undefined
  if (name === undefined) return plainPage(scene, 'Documentation', overview(scene))
  const collection = collectionNamed(name)
  if (collection === undefined) return undefined
  if (operationName === undefined) return plainPage(scene, collection.name, ofCollection(scene, collection))
  const operation = collection.operations.find(one => one.name === operationName)
  return operation === undefined
    ? undefined
    : plainPage(scene, `${collection.name}: ${operation.name}`, ofOperation(scene, collection, operation))
}

const address = (scene: PageScene, collection: Collection, operation?: Operation): string =>
  `${scene.links.collection('docs')}/${collection.name}${operation === undefined ? '' : `/${operation.name}`}`

const overview = (scene: PageScene): Html =>
  html`<ul>${collections.map(one => html`<li><a href="${address(scene, one)}">${one.name}</a>: ${one.doc}</li>`)}</ul>`

export const pathOf = (collection: Collection, operation: Operation): string => ['/api', collection.name, ...operation.path].join('/')

const ofCollection = (scene: PageScene, collection: Collection): Html => html`<p>${collection.doc}</p>
<h2>Features</h2>
<ul>${featuresOf(scene.offer.features, collection.name).map(({ feature }) => html`<li><b>${feature.name}</b>: ${feature.doc}</li>`)}</ul>
<h2>Operations</h2>
<table><thead><tr><th scope="col">Operation</th><th scope="col">Request</th><th scope="col">What it does</th></tr></thead>
<tbody>${collection.operations.map(
  one =>
    html`<tr><td><a href="${address(scene, collection, one)}">${one.name}</a></td><td><code>${one.method} ${pathOf(collection, one)}</code></td><td>${one.doc}</td></tr>`,
)}</tbody></table>`

const ofOperation = (scene: PageScene, collection: Collection, operation: Operation): Html => {
  const parameters = parametersOf(collection.name, operation, scene.offer.features)
  return html`<p><code>${operation.method} ${pathOf(collection, operation)}</code></p><p>${operation.doc}</p>
<table><thead><tr><th scope="col">Parameter</th><th scope="col">Type</th><th scope="col">Values</th><th scope="col">Meaning</th></tr></thead>
<tbody>${parameters.map(row)}</tbody></table>`
}

const row = (
  parameter: Parameter,
): Html => html`<tr><th scope="row">${parameter.name}${parameter.required ? '*' : ''}</th><td>${parameter.kind}</td>
<td>${parameter.values?.join(', ') ?? ''}</td><td>${parameter.doc}</td></tr>`
