/** What keeps the suite from its work, told to the person who typed it: plain words, no stack; exit code 2. */
export class Problem extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'Problem'
  }
}
