/** Storage volumes: disks that can be attached to instances. */

import { badRequest, notPermitted } from '../../model/errors.ts'
import { optional, required } from '../../model/parameter.ts'
import type { StorageVolume } from '../../model/resources.ts'
import { type ActionLink, actions, type Field, reference, type Scene, state, text, type View } from '../formats/view.ts'
import { attribute } from '../formats/xml.ts'
import { formFor } from '../forms.ts'
import { encodeId } from '../links.ts'
import { type ApiRequest, present } from '../request.ts'
import { action, collection, create, created, destroy, form, item } from './build.ts'

const links = (volume: StorageVolume, { links: to, offer }: Scene): ActionLink[] => {
  const table = offer.operations.storage_volumes
  const permits = volume.permits ?? (volume.instanceId === undefined ? ['attach', 'destroy'] : ['detach'])
  const found: ActionLink[] = []
  if (table?.attach !== undefined && permits.includes('attach')) {
    const under = (name: string): string => to.under('storage_volumes', volume.id, name)
    found.push({ rel: 'attach', method: 'post', href: under('attach'), form: under('attach_instance') })
  }
  if (table?.detach !== undefined && permits.includes('detach'))
    found.push({ rel: 'detach', method: 'post', href: to.under('storage_volumes', volume.id, 'detach') })
  if (table?.destroy !== undefined && permits.includes('destroy'))
    found.push({ rel: 'destroy', method: 'delete', href: to.member('storage_volumes', volume.id) })
  return found
}

/** What only pages offer: the documents of the original leave it to the collection of snapshots. */
const pageLinks = ({ id }: StorageVolume, { links: to, offer }: Scene): ActionLink[] => {
  if (offer.operations.storage_snapshots?.create === undefined) return []
  const href = to.collection('storage_snapshots')
  return [{ rel: 'snapshot', label: 'Take a snapshot', method: 'post', href, form: `${href}/new?volume_id=${encodeId(id)}` }]
}

/** Where it's attached; XML says it in `mount`, JSON in `instance`. */
const mount: Field<StorageVolume> = {
  ...reference<StorageVolume>('instance', 'instances', volume => volume.instanceId, {
    absentInJson: 'empty',
    column: true,
    label: 'Attached to',
  }),
  xml(writer, volume, { links: to }) {
    if (volume.instanceId === undefined) return
    writer.open('mount')
    writer.empty('instance', `${attribute('href', to.member('instances', volume.instanceId))}${attribute('id', volume.instanceId)}`)
    if (volume.device !== undefined) writer.empty('device', attribute('name', volume.device))
    writer.close('mount')
  },
}

const realm = reference<StorageVolume>('realm', 'realms', volume => volume.realmId, { absentInJson: 'collection', column: true })

const view: View<StorageVolume> = {
  collection: 'storage_volumes',
  singular: 'storage_volume',
  href: (volume, to) => to.member('storage_volumes', volume.id),
  title: volume => volume.name ?? volume.id,
  fields: [
    text('created', volume => volume.created, { absentInXml: 'left out' }),
    text('capacity', volume => volume.capacity, { label: 'Capacity (GB)', column: true, attributes: attribute('unit', 'GB') }),
    text('kind', volume => volume.kind, { absentInXml: 'left out' }),
    text('name', volume => volume.name, { column: true, fallback: volume => volume.id }),
    text('description', volume => volume.description, { absentInXml: 'left out' }),
    text('device', volume => volume.device, { absentInXml: 'left out' }),
    realm,
    { ...text<StorageVolume>('realm_id', volume => volume.realmId, { json: null, absentInXml: 'left out' }), display: () => undefined },
    state(volume => volume.state, { absentInXml: 'left out' }),
    mount,
    {
      ...actions(links, { absentInXml: 'left out' }),
      display: (volume, scene) => ({ actions: [...links(volume, scene), ...pageLinks(volume, scene)] }),
    },
  ],
}

const destroyVolume = async (request: ApiRequest): Promise<void> => present((await request.cloud()).storage_volumes?.destroy)(request.id)

const volumeLink = (request: ApiRequest): string => request.links.member('storage_volumes', request.id)

/** GB. @throws CloudError `bad-request` for what is no size. */
const capacityOf = (request: ApiRequest): number | undefined => {
  const text = request.value('capacity')
  if (text === undefined) return undefined
  if (!/^\d{1,9}$/.test(text)) throw badRequest(`Parameter 'capacity' value '${text}' is not a whole number of GB`)
  return Number(text)
}

export const storageVolumes = collection({
  name: 'storage_volumes',
  doc: 'A disk that can be attached to an instance.',
  view,
  listing: operations => operations.storage_volumes,
  operations: [
    create({
      capability: 'create_storage_volume',
      doc: 'Creates a volume, empty or from a snapshot.',
      offered: offer => offer.operations.storage_volumes?.create !== undefined,
      parameters: [
        optional('snapshot_id', 'Snapshot to make the volume from', { refers: 'storage_snapshots' }),
        optional('capacity', 'Size in GB', { kind: 'number', initial: '1' }),
        optional('realm_id', 'Realm to create the volume in', { refers: 'realms' }),
        optional('name', 'Name of the volume'),
        optional('description', 'Description of the volume'),
      ],
      async run(request) {
        const { storage_volumes: table } = await request.cloud()
        const [snapshotId, capacity, realmId] = [request.value('snapshot_id'), capacityOf(request), request.value('realm_id')]
        const [name, description] = [request.value('name'), request.value('description')]
        const made = await present(table?.create)({
          ...(snapshotId === undefined ? {} : { snapshotId }),
          ...(capacity === undefined ? {} : { capacity }),
          ...(realmId === undefined ? {} : { realmId }),
          ...(name === undefined ? {} : { name }),
          ...(description === undefined ? {} : { description }),
        })
        return created(request, view, made)
      },
    }),
    destroy({
      capability: 'destroy_storage_volume',
      doc: 'Destroys a volume that is attached to nothing.',
      offered: offer => offer.operations.storage_volumes?.destroy !== undefined,
      run: destroyVolume,
    }),
    action({
      name: 'attach',
      capability: 'attach_storage_volume',
      doc: 'Attaches a volume to an instance.',
      statuses: [202, 404, 409],
      offered: offer => offer.operations.storage_volumes?.attach !== undefined,
      parameters: [
        required('instance_id', 'Instance to attach the volume to', { refers: 'instances' }),
        required('device', 'Device to attach it as', { initial: '/dev/sdc' }),
      ],
      async run(request) {
        const { storage_volumes: table } = await request.cloud()
        const attached = await present(table?.attach)(request.id, {
          instanceId: request.required('instance_id'),
          device: request.required('device'),
        })
        return item(view, attached, 202, { redirect: volumeLink(request) })
      },
    }),
    action({
      name: 'detach',
      capability: 'detach_storage_volume',
      doc: 'Detaches a volume from its instance.',
      statuses: [202, 404, 409],
      offered: offer => offer.operations.storage_volumes?.detach !== undefined,
      async run(request) {
        const { storage_volumes: table } = await request.cloud()
        return item(view, await present(table?.detach)(request.id), 202, { redirect: volumeLink(request) })
      },
    }),
    form({
      name: 'new',
      path: ['new'],
      capability: 'create_storage_volume',
      doc: 'The form that creates a volume.',
      offered: offer => offer.operations.storage_volumes?.create !== undefined,
      run: request =>
        formFor(request, 'create', {
          title: 'New storage volume',
          submit: 'Create volume',
          action: request.links.collection('storage_volumes'),
          values: Object.fromEntries(request.all()),
        }),
    }),
    form({
      name: 'attach_instance',
      path: [':id', 'attach_instance'],
      capability: 'attach_storage_volume',
      doc: 'The form that attaches a volume.',
      offered: offer => offer.operations.storage_volumes?.attach !== undefined,
      async run(request) {
        const volume = await present((await request.cloud()).storage_volumes).get?.(request.id)
        if (volume?.instanceId !== undefined) throw notPermitted(`The volume is attached to ${volume.instanceId}`)
        return formFor(request, 'attach', {
          title: `Attach ${request.id}`,
          submit: 'Attach volume',
          action: request.links.under('storage_volumes', request.id, 'attach'),
        })
      },
    }),
  ],
})
