/** The instance state machines that the original's drivers declared, as its server published them. */

import type { State, Transition } from '../../src/model/state-machine.ts'

type Move = `${Transition['on']}→${State}`
type Machine = Partial<Record<State, readonly Move[]>>

const published: Readonly<Record<string, Machine>> = {
  arubacloud: {
    start: ['automatically→pending'],
    pending: ['automatically→running'],
    running: ['reboot→running', 'stop→stopping'],
    stopping: ['automatically→stopped'],
    stopped: ['start→pending', 'destroy→finish'],
  },
  condor: {
    start: ['automatically→pending'],
    pending: ['automatically→running', 'destroy→finish', 'automatically→finish'],
    running: ['reboot→running', 'destroy→stopping'],
  },
  digitalocean: {
    start: ['create→pending'],
    pending: ['automatically→running', 'automatically→error'],
    running: ['reboot→running', 'stop→stopping', 'destroy→finish', 'automatically→error'],
    stopping: ['automatically→stopped', 'automatically→error'],
    stopped: ['start→running', 'destroy→finish', 'automatically→finish'],
  },
  ec2: {
    start: ['automatically→pending'],
    pending: ['automatically→running'],
    running: ['reboot→running', 'stop→stopping'],
    stopping: ['automatically→stopped'],
    stopped: ['start→running', 'destroy→finish'],
  },
  fgcp: {
    start: ['create→pending'],
    pending: ['automatically→stopped', 'automatically→error'],
    stopped: ['start→running', 'destroy→finish'],
    running: ['stop→stopping', 'automatically→error'],
    stopping: ['automatically→stopped', 'automatically→error'],
  },
  gogrid: {
    start: ['automatically→pending'],
    pending: ['automatically→running'],
    running: ['stop→stopped', 'destroy→finish'],
    stopped: ['start→running', 'destroy→finish'],
  },
  mock: {
    start: ['create→pending'],
    pending: ['automatically→running'],
    running: ['reboot→running', 'stop→stopped'],
    stopped: ['start→running', 'destroy→finish'],
  },
  opennebula: {
    start: ['create→pending'],
    pending: ['automatically→running'],
    running: ['reboot→running', 'stop→stopping', 'destroy→stopping'],
    stopped: ['start→running'],
    stopping: ['automatically→stopped', 'automatically→finish'],
  },
  openstack: {
    start: ['create→pending'],
    pending: ['automatically→running', 'automatically→error'],
    running: ['reboot→running', 'stop→stopping', 'automatically→error'],
    stopping: ['automatically→stopped', 'automatically→error'],
    stopped: ['automatically→finish'],
  },
  profitbricks: {
    start: ['automatically→pending'],
    pending: ['automatically→running'],
    running: ['reboot→running', 'stop→stopping'],
    stopped: ['start→running', 'destroy→stopped', 'automatically→finish'],
    stopping: ['automatically→stopped', 'automatically→finish'],
  },
  rackspace: {
    start: ['create→pending'],
    pending: ['automatically→running'],
    running: ['reboot→running', 'stop→stopping'],
    stopping: ['automatically→stopped'],
    stopped: ['automatically→finish'],
  },
  rhevm: {
    start: ['automatically→pending'],
    pending: ['automatically→stopped'],
    stopped: ['start→running', 'destroy→finish'],
    running: ['stop→stopping'],
    stopping: ['stop→stopped'],
  },
  rimuhosting: {
    start: ['automatically→pending'],
    pending: ['automatically→running'],
    running: ['reboot→running', 'stop→stopping'],
    stopping: ['automatically→stopped'],
    stopped: ['automatically→finish'],
  },
  sbc: {
    start: ['automatically→pending'],
    pending: ['automatically→running'],
    running: ['reboot→running', 'destroy→finish'],
  },
  vsphere: {
    start: ['create→pending'],
    pending: ['automatically→stopped'],
    stopped: ['start→running', 'destroy→finish'],
    running: ['reboot→running', 'stop→stopping'],
    stopping: ['automatically→stopped'],
  },
}

const transitionsOf = (machine: Machine): Transition[] =>
  Object.entries(machine).flatMap(([from, moves]) =>
    moves.map(move => {
      const [on, to] = move.split('→')
      return { from, to, on } as Transition
    }),
  )

/** Driver → its transitions. Eucalyptus had the machine of ec2, terremark that of vsphere; azure and google had none. */
export const originals: ReadonlyMap<string, readonly Transition[]> = new Map(
  Object.entries(published).map(([driver, machine]) => [driver, transitionsOf(machine)]),
)
