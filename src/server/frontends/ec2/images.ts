/** Images. */

import type { Image } from '../../../model/resources.ts'
import { type Actions, type Asked, chosen, group, operation } from './asked.ts'
import { dateOf } from './derived.ts'
import { described, filtered } from './listing.ts'
import { type Tags, tagAtCreation, tagReaders, tagSet, tagsOfAll } from './tags.ts'
import type { Tree } from './writer.ts'

const rootOf = (image: Image): string => (image.rootType === 'transient' ? 'instance-store' : 'ebs')

const stateOf = (image: Image): string => image.state?.toLowerCase() ?? 'available'

const imageTree =
  (asked: Asked, tags: ReadonlyMap<string, Tags>) =>
  (image: Image): Tree => ({
    imageId: image.id,
    imageLocation: `${image.ownerId ?? asked.user}/${image.name ?? image.id}`,
    imageState: stateOf(image),
    imageOwnerId: image.ownerId ?? asked.user,
    creationDate: dateOf(image.creationTime),
    isPublic: image.ownerId !== asked.user,
    architecture: image.architecture,
    imageType: 'machine',
    name: image.name ?? image.id,
    description: image.description,
    rootDeviceType: rootOf(image),
    ...(rootOf(image) === 'ebs' ? { rootDeviceName: '/dev/sda1' } : {}),
    virtualizationType: 'hvm',
    hypervisor: 'xen',
    blockDeviceMapping: [],
    tagSet: tagSet(tags.get(image.id)),
  })

export const imageActions: Actions = {
  DescribeImages: {
    about: 'images',
    async answer(asked) {
      const { parameters } = asked
      const owners = parameters.list('Owner')
      const all = chosen('images', await group(asked, 'images').list({}), parameters.list('ImageId'))
      const owned = owners.length === 0 ? all : all.filter(image => owners.some(owner => isOwner(asked, image, owner)))
      const tags = await tagsOfAll(asked, 'images', owned)
      const found = filtered(parameters, owned, {
        ...tagReaders(parameters, tags),
        'image-id': image => image.id,
        name: image => image.name ?? image.id,
        description: image => image.description,
        architecture: image => image.architecture,
        state: stateOf,
        'owner-id': image => image.ownerId ?? asked.user,
        'owner-alias': image => (image.ownerId === asked.user ? 'self' : 'amazon'),
        'image-type': () => 'machine',
        'is-public': image => image.ownerId !== asked.user,
        'root-device-type': rootOf,
        'virtualization-type': () => 'hvm',
        hypervisor: () => 'xen',
      })
      return described(asked, 'imagesSet', found, imageTree(asked, tags))
    },
  },
  CreateImage: {
    about: 'instances',
    changes: true,
    async answer(asked) {
      const { parameters } = asked
      const create = operation(group(asked, 'images').create, 'make images')
      const [name, description] = [parameters.need('Name'), parameters.text('Description')]
      const image = await create({
        instanceId: parameters.need('InstanceId'),
        name,
        ...(description === undefined ? {} : { description }),
      })
      await tagAtCreation(asked, 'image', 'images', [image])
      return { imageId: image.id }
    },
  },
  DeregisterImage: {
    about: 'images',
    changes: true,
    async answer(asked) {
      await operation(group(asked, 'images').destroy, 'destroy images')(asked.parameters.need('ImageId'))
      return { return: true }
    },
  },
}

/** Whoever isn't the caller counts as Amazon where Amazon's images are asked for: a cloud behind this has publishers of its own. */
const isOwner = (asked: Asked, image: Image, owner: string): boolean => {
  const own = image.ownerId ?? asked.user
  if (owner === 'self') return own === asked.user
  return owner === 'amazon' || owner === 'aws-marketplace' ? own !== asked.user || owner === 'amazon' : own === owner
}
