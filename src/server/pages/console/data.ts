/** Worlds, and what is in one as a file. */

import { type Html, html } from '../html.ts'
import { button, type ConsoleView, hrefOf } from './view.ts'

export const worldsPart = ({ root, world, worlds }: ConsoleView): Html => {
  const at = `${root}/_mock/worlds`
  return html`<section aria-labelledby="worlds-heading">
<h2 id="worlds-heading">Worlds</h2>
<div data-live id="worlds-live">
<ul class="worlds-list">${worlds.map(
    ({
      name,
      ...one
    }) => html`<li>${name === world.name ? html`<strong aria-current="true">${name}</strong>` : html`<a href="${hrefOf(root, name)}">${name}</a>`}
<span class="hint">${'problem' in one ? one.problem : `${one.events} events`}</span>
<div class="actions">${button(`${at}/${name}/reset`, 'Reset', { about: name, look: 'danger', id: `reset-${name}` })}${
      name !== 'default' &&
      name !== world.name &&
      button(`${at}/${name}?_method=delete`, 'Remove', { about: `the world ${name}`, look: 'danger', id: `remove-world-${name}` })
    }</div></li>`,
  )}</ul>
</div>
<div class="row">
<form class="row" method="post" action="${at}" data-clears><div><label for="world-name">New world</label><input id="world-name" name="name" required pattern="[a-z0-9][a-z0-9_.\\-]{0,62}"></div><button>Create</button></form>
<form class="row" method="post" action="${at}/${world.name}/fork" data-clears><div><label for="fork-name">Copy of this world</label><input id="fork-name" name="to" required pattern="[a-z0-9][a-z0-9_.\\-]{0,62}"></div><button>Fork</button></form>
</div>
</section>`
}

export const dataPart = ({ root, world }: ConsoleView): Html => html`<section class="wide" aria-labelledby="data-heading">
<h2 id="data-heading">Snapshot</h2>
<p class="hint">A snapshot is the world ${world.name} in one file: its resources, contents of blobs, clock, rules and log.</p>
<div class="row">
<a class="button" href="${root}/_mock/snapshot" download="${world.name}.snapshot">Download</a>
<a class="button" href="${root}/_mock/export">Export as JSON</a>
<form class="row" method="post" action="${root}/_mock/restore" enctype="multipart/form-data" data-done="The world is as it was in the snapshot."><div><label for="snapshot-file">Snapshot to put in place of this world</label><input id="snapshot-file" type="file" name="file" required></div><button class="danger">Restore</button></form>
</div>
</section>`
