/** The instance state machine of the driver, as data and as pictures. */

import { hash } from 'node:crypto'
import type { StateMachine, Transition } from '../../model/state-machine.ts'
import { HttpError } from '../errors.ts'
import { dotOf, pngOf, svgOf } from '../formats/graph.ts'
import { attribute } from '../formats/xml.ts'
import { mediaTypes } from '../negotiation.ts'
import { stateMachinePage } from '../pages/states.ts'
import { present } from '../request.ts'
import { operation } from './build.ts'
import type { Collection, Result } from './operation.ts'

/** `auto` says that no action is needed; `possibly`, that it need not happen. */
const moved = ({ on }: Transition): Readonly<Record<string, string>> =>
  on === 'automatically' ? { auto: 'true' } : on === 'possibly' ? { auto: 'true', possibly: 'true' } : { action: on }

const machineDocument = (machine: StateMachine, address: string): Result => ({
  kind: 'document',
  title: 'Instance states',
  xml(writer) {
    writer.open('states')
    for (const state of machine.states) {
      const transitions = machine.from(state)
      if (transitions.length === 0) writer.empty('state', attribute('name', state))
      else {
        writer.open('state', attribute('name', state))
        for (const transition of transitions) {
          const { action, auto, possibly } = moved(transition)
          writer.empty(
            'transition',
            `${attribute('action', action)}${attribute('auto', auto)}${attribute('possibly', possibly)}${attribute('to', transition.to)}`,
          )
        }
        writer.close('state')
      }
    }
    writer.close('states')
  },
  json: () => machine.states.map(name => ({ name, transitions: machine.from(name).map(t => ({ to: t.to, ...moved(t) })) })),
  html: () => stateMachinePage(machine, address),
})

export const instanceStates: Collection = {
  name: 'instance_states',
  singular: 'instance_state',
  doc: 'The states of an instance, and what moves it from one to the next.',
  listed: offer => offer.machine !== undefined,
  operations: [
    {
      ...operation('index', 'GET', [], 'Shows the state machine, as a document or a picture.'),
      capability: 'instance_state_machine',
      offered: offer => offer.machine !== undefined,
      formats: ['xml', 'json', 'html', 'gv', 'svg', 'png'],
      open: true,
      async run(request) {
        const machine = present(request.offer.machine)
        const current = request.value('current')
        switch (request.format) {
          case 'gv':
            return picture(mediaTypes.gv, dotOf(machine, current))
          case 'svg':
            return picture(mediaTypes.svg, await svgOf(machine, current))
          case 'png': {
            const png = await pngOf(machine, current, request.gate.context.signal)
            if (png === undefined) {
              throw new HttpError(406, 'Not Acceptable', {
                details: 'PNG needs the program dot of Graphviz, which is not installed; ask for format=svg',
              })
            }
            return picture(mediaTypes.png, png)
          }
          default:
            return machineDocument(machine, request.links.collection('instance_states'))
        }
      },
    },
  ],
}

const picture = (type: string, body: string | Uint8Array): Result => ({
  kind: 'raw',
  response: {
    status: 200,
    headers: [
      ['Content-Type', type],
      ['ETag', `"${hash('sha1', body, 'base64url')}"`],
      ['Cache-Control', 'max-age=0, private, must-revalidate'],
    ],
    body,
  },
})
