/** The driver for Amazon EC2, with S3, classic load balancers and CloudWatch. */

import { ec2 } from '../../src/drivers/ec2/index.ts'
import { ec2 as ec2Frontend } from '../../src/server/frontends/ec2/index.ts'
import { s3 as s3Frontend } from '../../src/server/frontends/s3/index.ts'
import { read } from '../documents/read.ts'
import type { Harness } from '../harness.ts'
import { decodesTwice, expected, impossible } from './families/aws.ts'

const providerAt = (origin: string): string =>
  `ec2=${origin}/ec2;elb=${origin}/ec2;cloudwatch=${origin}/ec2;s3=${origin}/s3;profiles=live;realms=zones`

export const harness: Harness = {
  driver: ec2,
  shapes: new URL('../shapes/ec2.json', import.meta.url),
  roundTrip: {
    frontends: [ec2Frontend, s3Frontend],
    personality: 'ec2',
    provider: providerAt,
    regions: {
      names: ['us-east-1', 'eu-west-1'],
      provider: (origin, region) => `${providerAt(origin)};region=${region}`,
      regionOf: ({ region }) => region,
      // Amazon S3 user guide, general purpose buckets: one list and one space of names for all regions.
      shared: ['buckets', 'blobs'],
    },
    expected: {
      ...expected,
      // The original API shows the blocks of a network's subnets as its own.
      'networks address_blocks': async ({ id, address_blocks: own }, list) => {
        const blocks = (await list('subnets')).flatMap(subnet =>
          (read(subnet, 'network', 'id') ?? read(subnet, 'network')) === id ? [subnet.address_block] : [],
        )
        return blocks.length > 0 ? blocks : own
      },
    },
  },
  impossible,
  exempt: [
    decodesTwice,
    {
      law: 'R1',
      provider: undefined,
      quirk: 'shutting-down',
      because: 'the original took an instance that is shutting down for one that can be started again; other recordings know better',
      where: /i-1775906c: state is "STOPPING", not "STOPPED"/,
    },
  ],
}
