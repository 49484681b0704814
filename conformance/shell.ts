/** Words of commands that are shown to be copied into a shell. */

// What a terminal would obey or not show, and what turns the direction of writing.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const unprintable = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g

/** A word as bash and zsh read it back. */
export const quoteWord = (word: string): string => {
  if (/^[\w./:@=-]+$/.test(word)) return word
  const plain = word.toWellFormed()
  if (plain.search(unprintable) < 0) return `'${plain.replaceAll("'", `'\\''`)}'`
  const escaped = plain
    .replaceAll(/[\\']/g, sign => `\\${sign}`)
    .replaceAll(unprintable, sign => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`)
  return `$'${escaped}'`
}
