/** The drivers that a server knows. A driver is listed when it works; there is no other list. */

import type { DriverDefinition } from './driver.ts'

// A registry holds drivers of any session type; the session only ever travels back to the driver that made it.
export type AnyDriver = DriverDefinition

export class Registry {
  private readonly drivers: ReadonlyMap<string, AnyDriver>

  constructor(drivers: readonly AnyDriver[]) {
    this.drivers = new Map([...drivers].sort((a, b) => (a.id < b.id ? -1 : 1)).map(driver => [driver.id, driver]))
  }

  /** All, by id. */
  all(): readonly AnyDriver[] {
    return [...this.drivers.values()]
  }

  get(id: string): AnyDriver | undefined {
    return this.drivers.get(id)
  }

  /** Ids that someone who typed this may have meant, nearest first, at most three. */
  near(id: string): string[] {
    return nearest([...this.drivers.keys()], id)
  }
}

/** Those of the known names that someone who typed this may have meant, nearest first, at most three; the beginning of a name is as near as can be. */
export const nearest = (names: readonly string[], typed: string): string[] => {
  const wanted = typed.toLowerCase()
  return names
    .map(name => ({ name, distance: wanted !== '' && name.startsWith(wanted) ? 0 : distance(name, wanted) }))
    .filter(({ name, distance }) => distance <= Math.max(2, name.length / 3))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map(({ name }) => name)
}

/** How many letters to insert, drop or change (Levenshtein), on at most the first 40. */
const distance = (a: string, b: string): number => {
  const right = [...b.slice(0, 40)]
  let row = Array.from({ length: right.length + 1 }, (_, i) => i)
  for (const [i, x] of [...a.slice(0, 40)].entries()) {
    const next = [i + 1]
    for (const [j, y] of right.entries()) {
      next.push(Math.min((next[j] ?? 0) + 1, (row[j + 1] ?? 0) + 1, (row[j] ?? 0) + (x === y ? 0 : 1)))
    }
    row = next
  }
  return row[right.length] ?? 0
}
