/** The last look before a recording is written: nothing in it may still be a secret. It knows nothing of how secrets were taken out. */

import { emailAddress, secretForms } from './secrets.ts'
import { Finder } from './spellings.ts'

/** A file that would have told a secret. It wasn't written; the message says where, and never what. */
export class Refusal extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'Refusal'
  }
}

/** @throws Refusal where a text still holds a credential in use, in any spelling, or something that looks like a secret */
export const refuseSecrets = (file: string, text: string, inUse: readonly string[]): void => {
  const finder = new Finder(inUse)
  const value = parsed(text)
  if (value === undefined) {
    for (const [n, line] of text.split('\n').entries()) refuseText(file, `line ${n + 1}`, line, finder)
    refuseText(file, 'the text', text, finder)
  } else refuseValue(file, '', value, finder)
}

/** @param place of the value in the file: `log.entries[3]` */
export const refuseValue = (file: string, place: string, value: unknown, finder: Finder): void => {
  if (typeof value === 'string' || typeof value === 'number') refuseText(file, place, String(value), finder)
  else if (Array.isArray(value)) for (const [n, inner] of value.entries()) refuseValue(file, `${place}[${n}]`, inner, finder)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return
  if (isTellingHeader(value)) throw new Refusal(`${file} is not written: ${place} is a header whose value is a secret`)
  for (const [name, inner] of Object.entries(value)) {
    const at = place === '' ? name : `${place}.${name}`
    // All other names are the format's own.
    if (/\b(?:form|query|headers|options)$/.test(place) && finder.in(name) !== undefined)
      throw new Refusal(`${file} is not written: a name in ${place} holds a credential in use`)
    refuseValue(file, at, inner, finder)
  }
}

const refuseText = (file: string, place: string, text: string, finder: Finder): void => {
  if (finder.in(text) !== undefined) throw new Refusal(`${file} is not written: ${place} holds a credential in use`)
  const kind = [...secretForms, ...moreForms].find(([, form]) => form.test(text))?.[0]
  if (kind !== undefined) throw new Refusal(`${file} is not written: ${place} looks like ${kind}`)
}

/** Forms that tell a secret by what is around it, in a body. */
const moreForms: readonly (readonly [kind: string, form: RegExp])[] = [
  [
    'a password in JSON',
    /"(?:password|passwd|adminPass|secret|secretKey|secret_?access_?key|client_?secret|api_?key|private_?key|(?:access|auth|refresh)_?token)"\s*:\s*"(?!REDACTED|(?:true|false|null)?"|\d{4}-\d\d-)[^"]+"/i,
  ],
  [
    'a password in XML',
    /<(?:[\w.-]+:)?(?:password|adminPass|secret|secretKey|keyMaterial)(?:\s[^>]*[^/>])?>\s*(?!REDACTED|(?:true|false|null)<|\d{4}-\d\d-|<(?!!\[CDATA)|\s)\S/i,
  ],
  ['a password in text', /\b(?:password|passwd|adminPass|client_secret|secret_?key)=(?!REDACTED|(?:true|false|null)\b)[^&\s;,"'<>]+/i],
  ['an e-mail address', new RegExp(emailAddress.source, 'i')],
]

const secretHeader =
  /^(?:authorization|proxy-authorization|cookie|set-cookie|x-auth-(?:token|key)|x-storage-token|x-subject-token|x-amz-security-token|api-key|x-api-key)$/i

const isTellingHeader = (value: object): boolean =>
  'name' in value &&
  'value' in value &&
  typeof value.name === 'string' &&
  typeof value.value === 'string' &&
  secretHeader.test(value.name) &&
  value.value !== '' &&
  !/REDACTED/.test(value.value) &&
  !/^[^=;]+=(?:;|$)/.test(value.value)

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
