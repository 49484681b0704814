/** Where requests to providers may lead: by host, network and scheme, decided before anything is sent. */

import { type BlockList, isIP } from 'node:net'
import type { Access } from '../drivers/context.ts'
import { forbidden } from '../model/errors.ts'
import { includes, networksOf } from './networks.ts'

/**
 * Which addresses a request may choose as its provider; the server's own provider, regions and other names of a driver always work.
 * `own`: none. `list`: those that are listed. `public`: any but those of loopback, private and link-local networks. `any`: any.
 */
export type ProviderPolicy = 'own' | 'list' | 'public' | 'any'

export const providerPolicies: readonly ProviderPolicy[] = ['own', 'list', 'public', 'any']

export interface ReachOptions {
  readonly policy?: ProviderPolicy | undefined
  /** Host names and addresses that are allowed whatever the policy; `*.example.com` stands for all below it. */
  readonly hosts?: readonly string[] | undefined
  /** Networks that are allowed, as `10.1.0.0/16`. */
  readonly networks?: readonly string[] | undefined
  /** Drivers that requests may choose beside the server's own; all by default. */
  readonly drivers?: readonly string[] | undefined
}

/** How a request came to its provider. */
export interface Destination {
  /** The server's own, a region, or another name that the driver knows. */
  readonly isNamed: boolean
  /** The server's own. */
  readonly isOwn?: boolean
  /** As chosen: `https://cloud.example:5000/v3;RegionOne`. */
  readonly provider: string | undefined
  /** The provider is reached by HTTPS alone. */
  readonly isSecure: boolean
}

/** Networks that aren't of the public Internet, from the special-purpose registries of IANA (RFC 6890), by what they are called. */
const localNetworks: readonly (readonly [name: string, networks: BlockList])[] = [
  ['loopback', networksOf(['127.0.0.0/8', '::1', '0.0.0.0/8', '::'])],
  ['link-local', networksOf(['169.254.0.0/16', 'fe80::/10'])],
  [
    'private',
    networksOf([
      '10.0.0.0/8',
      '172.16.0.0/12',
      '192.168.0.0/16',
      '100.64.0.0/10',
      '198.18.0.0/15',
      '192.0.0.0/24',
      'fc00::/7',
      'fec0::/10',
      // NAT64 of a site's own, whose operator alone knows where in it the IPv4 address stands.
      '64:ff9b:1::/48',
    ]),
  ],
  ['multicast or reserved', networksOf(['224.0.0.0/4', '240.0.0.0/4', 'ff00::/8'])],
]

/** Where clouds tell a machine its own credentials: AWS, Azure, Google and OpenStack; ECS; Alibaba; Oracle; Azure's agent. */
const metadata = networksOf([
  '169.254.169.254',
  '169.254.170.0/24',
  '100.100.100.200',
  '192.0.0.192',
  '168.63.129.16',
  'fd00:ec2::254',
  'fd20:ce::254',
  'fe80::a9fe:a9fe',
])

/** An IPv4 address that an IPv6 address stands for (mapped, compatible, NAT64, 6to4); else the address itself. */
const plain = (address: string): string => {
  const bare = address.replace(/%.*$/, '')
  if (isIP(bare) !== 6) return bare
  const groups = expanded(bare)
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = groups
  const dotted = (high: number, low: number): string => [high >> 8, high & 255, low >> 8, low & 255].join('.')
  const isCompatible = e === 0 && f === 0 && g !== 0
  const isMapped = a === 0 && b === 0 && c === 0 && d === 0 && ((e === 0 && f === 0xffff) || (e === 0xffff && f === 0) || isCompatible)
  if (isMapped || (a === 0x64 && b === 0xff9b)) return dotted(g, h)
  if (a === 0x2002) return dotted(b, c)
  return bare
}

/** The eight groups of an IPv6 address. */
const expanded = (address: string): readonly number[] => {
  // The URL parser writes each address in one way, without dots.
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1)
  const [head = '', tail] = canonical.split('::')
  const groupsOf = (text: string): number[] => (text === '' ? [] : text.split(':').map(group => Number.parseInt(group, 16)))
  const [left, right] = [groupsOf(head), groupsOf(tail ?? '')]
  return tail === undefined ? left : [...left, ...Array<number>(8 - left.length - right.length).fill(0), ...right]
}

/** What an address is called that isn't of the public Internet; undefined for one that is. */
const localName = (address: string): string | undefined => localNetworks.find(([, networks]) => includes(networks, address))?.[0]

export class Reach {
  readonly drivers: ReadonlySet<string> | undefined
  private readonly names: readonly string[]
  private readonly networks: BlockList
  /** Addresses that are listed as such, not with a network around them. */
  private readonly addresses: BlockList

  private readonly options: ReachOptions
  private readonly defaultPolicy: () => ProviderPolicy

  /** @throws TypeError for a network that is none. */
  constructor(options: ReachOptions, defaultPolicy: () => ProviderPolicy) {
    this.options = options
    this.defaultPolicy = defaultPolicy
    this.drivers = options.drivers === undefined ? undefined : new Set(options.drivers)
    const hosts = (options.hosts ?? []).map(host => bareHost(host.toLowerCase()))
    this.names = hosts.filter(host => isIP(host) === 0)
    const listed = [...hosts.filter(host => isIP(host) !== 0), ...(options.networks ?? [])]
    this.networks = networksOf(listed)
    this.addresses = networksOf(listed.filter(isWhole))
  }

  private get policy(): ProviderPolicy {
    return this.options.policy ?? this.defaultPolicy()
  }

  /** @throws CloudError `forbidden` for a driver that requests may not choose, or a provider's address where none may be chosen. */
  checkChoice(driver: string, { isNamed, provider }: Destination, isOwnDriver: boolean): void {
    if (!isOwnDriver && this.drivers !== undefined && !this.drivers.has(driver))
      throw forbidden(`Requests to this server may not choose the driver '${driver}': it isn't listed under 'providers' in its config file`)
    if (!isNamed && provider !== undefined && this.policy === 'own')
      throw forbidden(
        "Requests to this server may not choose the address of a provider. Its operator can allow it: --providers list with hosts and networks under 'providers' in the config file, or --providers public or any",
      )
  }

  /** What a request may reach that means this provider. */
  access({ isNamed, isOwn = false, provider = '', isSecure }: Destination): Access {
    return {
      level: isNamed ? 'trusted' : 'chosen',
      checkOrigin: origin => {
        const { protocol, hostname } = new URL(origin)
        const host = bareHost(hostname)
        if (isSecure && protocol === 'http:' && !this.isListed(host))
          throw forbidden(
            `The provider is reached by HTTPS and names ${host} by HTTP, where credentials would go out in clear. ${this.remedy(host)}`,
          )
        if (isIP(host) !== 0) this.check(host, host, isNamed, provider)
        else if (!isNamed && this.policy === 'list' && !this.isListed(host) && !this.mayBeListed) throw this.refusal(host, 'not listed')
      },
      checkAddress: (host, address) => this.check(bareHost(host.toLowerCase()), address, isNamed, provider),
      // What its owner gives an instance for an address may be one of ours: only the operator's own cloud is believed.
      checkInstance: (host, address, isTold) => {
        const bare = bareHost(host.toLowerCase())
        const isListed = this.isListed(bare) || includes(this.networks, plain(address))
        if (!isTold && this.policy === 'own' && !isListed) throw this.refusal(bare, 'no address of the instance')
        this.check(bare, address, isOwn && isTold, provider)
      },
    }
  }

  private check(host: string, address: string, isNamed: boolean, provider: string): void {
    const real = plain(address)
    if (includes(metadata, real)) {
      if (includes(this.addresses, real)) return
      // The operator may have named the address; a name that leads there doesn't count.
      if (isNamed && host === address && provider.includes(address)) return
      throw this.refusal(host, 'where a cloud tells a machine its own credentials')
    }
    if (includes(this.networks, real) || isNamed || this.policy === 'any' || this.isListed(host)) return
    if (this.policy === 'list') throw this.refusal(host, 'not listed')
    const name = localName(real) ?? localName(address)
    if (name !== undefined) throw this.refusal(host, `of a ${name} network`)
  }

  private isListed(host: string): boolean {
    if (isIP(host) !== 0) return includes(this.networks, plain(host))
    return this.names.some(name => (name.startsWith('*.') ? host.endsWith(name.slice(1)) : host === name))
  }

  /** Whether a name may lead into a network that is listed. */
  private get mayBeListed(): boolean {
    return this.networks.rules.length > 0
  }

  private refusal(host: string, why: string): Error {
    return forbidden(`Requests to this server may not lead to ${host}, which is ${why}. ${this.remedy(host)}`)
  }

  private remedy(host: string): string {
    return `Its operator can allow it: list ${host} in 'providers: hosts' of the config file`
  }
}

/** Whether a network is a single address. */
const isWhole = (network: string): boolean => !network.includes('/') || /^[^:]*\/32$|:.*\/128$/.test(network)

/** Without the brackets of an IPv6 address and the dot at the end of a whole name. */
const bareHost = (host: string): string => host.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '')
