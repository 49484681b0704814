/**
 * Valid requests of every protocol, which an attack begins with. What the server declares as data (operations, actions, routes) is read from
 * there, so that a new operation is attacked without a line here; the tables below add what a useful request of it needs.
 */

import { collections } from '../../src/server/collections/index.ts'
import { routes as controlRoutes } from '../../src/server/control/routes.ts'
import { ec2Actions } from '../../src/server/frontends/ec2/actions.ts'
import { balancerActions } from '../../src/server/frontends/ec2/balancers.ts'
import { metricActions } from '../../src/server/frontends/ec2/metrics.ts'
import { balancerRoutes } from '../../src/server/frontends/openstack/balancers.ts'
import { computeRoutes } from '../../src/server/frontends/openstack/compute.ts'
import { identityRoutes } from '../../src/server/frontends/openstack/identity.ts'
import { imageRoutes } from '../../src/server/frontends/openstack/images.ts'
import { networkRoutes } from '../../src/server/frontends/openstack/network.ts'
import { objectRoutes } from '../../src/server/frontends/openstack/objects.ts'
import { volumeRoutes } from '../../src/server/frontends/openstack/volumes.ts'
import type { Protocol } from './protocols.ts'

export interface Seed {
  readonly protocol: Protocol
  readonly method: string
  /** As it goes over the wire; `{instances}` stands for the id of one. */
  readonly target: string
  readonly type?: string
  readonly body?: string
}

/** What the account has at a server, by collection; and under which project OpenStack knows it. */
export interface Holdings {
  readonly ids: ReadonlyMap<string, readonly string[]>
  readonly project: string
}

/** The world that the control is tried on. It is never the one of the other requests: its faults are meant to fail them. */
export const controlledWorld = 'attacked'

type Line = readonly [method: string, target: string, body?: string]

/** The type follows from how the body begins. */
const seed = (protocol: Protocol, [method, target, body]: Line): Seed => {
  if (body === undefined) return { protocol, method, target }
  const type = body.startsWith('{') || body.startsWith('[') ? 'application/json' : body.startsWith('<') ? 'application/xml' : formType
  return { protocol, method, target, type, body }
}

const formType = 'application/x-www-form-urlencoded'

/** Usual values of parameters of the Deltacloud API. */
const values: Readonly<Record<string, string>> = {
  address_block: '10.77.0.0%2F16',
  blob_data: 'content',
  blob_id: 'attack.txt',
  capacity: '2',
  cmd: 'ls',
  device: '%2Fdev%2Fsdc',
  firewalls: 'default',
  format: 'xml',
  hwp_id: '{hardware_profiles}',
  image_id: '{images}',
  instance: '{instances}',
  instance_id: '{instances}',
  ip_address: '10.0.0.0%2F8',
  listener_balancer_port: '80',
  listener_instance_port: '8080',
  listener_protocol: 'HTTP',
  network: '{subnets}',
  network_id: '{networks}',
  port_from: '22',
  port_to: '80',
  protocol: 'tcp',
  realm_id: '{realms}',
  snapshot_id: '{storage_snapshots}',
  volume_id: '{storage_volumes}',
}

const formats = ['xml', 'json', 'html'] as const

/** All operations with what they require; and with all that they take. */
const deltacloudSeeds = (): Seed[] =>
  collections.flatMap(({ name, operations }) =>
    operations.flatMap(({ method, path, parameters }, place) => {
      const segments = path.map(part => (part.startsWith(':') ? (part === ':id' ? `{${name}}` : 'blob1') : part))
      const target = `/api/${[name, ...segments].join('/')}?format=${formats[place % formats.length]}`
      const form = (all: boolean): string =>
        parameters
          .filter(({ required }) => all || required)
          .map(one => `${one.name}${one.numbered === true ? '1' : ''}=${one.values?.[0] ?? values[one.name] ?? 'attack'}`)
          .join('&')
      return [...new Set([form(false), form(true)])].map(form =>
        method === 'POST' ? seed('deltacloud', [method, target, form]) : seed('deltacloud', [method, `${target}${form && `&${form}`}`]),
      )
    }),
  )

const deltacloudLines: readonly Line[] = [
  ['GET', '/api'],
  ['GET', '/api?format=html'],
  ['GET', '/api/docs/instances?format=html'],
  ['GET', '/api/openapi.json'],
  ['GET', '/api;driver=mock;provider=ec2/instances'],
  ['OPTIONS', '/api/instances'],
  ['POST', '/api/instances?format=json', 'image_id={images}&name=web&hwp_id={hardware_profiles}&keyname={keys}'],
  ['POST', '/api/instances?format=json', '{"image_id":"{images}","name":"web","realm_id":"{realms}"}'],
  ['POST', '/api/buckets?format=json', 'name=attack'],
  ['PUT', '/api/buckets/{buckets}/attack.txt?format=xml', 'content'],
  ['GET', '/api/buckets/{buckets}/attack.txt/content'],
  ['HEAD', '/api/buckets/{buckets}/attack.txt'],
  ['POST', '/api/firewalls/{firewalls}/rules?format=xml', 'protocol=tcp&port_from=1&port_to=9&ip_address1=10.0.0.0%2F8'],
]

const ec2Lines: readonly string[] = [
  'Action=RunInstances&ImageId={images}&MinCount=1&MaxCount=1&InstanceType={hardware_profiles}&KeyName={keys}',
  'Action=DescribeInstances&Filter.1.Name=instance-state-name&Filter.1.Value.1=running',
  'Action=DescribeInstances&InstanceId.1={instances}',
  'Action=TerminateInstances&InstanceId.1={instances}',
  'Action=CreateVolume&Size=2&AvailabilityZone={realms}',
  'Action=AttachVolume&VolumeId={storage_volumes}&InstanceId={instances}&Device=%2Fdev%2Fsdf',
  'Action=CreateSnapshot&VolumeId={storage_volumes}&Description=attack',
  'Action=CreateKeyPair&KeyName=attack',
  'Action=ImportKeyPair&KeyName=imported&PublicKeyMaterial=c3NoLXJzYSBBQUFB',
  'Action=CreateSecurityGroup&GroupName=attack&GroupDescription=attack',
  'Action=AuthorizeSecurityGroupIngress&GroupName=default&IpPermissions.1.IpProtocol=tcp&IpPermissions.1.FromPort=22&IpPermissions.1.ToPort=22&IpPermissions.1.IpRanges.1.CidrIp=10.0.0.0%2F8',
  'Action=CreateVpc&CidrBlock=10.78.0.0%2F16',
  'Action=CreateSubnet&VpcId={networks}&CidrBlock=10.78.1.0%2F24',
  'Action=CreateNetworkInterface&SubnetId={subnets}',
  'Action=CreateTags&ResourceId.1={instances}&Tag.1.Key=a&Tag.1.Value=b',
  'Action=CreateImage&InstanceId={instances}&Name=attack',
  'Action=AllocateAddress&Domain=vpc',
  'Action=CreateLoadBalancer&LoadBalancerName=attack&AvailabilityZones.member.1={realms}&Listeners.member.1.Protocol=HTTP&Listeners.member.1.LoadBalancerPort=80&Listeners.member.1.InstancePort=80&Version=2012-06-01',
  'Action=GetMetricStatistics&Namespace=AWS%2FEC2&MetricName=CPUUtilization&StartTime=2026-01-01T00%3A00%3A00Z&EndTime=2026-01-02T00%3A00%3A00Z&Period=300&Statistics.member.1=Average&Dimensions.member.1.Name=InstanceId&Dimensions.member.1.Value={instances}&Version=2010-08-01',
]

/** What an action that has no line above may take of it. */
const ec2Parameters =
  'InstanceId={instances}&InstanceId.1={instances}&VolumeId={storage_volumes}&ImageId={images}&SnapshotId={storage_snapshots}&KeyName={keys}&GroupName=default&PublicIp={addresses}&VpcId={networks}&SubnetId={subnets}&Attribute=userData&MaxResults=5'

const ec2Seeds = (): Seed[] =>
  [
    ...ec2Lines,
    ...[ec2Actions, balancerActions, metricActions].flatMap(actions => Object.keys(actions).map(name => `Action=${name}`)),
  ].flatMap(query => [
    seed('ec2', ['GET', `/ec2/?${query}`]),
    seed('ec2', ['POST', '/ec2/', query]),
    ...(query.includes('&') ? [] : [seed('ec2', ['POST', '/ec2/', `${query}&${ec2Parameters}`])]),
  ])

const s3Lines: readonly Line[] = [
  ['GET', '/s3/'],
  ['PUT', '/s3/attack-bucket'],
  ['HEAD', '/s3/{buckets}'],
  ['GET', '/s3/{buckets}?list-type=2&prefix=a&delimiter=%2F&max-keys=2'],
  ['GET', '/s3/{buckets}?prefix=&marker=a&encoding-type=url'],
  ['DELETE', '/s3/attack-bucket'],
  ['GET', '/s3/{buckets}?location'],
  ['GET', '/s3/{buckets}?acl'],
  ['GET', '/s3/{buckets}?tagging'],
  ['PUT', '/s3/{buckets}?tagging', '<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>'],
  ['DELETE', '/s3/{buckets}?tagging'],
  ['GET', '/s3/{buckets}?versioning'],
  ['GET', '/s3/{buckets}?policy'],
  ['POST', '/s3/{buckets}?delete', '<Delete><Object><Key>gone</Key></Object></Delete>'],
  ['PUT', '/s3/{buckets}/attack/key', 'content'],
  ['GET', '/s3/{buckets}/attack/key'],
  ['GET', '/s3/{buckets}/attack/key?response-content-type=text%2Fplain&response-content-disposition=inline'],
  ['HEAD', '/s3/{buckets}/attack/key'],
  ['DELETE', '/s3/{buckets}/attack/key'],
  ['GET', '/s3/{buckets}/attack/key?acl'],
  ['GET', '/s3/{buckets}/attack/key?tagging'],
  ['POST', '/s3/{buckets}/parts?uploads'],
  ['PUT', '/s3/{buckets}/parts?partNumber=1&uploadId=none', 'part'],
  ['GET', '/s3/{buckets}/parts?uploadId=none'],
  ['DELETE', '/s3/{buckets}/parts?uploadId=none'],
  [
    'POST',
    '/s3/{buckets}/parts?uploadId=none',
    '<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>"x"</ETag></Part></CompleteMultipartUpload>',
  ],
]

/** What the ids in paths of OpenStack's services are called in the Deltacloud API. */
const collectionOf: Readonly<Record<string, string>> = {
  servers: 'instances',
  flavors: 'hardware_profiles',
  'os-keypairs': 'keys',
  images: 'images',
  'os-floating-ips': 'addresses',
  volumes: 'storage_volumes',
  snapshots: 'storage_snapshots',
  networks: 'networks',
  subnets: 'subnets',
  ports: 'network_interfaces',
  floatingips: 'addresses',
  'security-groups': 'firewalls',
  loadbalancers: 'load_balancers',
}

const openStackBodies: Readonly<Record<string, readonly string[]>> = {
  'POST /servers': [
    '{"server":{"name":"web","imageRef":"{images}","flavorRef":"{hardware_profiles}","networks":"auto","metadata":{"a":"b"}}}',
    '{"server":{"name":"web","imageRef":"{images}","flavorRef":"{hardware_profiles}","min_count":1,"security_groups":[{"name":"default"}]}}',
  ],
  'PUT /servers/:id': ['{"server":{"name":"renamed"}}'],
  'POST /servers/:id/action': [
    '{"os-start":null}',
    '{"os-stop":null}',
    '{"reboot":{"type":"SOFT"}}',
    '{"createImage":{"name":"attack"}}',
    '{"os-getConsoleOutput":{"length":5}}',
  ],
  'POST /servers/:id/os-volume_attachments': ['{"volumeAttachment":{"volumeId":"{storage_volumes}","device":"/dev/vdb"}}'],
  'POST /servers/:id/os-interface': ['{"interfaceAttachment":{"net_id":"{networks}"}}'],
  'POST /os-keypairs': ['{"keypair":{"name":"attack"}}', '{"keypair":{"name":"imported","public_key":"ssh-rsa AAAA"}}'],
  'POST /volumes': ['{"volume":{"size":2,"name":"attack"}}', '{"volume":{"size":2,"snapshot_id":"{storage_snapshots}"}}'],
  'PUT /volumes/:id': ['{"volume":{"name":"renamed"}}'],
  'POST /volumes/:id/action': ['{"os-attach":{"instance_uuid":"{instances}"}}', '{"os-detach":{}}'],
  'POST /snapshots': ['{"snapshot":{"volume_id":"{storage_volumes}","name":"attack","force":true}}'],
  'POST /networks': ['{"network":{"name":"attack"}}'],
  'POST /subnets': ['{"subnet":{"network_id":"{networks}","cidr":"10.79.1.0/24","ip_version":4}}'],
  'POST /ports': ['{"port":{"network_id":"{networks}"}}'],
  'POST /floatingips': ['{"floatingip":{"floating_network_id":"{networks}"}}'],
  'POST /security-groups': ['{"security_group":{"name":"attack","description":"x"}}'],
  'POST /security-group-rules': [
    '{"security_group_rule":{"security_group_id":"{firewalls}","direction":"ingress","protocol":"tcp","port_range_min":22,"port_range_max":22,"remote_ip_prefix":"10.0.0.0/8"}}',
  ],
  'POST /loadbalancers': ['{"loadbalancer":{"name":"attack","vip_subnet_id":"{subnets}"}}'],
  'PATCH /images/:id': ['[{"op":"replace","path":"/name","value":"renamed"}]'],
}

const openStackSeeds = (): Seed[] => {
  const services: readonly (readonly [root: string, routes: object])[] = [
    ['/openstack/identity', identityRoutes],
    ['/openstack/compute/v2.1', computeRoutes],
    ['/openstack/image/v2', imageRoutes],
    ['/openstack/volume/v3/{project}', volumeRoutes],
    ['/openstack/network/v2.0', networkRoutes],
    ['/openstack/load-balancer/v2/lbaas', balancerRoutes],
    ['/openstack/object-store/v1/AUTH_{project}', objectRoutes],
  ]
  return services.flatMap(([root, routes]) =>
    Object.keys(routes).flatMap(route => {
      const [method = '', path = ''] = route.split(' ')
      const target = root + pathOf(path)
      const isBlob = /:container/.test(path) && (method === 'PUT' || method === 'POST')
      const bodies = openStackBodies[route] ?? (isBlob ? ['content'] : /^P/.test(method) ? ['{"metadata":{"a":"b"}}'] : [undefined])
      return bodies.map(body => seed('openstack', body === undefined ? [method, target] : [method, target, body]))
    }),
  )
}

const pathOf = (path: string): string =>
  path
    .split('/')
    .map((part, place, all) => {
      if (part === ':container') return '{buckets}'
      if (part.startsWith('*')) return 'attack/object'
      return part.startsWith(':') ? `{${collectionOf[all[place - 1] ?? ''] ?? 'keys'}}` : part
    })
    .join('/')

const openStackLines: readonly Line[] = [
  ['GET', '/openstack'],
  ['GET', '/openstack/identity'],
  ['GET', '/openstack/compute/v2.1/'],
  ['GET', '/openstack/compute/v2.1/servers/detail?limit=1&sort_key=name&status=ACTIVE'],
  ['GET', '/openstack/object-store/info'],
  ['GET', '/openstack/object-store/v1/AUTH_{project}/{buckets}?format=json&limit=2&prefix=a&delimiter=%2F&marker=a'],
  ['GET', '/openstack/object-store/auth/v1.0'],
  [
    'POST',
    '/openstack/identity/v3/auth/tokens',
    '{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"attacker","password":"of-the-attacker","domain":{"id":"default"}}}}}}',
  ],
  ['POST', '/openstack/identity/v2.0/tokens', '{"auth":{"passwordCredentials":{"username":"attacker","password":"of-the-attacker"}}}'],
]

/** What the bodies of the control hold, by the names that its routes give them. */
const controlBodies: Readonly<Record<string, readonly string[]>> = {
  clock: ['{"mode":"scaled","scale":60}', '{"mode":"system"}', '{"now":"2031-01-01T00:00:00Z"}'],
  advance: ['{"by":"1h"}'],
  settle: ['{"limit":"1h"}'],
  rules: ['{"rule":"operation=instances.create,error=over-quota"}', 'rule=operation%3Dinstances.create%2Cerror%3Dover-quota'],
  scenario: ['{}', '{"realm":"us"}'],
  limits: ['{"quotas":{"instances":10}}'],
  quotas: ['{"instances":10}'],
  texture: ['{"latency":{"fixed":"1ms"}}'],
  world: ['{"name":"attacked-too"}', '{"name":"attacked-too","clock":{"mode":"manual","now":"2030-01-01T00:00:00Z"}}'],
  fork: ['{"to":"attacked-copy"}'],
  seed: ['{"accounts":[{"account":"seeded","collections":{"buckets":[{"id":"b"}]}}]}', 'accounts:\n- account: seeded\n  collections: {}\n'],
  bytes: ['not a snapshot'],
}

/** Streams have no end, and are left out. Other worlds are named by the two that the attack makes. */
const controlSeeds = (): Seed[] =>
  controlRoutes
    .filter(({ gives }) => gives !== 'events')
    .flatMap(({ method, path, takes }) => {
      const segments = path.map(part => (part === ':world' ? 'attacked-too' : part.startsWith(':') ? 'flaky' : part))
      const bodies = takes === undefined ? [undefined] : (controlBodies[takes] ?? ['{}'])
      return bodies.map(body => {
        const target = `/_worlds/${controlledWorld}/_mock/${segments.join('/')}`
        return seed('control', body === undefined ? [method, target] : [method, target, body])
      })
    })

const serverLines: readonly Line[] = [
  ['GET', '/'],
  ['GET', '/?format=json'],
  ['GET', '/?format=xml'],
  ['GET', '/healthz'],
  ['GET', '/robots.txt'],
  ['GET', '/assets/deltacloud.css'],
  ['GET', '/assets/icon.svg?v=0'],
  ['GET', '/assets/console.js'],
  ['GET', '/_worlds/other'],
  ['GET', '/favicon.ico'],
]

/** All seeds, each with the ids of some resources. */
export const seedsFor = ({ ids, project }: Holdings): readonly Seed[] => {
  const all = [
    ...deltacloudSeeds(),
    ...deltacloudLines.map(line => seed('deltacloud', line)),
    ...ec2Seeds(),
    ...s3Lines.map(line => seed('s3', line)),
    ...openStackSeeds(),
    ...openStackLines.map(line => seed('openstack', line)),
    ...controlSeeds(),
    ...serverLines.map(line => seed('server', line)),
  ]
  const filled = (text: string, turn: number): string =>
    text.replace(/\{(\w+)\}/g, (whole, name: string) => {
      if (name === 'project') return project
      const known = ids.get(name)
      if (known === undefined) return whole.startsWith('{"') ? whole : 'none'
      return known[turn % known.length] ?? 'none'
    })
  return all.flatMap(one =>
    [0, 1].map(turn => ({
      ...one,
      target: filled(one.target, turn),
      ...(one.body === undefined ? {} : { body: filled(one.body, turn) }),
    })),
  )
}
