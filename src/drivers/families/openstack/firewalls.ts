/** Security groups: Neutron's, or Nova's own where a cloud has no Neutron. */

import { badRequest, notFound } from '../../../model/errors.ts'
import type { RuleRequest } from '../../../model/requests.ts'
import type { Firewall, FirewallRule, RuleSource } from '../../../model/resources.ts'
import type { Operations } from '../../driver.ts'
import { given, known, type Native } from './native.ts'
import { type Session, segment } from './session.ts'

/** Names by id, for rules name other groups by id, and the API by name. */
type Names = ReadonlyMap<string, string>

const namesOf = (groups: readonly Native[]): Names =>
  new Map(groups.map(group => [group.need('id'), group.text('name') ?? group.need('id')]))

export const firewallOf = (group: Native, names: Names, owner: string): Firewall =>
  known<Firewall>({
    id: group.need('id'),
    name: group.text('name'),
    description: group.text('description'),
    ownerId: owner,
    rules: [...group.list('security_group_rules').map(rule => ruleOf(rule, names)), ...group.list('rules').map(novasRuleOf)],
  })

/** What Neutron has no value for is any: any protocol, all ports, all addresses. */
const ruleOf = (rule: Native, names: Names): FirewallRule => {
  const direction = rule.text('direction')
  const family = rule.text('ethertype')?.toLowerCase() === 'ipv6' ? 'ipv6' : 'ipv4'
  const group = rule.text('remote_group_id')
  const prefix = rule.text('remote_ip_prefix') ?? (family === 'ipv6' ? '::/0' : '0.0.0.0/0')
  return known<FirewallRule>({
    id: rule.need('id'),
    protocol: rule.text('protocol'),
    portFrom: rule.number('port_range_min'),
    portTo: rule.number('port_range_max'),
    direction: direction === 'egress' || direction === 'ingress' ? direction : undefined,
    sources: [group === undefined ? addressSource(prefix, family) : { type: 'group', name: names.get(group) ?? group }],
  })
}

/** Nova has incoming rules only, and writes -1 for all ports. */
const novasRuleOf = (rule: Native): FirewallRule => {
  const group = rule.object('group')?.text('name')
  const block = rule.object('ip_range')?.text('cidr')
  const [from, to] = [rule.number('from_port'), rule.number('to_port')]
  return known<FirewallRule>({
    id: rule.need('id'),
    protocol: rule.text('ip_protocol'),
    portFrom: from === -1 ? undefined : from,
    portTo: to === -1 ? undefined : to,
    direction: 'ingress',
    sources: [
      ...(block === undefined ? [] : [addressSource(block, block.includes(':') ? 'ipv6' : 'ipv4')]),
      ...(group === undefined ? [] : [{ type: 'group', name: group } as const]),
    ],
  })
}

const addressSource = (block: string, family: 'ipv4' | 'ipv6'): RuleSource => {
  const [address = '', prefix = family === 'ipv6' ? '128' : '32'] = block.split('/')
  return { type: 'address', family, address, prefix }
}

/** What both services call things. */
interface Dialect {
  readonly kind: 'network' | 'compute'
  readonly groups: string
  readonly rules: string
  readonly list: string
  readonly group: string
  /** Bodies of the requests for a rule: each source is a rule of its own. */
  bodiesOf(group: string, rule: RuleRequest, groups: readonly Native[]): readonly object[]
}

const neutron: Dialect = {
  kind: 'network',
  groups: '/security-groups',
  rules: '/security-group-rules',
  list: 'security_groups',
  group: 'security_group',
  bodiesOf: (group, { protocol, portFrom, portTo, direction = 'ingress', sources }, groups) =>
    allOf(sources).map(source => ({
      security_group_rule: given({
        security_group_id: group,
        direction,
        protocol: protocol.toLowerCase(),
        port_range_min: portFrom,
        port_range_max: portTo,
        ethertype: source.type === 'address' && source.family === 'ipv6' ? 'IPv6' : 'IPv4',
        ...(source.type === 'address' ? { remote_ip_prefix: blockOf(source) } : { remote_group_id: idOf(source.name, groups) }),
      }),
    })),
}

const nova: Dialect = {
  kind: 'compute',
  groups: '/os-security-groups',
  rules: '/os-security-group-rules',
  list: 'security_groups',
  group: 'security_group',
  bodiesOf: (group, { protocol, portFrom, portTo, direction, sources }, groups) => {
    if (direction === 'egress') throw badRequest('The cloud has rules for what comes in only')
    return allOf(sources).map(source => ({
      security_group_rule: {
        parent_group_id: group,
        ip_protocol: protocol.toLowerCase(),
        from_port: portFrom ?? -1,
        to_port: portTo ?? -1,
        ...(source.type === 'address' ? { cidr: blockOf(source) } : { group_id: idOf(source.name, groups) }),
      },
    }))
  },
}

/** Without a source a rule is about everyone. */
const allOf = (sources: readonly RuleSource[]): readonly RuleSource[] =>
  sources.length > 0 ? sources : [{ type: 'address', family: 'ipv4', address: '0.0.0.0', prefix: '0' }]

const blockOf = ({ address, prefix }: Extract<RuleSource, { type: 'address' }>): string => `${address}/${prefix}`

const idOf = (name: string, groups: readonly Native[]): string => {
  const found = groups.find(group => group.need('id') === name) ?? groups.find(group => group.text('name') === name)
  if (found === undefined) throw badRequest(`There is no firewall ${name}`)
  return found.need('id')
}

const dialectOf = async (session: Session): Promise<Dialect> => ((await session.has('network')) ? neutron : nova)

const listed = async (session: Session, { kind, groups, list }: Dialect): Promise<readonly Native[]> => session.list(kind, groups, list)

const find = async (session: Session, id: string): Promise<Firewall | undefined> => {
  const groups = await listed(session, await dialectOf(session))
  const group = groups.find(one => one.need('id') === id)
  return group === undefined ? undefined : firewallOf(group, namesOf(groups), session.user)
}

export const firewalls: NonNullable<Operations<Session>['firewalls']> = {
  async list(session) {
    const groups = await listed(session, await dialectOf(session))
    const names = namesOf(groups)
    return groups.map(group => firewallOf(group, names, session.user))
  },
  get: find,
  async create(session, { name, description }) {
    const { kind, groups, group } = await dialectOf(session)
    const made = (await session.ask(kind, 'POST', groups, { [group]: { name, description } })).needObject(group)
    return firewallOf(made, new Map(), session.user)
  },
  async destroy(session, id) {
    const { kind, groups } = await dialectOf(session)
    await session.tell(kind, 'DELETE', `${groups}/${segment(id)}`)
  },
  async createRule(session, id, rule) {
    const dialect = await dialectOf(session)
    const groups = await listed(session, dialect)
    if (!groups.some(group => group.need('id') === id)) throw notFound(`There is no firewall ${id}`)
    // All bodies first: a source that isn't there then leaves no half of a rule.
    for (const body of dialect.bodiesOf(id, rule, groups)) await session.ask(dialect.kind, 'POST', dialect.rules, body)
    const after = await find(session, id)
    if (after === undefined) throw notFound(`The firewall ${id} is gone`)
    return after
  },
  async destroyRule(session, id, ruleId) {
    const { kind, rules } = await dialectOf(session)
    const firewall = await find(session, id)
    if (firewall?.rules.some(rule => rule.id === ruleId) !== true) throw notFound(`There is no rule ${ruleId}`)
    await session.tell(kind, 'DELETE', `${rules}/${segment(ruleId)}`)
  },
}
