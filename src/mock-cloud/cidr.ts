/** IPv4 addresses and blocks of them, as numbers. */

export interface Block {
  /** The first address. */
  readonly base: number
  /** How many addresses. */
  readonly size: number
}

/** Undefined where the text is no IPv4 address. */
export const parseAddress = (text: string): number | undefined => {
  const parts = text.split('.')
  if (parts.length !== 4 || parts.some(part => !/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255)) return undefined
  return parts.reduce((address, part) => address * 256 + Number(part), 0)
}

export const textOf = (address: number): string => [24, 16, 8, 0].map(bits => Math.floor(address / 2 ** bits) % 256).join('.')

/** Undefined where the text is no block: `address/length`, with nothing set behind the length. */
export const parseBlock = (text: string): Block | undefined => {
  const [address, length, ...rest] = text.split('/')
  const base = parseAddress(address ?? '')
  if (base === undefined || length === undefined || rest.length > 0 || !/^(0|[1-9]\d?)$/.test(length) || Number(length) > 32)
    return undefined
  const size = 2 ** (32 - Number(length))
  return base % size === 0 ? { base, size } : undefined
}

export const contains = (outer: Block, inner: Block): boolean =>
  inner.base >= outer.base && inner.base + inner.size <= outer.base + outer.size

export const overlaps = (a: Block, b: Block): boolean => a.base < b.base + b.size && b.base < a.base + a.size
