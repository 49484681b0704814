/** A private cloud of Eucalyptus: EC2 as it was around 2010, with one cluster, its own sizes and the account's own images. */

import { fixed, type HardwareProfile } from '../../model/hardware-profile.ts'
import type { Image } from '../../model/resources.ts'
import { parseAddress } from '../cidr.ts'
import type { Dataset } from '../dataset.ts'
import { Draws } from '../draw.ts'
import type { IdRule } from '../ids.ts'
import type { Personality } from '../personality.ts'
import { ec2 } from './ec2.ts'

/** The sizes that an installation begins with. Memory in MiB, storage in GB. */
const size = (id: string, cpu: number, memory: number, storage: number): HardwareProfile => ({
  id,
  properties: [fixed('cpu', cpu), fixed('memory', memory), fixed('storage', storage), fixed('architecture', 'x86_64')],
})

const hardwareProfiles: readonly HardwareProfile[] = [
  size('m1.small', 1, 128, 2),
  size('c1.medium', 1, 256, 5),
  size('m1.large', 2, 512, 10),
  size('m1.xlarge', 2, 1024, 20),
  size('c1.xlarge', 4, 2048, 20),
]

const sizes = hardwareProfiles.map(({ id }) => id)

const cluster = { id: 'PARTI00', name: 'PARTI00', limit: 'unlimited', state: 'AVAILABLE' }

/** Ids of the length that EC2 had then. */
const drawnId = (prefix: string): IdRule => ({ by: 'draw', form: 'hex', prefix: `${prefix}-`, digits: 8 })

/** A number from 1 to 254 that stands for an id, at each place another one. */
const octet = (id: string, place: number): number => new Draws('eucalyptus').between(1, 254, id, place)

export const eucalyptus: Personality = {
  ...ec2,
  name: 'eucalyptus',
  features: {
    images: { owner_id: {} },
    instances: { user_data: {}, authentication_key: {}, firewalls: {}, instance_count: {} },
    keys: { import_key: {} },
  },
  lacks: ['load_balancers', 'metrics', 'networks', 'subnets', 'network_interfaces'],
  // What a small machine room has.
  limits: { quotas: { instances: 32, addresses: 32, storage_volumes: 64, volume_gigabytes: 1024 }, sizes: { name: 255, userData: 21_848 } },
  realms: [cluster],
  hardwareProfiles,
  preset: { realm: cluster.id, hardwareProfile: 'm1.small' },
  dataset: account => dataset(account),
  ids: {
    ...ec2.ids,
    images: drawnId('emi'),
    instances: drawnId('i'),
    storage_volumes: drawnId('vol'),
    storage_snapshots: drawnId('snap'),
  },
  plainRules: true,
  newImage: made => ({ ...ec2.newImage(made), hardwareProfiles: sizes }),
  addresses: ({ id }) => ({
    publicAddresses: [{ address: `203.0.113.${octet(id, 0)}`, type: 'ipv4' }],
    privateAddresses: [{ address: `172.19.1.${octet(id, 1)}`, type: 'ipv4' }],
  }),
}

const image = (ownerId: string, id: string, name: string, description: string): Image => ({
  id,
  name,
  description,
  ownerId,
  architecture: 'x86_64',
  state: 'AVAILABLE',
  creationTime: '2011-04-12T09:30:00.000Z',
  rootType: 'persistent',
  hardwareProfiles: sizes,
})

/** What an account has uploaded before, and the firewall that everyone has. */
const dataset = (account: string): Dataset => ({
  records: {
    images: [
      image(account, 'emi-0a1b2c3d', 'centos-5.5-x86_64', 'CentOS 5.5'),
      image(account, 'emi-1f2e3d4c', 'ubuntu-10.04-x86_64', 'Ubuntu 10.04'),
    ].map(shown => ({
      shown,
      kept: {},
    })),
    firewalls: [
      {
        shown: { id: 'default', name: 'default', description: 'default group', ownerId: account, rules: [] },
        kept: { members: 0, rules: 0 },
      },
    ],
  },
  blobs: [],
  // Where the public addresses begin.
  numbers: { 'highest address': parseAddress('203.0.113.9') ?? 0 },
})
