/** How the report looks: the colours of the server's pages, light and dark. */

import { colours } from '../../../src/server/pages/style/colours.ts'

export const style = `${colours}
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, sans-serif }
header.band { background: var(--band); color: var(--on-band); border-bottom: 4px solid var(--band-line); padding: 1.6rem max(1rem, calc(50vw - 38rem)) }
header.band h1 { margin: 0 0 .4rem; font-size: 1.7rem; line-height: 1.2 }
header.band p { margin: 0; opacity: .92 }
.verdict { display: inline-block; border-radius: .5rem; padding: .15rem .7rem; margin-inline-end: .6rem; font-weight: 700 }
.verdict.holds { background: var(--good-soft); color: var(--good) }
.verdict.broken, .verdict.nothing { background: var(--bad-soft); color: var(--bad) }
main { max-width: 78rem; margin: 0 auto; padding: 1rem }
nav ul { list-style: none; padding: 0; margin: .8rem 0 0; display: flex; flex-wrap: wrap; gap: .3rem 1.2rem }
nav a { color: inherit }
a { color: var(--accent) }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px }
section { background: var(--surface); border: 1px solid var(--line); border-radius: .8rem; padding: 1rem 1.2rem; margin: 1rem 0 }
h2 { margin: .2rem 0 .8rem; font-size: 1.25rem }
h3 { margin: 1.2rem 0 .5rem; font-size: 1.05rem }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: .8rem; padding: 0; margin: 1rem 0; list-style: none }
.tiles li { background: var(--surface); border: 1px solid var(--line); border-radius: .8rem; padding: .7rem 1rem }
.tiles strong { display: block; font-size: 1.5rem; line-height: 1.2; font-variant-numeric: tabular-nums }
.tiles span { color: var(--muted); font-size: .9rem }
.scroll { overflow-x: auto }
table { border-collapse: collapse; width: 100%; font-size: .93rem }
th, td { text-align: start; padding: .35rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top }
thead th { color: var(--muted); font-weight: 600; background: var(--surface); position: sticky; top: 0 }
tbody th { font-weight: 500 }
tbody th small { display: block; color: var(--muted); font-weight: 400; max-width: 34rem }
.law { font-weight: 700; display: inline-block; min-width: 2.2rem }
.family th { background: var(--sunken); font-weight: 700; text-transform: capitalize }
.cell { display: inline-block; border-radius: .45rem; padding: .05rem .5rem; white-space: nowrap; font-variant-numeric: tabular-nums; text-decoration: none }
.holds { background: var(--good-soft); color: var(--good) }
.broken { background: var(--bad-soft); color: var(--bad); font-weight: 700 }
.exempt { background: var(--moving-soft); color: var(--moving) }
.na { color: var(--muted) }
.grade { color: var(--muted); font-size: .82rem; display: block }
pre { background: var(--sunken); border-radius: .5rem; padding: .7rem .9rem; overflow-x: auto; white-space: pre-wrap; overflow-wrap: anywhere; font: .85rem/1.45 ui-monospace, monospace; margin: .4rem 0 }
pre.answer { border-inline-start: 4px solid var(--edge) }
details > summary { cursor: pointer; font-weight: 600; padding: .2rem 0 }
.warning { border-inline-start: 4px solid var(--moving); padding-inline-start: .8rem }
.failure { border-inline-start: 4px solid var(--bad); padding-inline-start: .8rem }
.machine svg { max-width: 100%; height: auto }
.machine text { fill: var(--ink) }
.machine .node path, .machine .node polygon { fill: var(--sunken); stroke: var(--edge) }
.machine .node.seen path, .machine .node.seen polygon { fill: var(--good-soft); stroke: var(--good) }
.machine .edge path { stroke: var(--good) } .machine .edge polygon { stroke: var(--good); fill: var(--good) }
.machine .edge.unseen path { stroke: var(--bad) } .machine .edge.unseen polygon { stroke: var(--bad); fill: var(--bad) } .machine .edge.unseen text { fill: var(--bad) }
footer { color: var(--muted); text-align: center; padding: 1rem; font-size: .9rem }
@media (max-width: 40rem) { section { padding: .8rem } header.band h1 { font-size: 1.35rem } tbody th small { display: none } }
@media print { section { break-inside: avoid } }`
