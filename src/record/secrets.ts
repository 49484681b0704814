/** What secrets look like, by the names that they stand at and by their own form; and what is known to be none. */

/** Names that say that their value is a secret: of headers, parameters, members and elements. */
export const isSecretName = (name: string): boolean => secretName.test(bare(name)) && !cursorName.test(bare(name))

const secretName =
  /pass(?:word|wd|phrase)?|^pwd$|secret|token|credential|signature|^sig$|^auth$|authori[sz]ation|(?:auth|api|access|account|shared|private|encryption|storage|master)-?key|key-?material|cookie|pem|session-?(?:id|key)/i

/** Places in a list, and marks that make a request count once: they open nothing. */
const cursorName = /(?:next|page|continuation|client)-?token$|token-?type$/i

/** Names whose value says itself what it is: flags and numbers of them are none, a password may be a number. */
export const isSecretItself = (name: string): boolean =>
  isSecretName(name) && /(?:pass(?:word|wd|phrase)?|pwd|secret|token|credentials?|signature|sig|auth|key|cookie|pem|id)$/i.test(bare(name))

/** Names of what clouds draw by lot and everyone may know: ids, digests, addresses. */
export const isHarmlessName = (name: string): boolean =>
  cursorName.test(bare(name)) ||
  /(?:id|ids|name|names|arn|href|url|uri|link|self|rel|etag|hash|md5|sha-?\d*|checksum|digest|finger-?print|uuid|guid|version|ref|public-?key|description|location|path|type|state|status|user-?data)$/i.test(
    bare(name),
  )

const bare = (name: string): string => name.slice(name.lastIndexOf(':') + 1).replaceAll('_', '-')

/** Kinds of secrets that can be told by their form. What stands for one, or is an example of documents, is none. */
export const secretForms: readonly (readonly [kind: string, form: RegExp])[] = [
  [
    'a private key',
    /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----(?!\s*(?:REDACTED|EXAMPLE))[\s\S]*?(?:-----END (?:[A-Z]+ )*PRIVATE KEY-----|$)/,
  ],
  ['an AWS access key id', /\b(?:AKIA|ASIA)(?![0-9A-Z]*EXAMPLE)[0-9A-Z]{16}\b/],
  ['a Google access key id', /\bGOOG(?!EXAMPLE)[0-9A-Z]{16,}\b/],
  ['a JSON web token', /\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}/],
  ['a bearer token', /\bBearer (?!REDACTED)[\w.~+/-]{8,}=*/],
  ['Basic credentials', /\bBasic (?!REDACTED)[A-Za-z0-9+/]{8,}=*/],
  ['a signature in a URL', /[?&](?:X-Amz-)?Signature=(?!REDACTED)[^&"\s]+/i],
  ['a key in a URL', /[?&](?:AWSAccessKeyId|AccessKeyId|api_key|sig)=(?!REDACTED|[A-Z0-9]*EXAMPLE)[^&"\s]+/i],
  ['user and password in a URL', /\bhttps?:\/\/[^\s/@:"]+:(?!REDACTED)[^\s/@"]+@/],
  ['a token of Fernet', /\bgAAAAA[\w-]{20,}/],
  ['a GitHub token', /\bgh[pousr]_[A-Za-z0-9]{20,}/],
]

/** How a password is told in text, with what stands before it and its name: `password=…`, `password = …`, or a line `password: …`. */
export const toldInText: readonly RegExp[] = [
  /(\b([\w-]{2,60})[ \t]*=[ \t]*["']?)([^\s&;,"'<>]*)/g,
  /(^[ \t]*(?:- )?["']?([\w-]{2,60})["']?:[ \t]+["']?)([^\s"']+)(?=["']?[ \t]*$)/gm,
]

/** E-mail addresses belong to people; those of examples to nobody. */
export const emailAddress =
  /(?<![\w.+-])[\w.+-]+(?:@|%40)(?!(?:[\w-]+\.)*(?:example\.(?:com|org|net)|example|invalid|localhost)\b)[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}\b/gi

/** Whether a word seems drawn by lot: long, of mixed letters, and unlike any id that clouds show. */
export const looksDrawn = (text: string): boolean => {
  if (!/^[\w+/=.~-]{24,}$/.test(text) || uuid.test(text)) return false
  const run = /[A-Za-z0-9+/_=]{20,}/.exec(text)?.[0] ?? ''
  const isMixed = /^[0-9a-f]+$/i.test(run) ? /\d/.test(run) && /[a-f]/i.test(run) : /\d/.test(run) && /[a-z]/.test(run) && /[A-Z]/.test(run)
  return isMixed && bitsPerLetter(run) >= 3
}

const uuid = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[1-5][0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$/i

const bitsPerLetter = (text: string): number => {
  const counts = new Map<string, number>()
  for (const letter of text) counts.set(letter, (counts.get(letter) ?? 0) + 1)
  return [...counts.values()].reduce((sum, count) => sum - (count / text.length) * Math.log2(count / text.length), 0)
}
