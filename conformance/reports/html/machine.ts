/** A driver's state machine as a picture that tells what of it was seen. */

import type { SubjectResult } from '../../results.ts'
import { statesOf, transitionsOf } from '../matrix.ts'

const quoted = (text: string): string => `"${text.replace(/["\\\n]/g, ' ')}"`

const labels: Readonly<Record<string, string>> = { automatically: 'auto', possibly: 'may happen' }

/** Graphviz source: what was seen is solid, what wasn't is dashed; the page gives them their colours by class. */
const dotOf = (subject: SubjectResult): string => {
  const seenStates = new Set(statesOf(subject).flatMap(({ name, grade }) => (grade === undefined ? [] : [name])))
  const seenMoves = transitionsOf(subject)
  const states = [...new Set(subject.machine.flatMap(({ from, to }) => [from, to]))]
  return [
    'digraph machine {',
    '  rankdir=LR; bgcolor=transparent; nodesep=0.35; ranksep=0.7',
    '  node [shape=box, style=rounded, fontname="Helvetica-Bold", fontsize=12, height=0.45]',
    '  edge [fontname="Helvetica", fontsize=11]',
    ...states.map(state => {
      const isSeen = state === 'start' || seenStates.has(state)
      return `  ${quoted(state)} [class=${isSeen ? 'seen' : 'unseen'}${isSeen ? '' : ', style="rounded,dashed"'}]`
    }),
    ...subject.machine.map(({ from, on, to }, n) => {
      const cases = seenMoves[n]?.cases ?? 0
      const isSeen = seenMoves[n]?.grade !== undefined
      const label = `${labels[on] ?? on}${isSeen ? ` · ${cases}` : ' · not seen'}`
      return `  ${quoted(from)} -> ${quoted(to)} [label=${quoted(label)}, class=${isSeen ? 'seen' : 'unseen'}, penwidth=${isSeen ? 2 : 1}${isSeen ? '' : ', style=dashed'}]`
    }),
    '}',
  ].join('\n')
}

/** The picture's markup; empty where there is no machine. */
export const machineSvg = async (subject: SubjectResult): Promise<string> => {
  if (subject.machine.length === 0) return ''
  const { instance } = await import('@viz-js/viz')
  const svg = (await instance()).renderString(dotOf(subject), { format: 'svg' })
  return svg.slice(svg.indexOf('<svg'))
}
