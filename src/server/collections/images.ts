/** Images: what instances are launched from. */

import { required } from '../../model/parameter.ts'
import type { ImageFilter } from '../../model/requests.ts'
import type { Image } from '../../model/resources.ts'
import { type ActionLink, actions, references, type Scene, state, text, type View } from '../formats/view.ts'
import { formFor } from '../forms.ts'
import { encodeId } from '../links.ts'
import { present, usableId } from '../request.ts'
import { collection, create, created, destroy, form } from './build.ts'

const links = (image: Image, { links: to, offer }: Scene): ActionLink[] => [
  ...(offer.operations.instances?.create === undefined
    ? []
    : [
        {
          rel: 'create_instance',
          label: 'Launch',
          handy: true,
          method: 'post',
          href: `${to.collection('instances')};image_id=${encodeId(image.id)}`,
          form: `${to.collection('instances')}/new?image_id=${encodeId(image.id)}`,
        } as const,
      ]),
  ...(offer.operations.images?.destroy === undefined
    ? []
    : [{ rel: 'destroy_image', label: 'Destroy', method: 'delete', href: to.member('images', image.id) } as const]),
]

const view: View<Image> = {
  collection: 'images',
  singular: 'image',
  href: (image, to) => to.member('images', image.id),
  title: image => image.name ?? image.id,
  fields: [
    text('name', image => image.name, { column: true }),
    text('description', image => image.description, { column: true }),
    text('owner_id', image => image.ownerId, { json: 'owner', label: 'Owner', column: true }),
    text('architecture', image => image.architecture, { column: true }),
    state(image => image.state, { absentInXml: 'left out' }),
    text('creation_time', image => image.creationTime, { label: 'Created', absentInXml: 'left out' }),
    references('hardware_profiles', 'hardware_profiles', image => image.hardwareProfiles?.map(id => ({ id })), {
      singular: 'hardware_profile',
      absent: 'left out',
      relInXml: true,
    }),
    text('root_type', image => image.rootType ?? 'transient'),
    actions(links),
  ],
}

export const images = collection<Image, ImageFilter>({
  name: 'images',
  doc: 'What an instance is launched from: an operating system, perhaps with software on it.',
  view,
  listing: operations => operations.images,
  capabilities: { show: 'image' },
  filters: [
    { name: 'architecture', doc: 'Architecture of the image', matches: (image, value) => image.architecture === value },
    {
      name: 'owner_id',
      doc: 'Owner; `self` is the caller',
      feature: 'owner_id',
      self: true,
      matches: (image, value) => image.ownerId === value,
    },
  ],
  hints: values => pick(values),
  operations: [
    create({
      capability: 'create_image',
      doc: 'Makes an image of an instance.',
      offered: offer => offer.operations.images?.create !== undefined,
      parameters: [required('instance_id', 'Instance to make the image of', { refers: 'instances' })],
      async run(request) {
        const { images: table } = await request.cloud()
        const name = request.featured('image_name', 'name')
        const description = request.featured('image_description', 'description')
        const made = await present(table?.create)({
          instanceId: request.required('instance_id'),
          // A cloud may make the name the id.
          ...(name === undefined ? {} : { name: usableId(name, 'name of an image') }),
          ...(description === undefined ? {} : { description }),
        })
        return created(request, view, made)
      },
    }),
    destroy({
      capability: 'destroy_image',
      doc: 'Destroys an image.',
      offered: offer => offer.operations.images?.destroy !== undefined,
      async run(request) {
        await present((await request.cloud()).images?.destroy)(request.id)
      },
    }),
    form({
      name: 'new',
      path: ['new'],
      capability: 'create_image',
      doc: 'The form that makes an image of an instance.',
      offered: offer => offer.operations.images?.create !== undefined,
      run(request) {
        const instance = request.value('instance_id')
        return formFor(request, 'create', {
          title: instance === undefined ? 'New image' : `New image of ${instance}`,
          submit: 'Create image',
          action: request.links.collection('images'),
          ...(instance === undefined ? {} : { hidden: { instance_id: instance } }),
        })
      },
    }),
  ],
})

const pick = (values: ReadonlyMap<string, string>): ImageFilter => {
  const [id, architecture, ownerId] = [values.get('id'), values.get('architecture'), values.get('owner_id')]
  return {
    ...(id === undefined ? {} : { id }),
    ...(architecture === undefined ? {} : { architecture }),
    ...(ownerId === undefined ? {} : { ownerId }),
  }
}
