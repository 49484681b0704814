/** What becomes of EC2's answers, whatever is missing in them. */

import type { Image, Instance, Reservation } from '@aws-sdk/client-ec2'
import fc from 'fast-check'
import t from 'tap'
import { harness as ec2 } from '../../../../conformance/harnesses/ec2.ts'
import { shapesOf } from '../../../../conformance/mutations/shapes.ts'
import { machine, stateOf } from '../../../../src/drivers/families/aws/machine.ts'
import { imageOf, instanceOf, instancesIn } from '../../../../src/drivers/families/aws/mapping.ts'
import { CloudError } from '../../../../src/model/errors.ts'

const text = fc.string({ maxLength: 12 })

/** Any instance that says what it is and how it is; all else may be missing. */
const instances: fc.Arbitrary<Instance> = fc.record(
  {
    InstanceId: fc.stringMatching(/^i-[0-9a-f]{8}$/),
    State: fc.record({ Name: fc.constantFrom('pending', 'running', 'shutting-down', 'terminated', 'stopping', 'stopped') }),
    ImageId: text,
    InstanceType: fc.constantFrom('t1.micro', 'm1.small', 't3.micro'),
    Architecture: fc.constantFrom('i386', 'x86_64', 'arm64'),
    RootDeviceType: fc.constantFrom('ebs', 'instance-store'),
    Placement: fc.record({ AvailabilityZone: text }, { requiredKeys: [] }),
    SubnetId: text,
    LaunchTime: fc.date({ noInvalidDate: false }),
    KeyName: text,
    PublicDnsName: text,
    PublicIpAddress: text,
    PrivateDnsName: text,
    PrivateIpAddress: text,
    Tags: fc.array(fc.record({ Key: fc.constantFrom('Name', 'other'), Value: text }, { requiredKeys: [] })),
    SecurityGroups: fc.array(fc.record({ GroupName: text, GroupId: text }, { requiredKeys: [] })),
    BlockDeviceMappings: fc.array(
      fc.record({ DeviceName: text, Ebs: fc.record({ VolumeId: text }, { requiredKeys: [] }) }, { requiredKeys: [] }),
    ),
    NetworkInterfaces: fc.array(fc.record({ NetworkInterfaceId: text }, { requiredKeys: [] })),
  },
  { requiredKeys: ['InstanceId', 'State'] },
)

const reservations: fc.Arbitrary<Reservation> = fc.record(
  { OwnerId: text, Groups: fc.array(fc.record({ GroupName: text, GroupId: text }, { requiredKeys: [] })) },
  { requiredKeys: [] },
)

const images: fc.Arbitrary<Image> = fc.record(
  {
    ImageId: fc.stringMatching(/^ami-[0-9a-f]{8}$/),
    Name: text,
    Description: text,
    ImageLocation: text,
    OwnerId: text,
    Architecture: fc.constantFrom('i386', 'x86_64', 'arm64'),
    State: fc.constantFrom('available', 'pending', 'failed'),
    CreationDate: text,
    RootDeviceType: fc.constantFrom('ebs', 'instance-store'),
  },
  { requiredKeys: ['ImageId'] },
)

/** The members of a resource that say nothing, or an empty text. */
const empty = (resource: object): string[] =>
  Object.entries(resource).flatMap(([name, value]) => (value === undefined || value === '' ? [name] : []))

const refusal = (asking: () => unknown): CloudError => {
  try {
    asking()
  } catch (error) {
    if (error instanceof CloudError) return error
    throw error
  }
  throw new Error('It was not refused')
}

t.test('an instance is mapped whatever else is missing, and says nothing that it doesn’t know', t => {
  fc.assert(
    fc.property(instances, reservations, (native, reservation) => {
      const instance = instanceOf(native, reservation)
      return instance.id === native.InstanceId && instance.state === stateOf(native.State?.Name ?? '') && empty(instance).join() === ''
    }),
  )
  t.same(instanceOf({ InstanceId: 'i-1', State: { Name: 'stopped' } }, {}), {
    id: 'i-1',
    state: 'stopped',
    permits: ['reboot', 'destroy'],
    publicAddresses: [],
    privateAddresses: [],
    storageVolumes: [],
  })
  t.end()
})

t.test('what an instance can’t be without is asked for by its name', t => {
  t.match(
    refusal(() => instanceOf({ State: { Name: 'running' } }, {})),
    { kind: 'provider-error', message: /instanceId/ },
  )
  t.match(
    refusal(() => instanceOf({ InstanceId: '', State: { Name: 'running' } }, {})),
    { message: /instanceId/ },
  )
  t.match(
    refusal(() => instanceOf({ InstanceId: 'i-1' }, {})),
    { kind: 'provider-error', message: /instanceState\/name/ },
  )
  t.match(
    refusal(() => imageOf({ Name: 'linux' }, [])),
    { kind: 'provider-error', message: /imageId/ },
  )
  t.end()
})

t.test('what is stopping can be terminated, what is being terminated can do nothing more', t => {
  const native = (name: 'stopping' | 'shutting-down'): Instance => ({ InstanceId: 'i-1', State: { Name: name }, RootDeviceType: 'ebs' })
  t.same(machine.actions('stopping'), ['destroy'])
  t.notOk('permits' in instanceOf(native('stopping'), {}), 'all that the state permits')
  t.same(instanceOf(native('shutting-down'), {}).permits, [])
  t.end()
})

t.test('a state that nobody documented is unknown', t => {
  const documented = (shapesOf(ec2)?.states ?? []).flatMap(({ of, native }) => (of === 'instances' ? [native] : []))
  t.not(documented.length, 0)
  t.notOk(documented.map(stateOf).includes('unknown'))
  fc.assert(
    fc.property(
      fc.string().filter(one => !documented.includes(one)),
      native => stateOf(native) === 'unknown',
    ),
  )
  for (const name of ['__proto__', 'constructor', '', 'RUNNING']) t.equal(stateOf(name), 'unknown', name)
  t.end()
})

t.test('an instance is in its zone, or in the subnet there', t => {
  const at = (native: Instance) => instanceOf({ InstanceId: 'i-1', State: { Name: 'running' }, ...native }, {}).realmId
  t.equal(at({ Placement: { AvailabilityZone: 'us-east-1a' } }), 'us-east-1a')
  t.equal(at({ Placement: { AvailabilityZone: 'us-east-1a' }, SubnetId: 'subnet-1' }), 'us-east-1a:subnet-1')
  t.equal(at({ SubnetId: 'subnet-1' }), undefined)
  t.end()
})

t.test('instances of before 2011 have the groups of their reservation', t => {
  const groups = (native: Instance, reservation: Reservation) =>
    instanceOf({ InstanceId: 'i-1', State: { Name: 'running' }, ...native }, reservation).firewalls
  t.same(groups({}, { Groups: [{ GroupId: 'default' }] }), ['default'])
  t.same(groups({ SecurityGroups: [{ GroupName: 'web', GroupId: 'sg-1' }] }, { Groups: [{ GroupId: 'default' }] }), ['web'])
  t.same(instancesIn([{ Instances: [] }, {}]), [])
  t.same(instancesIn(undefined), [])
  t.end()
})

t.test('an image is mapped whatever else is missing', t => {
  fc.assert(
    fc.property(images, native => {
      const image = imageOf(native, [])
      return image.id === native.ImageId && empty(image).join() === '' && (image.name ?? '') !== ''
    }),
  )
  t.end()
})
