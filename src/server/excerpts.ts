/** What messages quote of a request: enough to recognize it, however much was sent. */

/** @param longest characters */
export const shortened = (text: string, longest = 100): string =>
  text.length > longest ? `${text.slice(0, longest).toWellFormed()}…` : text

/** Characters of a whole message, whatever it quotes. */
export const messageLimit = 2000

const namesQuoted = 12

/** `a,b,c` of the first dozen; an ellipsis stands for the others. */
export const listed = (names: Iterable<string>): string => {
  const found: string[] = []
  for (const name of names) {
    if (found.length === namesQuoted) return `${found.join(',')},…`
    found.push(shortened(name))
  }
  return found.join(',')
}

/** The first dozen of a request's parameters, each value cut to the length of a message. */
export const quotedParameters = (parameters: Iterable<readonly [string, string]>): [string, string][] => {
  const found: [string, string][] = []
  for (const [name, value] of parameters) {
    if (found.length === namesQuoted) break
    found.push([shortened(name), shortened(value, messageLimit)])
  }
  return found
}
