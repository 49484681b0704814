/** Tokens that carry what they stand for, sealed with AES-256-GCM, so that no server keeps them and every server of a group reads them. */

import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

export interface Sealed {
  readonly user: string
  readonly password: string
  readonly driver: string
  /** Empty where none was chosen. */
  readonly provider: string
  readonly world: string
  /** Milliseconds since 1970, cloud time. */
  readonly expires: number
}

export interface Sealer {
  seal(content: Sealed): Promise<string>
  /** Undefined for a token that this key didn't make, or that was changed: each token has one spelling. */
  open(token: string): Promise<Sealed | undefined>
}

const nonceLength = 12
const tagLength = 16

/** @param key 32 bytes, kept with the cloud's state; asked for when the first token is made or read, and again only where that failed. */
export const createSealer = (key: () => Promise<Uint8Array>): Sealer => {
  let kept: Promise<Uint8Array> | undefined
  const keyOnce = (): Promise<Uint8Array> => {
    kept ??= key().catch(error => {
      kept = undefined
      throw error
    })
    return kept
  }
  return {
    async seal(content) {
      const nonce = randomBytes(nonceLength)
      const cipher = createCipheriv('aes-256-gcm', await keyOnce(), nonce)
      const text = Buffer.concat([cipher.update(JSON.stringify(content), 'utf8'), cipher.final()])
      return Buffer.concat([nonce, cipher.getAuthTag(), text]).toString('base64url')
    },
    async open(token) {
      const bytes = Buffer.from(token, 'base64url')
      // Node overlooks what isn't base64url, and bits beyond the last byte.
      if (bytes.length <= nonceLength + tagLength || bytes.toString('base64url') !== token) return undefined
      const decipher = createDecipheriv('aes-256-gcm', await keyOnce(), bytes.subarray(0, nonceLength), { authTagLength: tagLength })
      decipher.setAuthTag(bytes.subarray(nonceLength, nonceLength + tagLength))
      try {
        const text = Buffer.concat([decipher.update(bytes.subarray(nonceLength + tagLength)), decipher.final()]).toString('utf8')
        // What opens under our key is what we sealed.
        return JSON.parse(text) as Sealed
      } catch {
        return undefined
      }
    },
  }
}
