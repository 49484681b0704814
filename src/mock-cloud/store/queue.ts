/** One after the other: what a database that takes one transaction at a time needs. */
export class Queue {
  private last: Promise<unknown> = Promise.resolve()

  /** Runs a task when all before it have ended, however they did. */
  run<T>(task: () => Promise<T>): Promise<T> {
    const result = this.last.then(task)
    this.last = result.catch(() => undefined)
    return result
  }
}
