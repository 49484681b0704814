/** A driver's state machine as a picture that tells what of it was seen. */

import { legal } from '../../../src/server/formats/text.ts'
import { Html, html } from '../../../src/server/pages/html.ts'
import type { SubjectResult } from '../../results.ts'
import { statesOf, transitionsOf } from '../matrix.ts'

/** Undefined where there is no machine. */
export const machinePicture = async (subject: SubjectResult): Promise<Html | undefined> => {
  if (subject.machine.length === 0) return undefined
  const { instance } = await import('@viz-js/viz')
  const svg = (await instance()).renderString(dotOf(subject), { format: 'svg' })
  // A page has many pictures, and an id is had once; its comments repeat what its titles say.
  const drawing = svg
    .slice(svg.indexOf('<svg') + '<svg'.length)
    .replace(/<!--[\s\S]*?-->\n?/g, '')
    .replace(/ id="[^"]*"/g, '')
  return html`<figure class="machine"><div class="scroll" tabindex="0" role="region" aria-label="Picture of the states of ${subject.subject}"><svg role="img" aria-label="States of ${subject.subject}; the table of transitions says the same in words"${new Html(drawing)}</div>
<figcaption>Solid and green was seen, in so many cases; dashed and amber was never seen.</figcaption></figure>`
}

/** Graphviz source; the page gives it its colours, by class. */
const dotOf = (subject: SubjectResult): string => {
  return [
    'digraph machine {',
    '  rankdir=LR; bgcolor=transparent; nodesep=0.35; ranksep=0.6',
    '  node [shape=box, style=rounded, fontname="Helvetica-Bold", fontsize=13, height=0.45, margin="0.2,0.05"]',
    '  edge [fontname="Helvetica", fontsize=12]',
    // `start` is left plain: nobody sees an instance before it's there.
    ...statesOf(subject).map(
      ({ name, grade }) => `  ${quoted(name)} [${grade === undefined ? 'class=unseen, style="rounded,dashed"' : 'class=seen'}]`,
    ),
    ...transitionsOf(subject).map(({ cases, grade }, n) => {
      const { from = '', to = '', on = '' } = subject.machine[n] ?? {}
      const look = grade === undefined ? 'class=unseen, style=dashed' : 'class=seen, penwidth=2'
      const label = `${labels[on] ?? on}${grade === undefined ? '' : ` (${cases})`}`
      return `  ${quoted(from)} -> ${quoted(to)} [label=${quoted(label)}, ${look}]`
    }),
    '}',
  ].join('\n')
}

const labels: Readonly<Record<string, string>> = { automatically: 'auto', possibly: 'may happen' }

const quoted = (text: string): string => `"${legal(text).replace(/["\\\r\n&]/g, ' ')}"`
