/** Examples of the documentation: one request of curl for each operation, with values that the mock cloud has. */

import type { Collection, Operation } from '../collections/operation.ts'
import { parametersOf } from '../forms.ts'
import type { PageScene } from './scene.ts'

/** An id by collection. */
const ids: Readonly<Record<string, string>> = {
  addresses: '192.168.0.1',
  buckets: 'bucket1',
  drivers: 'mock',
  firewalls: 'default',
  hardware_profiles: 'm1-small',
  images: 'img1',
  instances: 'inst1',
  keys: 'test-key',
  load_balancers: 'web',
  metrics: 'inst1',
  network_interfaces: 'nic1',
  networks: 'net1',
  realms: 'us',
  storage_snapshots: 'snap1',
  storage_volumes: 'vol1',
  subnets: 'subnet1',
}

/** Values of parameters that aren't ids. */
const values: Readonly<Record<string, string>> = {
  address_block: '10.11.0.0/16',
  blob_data: 'Hello',
  blob_id: 'greeting',
  cmd: 'uptime',
  description: 'An example',
  device: '/dev/sdc',
  ip_address: '10.0.0.0/8',
  listener_balancer_port: '80',
  listener_instance_port: '8080',
  listener_protocol: 'HTTP',
  name: 'web',
  password: 'secret',
  port_from: '80',
  protocol: 'tcp',
}

/** Where one operation wants another value than the rest. */
const ownValues: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'subnets create': { address_block: '192.168.77.0/24' },
}

/** What an example destroys: what that of `create` made on the mock cloud, or what nothing else needs. */
const expendable: Readonly<Record<string, string>> = {
  buckets: 'web',
  firewalls: 'web',
  keys: 'web',
  networks: 'net3',
  subnets: 'subnet5',
  network_interfaces: 'nicinst3',
}

/** What is worth showing though it may be left out. */
const worthShowing: Readonly<Record<string, readonly string[]>> = {
  'instances create': ['name', 'hwp_id'],
  'instances run': ['password'],
  'storage_volumes create': ['capacity'],
  'networks create': ['address_block'],
  'firewalls rules': ['port_from', 'ip_address'],
}

/** Undefined for pages, which are for browsers. */
export const exampleOf = (scene: PageScene, collection: Collection, operation: Operation): string | undefined => {
  const { formats, method, path } = operation
  if (formats.length === 1 && formats[0] === 'html') return undefined
  const parts = ['curl']
  if (!operation.open) {
    const { user, password, trial } = scene.target.driver.credentials
    parts.push(`--user ${quoted(trial === undefined ? `${user}:${password}` : `${trial.user}:${trial.password}`)}`)
  }
  if (method === 'HEAD') parts.push('--head')
  else if (method !== 'GET') parts.push(`--request ${method}`)
  if (operation.body === 'raw') parts.push(`--header ${quoted('Content-Type: text/plain')}`, `--data-binary ${quoted('Hello')}`)
  else
    for (const [name, value] of given(scene, collection, operation))
      parts.push(`${name === 'blob_data' ? '--form' : '--data-urlencode'} ${quoted(`${name}=${value}`)}`)
  const multipart = parts.some(part => part.startsWith('--form'))
  const written = multipart ? parts.map(part => part.replace('--data-urlencode', '--form')) : parts
  const segments = path.map(part => (part.startsWith(':') ? encodeURIComponent(idIn(collection, operation, part)) : part))
  const address = [scene.links.collection(collection.name), ...segments].join('/')
  const format = operation.name === 'blob_content' || method === 'HEAD' ? '' : '?format=xml'
  return [...written, quoted(address + format)].join(' \\\n  ')
}

const idIn = (collection: Collection, operation: Operation, part: string): string => {
  if (part === ':blob_id') return 'blob1'
  if (part === ':rule_id') return 'rule1'
  return (operation.name === 'destroy' ? expendable[collection.name] : undefined) ?? ids[collection.name] ?? 'id'
}

const given = (scene: PageScene, collection: Collection, operation: Operation): [string, string][] => {
  if (operation.method !== 'POST') return []
  const key = `${collection.name} ${operation.name}`
  const shown = worthShowing[key] ?? []
  return parametersOf(collection.name, operation, scene.offer.features)
    .filter(({ name, required }) => required || shown.includes(name))
    .map(parameter => {
      const { name, refers, initial, numbered } = parameter
      return [
        numbered === true ? `${name}1` : name,
        (refers === undefined ? undefined : ids[refers]) ?? ownValues[key]?.[name] ?? values[name] ?? initial ?? '1',
      ]
    })
}

/** For a shell. */
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`
