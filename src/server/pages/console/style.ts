/** What only the console has: its grid, the clock, bars, the log. */

export const style = `.console { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 1rem; align-items: start; }
.console .column { display: grid; gap: 1rem; min-width: 0; }
.console section { min-width: 0; padding: 1rem 1.15rem; background: var(--surface); border: 1px solid var(--line); border-radius: 0.6rem; }
.console > .wide { grid-column: 1 / -1; }
.console h2 { margin: 0 0 0.7rem; font-size: 1.1rem; }
.console h3 { margin: 0.9rem 0 0.4rem; font-size: 0.95rem; }
.console p { margin: 0.4rem 0; }
.console form { margin: 0; }
.console [hidden] { display: none; }
.console .row { display: flex; flex-wrap: wrap; gap: 0.5rem; align-items: flex-end; margin: 0.6rem 0 0; }
.console .row > div { flex: 1 1 7rem; min-width: 0; max-width: 34rem; }
.console .row > form { flex: 1 1 14rem; margin: 0; }
.console .row + div { margin-top: 0.8rem; }
.console .row label { display: block; font-size: 0.85rem; }
.console input, .console select { min-height: 2.25rem; padding: 0.3rem 0.6rem; }
.console button, .console .button { padding: 0.35rem 0.75rem; font-size: 0.92rem; }
.console .scroll { border-radius: 0.4rem; max-height: 22rem; overflow: auto; }
.console table { font-size: 0.9rem; }
.console th, .console td { padding: 0.35rem 0.7rem; }
.console thead th { position: sticky; top: 0; background: var(--surface); }
.console summary { padding: 0.35rem 0; font-weight: 600; }
.console .hint { margin: 0.3rem 0; max-width: none; }
.collections { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(13rem, 100%), 1fr)); gap: 0 1rem; }
.collections > details[open] { grid-column: 1 / -1; margin-bottom: 0.5rem; }
.clock-face { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0.3rem 0.9rem; }
.clock-face time { font: 600 1.5rem ui-monospace, "Liberation Mono", Menlo, Consolas, monospace; letter-spacing: -0.02em; font-variant-numeric: tabular-nums; }
.bars { display: grid; grid-template-columns: minmax(7rem, 12rem) 1fr auto; gap: 0.35rem 0.8rem; align-items: center; margin: 0; }
.bars meter { width: 100%; height: 0.9rem; }
.bars dt, .bars dd { margin: 0; }
.bars > div { display: contents; }
.log td:first-child, .log th { font-variant-numeric: tabular-nums; white-space: nowrap; }
#console-status:empty { display: none; }
.worlds-list { margin: 0; padding: 0; list-style: none; }
.worlds-list li { display: flex; flex-wrap: wrap; gap: 0.5rem; align-items: center; padding: 0.35rem 0; border-top: 1px solid var(--line); }
.worlds-list li:first-child { border: 0; }
.worlds-list .actions { margin-left: auto; }
@media (max-width: 56rem) { .console { grid-template-columns: minmax(0, 1fr); } }
@media (max-width: 40rem) { .console .actions .apart { margin: 0; } .bars { display: block; } .bars > div { display: grid; grid-template-columns: 1fr auto; align-items: center; } .bars dd:first-of-type { grid-column: 1 / -1; grid-row: 2; } }`
