/** Regions, zones, instance types, and what accounts may. */

import { defaultOf, type HardwareProfile, includes, type PropertyName, propertyOf } from '../../../model/hardware-profile.ts'
import type { Realm } from '../../../model/resources.ts'
import { type Actions, type Asked, chosen, group } from './asked.ts'
import { ApiError } from './errors.ts'
import { described, filtered } from './listing.ts'
import type { Tree } from './writer.ts'

const stateOf = (realm: Realm): string => realm.state?.toLowerCase() ?? 'available'

const zone = (asked: Asked, realm: Realm): Tree => ({
  zoneName: realm.id,
  zoneState: stateOf(realm),
  regionName: asked.region,
  zoneId: realm.id,
  groupName: asked.region,
  optInStatus: 'opt-in-not-required',
  zoneType: 'availability-zone',
  messageSet: [],
})

const numberIn = (profile: HardwareProfile, name: PropertyName): number => {
  const property = propertyOf(profile, name)
  return property === undefined ? 0 : Number(defaultOf(property))
}

export const architecturesOf = (profile: HardwareProfile): readonly string[] =>
  ['i386', 'x86_64', 'arm64'].filter(one => includes(profile, 'architecture', one))

const instanceType = (profile: HardwareProfile): Tree => {
  const storage = numberIn(profile, 'storage')
  return {
    instanceType: profile.id,
    currentGeneration: true,
    freeTierEligible: false,
    supportedUsageClasses: ['on-demand'],
    supportedRootDeviceTypes: ['ebs'],
    supportedVirtualizationTypes: ['hvm'],
    bareMetal: false,
    processorInfo: { supportedArchitectures: architecturesOf(profile) },
    vCpuInfo: { defaultVCpus: numberIn(profile, 'cpu') },
    memoryInfo: { sizeInMiB: numberIn(profile, 'memory') },
    instanceStorageSupported: storage > 0,
    ...(storage > 0 ? { instanceStorageInfo: { totalSizeInGB: storage } } : {}),
  }
}

export const zoneActions: Actions = {
  DescribeRegions: {
    answer: asked => ({
      regionInfo: asked.regions.map(regionName => ({
        regionName,
        // One address serves all regions: the signature names the one that is meant.
        regionEndpoint: /^https?:\/\/([^/]+)/.exec(asked.address)?.[1] ?? '',
        optInStatus: 'opt-in-not-required',
      })),
    }),
  },
  DescribeAvailabilityZones: {
    about: 'realms',
    async answer(asked) {
      const all = await group(asked, 'realms').list({})
      const names = asked.parameters.list('ZoneName')
      const unknown = names.find(name => !all.some(({ id }) => id === name))
      if (unknown !== undefined) throw new ApiError('InvalidParameterValue', `Invalid availability zone: [${unknown.slice(0, 100)}]`)
      const found = filtered(asked.parameters, chosen('realms', all, names), {
        'zone-name': realm => realm.id,
        state: stateOf,
        'region-name': () => asked.region,
        'zone-type': () => 'availability-zone',
      })
      return { availabilityZoneInfo: found.map(realm => zone(asked, realm)) }
    },
  },
  DescribeInstanceTypes: {
    about: 'hardware_profiles',
    async answer(asked) {
      const all = await group(asked, 'hardware_profiles').list({})
      const wanted = asked.parameters.list('InstanceType')
      const unknown = wanted.find(id => !all.some(profile => profile.id === id))
      if (unknown !== undefined)
        throw new ApiError('InvalidInstanceType', `The following supplied instance types do not exist: [${unknown.slice(0, 100)}]`)
      const found = filtered(asked.parameters, chosen('hardware_profiles', all, wanted), {
        'instance-type': profile => profile.id,
        'processor-info.supported-architecture': profile => architecturesOf(profile),
        'vcpu-info.default-vcpus': profile => numberIn(profile, 'cpu'),
        'memory-info.size-in-mib': profile => numberIn(profile, 'memory'),
      })
      return described(asked, 'instanceTypeSet', found, instanceType)
    },
  },
  DescribeInstanceTypeOfferings: {
    about: 'hardware_profiles',
    async answer(asked) {
      const found = filtered(asked.parameters, await group(asked, 'hardware_profiles').list({}), { 'instance-type': profile => profile.id })
      return described(asked, 'instanceTypeOfferingSet', found, profile => ({
        instanceType: profile.id,
        locationType: 'region',
        location: asked.region,
      }))
    },
  },
  DescribeAccountAttributes: {
    answer: ({ cloud }) => ({
      accountAttributeSet: [
        {
          attributeName: 'supported-platforms',
          attributeValueSet: [{ attributeValue: cloud.networks === undefined ? 'EC2' : 'VPC' }],
        },
      ],
    }),
  },
}
