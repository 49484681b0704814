/** What pages are made of: cards, tables, facts, states, notes. */

export const parts = `.cards-grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(17rem, 100%), 1fr)); gap: 0.9rem; margin: 0; padding: 0; list-style: none; }
.card { position: relative; padding: 1rem 1.15rem; background: var(--surface); border: 1px solid var(--line); border-radius: 0.6rem; }
.card:hover { border-color: var(--accent); }
.card a { font-weight: 650; text-decoration: none; }
.card a::after { content: ""; position: absolute; inset: 0; }
.card p { margin: 0.3rem 0 0; color: var(--muted); font-size: 0.94rem; }
.panel { padding: 1.15rem 1.25rem; background: var(--surface); border: 1px solid var(--line); border-radius: 0.6rem; }
.panel > :first-child { margin-top: 0; }
.panel > :last-child { margin-bottom: 0; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr)); gap: 0.9rem; align-items: start; }

.scroll { overflow-x: auto; background: var(--surface); border: 1px solid var(--line); border-radius: 0.6rem; }
table { width: 100%; border-collapse: collapse; font-size: 0.95rem; }
caption { padding: 0.7rem 1rem; text-align: left; color: var(--muted); font-size: 0.9rem; }
th, td { padding: 0.6rem 1rem; text-align: left; vertical-align: top; border-top: 1px solid var(--line); }
thead th { border-top: 0; color: var(--muted); font-weight: 600; font-size: 0.85rem; white-space: nowrap; vertical-align: bottom; }
caption + thead th { border-top: 1px solid var(--line); }
tbody th { font-weight: 600; }
.list th, .list td { vertical-align: middle; }
tbody tr:hover { background: color-mix(in srgb, var(--accent-soft) 45%, transparent); }
td ul, dd ul { margin: 0; padding: 0; list-style: none; }
td .actions { justify-content: flex-end; flex-wrap: nowrap; }
.none { color: var(--muted); }

.facts { display: grid; grid-template-columns: minmax(9rem, 14rem) 1fr; margin: 0; background: var(--surface); border: 1px solid var(--line); border-radius: 0.6rem; }
.facts > div { display: contents; }
.facts dt, .facts dd { margin: 0; padding: 0.6rem 1.15rem; border-top: 1px solid var(--line); min-width: 0; }
.facts > div:first-child > * { border-top: 0; }
.facts dt { color: var(--muted); }
.facts dd { overflow-wrap: anywhere; }
.facts li + li { margin-top: 0.25rem; }
.facts .scroll { border-radius: 0.4rem; }
.beside-one-another { display: flex; flex-wrap: wrap; align-items: center; gap: 0.35rem 0.8rem; }
pre { margin: 0; padding: 0.9rem 1.1rem; overflow-x: auto; background: var(--sunken); border: 1px solid var(--line); border-radius: 0.45rem; line-height: 1.45; }
pre.terminal { background: #0b1f1d; color: #d6ece7; border-color: #0b1f1d; }
:not(pre) > code { padding: 0.08em 0.35em; background: var(--sunken); border-radius: 0.25rem; overflow-wrap: anywhere; }
thead ~ tbody code { overflow-wrap: break-word; }

.state { display: inline-flex; align-items: center; gap: 0.45em; padding: 0.1rem 0.65rem 0.1rem 0.55rem; border: 1px solid currentColor; border-radius: 99px; font-size: 0.82rem; font-weight: 650; letter-spacing: 0.02em; white-space: nowrap; }
.state::before { content: ""; width: 0.62em; height: 0.62em; background: currentColor; flex: none; }
.state-good { color: var(--good); background: var(--good-soft); }
.state-good::before { border-radius: 50%; }
.state-moving { color: var(--moving); background: var(--moving-soft); }
.state-moving::before { width: 0.75em; height: 0.75em; background: linear-gradient(90deg, currentColor 50%, transparent 50%); border: 0.13em solid currentColor; border-radius: 50%; }
.state-idle { color: var(--idle); background: var(--idle-soft); }
.state-bad { color: var(--bad); background: var(--bad-soft); }
.state-bad::before { width: 0.75em; clip-path: polygon(50% 0, 100% 100%, 0 100%); }
.state-plain { color: var(--plain); background: var(--plain-soft); }
.state-plain::before { transform: rotate(45deg) scale(0.9); }

.note { margin: 0 0 1.25rem; padding: 0.7rem 1rem; max-width: none; background: var(--accent-soft); border-left: 4px solid var(--accent); border-radius: 0.3rem; }
.note-bad { background: var(--bad-soft); border-left-color: var(--bad); }
.empty { padding: 2.5rem 1.25rem; text-align: center; background: var(--surface); border: 1px dashed var(--edge); border-radius: 0.6rem; }
.empty p { margin: 0 auto 1rem; }
.empty .actions { justify-content: center; }
.tag { padding: 0.05rem 0.5rem; border: 1px solid var(--edge); border-radius: 0.3rem; color: var(--muted); font-size: 0.78rem; white-space: nowrap; }
.method { font-weight: 700; color: var(--accent); }
.steps { padding-left: 1.2rem; }
summary { cursor: pointer; }
.words { display: grid; grid-template-columns: 8rem 1fr; gap: 0.5rem 1rem; margin: 0; }
.words dt { font-weight: 650; }
.words dd { margin: 0; max-width: 85ch; }
.pages { display: flex; gap: 1rem; justify-content: center; margin-top: 1rem; }

@media (max-width: 44rem) {
  .facts, .words { grid-template-columns: 1fr; }
  .words { gap: 0; }
  .words dd { margin-bottom: 0.6rem; }
  .facts dt { padding-bottom: 0; font-size: 0.85rem; }
  .facts dd { border-top: 0; padding-top: 0.1rem; }
  .scroll:has(> .list) { background: none; border: 0; overflow: visible; }
  .list, .list tbody, .list tr, .list td, .list th, .list caption { display: block; }
  .list thead { display: none; }
  .list caption { padding: 0 0 0.5rem; }
  .list tr { margin-bottom: 0.75rem; padding: 0.5rem 0; background: var(--surface); border: 1px solid var(--line); border-radius: 0.6rem; }
  .list th, .list td { padding: 0.2rem 1rem; border: 0; overflow-wrap: anywhere; }
  .list tbody th { font-size: 1.08rem; }
  .list td[data-label]::before { content: attr(data-label) ": "; color: var(--muted); }
  .list td > ul { display: inline; }
  .list td > ul > li { display: inline-block; margin-right: 0.6rem; }
  .list td .actions { justify-content: flex-start; padding-top: 0.3rem; flex-wrap: wrap; }
  .list td:empty { display: none; }
}`
