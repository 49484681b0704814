/** The clock of a world, and what moves it. */

import { type Html, html } from '../html.ts'
import { button, type ConsoleView, timeOf } from './view.ts'

export const clockPart = ({ root, world: { clock } }: ConsoleView): Html => {
  const at = `${root}/_mock/clock`
  return html`<section aria-labelledby="clock-heading">
<h2 id="clock-heading">Clock</h2>
<div data-live id="clock-live">
<p class="clock-face"><time id="console-time" datetime="${clock.time}" data-now="${clock.now}" data-mode="${clock.mode}" data-scale="${clock.scale}">${timeOf(clock.now)}</time>
<span class="tag">${modeInWords(clock)}</span></p>
<p>${clock.next === undefined ? 'Nothing is to come by itself.' : html`Something happens by itself ${soon(clock.next - clock.now)}, at ${timeOf(clock.next)}.`}</p>
<div class="actions">
${
  clock.mode === 'manual'
    ? html`${button(at, 'Run', { fields: { mode: 'scaled' }, id: 'clock-run' })}
${button(`${at}/next`, 'Next event', { look: 'primary', id: 'clock-next' })}
${button(`${at}/settle`, 'Settle all', { id: 'clock-settle' })}`
    : html`${clock.mode !== 'own' && button(at, 'Freeze', { fields: { mode: 'manual' }, look: 'primary', id: 'clock-freeze' })}`
}
</div>
</div>
<div class="row">
<form class="row" method="post" action="${at}/advance"><div><label for="advance-by">Advance by</label><input id="advance-by" name="by" value="1m" required pattern="(\\d+|(\\d+(\\.\\d+)?(ms|s|m|h|d))+)" title="such as 90s, 1h30m or 250ms"></div><button>Advance</button></form>
<form class="row" method="post" action="${at}"><div><label for="clock-scale">Times as fast</label><input id="clock-scale" name="scale" type="number" min="0.001" max="1000000" step="any" value="${clock.scale}" required></div><button>Set speed</button></form>
</div>
</section>`
}

const modeInWords = ({ mode, scale, ended }: ConsoleView['world']['clock']): string => {
  if (ended === true) return 'has reached the end of the year 9999'
  switch (mode) {
    case 'manual':
      return 'stands still'
    case 'system':
      return 'runs with the machine'
    case 'scaled':
      return `runs ${scale} times as fast`
    case 'own':
      return 'belongs to whoever started the cloud'
  }
}

const soon = (milliseconds: number): string =>
  milliseconds <= 0 ? 'now' : `in ${(milliseconds / 1000).toLocaleString('en', { maximumFractionDigits: 3 })} s`
