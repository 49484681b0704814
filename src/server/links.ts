/** Absolute URLs of resources, as documents carry them: nothing in them needs escaping in XML or HTML. */

/** An id as a path segment. A lone surrogate, which no URL can hold, becomes U+FFFD. */
export const encodeId = (id: string): string => (plain.test(id) ? id : encodeSegment(id.toWellFormed()))

/** Text in a path. A quote is encoded too, so that an address needs no escaping in a document. */
export const encodeSegment = (text: string): string => encodeURIComponent(text).replaceAll("'", '%27')

const plain = /^[A-Za-z0-9_.~-]+$/

export class Links {
  /** `http://host:port` of the request. */
  readonly origin: string
  /** `/api`, with the driver and provider where the request chose them in its path: links keep to the same cloud. */
  readonly root: string
  private readonly base: string

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
    return id === '' ? this.collection(collection) : `${this.base}/${collection}/${encodeId(id)}`
  }

  /** What lies under a member: an action, a blob, a rule. */
  under(collection: string, id: string, ...segments: readonly string[]): string {
    return `${this.member(collection, id)}/${segments.map(encodeId).join('/')}`
  }
}
