/** A value in a body: what it's called, where it stands, and how another takes its place. */

export interface Leaf {
  readonly start: number
  readonly end: number
  /** What says what it is: its own name, and those of the neighbours that tell it where its own doesn't. */
  readonly names: readonly string[]
  readonly text: string
  /** How a text is written at this place. */
  readonly written: (text: string) => string
}

/** The text with values replaced; where one stays as it is, so does what stands there, byte for byte. */
export const rewritten = (content: string, leaves: readonly Leaf[], change: (leaf: Leaf) => string): string => {
  const parts: string[] = []
  let at = 0
  for (const leaf of leaves) {
    const text = change(leaf)
    if (text === leaf.text) continue
    parts.push(content.slice(at, leaf.start), leaf.written(text))
    at = leaf.end
  }
  return parts.length === 0 ? content : parts.join('') + content.slice(at)
}

/**
 * What a value is called by its neighbour: `name` beside `value`, `ParameterKey` beside `ParameterValue`.
 * @param siblings texts by names in lower case
 */
export const labels = (name: string, siblings: ReadonlyMap<string, string>): readonly string[] => {
  const [, before] = /^(.*)value$/i.exec(name.toLowerCase()) ?? []
  return before === undefined ? [] : ['name', 'key'].flatMap(word => siblings.get(before + word) ?? [])
}

/** Names that say nothing of their value, so that what is around them does. */
export const saysLittle = (name: string): boolean => /^(?:id|value|text|data|contents?|string|base64)?$/i.test(name)
