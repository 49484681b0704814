/** Keys: what a person logs in to an instance with. */

import { optional, required } from '../../model/parameter.ts'
import type { Key } from '../../model/resources.ts'
import { legal } from '../formats/text.ts'
import { type ActionLink, actions, type Field, type Scene, state, text, type View } from '../formats/view.ts'
import { attribute } from '../formats/xml.ts'
import { formFor } from '../forms.ts'
import { present, usableId } from '../request.ts'
import { collection, create, created, destroy, form } from './build.ts'

const links = (key: Key, { links: to, offer }: Scene): ActionLink[] =>
  offer.operations.keys?.destroy === undefined ? [] : [{ rel: 'destroy', method: 'delete', href: to.member('keys', key.id) }]

/** The login that a key of type `password` is. */
const login = (name: 'username' | 'password'): Field<Key> => ({
  ...text<Key>(name, key => (key.credentialType === 'password' ? key[name] : undefined), { cdata: true, absentInXml: 'left out' }),
})

const view: View<Key> = {
  collection: 'keys',
  singular: 'key',
  href: (key, to) => to.member('keys', key.id),
  title: key => key.name ?? key.id,
  attributes: key => attribute('type', key.credentialType),
  fields: [
    text('name', key => key.name ?? key.id, { column: true }),
    { ...text<Key>('credential_type', key => key.credentialType, { label: 'Type', xml: null, column: true }) },
    actions(links, { absentInXml: 'left out' }),
    text('fingerprint', key => (key.credentialType === 'key' ? key.fingerprint : undefined), {
      column: true,
      absentInXml: 'left out',
      absentInJson: 'left out',
    }),
    {
      ...text<Key>('pem', key => (key.credentialType === 'key' ? key.pem : undefined), {
        label: 'Private key',
        json: 'pem_rsa_key',
        cdata: true,
        absentInXml: 'left out',
        absentInJson: 'left out',
      }),
      display: key => (key.pem === undefined ? undefined : { preformatted: legal(key.pem) }),
    },
    login('username'),
    login('password'),
    state(key => key.state),
  ],
}

export const keys = collection({
  name: 'keys',
  doc: 'What a person logs in to an instance with: a key pair, or a user name and password.',
  view,
  listing: operations => operations.keys,
  operations: [
    create({
      capability: 'create_key',
      doc: 'Makes a key, or imports a public one.',
      offered: offer => offer.operations.keys?.create !== undefined,
      parameters: [
        required('name', 'Name of the key'),
        optional('public_key', 'Public key to import, where the driver has the feature `import_key`', { kind: 'text', secret: true }),
      ],
      async run(request) {
        const { keys: table } = await request.cloud()
        const publicKey = request.featured('import_key', 'public_key')
        const made = await present(table?.create)({
          name: usableId(request.required('name'), 'name of a key'),
          ...(publicKey === undefined ? {} : { publicKey }),
        })
        return created(request, view, made)
      },
    }),
    destroy({
      capability: 'destroy_key',
      doc: 'Destroys a key.',
      offered: offer => offer.operations.keys?.destroy !== undefined,
      async run(request) {
        await present((await request.cloud()).keys?.destroy)(request.id)
      },
    }),
    form({
      name: 'new',
      path: ['new'],
      capability: 'create_key',
      doc: 'The form that makes a key.',
      offered: offer => offer.operations.keys?.create !== undefined,
      run: request =>
        formFor(request, 'create', { title: 'Create new SSH key', submit: 'Create key', action: request.links.collection('keys') }),
    }),
  ],
})
