/** Facts that OpenStack has and the model lacks, made from what the model has: the same each time, on every server. */

import { hash } from 'node:crypto'

const kept = new Map<string, string>()

const digitsOf = (text: string): string => {
  let digits = kept.get(text)
  if (digits === undefined) {
    digits = hash('sha256', text).slice(0, 32)
    if (kept.size > 10_000) kept.clear()
    kept.set(text, digits)
  }
  return digits
}

/** 32 digits, as Keystone's ids are. */
export const plainId = (kind: string, of: string): string => digitsOf(`${kind}/${of}`)

/** A UUID of version 4. */
export const uuid = (kind: string, of: string): string => {
  const digits = digitsOf(`${kind}/${of}`)
  return [digits.slice(0, 8), digits.slice(8, 12), `4${digits.slice(13, 16)}`, `a${digits.slice(17, 20)}`, digits.slice(20, 32)].join('-')
}

/** In the range that Neutron takes addresses of ports from. */
export const macOf = (port: string): string => {
  const digits = digitsOf(`mac/${port}`)
  return `fa:16:3e:${digits.slice(0, 2)}:${digits.slice(2, 4)}:${digits.slice(4, 6)}`
}

/** A project and who acts in it. */
export interface Identity {
  readonly userName: string
  readonly userId: string
  readonly projectName: string
  readonly projectId: string
}

/**
 * Whom an account of the cloud stands for: `USER+PROJECT`, as the openstack driver writes it; the project of a `USER` without one has the
 * user's name. A `+` or `%` inside a name is percent-encoded where there are two.
 */
export const identityOf = (account: string): Identity => {
  const [user = '', project] = account.split('+')
  const [userName, projectName] = project === undefined ? [account, account] : [decoded(user), decoded(project)]
  return { userName, projectName, userId: plainId('user', userName), projectId: plainId('project', projectName) }
}

/** The account of a user in a project. */
export const accountOf = (userName: string, projectName: string | undefined): string =>
  projectName === undefined || projectName === userName ? userName : `${encoded(userName)}+${encoded(projectName)}`

const encoded = (name: string): string => name.replace(/[%+]/g, encodeURIComponent)

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** `2026-01-02T03:04:05Z` of a time in any spelling; undefined for what is no time. */
export const timeOf = (text: string | undefined): string | undefined => {
  const at = Date.parse(text ?? '')
  return Number.isNaN(at) ? undefined : new Date(at).toISOString().replace(/\.\d+Z$/, 'Z')
}

/** The same to the microsecond, without a zone: as Cinder has it. */
export const fineTimeOf = (text: string | undefined): string | undefined => {
  const at = Date.parse(text ?? '')
  return Number.isNaN(at) ? undefined : new Date(at).toISOString().replace('Z', '000')
}
