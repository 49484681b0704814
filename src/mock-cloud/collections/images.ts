/** Images. */

import type { ImageFilter } from '../../model/requests.ts'
import type { Image } from '../../model/resources.ts'
import type { Tenant } from '../tenant.ts'

export const list = (tenant: Tenant, filter: ImageFilter): Promise<readonly Image[]> =>
  tenant.read(async ({ tx }) => {
    const { id } = filter
    if (id === undefined) return tx.list('images')
    const found = await tx.show('images', id)
    return found === undefined ? [] : [found]
  })

export const get = (tenant: Tenant, id: string): Promise<Image | undefined> => tenant.read(({ tx }) => tx.show('images', id))
