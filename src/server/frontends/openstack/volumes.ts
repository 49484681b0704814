/** Cinder: volumes and their snapshots. */

import type { StorageSnapshot, StorageVolume } from '../../../model/resources.ts'
import { type Asked, allOf, gone, group, json, nothing, one, operation, part, type Routes, telling } from './asked.ts'
import { fineTimeOf, uuid } from './derived.ts'
import { badRequest, Fault, unsupported } from './errors.ts'
import { type Facts, factsOf, factsOfAll, metadata, metadataIn, replace, tell } from './facts.ts'
import { zonesOf } from './limits.ts'
import { type Document, listed, type Style } from './listing.ts'

const style: Style = { usualLimit: 1000, next: 'links', filters: { project_id: undefined } }

/** The one kind of volume there is. */
const type = {
  id: uuid('volume type', 'default'),
  name: '__DEFAULT__',
  description: 'Default Volume Type',
  is_public: true,
  extra_specs: {},
}

/** Whether a volume is in use the cloud may tell by where it's attached only. */
const statusOf = ({ state, instanceId }: StorageVolume): string => {
  const status = state?.toLowerCase()
  return status ?? (instanceId === undefined ? 'available' : 'in-use')
}

const linksOf = ({ base, identity: { projectId } }: Asked, path: string): readonly object[] => [
  { rel: 'self', href: `${base}/volume/v3/${projectId}${path}` },
  { rel: 'bookmark', href: `${base}/volume/${projectId}${path}` },
]

const volumeTree = (asked: Asked, volume: StorageVolume, facts: Facts): Document => ({
  id: volume.id,
  name: volume.name ?? '',
  description: volume.description ?? null,
  status: statusOf(volume),
  size: volume.capacity ?? 0,
  availability_zone: volume.realmId ?? null,
  created_at: fineTimeOf(volume.created) ?? null,
  updated_at: null,
  attachments:
    volume.instanceId === undefined
      ? []
      : [
          {
            id: volume.id,
            volume_id: volume.id,
            server_id: volume.instanceId,
            attachment_id: uuid('attachment', `${volume.id}/${volume.instanceId}`),
            device: volume.device ?? null,
            host_name: null,
            attached_at: fineTimeOf(volume.created) ?? null,
          },
        ],
  volume_type: type.name,
  metadata: facts,
  bootable: 'false',
  encrypted: false,
  multiattach: false,
  replication_status: null,
  consistencygroup_id: null,
  snapshot_id: null,
  source_volid: null,
  user_id: asked.identity.userId,
  'os-vol-tenant-attr:tenant_id': asked.identity.projectId,
  links: linksOf(asked, `/volumes/${encodeURIComponent(volume.id)}`),
})

const snapshotTree = (asked: Asked, snapshot: StorageSnapshot, volumes: readonly StorageVolume[], facts: Facts): Document => ({
  id: snapshot.id,
  name: snapshot.name ?? '',
  description: snapshot.description ?? null,
  status: snapshot.state?.toLowerCase() ?? 'available',
  volume_id: snapshot.storageVolumeId ?? null,
  size: volumes.find(({ id }) => id === snapshot.storageVolumeId)?.capacity ?? 1,
  created_at: fineTimeOf(snapshot.created) ?? null,
  updated_at: null,
  metadata: facts,
  'os-extended-snapshot-attributes:project_id': asked.identity.projectId,
  'os-extended-snapshot-attributes:progress': /^(creating|pending)$/i.test(snapshot.state ?? '') ? '0%' : '100%',
})

const volumes = async (asked: Asked): Promise<readonly Document[]> => {
  const all = await group(asked, 'storage_volumes').list({})
  const facts = await factsOfAll(asked, 'storage_volumes')
  return all.map(volume => volumeTree(asked, volume, facts.get(volume.id) ?? {}))
}

const snapshots = async (asked: Asked): Promise<readonly Document[]> => {
  const all = await group(asked, 'storage_snapshots').list({})
  const [about, facts] = [await allOf(asked, 'storage_volumes'), await factsOfAll(asked, 'storage_snapshots')]
  return all.map(snapshot => snapshotTree(asked, snapshot, about, facts.get(snapshot.id) ?? {}))
}

const shortVolume = ({ id, name, links }: Document): Document => ({ id, name, links })

const texts = (named: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(Object.entries(named).flatMap(([name, value]) => (value === undefined || value === '' ? [] : [[name, value]])))

/** Metadata of volumes and snapshots, by the same paths. */
const metadataRoutes = (path: string, collection: 'storage_volumes' | 'storage_snapshots'): Routes => {
  const told = async (asked: Asked): Promise<Facts> => {
    await one(asked, collection, part(asked))
    return factsOf(asked, collection, part(asked))
  }
  return {
    [`GET ${path}/:id/metadata`]: async asked => json(200, { metadata: await told(asked) }),
    [`POST ${path}/:id/metadata`]: async asked => {
      await told(asked)
      await tell(asked, collection, part(asked), (await asked.body()).texts('metadata'))
      return json(200, { metadata: await told(asked) })
    },
    [`PUT ${path}/:id/metadata`]: async asked => {
      await told(asked)
      await replace(asked, collection, part(asked), (await asked.body()).texts('metadata'))
      return json(200, { metadata: await told(asked) })
    },
    [`DELETE ${path}/:id/metadata/:key`]: async asked => {
      if (!Object.hasOwn(await told(asked), part(asked, 'key'))) throw new Fault(404, 'Metadata item was not found')
      await tell(asked, collection, part(asked), { [part(asked, 'key')]: undefined }, metadata)
      return nothing(200)
    },
  }
}

const destroyed = async (asked: Asked, collection: 'storage_volumes' | 'storage_snapshots'): Promise<ReturnType<typeof nothing>> => {
  const id = part(asked)
  const act = operation(group(asked, collection).destroy, `destroy ${collection.replace('_', ' ')}`)
  // Cinder calls it a bad request where a volume is in use.
  await telling(act(id), (kind, error) =>
    kind === 'not-found'
      ? gone(collection, id)
      : kind === 'conflict'
        ? badRequest(`Invalid ${collection === 'storage_volumes' ? 'volume' : 'snapshot'}: ${error.message}`)
        : undefined,
  )
  return nothing(202)
}

export const volumeRoutes: Routes = {
  'GET /volumes': async asked => listed(asked, 'volumes', await volumes(asked), style, shortVolume),
  'GET /volumes/detail': async asked => listed(asked, 'volumes', await volumes(asked), style),
  'GET /volumes/:id': async asked => {
    const volume = await one(asked, 'storage_volumes', part(asked))
    return json(200, { volume: volumeTree(asked, volume, await factsOf(asked, 'storage_volumes', volume.id)) })
  },
  'POST /volumes': async asked => {
    const wanted = (await asked.body()).needObject('volume')
    for (const name of ['imageRef', 'source_volid', 'backup_id'])
      if (wanted.text(name) !== undefined) throw unsupported(`Volumes are made of snapshots or of nothing here, and not by ${name}`)
    const size = wanted.number('size')
    if (size !== undefined && !(Number.isInteger(size) && size > 0))
      throw badRequest(`Invalid input received: Volume size '${size}' must be an integer and greater than 0.`)
    const facts = metadataIn(wanted)
    const made = await operation(
      group(asked, 'storage_volumes').create,
      'make volumes',
    )({
      ...(size === undefined ? {} : { capacity: size }),
      ...texts({
        name: wanted.text('name'),
        description: wanted.text('description'),
        snapshotId: wanted.text('snapshot_id'),
        realmId: wanted.text('availability_zone'),
      }),
    })
    await tell(asked, 'storage_volumes', made.id, facts)
    return json(202, { volume: volumeTree(asked, made, facts) })
  },
  'PUT /volumes/:id': () => {
    throw unsupported('The name of a volume stays as it is')
  },
  'DELETE /volumes/:id': asked => destroyed(asked, 'storage_volumes'),
  'POST /volumes/:id/action': async asked => {
    await one(asked, 'storage_volumes', part(asked))
    const [name = ''] = (await asked.body()).names()
    throw unsupported(`This cloud can't do ${name.slice(0, 50)}`)
  },
  ...metadataRoutes('/volumes', 'storage_volumes'),
  'GET /snapshots': async asked => listed(asked, 'snapshots', await snapshots(asked), style),
  'GET /snapshots/detail': async asked => listed(asked, 'snapshots', await snapshots(asked), style),
  'GET /snapshots/:id': async asked => {
    const snapshot = await one(asked, 'storage_snapshots', part(asked))
    const facts = await factsOf(asked, 'storage_snapshots', snapshot.id)
    return json(200, { snapshot: snapshotTree(asked, snapshot, await allOf(asked, 'storage_volumes'), facts) })
  },
  'POST /snapshots': async asked => {
    const wanted = (await asked.body()).needObject('snapshot')
    const volumeId = wanted.need('volume_id')
    const volume = (await allOf(asked, 'storage_volumes')).find(({ id }) => id === volumeId)
    if (volume === undefined) throw gone('storage_volumes', volumeId)
    if (volume.instanceId !== undefined && wanted.flag('force') !== true)
      throw badRequest(`Invalid volume: Volume ${volumeId} status must be available, but current status is: ${statusOf(volume)}.`)
    const create = operation(group(asked, 'storage_snapshots').create, 'make snapshots')
    const facts = metadataIn(wanted)
    const asking = create({ volumeId, ...texts({ name: wanted.text('name'), description: wanted.text('description') }) })
    const made = await telling(asking, (kind, error) => (kind === 'conflict' ? badRequest(`Invalid volume: ${error.message}`) : undefined))
    await tell(asked, 'storage_snapshots', made.id, facts)
    return json(202, { snapshot: snapshotTree(asked, made, [volume], facts) })
  },
  'DELETE /snapshots/:id': asked => destroyed(asked, 'storage_snapshots'),
  ...metadataRoutes('/snapshots', 'storage_snapshots'),
  'GET /types': () => json(200, { volume_types: [type] }),
  'GET /types/default': () => json(200, { volume_type: type }),
  'GET /types/:id': asked => {
    if (part(asked) !== type.id && part(asked) !== type.name)
      throw new Fault(404, `Volume type ${part(asked).slice(0, 100)} could not be found.`)
    return json(200, { volume_type: type })
  },
  'GET /os-availability-zone': async asked =>
    json(200, {
      availabilityZoneInfo: (await zonesOf(asked)).map(({ hosts: _, ...zone }: { hosts?: unknown }) => zone),
    }),
  'GET /limits': async asked => {
    const [all, made] = [await allOf(asked, 'storage_volumes'), await allOf(asked, 'storage_snapshots')]
    const gigabytes = all.reduce((sum, { capacity = 0 }) => sum + capacity, 0)
    return json(200, {
      limits: { rate: [], absolute: { totalVolumesUsed: all.length, totalSnapshotsUsed: made.length, totalGigabytesUsed: gigabytes } },
    })
  },
  'GET /extensions': () => json(200, { extensions: [] }),
  'GET /backups/detail': () => json(200, { backups: [] }),
  'GET /attachments': () => json(200, { attachments: [] }),
}
