/** Hardware profiles: fixed. */

import { badRequest } from '../../model/errors.ts'
import { accepts, type HardwareProfile, type PropertyName, propertyOf } from '../../model/hardware-profile.ts'
import type { InstanceProfile } from '../../model/resources.ts'
import type { Personality } from '../personality.ts'
import type { Tenant } from '../tenant.ts'

export const list = async (tenant: Tenant): Promise<readonly HardwareProfile[]> => tenant.personality.hardwareProfiles

export const get = async (tenant: Tenant, id: string): Promise<HardwareProfile | undefined> =>
  tenant.personality.hardwareProfiles.find(profile => profile.id === id)

/**
 * The profile of a new instance, with what it's to have instead of the defaults.
 * @throws CloudError `bad-request` for a profile that isn't there, or a value that it can't have.
 */
export const chosen = (
  { hardwareProfiles, preset, lenient }: Personality,
  id: string | undefined,
  wanted: Readonly<Partial<Record<PropertyName, string>>> = {},
): InstanceProfile => {
  const wantedId = id === undefined || id === '' ? preset.hardwareProfile : id
  const profile = hardwareProfiles.find(candidate => candidate.id === wantedId)
  if (profile === undefined) throw badRequest(`Hardware profile '${wantedId}' does not exists.`)
  const overrides: Partial<Record<PropertyName, string>> = {}
  for (const name of ['memory', 'storage', 'architecture', 'cpu'] as const) {
    const value = wanted[name]
    if (value === undefined) continue
    if (!lenient.profileValues) {
      const property = propertyOf(profile, name)
      // A form submits an empty field, and those of fixed properties, for every profile at once.
      if (property?.kind === 'fixed' || value === '') continue
      if (property === undefined) throw badRequest(`Hardware profile '${profile.id}' has no property '${name}'`)
      if (!accepts(property, value)) throw badRequest(`Hardware profile '${profile.id}' can't have '${value}' for '${name}'`)
    }
    overrides[name] = value
  }
  return { id: profile.id, overrides }
}
