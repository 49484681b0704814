/** Pictures of a state machine: Graphviz source, SVG drawn in process, PNG by the program `dot` where it's installed. */

import { spawn } from 'node:child_process'
import type { StateMachine, Transition } from '../../model/state-machine.ts'

const titled = (state: string): string => (state[0] ?? '').toUpperCase() + state.slice(1)

const bold = 'fontname="Helvetica-Bold"'

/** Shapes and colours as the original drew them; the current state of an instance stands out. Pages colour by the classes instead. */
const node = (state: string, current: boolean): string => {
  const look =
    state === 'start'
      ? 'shape=doublecircle, color="#449944", fillcolor="#88DD88"'
      : state === 'finish'
        ? 'shape=doublecircle, color="#994444", fillcolor="#DD8888"'
        : 'shape=box, color="#999999", fillcolor="#DDDDDD"'
  const mark = current ? ', color="#2255AA", fillcolor="#BBD4FF", penwidth=3' : ''
  const style = look.includes('shape=box') ? 'filled,rounded' : 'filled'
  const kind = current ? `${state} current` : state
  return `  ${state} [label="${titled(state)}", class="${kind}", style="${style}", fontsize=12, height=0.5, ${bold}, ${look}${mark}]`
}

const edge = ({ from, to, on }: Transition): string => {
  const [label, look] =
    on === 'automatically'
      ? ['auto', 'class=automatic, fontcolor="#227722", fontname="Helvetica-BoldOblique"']
      : on === 'possibly'
        ? ['may happen', 'class=possible, style=dashed, fontcolor="#994444", fontname="Helvetica-Oblique"']
        : [on, `class=action, fontcolor="#333333", ${bold}`]
  return `  ${from} -> ${to} [label="${label}", fontsize=12, penwidth=1.5, color="#888888", ${look}]`
}

/** @param current the state to mark, in any case; one that isn't declared marks nothing. */
export const dotOf = (machine: StateMachine, current?: string): string => {
  const marked = current?.toLowerCase()
  return [
    'digraph instance_states {',
    '  rankdir=LR',
    '  bgcolor=transparent',
    ...machine.states.map(state => node(state, state === marked)),
    ...machine.transitions.map(edge),
    '}',
    '',
  ].join('\n')
}

const drawn = new WeakMap<StateMachine, Map<string, Promise<string>>>()

/** Drawn by Graphviz compiled for JavaScript; a machine has few pictures, so each is drawn once. */
export const svgOf = (machine: StateMachine, current?: string): Promise<string> => {
  const known = current !== undefined && machine.states.some(state => state === current.toLowerCase()) ? current.toLowerCase() : ''
  const pictures = drawn.get(machine) ?? new Map<string, Promise<string>>()
  drawn.set(machine, pictures)
  const picture = pictures.get(known) ?? draw(machine, known)
  pictures.set(known, picture)
  return picture
}

const draw = async (machine: StateMachine, current: string): Promise<string> => {
  const { instance } = await import('@viz-js/viz')
  const viz = await instance()
  return viz.renderString(dotOf(machine, current), { format: 'svg' })
}

/** Undefined where there is no `dot`, or it fails. */
export const pngOf = (machine: StateMachine, current: string | undefined, signal: AbortSignal): Promise<Uint8Array | undefined> =>
  new Promise(resolve => {
    const dot = spawn('dot', ['-Kdot', '-Gpad=0.2,0.2', '-Gsize=5.0,8.0', '-Gdpi=180', '-Tpng'], {
      stdio: ['pipe', 'pipe', 'ignore'],
      signal,
    })
    const chunks: Buffer[] = []
    dot.on('error', () => resolve(undefined))
    dot.stdin.on('error', () => resolve(undefined))
    dot.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
    dot.on('close', code => resolve(code === 0 && chunks.length > 0 ? Buffer.concat(chunks) : undefined))
    dot.stdin.end(dotOf(machine, current))
  })
