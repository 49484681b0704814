/** Elastic addresses. */

import type { Address } from '../../../model/resources.ts'
import { type Actions, type Asked, chosen, group, operation } from './asked.ts'
import { derivedId } from './derived.ts'
import { ApiError, notThere } from './errors.ts'
import { filtered } from './listing.ts'
import type { Tree } from './writer.ts'

const allocationOf = ({ id }: { readonly id: string }): string => derivedId('eipalloc', id)

const associationOf = ({ id, instanceId }: Address): string | undefined =>
  instanceId === undefined ? undefined : derivedId('eipassoc', `${id}/${instanceId}`)

const addressTree = (address: Address): Tree => ({
  publicIp: address.id,
  allocationId: allocationOf(address),
  domain: 'vpc',
  instanceId: address.instanceId,
  associationId: associationOf(address),
  tagSet: [],
})

/** The address that a request is about: by itself, or by an id of EC2's. @throws ApiError where there is none */
const addressAt = async (asked: Asked): Promise<Address> => {
  const { parameters } = asked
  const all = await group(asked, 'addresses').list({})
  const [ip, allocation, association] = [parameters.text('PublicIp'), parameters.text('AllocationId'), parameters.text('AssociationId')]
  const id = ip ?? allocation ?? association
  if (id === undefined) throw new ApiError('MissingParameter', 'Either public IP or allocation id must be specified')
  const found = all.find(one =>
    ip !== undefined ? one.id === ip : allocation !== undefined ? allocationOf(one) === allocation : associationOf(one) === association,
  )
  if (found !== undefined) return found
  if (ip !== undefined) throw notThere('addresses', ip)
  throw new ApiError(
    allocation !== undefined ? 'InvalidAllocationID.NotFound' : 'InvalidAssociationID.NotFound',
    `The ID '${id.slice(0, 100)}' does not exist`,
  )
}

export const addressActions: Actions = {
  DescribeAddresses: {
    about: 'addresses',
    async answer(asked) {
      const { parameters } = asked
      const all = await group(asked, 'addresses').list({})
      const found = chosen(
        'addresses',
        chosen('addresses', all, parameters.list('PublicIp')),
        parameters.list('AllocationId'),
        allocationOf,
      )
      return {
        addressesSet: filtered(parameters, found, {
          'public-ip': address => address.id,
          'allocation-id': allocationOf,
          'association-id': associationOf,
          'instance-id': address => address.instanceId,
          domain: () => 'vpc',
        }).map(addressTree),
      }
    },
  },
  AllocateAddress: {
    about: 'addresses',
    changes: true,
    async answer(asked) {
      const address = await operation(group(asked, 'addresses').create, 'allocate addresses')()
      return { publicIp: address.id, domain: 'vpc', allocationId: allocationOf(address) }
    },
  },
  ReleaseAddress: {
    about: 'addresses',
    changes: true,
    async answer(asked) {
      await operation(group(asked, 'addresses').destroy, 'release addresses')((await addressAt(asked)).id)
      return { return: true }
    },
  },
  AssociateAddress: {
    about: 'addresses',
    changes: true,
    async answer(asked) {
      const address = await addressAt(asked)
      const instanceId = asked.parameters.need('InstanceId')
      await operation(group(asked, 'addresses').associate, 'associate addresses')(address.id, instanceId)
      return { return: true, associationId: associationOf({ ...address, instanceId }) }
    },
  },
  DisassociateAddress: {
    about: 'addresses',
    changes: true,
    async answer(asked) {
      await operation(group(asked, 'addresses').disassociate, 'disassociate addresses')((await addressAt(asked)).id)
      return { return: true }
    },
  },
}
