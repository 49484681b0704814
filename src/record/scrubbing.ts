/**
 * Takes secrets out of traffic before it's written down.
 *
 * What is kept is what is known to be harmless: headers by name; values of parameters and bodies where neither their names nor their form say that
 * they may be a secret. All else becomes `REDACTED`, or `REDACTED-1`, `REDACTED-2`, … where later exchanges repeat it, so that they still belong
 * together. So all exchanges have to be looked through before the first is written.
 */

import { isTokenInPath } from '../model/secrets.ts'
import { rewritten } from './leaf.ts'
import { formLeaves, leavesOf } from './leaves.ts'
import {
  emailAddress,
  isHarmlessName,
  isHiddenName,
  isMachineData,
  isSecretItself,
  looksDrawn,
  secretForms,
  toldInText,
} from './secrets.ts'
import { Finder, isTellable, spellingsOf } from './spellings.ts'

/** Headers whose values are kept. */
const harmlessHeaders: ReadonlySet<string> = new Set([
  'accept',
  'accept-encoding',
  'accept-language',
  'accept-ranges',
  'age',
  'allow',
  'cache-control',
  'connection',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-length',
  'content-md5',
  'content-range',
  'content-type',
  'date',
  'etag',
  'expires',
  'host',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-unmodified-since',
  'keep-alive',
  'last-modified',
  'openstack-api-version',
  'pragma',
  'range',
  'retry-after',
  'server',
  'soapaction',
  'transfer-encoding',
  'vary',
  'www-authenticate',
  'x-account-bytes-used',
  'x-account-container-count',
  'x-account-object-count',
  'x-amz-acl',
  'x-amz-bucket-region',
  'x-amz-content-sha256',
  'x-amz-copy-source',
  'x-amz-date',
  'x-amz-id-2',
  'x-amz-request-id',
  'x-amz-storage-class',
  'x-amz-target',
  'x-amz-version-id',
  'x-compute-request-id',
  'x-container-bytes-used',
  'x-container-object-count',
  'x-copy-from',
  'x-ms-blob-type',
  'x-ms-date',
  'x-ms-request-id',
  'x-ms-version',
  'x-openstack-nova-api-version',
  'x-openstack-request-id',
  'x-request-id',
  'x-static-large-object',
  'x-timestamp',
  'x-trans-id',
])

/** Headers whose values are addresses. */
const linkHeaders: ReadonlySet<string> = new Set([
  'content-location',
  'link',
  'location',
  'x-cdn-management-url',
  'x-server-management-url',
  'x-storage-url',
])

/** Metadata of blobs belongs to the resource; how much may still be asked is told to everyone. */
const harmlessBeginnings = [
  'x-object-meta-',
  'x-container-meta-',
  'x-amz-meta-',
  'x-ms-meta-',
  'x-goog-meta-',
  'ratelimit-',
  'x-ratelimit-',
]

/** A secret that was found, and in which exchanges. */
interface Secret {
  readonly uses: Set<number>
  /** Where more than one has it. */
  number: number | undefined
}

export class Scrubber {
  private readonly credentials = new Set<string>()
  private readonly found = new Map<string, Secret>()
  private readonly people = new Map<string, string>()
  private numbers = 0
  /** Which exchange is looked at; undefined for what belongs to none. */
  private current: number | undefined
  /** Grows when what was written before would be written in another way now. */
  version = 0
  private prepared: Prepared | undefined

  /** A credential in use: it's taken out wherever it stands, however it's spelt. */
  knows(secret: string): void {
    if (!isTellable(secret) || standsForSecret(secret) || this.credentials.has(secret)) return
    this.credentials.add(secret)
    this.version++
  }

  /** All that must not be written. */
  inUse(): readonly string[] {
    return [...new Set([...this.credentials, ...[...this.found.keys()].filter(spreads)])]
  }

  /** What comes now belongs to this exchange. */
  within(exchange: number | undefined): void {
    this.current = exchange
  }

  header(name: string, value: string): string {
    const lower = name.toLowerCase()
    if (lower === 'user-agent') return ''
    if (linkHeaders.has(lower)) return this.text(value.replace(/https?:\/\/[^\s>;,"]+/g, address => this.url(address)))
    if (lower === 'cookie' || lower === 'set-cookie') return this.cookies(value)
    if (harmlessHeaders.has(lower) || harmlessBeginnings.some(beginning => lower.startsWith(beginning))) return this.text(value)
    const [, scheme, rest] = /^([A-Za-z][\w-]*) (.+)$/.exec(value) ?? []
    if (/authorization$/.test(lower) && scheme !== undefined && rest !== undefined) return `${scheme} ${this.secret(rest)}`
    return isHiddenName(lower) || looksDrawn(value) ? this.secret(value) : value === '' ? '' : 'REDACTED'
  }

  /** An address: its credentials and secret parameters are taken out. */
  url(address: string): string {
    const [, origin = '', path = '', query, hash = ''] = /^([a-z]+:\/\/[^/?#]*)?([^?#]*)(?:\?([^#]*))?(#.*)?$/is.exec(address) ?? []
    const sent = path.split('/')
    const segments = sent.map((segment, n) => this.segment(segment, sent[n - 1]))
    const parameters = query === undefined ? '' : `?${rewritten(query, formLeaves(query), ({ names, text }) => this.value(names, text))}`
    return `${this.text(origin.replace(/\/\/.*@/, '//'))}${segments.join('/')}${this.text(parameters)}${this.text(hash)}`
  }

  /** A body by its type. */
  body(content: string, type: string): string {
    if (content.startsWith('\ufeff')) return `\ufeff${this.body(content.slice(1), type)}`
    const leaves = leavesOf(content, type)
    // What is its own only value has no structure.
    if (leaves === undefined || leaves.some(({ text }) => text.length >= content.length)) return this.text(content)
    const clean = rewritten(content, leaves, ({ names, text }) => this.value(names, text))
    if (!this.hides(clean)) return clean
    // It's spelt in an unusual way: all of the value goes.
    const bare = rewritten(content, leaves, ({ names, text }) => {
      const value = this.value(names, text)
      return this.hides(value) ? 'REDACTED' : value
    })
    // What still is there stands in no value.
    return this.hides(bare) ? 'REDACTED' : bare
  }

  /** What is no text: credentials in use are taken out of it, byte by byte. */
  bytes(content: Buffer): Buffer {
    const secrets = this.inUse().flatMap(secret => [Buffer.from(secret), Buffer.from(secret, 'utf16le')])
    return secrets.reduce(withoutBytes, content)
  }

  /** A value by its names: what it's called, and what is around it. */
  value(names: readonly string[], value: string): string {
    if (value === '' || standsForSecret(value)) return value
    if (names.some(name => tellsSecret(name, value))) return this.secret(value)
    if (names.some(isMachineData) || cloudInit.test(value)) return this.machineData(value)
    const rest = this.known(value)
    if (/^https?:\/\//.test(rest)) return this.url(rest)
    if (encodedUserInfo.test(rest)) return this.secret(rest)
    if (/^\s*[{[<]/.test(rest)) return this.body(rest, '')
    const inside = insideOf(rest)
    if (inside !== undefined) {
      const clean = this.value(names, inside)
      if (clean !== inside) return Buffer.from(clean).toString('base64')
    } else if (names.length > 0 && !names.some(isHarmlessName) && looksDrawn(rest)) return this.secret(rest)
    return this.without(rest)
  }

  /**
   * Scripts and files that a machine gets, by one word for all, and in Base64 as often as they were: so a driver that's given what was
   * recorded still sends what was recorded, whether it encodes them or not.
   */
  private machineData(value: string): string {
    if (value === '' || standsForSecret(value) || isHarmless.test(value)) return value
    const inside = bytesOf(value)
    if (inside === undefined) {
      if (spreads(value)) this.knows(value)
      return 'REDACTED'
    }
    const text = textOf(inside)
    return Buffer.from(text === undefined ? 'REDACTED' : this.machineData(text)).toString('base64')
  }

  /** Text as it is, but for what is a secret. */
  private text(content: string): string {
    const text = this.without(content)
    return this.hides(text) ? 'REDACTED' : text
  }

  private without(content: string): string {
    let text = this.known(content)
    for (const [, form] of secretForms) text = text.replace(new RegExp(form, `${form.flags}g`), found => this.form(found))
    for (const told of toldInText)
      text = text.replace(told, (whole, before: string, name: string, said: string) =>
        said !== '' && tellsSecret(name, said) ? `${before}${this.secret(said)}` : whole,
      )
    return text.replace(emailAddress, address => this.person(address))
  }

  /** Matrix parameters are told by their names, as those of the query are. */
  private segment(segment: string, before: string | undefined): string {
    const [own = '', ...matrix] = segment.split(';')
    return [
      isTokenInPath(own, before) ? encodeURIComponent(this.secret(decoded(own))) : this.encoded(own),
      ...matrix.map(pair => {
        const equals = pair.indexOf('=')
        if (equals < 0) return this.encoded(pair)
        const value = decoded(pair.slice(equals + 1))
        const clean = this.text(this.value([decoded(pair.slice(0, equals))], value))
        return clean === value ? pair : `${pair.slice(0, equals)}=${encodeURIComponent(clean)}`
      }),
    ].join(';')
  }

  private encoded(segment: string): string {
    const text = decoded(segment)
    const clean = this.text(text)
    return clean === text ? segment : encodeURIComponent(clean)
  }

  private cookies(value: string): string {
    return this.text(
      value.replace(/(^|[;,]\s*)([^=;,\s]+)=([^;]*)/g, (whole, before: string, name: string, content: string) =>
        content === '' || cookieAttributes.has(name.toLowerCase()) ? whole : `${before}${name}=${this.secret(content)}`,
      ),
    )
  }

  private form(found: string): string {
    const [, before, secret] = /^((?:Bearer|Basic) |[?&][\w-]+=)([\s\S]*)$/.exec(found) ?? []
    if (before !== undefined && secret !== undefined) return `${before}${this.secret(secret)}`
    return /^https?:/.test(found) ? found.replace(/\/\/.*@$/, '//') : this.secret(found)
  }

  /** The same for the same value, so that a token and its use still belong together. */
  private secret(value: string): string {
    if (standsForSecret(value)) return value
    if (this.credentials.has(value)) return 'REDACTED'
    let secret = this.found.get(value)
    if (secret === undefined) {
      secret = { uses: new Set(), number: undefined }
      this.found.set(value, secret)
      if (spreads(value)) this.version++
    }
    if (this.current !== undefined) secret.uses.add(this.current)
    if (secret.uses.size > 1 && secret.number === undefined) {
      secret.number = ++this.numbers
      this.version++
    }
    return secret.number === undefined ? 'REDACTED' : `REDACTED-${secret.number}`
  }

  /** Credentials in use, and what was found to be a secret, in all their usual spellings. */
  private known(content: string): string {
    const { spelt, secretOf } = this.ready()
    return spelt === undefined ? content : content.replace(spelt, spelling => this.secret(secretOf.get(spelling) ?? spelling))
  }

  /** Whether one is left that isn't spelt as usual. */
  private hides(content: string): boolean {
    return this.ready().finder.in(content) !== undefined
  }

  private ready(): Prepared {
    if (this.prepared?.version !== this.version) this.prepared = prepare(this.version, this.inUse())
    return this.prepared
  }

  private person(address: string): string {
    const who = address.replace(/%40/i, '@').toLowerCase()
    const known = this.people.get(who) ?? `user${this.people.size + 1}@example.com`
    this.people.set(who, known)
    return /%40/i.test(address) ? known.replace('@', '%40') : known
  }
}

/** What it takes to look for all secrets at once. */
interface Prepared {
  readonly version: number
  readonly spelt: RegExp | undefined
  readonly secretOf: ReadonlyMap<string, string>
  readonly finder: Finder
}

const prepare = (version: number, secrets: readonly string[]): Prepared => {
  const secretOf = new Map(secrets.flatMap(secret => spellingsOf(secret).map((spelling): [string, string] => [spelling, secret])))
  const spellings = [...secretOf.keys()].sort((a, b) => b.length - a.length)
  const spelt = spellings.length === 0 ? undefined : new RegExp(spellings.map(literally).join('|'), 'g')
  return { version, spelt, secretOf, finder: new Finder(secrets) }
}

const literally = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')

/** How files of cloud-init begin, in Base64 as well. */
const cloudInit = /^(?:#cloud-(?:config|boothook)\b|I2Nsb3VkL)/

/** `//user:password@` in an address that was encoded within another. */
const encodedUserInfo = /%(?:25)*2f%(?:25)*2f[^/]*(?:@|%(?:25)*40)/i

const standsForSecret = (text: string): boolean => /^REDACTED(?:-\d+)?$/.test(text)

/** Whether what was found to be a secret at one place is taken out at all others: it must be nothing that one says without meaning it. */
const spreads = (secret: string): boolean =>
  secret.length >= 8 && !isHarmless.test(secret) && (secret.length >= 16 || /\d|[^\w\s.-]/.test(secret))

/** Flags, dates and small numbers: a token's expiry, a password's length. */
const isHarmless = /^(?:\d{1,10}|true|false|null|\d{4}-\d\d-\d\d(?:[T ][\d:.Z+-]*)?)$/

const tellsSecret = (name: string, value: string): boolean =>
  isHiddenName(name) && (!isHarmless.test(value) || (/^\d+$/.test(value) && isSecretItself(name))) && !standsForSecret(value)

const cookieAttributes: ReadonlySet<string> = new Set(['path', 'domain', 'expires', 'max-age', 'samesite', 'version', '$version', '$path'])

/** The text that a value is the Base64 of, if it's any. */
const insideOf = (value: string): string | undefined => {
  const bytes = value.length < 8 || /\s/.test(value) ? undefined : bytesOf(value)
  return bytes && textOf(bytes)
}

/** What a value is the Base64 of; lines don't matter. */
const bytesOf = (value: string): Buffer | undefined => {
  const word = value.replace(/\s+/g, '')
  if (word.length === 0 || word.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(word)) return undefined
  const bytes = Buffer.from(word, 'base64')
  return bytes.toString('base64') === word ? bytes : undefined
}

const textOf = (bytes: Buffer): string | undefined => {
  const text = bytes.toString('utf8')
  return /^[\t\r\n\P{C}]+$/u.test(text) && !text.includes('\ufffd') ? text : undefined
}

const decoded = (segment: string): string => {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

const withoutBytes = (content: Buffer, secret: Buffer): Buffer => {
  const parts: Buffer[] = []
  let from = 0
  for (let at = content.indexOf(secret); at >= 0; at = content.indexOf(secret, from)) {
    parts.push(content.subarray(from, at), Buffer.from('REDACTED'))
    from = at + secret.length
  }
  return parts.length === 0 ? content : Buffer.concat([...parts, content.subarray(from)])
}
