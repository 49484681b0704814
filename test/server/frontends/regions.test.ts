/** A cloud that is divided into regions, as native clients see it: each region has resources of its own, under the same accounts. */

import { EC2 } from '@aws-sdk/client-ec2'
import { S3 } from '@aws-sdk/client-s3'
import t from 'tap'
import { startServer } from '../../../src/index.ts'
import { MockCloud } from '../../../src/mock-cloud/cloud.ts'
import { at, listAt } from './openstack/support.ts'

const start = (provider: string, frontends: readonly string[], regions: readonly string[]) =>
  startServer({
    host: '127.0.0.1',
    port: 0,
    provider,
    frontends: ['deltacloud', ...frontends],
    mock: { clock: { mode: 'manual', now: Date.UTC(2030, 0, 1) }, accounts: { bob: 'bob-password' }, regions: { [provider]: regions } },
  })

t.test('regions of EC2 are told apart by the scope of the signature, or by the host', async t => {
  const server = await start('ec2', ['ec2', 's3'], ['us-east-1', 'eu-west-1'])
  t.teardown(() => server.close(0))
  const configuration = (region: string, service: string) => ({
    endpoint: `${server.url}/${service}`,
    region,
    forcePathStyle: true,
    credentials: { accessKeyId: 'mockuser', secretAccessKey: 'mockpassword' },
    maxAttempts: 1,
  })
  const [east, west, north] = ['us-east-1', 'eu-west-1', 'eu-north-1'].map(region => new EC2(configuration(region, 'ec2')))
  if (east === undefined || west === undefined || north === undefined) throw new TypeError('Three regions have three clients')
  const [buckets, westernBuckets] = [new S3(configuration('us-east-1', 's3')), new S3(configuration('eu-west-1', 's3'))]
  t.teardown(() => [east, west, north, buckets, westernBuckets].map(client => client.destroy()))

  for (const client of [east, west])
    t.same(
      (await client.describeRegions({})).Regions?.map(({ RegionName: name }) => name),
      ['us-east-1', 'eu-west-1'],
    )
  t.same(
    (await west.describeAvailabilityZones({})).AvailabilityZones?.map(({ ZoneName: name, RegionName: region }) => `${region} ${name}`),
    ['a', 'b', 'c', 'd'].map(zone => `eu-west-1 eu-west-1${zone}`),
  )
  const networksOf = async (client: EC2) => (await client.describeVpcs({})).Vpcs?.map(({ VpcId: id }) => id)
  t.notSame(await networksOf(east), await networksOf(west))

  const { ImageId: image } = (await west.describeImages({ Owners: ['amazon'] })).Images?.[0] ?? {}
  const launched = await west.runInstances({ ImageId: image, InstanceType: 't3.micro', MinCount: 1, MaxCount: 1 })
  const [{ InstanceId: id = '', Placement: placement } = {}] = launched.Instances ?? []
  t.equal(placement?.AvailabilityZone, 'eu-west-1a')
  t.equal((await west.describeInstances({ InstanceIds: [id] })).Reservations?.length, 1)
  t.same((await east.describeInstances({})).Reservations ?? [], [])
  await t.rejects(east.describeInstances({ InstanceIds: [id] }), { name: 'InvalidInstanceID.NotFound' })
  await t.rejects(east.terminateInstances({ InstanceIds: [id] }), { name: 'InvalidInstanceID.NotFound' })
  await t.rejects(north.describeInstances({}), { name: 'AuthFailure' }, 'a region that isn’t there')

  const mine = await east.createKeyPair({ KeyName: 'deploy' })
  const theirs = await west.createKeyPair({ KeyName: 'deploy' })
  t.not(mine.KeyFingerprint, theirs.KeyFingerprint)
  await west.deleteKeyPair({ KeyName: 'deploy' })
  t.equal((await east.describeKeyPairs({})).KeyPairs?.length, 1)

  // Names of buckets are those of all regions, and one list has them all.
  await westernBuckets.createBucket({ Bucket: 'everywhere' })
  t.same(
    (await buckets.listBuckets({})).Buckets?.map(({ Name: name }) => name),
    ['everywhere'],
  )

  const shown = async (provider: string): Promise<string> =>
    await (
      await fetch(`${server.url}/api/instances?format=json`, {
        headers: { authorization: `Basic ${btoa('mockuser:mockpassword')}`, 'x-deltacloud-provider': provider },
      })
    ).text()
  t.match(await shown('ec2-eu-west-1'), id)
  t.notMatch(await shown('ec2'), id)

  const unsigned = async (host: string): Promise<string> => {
    const { request } = await import('undici')
    const { body } = await request(`${server.url}/?Action=DescribeInstances`, {
      headers: { host, authorization: `Basic ${btoa('mockuser:mockpassword')}` },
    })
    return body.text()
  }
  t.match(await unsigned('ec2.eu-west-1.localhost'), id)
  t.notMatch(await unsigned('ec2.us-east-1.localhost'), id)
})

t.test('regions of OpenStack are told apart by the addresses of the catalog, and have one Keystone', async t => {
  const server = await start('openstack', ['openstack'], ['RegionOne', 'Region Two'])
  t.teardown(() => server.close(0))
  const root = `${server.url}/openstack`
  const ask = async (url: string, token: string | undefined, method = 'GET', body?: object) => {
    const answer = await fetch(url, {
      method,
      headers: { 'content-type': 'application/json', ...(token === undefined ? {} : { 'x-auth-token': token }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    return { status: answer.status, headers: answer.headers, body: text === '' ? undefined : JSON.parse(text) }
  }
  const auth = { identity: { methods: ['password'], password: { user: { name: 'bob', password: 'bob-password' } } } }
  const login = await ask(`${root}/identity/v3/auth/tokens`, undefined, 'POST', { auth })
  const token = login.headers.get('x-subject-token') ?? ''
  const [compute] = listAt(at(login.body, 'token'), 'catalog').filter(service => at(service, 'type') === 'compute')
  t.same(
    listAt(compute, 'endpoints').flatMap(endpoint =>
      at(endpoint, 'interface') === 'public' ? [[at(endpoint, 'region_id'), at(endpoint, 'url')]] : [],
    ),
    [
      ['RegionOne', `${root}/compute/v2.1`],
      ['Region Two', `${root}/Region%20Two/compute/v2.1`],
    ],
  )
  const ids = listAt(at(login.body, 'token'), 'catalog').flatMap(service => listAt(service, 'endpoints').map(one => at(one, 'id')))
  t.equal(new Set(ids).size, ids.length, 'no two endpoints have one id')
  t.same(
    listAt((await ask(`${root}/identity/v3/regions`, token)).body, 'regions').map(one => at(one, 'id')),
    ['RegionOne', 'Region Two'],
  )
  t.equal((await ask(`${root}/identity/v3/regions/Region%20Two`, token)).status, 200)
  t.equal((await ask(`${root}/identity/v3/regions/RegionSix`, token)).status, 404)
  t.equal((await ask(`${root}/RegionSix/compute/v2.1/servers`, token)).status, 404)
  t.equal((await ask(`${root}/Region%20Two/identity/v3/regions`, token)).status, 404)
  t.equal((await ask(`${root}/Region%20Two/compute/v2.1/servers`, 'no token')).status, 401)

  const [here, there] = [`${root}/compute/v2.1`, `${root}/Region%20Two/compute/v2.1`]
  const image = at(listAt((await ask(`${root}/Region%20Two/image/v2/images`, token)).body, 'images')[0], 'id')
  for (const name of ['one', 'two'])
    t.equal((await ask(`${there}/servers`, token, 'POST', { server: { name, imageRef: image, flavorRef: '1' } })).status, 202)
  const first = await ask(`${there}/servers?limit=1`, token)
  const id = String(at(listAt(first.body, 'servers')[0], 'id'))
  t.equal((await ask(`${here}/servers/${id}`, token)).status, 404)
  t.equal((await ask(`${here}/servers/${id}`, token, 'DELETE')).status, 404)
  t.equal((await ask(`${there}/servers/${id}`, token)).status, 200)
  t.same(listAt((await ask(`${here}/servers`, token)).body, 'servers'), [])
  // Links stay in their region.
  const next = String(at(listAt(first.body, 'servers_links')[0], 'href'))
  t.ok(next.startsWith(`${there}/servers?`), next)
  t.equal(listAt((await ask(next, token)).body, 'servers').length, 1)

  // As Swift alone still has it.
  const swift = await fetch(`${root}/Region%20Two/object-store/auth/v1.0`, {
    headers: { 'x-auth-user': 'bob', 'x-auth-key': 'bob-password' },
  })
  const storage = swift.headers.get('x-storage-url') ?? ''
  t.ok(storage.startsWith(`${root}/Region%20Two/object-store/v1/AUTH_`), storage)
  const own = { 'x-auth-token': swift.headers.get('x-auth-token') ?? '' }
  t.equal((await fetch(`${storage}/pictures`, { method: 'PUT', headers: own })).status, 201)
  t.equal((await fetch(`${storage.replace('/Region%20Two', '')}/pictures`, { method: 'HEAD', headers: own })).status, 404)
})

t.test('a provider that isn’t there has no regions', async t => {
  await t.rejects(MockCloud.open({ regions: { elsewhere: ['one', 'two'] } }), { message: "The mock cloud has no provider 'elsewhere'" })
  await using closing = { cloud: await MockCloud.open(), [Symbol.asyncDispose]: () => closing.cloud.close() }
  t.equal(closing.cloud.regionsOf('ec2').size, 0)
})
