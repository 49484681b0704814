/** Images. */

import { badRequest, CloudError, conflict, forbidden } from '../../model/errors.ts'
import type { Image } from '../../model/resources.ts'
import { becoming } from '../becoming.ts'
import { newId } from '../ids.ts'
import type { Tenant } from '../tenant.ts'
import { checkedId, found, given, listing } from './lookup.ts'

export const { list, get, page } = listing('images')

/** Makes an image of an instance. */
export const create = (
  tenant: Tenant,
  request: { readonly instanceId: string; readonly name?: string; readonly description?: string },
): Promise<Image> =>
  tenant.write(async turn => {
    const { personality, tx, now } = turn
    const instance = await tx.show('instances', request.instanceId)
    if (instance === undefined) {
      throw personality.lenient.unknownReferences
        ? new CloudError('not-found', 'NotFound')
        : badRequest(`Instance '${request.instanceId}' does not exist`)
    }
    if (instance.canCreateImage !== true) {
      throw conflict(
        'CreateImageNotSupported',
        `No image can be made of the instance '${request.instanceId}' now: it is ${instance.state.toUpperCase()}`,
      )
    }
    const name = given(request.name)
    const rule = personality.ids.images
    const id = checkedId(await newId(turn, 'images', rule, name), 'image')
    const of = instance.imageId === undefined ? undefined : await tx.show('images', instance.imageId)
    const shown: Image = {
      id,
      name: name ?? personality.nameOf?.('images', { of: { id: instance.id, name: instance.name ?? instance.id }, time: now }) ?? id,
      ...(request.description === undefined ? {} : { description: request.description }),
      ...personality.newImage({ owner: turn.account, of, time: personality.time(now) }),
    }
    const record = becoming(turn, 'images', { shown, kept: {} })
    await turn.tx.put('images', record)
    return record.shown
  })

export const destroy = (tenant: Tenant, id: string): Promise<void> =>
  tenant.write(async turn => {
    const { shown } = await found(turn, 'images', id)
    if (turn.personality.ownImagesOnly === true && shown.ownerId !== turn.account) throw forbidden(`You do not own the image '${id}'`)
    await turn.tx.remove('images', id)
  })
