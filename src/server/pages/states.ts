/** The state machine as a page: a picture, and the same in words. */

import type { StateMachine } from '../../model/state-machine.ts'
import { svgOf } from '../formats/graph.ts'
import { Html, html } from './html.ts'

/** The picture stands in the page itself. */
export const machinePicture = async (machine: StateMachine, current?: string): Promise<Html> => {
  const svg = await svgOf(machine, current)
  const label = current === undefined ? 'State machine of an instance' : `State machine of an instance, now ${current}`
  return html`<figure class="machine" role="img" aria-label="${label}">${new Html(svg.slice(svg.indexOf('<svg')))}</figure>`
}

export const stateMachinePage = async (machine: StateMachine): Promise<Html> => html`${await machinePicture(machine)}
<table>
<thead><tr><th scope="col">State</th><th scope="col">Moves</th></tr></thead>
<tbody>${machine.states.map(
  state =>
    html`<tr><th scope="row">${state}</th><td>${
      machine.from(state).length === 0
        ? '---'
        : html`<ul>${machine.from(state).map(t => html`<li><em>${t.on === 'automatically' ? 'auto' : t.on === 'possibly' ? 'may happen' : t.on}</em> → ${t.to}</li>`)}</ul>`
    }</td></tr>`,
)}</tbody></table>`
