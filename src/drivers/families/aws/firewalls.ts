/** Firewalls: security groups, by their names. */

import type { IpPermission, SecurityGroup } from '@aws-sdk/client-ec2'
import { badRequest, notFound } from '../../../model/errors.ts'
import type { RuleRequest } from '../../../model/requests.ts'
import type { Firewall, FirewallRule, RuleSource } from '../../../model/resources.ts'
import { byId, type Operations } from '../../driver.ts'
import { allPages } from '../../pagers.ts'
import { asReference, unlessMissing } from './errors.ts'
import { checkName } from './names.ts'
import { need, present, some, withIds } from './native.ts'
import type { Session } from './session.ts'

/** Names by id: rules name other groups by id, and the API by name. */
type Names = ReadonlyMap<string, string>

const addressSource = (block: string, family: 'ipv4' | 'ipv6'): RuleSource => {
  const [address = '', prefix = family === 'ipv6' ? '128' : '32'] = block.split('/')
  return { type: 'address', family, address, prefix }
}

const sourcesOf = (permission: IpPermission, names: Names): readonly RuleSource[] => [
  ...(permission.UserIdGroupPairs ?? []).map(({ GroupName: name, GroupId: id, UserId: owner }) =>
    present({ type: 'group' as const, name: some(name) ?? names.get(id ?? '') ?? need(id, 'groupId'), owner: some(owner) }),
  ),
  ...(permission.IpRanges ?? []).map(({ CidrIp: block }) => addressSource(need(block, 'cidrIp'), 'ipv4')),
  ...(permission.Ipv6Ranges ?? []).map(({ CidrIpv6: block }) => addressSource(need(block, 'cidrIpv6'), 'ipv6')),
]

const signOf = (source: RuleSource): string =>
  source.type === 'group' ? `@group,${source.owner ?? ''},${source.name}` : `@address,${source.family},${source.address},${source.prefix}`

/** A rule has no id that all clouds of the family know, so it's made of what the rule says. */
const ruleOf = (permission: IpPermission, direction: 'ingress' | 'egress', owner: string, names: Names): FirewallRule => {
  const sources = sourcesOf(permission, names)
  const protocol = need(permission.IpProtocol, 'ipProtocol')
  const [from, to] = [permission.FromPort, permission.ToPort]
  const id = `${direction === 'egress' ? 'egress~' : ''}${owner}~${protocol}~${from ?? ''}~${to ?? ''}~${sources.map(signOf).join(',')}`
  return present({ id, protocol, portFrom: from, portTo: to, direction, sources })
}

interface Rule {
  readonly rule: FirewallRule
  readonly permission: IpPermission
}

const rulesOf = (group: SecurityGroup, names: Names): readonly Rule[] => {
  const owner = group.OwnerId ?? ''
  return [
    ...(group.IpPermissions ?? []).map(permission => ({ permission, rule: ruleOf(permission, 'ingress', owner, names) })),
    ...(group.IpPermissionsEgress ?? [])
      // All that leaves is let through unless someone says otherwise: that's no rule to tell.
      .filter(permission => permission.IpProtocol !== '-1')
      .map(permission => ({ permission, rule: ruleOf(permission, 'egress', owner, names) })),
  ]
}

export const firewallOf = (group: SecurityGroup, names: Names): Firewall => {
  const id = need(group.GroupName, 'groupName')
  return present({
    id,
    name: id,
    description: some(group.Description),
    ownerId: some(group.OwnerId),
    rules: rulesOf(group, names).map(({ rule }) => rule),
  })
}

const all = (session: Session): Promise<readonly SecurityGroup[]> =>
  allPages('DescribeSecurityGroups', async token => {
    const answer = await session.ec2(client => client.describeSecurityGroups(token === undefined ? {} : { NextToken: token }))
    const groups = withIds(answer.SecurityGroups, 'firewall', session.context, group => group.GroupName)
    return { items: groups, next: answer.NextToken }
  })

const namesOf = (groups: readonly SecurityGroup[]): Names =>
  new Map(groups.flatMap(({ GroupId: id, GroupName: name }) => (id === undefined || name === undefined ? [] : [[id, name] as const])))

const find = async (session: Session, name: string): Promise<SecurityGroup | undefined> =>
  (await unlessMissing(session.ec2(client => client.describeSecurityGroups({ GroupNames: [name] }))))?.SecurityGroups?.find(
    group => group.GroupName === name,
  )

/** @throws CloudError `not-found` */
const known = async (session: Session, name: string): Promise<SecurityGroup> => {
  const group = await find(session, name)
  if (group === undefined) throw notFound()
  return group
}

/** Names of others are asked for only where a group has rules that need them. */
const shown = async (session: Session, group: SecurityGroup): Promise<Firewall> => {
  const needsNames = [...(group.IpPermissions ?? []), ...(group.IpPermissionsEgress ?? [])].some(({ UserIdGroupPairs: pairs }) =>
    (pairs ?? []).some(({ GroupName: name, GroupId: id }) => some(name) === undefined && id !== group.GroupId),
  )
  return firewallOf(group, namesOf(needsNames ? await all(session) : [group]))
}

/** Ids of groups by name. @throws CloudError `bad-request` for one that isn't there */
export const idsOfGroups = async (session: Session, wanted: readonly string[]): Promise<ReadonlyMap<string, string>> => {
  const groups = await all(session)
  return new Map(
    wanted.map(name => {
      const group = groups.find(one => one.GroupName === name)
      if (group === undefined) throw badRequest(`There is no firewall '${name}'`)
      return [name, need(group.GroupId, 'groupId')]
    }),
  )
}

/** How a group is named in a request: where there are networks, names aren't enough. */
const reference = ({ GroupId: id, GroupName: name }: SecurityGroup) =>
  some(id) === undefined || id === name ? { GroupName: need(name, 'groupName') } : { GroupId: need(id, 'groupId') }

const permissionOf = async (session: Session, rule: RuleRequest): Promise<IpPermission> => {
  const groups = rule.sources.flatMap(source => (source.type === 'group' ? [source] : []))
  const ids =
    groups.length > 0 && session.kind.hasNetworks
      ? await idsOfGroups(
          session,
          groups.map(({ name }) => name),
        )
      : new Map()
  const blocks = (family: 'ipv4' | 'ipv6'): readonly string[] =>
    rule.sources.flatMap(source => (source.type === 'address' && source.family === family ? [`${source.address}/${source.prefix}`] : []))
  const [v4, v6] = [blocks('ipv4'), blocks('ipv6')]
  return {
    IpProtocol: rule.protocol,
    ...(rule.portFrom === undefined ? {} : { FromPort: rule.portFrom }),
    ...(rule.portTo === undefined ? {} : { ToPort: rule.portTo }),
    ...(v4.length === 0 ? {} : { IpRanges: v4.map(block => ({ CidrIp: block })) }),
    ...(v6.length === 0 ? {} : { Ipv6Ranges: v6.map(block => ({ CidrIpv6: block })) }),
    ...(groups.length === 0
      ? {}
      : {
          UserIdGroupPairs: groups.map(({ name, owner }) => ({
            ...(ids.has(name) ? { GroupId: ids.get(name) } : { GroupName: name }),
            // The number of an account is often written with dashes, and never sent with them.
            ...(owner === undefined ? {} : { UserId: owner.replaceAll('-', '') }),
          })),
        }),
  }
}

/** Before 2010 a rule was for one group, whatever the port, or for one block. */
const plainRequests = (name: string, permission: IpPermission) => {
  return [
    ...(permission.UserIdGroupPairs ?? []).map(({ GroupName: source = '', UserId: owner = '' }) => ({
      GroupName: name,
      SourceSecurityGroupName: source,
      SourceSecurityGroupOwnerId: owner,
    })),
    ...(permission.IpRanges ?? []).map(({ CidrIp: block = '' }) => ({
      GroupName: name,
      IpProtocol: permission.IpProtocol ?? '',
      ...(permission.FromPort === undefined ? {} : { FromPort: permission.FromPort }),
      ...(permission.ToPort === undefined ? {} : { ToPort: permission.ToPort }),
      CidrIp: block,
    })),
  ]
}

/** @throws CloudError `bad-request` for a rule that such a cloud can't have: it would let others in, or nobody. */
const checkPlain = ({ direction, sources }: RuleRequest): void => {
  if (direction === 'egress') throw badRequest('The cloud has rules for what comes in only')
  if (sources.some(source => source.type === 'address' && source.family === 'ipv6')) throw badRequest('The cloud has rules for IPv4 only')
}

export const firewalls: NonNullable<Operations<Session>['firewalls']> = {
  ...byId(
    async session => {
      const groups = await all(session)
      const names = namesOf(groups)
      return groups.map(group => firewallOf(group, names))
    },
    async (session, id) => {
      const group = await find(session, id)
      return group === undefined ? undefined : shown(session, group)
    },
  ),
  async create(session, { name, description }) {
    await checkName(name, session.kind.firewallNames, () => session.verify())
    await session.ec2(client => client.createSecurityGroup({ GroupName: name, Description: description }))
    return { id: name, name, description, rules: [], ...(await owned(session, name)) }
  },
  async destroy(session, id) {
    const group = await known(session, id)
    await session.ec2(client => client.deleteSecurityGroup(reference(group)))
  },
  async createRule(session, id, rule) {
    const group = await known(session, id)
    const permission = await asReference(permissionOf(session, rule))
    if (session.kind.hasPlainRules) {
      checkPlain(rule)
      for (const request of plainRequests(id, permission))
        await asReference(session.ec2(client => client.authorizeSecurityGroupIngress(request)))
    } else if (rule.direction === 'egress') {
      await asReference(
        session.ec2(client =>
          client.authorizeSecurityGroupEgress({ GroupId: need(group.GroupId, 'groupId'), IpPermissions: [permission] }),
        ),
      )
    } else
      await asReference(session.ec2(client => client.authorizeSecurityGroupIngress({ ...reference(group), IpPermissions: [permission] })))
    return shown(session, await known(session, id))
  },
  async destroyRule(session, id, ruleId) {
    const group = await known(session, id)
    const { rules } = await shown(session, group)
    const at = rules.findIndex(rule => rule.id === ruleId)
    const found = rulesOf(group, new Map())[at]
    if (found === undefined) throw notFound()
    const { permission } = found
    if (session.kind.hasPlainRules) {
      for (const request of plainRequests(id, permission)) await session.ec2(client => client.revokeSecurityGroupIngress(request))
    } else if (found.rule.direction === 'egress')
      await session.ec2(client =>
        client.revokeSecurityGroupEgress({ GroupId: need(group.GroupId, 'groupId'), IpPermissions: [permission] }),
      )
    else await session.ec2(client => client.revokeSecurityGroupIngress({ ...reference(group), IpPermissions: [permission] }))
  },
}

/** A new group as the cloud shows it, if it does already. */
const owned = async (session: Session, name: string): Promise<Partial<Firewall>> => {
  const group = await find(session, name)
  return group === undefined ? {} : shown(session, group)
}
