/** The page itself: text, the band on top, the way here, the foot. */

export const frame = `*, *::before, *::after { box-sizing: border-box; }
html { scroll-padding-top: 5rem; -webkit-text-size-adjust: 100%; }
body {
  margin: 0; min-height: 100vh; display: flex; flex-direction: column; background: var(--paper); color: var(--ink);
  font: 1rem/1.55 "Inter", "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", Arial, sans-serif;
}
a { color: var(--accent); text-underline-offset: 0.15em; }
a:hover { color: var(--accent-deep); text-decoration-thickness: 2px; }
code, pre, kbd, .id { font-family: ui-monospace, "SF Mono", "Cascadia Mono", "Liberation Mono", Menlo, Consolas, monospace; font-size: 0.92em; }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; border-radius: 3px; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip { position: absolute; left: 1rem; top: -4rem; z-index: 3; padding: 0.5rem 1rem; background: var(--surface); }
.skip:focus { top: 0.5rem; }

body > header {
  position: sticky; top: 0; z-index: 2; display: flex; flex-wrap: wrap; align-items: center; gap: 0.35rem 1.25rem;
  padding: 0.65rem max(1.25rem, calc((100vw - 72rem) / 2)); background: var(--band); color: var(--on-band);
  border-bottom: 3px solid var(--band-line);
}
body > header a { color: inherit; text-decoration: none; }
body > header a:hover { text-decoration: underline; text-decoration-thickness: 2px; }
body > header :focus-visible { outline-color: #fbbf24; }
.brand { display: inline-flex; align-items: center; gap: 0.5rem; font-weight: 700; font-size: 1.15rem; letter-spacing: -0.01em; }
.mark { fill: none; stroke: #7fe0cf; stroke-width: 3; stroke-linecap: round; }
.cloud {
  padding: 0.1rem 0.65rem; border: 1px solid #4d7a74; border-radius: 99px;
  font: 0.85rem ui-monospace, "Liberation Mono", Menlo, Consolas, monospace; overflow-wrap: anywhere;
}
body > header nav { margin-left: auto; }
body > header ul { display: flex; gap: 1.1rem; margin: 0; padding: 0; list-style: none; }
body > header ul a { display: inline-block; padding: 0.25rem 0; }
.user { margin: 0; padding-left: 1.1rem; border-left: 1px solid #4d7a74; font-size: 0.9rem; overflow-wrap: anywhere; }

main { flex: 1; width: 100%; max-width: 74.5rem; margin: 0 auto; padding: 1.75rem 1.25rem 3.5rem; }
main:focus { outline: none; }
footer { padding: 1rem 1.25rem 1.5rem; color: var(--muted); font-size: 0.85rem; text-align: center; }
footer p { margin: 0 auto; }
h1, h2, h3 { line-height: 1.2; letter-spacing: -0.015em; overflow-wrap: anywhere; }
h1 { margin: 0; font-size: 1.9rem; }
h2 { margin: 2.5rem 0 0.75rem; font-size: 1.25rem; }
h3 { margin: 0; font-size: 1rem; }
p { max-width: 70ch; }
.heading { display: flex; flex-wrap: wrap; align-items: center; gap: 0.6rem 1rem; margin: 0.25rem 0 1.25rem; }
.heading:has(+ .lead) { margin-bottom: 0.4rem; }
.heading > .actions { margin-left: auto; }
.lead { margin: 0 0 1.5rem; color: var(--muted); font-size: 1.08rem; }
.trail ol { display: flex; flex-wrap: wrap; gap: 0.25rem 0.5rem; margin: 0; padding: 0; list-style: none; font-size: 0.9rem; }
.trail li::after { content: "/"; margin-left: 0.5rem; color: var(--muted); }
@media (max-width: 40rem) {
  main { padding: 1.25rem 1rem 2.5rem; }
  body > header { padding: 0.55rem 1rem; gap: 0.2rem 0.9rem; position: static; }
  .cloud { margin-left: auto; }
  body > header nav { flex: 1; margin: 0; }
  .user { border: 0; padding: 0; }
  h1 { font-size: 1.55rem; }
}
@media (prefers-reduced-motion: no-preference) {
  html { scroll-behavior: smooth; }
  a, button, .button, .card { transition: background-color 120ms, border-color 120ms, color 120ms; }
}
@media print { body > header, .actions, .filter, .skip { display: none; } }`
