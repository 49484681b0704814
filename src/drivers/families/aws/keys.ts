/** Keys: key pairs. */

import type { KeyPairInfo } from '@aws-sdk/client-ec2'
import { notFound } from '../../../model/errors.ts'
import type { Key } from '../../../model/resources.ts'
import type { Operations } from '../../driver.ts'
import { unlessMissing } from './errors.ts'
import { byId, need, present, some } from './native.ts'
import type { Session } from './session.ts'

export const keyOf = (key: KeyPairInfo & { readonly KeyMaterial?: string | undefined }): Key => {
  const id = need(key.KeyName, 'keyName')
  return present({
    id,
    name: id,
    credentialType: 'key' as const,
    fingerprint: some(key.KeyFingerprint),
    pem: some(key.KeyMaterial),
    state: 'AVAILABLE',
  })
}

const get = async (session: Session, id: string): Promise<Key | undefined> => {
  const answer = await unlessMissing(session.ec2(client => client.describeKeyPairs({ KeyNames: [id] })))
  return (answer?.KeyPairs ?? []).map(keyOf).find(key => key.id === id)
}

export const keys: NonNullable<Operations<Session>['keys']> = {
  ...byId(async session => ((await session.ec2(client => client.describeKeyPairs({}))).KeyPairs ?? []).map(keyOf), get),
  async create(session, { name, publicKey }) {
    if (publicKey === undefined) return keyOf(await session.ec2(client => client.createKeyPair({ KeyName: name })))
    return keyOf(await session.ec2(client => client.importKeyPair({ KeyName: name, PublicKeyMaterial: Buffer.from(publicKey) })))
  },
  async destroy(session, id) {
    // EC2 says yes to deleting what isn't there.
    if ((await get(session, id)) === undefined) throw notFound()
    await session.ec2(client => client.deleteKeyPair({ KeyName: id }))
  },
}
