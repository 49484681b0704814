/** The last look before a recording is written: nothing in it may still be a secret. */

import { secretForms, spellingsOf } from './secrets.ts'

/** A file that would have told a secret. It wasn't written; the message says where, and never what. */
export class Refusal extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'Refusal'
  }
}

/** @throws Refusal where a text still holds a credential in use, in any spelling, or something that looks like a secret */
export const refuseSecrets = (file: string, text: string, inUse: readonly string[]): void => {
  for (const secret of inUse) {
    for (const spelling of spellingsOf(secret)) {
      const at = text.indexOf(spelling)
      if (at >= 0) throw new Refusal(`${file} is not written: line ${lineOf(text, at)} holds a credential in use`)
    }
  }
  for (const [kind, form] of secretForms) {
    const found = form.exec(text)
    if (found !== null) throw new Refusal(`${file} is not written: line ${lineOf(text, found.index)} looks like ${kind}`)
  }
}

const lineOf = (text: string, at: number): number => text.slice(0, at).split('\n').length
