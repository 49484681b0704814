/** What a recorder takes for secrets beside those of everywhere: what only what is published must not tell, and what seems drawn by lot. */

import { secretForms as everywhere, isHarmlessToken, isKeyIdName, isSecretName, isUserDataName } from '../model/secrets.ts'

/** Names whose value is not written. */
export const isHiddenName = (name: string): boolean => isSecretName(name) || isKeyIdName(name)

/** Names whose value says itself what it is: flags and numbers of them are none, a password may be a number. */
export const isSecretItself = (name: string): boolean =>
  isHiddenName(name) && /(?:pass(?:word|wd|phrase)?|pwd|secret|token|credentials?|signature|sig|auth|key|cookie|pem|id)$/i.test(bare(name))

/** Names of what clouds draw by lot and everyone may know: ids, digests, addresses. */
export const isHarmlessName = (name: string): boolean =>
  isHarmlessToken(name) ||
  /(?:id|ids|name|names|arn|href|url|uri|link|self|rel|etag|hash|md5|sha-?\d*|checksum|digest|finger-?print|uuid|guid|version|ref|public-?key|description|location|path|type|state|status)$/i.test(
    bare(name),
  )

const bare = (name: string): string => name.slice(name.lastIndexOf(':') + 1).replaceAll('_', '-')

/** Scripts and files that a machine gets: as the names of parameters, and as Nova has files. */
export const isMachineData = (name: string): boolean => isUserDataName(name) || name === 'personality'

/** Kinds of secrets that can be told by their form. What stands for one, or is an example of documents, is none. */
export const secretForms: readonly (readonly [kind: string, form: RegExp])[] = [
  ...everywhere,
  ['an AWS access key id', /\b(?:AKIA|ASIA)(?![0-9A-Z]*EXAMPLE)[0-9A-Z]{16}\b/],
  ['a Google access key id', /\bGOOG(?!EXAMPLE)[0-9A-Z]{16,}\b/],
  ['a signature in a URL', /[?&](?:X-Amz-)?Signature=(?!REDACTED)[^&"\s]+/i],
  ['a key in a URL', /[?&](?:AWSAccessKeyId|AccessKeyId|api_key|sig)=(?!REDACTED|[A-Z0-9]*EXAMPLE)[^&"\s]+/i],
  ['user and password in a URL', /\bhttps?:\/\/[^\s/@:"]+:(?!REDACTED)[^\s/@"]+@/],
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
