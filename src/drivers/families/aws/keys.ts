/** Keys: key pairs. */

import type { KeyPairInfo } from '@aws-sdk/client-ec2'
import { notFound } from '../../../model/errors.ts'
import type { Key } from '../../../model/resources.ts'
import { byId, type Operations } from '../../driver.ts'
import { unlessMissing } from './errors.ts'
import { checkName, keyPairs } from './names.ts'
import { need, present, some, withIds } from './native.ts'
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

const pairsOf = ({ context }: Session, pairs: readonly KeyPairInfo[] | undefined): readonly Key[] =>
  withIds(pairs, 'key', context, pair => pair.KeyName).map(keyOf)

const get = async (session: Session, id: string): Promise<Key | undefined> => {
  const answer = await unlessMissing(session.ec2(client => client.describeKeyPairs({ KeyNames: [id] })))
  return pairsOf(session, answer?.KeyPairs).find(key => key.id === id)
}

export const keys: NonNullable<Operations<Session>['keys']> = {
  ...byId(async session => {
    const answer = await session.ec2(client => client.describeKeyPairs({}))
    return pairsOf(session, answer.KeyPairs)
  }, get),
  async create(session, { name, publicKey }) {
    await checkName(name, keyPairs, () => session.verify())
    if (publicKey === undefined) return keyOf(await session.ec2(client => client.createKeyPair({ KeyName: name })))
    return keyOf(await session.ec2(client => client.importKeyPair({ KeyName: name, PublicKeyMaterial: Buffer.from(publicKey) })))
  },
  async destroy(session, id) {
    // EC2 says yes to deleting what isn't there.
    if ((await get(session, id)) === undefined) throw notFound()
    await session.ec2(client => client.deleteKeyPair({ KeyName: id }))
  },
}
