/** A log that is told no secret, whoever writes to it: an error may quote an address, a body or a provider. */

import type { Log } from '../drivers/context.ts'
import { isConfidential, withoutSecrets, withoutSecretsInText } from '../model/secrets.ts'

/** The same log, with `***` for what is secret in messages, details and errors. */
export const discreet = (log: Log): Log => {
  if (made.has(log)) return log
  const clean: Log = {
    debug: (details, message) => log.debug(redactMembers(details, 0), withoutSecretsInText(message)),
    info: (details, message) => log.info(redactMembers(details, 0), withoutSecretsInText(message)),
    warn: (details, message) => log.warn(redactMembers(details, 0), withoutSecretsInText(message)),
    error: (details, message) => log.error(redactMembers(details, 0), withoutSecretsInText(message)),
  }
  made.add(clean)
  return clean
}

/** Logs that are discreet already: nothing is looked through twice. */
const made = new WeakSet<Log>()

/** What lies deeper isn't logged. */
const deepest = 6

const redactValue = (value: unknown, depth: number): unknown => {
  if (typeof value === 'string') return isAddress.test(value) ? withoutSecrets(value) : withoutSecretsInText(value)
  if (typeof value !== 'object' || value === null) return value
  if (depth >= deepest) return '…'
  if (value instanceof Error) return redactError(value, depth)
  if (Array.isArray(value)) return value.map(one => redactValue(one, depth + 1))
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null ? redactMembers(value, depth) : value
}

/** All of a text; one within a message is told by the message's own rules. */
const isAddress = /^(?:https?:\/)?\/\S*$/i

const redactMembers = (value: object, depth: number): object =>
  Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, isSecretMember(name, inner) ? '***' : redactValue(inner, depth + 1)]),
  )

const isSecretMember = (name: string, value: unknown): boolean => value !== undefined && isConfidential(name)

/** Of the same class, with its message, stack, cause and other members looked through. */
const redactError = (error: Error, depth: number): Error => {
  const members = Object.getOwnPropertyNames(error).map((name): [string, PropertyDescriptor] => {
    const value: unknown = Reflect.get(error, name)
    const isOwn = name !== 'message' && name !== 'stack' && isSecretMember(name, value)
    return [
      name,
      {
        value: isOwn ? '***' : redactValue(value, depth + 1),
        enumerable: Object.prototype.propertyIsEnumerable.call(error, name),
        configurable: true,
        writable: true,
      },
    ]
  })
  return Object.create(Object.getPrototypeOf(error), Object.fromEntries(members))
}
