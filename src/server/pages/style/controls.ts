/** Buttons and forms. */

export const controls = `button, .button {
  display: inline-block; padding: 0.45rem 0.95rem; font: inherit; font-weight: 600; line-height: 1.3; text-decoration: none; cursor: pointer;
  color: var(--accent); background: var(--surface); border: 1px solid var(--accent); border-radius: 0.4rem;
}
button:hover, .button:hover { background: var(--accent-soft); color: var(--accent-deep); }
button.primary, .button.primary { background: var(--accent); color: var(--on-accent); }
button.primary:hover, .button.primary:hover { background: var(--accent-deep); color: var(--on-accent); border-color: var(--accent-deep); }
button.danger { color: var(--bad); border-color: var(--bad); }
button.danger:hover { background: var(--bad-soft); color: var(--bad); }
td button, td .button, dd button { padding: 0.2rem 0.65rem; font-size: 0.9rem; }
.actions { display: flex; flex-wrap: wrap; align-items: center; gap: 0.5rem; }
.actions form { margin: 0; }
.actions .apart { margin-left: 0.6rem; padding-left: 1.1rem; border-left: 1px solid var(--edge); }
.actions .apart:first-child { margin: 0; padding: 0; border: 0; }

input, select, textarea {
  width: 100%; max-width: 34rem; padding: 0.5rem 0.7rem; font: inherit; color: inherit; background: var(--surface);
  border: 1px solid var(--edge); border-radius: 0.4rem; min-height: 2.6rem; line-height: 1.3;
}
input[type="checkbox"], input[type="radio"] { width: 1.1rem; height: 1.1rem; min-height: 0; margin: 0; accent-color: var(--accent); }
input[type="file"] { padding: 0.4rem; }
textarea { display: block; min-height: 6.5rem; max-width: none; font-family: ui-monospace, "Liberation Mono", Menlo, Consolas, monospace; font-size: 0.9rem; }
input:focus-visible, select:focus-visible, textarea:focus-visible { outline-offset: 0; border-color: var(--focus); }
label, legend { font-weight: 600; }
.hint { display: block; margin: 0.1rem 0 0.35rem; color: var(--muted); font-size: 0.9rem; font-weight: 400; max-width: 60ch; }
.needed { color: var(--bad); font-weight: 400; font-size: 0.9rem; }
.field { margin: 0 0 1.15rem; min-width: 0; }
.form { max-width: 58rem; }
.form .panel { padding-bottom: 0.2rem; margin-bottom: 1rem; }
.form fieldset { margin: 0 0 1rem; padding: 1.25rem 1.25rem 0.2rem; min-width: 0; background: var(--surface); border: 1px solid var(--line); border-radius: 0.6rem; }
.form fieldset > legend { float: left; width: 100%; margin: 0 0 0.9rem; padding: 0; font-size: 1.1rem; font-weight: 700; letter-spacing: -0.01em; }
.form fieldset > legend + * { clear: both; }
.fields { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(15rem, 100%), 1fr)); gap: 0 1.75rem; align-items: end; }
.form .panel .fields { grid-template-columns: repeat(auto-fit, minmax(min(19rem, 100%), 1fr)); }
.fields > .wide { grid-column: 1 / -1; }
.form fieldset fieldset { margin: 0 0 1.15rem; padding: 0; border: 0; background: none; }
.form fieldset fieldset > legend { margin: 0; font-size: 1rem; font-weight: 600; letter-spacing: 0; }
.form details { margin: 0 0 1rem; background: var(--surface); border: 1px solid var(--line); border-radius: 0.6rem; }
.form summary { padding: 0.9rem 1.25rem; font-weight: 700; font-size: 1.1rem; cursor: pointer; }
.form details .fields { padding: 0.4rem 1.25rem 0.2rem; }
.checks { margin: 0; padding: 0; list-style: none; max-height: 14rem; overflow-y: auto; }
.checks li { padding: 0.15rem 0.2rem; }
.check { display: inline-flex; align-items: center; gap: 0.55rem; font-weight: 400; }
.options th:first-child { width: 1%; }
.options th { white-space: nowrap; }
.options label { font-weight: 600; }
.options tr:has(:checked) { background: var(--accent-soft); }
.submit { display: flex; gap: 0.9rem; align-items: center; padding-top: 0.4rem; }

.filter { display: flex; flex-wrap: wrap; align-items: flex-end; gap: 0.6rem 0.9rem; margin: 0 0 1.1rem; padding: 0.8rem 1rem; background: var(--sunken); border-radius: 0.6rem; }
.filter div { flex: 1 1 9rem; max-width: 16rem; min-width: 0; }
.filter label { font-size: 0.85rem; }
.filter input, .filter select { padding: 0.3rem 0.6rem; min-height: 2.25rem; }
.filter .end { flex: 0 0 auto; min-height: 2.25rem; display: flex; gap: 0.9rem; align-items: center; }
.switch { display: flex; flex-wrap: wrap; gap: 0.6rem; align-items: flex-end; margin: 0; }
.switch div { flex: 1 1 10rem; }
@media (max-width: 40rem) {
  .actions .apart { margin: 0; padding: 0; border: 0; }
  .filter div { flex-basis: 7.5rem; max-width: none; }
  .filter .end { flex: 1 0 100%; }
  .options, .options tbody { display: block; }
  .options thead { display: none; }
  .options tr { display: grid; grid-template-columns: 2.6rem 1fr; padding: 0.6rem 0 0.6rem 0.8rem; border-top: 1px solid var(--line); }
  .options tr:first-child { border: 0; }
  .options th, .options td { grid-column: 2; padding: 0.05rem 0; border: 0; }
  .options td:first-child { grid-column: 1; grid-row: 1; }
  .options td[data-label]::before { content: attr(data-label) ": "; color: var(--muted); }
}`
