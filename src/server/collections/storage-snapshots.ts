/** Storage snapshots: a volume as it was at one time. */

import { optional, required } from '../../model/parameter.ts'
import type { StorageSnapshot } from '../../model/resources.ts'
import { type ActionLink, actions, reference, type Scene, state, text, type View } from '../formats/view.ts'
import { formFor } from '../forms.ts'
import { present } from '../request.ts'
import { collection, create, created, destroy, form } from './build.ts'

const links = (snapshot: StorageSnapshot, { links: to, offer }: Scene): ActionLink[] =>
  offer.operations.storage_snapshots?.destroy === undefined
    ? []
    : [{ rel: 'destroy', method: 'delete', href: to.member('storage_snapshots', snapshot.id) }]

const view: View<StorageSnapshot> = {
  collection: 'storage_snapshots',
  singular: 'storage_snapshot',
  href: (snapshot, to) => to.member('storage_snapshots', snapshot.id),
  title: snapshot => snapshot.name ?? snapshot.id,
  fields: [
    text('name', snapshot => snapshot.name, { column: true, fallback: snapshot => snapshot.id }),
    text('description', snapshot => snapshot.description, { absentInXml: 'left out' }),
    state(snapshot => snapshot.state, { absentInXml: 'left out' }),
    text('created', snapshot => snapshot.created, { column: true }),
    reference('storage_volume', 'storage_volumes', snapshot => snapshot.storageVolumeId, {
      column: true,
      label: 'Volume',
      absentInJson: 'collection',
    }),
    actions(links, { absentInXml: 'left out' }),
  ],
}

export const storageSnapshots = collection({
  name: 'storage_snapshots',
  doc: 'A volume as it was at one time; volumes can be made from it.',
  view,
  listing: operations => operations.storage_snapshots,
  operations: [
    create({
      capability: 'create_storage_snapshot',
      doc: 'Takes a snapshot of a volume.',
      offered: offer => offer.operations.storage_snapshots?.create !== undefined,
      parameters: [
        required('volume_id', 'Volume to take the snapshot of', { refers: 'storage_volumes' }),
        optional('name', 'Name of the snapshot'),
        optional('description', 'Description of the snapshot'),
      ],
      async run(request) {
        const { storage_snapshots: table } = await request.cloud()
        const [name, description] = [request.value('name'), request.value('description')]
        const made = await present(table?.create)({
          volumeId: request.required('volume_id'),
          ...(name === undefined ? {} : { name }),
          ...(description === undefined ? {} : { description }),
        })
        return created(request, view, made)
      },
    }),
    destroy({
      capability: 'destroy_storage_snapshot',
      doc: 'Destroys a snapshot.',
      offered: offer => offer.operations.storage_snapshots?.destroy !== undefined,
      async run(request) {
        await present((await request.cloud()).storage_snapshots?.destroy)(request.id)
      },
    }),
    form({
      name: 'new',
      path: ['new'],
      capability: 'create_storage_snapshot',
      doc: 'The form that takes a snapshot.',
      offered: offer => offer.operations.storage_snapshots?.create !== undefined,
      run: request =>
        formFor(request, 'create', {
          title: 'New storage snapshot',
          submit: 'Create snapshot',
          action: request.links.collection('storage_snapshots'),
          values: Object.fromEntries(request.all()),
        }),
    }),
  ],
})
