/**
 * Takes secrets out of traffic before it's written down.
 *
 * What is kept is what is known to be harmless: headers by name; values of parameters and bodies where neither name nor form says that they may be
 * a secret. All else becomes `REDACTED`, or `REDACTED-1`, `REDACTED-2`, … where later requests repeat it, so that they still belong together.
 */

import { emailAddress, isSecretName, secretForms, shortest, spellingsOf } from './secrets.ts'

/** Headers whose values are kept. */
const harmlessHeaders: ReadonlySet<string> = new Set([
  'accept',
  'accept-encoding',
  'accept-ranges',
  'allow',
  'cache-control',
  'content-encoding',
  'content-language',
  'content-length',
  'content-range',
  'content-type',
  'date',
  'etag',
  'expires',
  'host',
  'if-match',
  'if-none-match',
  'last-modified',
  'link',
  'location',
  'openstack-api-version',
  'range',
  'retry-after',
  'server',
  'transfer-encoding',
  'vary',
  'www-authenticate',
  'x-amz-bucket-region',
  'x-amz-request-id',
  'x-compute-request-id',
  'x-container-object-count',
  'x-container-bytes-used',
  'x-account-container-count',
  'x-account-object-count',
  'x-account-bytes-used',
  'x-openstack-nova-api-version',
  'x-openstack-request-id',
  'x-timestamp',
  'x-trans-id',
])

/** Metadata of blobs belongs to the resource. */
const harmlessBeginnings = ['x-object-meta-', 'x-container-meta-', 'x-amz-meta-']

export class Scrubber {
  private readonly secrets = new Set<string>()
  private readonly placeholders = new Map<string, string>()
  private readonly people = new Map<string, string>()

  /** A credential in use: it's taken out wherever it stands, however it's spelt. */
  knows(secret: string): void {
    if (secret.length >= shortest && !/^REDACTED/.test(secret)) this.secrets.add(secret)
  }

  /** All that must not be written. */
  inUse(): readonly string[] {
    return [...this.secrets]
  }

  header(name: string, value: string): string {
    const lower = name.toLowerCase()
    if (harmlessHeaders.has(lower) || harmlessBeginnings.some(beginning => lower.startsWith(beginning)))
      return lower === 'location' || lower === 'link' ? this.links(value) : this.text(value)
    if (lower === 'user-agent') return ''
    const [, scheme, rest] = /^(Basic|Bearer|AWS4-HMAC-SHA256|AWS|SharedKey|SharedKeyLite) (.*)$/i.exec(value) ?? []
    return scheme === undefined || rest === undefined ? this.placeholder(value) : `${scheme} ${this.placeholder(rest)}`
  }

  /** An address: its credentials and secret parameters are taken out. */
  url(address: string): string {
    if (!URL.canParse(address)) return this.text(address)
    const url = new URL(address)
    if (url.password !== '') url.password = 'REDACTED'
    const given = [...url.searchParams]
    if (given.length > 0)
      url.search = new URLSearchParams(given.map(([name, value]): [string, string] => [name, this.value(name, value)])).toString()
    return this.known(url.href)
  }

  /** A body by its type. */
  body(content: string, type: string): string {
    if (/^application\/x-www-form-urlencoded/i.test(type))
      return new URLSearchParams(
        [...new URLSearchParams(content)].map(([name, value]): [string, string] => [name, this.value(name, value)]),
      ).toString()
    const start = content.trimStart()
    if (start.startsWith('{') || start.startsWith('[')) {
      try {
        return this.known(JSON.stringify(this.json('', JSON.parse(content))))
      } catch {
        return this.text(content)
      }
    }
    return start.startsWith('<') ? this.xml(content) : this.text(content)
  }

  /** Text as it is, but for what is a secret. */
  text(content: string): string {
    let text = this.known(content)
    for (const [, form] of secretForms)
      text = text.replace(new RegExp(form, form.flags.includes('g') ? form.flags : `${form.flags}g`), found => this.form(found))
    return text.replace(emailAddress, address => this.person(address))
  }

  private json(name: string, value: unknown): unknown {
    if (Array.isArray(value)) return value.map(inner => this.json(name, inner))
    if (typeof value === 'object' && value !== null)
      return Object.fromEntries(Object.entries(value).map(([key, inner]) => [this.text(key), this.json(key, inner)]))
    return typeof value === 'string' ? this.value(name, value) : value
  }

  /** Elements whose name says that they hold a secret lose what is in them, attributes likewise; all other text is looked through. */
  private xml(content: string): string {
    const inner = content
      .replace(/<((?:[\w.-]+:)?[\w.-]+)((?:\s[^<>]*)?)>([^<]*)<\/\1>/g, (whole, name: string, attributes: string, text: string) =>
        text.trim() !== '' && isSecretName(localName(name)) ? `<${name}${attributes}>${this.placeholder(text)}</${name}>` : whole,
      )
      .replace(/\s([\w:.-]+)=("[^"]*"|'[^']*')/g, (whole, name: string, quoted: string) =>
        isSecretName(localName(name)) && !/^xmlns/.test(name)
          ? ` ${name}=${quoted[0]}${this.placeholder(quoted.slice(1, -1))}${quoted[0]}`
          : whole,
      )
    return this.text(inner)
  }

  /** A value at a name. */
  private value(name: string, value: string): string {
    if (value === '') return value
    if (isSecretName(name) && !isHarmless(value)) return this.placeholder(value)
    if (/^https?:\/\//.test(value)) return this.url(value)
    return this.text(value)
  }

  private links(value: string): string {
    return this.text(value.replace(/https?:\/\/[^\s>;,"]+/g, address => this.url(address)))
  }

  private form(found: string): string {
    const [, scheme] = /^(Bearer|Basic) /.exec(found) ?? []
    if (scheme !== undefined) return `${scheme} ${this.placeholder(found.slice(scheme.length + 1))}`
    const [, before, secret] = /^([?&][\w-]+=)(.*)$/.exec(found) ?? []
    if (before !== undefined && secret !== undefined) return `${before}${this.placeholder(secret)}`
    if (/^https?:/.test(found)) return found.replace(/:[^:/@]+@$/, ':REDACTED@')
    return found.startsWith('-----BEGIN') ? `${found}REDACTED` : this.placeholder(found)
  }

  /** The same for the same value, so that a token and its use still belong together. */
  private placeholder(value: string): string {
    if (/^REDACTED/.test(value)) return value
    let found = this.placeholders.get(value)
    if (found === undefined) {
      found = this.secrets.has(value) ? 'REDACTED' : `REDACTED-${this.placeholders.size + 1}`
      this.placeholders.set(value, found)
      // What was a secret at one place is one everywhere.
      if (value.length >= 8 && !this.secrets.has(value)) this.secrets.add(value)
    }
    return found
  }

  /** Credentials in use, and what was found to be a secret before, in all spellings. */
  private known(content: string): string {
    let text = content
    for (const secret of this.secrets) {
      const instead = this.placeholders.get(secret) ?? 'REDACTED'
      for (const spelling of spellingsOf(secret)) if (text.includes(spelling)) text = text.replaceAll(spelling, instead)
    }
    return text
  }

  private person(address: string): string {
    const known = this.people.get(address) ?? `user${this.people.size + 1}@example.com`
    this.people.set(address, known)
    return known
  }
}

const localName = (name: string): string => name.slice(name.indexOf(':') + 1)

/** Numbers, flags and dates are nobody's secret, whatever they're called: a token's expiry, a password's length. */
const isHarmless = (value: string): boolean => /^(\d{1,10}|true|false|null|\d{4}-\d\d-\d\d[T\d:.Z+-]*)$/.test(value)
