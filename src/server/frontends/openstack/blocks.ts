/** The addresses of a block of IPv4. */

export interface Contents {
  /** The gateway's, by custom. */
  readonly first: string
  /** From there on they are for ports. */
  readonly second: string
  readonly last: string
}

/** Undefined for what is no block of IPv4 with room for a port. */
export const contentsOf = (block: string | undefined): Contents | undefined => {
  const [, bits, ...octets] = /^(?=.*\/(\d{1,2})$)(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\//.exec(block ?? '') ?? []
  const size = 2 ** (32 - Number(bits))
  if (bits === undefined || size < 4 || octets.some(octet => Number(octet) > 255)) return undefined
  const address = octets.reduce((sum, octet) => sum * 256 + Number(octet), 0)
  const base = Math.floor(address / size) * size
  return { first: textOf(base + 1), second: textOf(base + 2), last: textOf(base + size - 2) }
}

const textOf = (address: number): string => [24, 16, 8, 0].map(bits => Math.floor(address / 2 ** bits) % 256).join('.')
