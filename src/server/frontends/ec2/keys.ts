/** Key pairs. */

import type { Key } from '../../../model/resources.ts'
import { type Actions, chosen, group, operation } from './asked.ts'
import { derivedId } from './derived.ts'
import { ApiError } from './errors.ts'
import { filtered } from './listing.ts'
import type { Tree } from './writer.ts'

const keyTree = (key: Key): Record<string, Tree> => ({
  keyPairId: derivedId('key', key.id),
  keyFingerprint: key.fingerprint,
  keyName: key.name ?? key.id,
})

export const keyActions: Actions = {
  DescribeKeyPairs: {
    about: 'keys',
    async answer(asked) {
      const { parameters } = asked
      const all = (await group(asked, 'keys').list({})).filter(key => key.credentialType === 'key')
      const named = chosen('keys', all, parameters.list('KeyName'), key => key.name ?? key.id)
      const found = filtered(
        parameters,
        chosen('keys', named, parameters.list('KeyPairId'), key => derivedId('key', key.id)),
        {
          'key-name': key => key.name ?? key.id,
          'key-pair-id': key => derivedId('key', key.id),
          fingerprint: key => key.fingerprint,
        },
      )
      return { keySet: found.map(key => ({ ...keyTree(key), keyType: 'rsa', tagSet: [] })) }
    },
  },
  CreateKeyPair: {
    about: 'keys',
    changes: true,
    async answer(asked) {
      const key = await operation(group(asked, 'keys').create, 'make keys')({ name: asked.parameters.name('KeyName') })
      return { ...keyTree(key), keyMaterial: key.pem, tagSet: [] }
    },
  },
  ImportKeyPair: {
    about: 'keys',
    changes: true,
    async answer(asked) {
      const publicKey = Buffer.from(asked.parameters.need('PublicKeyMaterial'), 'base64').toString('utf8').trim()
      if (!/^(ssh-|ecdsa-|-----BEGIN|---- BEGIN)/.test(publicKey))
        throw new ApiError('InvalidKey.Format', 'Key is not in valid OpenSSH public key format')
      const key = await operation(group(asked, 'keys').create, 'import keys')({ name: asked.parameters.name('KeyName'), publicKey })
      return { ...keyTree(key), tagSet: [] }
    },
  },
  DeleteKeyPair: {
    about: 'keys',
    changes: true,
    async answer(asked) {
      const { list, destroy } = group(asked, 'keys')
      const [name, id] = [asked.parameters.text('KeyName'), asked.parameters.text('KeyPairId')]
      if (name === undefined && id === undefined) throw new ApiError('MissingParameter', 'The request must contain the parameter KeyName')
      const key = (await list({})).find(one => (name === undefined ? derivedId('key', one.id) === id : (one.name ?? one.id) === name))
      // What isn't there needs no deleting, as EC2 has it.
      if (key !== undefined) await operation(destroy, 'destroy keys')(key.id)
      return { return: true, keyPairId: key === undefined ? undefined : derivedId('key', key.id) }
    },
  },
}
