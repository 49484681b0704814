/** Instances. */

import type { LaunchRequest } from '../../../model/requests.ts'
import type { Instance, InstanceAddress } from '../../../model/resources.ts'
import { shortened } from '../../excerpts.ts'
import { type Action, type Actions, type Asked, chosen, group, operation, unsupported } from './asked.ts'
import { addressInName, dateOf, derivedId, groupId } from './derived.ts'
import { ApiError, notThere } from './errors.ts'
import { filtered, page, type Readers } from './listing.ts'
import { type Said, saidOf, type Tags, tagAtCreation, tagReaders, tagSet, tagsOfAll } from './tags.ts'
import { Raw, type Tree, xmlOf } from './writer.ts'

interface NativeState {
  readonly name: string
  readonly code: number
}

const codes: Readonly<Record<string, number>> = {
  pending: 0,
  running: 16,
  'shutting-down': 32,
  terminated: 48,
  stopping: 64,
  stopped: 80,
}

/** What isn't running yet is pending, what has failed stands still; what is being destroyed says so. */
export const nativeState = ({ state, doing }: Instance): NativeState => {
  const name =
    state === 'finish'
      ? 'terminated'
      : state === 'stopping'
        ? doing === 'destroy'
          ? 'shutting-down'
          : 'stopping'
        : state === 'running' || state === 'stopped'
          ? state
          : state === 'error' || state === 'unknown'
            ? 'stopped'
            : 'pending'
  return { name, code: codes[name] ?? -1 }
}

const first = (addresses: readonly InstanceAddress[]): { readonly name: string; readonly ip: string | undefined } => {
  const found = addresses.find(({ type }) => type === 'hostname' || type === 'ipv4')
  if (found === undefined) return { name: '', ip: undefined }
  return found.type === 'ipv4' ? { name: '', ip: found.address } : { name: found.address, ip: addressInName(found.address) }
}

/** A realm may name a subnet: `us-east-1a:subnet-1`. */
const placeOf = ({ realmId }: Instance): { readonly zone: string | undefined; readonly subnet: string | undefined } => {
  const at = realmId?.indexOf(':') ?? -1
  return at < 0 ? { zone: realmId, subnet: undefined } : { zone: realmId?.slice(0, at), subnet: realmId?.slice(at + 1) }
}

const groupsOf = (instance: Instance): Tree => (instance.firewalls ?? []).map(id => ({ groupId: groupId({ id }), groupName: id }))

/** An instance that has no volume to start from can't be stopped. */
const rootOf = ({ permits }: Instance): string => (permits?.includes('reboot') && !permits.includes('stop') ? 'instance-store' : 'ebs')

/** A name that isn't its image's is what consoles show as the tag `Name`. */
const withName = (instance: Instance, tags: Tags | undefined): Tags | undefined =>
  instance.name === undefined || instance.name === instance.imageId || tags?.Name !== undefined ? tags : { Name: instance.name, ...tags }

/** In which subnet instances are: that of the realm, or the one that was named at the launch. */
type Subnets = ReadonlyMap<string, string>

const subnetName = 'ec2:subnet'

const subnetsOf = (instances: readonly Instance[], said: Said): Subnets => {
  const found = new Map<string, string>()
  for (const instance of instances) {
    const { id, networkInterfaces = [] } = instance
    // Who was launched in a subnet has an interface there.
    const named = networkInterfaces.length === 0 ? undefined : said.get(id)?.[subnetName]
    const subnet = placeOf(instance).subnet ?? named
    if (subnet !== undefined) found.set(id, subnet)
  }
  return found
}

const instanceTree = (instance: Instance, tags: Tags | undefined, subnets: Subnets): Tree => {
  const { zone } = placeOf(instance)
  const [open, inner] = [first(instance.publicAddresses), first(instance.privateAddresses)]
  const { name, code } = nativeState(instance)
  return {
    instanceId: instance.id,
    imageId: instance.imageId,
    instanceState: { code, name },
    privateDnsName: inner.name,
    dnsName: open.name,
    reason: '',
    keyName: instance.keyName,
    amiLaunchIndex: 0,
    instanceType: instance.hardwareProfile?.id,
    launchTime: dateOf(instance.launchTime),
    placement: { availabilityZone: zone, groupName: '', tenancy: 'default' },
    monitoring: { state: 'disabled' },
    subnetId: subnets.get(instance.id),
    privateIpAddress: inner.ip,
    ipAddress: open.ip,
    groupSet: groupsOf(instance),
    architecture: String(instance.hardwareProfile?.overrides.architecture ?? 'x86_64'),
    rootDeviceType: rootOf(instance),
    rootDeviceName: '/dev/sda1',
    blockDeviceMapping: instance.storageVolumes.map(({ id, device }) => ({
      deviceName: device,
      ebs: { volumeId: id, status: 'attached', deleteOnTermination: false },
    })),
    virtualizationType: 'hvm',
    hypervisor: 'xen',
    tagSet: tagSet(withName(instance, tags)),
    networkInterfaceSet: (instance.networkInterfaces ?? []).map((id, n) => ({
      networkInterfaceId: id,
      attachment: { attachmentId: derivedId('eni-attach', id), deviceIndex: n + 1, status: 'attached' },
    })),
  }
}

const remembered = new WeakMap<Instance, Raw>()

/** As XML, which is written once for an instance that's told as it was before: the simulator gives the same object then. */
const written = (instance: Instance, tags: Tags | undefined, subnets: Subnets): Tree => {
  if (tags !== undefined || subnets.has(instance.id)) return instanceTree(instance, tags, subnets)
  let xml = remembered.get(instance)
  if (xml === undefined) {
    xml = new Raw(xmlOf(instanceTree(instance, tags, subnets), 'item'))
    remembered.set(instance, xml)
  }
  return xml
}

const reservationTree = (
  asked: Asked,
  instances: readonly Instance[],
  tags: ReadonlyMap<string, Tags>,
  subnets: Subnets,
): Record<string, Tree> => {
  const [one] = instances
  return {
    reservationId: derivedId('r', one?.id ?? ''),
    ownerId: one?.ownerId ?? asked.user,
    groupSet: one === undefined ? [] : groupsOf(one),
    instancesSet: instances.map(instance => written(instance, tags.get(instance.id), subnets)),
  }
}

const readers = (asked: Asked, tags: ReadonlyMap<string, Tags>, subnets: Subnets): Readers<Instance> => ({
  ...tagReaders<Instance>(asked.parameters, new Map([...tags])),
  'instance-id': instance => instance.id,
  'instance-state-name': instance => nativeState(instance).name,
  'instance-state-code': instance => nativeState(instance).code,
  'instance-type': instance => instance.hardwareProfile?.id,
  'image-id': instance => instance.imageId,
  'key-name': instance => instance.keyName,
  'availability-zone': instance => placeOf(instance).zone,
  'subnet-id': instance => subnets.get(instance.id),
  'owner-id': instance => instance.ownerId ?? asked.user,
  'reservation-id': instance => derivedId('r', instance.id),
  'dns-name': instance => first(instance.publicAddresses).name,
  'private-dns-name': instance => first(instance.privateAddresses).name,
  'ip-address': instance => first(instance.publicAddresses).ip,
  'private-ip-address': instance => first(instance.privateAddresses).ip,
  'group-name': instance => instance.firewalls ?? [],
  'instance.group-name': instance => instance.firewalls ?? [],
  'group-id': instance => (instance.firewalls ?? []).map(id => groupId({ id })),
  'instance.group-id': instance => (instance.firewalls ?? []).map(id => groupId({ id })),
  'root-device-type': rootOf,
  'client-token': () => undefined,
})

/** The instances that are asked for; one id needs no list. @throws ApiError for an id that isn't there */
const wanted = async (asked: Asked): Promise<readonly Instance[]> => {
  const ids = asked.parameters.list('InstanceId')
  const { list, get } = group(asked, 'instances')
  if (ids.length > 0 && ids.length <= 8 && get !== undefined)
    return Promise.all([...new Set(ids)].map(async id => (await get(id)) ?? gone(id)))
  return chosen('instances', await list({}), ids)
}

const gone = (id: string): never => {
  throw notThere('instances', id)
}

/** How many instances may be asked for at once. */
const most = 1000

const launchOf = async (asked: Asked): Promise<LaunchRequest> => {
  const { parameters } = asked
  const [least, count] = [parameters.number('MinCount') ?? 1, parameters.number('MaxCount') ?? 1]
  if (least < 1 || count < least || count > most)
    throw new ApiError('InvalidParameterValue', `Value (${count}) for parameter MaxCount is invalid`)
  const subnet = parameters.text('SubnetId') ?? parameters.text('NetworkInterface.1.SubnetId')
  if (subnet !== undefined && !(await group(asked, 'subnets').list({})).some(({ id }) => id === subnet)) throw notThere('subnets', subnet)
  const zone = parameters.text('Placement.AvailabilityZone')
  const groups = await groupNames(asked)
  const mapping = parameters.items('BlockDeviceMapping').find(one => one.text('Ebs.SnapshotId') !== undefined)
  const [snapshot, device] = [mapping?.text('Ebs.SnapshotId'), mapping?.text('DeviceName')]
  const [type, key, data] = [parameters.text('InstanceType'), parameters.text('KeyName'), parameters.text('UserData')]
  return {
    imageId: parameters.need('ImageId'),
    ...(zone === undefined ? {} : { realmId: zone }),
    ...(subnet === undefined ? {} : { networks: [subnet] }),
    ...(type === undefined ? {} : { hardwareProfileId: type }),
    ...(key === undefined ? {} : { keyName: key }),
    ...(data === undefined ? {} : { userData: data }),
    ...(groups.length === 0 ? {} : { firewalls: groups }),
    ...(count === 1 ? {} : { count }),
    ...(parameters.flag('Monitoring.Enabled') ? { metrics: 'true' } : {}),
    ...(snapshot === undefined ? {} : { snapshotId: snapshot, ...(device === undefined ? {} : { deviceName: device }) }),
  }
}

/** Groups by name, and those by id, as the cloud names them. */
const groupNames = async (asked: Asked): Promise<readonly string[]> => {
  const { parameters } = asked
  const ids = [...parameters.list('SecurityGroupId'), ...parameters.below('NetworkInterface.1').list('SecurityGroupId')]
  const names = parameters.list('SecurityGroup')
  if (ids.length === 0) return names
  const all = await group(asked, 'firewalls').list({})
  return [...names, ...chosen('firewalls', all, ids, groupId).map(({ id }) => id)]
}

/** An action on each instance that is named: all have to be there before the first is touched. */
const onEach = (
  name: 'start' | 'stop' | 'reboot' | 'destroy',
  reached: (after: Instance) => NativeState,
  answers: 'states' | 'yes',
): Action => ({
  about: 'instances',
  changes: true,
  ...(name === 'reboot' ? {} : { needsState: true }),
  async answer(asked) {
    const table = group(asked, 'instances')
    const act = operation(table[name], `${name} instances`)
    if (asked.parameters.list('InstanceId').length === 0)
      throw new ApiError('MissingParameter', 'The request must contain the parameter InstanceId')
    const changes: Tree[] = []
    for (const before of await wanted(asked)) {
      const was = nativeState(before)
      // What is there already is no failure, as the services have it.
      const isDone = name === 'destroy' ? was.name === 'terminated' || was.name === 'shutting-down' : was.name === goals[name]
      if (!isDone) {
        if (name !== 'destroy' && was.name === 'terminated')
          throw new ApiError('IncorrectInstanceState', `The instance '${before.id}' is not in a state from which it can be ${name}ed`)
        await act(before.id)
      }
      const after = isDone ? before : ((await table.get?.(before.id)) ?? before)
      const { name: now, code } = isDone ? was : reached(after)
      changes.push({ instanceId: before.id, currentState: { code, name: now }, previousState: { code: was.code, name: was.name } })
    }
    return answers === 'yes' ? { return: true } : { instancesSet: changes }
  },
})

const goals: Readonly<Record<string, string>> = { start: 'running', stop: 'stopped' }

export const instanceActions: Actions = {
  DescribeInstances: {
    about: 'instances',
    async answer(asked) {
      const all = await wanted(asked)
      const said = await saidOf(asked, 'instances')
      const [tags, subnets] = [await tagsOfAll(asked, 'instances', all, said), subnetsOf(all, said)]
      const { items, next } = page(asked, filtered(asked.parameters, all, readers(asked, tags, subnets)))
      return { reservationSet: items.map(instance => reservationTree(asked, [instance], tags, subnets)), nextToken: next }
    },
  },
  DescribeInstanceStatus: {
    about: 'instances',
    async answer(asked) {
      const all = await wanted(asked)
      const shown = asked.parameters.flag('IncludeAllInstances') ? all : all.filter(instance => instance.state === 'running')
      const { items, next } = page(
        asked,
        filtered(asked.parameters, shown, readers(asked, new Map(), subnetsOf(shown, await saidOf(asked, 'instances')))),
      )
      return {
        instanceStatusSet: items.map(instance => {
          const status = instance.state === 'running' ? 'ok' : 'not-applicable'
          const { name, code } = nativeState(instance)
          return {
            instanceId: instance.id,
            availabilityZone: placeOf(instance).zone,
            instanceState: { code, name },
            systemStatus: { status },
            instanceStatus: { status },
          }
        }),
        nextToken: next,
      }
    },
  },
  DescribeInstanceAttribute: {
    about: 'instances',
    async answer(asked) {
      const id = asked.parameters.need('InstanceId')
      const instance = (await group(asked, 'instances').list({ id })).find(one => one.id === id) ?? gone(id)
      const attribute = asked.parameters.need('Attribute')
      const value = Object.hasOwn(attributes, attribute) ? attributes[attribute]?.(instance) : undefined
      if (value === undefined) throw unsupported(`The attribute ${shortened(attribute)} is not one of this cloud`)
      return { instanceId: id, ...value }
    },
  },
  GetConsoleOutput: {
    about: 'instances',
    async answer(asked) {
      const id = asked.parameters.need('InstanceId')
      if (!(await group(asked, 'instances').list({ id })).some(one => one.id === id)) gone(id)
      return { instanceId: id, timestamp: new Date(asked.now).toISOString(), output: '' }
    },
  },
  RunInstances: {
    about: 'images',
    changes: true,
    async answer(asked) {
      const create = operation(group(asked, 'instances').create, 'launch instances')
      const token = asked.parameters.text('ClientToken')
      const before = token === undefined ? [] : await launchedBefore(asked, token)
      if (before.length > 0) return launched(asked, before)
      const launch = await launchOf(asked)
      const made = await create(launch)
      const [subnet] = launch.networks ?? []
      if (subnet !== undefined && asked.cloud.annotations !== undefined)
        for (const { id } of made) await asked.cloud.annotations.set({ collection: 'instances', id }, { [subnetName]: subnet })
      await tagAtCreation(asked, 'instance', 'instances', made)
      if (token !== undefined && asked.cloud.annotations !== undefined)
        for (const { id } of made) await asked.cloud.annotations.set({ collection: 'instances', id }, { [tokenName]: token })
      return launched(asked, made)
    },
  },
  StartInstances: onEach('start', nativeState, 'states'),
  StopInstances: onEach('stop', nativeState, 'states'),
  RebootInstances: onEach('reboot', nativeState, 'yes'),
  TerminateInstances: onEach('destroy', nativeState, 'states'),
}

/** What a launch is answered with. */
const launched = async (asked: Asked, instances: readonly Instance[]): Promise<Tree> => {
  const said = await saidOf(asked, 'instances')
  return reservationTree(asked, instances, await tagsOfAll(asked, 'instances', instances, said), subnetsOf(instances, said))
}

const tokenName = 'ec2:client-token'

/** What a request with this token made the first time. */
const launchedBefore = async (asked: Asked, token: string): Promise<readonly Instance[]> => {
  const ids = (await asked.cloud.annotations?.find('instances', tokenName, token)) ?? []
  if (ids.length === 0) return []
  const all = await group(asked, 'instances').list({})
  return all.filter(({ id }) => ids.includes(id))
}

const attributes: Readonly<Record<string, (instance: Instance) => Record<string, Tree>>> = {
  instanceType: instance => ({ instanceType: { value: instance.hardwareProfile?.id } }),
  rootDeviceName: () => ({ rootDeviceName: { value: '/dev/sda1' } }),
  disableApiTermination: () => ({ disableApiTermination: { value: false } }),
  instanceInitiatedShutdownBehavior: () => ({ instanceInitiatedShutdownBehavior: { value: 'stop' } }),
  groupSet: instance => ({ groupSet: groupsOf(instance) }),
  sourceDestCheck: () => ({ sourceDestCheck: { value: true } }),
}
