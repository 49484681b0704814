/** What rules may know beside the exchange: our server's abilities, and what happened before in the same file. */

import type { Aliases } from './aliases.ts'
import { type Answer, type Exchange, headerOf, mediaTypeOf, targetOf } from './exchange.ts'
import { isObject, type Json, parseJson } from './json.ts'
import { MalformedXml, parseXml } from './xml.ts'

export interface World {
  /** Drivers that our server has. */
  readonly drivers: ReadonlySet<string>
  /** Frontends that our server knows. */
  readonly frontends: ReadonlySet<string>
  /** Whether Graphviz is installed, which draws the PNG of the state machine. */
  readonly graphviz: boolean
  readonly aliases: Aliases
  /** What the original had just before the exchange. */
  readonly inventory: Inventory
  /** Paths of resources that only ours has: it mends a failure of the original, or refuses to destroy what is in use. */
  readonly strays: Set<string>
  /** Paths of resources that the original overwrote, where ours refuses a name that is taken. */
  readonly overwritten: Set<string>
}

const seed: Readonly<Record<string, string>> = {
  realms: 'us eu',
  hardware_profiles: 'm1-small m1-large m1-xlarge opaque',
  images: 'img1 img2 img3',
  instances: 'inst0 inst1 inst2 inst3',
  storage_volumes: 'vol1 vol2 vol3',
  storage_snapshots: 'snap1 snap2 snap3',
  buckets: 'bucket1 bucket2 bucket1/blob1 bucket1/blob2 bucket1/blob3 bucket2/blob4 bucket2/blob5',
  addresses: '192.168.0.1 192.168.0.2 192.168.0.3 192.168.0.4',
  keys: 'test-key',
  networks: 'net1 net2',
  subnets: 'subnet1 subnet2 subnet3 subnet4',
  network_interfaces: 'nic1 nicinst3',
  metrics: 'inst0 inst1 inst2 inst3',
}

/** The resources of the original: its first data, what was made since, less what was destroyed. Blobs are kept by bucket and blob. */
export class Inventory {
  private readonly paths = new Set(
    Object.entries(seed).flatMap(([collection, ids]) => ids.split(' ').map(id => `/api/${collection}/${id}`)),
  )

  /** Volumes in use, with the instance that uses them. */
  private readonly uses = new Map([['/api/storage_volumes/vol3', '/api/instances/inst1']])

  has(path: string): boolean {
    return this.paths.has(path)
  }

  /** Whether the resource that this path is about (without an action behind it) is there. */
  hasMemberOf(path: string): boolean {
    return this.has(path.split('/').slice(0, 4).join('/'))
  }

  isInUse(path: string): boolean {
    const instance = this.uses.get(path)
    return instance !== undefined && this.has(instance)
  }

  note({ verb, path, form, recorded }: Exchange): void {
    const [, volume, action] = /^(.*)\/(attach|detach)$/.exec(path) ?? []
    if (volume !== undefined && recorded.status < 400) {
      if (action === 'attach') this.uses.set(volume, `/api/instances/${form.get('instance_id')}`)
      else this.uses.delete(volume)
    }
    if (verb === 'DELETE') {
      if (recorded.status < 400)
        for (const known of [...this.paths]) if (known === path || known.startsWith(`${path}/`)) this.paths.delete(known)
      return
    }
    const name = form.get('name')
    if (verb === 'POST' && recorded.status === 500 && name !== null && failedLate.test(recorded.body.toString()))
      this.paths.add(`${path}/${name}`)
    const own = recorded.status < 400 ? ownPath(recorded) : undefined
    if (own !== undefined) this.paths.add(own)
  }
}

/** Messages of failures after the provider had done the work (quirks D11, D13). */
export const failedLate = /undefined local variable|undefined method [^ ]*(?:collect|map|each)\b.* for nil/

/** Path of the resource that an answer is about. */
export const ownPath = (answer: Answer): string | undefined => {
  const address = headerOf(answer.headers, 'location') ?? documentAddress(answer)
  return address === undefined ? undefined : targetOf(address)
}

const documentAddress = (answer: Answer): string | undefined => {
  const text = answer.body.toString()
  try {
    if (mediaTypeOf(answer) === 'application/xml' && text !== '') return parseXml(text).attributes.get('href')
    return mediaTypeOf(answer) === 'application/json' && text !== '' ? hrefOf(parseJson(text)) : undefined
  } catch (error) {
    if (error instanceof MalformedXml || error instanceof SyntaxError) return undefined
    throw error
  }
}

/** Member documents are wrapped in the singular, those of instance actions are not. */
const hrefOf = (document: Json): string | undefined => {
  if (!isObject(document)) return undefined
  const resource = document.href === undefined ? Object.values(document)[0] : document
  return isObject(resource) && typeof resource.href === 'string' ? resource.href : undefined
}
