/** A file that only takes room: given up on a full disk, so that what is there can be removed, which takes a little room at first. */

import { rmSync, statSync, writeFileSync } from 'node:fs'

/** Bytes. */
const size = 1024 * 1024

export class Reserve {
  private readonly path: string

  constructor(path: string) {
    this.path = path
    this.fill()
  }

  /** Takes the room, where it isn't taken and there is as much. */
  fill(): void {
    if (statSync(this.path, { throwIfNoEntry: false })?.size === size) return
    try {
      writeFileSync(this.path, Buffer.alloc(size))
    } catch {
      // Half of it would help nobody.
      this.release()
    }
  }

  /** Gives the room back. */
  release(): void {
    try {
      rmSync(this.path, { force: true })
    } catch {
      // Where nothing can be removed, nothing can be written either.
    }
  }
}
