/** Facts that EC2 has and the model lacks, made from what the model has: the same each time, on every server. */

import { createHash } from 'node:crypto'

const digits = (text: string, length = 17): string => createHash('sha256').update(text).digest('hex').slice(0, length)

const kept = new Map<string, string>()

/** An id of EC2's kind for something that has none. */
export const derivedId = (prefix: string, of: string): string => {
  const key = `${prefix}/${of}`
  let id = kept.get(key)
  if (id === undefined) {
    id = `${prefix}-${digits(key)}`
    if (kept.size > 10_000) kept.clear()
    kept.set(key, id)
  }
  return id
}

/** The number of an account, from its name; one that is a number stays as it is. */
export const accountNumber = (user: string): string =>
  /^\d{12}$/.test(user)
    ? user
    : BigInt(`0x${digits(user, 12)}`)
        .toString()
        .padStart(12, '1')
        .slice(-12)

/** The id of a security group. */
export const groupId = (firewall: { readonly id: string }): string =>
  firewall.id.startsWith('sg-') ? firewall.id : derivedId('sg', firewall.id)

/** Dates as EC2 writes them. Undefined for what can't be read as one. */
export const dateOf = (text: string | undefined): string | undefined => {
  if (text === undefined) return undefined
  const known = dates.get(text)
  if (known !== undefined) return known
  const time = Date.parse(text)
  if (Number.isNaN(time)) return undefined
  const date = new Date(time).toISOString()
  if (dates.size > 10_000) dates.clear()
  dates.set(text, date)
  return date
}

const dates = new Map<string, string>()

/** The address that a host's name has in it: `ec2-54-1-2-3.compute-1.amazonaws.com`. */
export const addressInName = (name: string): string | undefined => {
  const found = /(?:^|[.-])(\d{1,3})-(\d{1,3})-(\d{1,3})-(\d{1,3})(?=[.-]|$)/.exec(name)
  return found === null ? undefined : found.slice(1, 5).join('.')
}
