/** EC2 as its clients see it: the AWS SDK through a life of everything, and refusals in the service's own words. */

import { createHash } from 'node:crypto'
import { EC2, paginateDescribeInstanceTypes } from '@aws-sdk/client-ec2'
import { ElasticLoadBalancing } from '@aws-sdk/client-elastic-load-balancing'
import t from 'tap'
import { startServer } from '../../../../src/index.ts'

const server = await startServer({
  trustedProxies: ['loopback'],
  host: '127.0.0.1',
  port: 0,
  provider: 'ec2',
  frontends: ['deltacloud', 'ec2'],
  mock: { clock: { mode: 'scaled', scale: 10_000 } },
})
t.teardown(() => server.close(0))

const configuration = (endpoint: string) => ({
  endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'mockuser', secretAccessKey: 'mockpassword' },
  maxAttempts: 1,
})
const ec2 = new EC2(configuration(`${server.url}/ec2`))
t.teardown(() => ec2.destroy())

/** A request as the original's clients made it: a query, with a password. */
const ask = async (query: string, authorization = `Basic ${btoa('mockuser:mockpassword')}`): Promise<{ status: number; text: string }> => {
  const answer = await fetch(`${server.url}/ec2?${query}`, { headers: authorization === '' ? {} : { authorization } })
  return { status: answer.status, text: await answer.text() }
}

const codeIn = (text: string): string | undefined => /<Code>([\w.]+)<\/Code>/.exec(text)?.[1]

const anImage = async (): Promise<string> => (await ec2.describeImages({ Owners: ['amazon'] })).Images?.[0]?.ImageId ?? ''

const stateOf = async (id: string): Promise<string | undefined> =>
  (await ec2.describeInstances({ InstanceIds: [id] })).Reservations?.[0]?.Instances?.[0]?.State?.Name

/** Waits until an instance is in a state: ten seconds are a millisecond here. */
const until = async (id: string, state: string): Promise<void> => {
  for (let tries = 0; tries < 200; tries++) {
    if ((await stateOf(id)) === state) return
    await new Promise(resolve => setTimeout(resolve, 10))
  }
  t.fail(`${id} is never ${state}`)
}

const untilMade = async (volume: string): Promise<void> => {
  for (let tries = 0; tries < 200; tries++) {
    if ((await ec2.describeVolumes({ VolumeIds: [volume] })).Volumes?.[0]?.State === 'available') return
    await new Promise(resolve => setTimeout(resolve, 10))
  }
  t.fail(`${volume} is never available`)
}

t.test('an instance lives from its launch to its end', async t => {
  const launched = await ec2.runInstances({
    ImageId: await anImage(),
    InstanceType: 't3.micro',
    MinCount: 1,
    MaxCount: 1,
    TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'Name', Value: 'web' }] }],
  })
  const id = launched.Instances?.[0]?.InstanceId ?? ''
  t.match(id, /^i-[0-9a-f]{17}$/)
  t.same(launched.Instances?.[0]?.Tags, [{ Key: 'Name', Value: 'web' }])
  await until(id, 'running')
  t.equal((await ec2.stopInstances({ InstanceIds: [id] })).StoppingInstances?.[0]?.PreviousState?.Name, 'running')
  await until(id, 'stopped')
  await ec2.startInstances({ InstanceIds: [id] })
  await until(id, 'running')
  const found = await ec2.describeInstances({
    Filters: [
      { Name: 'tag:Name', Values: ['w?b'] },
      { Name: 'instance-state-name', Values: ['running'] },
    ],
  })
  t.equal(found.Reservations?.[0]?.Instances?.[0]?.InstanceId, id)
  await ec2.terminateInstances({ InstanceIds: [id] })
  t.match(await stateOf(id), /^(shutting-down|terminated)$/)
})

t.test('an instance is in the subnet that it was launched in', async t => {
  const [subnet] = (await ec2.describeSubnets({})).Subnets ?? []
  const launch = { ImageId: await anImage(), MinCount: 1, MaxCount: 1 }
  const launched = await ec2.runInstances({ ...launch, SubnetId: subnet?.SubnetId ?? '' })
  t.equal(launched.Instances?.[0]?.SubnetId, subnet?.SubnetId)
  const found = await ec2.describeInstances({ Filters: [{ Name: 'subnet-id', Values: [subnet?.SubnetId ?? ''] }] })
  t.equal(found.Reservations?.[0]?.Instances?.[0]?.InstanceId, launched.Instances?.[0]?.InstanceId)
  await t.rejects(ec2.runInstances({ ...launch, SubnetId: 'subnet-00000000000000000' }), { name: 'InvalidSubnetID.NotFound' })
})

t.test('the same token launches once', async t => {
  const launch = { ImageId: await anImage(), MinCount: 1, MaxCount: 1, ClientToken: 'once' }
  const [first, second] = [await ec2.runInstances(launch), await ec2.runInstances(launch)]
  t.equal(second.Instances?.[0]?.InstanceId, first.Instances?.[0]?.InstanceId)
})

t.test('groups, keys, addresses and networks', async t => {
  const { GroupId: group = '' } = await ec2.createSecurityGroup({ GroupName: 'web', Description: 'web servers' })
  const rule = { IpProtocol: 'tcp', FromPort: 80, ToPort: 80, IpRanges: [{ CidrIp: '10.0.0.0/8' }] }
  await ec2.authorizeSecurityGroupIngress({ GroupId: group, IpPermissions: [rule] })
  await t.rejects(ec2.authorizeSecurityGroupIngress({ GroupId: group, IpPermissions: [rule] }), { name: 'InvalidPermission.Duplicate' })
  const shown = await ec2.describeSecurityGroups({ GroupNames: ['web'] })
  t.match(shown.SecurityGroups?.[0]?.IpPermissions, [rule])
  await ec2.revokeSecurityGroupIngress({ GroupId: group, IpPermissions: [rule] })
  await ec2.deleteSecurityGroup({ GroupId: group })

  t.match((await ec2.createKeyPair({ KeyName: 'k' })).KeyMaterial, /PRIVATE KEY/)
  await t.rejects(ec2.createKeyPair({ KeyName: 'k' }), { name: 'InvalidKeyPair.Duplicate' })
  await ec2.deleteKeyPair({ KeyName: 'k' })

  const { AllocationId: allocation, PublicIp: ip } = await ec2.allocateAddress({ Domain: 'vpc' })
  t.equal((await ec2.describeAddresses({ PublicIps: [ip ?? ''] })).Addresses?.[0]?.AllocationId, allocation)
  await ec2.releaseAddress({ AllocationId: allocation ?? '' })

  const { Vpc: vpc } = await ec2.createVpc({ CidrBlock: '10.9.0.0/16' })
  const { Subnet: subnet } = await ec2.createSubnet({ VpcId: vpc?.VpcId ?? '', CidrBlock: '10.9.1.0/24' })
  const { NetworkInterface: one } = await ec2.createNetworkInterface({ SubnetId: subnet?.SubnetId ?? '' })
  t.match(one?.PrivateIpAddress, /^10\.9\.1\.\d+$/)
  t.equal(one?.Status, 'available')
  await ec2.deleteNetworkInterface({ NetworkInterfaceId: one?.NetworkInterfaceId ?? '' })
  await ec2.deleteSubnet({ SubnetId: subnet?.SubnetId ?? '' })
  await ec2.deleteVpc({ VpcId: vpc?.VpcId ?? '' })
})

t.test('a key that is imported is the one that was given', async t => {
  const body = Buffer.concat([Buffer.from([0, 0, 0, 11]), Buffer.from('ssh-ed25519'), Buffer.from([0, 0, 0, 32]), Buffer.alloc(32, 7)])
  const PublicKeyMaterial = Buffer.from(`ssh-ed25519 ${body.toString('base64')} me`)
  const { KeyFingerprint: fingerprint } = await ec2.importKeyPair({ KeyName: 'mine', PublicKeyMaterial })
  t.equal(fingerprint?.replaceAll(':', ''), createHash('md5').update(body).digest('hex'))
  await ec2.deleteKeyPair({ KeyName: 'mine' })
})

t.test('snapshots of others are there for whoever doesn’t ask for their own', async t => {
  const { VolumeId = '' } = await ec2.createVolume({ Size: 1, AvailabilityZone: 'us-east-1a' })
  await untilMade(VolumeId)
  const { SnapshotId = '' } = await ec2.createSnapshot({ VolumeId })
  const ids = async (request: Parameters<typeof ec2.describeSnapshots>[0]) => (await ec2.describeSnapshots(request)).Snapshots ?? []
  t.same(
    (await ids({ OwnerIds: ['self'] })).map(one => one.SnapshotId),
    [SnapshotId],
  )
  const all = await ids({})
  t.ok(all.some(one => one.SnapshotId === SnapshotId))
  const [other] = all.filter(one => one.OwnerId !== 'mockuser')
  t.same(
    (await ids({ OwnerIds: [other?.OwnerId ?? ''] })).filter(one => one.OwnerId !== other?.OwnerId),
    [],
  )
  const [id] = [other?.SnapshotId ?? '']
  t.match(await ids({ SnapshotIds: [id] }), [{ SnapshotId: id, VolumeSize: 8 }])
  t.equal((await ec2.createVolume({ SnapshotId: id, AvailabilityZone: 'us-east-1a' })).Size, 8)
  await t.rejects(ec2.createVolume({ SnapshotId: id, Size: 7, AvailabilityZone: 'us-east-1a' }), { name: 'InvalidParameterValue' })
})

t.test('pages lead through all of a list', async t => {
  const whole = (await ec2.describeInstanceTypes({})).InstanceTypes?.map(type => type.InstanceType)
  const pages: (string | undefined)[][] = []
  for await (const page of paginateDescribeInstanceTypes({ client: ec2, pageSize: 4 }, {}))
    pages.push(page.InstanceTypes?.map(type => type.InstanceType) ?? [])
  t.same(pages.flat(), whole)
  t.ok(pages.length > 2)
})

t.test('load balancers and metrics answer the clients of their services', async t => {
  const elb = new ElasticLoadBalancing(configuration(`${server.url}/ec2`))
  t.teardown(() => elb.destroy())
  await elb.createLoadBalancer({
    LoadBalancerName: 'front',
    AvailabilityZones: ['us-east-1a'],
    Listeners: [{ Protocol: 'HTTP', LoadBalancerPort: 80, InstancePort: 8080 }],
  })
  t.match((await elb.describeLoadBalancers({ LoadBalancerNames: ['front'] })).LoadBalancerDescriptions, [
    { AvailabilityZones: ['us-east-1a'] },
  ])
  await t.rejects(elb.describeLoadBalancers({ LoadBalancerNames: ['none'] }), { name: 'AccessPointNotFoundException' })
  t.match((await ask('Action=ListMetrics&Version=2010-08-01')).text, /^<\?xml[^>]*>\n<ListMetricsResponse xmlns="http:\/\/monitoring/)
})

t.test('refusals have the codes of EC2', async t => {
  const cases: readonly [query: string, status: number, code: string][] = [
    ['Action=NoSuchAction', 400, 'InvalidAction'],
    ['', 400, 'InvalidAction'],
    ['Action=DescribeInstances&InstanceId.1=i-0', 400, 'InvalidInstanceID.NotFound'],
    ['Action=TerminateInstances', 400, 'MissingParameter'],
    ['Action=RunInstances&ImageId=ami-0', 400, 'InvalidParameterValue'],
    ['Action=RunInstances&MinCount=1', 400, 'MissingParameter'],
    ['Action=RunInstances&ImageId=ami-0&MaxCount=many', 400, 'InvalidParameterValue'],
    ['Action=DeleteKeyPair&KeyName=k&DryRun=true', 400, 'DryRunOperation'],
    ['Action=DescribeVolumes&Filter.1.Name=colour&Filter.1.Value.1=red', 400, 'InvalidParameterValue'],
    ['Action=DescribeVolumes&MaxResults=0', 400, 'InvalidParameterValue'],
    ['Action=DescribeVolumes&NextToken=made-up', 400, 'InvalidNextToken'],
    ['Action=DescribeAvailabilityZones&ZoneName.1=nowhere', 400, 'InvalidParameterValue'],
    ['Action=CreateKeyPair&KeyName=%01', 400, 'InvalidParameterValue'],
  ]
  for (const [query, status, code] of cases) {
    const answer = await ask(query)
    t.equal(`${answer.status} ${codeIn(answer.text)}`, `${status} ${code}`, query)
  }
  t.match(await ask('Action=DescribeInstances', ''), { status: 401, text: /<Code>AuthFailure</ })
  t.match(await ask('Action=DescribeInstances', `Basic ${btoa('mockuser:wrong')}`), { status: 401, text: /<Code>AuthFailure</ })
  const wrong = new EC2({ ...configuration(`${server.url}/ec2`), credentials: { accessKeyId: 'mockuser', secretAccessKey: 'wrong' } })
  t.teardown(() => wrong.destroy())
  await t.rejects(wrong.describeInstances({}), { name: 'AuthFailure' })
})

t.test('an answer is in the version that was asked for', async t => {
  for (const version of ['2010-08-31', '2012-04-01', '2016-11-15'])
    t.match((await ask(`Action=DescribeKeyPairs&Version=${version}`)).text, `xmlns="http://ec2.amazonaws.com/doc/${version}/"`)
})

t.test('a region’s endpoint is told in whatever way the server was reached', async t => {
  const told = async (host: string): Promise<string> => {
    const headers = { authorization: `Basic ${btoa('mockuser:mockpassword')}`, 'x-forwarded-host': host }
    const answer = await fetch(`${server.url}/ec2?Action=DescribeRegions&Version=2016-11-15`, { headers })
    const text = await answer.text()
    return /<regionEndpoint>([^<]*)</.exec(text)?.[1] ?? `${answer.status} ${codeIn(text)}`
  }
  t.equal(await told('cloud.example:65535'), 'cloud.example:65535')
  for (const host of ['a:65536', 'a:99999', '[::1]:99999']) t.equal(await told(host), '400 InvalidParameterCombination', host)
  // Characters of an address, and none.
  t.equal(await told('[:::::]'), '[:::::]')
})
