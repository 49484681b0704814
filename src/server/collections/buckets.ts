/** Buckets: places for blobs. */

import { required } from '../../model/parameter.ts'
import type { Bucket } from '../../model/resources.ts'
import { legal } from '../formats/text.ts'
import { type ActionLink, actions, type Field, type Scene, text, type View } from '../formats/view.ts'
import { attribute } from '../formats/xml.ts'
import { formFor } from '../forms.ts'
import { present, usableId } from '../request.ts'
import { blobOperations, uploadForm } from './blobs.ts'
import { collection, create, created, destroy, form } from './build.ts'

const links = (bucket: Bucket, { links: to, offer }: Scene): ActionLink[] => {
  const found: ActionLink[] = []
  if (offer.operations.blobs?.create !== undefined) {
    const href = to.member('buckets', bucket.id)
    found.push({ rel: 'create_blob', label: 'Upload a blob', method: 'post', href, form: to.under('buckets', bucket.id, uploadForm) })
  }
  if (offer.operations.buckets?.destroy !== undefined)
    found.push({ rel: 'destroy', method: 'delete', href: to.member('buckets', bucket.id) })
  return found
}

const blobs: Field<Bucket> = {
  label: 'Blobs',
  column: false,
  xml(writer, bucket, { links: to }) {
    for (const id of bucket.blobs ?? [])
      writer.empty('blob', `${attribute('href', to.under('buckets', bucket.id, id))}${attribute('id', id)}`)
  },
  json(document, bucket, { links: to }) {
    document.blob_list = (bucket.blobs ?? []).map(id => ({ rel: 'blob', href: to.under('buckets', bucket.id, id), id: legal(id) }))
  },
  display: (bucket, { links: to }) => (bucket.blobs ?? []).map(id => ({ href: to.under('buckets', bucket.id, id), text: id })),
}

/** Only pages show them: the documents of the original had none, and a client knows what a bucket can. */
const pageActions: Field<Bucket> = {
  label: 'Actions',
  column: false,
  display: (bucket, scene) => actions<Bucket>(links).display(bucket, scene),
}

const view: View<Bucket> = {
  collection: 'buckets',
  singular: 'bucket',
  href: (bucket, to) => to.member('buckets', bucket.id),
  title: bucket => bucket.name ?? bucket.id,
  fields: [
    text('name', bucket => bucket.name, { column: true }),
    text('size', bucket => bucket.size, { label: 'Blobs in it', column: true }),
    blobs,
    pageActions,
  ],
}

export const buckets = collection({
  name: 'buckets',
  doc: 'A place for blobs.',
  view,
  listing: operations => operations.buckets,
  operations: [
    create({
      capability: 'create_bucket',
      doc: 'Creates a bucket.',
      offered: offer => offer.operations.buckets?.create !== undefined,
      parameters: [required('name', 'Name of the bucket')],
      async run(request) {
        const { buckets: table } = await request.cloud()
        const location = request.featured('bucket_location', 'location')
        const made = await present(table?.create)({
          name: usableId(request.required('name'), 'name of a bucket'),
          ...(location === undefined ? {} : { location }),
        })
        return created(request, view, made, { redirect: view.href(made, request.links) })
      },
    }),
    destroy({
      capability: 'delete_bucket',
      doc: 'Destroys an empty bucket.',
      offered: offer => offer.operations.buckets?.destroy !== undefined,
      async run(request) {
        await present((await request.cloud()).buckets?.destroy)(request.id)
      },
    }),
    form({
      name: 'new',
      path: ['new'],
      capability: 'create_bucket',
      doc: 'The form that creates a bucket.',
      offered: offer => offer.operations.buckets?.create !== undefined,
      run: request =>
        formFor(request, 'create', { title: 'New bucket', submit: 'Create bucket', action: request.links.collection('buckets') }),
    }),
    ...blobOperations,
  ],
})
