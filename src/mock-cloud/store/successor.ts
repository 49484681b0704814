/** Where a prefix ends: the blobs of a prefix are a range of their ids. */

/** The least text that is greater than all that begin with a prefix, in the order of UTF-8; undefined where there is none. */
export const successor = (prefix: string): string | undefined => {
  const points = [...prefix].map(character => character.codePointAt(0) ?? 0)
  for (let last = points.pop(); last !== undefined; last = points.pop()) {
    // Behind U+D7FF come the surrogates, which no text holds alone.
    if (last < 0x10ffff) return String.fromCodePoint(...points, last === 0xd7ff ? 0xe000 : last + 1)
  }
  return undefined
}
