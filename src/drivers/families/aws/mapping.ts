/** What EC2 tells of instances and images, in the words of the API. */

import type { Image as NativeImage, Instance as NativeInstance, Reservation, Tag } from '@aws-sdk/client-ec2'
import type { HardwareProfile } from '../../../model/hardware-profile.ts'
import type { Image, Instance, InstanceAddress } from '../../../model/resources.ts'
import { meaningOf, permitsWithoutVolume } from './machine.ts'
import { need, present, said, some, timeOf } from './native.ts'
import { profilesFor } from './profiles.ts'

/** The tag that consoles show as the name. */
export const named = (tags: readonly Tag[] | undefined): string | undefined => some(tags?.find(({ Key: key }) => key === 'Name')?.Value)

/** Types that run more than one architecture: of an instance of these it's told which one. */
const severalArchitectures: ReadonlySet<string> = new Set(['t1.micro', 'm1.small', 'm1.medium', 'c1.medium'])

/** A name of a host; an address where that's said to be empty. Private clouds have addresses for names. */
const addressesOf = (name: string | undefined, address: string | undefined): readonly InstanceAddress[] => {
  const text = name === '' ? some(address) : name
  return text === undefined ? [] : [{ address: text, type: /^\d+\.\d+\.\d+\.\d+$/.test(text) ? 'ipv4' : 'hostname' }]
}

/** Names of security groups: the instance's own, or before 2011 those of its reservation, where an id was a name. */
const firewallsOf = (instance: NativeInstance, reservation: Reservation): readonly string[] => {
  const own = instance.SecurityGroups ?? []
  return (own.length > 0 ? own : (reservation.Groups ?? [])).flatMap(({ GroupName: name, GroupId: id }) => some(name) ?? some(id) ?? [])
}

export const instanceOf = (instance: NativeInstance, reservation: Reservation): Instance => {
  const id = need(instance.InstanceId, 'instanceId')
  const imageId = some(instance.ImageId)
  const zone = some(instance.Placement?.AvailabilityZone)
  const subnet = some(instance.SubnetId)
  const { state, doing, permits } = meaningOf(said(instance.State?.Name, 'instanceState/name'))
  const hasVolume = instance.RootDeviceType === 'ebs'
  const profile = some(instance.InstanceType)
  const firewalls = firewallsOf(instance, reservation)
  const interfaces = (instance.NetworkInterfaces ?? []).flatMap(({ NetworkInterfaceId: one }) => one ?? [])
  return present({
    id,
    name: named(instance.Tags) ?? imageId,
    ownerId: some(reservation.OwnerId),
    imageId,
    realmId: zone === undefined ? undefined : subnet === undefined ? zone : `${zone}:${subnet}`,
    state,
    doing,
    permits: permits ?? (hasVolume ? undefined : permitsWithoutVolume),
    hardwareProfile:
      profile === undefined
        ? undefined
        : {
            id: profile,
            overrides:
              severalArchitectures.has(profile) && instance.Architecture !== undefined ? { architecture: instance.Architecture } : {},
          },
    publicAddresses: addressesOf(instance.PublicDnsName, instance.PublicIpAddress),
    privateAddresses: addressesOf(instance.PrivateDnsName, instance.PrivateIpAddress),
    launchTime: timeOf(instance.LaunchTime),
    keyName: some(instance.KeyName),
    canCreateImage: hasVolume && (state === 'running' || state === 'stopped') ? true : undefined,
    firewalls: firewalls.length === 0 ? undefined : firewalls,
    storageVolumes: (instance.BlockDeviceMappings ?? []).flatMap(({ Ebs: volume, DeviceName: device }) =>
      volume?.VolumeId === undefined ? [] : [present({ id: volume.VolumeId, device: some(device) })],
    ),
    networkInterfaces: interfaces.length === 0 ? undefined : interfaces,
  })
}

export const instancesIn = (reservations: readonly Reservation[] | undefined): readonly Instance[] =>
  (reservations ?? []).flatMap(reservation => (reservation.Instances ?? []).map(instance => instanceOf(instance, reservation)))

export const imageOf = (image: NativeImage, profiles: readonly HardwareProfile[]): Image => {
  const id = need(image.ImageId, 'imageId')
  const hasVolume = image.RootDeviceType === 'ebs'
  return present({
    id,
    name: some(image.Name) ?? id,
    description: some(image.Description) ?? some(image.ImageLocation),
    ownerId: some(image.OwnerId),
    architecture: some(image.Architecture),
    state: image.State?.toUpperCase(),
    creationTime: some(image.CreationDate),
    rootType: hasVolume ? 'persistent' : 'transient',
    // The smallest type has no disk of its own to start from.
    hardwareProfiles: profilesFor(profiles, image.Architecture).filter(profile => hasVolume || profile !== 't1.micro'),
  })
}
