/** Secrets that no document has by chance, and where they are found again. */

/** What every planted secret begins with. */
const mark = 'Pl4nt3dS3cr3t'

/** What a secret begins with that its own resource may show to its owner, and no log may hold. */
const ownMark = '0wnPl4nt3dV4lu3'

/** @param name tells one from the others, in letters and digits */
export const secret = (name: string): string => `${mark}${name}`

/** @param name tells one from the others, in letters and digits */
export const ownSecret = (name: string): string => `${ownMark}${name}`

/** What Base64 of any text has of a word that stands in it: one for each place where it may begin. */
const inBase64 = (word: string): string[] =>
  [0, 1, 2].map(before => {
    const encoded = Buffer.from('x'.repeat(before) + word).toString('base64')
    // The first and last letters depend on the neighbours of the word.
    return encoded.slice(before === 0 ? 0 : before + 1, Math.floor(((word.length + before) * 8) / 6) - 1)
  })

const spellingsOf = (word: string): RegExp =>
  new RegExp([word, ...inBase64(word), Buffer.from(word).toString('hex')].map(one => one.replace(/[+/]/g, '\\$&')).join('|'))

const anywhere = spellingsOf(mark)
const own = spellingsOf(ownMark)

export interface Planted {
  /** The secret as it stands there. */
  readonly word: string
  /** With what stands around it. */
  readonly excerpt: string
}

const found = (form: RegExp, text: string): Planted | undefined => {
  const match = form.exec(text)
  if (match === null) return undefined
  const word = /^\w+/.exec(text.slice(match.index))?.[0] ?? match[0]
  return { word, excerpt: text.slice(Math.max(0, match.index - 200), match.index + 100) }
}

/** A secret that must be nowhere. */
export const plantedIn = (text: string): Planted | undefined => found(anywhere, text)

/** The same for a log or a recording, which holds no secret of a resource either. */
export const plantedInLog = (text: string): Planted | undefined => found(anywhere, text) ?? found(own, text)
