/** The ways in which a secret may be written down, and how it's found whatever the way. */

/** A secret that is shorter would be found everywhere. */
export const shortest = 4

/** Whether a secret can be told from other text. */
export const isTellable = (secret: string): boolean => plain(secret).trim().length >= shortest

/** The usual ones, to be replaced where they stand; the longest first. */
export const spellingsOf = (secret: string): readonly string[] => {
  const xml = secret.replace(/[&<>"']/g, character => xmlNames[character] ?? character)
  const json = JSON.stringify(secret).slice(1, -1)
  const escaped = [
    secret,
    json,
    // In a text of JSON that stands in JSON.
    JSON.stringify(json).slice(1, -1),
    xml,
    JSON.stringify(xml).slice(1, -1),
  ]
  const percent = encodeURIComponent(secret.toWellFormed())
  const strict = percent.replace(/[!'()*]/g, character => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
  const coded = [
    ...[percent, strict].flatMap(text => [text, text.replaceAll('%20', '+'), text.replace(/%../g, code => code.toLowerCase())]),
    new URLSearchParams([['', secret]]).toString().slice(1),
    ...base64Of(Buffer.from(secret)),
    ...base64Of(Buffer.from(secret, 'utf16le')),
    Buffer.from(secret).toString('hex'),
    Buffer.from(secret).toString('hex').toUpperCase(),
  ]
  // Of long ones that's enough: what else there is, the finder finds.
  const all = secret.length > 256 ? escaped : [...escaped, ...coded]
  return [...new Set(all)].filter(text => text.trim().length >= shortest).sort((a, b) => b.length - a.length)
}

const xmlNames: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' }

/** By itself, and wherever it stands in what is encoded together, as in `user:password`: all but the letters at its ends. */
const base64Of = (bytes: Buffer): readonly string[] =>
  [0, 1, 2].flatMap(offset => {
    const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64')
    // Letters that also depend on the neighbours are left out.
    const begin = Math.ceil((offset * 8) / 6)
    const end = Math.floor(((offset + bytes.length) * 8) / 6)
    const inner = text.slice(begin, end)
    return inner.length >= 8 ? [inner, inner.replaceAll('+', '-').replaceAll('/', '_')] : []
  })

/** Finds secrets in a text however they're spelt: escaped for JSON, XML or addresses, several times over, and in Base64 or hexadecimal. */
export class Finder {
  private readonly secrets: readonly { readonly secret: string; readonly plain: string; readonly bytes: readonly Buffer[] }[]
  /** What is read holds no more characters than it had bytes: a secret can't stand in fewer. */
  private readonly fewestBytes: number

  constructor(secrets: Iterable<string>) {
    this.secrets = [...secrets].filter(isTellable).map(secret => ({
      secret,
      plain: plain(secret),
      bytes: [Buffer.from(secret), Buffer.from(secret, 'utf16le')],
    }))
    this.fewestBytes = Math.min(...this.secrets.map(one => one.plain.length))
  }

  /** The first of the secrets that a text holds. */
  in(text: string): string | undefined {
    if (this.secrets.length === 0) return undefined
    const levels = [...unfoldings(text)]
    const last = levels.at(-1) ?? text
    return this.among(levels) ?? this.inCode(text) ?? (last === text ? undefined : this.inCode(last))
  }

  /** Each level is looked at: where a secret ends with what also escapes, the last has lost it. */
  private among(levels: readonly string[]): string | undefined {
    const spaced = levels.map(level => level.replaceAll('+', ' '))
    return this.secrets.find(one => levels.some(level => level.includes(one.secret)) || spaced.some(level => level.includes(one.plain)))
      ?.secret
  }

  private inCode(text: string): string | undefined {
    for (const bytes of decoded(text, this.fewestBytes)) {
      const found = this.secrets.find(one => one.bytes.some(form => bytes.includes(form)))?.secret
      const secret = found ?? this.among([...unfoldings(bytes.toString('utf8'))])
      if (secret !== undefined) return secret
    }
    return undefined
  }
}

/** What stands in Base64 or hexadecimal, and is of so many bytes. It may begin within a longer word, so each beginning is tried. */
function* decoded(text: string, fewestBytes: number): Generator<Buffer> {
  for (const [run] of text.matchAll(/[A-Za-z0-9+/_-]{6,}(?:\r?\n[A-Za-z0-9+/_-]{6,})*/g)) {
    if ((run.length * 6) / 8 < fewestBytes) continue
    const word = run.replace(/\s/g, '')
    for (const offset of [0, 1, 2, 3]) yield Buffer.from(word.slice(offset), 'base64')
  }
  for (const [run] of text.matchAll(/[0-9a-f]{8,}/gi))
    if (run.length / 2 >= fewestBytes) for (const offset of [0, 1]) yield Buffer.from(run.slice(offset), 'hex')
}

/** A text with all that is escaped in it read, over and over; a plus is a blank, as in forms. Of a secret and of what holds it, so they can be compared. */
export const plain = (text: string): string => [...unfoldings(text)].at(-1)?.replaceAll('+', ' ') ?? ''

/** A text, and what it's read as, again and again. */
function* unfoldings(text: string): Generator<string> {
  let read = text
  yield read
  for (let times = 0; times < 6; times++) {
    const next = read.replace(escapes, unescaped)
    if (next === read) return
    read = next
    yield read
  }
}

const escapes = /\\u[0-9a-f]{4}|\\["\\/bfnrt]|(?:%[0-9a-f]{2})+|&(?:#x[0-9a-f]{1,6}|#\d{1,7}|amp|lt|gt|quot|apos);|<!\[CDATA\[|\]\]>/gi

const unescaped = (found: string): string => {
  if (found.startsWith('\\'))
    return found[1]?.toLowerCase() === 'u'
      ? String.fromCharCode(Number.parseInt(found.slice(2), 16))
      : (letters[found[1] ?? ''] ?? found.slice(1))
  if (found.startsWith('%')) return Buffer.from(found.replaceAll('%', ''), 'hex').toString('utf8')
  if (found.startsWith('&')) return entityOf(found.slice(1, -1))
  return ''
}

const letters: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }
const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/** @param name what stands between `&` and `;` */
export const entityOf = (name: string): string => {
  if (!name.startsWith('#')) return named[name.toLowerCase()] ?? `&${name};`
  const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1))
  return code <= 0x10ffff ? String.fromCodePoint(code) : ''
}
