/** Absolute URLs of resources, as documents carry them: nothing in them needs escaping in XML or HTML. */

/** An id as a path segment. A lone surrogate, which no URL can hold, becomes U+FFFD. */
export const encodeId = (id: string): string => (plain.test(id) ? id : encodeSegment(id.toWellFormed()))

/** Text in a path. A quote is encoded too, so that an address needs no escaping in a document. */
export const encodeSegment = (text: string): string => encodeURIComponent(text).replaceAll("'", '%27')

const plain = /^[A-Za-z0-9_.~-]+$/

export class Links {
  /** `http://host:port` of the request, and what its path chose before the API begins. */
  readonly origin: string
  /** `/api`, with the driver and provider where the request chose them in its path: links keep to the same cloud. */
  readonly root: string
  private readonly base: string
  /** What the addresses of a collection's members begin with. A long index asks for the same few again and again. */
  private readonly prefixes = new Map<string, string>()

  constructor(origin: string, root: string) {
    this.origin = origin
    this.root = root
    this.base = origin + root
  }

  /** The entry point. */
  entry(): string {
    return this.base
  }

  collection(name: string): string {
    return `${this.base}/${name}`
  }

  member(collection: string, id: string): string {
    // What has no id is nowhere below its collection.
    if (id === '') return this.collection(collection)
    let prefix = this.prefixes.get(collection)
    if (prefix === undefined) {
      prefix = `${this.base}/${collection}/`
      this.prefixes.set(collection, prefix)
    }
    return prefix + encodeId(id)
  }

  /** What lies under a member: an action, a blob, a rule. */
  under(collection: string, id: string, ...segments: readonly string[]): string {
    let url = this.member(collection, id)
    for (const segment of segments) url += `/${encodeId(segment)}`
    return url
  }
}
