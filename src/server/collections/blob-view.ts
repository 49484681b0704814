/** How documents show a blob. */

import type { Blob } from '../../model/resources.ts'
import { legal } from '../formats/text.ts'
import { type ActionLink, actions, type Field, type Scene, text, type View } from '../formats/view.ts'
import { attribute } from '../formats/xml.ts'

const metadata: Field<Blob> = {
  label: 'Metadata',
  column: false,
  xml(writer, blob) {
    writer.open('user_metadata')
    for (const [key, value] of Object.entries(blob.userMetadata)) writer.cdata('entry', value, attribute('key', key))
    writer.close('user_metadata')
  },
  json(document, blob) {
    document.user_metadata = Object.fromEntries(Object.entries(blob.userMetadata).map(([key, value]) => [legal(key), legal(value)]))
  },
  display: blob => Object.entries(blob.userMetadata).map(([key, value]) => `${key}: ${value}`),
}

const bucket: Field<Blob> = {
  ...text<Blob>('bucket', blob => blob.bucketId),
  json(document, blob, { links: to }) {
    document.bucket = { rel: 'bucket', href: to.member('buckets', blob.bucketId), id: legal(blob.bucketId) }
  },
  display: (blob, { links: to }) => ({ href: to.member('buckets', blob.bucketId), text: blob.bucketId }),
}

const content: Field<Blob> = {
  label: 'Content',
  column: false,
  xml(writer, blob, { links: to }) {
    writer.empty('content', `${attribute('href', contentLink(blob, { links: to }))}${attribute('rel', 'blob_content')}`)
  },
  json(document, blob, scene) {
    // The content itself never stands in a document (quirk D9).
    document.content = null
    document.content_href = contentLink(blob, scene)
  },
  display: (blob, scene) => ({ href: contentLink(blob, scene), text: 'Download' }),
}

const contentLink = (blob: Blob, { links: to }: Pick<Scene, 'links'>): string => to.under('buckets', blob.bucketId, blob.id, 'content')

const links = (blob: Blob, { links: to, offer }: Scene): ActionLink[] =>
  offer.operations.blobs?.destroy === undefined
    ? []
    : [{ rel: 'destroy', method: 'delete', href: to.under('buckets', blob.bucketId, blob.id) }]

export const blobView: View<Blob> = {
  collection: 'buckets',
  singular: 'blob',
  href: (blob, to) => to.under('buckets', blob.bucketId, blob.id),
  title: blob => blob.id,
  fields: [
    bucket,
    text('content_length', blob => blob.contentLength, { label: 'Length (bytes)' }),
    text('content_type', blob => blob.contentType, { label: 'Type' }),
    text('last_modified', blob => blob.lastModified),
    metadata,
    content,
    { label: 'Actions', column: false, display: (blob, scene) => actions<Blob>(links).display(blob, scene) },
  ],
}
