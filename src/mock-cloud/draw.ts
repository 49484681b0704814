/**
 * Chance that can be repeated. A draw is a hash of what it's for, never the next number of a stream:
 * so looking more often, the order of looks, and other accounts change no outcome.
 */

import { hash } from 'node:crypto'

type Part = string | number

export class Draws {
  private readonly whose: readonly Part[]

  /** @param whose what sets these draws apart from others: the seed, the world, the account. */
  constructor(...whose: readonly Part[]) {
    this.whose = whose
  }

  /** At least 0, below 1. @param what the resource, what is drawn for it, and how many-eth time. */
  fraction(...what: readonly Part[]): number {
    // 52 bits: all that a number between 0 and 1 holds evenly.
    return Number.parseInt(this.digest(what).slice(0, 13), 16) / 2 ** 52
  }

  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number, ...what: readonly Part[]): number {
    return low + Math.floor(this.fraction(...what) * (high - low + 1))
  }

  bytes(length: number, ...what: readonly Part[]): Buffer {
    const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, block) => this.digest([...what, 'block', block]))
    return Buffer.from(blocks.join(''), 'hex').subarray(0, length)
  }

  private digest(what: readonly Part[]): string {
    // As JSON, so that no two lists of parts read alike.
    return hash('sha256', JSON.stringify([...this.whose, ...what]), 'hex')
  }
}
