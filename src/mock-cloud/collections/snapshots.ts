/** Snapshots of storage volumes. */

import { conflict } from '../../model/errors.ts'
import type { StorageSnapshot } from '../../model/resources.ts'
import { becoming } from '../becoming.ts'
import { newId } from '../ids.ts'
import type { Tenant } from '../tenant.ts'
import { found, given, listing, referred } from './lookup.ts'

export const { list, get, page } = listing('storage_snapshots')

export const create = (
  tenant: Tenant,
  request: { readonly volumeId: string; readonly name?: string; readonly description?: string },
): Promise<StorageSnapshot> =>
  tenant.write(async turn => {
    const { personality, tx, now } = turn
    const { volumeId } = request
    const volume = personality.lenient.unknownReferences
      ? await tx.get('storage_volumes', volumeId)
      : await referred(turn, 'storage_volumes', volumeId)
    if (volume?.kept.becomes !== undefined) throw conflict(`Storage volume '${volumeId}' is not available yet`)
    const name = given(request.name)
    const shown: StorageSnapshot = {
      id: await newId(turn, 'storage_snapshots', personality.ids.storage_snapshots),
      ...(name === undefined ? {} : { name }),
      ...(request.description === undefined ? {} : { description: request.description }),
      storageVolumeId: volumeId,
      created: personality.time(now),
    }
    const kept = { capacity: volume?.shown.capacity ?? 1 }
    const record = becoming(turn, 'storage_snapshots', { shown, kept })
    await turn.tx.put('storage_snapshots', record)
    return record.shown
  })

export const destroy = (tenant: Tenant, id: string): Promise<void> =>
  tenant.write(async turn => {
    await found(turn, 'storage_snapshots', id)
    await turn.tx.remove('storage_snapshots', id)
  })
