/**
 * What the original's made-up words (ids from the clock, random addresses and fingerprints) are called on our side.
 *
 * A word is mapped by first appearance. The original makes ids from the second, so that one word may stand for several of our resources in turn:
 * then the latest counts for requests, and any of them for comparison.
 */

import { escapePattern } from './difference.ts'
import type { Exchange } from './exchange.ts'

export class Aliases {
  private readonly known = new Map<string, string[]>()
  private expression: RegExp | undefined
  /** Words that got a counterpart in the exchange at hand: within one answer a word means one thing. */
  private readonly settled = new Set<string>()

  /** Takes note of the words of an exchange that differ from run to run, before it is compared. */
  learn(exchange: Exchange): void {
    this.settled.clear()
    for (const word of [...exchange.volatile.tokens.filter(isName), ...fingerprints(exchange)]) this.add(word)
  }

  /** From now on a word of the original is this one of ours, also where it wasn't made from the clock. */
  bind(word: string, ours: string): void {
    const values = this.add(word)
    if (values.at(-1) !== ours) values.push(ours)
    this.settled.add(word)
  }

  /** Recorded text as ours would have it, for a request. */
  translated(text: string): string {
    return this.expression === undefined ? text : text.replace(this.expression, word => this.known.get(word)?.at(-1) ?? word)
  }

  /** Whether our text says what the recorded one says. A word without a counterpart gets one; `making` lets a known word get another. */
  match(recorded: string, ours: string, making: boolean): boolean {
    const found = this.pair(recorded, ours)
    if (found === undefined) return false
    if (!found.every(([word, value]) => this.admits(word, value, making))) return false
    for (const [word, value] of found) if (this.known.get(word)?.includes(value) !== true) this.bind(word, value)
    return true
  }

  /** Whether the original made this word up. */
  knows(word: string): boolean {
    return this.known.has(word)
  }

  /** Whether the recorded text is such a word, and has no counterpart yet. */
  isOpen(word: string): boolean {
    return this.known.get(word)?.length === 0
  }

  /** Whether the recorded text stands for exactly this text of ours, as known so far; nothing is learned. */
  means(recorded: string, ours: string): boolean {
    return this.pair(recorded, ours)?.every(([word, value]) => this.known.get(word)?.at(-1) === value) === true
  }

  /** Whether this word of ours had a counterpart which has meant something newer since (quirk M5). */
  superseded(ours: string): boolean {
    return [...this.known.values()].some(values => values.includes(ours) && values.at(-1) !== ours)
  }

  private admits(word: string, value: string, making: boolean): boolean {
    const values = this.known.get(word) ?? []
    return values.length === 0 || values.includes(value) || (making && !this.settled.has(word))
  }

  /** The words in the recorded text with what stands in their place in ours; undefined where the rest differs. */
  private pair(recorded: string, ours: string): [word: string, value: string][] | undefined {
    const words = this.expression === undefined ? [] : [...recorded.matchAll(this.expression)].map(([word]) => word)
    if (words.length === 0 || this.expression === undefined) return recorded === ours ? [] : undefined
    const rest = recorded.split(this.expression).map(escapePattern)
    const values = new RegExp(`^${rest.join('(.+?)')}$`, 's').exec(ours)?.slice(1)
    return values?.map((value, at) => [words[at] ?? '', value])
  }

  private add(word: string): string[] {
    const values = this.known.get(word) ?? []
    if (!this.known.has(word)) {
      this.known.set(word, values)
      const longestFirst = [...this.known.keys()].sort((a, b) => b.length - a.length)
      this.expression = new RegExp(`(?<![A-Za-z0-9_])(?:${longestFirst.map(escapePattern).join('|')})(?![A-Za-z0-9_])`, 'g')
    }
    return values
  }
}

/** A word that can be an id or a name: no number, time of day or URL, which have rules of their own. */
const isName = (word: string): boolean => /^[\w.-]{4,}$/.test(word) && /[A-Za-z_]|\..*\./.test(word) && Number.isNaN(Number(word))

const fingerprint = /\b[0-9a-f]{2}(?::[0-9a-f]{2}){15,19}\b/g

/** The captures list no words where whole texts are random: those are keys. */
const fingerprints = (exchange: Exchange): string[] =>
  exchange.volatile.body && exchange.volatile.tokens.length === 0
    ? [...exchange.recorded.body.toString().matchAll(fingerprint)].map(([word]) => word)
    : []
