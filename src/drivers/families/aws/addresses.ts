/** Addresses: elastic IPs, by what they are; in networks EC2 knows them by ids of its own. */

import type { Address as NativeAddress } from '@aws-sdk/client-ec2'
import { conflict, notFound } from '../../../model/errors.ts'
import type { Address } from '../../../model/resources.ts'
import { byId, type Operations } from '../../driver.ts'
import { asReference, unlessMissing } from './errors.ts'
import { need, present, some } from './native.ts'
import type { Session } from './session.ts'

export const addressOf = (address: NativeAddress): Address =>
  present({ id: need(address.PublicIp, 'publicIp'), instanceId: some(address.InstanceId) })

const find = async (session: Session, id: string): Promise<NativeAddress | undefined> => {
  const answer = await unlessMissing(session.ec2(client => client.describeAddresses({ PublicIps: [id] })))
  return answer?.Addresses?.find(one => need(one.PublicIp, 'publicIp') === id)
}

/** @throws CloudError `not-found` */
const known = async (session: Session, id: string): Promise<NativeAddress> => {
  const address = await find(session, id)
  if (address === undefined) throw notFound()
  return address
}

export const addresses: NonNullable<Operations<Session>['addresses']> = {
  ...byId(
    async session => ((await session.ec2(client => client.describeAddresses({}))).Addresses ?? []).map(addressOf),
    async (session, id) => {
      const address = await find(session, id)
      return address === undefined ? undefined : addressOf(address)
    },
  ),
  async create(session) {
    return addressOf(await session.ec2(client => client.allocateAddress(session.kind.hasNetworks ? { Domain: 'vpc' } : {})))
  },
  async associate(session, id, instanceId) {
    const { AllocationId: allocation } = await known(session, id)
    await asReference(
      session.ec2(client =>
        client.associateAddress({
          InstanceId: instanceId,
          ...(allocation === undefined ? { PublicIp: id } : { AllocationId: allocation }),
        }),
      ),
    )
  },
  async disassociate(session, id) {
    const { AssociationId: association, InstanceId: instance } = await known(session, id)
    if (some(association) === undefined && some(instance) === undefined) throw conflict('The address is associated with no instance')
    await session.ec2(client => client.disassociateAddress(association === undefined ? { PublicIp: id } : { AssociationId: association }))
  },
  async destroy(session, id) {
    const { AllocationId: allocation } = await known(session, id)
    await session.ec2(client => client.releaseAddress(allocation === undefined ? { PublicIp: id } : { AllocationId: allocation }))
  },
}
