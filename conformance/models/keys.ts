/** Keys of the reference model. */

import { createHash } from 'node:crypto'
import type { CommandOf, Turn } from './turn.ts'

/** @returns its name, and whether the private half comes with it. */
export const makeKey = (turn: Turn, { name, publicKey }: CommandOf<'makeKey'>): string => {
  turn.within('keys', 1)
  if (publicKey === undefined) return `${turn.unique(turn.model.keys, name, {})} with its private half`
  const [, body] = /^ssh-[a-z0-9]+ ([A-Za-z0-9+/]+=*)( .*)?$/.exec(publicKey) ?? []
  if (body === undefined) turn.refuse('bad-request')
  return turn.unique(turn.model.keys, name, { fingerprint: fingerprintOf(body ?? '') })
}

/** As `ssh-keygen -E md5 -l` tells it: of the bytes that the text stands for. */
const fingerprintOf = (body: string): string => {
  const digits = createHash('md5').update(Buffer.from(body, 'base64')).digest('hex')
  return (digits.match(/../g) ?? []).join(':')
}
