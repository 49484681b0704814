/** The proxies that a server trusts: what they say of their clients' requests counts. */

import { BlockList, isIP, isIPv4 } from 'node:net'

/** Networks by name, as other servers of Node have them. */
const named: Readonly<Record<string, readonly string[]>> = {
  loopback: ['127.0.0.0/8', '::1/128'],
  private: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
}

export class Proxies {
  private readonly networks: BlockList

  /** @param trusted addresses, networks (`10.1.0.0/16`), `loopback` or `private`. @throws TypeError for what is none of these. */
  constructor(trusted: readonly string[]) {
    this.networks = networksOf(trusted.flatMap(one => named[one.toLowerCase()] ?? [one]))
  }

  /** @param address of the peer; undefined where its connection is gone. */
  include(address: string | undefined): boolean {
    return address !== undefined && isIP(address) !== 0 && includes(this.networks, address)
  }
}

/** @param texts addresses and networks. @throws TypeError for what is neither. */
export const networksOf = (texts: readonly string[]): BlockList => {
  const list = new BlockList()
  for (const text of texts) {
    const [address = '', length, ...more] = text.split('/')
    const family = isIP(address)
    const longest = family === 4 ? 32 : 128
    const isLength = length === undefined || (/^\d{1,3}$/.test(length) && Number(length) <= longest)
    if (family === 0 || more.length > 0 || !isLength)
      throw new TypeError(`'${text}' is neither an address nor a network such as 10.1.0.0/16`)
    list.addSubnet(address, length === undefined ? longest : Number(length), family === 4 ? 'ipv4' : 'ipv6')
  }
  return list
}

export const includes = (networks: BlockList, address: string): boolean => networks.check(address, isIPv4(address) ? 'ipv4' : 'ipv6')

/** Whether only this machine reaches an address. */
export const isLoopback = (address: string): boolean => isIP(address) !== 0 && includes(loopback, address)

const loopback = networksOf(['127.0.0.0/8', '::1'])
