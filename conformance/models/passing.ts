/** How time passes in the model: what must be over is over, what may be is as the cloud shows it. */

import { endInstance } from './instances.ts'
import type { Model } from './state.ts'

/** What the cloud shows of something that passes: whether it's still under way. */
export type IsUnderWay = (collection: 'instances' | 'images' | 'storage_snapshots', id: string) => boolean

/** Sets the model's time, and lets end what has ended. Where the cloud shows what can't be yet, or no more, the picture will tell. */
export const passTime = (model: Model, now: number, isUnderWay: IsUnderWay): void => {
  model.now = now
  const isOver = ({ least, most }: { readonly least: number; readonly most: number }, looks: () => boolean): boolean =>
    now >= most || (now >= least && !looks())
  for (const [id, instance] of Object.entries(model.instances)) {
    const underWay = () => isUnderWay('instances', id)
    if (instance.rebooting !== undefined && isOver(instance.rebooting, underWay)) delete instance.rebooting
    const { passing } = instance
    if (passing === undefined || !isOver(passing, underWay)) continue
    delete instance.passing
    if (passing.to === 'gone') endInstance(model, id)
    else instance.state = passing.to
  }
  for (const collection of ['images', 'storage_snapshots'] as const) {
    for (const [id, one] of Object.entries(model[collection])) {
      if (one.passing !== undefined && isOver(one.passing, () => isUnderWay(collection, id))) delete one.passing
    }
  }
}
