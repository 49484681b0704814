/** Images: AMIs. */

import type { DescribeImagesRequest, Image as NativeImage } from '@aws-sdk/client-ec2'
import type { HardwareProfile } from '../../../model/hardware-profile.ts'
import type { ImageFilter } from '../../../model/requests.ts'
import type { Image } from '../../../model/resources.ts'
import type { Operations } from '../../driver.ts'
import { allPages } from '../../pagers.ts'
import { asReference, unlessMissing } from './errors.ts'
import { imageOf } from './mapping.ts'
import { need } from './native.ts'
import type { Session } from './session.ts'

/** EC2 knows the caller as `self`; the key by which it asks is no owner there. */
const ownerOf = ({ credentials }: Session, ownerId: string): string => (ownerId === credentials.user ? 'self' : ownerId)

const questionFor = (session: Session, { ownerId }: ImageFilter): DescribeImagesRequest => ({
  Owners: [ownerId === undefined ? session.kind.imageOwner : ownerOf(session, ownerId)],
  ...(session.kind.filtersImages ? { Filters: [{ Name: 'image-type', Values: ['machine'] }] } : {}),
})

const byOwnerAndName = (a: Image, b: Image): number => {
  const [x, y] = [`${a.ownerId ?? ''}\n${a.name ?? ''}`, `${b.ownerId ?? ''}\n${b.name ?? ''}`]
  return x < y ? -1 : x > y ? 1 : 0
}

const get = async (session: Session, id: string, ownerId?: string): Promise<Image | undefined> => {
  const owned = ownerId === undefined ? {} : { Owners: [ownerOf(session, ownerId)] }
  const answer = await unlessMissing(session.ec2(client => client.describeImages({ ImageIds: [id], ...owned })))
  const found = answer?.Images?.find(image => need(image.ImageId, 'imageId') === id)
  return found === undefined ? undefined : imageOf(found, await session.profiles())
}

const mapped = (images: readonly NativeImage[], profiles: readonly HardwareProfile[]): Image[] =>
  images.map(image => imageOf(image, profiles))

export const images: NonNullable<Operations<Session>['images']> = {
  selects: ['owner_id'],
  async list(session, filter) {
    if (filter.id !== undefined) {
      const one = await get(session, filter.id, filter.ownerId)
      return one === undefined ? [] : [one]
    }
    const found = await allPages('DescribeImages', async token => {
      const question = { ...questionFor(session, filter), ...(token === undefined ? {} : { NextToken: token }) }
      const asking = session.ec2(client => client.describeImages(question))
      // An owner that nobody can be has no images; a page that's missing is another thing.
      const answer = await (filter.ownerId === undefined || token !== undefined ? asking : unlessMissing(asking))
      return { items: answer?.Images ?? [], next: answer?.NextToken }
    })
    return mapped(found, await session.profiles()).sort(byOwnerAndName)
  },
  get: (session, id) => get(session, id),
  async create(session, { instanceId, name, description }) {
    const answer = await asReference(
      session.ec2(client =>
        client.createImage({
          InstanceId: instanceId,
          // EC2 wants a name that is the account's only one; of signs it takes few.
          Name: name ?? `${instanceId} ${new Date(session.context.now()).toISOString().replaceAll(':', '-')}`,
          ...(description === undefined ? {} : { Description: description }),
        }),
      ),
    )
    const id = need(answer.ImageId, 'imageId')
    return (await get(session, id)) ?? { id, ...(name === undefined ? {} : { name }), state: 'PENDING' }
  },
  async destroy(session, id) {
    await session.ec2(client => client.deregisterImage({ ImageId: id }))
  },
}
