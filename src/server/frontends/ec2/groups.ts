/** Security groups and their rules. */

import type { RuleRequest } from '../../../model/requests.ts'
import type { Firewall, FirewallRule, RuleSource } from '../../../model/resources.ts'
import { type Action, type Actions, type Asked, chosen, group, operation } from './asked.ts'
import { groupId } from './derived.ts'
import { ApiError, notThere } from './errors.ts'
import { described, filtered } from './listing.ts'
import type { Parameters } from './parameters.ts'
import type { Tree } from './writer.ts'

const nameOf = (firewall: Firewall): string => firewall.name ?? firewall.id

const blocksOf = (rule: FirewallRule, family: 'ipv4' | 'ipv6'): readonly string[] =>
  rule.sources.flatMap(source => (source.type === 'address' && source.family === family ? [`${source.address}/${source.prefix}`] : []))

const permissionTree = (asked: Asked, rule: FirewallRule): Tree => ({
  ipProtocol: rule.protocol ?? '-1',
  fromPort: rule.portFrom,
  toPort: rule.portTo,
  groups: rule.sources.flatMap(source =>
    source.type === 'group' ? [{ userId: source.owner ?? asked.user, groupName: source.name, groupId: groupId({ id: source.name }) }] : [],
  ),
  ipRanges: blocksOf(rule, 'ipv4').map(block => ({ cidrIp: block })),
  ipv6Ranges: blocksOf(rule, 'ipv6').map(block => ({ cidrIpv6: block })),
  prefixListIds: [],
})

const isOutward = (rule: FirewallRule): boolean => rule.direction === 'egress'

const groupTree =
  (asked: Asked, network: string | undefined) =>
  (firewall: Firewall): Tree => ({
    ownerId: firewall.ownerId ?? asked.user,
    groupId: groupId(firewall),
    groupName: nameOf(firewall),
    groupDescription: firewall.description ?? '',
    vpcId: network,
    ipPermissions: firewall.rules.filter(rule => !isOutward(rule)).map(rule => permissionTree(asked, rule)),
    ipPermissionsEgress: [
      ...firewall.rules.filter(isOutward).map(rule => permissionTree(asked, rule)),
      // All that leaves is let through where nobody says otherwise.
      ...(firewall.rules.some(isOutward)
        ? []
        : [{ ipProtocol: '-1', groups: [], ipRanges: [{ cidrIp: '0.0.0.0/0' }], ipv6Ranges: [], prefixListIds: [] }]),
    ],
    tagSet: [],
  })

/** Groups belong to a network, which the model doesn't say: the first there is. */
const networkOf = async (asked: Asked): Promise<string | undefined> => (await asked.cloud.networks?.list({}))?.[0]?.id

const groupAt = async (asked: Asked): Promise<Firewall> => {
  const [id, name] = [asked.parameters.text('GroupId'), asked.parameters.text('GroupName')]
  const wanted = id ?? name
  if (wanted === undefined) throw new ApiError('MissingParameter', 'The request must contain the parameter GroupName or GroupId')
  const all = await group(asked, 'firewalls').list({})
  const found = all.find(one => (id === undefined ? nameOf(one) === name : groupId(one) === id))
  if (found === undefined) throw notThere('firewalls', wanted)
  return found
}

const sourceOf = (block: string, family: 'ipv4' | 'ipv6'): RuleSource => {
  const [, address, prefix] = /^([0-9a-fA-F.:]+)\/(\d{1,3})$/.exec(block) ?? []
  if (address === undefined || prefix === undefined || address.includes(':') !== (family === 'ipv6'))
    throw new ApiError('InvalidParameterValue', `CIDR block ${block.slice(0, 60)} is malformed`)
  return { type: 'address', family, address, prefix }
}

/** The protocols that go by number, too. */
const protocols: Readonly<Record<string, string>> = { '6': 'tcp', '17': 'udp', '1': 'icmp' }

const protocolOf = (text: string): string => protocols[text] ?? text.toLowerCase()

/** Rules that a request spells out; before 2010 one group or one block was given without a list. */
const rulesIn = async (asked: Asked, direction: 'ingress' | 'egress'): Promise<readonly RuleRequest[]> => {
  const { parameters } = asked
  const permissions = parameters.items('IpPermissions')
  if (permissions.length > 0) return Promise.all(permissions.map(one => ruleIn(asked, one, direction)))
  const source = parameters.text('SourceSecurityGroupName')
  if (source !== undefined) {
    const owner = parameters.text('SourceSecurityGroupOwnerId')
    return [
      {
        protocol: protocolOf(parameters.text('IpProtocol') ?? 'tcp'),
        portFrom: parameters.number('FromPort') ?? 1,
        portTo: parameters.number('ToPort') ?? 65535,
        direction,
        sources: [{ type: 'group', name: source, ...(owner === undefined ? {} : { owner }) }],
      },
    ]
  }
  const block = parameters.text('CidrIp')
  if (block === undefined) throw new ApiError('MissingParameter', 'The request must contain the parameter IpPermissions')
  return [
    {
      ...portsIn(parameters),
      protocol: protocolOf(parameters.need('IpProtocol')),
      direction,
      sources: [sourceOf(block, block.includes(':') ? 'ipv6' : 'ipv4')],
    },
  ]
}

const portsIn = (parameters: Parameters): { readonly portFrom?: number; readonly portTo?: number } => {
  const [from, to] = [parameters.number('FromPort'), parameters.number('ToPort')]
  return { ...(from === undefined ? {} : { portFrom: from }), ...(to === undefined ? {} : { portTo: to }) }
}

const ruleIn = async (asked: Asked, parameters: Parameters, direction: 'ingress' | 'egress'): Promise<RuleRequest> => {
  const groups = await Promise.all(
    [...parameters.items('Groups'), ...parameters.items('UserIdGroupPairs')].map(async (one): Promise<RuleSource> => {
      const [name, id, owner] = [one.text('GroupName'), one.text('GroupId'), one.text('UserId')]
      return { type: 'group', name: name ?? (await nameById(asked, id ?? '')), ...(owner === undefined ? {} : { owner }) }
    }),
  )
  return {
    ...portsIn(parameters),
    protocol: protocolOf(parameters.need('IpProtocol')),
    direction,
    sources: [
      ...groups,
      ...parameters.items('IpRanges').map(one => sourceOf(one.need('CidrIp'), 'ipv4')),
      ...parameters.items('Ipv6Ranges').map(one => sourceOf(one.need('CidrIpv6'), 'ipv6')),
    ],
  }
}

const nameById = async (asked: Asked, id: string): Promise<string> => {
  const found = (await group(asked, 'firewalls').list({})).find(one => groupId(one) === id)
  if (found === undefined) throw notThere('firewalls', id)
  return found.id
}

const authorize = (direction: 'ingress' | 'egress'): Action => ({
  about: 'firewalls',
  changes: true,
  async answer(asked) {
    const create = operation(group(asked, 'firewalls').createRule, 'make rules')
    const firewall = await groupAt(asked)
    const rules = await rulesIn(asked, direction)
    for (const rule of rules)
      if (firewall.rules.some(known => isSame(asked, known, rule)))
        throw new ApiError('InvalidPermission.Duplicate', 'The specified rule already exists')
    for (const rule of rules) await create(firewall.id, rule)
    return { return: true }
  },
})

const revoke = (direction: 'ingress' | 'egress'): Action => ({
  about: 'firewalls',
  changes: true,
  async answer(asked) {
    const destroy = operation(group(asked, 'firewalls').destroyRule, 'destroy rules')
    const firewall = await groupAt(asked)
    const found = (await rulesIn(asked, direction)).map(rule => {
      const known = firewall.rules.find(one => isSame(asked, one, rule))
      if (known === undefined) throw new ApiError('InvalidPermission.NotFound', 'The specified rule does not exist in this security group')
      return known
    })
    for (const { id } of found) await destroy(firewall.id, id)
    return { return: true }
  },
})

/** A rule says the same whoever wrote it down: owners of groups are left out where one side doesn't tell. */
const isSame = (asked: Asked, known: FirewallRule, rule: RuleRequest): boolean => {
  const signs = (sources: readonly RuleSource[]): string =>
    sources
      .map(source => (source.type === 'group' ? `${source.owner ?? asked.user}/${source.name}` : `${source.address}/${source.prefix}`))
      .sort()
      .join()
  return (
    protocolOf(known.protocol ?? '-1') === rule.protocol &&
    known.portFrom === rule.portFrom &&
    known.portTo === rule.portTo &&
    (known.direction ?? 'ingress') === rule.direction &&
    signs(known.sources) === signs(rule.sources)
  )
}

export const groupActions: Actions = {
  DescribeSecurityGroups: {
    about: 'firewalls',
    async answer(asked) {
      const { parameters } = asked
      const all = await group(asked, 'firewalls').list({})
      const named = chosen('firewalls', all, parameters.list('GroupName'), nameOf)
      const network = await networkOf(asked)
      const found = filtered(parameters, chosen('firewalls', named, parameters.list('GroupId'), groupId), {
        'group-name': nameOf,
        'group-id': groupId,
        description: firewall => firewall.description,
        'owner-id': firewall => firewall.ownerId ?? asked.user,
        'vpc-id': () => network,
        'ip-permission.protocol': firewall => firewall.rules.map(rule => rule.protocol),
        'ip-permission.from-port': firewall => firewall.rules.flatMap(rule => (rule.portFrom === undefined ? [] : [String(rule.portFrom)])),
        'ip-permission.to-port': firewall => firewall.rules.flatMap(rule => (rule.portTo === undefined ? [] : [String(rule.portTo)])),
        'ip-permission.cidr': firewall => firewall.rules.flatMap(rule => blocksOf(rule, 'ipv4')),
      })
      return described(asked, 'securityGroupInfo', found, groupTree(asked, network))
    },
  },
  CreateSecurityGroup: {
    about: 'firewalls',
    changes: true,
    async answer(asked) {
      const { parameters } = asked
      const { create, list } = group(asked, 'firewalls')
      const name = parameters.name('GroupName')
      if ((await list({})).some(one => nameOf(one) === name))
        throw new ApiError('InvalidGroup.Duplicate', `The security group '${name.slice(0, 255)}' already exists`)
      const description = parameters.text('GroupDescription') ?? parameters.need('Description')
      const made = await operation(create, 'make security groups')({ name, description })
      return { return: true, groupId: groupId(made), tagSet: [] }
    },
  },
  DeleteSecurityGroup: {
    about: 'firewalls',
    changes: true,
    async answer(asked) {
      const firewall = await groupAt(asked)
      await operation(group(asked, 'firewalls').destroy, 'destroy security groups')(firewall.id)
      return { return: true, groupId: groupId(firewall) }
    },
  },
  AuthorizeSecurityGroupIngress: authorize('ingress'),
  AuthorizeSecurityGroupEgress: authorize('egress'),
  RevokeSecurityGroupIngress: revoke('ingress'),
  RevokeSecurityGroupEgress: revoke('egress'),
}
