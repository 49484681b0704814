/** What the suite knows of our own drivers: one line a driver, when it works. */

import { ec2 } from '../src/drivers/ec2/index.ts'
import { eucalyptus } from '../src/drivers/eucalyptus/index.ts'
import { documented, stateOf } from '../src/drivers/families/aws/machine.ts'
import { documentedStatuses, stateOf as novasStateOf } from '../src/drivers/families/openstack/states.ts'
import { createMockDriver } from '../src/drivers/mock/index.ts'
import { openstack } from '../src/drivers/openstack/index.ts'
import { rackspace } from '../src/drivers/rackspace/index.ts'
import { ec2 as ec2Frontend } from '../src/server/frontends/ec2/index.ts'

import { ruleId } from '../src/server/frontends/openstack/groups.ts'
import { openstack as openstackFrontend } from '../src/server/frontends/openstack/index.ts'
import { s3 as s3Frontend } from '../src/server/frontends/s3/index.ts'
import type { Document, Exemption, Kit, RoundTrip } from './kit.ts'
import { alice } from './sources/simulated.ts'

/** What drivers of Amazon's kind tell otherwise than the simulator, as the original had it. */
const awsTells: RoundTrip['tells'] = {
  // What is in a bucket is told by the bucket's own document only.
  'buckets size': async () => undefined,
  'buckets blob_list': async () => undefined,
  // An instance that reboots is running like any other, and lets itself be rebooted.
  'instances actions': async ({ state, actions }) => (state === 'RUNNING' ? ['reboot', 'stop', 'destroy'].map(rel => ({ rel })) : actions),
  // A key has no state at EC2: the original said that it's there.
  'keys state': async () => 'AVAILABLE',
  // A rule's id is made of what it says.
  'firewalls rules': async ({ owner_id: owner, rules }) => listIn(rules).map(rule => ({ ...rule, id: ruleIdOf(owner, rule) })),
}

/** The same of OpenStack's. */
const openstackTells: RoundTrip['tells'] = {
  // What is in a bucket is told by the bucket's own document only.
  'buckets blob_list': async () => undefined,
  'keys state': async () => 'AVAILABLE',
  // Groups are those of a server's ports.
  'instances firewalls': async ({ firewalls, network_interfaces: ports }) => (listIn(ports).length > 0 ? firewalls : undefined),
  // An image is described by its name, where nothing else is said.
  'images description': async ({ name, description }) => description ?? name,
  // The API has always told a volume that's being made as one that's there.
  'storage_volumes state': async ({ state }) => (state === 'CREATING' ? 'AVAILABLE' : state),
  'storage_volumes created': async ({ created }) => cindersTime(created),
  'storage_volumes name': async ({ created, name }) => name ?? `Volume${secondsOf(created)}`,
  'storage_volumes description': async ({ created, name, description }) => description ?? name ?? `Volume${secondsOf(created)}`,
  'storage_snapshots created': async ({ created }) => cindersTime(created),
  'storage_snapshots name': async ({ created, name }) => name ?? `snapshot_${secondsOf(created)}`,
  'load_balancers created_at': async ({ created_at: created }) => (typeof created === 'string' ? created.replace('Z', '') : created),
  // A rule of Neutron has one source; ids are made of what rules say.
  'firewalls rules': async ({ id, rules }) =>
    listIn(rules).flatMap(rule =>
      listIn(rule.sources).map(source => ({ ...rule, sources: [source], id: neutronsRuleId(String(id), rule, source) })),
    ),
}

/** Amazon's client reads character references twice. */
const readTwice: Exemption = {
  law: 'D5',
  provider: undefined,
  quirk: 'Amazon’s client',
  because: 'it takes an escaped ampersand before a number for a character of that number',
  where: /^"[^"]*&#/,
}

/** What a network of OpenStack is. */
const ofSubnets = (provider: string | undefined): Exemption => ({
  law: 'S8',
  provider,
  quirk: 'Neutron',
  because: 'a network of Neutron has the blocks of its subnets, and none when it’s made',
  where: /^networks made with address_block=/,
})

export const kits: Readonly<Record<string, Kit>> = {
  mock: {
    driver: createMockDriver,
    // The kinds of cloud that frontends of real protocols stand on, ec2, eucalyptus and openstack, are named by who tests these.
    providers: [undefined, 'classic'],
    exempt: [
      ofSubnets('openstack'),
      {
        law: 'D2',
        provider: 'classic',
        quirk: 'M11',
        because: 'the original’s data have a network interface in a network, where the API’s link leads to a subnet',
        where: /^network_interfaces\/nicinst3 leads to \/api\/subnets\/net1/,
      },
      {
        law: 'D2',
        provider: 'classic',
        quirk: 'M18',
        because: 'the original’s mock lets a network be destroyed with its subnets, and interfaces go on naming these',
        where: /^network_interfaces\/\S+ leads to \/api\/subnets\/\S+, which is answered with 404/,
      },
    ],
  },
  ec2: {
    driver: ec2,
    shapes: new URL('shapes/ec2.json', import.meta.url),
    roundTrip: {
      frontends: [ec2Frontend, s3Frontend],
      personality: 'ec2',
      provider: origin => `ec2=${origin}/ec2;elb=${origin}/ec2;cloudwatch=${origin}/ec2;s3=${origin}/s3;profiles=live;realms=zones`,
      tells: {
        ...awsTells,
        // The blocks of a network are those of its subnets, as the original had it.
        'networks address_blocks': async ({ id, address_blocks: own }, all) => {
          const blocks = (await all('subnets')).flatMap(({ network, address_block: block }) => (idIn(network) === id ? [block] : []))
          return blocks.length > 0 ? blocks : own
        },
      },
    },
    states: { documented, stateOf },
    exempt: [
      readTwice,
      {
        law: 'R1',
        provider: undefined,
        quirk: 'shutting-down',
        because: 'the original took an instance that is shutting down for one that can be started again; other recordings know better',
        where: /i-1775906c: state is "STOPPING", not "STOPPED"/,
      },
    ],
  },
  eucalyptus: {
    driver: eucalyptus,
    shapes: new URL('shapes/eucalyptus.json', import.meta.url),
    roundTrip: {
      frontends: [ec2Frontend, s3Frontend],
      personality: 'eucalyptus',
      provider: origin => `ec2=${origin}/ec2;s3=${origin}/s3`,
      tells: {
        ...awsTells,
        // Of types that run more than one architecture it's told which one, as the original had it.
        'instances hardware_profile': async ({ hardware_profile: profile }) =>
          isDocument(profile) && (profile.id === 'm1.small' || profile.id === 'c1.medium')
            ? { ...profile, properties: { architecture: 'x86_64' } }
            : profile,
      },
    },
    states: { documented, stateOf },
    exempt: [readTwice],
  },
  openstack: {
    driver: openstack,
    shapes: new URL('shapes/openstack.json', import.meta.url),
    roundTrip: {
      frontends: [openstackFrontend],
      personality: 'openstack',
      provider: origin => `${origin}/openstack/identity/v3`,
      tells: openstackTells,
    },
    exempt: [ofSubnets(undefined)],
    states: { documented: documentedStatuses, stateOf: novasStateOf },
  },
  rackspace: {
    driver: rackspace,
    shapes: new URL('shapes/rackspace.json', import.meta.url),
    providers: [undefined, 'DFW'],
    // The generation on OpenStack; of the first one no frontend is served.
    roundTrip: {
      frontends: [openstackFrontend],
      personality: 'openstack',
      provider: origin => `${origin}/openstack/identity/v2.0;default`,
      tells: {
        ...openstackTells,
        // Nova's proxy tells no owner: to the API it has always been the caller.
        'images owner': async () => alice.user,
        // Who has no keys logs in by password.
        'instances authentication_type': async () => 'password',
        // No networks are offered, so none are asked for.
        'instances firewalls': async () => undefined,
        'instances network_interfaces': async () => undefined,
      },
    },
    exempt: [undefined, 'DFW'].map(provider => ({
      law: 'S8',
      provider,
      quirk: 'libcloud',
      because: 'the recorded answer to the creation and the server that is then shown are fixtures of different servers',
      where: /^instances made with image_id="7" says "fcf5582a-/,
    })),
    states: { documented: documentedStatuses, stateOf: novasStateOf },
  },
}

const idIn = (reference: unknown): unknown =>
  typeof reference === 'object' && reference !== null && 'id' in reference ? reference.id : reference

const listIn = (value: unknown): readonly Document[] => (Array.isArray(value) ? value.filter(isDocument) : [])

const isDocument = (value: unknown): value is Document => typeof value === 'object' && value !== null

const secondsOf = (time: unknown): number => Math.floor(Date.parse(String(time)) / 1000)

/** Without a zone, to the microsecond. */
const cindersTime = (time: unknown): unknown => (typeof time === 'string' ? new Date(time).toISOString().replace('Z', '000') : time)

const neutronsRuleId = (firewall: string, rule: Document, source: Document): string => {
  const said = {
    ...(typeof rule.allow_protocol === 'string' ? { protocol: rule.allow_protocol } : {}),
    ...(typeof rule.port_from === 'number' ? { portFrom: rule.port_from } : {}),
    ...(typeof rule.port_to === 'number' ? { portTo: rule.port_to } : {}),
    direction: rule.direction === 'egress' ? ('egress' as const) : ('ingress' as const),
  }
  const { type, family, address, prefix, name } = source
  return ruleId(
    firewall,
    said,
    type === 'group'
      ? { type: 'group', name: String(name) }
      : { type: 'address', family: family === 'ipv6' ? 'ipv6' : 'ipv4', address: String(address), prefix: String(prefix) },
  )
}

/** As the original made it: the owner, protocol and ports, and each source. */
const ruleIdOf = (owner: unknown, rule: Document): string => {
  const sources = listIn(rule.sources).map(({ type, family, address, prefix, owner: of, name }) =>
    type === 'group' ? `@group,${of ?? ''},${name}` : `@address,${family},${address},${prefix}`,
  )
  return [owner, rule.allow_protocol, rule.port_from ?? '', rule.port_to ?? '', sources.join(',')].join('~')
}
