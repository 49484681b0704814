/** Realms: boundaries inside a provider, such as data centres and zones. */

import type { Realm } from '../../model/resources.ts'
import { state, text, type View } from '../formats/view.ts'
import { collection } from './build.ts'

const view: View<Realm> = {
  collection: 'realms',
  singular: 'realm',
  href: (realm, links) => links.member('realms', realm.id),
  title: realm => realm.name ?? realm.id,
  fields: [
    text('name', realm => realm.name, { column: true }),
    state(realm => realm.state),
    {
      ...text<Realm>('limit', realm => realm.limit, { column: true }),
      // `unlimited` and no limit at all are the same to XML: it leaves both out (quirk D18).
      xml(writer, realm) {
        if (realm.limit !== undefined && realm.limit !== 'unlimited') writer.cdata('limit', realm.limit)
      },
    },
  ],
}

export const realms = collection({
  name: 'realms',
  doc: 'A boundary inside a provider: a data centre, a zone.',
  view,
  listing: operations => operations.realms,
  operations: [],
})
