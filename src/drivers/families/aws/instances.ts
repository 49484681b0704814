/** Instances. */

import type { RunInstancesRequest } from '@aws-sdk/client-ec2'
import { badRequest, notFound } from '../../../model/errors.ts'
import type { LaunchRequest } from '../../../model/requests.ts'
import type { Instance } from '../../../model/resources.ts'
import { byId, type Operations } from '../../driver.ts'
import { run } from '../../shell.ts'
import { asReference, unlessMissing } from './errors.ts'
import { idsOfGroups } from './firewalls.ts'
import { instancesIn } from './mapping.ts'
import { paged } from './native.ts'
import { partsOf } from './realms.ts'
import type { Session } from './session.ts'

const get = async (session: Session, id: string): Promise<Instance | undefined> => {
  const answer = await unlessMissing(session.ec2(client => client.describeInstances({ InstanceIds: [id] })))
  return instancesIn(answer?.Reservations).find(instance => instance.id === id)
}

/** @throws CloudError `not-found` */
const again = async (session: Session, id: string): Promise<Instance> => {
  const instance = await get(session, id)
  if (instance === undefined) throw notFound()
  return instance
}

/** Data come as Base64 by convention; without the blanks that clients put between its lines. */
const userDataOf = (text: string): string => text.replace(/\s+/g, '')

const launchOf = async (session: Session, request: LaunchRequest): Promise<RunInstancesRequest> => {
  const { zone, subnet: ofRealm } = partsOf(request.realmId)
  const subnet = request.networks?.[0] ?? ofRealm
  const { count = 1, firewalls = [], snapshotId } = request
  const groups =
    firewalls.length === 0
      ? {}
      : subnet === undefined
        ? { SecurityGroups: [...firewalls] }
        : { SecurityGroupIds: [...(await idsOfGroups(session, firewalls)).values()] }
  return {
    ImageId: request.imageId,
    MinCount: count,
    MaxCount: count,
    InstanceType: (request.hardwareProfileId ?? session.kind.profile) as NonNullable<RunInstancesRequest['InstanceType']>,
    ...groups,
    ...(subnet !== undefined ? { SubnetId: subnet } : zone === undefined ? {} : { Placement: { AvailabilityZone: zone } }),
    ...(request.keyName === undefined ? {} : { KeyName: request.keyName }),
    ...(request.userData === undefined || request.userData === '' ? {} : { UserData: userDataOf(request.userData) }),
    ...(isYes(request.metrics) ? { Monitoring: { Enabled: true } } : {}),
    ...(snapshotId === undefined
      ? {}
      : { BlockDeviceMappings: [{ DeviceName: request.deviceName ?? '/dev/sdc', Ebs: { SnapshotId: snapshotId } }] }),
  }
}

const isYes = (flag: string | undefined): boolean => flag !== undefined && !/^(?:|false|0|no|off)$/i.test(flag)

export const instances: NonNullable<Operations<Session>['instances']> = {
  ...byId(async session => {
    const reservations = await paged(async token => {
      const answer = await session.ec2(client => client.describeInstances(token === undefined ? {} : { NextToken: token }))
      return { items: answer.Reservations ?? [], next: answer.NextToken }
    })
    return instancesIn(reservations)
  }, get),
  async create(session, request) {
    const launch = await asReference(launchOf(session, request))
    const answer = await asReference(session.ec2(client => client.runInstances(launch)))
    return instancesIn([answer])
  },
  async start(session, id) {
    await session.ec2(client => client.startInstances({ InstanceIds: [id] }))
    return again(session, id)
  },
  async stop(session, id) {
    await session.ec2(client => client.stopInstances({ InstanceIds: [id] }))
    return again(session, id)
  },
  async reboot(session, id) {
    await session.ec2(client => client.rebootInstances({ InstanceIds: [id] }))
    return again(session, id)
  },
  async destroy(session, id) {
    await session.ec2(client => client.terminateInstances({ InstanceIds: [id] }))
  },
  async run(session, id, request) {
    const instance = await again(session, id)
    if (request.privateKey === undefined && request.password === undefined)
      throw badRequest('Running a command needs the private key of the instance’s key')
    return run(instance, request, session.context)
  },
}
