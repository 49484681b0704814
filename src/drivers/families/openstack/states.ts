/** The life of a server, as Nova's API reference documents it, and what it is in the words of the API. */

import { type InstanceAction, type State, StateMachine } from '../../../model/state-machine.ts'

export const machine = new StateMachine([
  { from: 'start', to: 'pending', on: 'create' },
  { from: 'pending', to: 'running', on: 'automatically' },
  { from: 'pending', to: 'stopping', on: 'destroy' },
  { from: 'pending', to: 'error', on: 'possibly' },
  { from: 'running', to: 'running', on: 'reboot' },
  { from: 'running', to: 'stopping', on: 'stop' },
  { from: 'running', to: 'stopping', on: 'destroy' },
  { from: 'running', to: 'error', on: 'possibly' },
  { from: 'stopping', to: 'stopped', on: 'automatically' },
  { from: 'stopping', to: 'finish', on: 'automatically' },
  { from: 'stopping', to: 'error', on: 'possibly' },
  { from: 'stopped', to: 'pending', on: 'start' },
  { from: 'stopped', to: 'stopping', on: 'destroy' },
  { from: 'error', to: 'stopping', on: 'destroy' },
])

/** What a status means, and what Nova permits in it where that's less than the state says. */
interface Meaning {
  readonly state: State
  readonly permits?: readonly InstanceAction[]
}

const only = (state: State, ...permits: readonly InstanceAction[]): Meaning => ({ state, permits })

/** By status. Whatever Nova is at, a server can be deleted; `os-stop` wants ACTIVE or ERROR, `os-start` SHUTOFF; a hard reboot may cut short another. */
const meanings: Readonly<Record<string, Meaning>> = {
  BUILD: { state: 'pending' },
  REBUILD: only('pending', 'destroy'),
  RESIZE: only('pending', 'destroy'),
  REVERT_RESIZE: only('pending', 'destroy'),
  MIGRATING: only('pending', 'destroy'),
  PASSWORD: only('pending', 'destroy'),
  REBOOT: only('running', 'reboot', 'destroy'),
  HARD_REBOOT: only('running', 'reboot', 'destroy'),
  ACTIVE: { state: 'running' },
  VERIFY_RESIZE: only('running', 'destroy'),
  RESCUE: only('running', 'destroy'),
  SHUTOFF: { state: 'stopped' },
  PAUSED: only('stopped', 'destroy'),
  SUSPENDED: only('stopped', 'destroy'),
  SHELVED: only('stopped', 'destroy'),
  SHELVED_OFFLOADED: only('stopped', 'destroy'),
  DELETED: { state: 'finish' },
  SOFT_DELETED: { state: 'finish' },
  ERROR: { state: 'error' },
  // First generation of Rackspace, and Nova before 2012.
  QUEUE_RESIZE: only('pending', 'destroy'),
  PREP_RESIZE: only('pending', 'destroy'),
  SHARE_IP: only('pending', 'destroy'),
  SHARE_IP_NO_CONFIG: only('pending', 'destroy'),
  DELETE_IP: only('pending', 'destroy'),
}

/**
 * What is at work (`OS-EXT-STS:task_state`, or a remark in brackets after the status) and says more than the status: the state that it
 * means, and the action. Before 2013 Nova said `stopping` and `starting` for what it has since called powering off and on.
 */
const tasks: Readonly<Record<string, { readonly state?: State; readonly doing: string }>> = {
  deleting: { state: 'stopping', doing: 'destroy' },
  'soft-deleting': { state: 'stopping', doing: 'destroy' },
  'powering-off': { state: 'stopping', doing: 'stop' },
  'powering-on': { state: 'pending', doing: 'start' },
  stopping: { state: 'stopping', doing: 'stop' },
  starting: { state: 'pending', doing: 'start' },
  rebooting: { doing: 'reboot' },
  reboot_pending: { doing: 'reboot' },
  reboot_started: { doing: 'reboot' },
  rebooting_hard: { doing: 'reboot' },
  reboot_pending_hard: { doing: 'reboot' },
  reboot_started_hard: { doing: 'reboot' },
}

/** Tasks that Nova lets a hard reboot cut short (`ALLOW_REBOOT`); once that has begun, it's too late. */
const interruptible: ReadonlySet<string> = new Set([
  'rebooting',
  'reboot_pending',
  'reboot_started',
  'rebooting_hard',
  'pausing',
  'unpausing',
  'suspending',
  'resuming',
])

/** Statuses that name what is at work, where no task is told. */
const doings: Readonly<Record<string, string>> = { REBOOT: 'reboot', HARD_REBOOT: 'reboot' }

const deletion: readonly InstanceAction[] = ['destroy']
const interrupting: readonly InstanceAction[] = ['reboot', 'destroy']

export interface Life {
  readonly state: State | 'unknown'
  readonly doing?: string
  readonly permits?: readonly InstanceAction[]
}

/**
 * @param status as Nova spells it; clouds may add what is at work in brackets, `ACTIVE(deleting)`
 * @param toldTask what is at work, where it's told by itself
 */
export const lifeOf = (status: string, toldTask?: string): Life => {
  const { name, task } = partsOf(status, toldTask)
  const meaning = Object.hasOwn(meanings, name) ? meanings[name] : undefined
  const work = task !== undefined && Object.hasOwn(tasks, task) ? tasks[task] : undefined
  const state = meaning?.state === 'finish' ? 'finish' : (work?.state ?? meaning?.state ?? 'unknown')
  const doing = work?.doing ?? doings[name]
  // While anything is at work Nova takes a deletion, and at most a reboot; BUILD is such a time in itself.
  const isBusy = task !== undefined && state !== 'pending'
  const permits = isBusy
    ? (interruptible.has(task) ? interrupting : deletion).filter(one => meaning?.permits?.includes(one) !== false)
    : meaning?.permits
  return { state, ...(doing === undefined ? {} : { doing }), ...(permits === undefined ? {} : { permits }) }
}

/** The name of a status, and what is at work: told by itself, or in brackets. */
const partsOf = (status: string, toldTask?: string): { readonly name: string; readonly task: string | undefined } => {
  const [, name = status, remark = ''] = /^([^(]*?)\s*\(([^)]*)\)?\s*$/.exec(status) ?? []
  const task = (toldTask ?? remark)
    .trim()
    .toLowerCase()
    .replace(/^(powering|soft)_/, '$1-')
  return { name: name.toUpperCase(), task: task === '' || task === 'none' ? undefined : task }
}

/** Statuses in which Nova makes an image of a server, while nothing is at work. */
const imageable: ReadonlySet<string> = new Set(['ACTIVE', 'SHUTOFF', 'PAUSED', 'SUSPENDED'])

export const isImageable = (status: string, toldTask?: string): boolean => {
  const { name, task } = partsOf(status, toldTask)
  return imageable.has(name) && task === undefined
}

/** The state that a status means by itself. */
export const stateOf = (status: string): State | 'unknown' => lifeOf(status).state
