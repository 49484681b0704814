/**
 * Fresh secrets in the place of those that were taken out of a recording, so that a driver has something to keep and something to lose. Its
 * requests are compared with the recording by putting the placeholders back; its own recorder, documents and log must not hold the values.
 */

import { randomBytes } from 'node:crypto'
import { isSecretName } from '../../src/model/secrets.ts'
import { leavesOf } from '../../src/record/leaves.ts'
import { type HarEntry, requestBodyOf } from './har.ts'
import type { Outgoing } from './matching.ts'
import type { Recording } from './recording.ts'
import type { Scenario } from './scenario.ts'

/** What stands for the secrets of one recording. */
export interface Secrets {
  /** The recording as it's kept: with placeholders only. */
  readonly recorded: Recording
  /** The password, and the tokens that the provider hands out. */
  readonly credentials: readonly string[]
  /** What only a resource's own document shows: a new key, an instance's login. */
  readonly resources: readonly string[]
  /** A text of a request, with placeholders in the place of the secrets that a request may carry. */
  putBack(text: string): string
  /** How a request proves who asks in another way than was recorded: a sentence; undefined where it does as it should. */
  wrongProof(request: Outgoing, entry: HarEntry): string | undefined
}

const placeholder = 'REDACTED'
const placeholders = /REDACTED(?:-\d+)?/g

/** It has what must be escaped in JSON, XML, forms and addresses, and nothing that a header can't hold. */
const freshPassword = (): string => `pw-${randomBytes(18).toString('base64url')}/+="&<'>`

/** It stands in answers of any type: nothing in it is escaped anywhere. */
const freshToken = (): string => `t${randomBytes(24).toString('hex')}`

/** The recording with a fresh secret for each placeholder in its answers, and for the password of its scenario. */
export const dealSecrets = (recorded: Recording): Recording => {
  const { har, scenario } = recorded
  const { entries } = har.log
  const password = freshPassword()
  const repeated = new Set(entries.flatMap(entry => requestText(entry).match(placeholders) ?? []))
  const tokens = new Map<string, string>()
  const resources: string[] = []
  /** @param isSecret whether what stands at a place is one: ids and digests that were drawn by lot are taken out of recordings as well */
  const deal = (text: string, isSecret: (at: number) => boolean): string =>
    text.replace(placeholders, (name, at: number) => {
      // A value without a number is repeated by no request.
      const value = tokens.get(name) ?? freshToken()
      if (name !== placeholder && repeated.has(name)) tokens.set(name, value)
      else if (isSecret(at)) resources.push(value)
      return value
    })
  const dealBody = (text: string, type: string): string => {
    const secret = (leavesOf(text, type) ?? []).filter(({ names }) => names.some(isSecretName))
    return deal(text, at => secret.some(({ start, end }) => start <= at && at < end))
  }
  const answers = entries.map((entry): HarEntry => {
    const { headers, content } = entry.response
    const text = content.text === undefined || content.encoding !== undefined ? {} : { text: dealBody(content.text, content.mimeType) }
    return {
      ...entry,
      response: {
        ...entry.response,
        headers: headers.map(header => ({ ...header, value: deal(header.value, () => isSecretName(header.name)) })),
        content: { ...content, ...text },
      },
    }
  })
  const isPlaceholder = scenario.credentials?.password === placeholder
  const given = freshToken()
  const back = [...[...tokens].map(([name, value]) => [value, name] as const), [given, placeholder] as const]
  if (isPlaceholder) back.push([password, placeholder])
  const putBack = (text: string): string => back.reduce((rest, [value, name]) => rest.replaceAll(value, name), text)
  const credentials = scenario.credentials && { ...scenario.credentials, ...(isPlaceholder ? { password } : {}) }
  const secrets: Secrets = {
    recorded,
    credentials: [...(isPlaceholder ? [password] : []), ...tokens.values()],
    resources: [...resources, given],
    putBack,
    wrongProof: (request, entry) => {
      const handedOut = [...tokens.values()]
      const proves: Readonly<Record<Proof, (value: string) => boolean>> = {
        password: value => value === credentials?.password,
        login: value => Buffer.from(value, 'base64').toString('utf8') === `${credentials?.user}:${credentials?.password}`,
        token: value => handedOut.includes(value),
      }
      for (const { name, value } of entry.request.headers) {
        const proof = proofIn(name, value, tokens)
        if (proof === undefined || (proof !== 'token' && !isPlaceholder)) continue
        const [, sent] = request.headers.find(([header]) => header.toLowerCase() === name.toLowerCase()) ?? []
        const [, scheme] = /^(Basic |Bearer )/.exec(value) ?? []
        if (sent === undefined || !sent.startsWith(scheme ?? '') || !proves[proof](sent.slice(scheme?.length ?? 0)))
          return `${name} ${sent === undefined ? 'is absent' : `isn’t ${says[proof]}`}`
      }
      return undefined
    },
  }
  return {
    ...recorded,
    secrets,
    har: { ...har, log: { ...har.log, entries: answers } },
    scenario: {
      ...scenario,
      ...(credentials === undefined ? {} : { credentials }),
      steps: scenario.steps.map(step => withGiven(step, given)),
    },
  }
}

type Proof = 'password' | 'login' | 'token'

const says: Readonly<Record<Proof, string>> = {
  password: 'the password',
  login: 'the user and the password',
  token: 'a token that the provider handed out',
}

/** What a recorded header proves by a secret; undefined for one that signs, or says nothing of who asks. */
const proofIn = (name: string, value: string, tokens: ReadonlyMap<string, string>): Proof | undefined => {
  if (/^Basic REDACTED$/.test(value)) return 'login'
  if (/^x-auth-key$/i.test(name) && value === placeholder) return 'password'
  return tokens.has(value.replace(/^Bearer /, '')) ? 'token' : undefined
}

const requestText = (entry: HarEntry): string => {
  const { url, headers } = entry.request
  return [url, ...headers.map(({ value }) => value), requestBodyOf(entry)?.toString('utf8') ?? ''].join('\n')
}

/** A secret that a client gives in a step: the password of a new instance. */
const withGiven = (step: Scenario['steps'][number], given: string): Scenario['steps'][number] =>
  step.request.form === undefined
    ? step
    : {
        ...step,
        request: {
          ...step.request,
          form: Object.fromEntries(Object.entries(step.request.form).map(([name, value]) => [name, value === placeholder ? given : value])),
        },
      }
