/** The data of the original mock driver, as far as both personalities have it alike. */

import { enumeration, fixed, type HardwareProfile, range } from '../../model/hardware-profile.ts'
import type { Image, Instance, Realm } from '../../model/resources.ts'
import type { Records } from '../records.ts'

export const realms: readonly Realm[] = [
  { id: 'us', name: 'United States', limit: 'unlimited', state: 'AVAILABLE' },
  { id: 'eu', name: 'Europe', limit: 'unlimited', state: 'AVAILABLE' },
]

export const hardwareProfiles: readonly HardwareProfile[] = [
  { id: 'm1-small', properties: [fixed('cpu', 1), fixed('memory', 1740.8), fixed('storage', 160), fixed('architecture', 'i386')] },
  {
    id: 'm1-large',
    properties: [
      range('cpu', 1, 6),
      range('memory', 7680, 15360, 10240),
      enumeration('storage', [850, 1024]),
      fixed('architecture', 'x86_64'),
    ],
  },
  {
    id: 'm1-xlarge',
    properties: [
      fixed('cpu', 4),
      range('memory', 12288, 32768),
      enumeration('storage', [1024, 2048, 4096]),
      fixed('architecture', 'x86_64'),
    ],
  },
  { id: 'opaque', properties: [] },
]

/** Ids of all: every image runs on each. */
export const profileIds = hardwareProfiles.map(profile => profile.id)

const image = (id: string, description: string, ownerId: string, architecture: string): Image => ({
  id,
  name: id,
  description,
  ownerId,
  architecture,
  state: 'AVAILABLE',
  creationTime: 'Thu Oct 25 14:27:53 CEST 2012',
  hardwareProfiles: profileIds,
})

/** @param account the caller, who owns the third. */
export const images = (account: string): readonly Image[] => [
  image('img1', 'Fedora 10', 'fedoraproject', 'x86_64'),
  image('img2', 'Fedora 10', 'fedoraproject', 'i386'),
  image('img3', 'JBoss', account, 'i386'),
]

/** When the instances that are there from the start were launched: that of the images, milliseconds since 1970. */
export const launched = Date.UTC(2012, 9, 25, 12, 27, 53)

export const hostNames = (image: string, id: string) =>
  ({
    publicAddresses: [{ address: `${image}.${id}.public.com`, type: 'hostname' }],
    privateAddresses: [{ address: `${image}.${id}.private.com`, type: 'hostname' }],
  }) as const

export const small = { id: 'm1-small', overrides: {} } as const
export const large = { id: 'm1-large', overrides: {} } as const

type Given = Omit<Instance, 'state' | 'publicAddresses' | 'privateAddresses' | 'canCreateImage' | 'storageVolumes'> & {
  readonly imageId: string
  readonly storageVolumes?: Instance['storageVolumes']
}

/** An instance that runs from the start. @param options.addressedAs the image that its addresses name, where that's another. */
export const running = (given: Given, options: { addressedAs?: string; imageable?: boolean } = {}): Records['instances'] => {
  const imageable = options.imageable ?? true
  return {
    shown: {
      storageVolumes: [],
      ...given,
      state: 'running',
      ...hostNames(options.addressedAs ?? given.imageId, given.id),
      ...(imageable ? { canCreateImage: true } : {}),
    },
    kept: { moves: 0, launched, imageable, ownAddresses: hostNames(given.imageId, given.id).publicAddresses, loadBalancers: [] },
  }
}
