/** Pairs of keys. */

import type { Key } from '../../../model/resources.ts'
import { type Asked, allOf, gone, group, json, nothing, one, operation, part, type Routes, telling } from './asked.ts'
import { plainId } from './derived.ts'
import { badRequest, Fault } from './errors.ts'
import { type Document, listed, type Style } from './listing.ts'

/** Nova has pages of key pairs from microversion 2.35 on, which isn't served. */
const style: Style = { usualLimit: 1000, next: 'links', isWhole: true }

/** Of a key that was imported; the cloud keeps only its fingerprint. */
const publicHalf = 'openstack:public-key'

type Said = Readonly<Record<string, string>> | undefined

const pairTree = (key: Key, said: Said): Document => ({
  name: key.name ?? key.id,
  public_key: said?.[publicHalf] ?? '',
  fingerprint: key.fingerprint ?? '',
})

const fullTree = async (asked: Asked, key: Key): Promise<Document> => ({
  ...pairTree(key, await asked.cloud.annotations?.get({ collection: 'keys', id: key.id })),
  id: Number.parseInt(plainId('keypair', key.id).slice(0, 7), 16),
  user_id: asked.identity.userId,
  created_at: new Date(0).toISOString().replace('Z', '000'),
  deleted: false,
  deleted_at: null,
  updated_at: null,
})

export const keypairRoutes: Routes = {
  'GET /os-keypairs': async asked => {
    const said = await asked.cloud.annotations?.all('keys')
    const pairs = (await allOf(asked, 'keys')).map(key => pairTree(key, said?.get(key.id)))
    return listed(asked, 'keypairs', pairs, style, keypair => ({ keypair }))
  },
  'GET /os-keypairs/:id': async asked => json(200, { keypair: await fullTree(asked, await one(asked, 'keys', part(asked))) }),
  'POST /os-keypairs': async asked => {
    const wanted = (await asked.body()).needObject('keypair')
    const [name, publicKey] = [wanted.need('name'), wanted.text('public_key')]
    if (wanted.text('type') !== undefined && wanted.text('type') !== 'ssh') throw badRequest('Only pairs of the type ssh can be made')
    const create = operation(group(asked, 'keys').create, 'make keys')
    const key = await telling(create({ name, ...(publicKey === undefined ? {} : { publicKey }) }), (kind, { message }) =>
      kind === 'conflict' ? new Fault(409, `Key pair '${name.slice(0, 100)}' already exists: ${message}`) : undefined,
    )
    if (publicKey !== undefined && asked.cloud.annotations !== undefined)
      await asked.cloud.annotations.set({ collection: 'keys', id: key.id }, { [publicHalf]: publicKey })
    const shown = { ...pairTree(key, publicKey === undefined ? undefined : { [publicHalf]: publicKey }), user_id: asked.identity.userId }
    return json(200, { keypair: key.pem === undefined ? shown : { ...shown, private_key: key.pem } })
  },
  'DELETE /os-keypairs/:id': async asked => {
    const id = part(asked)
    await telling(operation(group(asked, 'keys').destroy, 'destroy keys')(id), kind =>
      kind === 'not-found' ? gone('keys', id) : undefined,
    )
    return nothing(202)
  },
}
