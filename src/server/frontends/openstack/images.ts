/** Glance: images; and Nova's proxy to them, which old clients know. */

import type { HardwareProfile } from '../../../model/hardware-profile.ts'
import type { Image } from '../../../model/resources.ts'
import { type Asked, allOf, gone, group, type Handler, json, nothing, one, operation, part, type Routes, telling } from './asked.ts'
import { timeOf } from './derived.ts'
import { Fault, unsupported } from './errors.ts'
import { flavorSizes, linkOf, short } from './flavors.ts'
import { type Document, listed, type Style } from './listing.ts'

const style: Style = {
  // Glance's own, without `limit`.
  usualLimit: 25,
  next: 'path',
  filters: {
    visibility: ({ visibility }, value) => value === 'all' || visibility === value,
    member_status: undefined,
    os_hidden: undefined,
  },
}

/** The smallest of the flavors that an image runs on, where it doesn't run on all. */
const least = (image: Image, profiles: readonly HardwareProfile[]): { readonly ram: number; readonly disk: number } => {
  const fits = profiles.filter(({ id }) => image.hardwareProfiles?.includes(id) !== false)
  if (fits.length === profiles.length) return { ram: 0, disk: 0 }
  const sizes = fits.map(flavorSizes)
  return { ram: Math.min(...sizes.map(({ ram }) => ram)), disk: Math.min(...sizes.map(({ disk }) => disk)) }
}

/** What Glance calls the states that others call by their own names. */
const statusOf = (state: string | undefined): string => {
  const status = state?.toLowerCase() ?? 'active'
  if (status === 'available') return 'active'
  return status === 'pending' ? 'saving' : status
}

const isOwn = ({ account }: Asked, image: Image): boolean => image.ownerId === account

const imageTree = (asked: Asked, image: Image, profiles: readonly HardwareProfile[]): Document => {
  const created = timeOf(image.creationTime) ?? '1970-01-01T00:00:00Z'
  const path = `/v2/images/${encodeURIComponent(image.id)}`
  const { ram, disk } = least(image, profiles)
  return {
    id: image.id,
    name: image.name ?? image.id,
    status: statusOf(image.state),
    visibility: isOwn(asked, image) ? 'private' : 'public',
    protected: false,
    ...(image.ownerId === undefined ? {} : { owner: isOwn(asked, image) ? asked.identity.projectId : image.ownerId }),
    ...(image.description === undefined ? {} : { description: image.description }),
    ...(image.architecture === undefined ? {} : { architecture: image.architecture }),
    min_ram: ram,
    min_disk: disk,
    container_format: 'bare',
    disk_format: 'qcow2',
    size: null,
    virtual_size: null,
    checksum: null,
    os_hash_algo: null,
    os_hash_value: null,
    os_hidden: false,
    tags: [],
    created_at: created,
    updated_at: created,
    self: path,
    file: `${path}/file`,
    schema: '/v2/schemas/image',
  }
}

const all = async (asked: Asked): Promise<readonly Document[]> => {
  const [images, profiles] = [await group(asked, 'images').list({}), await allOf(asked, 'hardware_profiles')]
  return images.map(image => imageTree(asked, image, profiles))
}

const shown = async (asked: Asked): Promise<Document> =>
  imageTree(asked, await one(asked, 'images', part(asked)), await allOf(asked, 'hardware_profiles'))

const destroy: Handler = async asked => {
  const id = part(asked)
  const act = operation(group(asked, 'images').destroy, 'destroy images')
  await telling(act(id), kind => (kind === 'not-found' ? gone('images', id) : undefined))
  return nothing(204)
}

export const imageRoutes: Routes = {
  'GET /images': async asked => listed(asked, 'images', await all(asked), style),
  'GET /images/:id': async asked => json(200, { ...(await shown(asked)) }),
  'DELETE /images/:id': destroy,
  'POST /images': () => {
    throw unsupported('Images are made of servers here: openstack server image create')
  },
  'PATCH /images/:id': () => {
    throw unsupported('Images stay as they are')
  },
  'GET /images/:id/file': async asked => {
    await one(asked, 'images', part(asked))
    throw unsupported('Images have no content that could be read')
  },
  'GET /images/:id/members': async asked => {
    await one(asked, 'images', part(asked))
    return json(200, { members: [], schema: '/v2/schemas/members' })
  },
  'GET /schemas/image': () => json(200, { name: 'image', properties: {} }),
}

/** As Nova told of images before 2016. */
const proxied = (asked: Asked, image: Document): Document => ({
  id: image.id,
  name: image.name,
  status: String(image.status).toUpperCase(),
  progress: image.status === 'active' ? 100 : 50,
  minRam: image.min_ram,
  minDisk: image.min_disk,
  created: image.created_at,
  updated: image.updated_at,
  metadata: {},
  links: linkOf(asked, `/images/${encodeURIComponent(String(image.id))}`),
})

const proxyStyle: Style = { usualLimit: 1000, next: 'links', filters: { status: ({ status }, value) => status === value.toUpperCase() } }

export const proxiedImageRoutes: Routes = {
  'GET /images': async asked =>
    listed(
      asked,
      'images',
      (await all(asked)).map(image => proxied(asked, image)),
      proxyStyle,
      short,
    ),
  'GET /images/detail': async asked =>
    listed(
      asked,
      'images',
      (await all(asked)).map(image => proxied(asked, image)),
      proxyStyle,
    ),
  'GET /images/:id': async asked => json(200, { image: proxied(asked, await shown(asked)) }),
  'DELETE /images/:id': destroy,
  'GET /images/:id/metadata': async asked => {
    await one(asked, 'images', part(asked))
    return json(200, { metadata: {} })
  },
  'POST /images': () => {
    throw new Fault(404, 'Images are made of servers: see createImage')
  },
}
