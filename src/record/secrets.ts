/** What secrets look like, and how they may be spelt: what is to be replaced in recordings, and what keeps one from being written. */

/** Names that say that their value is a secret: of headers, parameters, JSON members and XML elements. */
export const isSecretName = (name: string): boolean =>
  /pass(word|wd|phrase)?|secret|token|credential|signature|^sig$|authori[sz]ation|auth-?key|api-?key|access-?key|private-?key|key-?material|cookie|pem|session-?id|adminpass|user-?data/i.test(
    name.replaceAll('_', '-'),
  )

/** Kinds of secrets that can be told by their form. What stands for one, or is an example of documents, is none. */
export const secretForms: readonly (readonly [kind: string, form: RegExp])[] = [
  ['an AWS access key id', /\b(?:AKIA|ASIA)(?![0-9A-Z]*EXAMPLE)[0-9A-Z]{16}\b/],
  ['a Google access key id', /\bGOOG(?!EXAMPLE)[0-9A-Z]{16,}\b/],
  ['a private key', /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----(?!\s*(?:\\n|\s)*REDACTED)/],
  ['a JSON web token', /\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}/],
  ['a bearer token', /\bBearer (?!REDACTED)[\w.~+/-]{8,}/],
  ['Basic credentials', /\bBasic (?!REDACTED)[A-Za-z0-9+/]{8,}=*/],
  ['a signature in a URL', /[?&](?:X-Amz-)?Signature=(?!REDACTED)[^&"\s]+/i],
  ['user and password in a URL', /\bhttps?:\/\/[^\s/@:"]+:(?!REDACTED)[^\s/@"]+@/],
  ['a token of Fernet', /\bgAAAAA[\w-]{20,}/],
  ['a GitHub token', /\bgh[pousr]_[A-Za-z0-9]{20,}/],
]

/** E-mail addresses belong to people; those of examples to nobody. */
export const emailAddress =
  /[\w.+-]+@(?!(?:[\w-]+\.)*(?:example\.(?:com|org|net)|example|invalid|localhost)\b)[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}\b/gi

/** The ways in which a secret may be written down. */
export const spellingsOf = (secret: string): readonly string[] => {
  const xml = secret.replace(
    /[&<>"']/g,
    character => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' })[character] ?? character,
  )
  const json = JSON.stringify(secret).slice(1, -1)
  const all = [
    secret,
    json,
    // In a text of JSON that stands in JSON.
    JSON.stringify(json).slice(1, -1),
    xml,
    JSON.stringify(xml).slice(1, -1),
    encoded(secret),
    encoded(secret).replaceAll('%20', '+'),
    encoded(secret).toLowerCase(),
    new URLSearchParams([['', secret]]).toString().slice(1),
    ...base64Of(secret),
    Buffer.from(secret).toString('hex'),
  ]
  return [...new Set(all)].filter(text => text.length >= shortest).sort((a, b) => b.length - a.length)
}

/** A secret that is shorter would be found everywhere. */
export const shortest = 4

const encoded = (text: string): string => encodeURIComponent(text.toWellFormed())

/** By itself, and wherever it stands in what is encoded together, as in `user:password`: all but the letters at its ends. */
const base64Of = (secret: string): readonly string[] => {
  const bytes = Buffer.from(secret)
  return [0, 1, 2].flatMap(offset => {
    const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64')
    // Letters that also depend on the neighbours are left out.
    const begin = Math.ceil((offset * 8) / 6)
    const end = Math.floor(((offset + bytes.length) * 8) / 6)
    const inner = text.slice(begin, end)
    return inner.length >= 8 ? [inner, inner.replaceAll('+', '-').replaceAll('/', '_')] : []
  })
}
