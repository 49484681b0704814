/** Keys: made up, or imported. */

import { hash } from 'node:crypto'
import { badRequest, conflict } from '../../model/errors.ts'
import type { Key } from '../../model/resources.ts'
import { digestOf, pemOf } from '../private-keys.ts'
import type { Tenant, Turn } from '../tenant.ts'
import { checkedId, found, listing } from './lookup.ts'

export const { list, get, page } = listing('keys')

/** @returns the key with its private half, where the cloud made one; whether it's shown again is the personality's. */
export const create = (tenant: Tenant, request: { readonly name: string; readonly publicKey?: string }): Promise<Key> =>
  tenant.write(async turn => {
    const { tx, personality } = turn
    const id = checkedId(request.name, 'key')
    if ((await tx.show('keys', id)) !== undefined) throw conflict('Key with same name already exists')
    const isImport =
      request.publicKey !== undefined && request.publicKey !== '' && Object.hasOwn(personality.features.keys ?? {}, 'import_key')
    const key = isImport ? imported(id, request.publicKey ?? '') : await generated(turn, id)
    const { pem, ...public_ } = key
    const kept = pem === undefined ? {} : { pemDigest: digestOf(pem) }
    await tx.put('keys', { shown: personality.says.privateKeyAgain ? key : public_, kept })
    return key
  })

export const destroy = (tenant: Tenant, id: string): Promise<void> =>
  tenant.write(async turn => {
    await found(turn, 'keys', id)
    await turn.tx.remove('keys', id)
  })

const colons = (bytes: Buffer): string => bytes.toString('hex').replaceAll(/(..)(?=.)/g, '$1:')

const generated = async ({ tx, draws }: Turn, id: string): Promise<Key> => {
  // A key made again under its old name is another key.
  const n = (await tx.number('keys made')) + 1
  await tx.setNumber('keys made', n)
  return {
    id,
    name: id,
    credentialType: 'key',
    fingerprint: colons(draws.bytes(20, 'keys', id, 'fingerprint', n)),
    pem: pemOf(draws.bytes(1190, 'keys', id, 'pem', n)),
  }
}

const imported = (id: string, publicKey: string): Key => {
  const match = /^\s*(?:ssh-(?:rsa|dss|ed25519)|ecdsa-sha2-\S+|sk-\S+)\s+([A-Za-z0-9+/]+={0,2})(?:\s.*)?$/s.exec(publicKey)
  const pem = /^\s*-----BEGIN (?:RSA )?PUBLIC KEY-----([A-Za-z0-9+/=\s]+)-----END (?:RSA )?PUBLIC KEY-----\s*$/.exec(publicKey)
  const body = match?.[1] ?? pem?.[1]
  if (body === undefined) throw badRequest('The public key is neither in the form of OpenSSH nor PEM')
  return { id, name: id, credentialType: 'key', fingerprint: colons(hash('md5', Buffer.from(body, 'base64'), 'buffer')) }
}
