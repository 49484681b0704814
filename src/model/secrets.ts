/** What is secret by its name, its form or its place in an address: one list for logs, error documents, pages and recordings. */

/** Credentials, and what proves that someone has them. All names here are as `wordsOf` writes them. */
const credentialNames =
  /pass-?(?:word|wd|phrase|code)|(?<!by|com|tres)pass(?![a-z])|pwd$|(?:^|-)(?:sig|t?otp|sas|psw|jwt|bearer)$|(?:^|-)pw$|^auth$|secret|token|credential|signature|authori[sz]ation|(?:auth|api|access|account|shared|private|encryption|customer|storage|master|signing)-?key|key-?material|cookie|pem$|(?:^|-)pem-|session-?(?:id|key)|(?:^|-|php)sess-?id/

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

/**
 * Whether a path segment is a token, by the segment before it: what clouds have below `tokens` and `token` is one, save for the words of
 * operations below `token`. Both as they were sent.
 */
export const isTokenInPath = (segment: string, before: string | undefined): boolean => {
  if (segment === '' || before === undefined) return false
  const name = decoded(before).replace(/;.*$/s, '')
  return /(?:^|[\s_-])tokens$/i.test(name) || (/^token$/i.test(name) && !/^[a-z-]+$/.test(segment))
}

/** The same in a message. */
const tokenInText = /((?:^|[\s/_-])tokens(?:;[^/?]*)?\/+)([^/?;&\s"'<>]+)/gi

/** `//user:password@` */
const userInfo = /(\/\/)(?:(?!&[\w.%-]+=)[^/?#\s])+(?=@)/g
/** The same where no scheme stands before it. */
const bareUserInfo = /(^|[\s"'(<[{=,;/])[^\s/:@=,;"'<>]{1,200}:[^\s/@]{1,500}(?=@)/g

/** Where an address may tell a secret. Most have none of these, and are left alone. */
const telltale = /[@=%]|tokens?[;/]/i
/** The same by form. Two patterns are quicker than one with alternatives that begin differently. */
const hasForm = (text: string): boolean => longWord.test(text) || formMark.test(text)

const longWord = /[\w-]{60}/
const formMark = /eyJ|gAAAAA|gh[pousr]_|Bearer |Basic |PRIVATE KEY/

/** A message with `***` for each secret that can be told: by the name beside it, by its place in an address, or by its form. */
export const withoutSecretsInText = (text: string): string => {
  if (!telltale.test(text) && !hasForm(text) && !text.includes(':')) return text
  let clean = text.includes('@') ? text.replace(userInfo, '$1***').replace(bareUserInfo, '$1***') : text
  clean = withoutNamed(withoutNamed(clean, parameterName, parameterValue), memberName, memberValue)
  clean = clean.replace(tokenInText, '$1***')
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
export const withoutSecrets = (address: string): string =>
  telltale.test(address) || hasForm(address) ? inAddress(address.includes('@') ? address.replace(userInfo, '$1***') : address, 0) : address

/** @param depth how often what is looked at stood within another: in a value, or behind percent-encoding */
const inAddress = (address: string, depth: number): string => {
  const mark = address.indexOf('?')
  const path = (mark < 0 ? address : address.slice(0, mark)).split('/')
  const parameters = mark < 0 ? [] : address.slice(mark + 1).split('&')
  const query = mark < 0 ? '' : `?${parameters.map(one => inParameter(one, depth)).join('&')}`
  let before: string | undefined
  const clean = path.map(segment => {
    const seen = inSegment(segment, before, depth)
    // A slash too many separates nothing.
    if (segment !== '') before = segment
    return seen
  })
  return clean.join('/') + query
}

const inSegment = (segment: string, before: string | undefined, depth: number): string => {
  const [own = '', ...matrix] = segment.split(';')
  const clean = isTokenInPath(own, before) ? '***' : own.includes('=') ? inParameter(own, depth) : inWord(own, depth, inText)
  return [clean, ...matrix.map(one => inParameter(one, depth))].join(';')
}

/** `name=value` of a query or of matrix parameters. */
const inParameter = (parameter: string, depth: number): string => {
  const equals = parameter.indexOf('=')
  if (equals < 0) return inWord(parameter, depth, inText)
  const [written, value] = [parameter.slice(0, equals), parameter.slice(equals + 1)]
  const name = decoded(written)
  if (isConfidential(name)) return value === '' ? parameter : `${written}=***`
  // A cursor may look like a token.
  return isHarmlessToken(name) ? parameter : `${written}=${inValue(value, depth)}`
}

/** A value may be an address itself, encoded once more or not. */
const inValue = (value: string, depth: number): string => {
  if (isPlain.test(value)) return value
  if (depth >= deepest) return withoutSecretsInText(decoded(value))
  const text = withoutUserInfo(value)
  return isStructured.test(text) ? inAddress(text, depth + 1) : inWord(text, depth, inValue)
}

/** What stood encoded before an @ may hold any letter, so all goes that stands there. */
const withoutUserInfo = (value: string): string => {
  const [slashes, at] = [value.indexOf('//'), value.lastIndexOf('@')]
  if (at < 0) return value
  return slashes >= 0 && slashes < at
    ? `${value.slice(0, slashes)}//***${value.slice(at)}`
    : value.replace(/^[^/:@=]+:(?!\/\/).*(?=@)/s, '***')
}

const inText = (text: string, depth: number): string => (isStructured.test(text) ? inValue(text, depth) : inWord(text, depth, inText))

/** @param within what looks at the word when its percent-encoding is read */
const inWord = (word: string, depth: number, within: typeof inText): string => {
  if (isPlain.test(word)) return word
  const text = depth < deepest ? decodedOnce(word) : word
  const clean = text === word ? withoutSecretsInText(text) : within(text, depth + 1)
  return clean === text ? word : encodeURIComponent(clean)
}

/** No client that means well goes deeper. */
const deepest = 8

const isStructured = /[/?&;=]/
const isPlain = /^[\w.~-]{0,24}$/

/** Percent-encoding read, also where it was encoded twice or isn't UTF-8. */
const decoded = (text: string): string => {
  let read = text
  for (let times = 0; times < 4 && read.includes('%'); times++) read = decodedOnce(read)
  return read
}

const decodedOnce = (text: string): string => (text.includes('%') ? text.replace(/(?:%[\da-f]{2})+/gi, decodedRun) : text)

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
