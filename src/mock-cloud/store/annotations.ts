/** Annotations as they stand in rows. */

/** @param rows of id, key and value, those of one id together */
export const byId = <T>(
  rows: Iterable<{ readonly [column: number]: T }>,
  textOf: (value: T | undefined) => string,
): ReadonlyMap<string, Readonly<Record<string, string>>> => {
  const found = new Map<string, Record<string, string>>()
  for (const row of rows) {
    const id = textOf(row[0])
    let entries = found.get(id)
    if (entries === undefined) {
      entries = {}
      found.set(id, entries)
    }
    entries[textOf(row[1])] = textOf(row[2])
  }
  return found
}
