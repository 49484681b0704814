/** The state machine as a page: a picture, and the same in words. */

import type { StateMachine, Transition } from '../../model/state-machine.ts'
import { svgOf } from '../formats/graph.ts'
import { humanise } from '../formats/view.ts'
import { Html, html } from './html.ts'

/** The picture stands in the page itself, so that it has the colours of the page. */
export const machinePicture = async (machine: StateMachine, current?: string): Promise<Html> => {
  const svg = await svgOf(machine, current)
  const label = current === undefined ? 'States of an instance' : `States of an instance, with ${current} marked`
  const drawing = svg.slice(svg.indexOf('<svg') + '<svg'.length)
  return html`<figure class="machine"><div class="scroll"><svg role="img" aria-label="${label}"${new Html(drawing)}</div>
<figcaption>${current !== undefined && html`The filled box is the state that it is in. `}Arrows that say what is done need a request; <em>auto</em> happens by itself, and a dashed arrow may happen.</figcaption></figure>`
}

const moveInWords = ({ on, to }: Transition): Html =>
  on === 'automatically'
    ? html`<em>by itself</em> → ${to}`
    : on === 'possibly'
      ? html`<em>may fail</em> → ${to}`
      : html`<strong>${on}</strong> → ${to}`

/** @param address where the machine is to be had in other formats. */
export const stateMachinePage = async (
  machine: StateMachine,
  address: string,
): Promise<Html> => html`<p class="lead">What an instance of this cloud goes through, from its launch to its end.</p>
${await machinePicture(machine)}
<h2>In words</h2>
<div class="scroll"><table>
<thead><tr><th scope="col">State</th><th scope="col">What leads out of it</th></tr></thead>
<tbody>${machine.states.map(
  state =>
    html`<tr><th scope="row">${humanise(state)}</th><td>${
      machine.from(state).length === 0
        ? html`<span class="none">nothing</span>`
        : html`<ul>${machine.from(state).map(move => html`<li>${moveInWords(move)}</li>`)}</ul>`
    }</td></tr>
`,
)}</tbody></table></div>
<h2>For programs and papers</h2>
<ul>${formats.map(([format, text]) => html`<li><a href="${address}?format=${format}">${text}</a></li>`)}</ul>`

const formats = [
  ['svg', 'SVG, a picture of any size'],
  ['gv', 'DOT, the source for Graphviz'],
  ['png', 'PNG, where the server has Graphviz'],
  ['xml', 'XML'],
  ['json', 'JSON'],
] as const
