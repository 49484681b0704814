/** Hardware profiles: what the provider tells of its instance types. */

import type { Filter, InstanceTypeInfo } from '@aws-sdk/client-ec2'
import { fixed, type HardwareProfile } from '../../../model/hardware-profile.ts'
import { byId, type Listing } from '../../driver.ts'
import { allPages } from '../../pagers.ts'
import { sessionKey } from '../../sessions.ts'
import { need } from './native.ts'
import type { Session } from './session.ts'

/** Milliseconds for which instance types are kept: there are hundreds, and they rarely change. */
const kept = 60 * 60_000

/** @param type as `DescribeInstanceTypes` tells it: memory in MiB, storage in GB, none where there is no disk of its own */
export const profileOf = (type: InstanceTypeInfo): HardwareProfile => {
  const architectures = type.ProcessorInfo?.SupportedArchitectures ?? []
  return {
    id: need(type.InstanceType, 'instanceType'),
    properties: [
      ...numeric('cpu', type.VCpuInfo?.DefaultVCpus),
      ...numeric('memory', type.MemoryInfo?.SizeInMiB),
      fixed('storage', type.InstanceStorageInfo?.TotalSizeInGB ?? 0),
      // Of several the last is the one of 64 bits: `i386, x86_64`.
      ...architectures.slice(-1).map(one => fixed('architecture', one)),
    ],
  }
}

const numeric = (name: 'cpu' | 'memory', value: number | undefined) => (value === undefined ? [] : [fixed(name, value)])

/** As they were lately: what images are told to run on needn't be newer. @throws CloudError */
export const liveProfiles = (session: Session): Promise<readonly HardwareProfile[]> => {
  const { context, place, credentials } = session
  const key = sessionKey(context.world, 'instance-types', place.endpoints.ec2 ?? place.region, credentials)
  return context.sessions.remember(key, async () => ({ value: await asked(session), expires: context.now() + kept }), context.signal)
}

const asked = async (session: Session): Promise<readonly HardwareProfile[]> => (await instanceTypes(session)).map(profileOf)

const instanceTypes = (session: Session, filters?: Filter[]): Promise<readonly InstanceTypeInfo[]> =>
  allPages('DescribeInstanceTypes', async token => {
    const answer = await session.ec2(client =>
      client.describeInstanceTypes({
        ...(filters === undefined ? {} : { Filters: filters }),
        ...(token === undefined ? {} : { NextToken: token }),
      }),
    )
    return { items: answer.InstanceTypes ?? [], next: answer.NextToken }
  })

/** One as it is now. A filter that fits none is no mistake, as the name of an unknown type would be; it takes `*` and `?` for any characters. */
const get = async (session: Session, id: string): Promise<HardwareProfile | undefined> => {
  // A page of a filtered list may be empty although what is looked for is in a later one.
  const found = (await instanceTypes(session, [{ Name: 'instance-type', Values: [id] }])).find(type => type.InstanceType === id)
  return found === undefined ? undefined : profileOf(found)
}

/** As they are now. */
export const askedProfiles: Listing<Session, HardwareProfile> = byId(asked, get)

/** Ids of the profiles that run an architecture. */
export const profilesFor = (profiles: readonly HardwareProfile[], architecture: string | undefined): readonly string[] =>
  profiles
    .filter(({ properties }) =>
      properties.some(
        one =>
          one.name === 'architecture' &&
          (one.kind === 'fixed' ? one.value === architecture : one.kind === 'enum' && one.values.some(value => value === architecture)),
      ),
    )
    .map(({ id }) => id)
