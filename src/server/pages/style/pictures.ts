/** The state machine, drawn in the colours of the page. What the picture itself says of colours is for where no style sheet reaches. */

export const pictures = `.machine { margin: 0; }
.machine .scroll { padding: 1rem; }
.machine svg { display: block; margin: 0 auto; min-width: 44rem; max-width: 100%; height: auto; }
.machine svg text { font-family: "Inter", "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", Arial, sans-serif; }
.machine .node polygon, .machine .node path, .machine .node ellipse { fill: var(--sunken); stroke: var(--edge); }
.machine .node text { fill: var(--ink); }
.machine .edge path { stroke: var(--edge); }
.machine .edge polygon { stroke: var(--edge); fill: var(--edge); }
.machine .edge text { fill: var(--ink); }
.machine .automatic text { fill: var(--good); }
.machine .possible text { fill: var(--bad); }
.machine .start ellipse, .machine .start path { fill: var(--good-soft); stroke: var(--good); }
.machine .finish ellipse, .machine .finish path { fill: var(--bad-soft); stroke: var(--bad); }
.machine .current polygon, .machine .current path, .machine .current ellipse { fill: var(--accent); stroke: var(--accent); stroke-width: 3; }
.machine .current text { fill: var(--on-accent); }
.machine figcaption { margin-top: 0.5rem; color: var(--muted); font-size: 0.9rem; }`
