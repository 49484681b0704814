/** What is secret by its name, its form or its place in an address: one list for logs, error documents, pages and recordings. */

/** Credentials, and what proves that someone has them. All names here are as `wordsOf` writes them. */
const credentialNames =
  /pass-?(?:word|wd|phrase|code)|(?<!by|com|tres)pass(?![a-z])|pwd$|(?:^|-)(?:sig|t?otp|sas)$|^auth$|secret|token|credential|signature|authori[sz]ation|(?:auth|api|access|account|shared|private|encryption|storage|master|signing)-?key|key-?material|cookie|pem$|(?:^|-)pem-|session-?(?:id|key)/

/** Places in a list, marks that make a request count once, and facts about a secret that don't tell it. */
const harmlessNames =
  /(?:next|prev|previous|page|pagination|continuation|cursor|scroll|client|client-request|idempotency|start|starting|sync)-?token$|(?:token|signature|pass(?:word)?|secret|key|credentials?|authori[sz]ation|cookie|pem|data)-?(?:type|version|method|algorithm|length|size|count|limit|name|status|state|enabled|policy|ttl|lifetime|issued-?at|expir[a-z]*(?:-?(?:at|in))?)$/

/** Which key signed. It opens nothing without its secret, and tells who asked: providers show it in their own logs. */
const keyIdNames = /(?:amz|goog)-credential$|access-?key-?id$|google-?access-?id$/

/** What a machine gets when it's made: scripts and files, where people write passwords. */
const userDataNames =
  /user-?data(?![a-z])|custom-?data(?![a-z])|cloud-?(?:init|config)(?![a-z])|(?:start-?up|init|boot|bootstrap|provision(?:ing)?)-?script|^content\d+$/

/** Contents that a client of the Deltacloud API uploads (quirk P36). */
const contentNames = /^(?:public-?key|user-?iso|blob-?data)$/

/** A name in lower case with hyphens between its words: `X-Amz-Signature`, `xAmzSignature` and `x[amz_signature]` are one. */
const wordsOf = (name: string): string =>
  name
    .slice(-longestName)
    .replace(/([a-z\d])([A-Z])/g, '$1-$2')
    .replace(/[^A-Za-z\d]+/g, '-')
    .replace(/^-|(?:-\d*)+$/g, '')
    .toLowerCase()

/** Characters. Of a longer name the end is looked at, so that no name takes long. */
const longestName = 200

/** Whether the value of a header, parameter, member or element is a credential. */
export const isSecretName = (name: string): boolean => {
  const words = wordsOf(name)
  return credentialNames.test(words) && !harmlessNames.test(words) && !keyIdNames.test(words)
}

/** Whether the value is the id of a key. Logs show it; recordings, which are published, don't. */
export const isKeyIdName = (name: string): boolean => keyIdNames.test(wordsOf(name))

/** Whether the value is no secret although the name sounds like one: a cursor, a length, a method. */
export const isHarmlessToken = (name: string): boolean => harmlessNames.test(wordsOf(name))

export const isUserDataName = (name: string): boolean => {
  const words = wordsOf(name)
  return userDataNames.test(words) && !harmlessNames.test(words)
}

/** Whether logs, errors and pages show `***` for the value of a parameter. */
export const isConfidential = (name: string): boolean => {
  const known = answers.get(name)
  if (known !== undefined) return known
  const answer = isSecretName(name) || isUserDataName(name) || contentNames.test(wordsOf(name))
  if (answers.size < mostAnswers && name.length <= longestName) answers.set(name, answer)
  return answer
}

/** Every line of a log asks about the same few names. */
const answers = new Map<string, boolean>()
const mostAnswers = 1000

/** Kinds of secrets that can be told by their form. What stands for one, or is an example of documents, is none. */
export const secretForms: readonly (readonly [kind: string, form: RegExp])[] = [
  [
    'a private key',
    /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----(?!\s*(?:REDACTED|EXAMPLE))[\s\S]*?(?:-----END (?:[A-Z]+ )*PRIVATE KEY-----|$)/,
  ],
  ['a JSON web token', /\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}/],
  ['a bearer token', /\bBearer (?!REDACTED)[\w.~+/-]{8,}=*/],
  // The words "Basic authentication" are no credentials.
  ['Basic credentials', /\bBasic (?!REDACTED)(?=[a-z]*[A-Z\d+/=])[A-Za-z0-9+/]{8,}=*/],
  ['a token of Fernet', /\bgAAAAA[\w-]{20,}/],
  ['a GitHub token', /\bgh[pousr]_[A-Za-z0-9]{20,}/],
]

/** What the server seals, in Base64: longer than any id that clouds show. */
const sealedToken = /(?<![\w-])(?=[\w-]*\d)(?=[\w-]*[a-z])(?=[\w-]*[A-Z])[\w-]{100,}/

const anySecretForm: readonly RegExp[] = [...secretForms.map(([, form]) => form), sealedToken].map(
  form => new RegExp(form, `${form.flags}g`),
)

/** What clouds have below `tokens` and `token` in a path is a token, save for the words of operations below `token`. */
export const tokenInPath = /((?:^|[/_-])tokens(?:;[^/?]*)?\/|(?:^|\/)token(?:;[^/?]*)?\/(?![a-z-]*(?:[/?;\s"'<>]|$)))([^/?;&\s"'<>]+)/gi

/** `//user:password@` */
const userInfo = /(\/\/)(?:(?!&[\w.%-]+=)[^/?#\s"'<>])+(?=@)/g
/** The same where no scheme stands before it. */
const bareUserInfo = /(^|[\s"'(<[{=,;/])[^\s/:@=,;"'<>]{1,200}:[^\s/@"'<>]{1,500}(?=@)/g

/** Where an address may tell a secret. Most have none of these, and are left alone. */
const telltale = /[@=%]|tokens?[;/]/i
/** The same by form. */
const formal = /[\w-]{60}|eyJ|gAAAAA|gh[pousr]_|Bearer |Basic |PRIVATE KEY/

/** A message with `***` for each secret that can be told: by the name beside it, by its place in an address, or by its form. */
export const withoutSecretsInText = (text: string): string => {
  if (!telltale.test(text) && !formal.test(text) && !text.includes(':')) return text
  let clean = text.includes('@') ? text.replace(userInfo, '$1***').replace(bareUserInfo, '$1***') : text
  clean = withoutNamed(withoutNamed(clean, parameterName, parameterValue), memberName, memberValue)
  clean = clean.replace(tokenInPath, '$1***')
  for (const form of anySecretForm) clean = clean.replace(form, '***')
  return clean
}

const parameterName = /(?<![\w.%[\]-])([\w.%[\]-]+)=/g
const parameterValue = /"[^"]*"?|'[^']*'?|[^\s&"'<>]*/y
/** Of JSON. */
const memberName = /["']([\w.-]{1,60})["']\s*:\s*/g
const memberValue = /"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|[^\s,}\]"'[{]*/y

/** @param value sticky: where a value ends that begins there */
const withoutNamed = (text: string, name: RegExp, value: RegExp): string => {
  let clean = ''
  let at = 0
  for (const { 0: found, 1: said = '', index } of text.matchAll(name)) {
    if (index < at || !isConfidential(decoded(said))) continue
    const start = index + found.length
    value.lastIndex = start
    const end = value.test(text) ? value.lastIndex : start
    clean += end === start ? text.slice(at, start) : `${text.slice(at, start)}***`
    at = end
  }
  return at === 0 ? text : clean + text.slice(at)
}

/** An address, or its path and query alone, with `***` for each secret. All else stays as it was written. */
export const withoutSecrets = (address: string): string => {
  if (!telltale.test(address) && !formal.test(address)) return address
  const bare = address.includes('@') ? address.replace(userInfo, '$1***') : address
  const mark = bare.indexOf('?')
  const path = (mark < 0 ? bare : bare.slice(0, mark)).split('/')
  const query =
    mark < 0
      ? ''
      : `?${bare
          .slice(mark + 1)
          .split('&')
          .map(withoutSecretValue)
          .join('&')}`
  return path.map((segment, n) => withoutSecretsInSegment(segment, path[n - 1])).join('/') + query
}

const withoutSecretsInSegment = (segment: string, before = ''): string => {
  const [own = '', ...matrix] = segment.split(';')
  const isToken = own !== '' && `${nameIn(before)}/${own}`.replace(tokenInPath, '') === ''
  return [isToken ? '***' : withoutSecretsInValue(own), ...matrix.map(withoutSecretValue)].join(';')
}

/** Of a path segment, without its matrix parameters. */
const nameIn = (segment: string): string => decoded(segment).replace(/;.*$/s, '')

/** `name=value` of a query or of matrix parameters. */
const withoutSecretValue = (parameter: string): string => {
  const equals = parameter.indexOf('=')
  if (equals < 0) return withoutSecretsInValue(parameter)
  const [written, value] = [parameter.slice(0, equals), parameter.slice(equals + 1)]
  const name = decoded(written)
  if (isConfidential(name)) return value === '' ? parameter : `${written}=***`
  // A cursor may look like a token.
  return isHarmlessToken(name) ? parameter : `${written}=${withoutSecretsInValue(value)}`
}

/** A value may be an address itself, or hold one. */
const withoutSecretsInValue = (value: string): string => {
  if (isPlain.test(value)) return value
  const text = decoded(value.replaceAll('+', ' '))
  const clean = withoutSecretsInText(text)
  return clean === text ? value : encodeURIComponent(clean)
}

const isPlain = /^[\w.~-]{0,24}$/

/** Percent-encoding read, also where it was encoded twice or isn't UTF-8. */
const decoded = (text: string): string => {
  let read = text
  for (let times = 0; times < 4 && read.includes('%'); times++) read = read.replace(/(?:%[\da-f]{2})+/gi, decodedRun)
  return read
}

const decodedRun = (run: string): string => {
  try {
    return decodeURIComponent(run)
  } catch {
    return run.replace(/%(..)/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
  }
}

/** Whether an address has a user or a password before its host. */
export const hasUserInfo = (address: string): boolean => {
  const text = decoded(address)
  return text.replace(userInfo, '') !== text || text.replace(bareUserInfo, '') !== text
}
