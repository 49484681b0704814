/** What belongs together: which resource can take an action, and which another may be named with it. Whoever asks prefers those; where none fits, any is taken. */

import { type Item, itemsAt, read } from '../documents/read.ts'

export type Fits = (item: Item) => boolean

const any: Fits = () => true

/** Where a document's links don't say whether it can be done. */
const readiness: Readonly<Record<string, Fits>> = {
  'load_balancers.unregister': item => itemsAt(item, 'instances').length > 0,
  'buckets.destroy': any,
  'firewalls.rules': any,
  'firewalls.destroyRule': item => itemsAt(item, 'rules').length > 0,
  'firewalls.destroy': item => read(item, 'name') !== 'default',
  'networks.destroy': item => itemsAt(item, 'subnets').length === 0,
}

/** Whether a resource can take an action, as far as its document says. */
export const readyFor = (collection: string, action: string): Fits =>
  inTable(readiness, `${collection}.${action}`) ??
  (item => itemsAt(item, 'actions').some(link => read(link, 'rel') === action || read(link, 'rel') === `${action}_image`))

/** What a reference belongs to. */
export interface Belonging {
  /** `load_balancers.register`, `images.create` */
  readonly operation: string
  readonly parameter: string
  /** The resource that something is done with. */
  readonly subject: Item | undefined
  /** What was chosen of the other parameters. */
  readonly form: Readonly<Record<string, string>>
  /** The instances that there are. */
  readonly instances: () => Promise<readonly Item[]>
}

const isRunning: Fits = item => read(item, 'state') === 'RUNNING'
const realmOf = (item: unknown): string | undefined => read(item, 'realm', 'id')
const idsAt = (item: unknown, key: string): readonly (string | undefined)[] => itemsAt(item, key).map(one => read(one, 'id'))
const canBecomeImage: Fits = item => itemsAt(item, 'actions').some(link => read(link, 'rel') === 'create_image')

const whereInstancesRun = async ({ instances }: Belonging): Promise<Fits> => {
  const realms = new Set((await instances()).filter(isRunning).map(realmOf))
  return item => realms.has(read(item, 'id'))
}

/** Operation and parameter → which resources it may name. */
const belonging: Readonly<Record<string, (of: Belonging) => Fits | Promise<Fits>>> = {
  'load_balancers.register instance_id':
    ({ subject }) =>
    item =>
      isRunning(item) && idsAt(subject, 'realms').includes(realmOf(item)) && !idsAt(subject, 'instances').includes(read(item, 'id')),
  'load_balancers.unregister instance_id':
    ({ subject }) =>
    item =>
      idsAt(subject, 'instances').includes(read(item, 'id')),
  'storage_volumes.attach instance_id':
    ({ subject }) =>
    item =>
      isRunning(item) && (realmOf(subject) === undefined || realmOf(subject) === realmOf(item)),
  'addresses.associate instance_id': () => isRunning,
  'images.create instance_id': () => canBecomeImage,
  'load_balancers.create realm_id': whereInstancesRun,
  'storage_volumes.create realm_id': whereInstancesRun,
  'network_interfaces.create instance': () => isRunning,
  'subnets.create network_id':
    ({ form }) =>
    item =>
      blocksOf(item).some(block => holdsBlock(block, form.address_block ?? '')),
}

/** Which resources a parameter had best name. */
export const fittingFor = async (of: Belonging): Promise<Fits> => (await inTable(belonging, `${of.operation} ${of.parameter}`)?.(of)) ?? any

const blocksOf = (item: Item): readonly string[] => (Array.isArray(item.address_blocks) ? item.address_blocks.map(String) : [])

/** Whether a block of /16 or longer has another in it, by its first two numbers. */
const holdsBlock = (outer: string, inner: string): boolean =>
  outer.split('.').slice(0, 2).join('.') === inner.split('.').slice(0, 2).join('.')

const inTable = <T>(table: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined
