/** What drivers of Amazon's kind have in common: what they show in another way than the simulator does. */

import { type Item, itemsAt, read } from '../../documents/read.ts'
import type { Exemption, Impossible, RoundTrip } from '../../harness.ts'

export const expected: NonNullable<RoundTrip['expected']> = {
  // The contents of a bucket stand in the bucket's own document only.
  'buckets size': async () => undefined,
  'buckets blob_list': async () => undefined,
  // An instance that reboots is running like any other, and can be rebooted.
  'instances actions': async ({ state, actions }) => (state === 'RUNNING' ? ['reboot', 'stop', 'destroy'].map(rel => ({ rel })) : actions),
  // The original API shows where an image is kept, if nobody has described it: at EC2 that's its owner and its name.
  'images description': async ({ description, owner, name }) => description ?? `${owner}/${name}`,
  // A key has no state at EC2: the original API shows each as available.
  'keys state': async () => 'AVAILABLE',
  // The id of a rule is made of its contents, and the owner of each group is told.
  'firewalls rules': async firewall => {
    const owner = read(firewall, 'owner_id') ?? ''
    return itemsAt(firewall, 'rules').map(rule => {
      const all = itemsAt(rule, 'sources').map(source => (source.type === 'group' ? { owner, ...source } : source))
      // EC2 tells them by kind.
      const sources = ['group', 'ipv4', 'ipv6'].flatMap(kind => all.filter(({ type, family }) => (family ?? type) === kind))
      return { ...rule, sources, id: firewallRuleId(owner, { ...rule, sources }) }
    })
  },
}

/** The id that the original API gives a rule: owner, protocol and ports, and each source; it had no rules for what goes out. */
export const firewallRuleId = (owner: string, rule: Item): string => {
  const sources = itemsAt(rule, 'sources').map(({ type, family, address, prefix, owner: of, name }) =>
    type === 'group' ? `@group,${of ?? ''},${name}` : `@address,${family},${address},${prefix}`,
  )
  const direction = rule.direction === 'egress' ? 'egress~' : ''
  return `${direction}${[owner, rule.allow_protocol, rule.port_from ?? '', rule.port_to ?? '', sources.join(',')].join('~')}`
}

/** Amazon's client decodes character references twice. */
export const decodesTwice: Exemption = {
  law: 'D5',
  provider: undefined,
  quirk: 'Amazon’s client',
  because: 'it takes an escaped ampersand before a number for a character of that number',
  where: /^"[^"]*&#/,
}

export const impossible: readonly Impossible[] = [
  { what: 'stopping destroy finish', because: 'the simulator ends an instance that is stopping when it has stopped' },
]
