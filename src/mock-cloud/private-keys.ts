/** Private keys as they look, not as they work: they open nothing but instances of this cloud. */

import { hash } from 'node:crypto'

export const pemOf = (bytes: Buffer): string => {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? []
  return ['-----BEGIN RSA PRIVATE KEY-----', ...lines, '-----END RSA PRIVATE KEY-----'].join('\n')
}

/** What is kept of a private key, to know it again. Line ends and blanks around lines don't count. */
export const digestOf = (pem: string): string => hash('sha256', pem.replaceAll(/\s+/g, ''), 'hex')
