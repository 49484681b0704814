/** The driver for Eucalyptus, which serves the protocols of Amazon. */

import { eucalyptus } from '../../src/drivers/eucalyptus/index.ts'
import { ec2 as ec2Frontend } from '../../src/server/frontends/ec2/index.ts'
import { s3 as s3Frontend } from '../../src/server/frontends/s3/index.ts'
import { isItem, itemsAt, read } from '../documents/read.ts'
import type { Harness } from '../harness.ts'
import { decodesTwice, expected, firewallRuleId, impossible } from './families/aws.ts'

export const harness: Harness = {
  driver: eucalyptus,
  shapes: new URL('../shapes/eucalyptus.json', import.meta.url),
  roundTrip: {
    frontends: [ec2Frontend, s3Frontend],
    personality: 'eucalyptus',
    provider: origin => `ec2=${origin}/ec2;s3=${origin}/s3`,
    expected: {
      ...expected,
      // Before there were networks, a rule was for one group, whatever the port, or for one block.
      'firewalls rules': async firewall => {
        const owner = read(firewall, 'owner_id') ?? ''
        return itemsAt(firewall, 'rules').flatMap(rule =>
          itemsAt(rule, 'sources').map(source => {
            const whole = { allow_protocol: 'tcp', port_from: 1, port_to: 65535 }
            const plain = source.type === 'group' ? { ...rule, ...whole, sources: [{ owner, ...source }] } : { ...rule, sources: [source] }
            return { ...plain, id: firewallRuleId(owner, plain) }
          }),
        )
      },
      // The original API shows the architecture of an instance whose type runs more than one.
      'instances hardware_profile': async ({ hardware_profile: profile }) =>
        isItem(profile) && (profile.id === 'm1.small' || profile.id === 'c1.medium')
          ? { ...profile, properties: { architecture: 'x86_64' } }
          : profile,
    },
  },
  impossible,
  exempt: [decodesTwice],
}
