/** How the report looks: the colours of the server's pages, light and dark. */

import { colours } from '../../../src/server/pages/style/colours.ts'

export const style = `${colours}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.55 "Inter", "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", Arial, sans-serif; }
a { color: var(--accent); text-underline-offset: 0.15em; }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
code, pre { font-family: ui-monospace, "SF Mono", "Cascadia Mono", "Liberation Mono", Menlo, Consolas, monospace; font-size: 0.9em; }
.unseen-text { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }

.band { padding: 1.6rem max(1rem, calc((100vw - 78rem) / 2)) 1.1rem; background: var(--band); color: var(--on-band); border-bottom: 4px solid var(--band-line); }
.band h1 { margin: 0; font-size: 1.9rem; line-height: 1.2; letter-spacing: -0.01em; }
.sign { display: inline-grid; place-items: center; width: 1.5em; height: 1.5em; margin-right: 0.25em; border: 2px solid currentColor; border-radius: 50%; font-size: 0.8em; }
.band p { margin: 0.5rem 0 0; }
.band ul { display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; margin: 0.9rem 0 0; padding: 0; list-style: none; }
.band a { color: inherit; overflow-wrap: anywhere; }
main { max-width: 80rem; margin: 0 auto; padding: 1rem; }
footer { padding: 0.5rem 1rem 2rem; color: var(--muted); font-size: 0.9rem; text-align: center; }

.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: 0.8rem; margin: 0 0 1rem; padding: 0; list-style: none; }
.tiles li { padding: 0.7rem 1rem; background: var(--surface); border: 1px solid var(--line); border-top: 4px solid var(--edge); border-radius: 0.6rem; }
.tiles .holds { border-top-color: var(--good); }
.tiles .broken { border-top-color: var(--bad); }
.tiles .broken strong { color: var(--bad); }
.tiles strong { display: block; font-size: 1.6rem; line-height: 1.2; font-variant-numeric: tabular-nums; }
.tiles span { color: var(--muted); font-size: 0.88rem; }
.note { margin: 0.6rem 0; padding: 0.5rem 0.9rem; border-left: 4px solid; border-radius: 0.3rem; overflow-wrap: anywhere; }
.warning { border-color: var(--moving); background: var(--moving-soft); color: var(--moving); }
.failure { border-color: var(--bad); background: var(--bad-soft); color: var(--bad); }

section { margin: 1rem 0; padding: 1.1rem 1.25rem; background: var(--surface); border: 1px solid var(--line); border-radius: 0.8rem; scroll-margin-top: 0.5rem; }
h2 { margin: 0 0 0.6rem; font-size: 1.3rem; overflow-wrap: anywhere; }
h3 { margin: 0 0 0.4rem; font-size: 1.08rem; overflow-wrap: anywhere; }
h2 small, h3 small { display: inline-block; margin-left: 0.6em; color: var(--muted); font-size: 0.9rem; font-weight: 400; }
section > p { margin: 0 0 0.6rem; }

article { margin: 0.9rem 0; padding: 0.9rem 1rem; border: 1px solid var(--line); border-left: 4px solid var(--bad); border-radius: 0.5rem; overflow-wrap: anywhere; scroll-margin-top: 0.5rem; }
article:target { box-shadow: 0 0 0 3px var(--focus); }
article p { margin: 0.4rem 0; }
pre { margin: 0.4rem 0; padding: 0.6rem 0.85rem; background: var(--sunken); border-radius: 0.4rem; line-height: 1.45; white-space: pre-wrap; overflow-wrap: anywhere; tab-size: 2; }
.wrong { background: var(--bad-soft); color: var(--bad); }
.command { border: 1px solid var(--edge); }
.conversation { margin: 0.4rem 0 0; padding-left: 1.7rem; }
.conversation li::marker { color: var(--muted); }
.answer { margin-left: 1.2rem; border-left: 3px solid var(--edge); border-radius: 0 0.4rem 0.4rem 0; }

details > summary { cursor: pointer; border-radius: 0.3rem; }
article > details > summary, .fold > summary { padding: 0.35rem 0; font-weight: 600; }
.scroll { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-size: 0.93rem; font-variant-numeric: tabular-nums; }
th, td { padding: 0.35rem 0.6rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
thead th { color: var(--muted); font-weight: 600; font-size: 0.88rem; }
tbody th { font-weight: 500; }
td.words { min-width: 14rem; overflow-wrap: anywhere; }
td.number { text-align: right; }
td.date { white-space: nowrap; }

.matrix { max-height: 85vh; overflow: auto; border: 1px solid var(--line); border-radius: 0.4rem; }
.matrix table { width: auto; min-width: 100%; border-collapse: separate; border-spacing: 0; }
.matrix thead th { position: sticky; top: 0; z-index: 2; background: var(--surface); border-bottom: 2px solid var(--edge); min-width: 6.5rem; max-width: 11rem; overflow-wrap: anywhere; vertical-align: bottom; }
.matrix tr > th:first-child { position: sticky; left: 0; z-index: 1; background: var(--surface); }
.matrix thead tr > th:first-child { z-index: 3; }
.matrix tbody th { min-width: 10rem; max-width: 22rem; }
.matrix tr.family > th:first-child { max-width: none; padding-block: 0.25rem; background: var(--sunken); font-weight: 700; }
.matrix .family span { position: sticky; left: 0.6rem; display: inline-block; }
.matrix .family span::first-letter { text-transform: uppercase; }
.matrix th b { display: inline-block; min-width: 2rem; }
.matrix th p { margin: 0.2rem 0 0.4rem; color: var(--muted); font-size: 0.9rem; font-weight: 400; }
.matrix summary { list-style: none; white-space: nowrap; }
.matrix th summary { white-space: normal; }
.matrix summary::-webkit-details-marker { display: none; }
.matrix summary:hover { text-decoration: underline; text-underline-offset: 0.2em; }
.matrix ul { max-width: 17rem; margin: 0.3rem 0 0.2rem; padding: 0; list-style: none; font-size: 0.85rem; }
.matrix li { padding: 0.15rem 0; overflow-wrap: anywhere; }
.cell { display: inline-block; padding: 0 0.5rem; border-radius: 0.4rem; white-space: nowrap; }
.cell.holds { background: var(--good-soft); color: var(--good); }
.cell.broken { background: var(--bad); color: var(--surface); font-weight: 700; }
.cell.exempt { background: var(--moving-soft); color: var(--moving); }
.cell.na { color: var(--muted); }
.dots { color: var(--muted); font-size: 0.6rem; letter-spacing: 0.08em; white-space: nowrap; vertical-align: 0.15em; }
.legend { display: flex; flex-wrap: wrap; gap: 0.1rem 1.4rem; margin: 0 0 0.8rem; font-size: 0.85rem; color: var(--muted); }
.legend div { display: flex; gap: 0.5rem; }
.legend dd { margin: 0; }
.legend b { color: var(--ink); font-weight: 600; }

.machine { margin: 1rem 0; }
.machine svg { display: block; max-width: 100%; min-width: 40rem; height: auto; margin: 0 auto; }
.machine text { fill: var(--ink); font-family: "Helvetica Neue", "Liberation Sans", Arial, sans-serif; }
.machine .node path { fill: var(--sunken); stroke: var(--edge); }
.machine .node.unseen path { fill: var(--surface); stroke: var(--moving); }
.machine .node.seen path { fill: var(--good-soft); stroke: var(--good); }
.machine .edge path { stroke: var(--moving); }
.machine .edge polygon { stroke: var(--moving); fill: var(--moving); }
.machine .edge text { fill: var(--moving); }
.machine .edge.seen path { stroke: var(--good); }
.machine .edge.seen polygon { stroke: var(--good); fill: var(--good); }
.machine .edge.seen text { fill: var(--good); }
figcaption { margin-top: 0.3rem; color: var(--muted); font-size: 0.9rem; }

@media (max-width: 40rem) {
  main { padding: 0.6rem; }
  section { padding: 0.8rem 0.7rem; }
  .band h1 { font-size: 1.45rem; }
  .tiles { grid-template-columns: 1fr 1fr; }
  .legend { display: block; }
  .matrix tbody th, .matrix thead th { min-width: 6rem; max-width: 8.5rem; }
  .answer { margin-left: 0.4rem; }
  .conversation { padding-left: 1.2rem; }
}
@media print {
  .matrix { max-height: none; }
  article, figure, tr { break-inside: avoid; }
}
`
