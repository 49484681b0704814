/** Flavors: hardware profiles. */

import type { HardwareProfile } from '../../../model/hardware-profile.ts'
import { type Asked, allOf, json, one, part, type Routes } from './asked.ts'
import { type Document, listed, type Style } from './listing.ts'

const style: Style = {
  usualLimit: 1000,
  next: 'links',
  filters: {
    minRam: ({ ram }, value) => Number(ram) >= Number(value),
    minDisk: ({ disk }, value) => Number(disk) >= Number(value),
    // All are public.
    is_public: undefined,
  },
}

/** A number that a profile has, or has by default. */
const amountOf = ({ properties }: HardwareProfile, name: string): number => {
  const property = properties.find(found => found.name === name)
  const value = property === undefined ? 0 : Number(property.kind === 'fixed' ? property.value : property.default)
  return Number.isFinite(value) ? value : 0
}

/** Memory in MB, disk in GB: whole numbers, at least those of the profile. */
export const flavorSizes = (profile: HardwareProfile): { readonly ram: number; readonly disk: number; readonly vcpus: number } => ({
  ram: Math.ceil(amountOf(profile, 'memory')),
  disk: Math.ceil(amountOf(profile, 'storage')),
  vcpus: Math.ceil(amountOf(profile, 'cpu')),
})

export const linkOf = ({ base }: Asked, path: string): readonly object[] => [
  { rel: 'self', href: `${base}/compute/v2.1${path}` },
  { rel: 'bookmark', href: `${base}/compute${path}` },
]

const flavorTree = (asked: Asked, profile: HardwareProfile): Document => ({
  id: profile.id,
  name: profile.name ?? profile.id,
  ...flavorSizes(profile),
  swap: '',
  rxtx_factor: 1.0,
  'OS-FLV-EXT-DATA:ephemeral': 0,
  'OS-FLV-DISABLED:disabled': false,
  'os-flavor-access:is_public': true,
  links: linkOf(asked, `/flavors/${encodeURIComponent(profile.id)}`),
})

const all = async (asked: Asked): Promise<readonly Document[]> =>
  (await allOf(asked, 'hardware_profiles')).map(profile => flavorTree(asked, profile))

export const short = ({ id, name, links }: Document): Document => ({ id, name, links })

export const flavorRoutes: Routes = {
  'GET /flavors': async asked => listed(asked, 'flavors', await all(asked), style, short),
  'GET /flavors/detail': async asked => listed(asked, 'flavors', await all(asked), style),
  'GET /flavors/:id': async asked => json(200, { flavor: flavorTree(asked, await one(asked, 'hardware_profiles', part(asked))) }),
  'GET /flavors/:id/os-extra_specs': async asked => {
    await one(asked, 'hardware_profiles', part(asked))
    return json(200, { extra_specs: {} })
  },
}
