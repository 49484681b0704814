/**
 * Security groups: firewalls. A rule of Neutron has one source; one of the cloud may have several and is then as many rules, whose ids are
 * made of what they say.
 */

import type { RuleRequest } from '../../../model/requests.ts'
import type { Firewall, FirewallRule, RuleSource } from '../../../model/resources.ts'
import { type Asked, allOf, gone, group, json, nothing, one, operation, part, type Routes, telling, wantedIn } from './asked.ts'
import type { Body } from './body.ts'
import { uuid } from './derived.ts'
import { badRequest, Fault, missing, unsupported } from './errors.ts'
import { type Document, listed, type Style } from './listing.ts'
import { common, style as usual } from './networks.ts'

const style: Style = { ...usual, filters: { ...usual.filters, shared: undefined } }

interface Piece {
  readonly firewall: Firewall
  readonly rule: FirewallRule
  readonly source: RuleSource
}

/** What a rule of one source is about. */
type Said = Pick<FirewallRule, 'protocol' | 'portFrom' | 'portTo' | 'direction'>

const blockOf = (source: RuleSource): string => (source.type === 'address' ? `${source.address}/${source.prefix}` : source.name)

/** @param firewall its id */
const ruleId = (firewall: string, { protocol, portFrom, portTo, direction = 'ingress' }: Said, source: RuleSource): string =>
  uuid('rule', JSON.stringify([firewall, direction, protocol, portFrom, portTo, source.type, blockOf(source)]))

const piecesOf = (firewall: Firewall): readonly Piece[] =>
  firewall.rules.flatMap(rule => rule.sources.map(source => ({ firewall, rule, source })))

const idOf = ({ firewall, rule, source }: Piece): string => ruleId(firewall.id, rule, source)

const ruleTree = (asked: Asked, piece: Piece, all: readonly Firewall[]): Document => {
  const { firewall, rule, source } = piece
  const isGroup = source.type === 'group'
  return {
    ...common(asked),
    id: idOf(piece),
    security_group_id: firewall.id,
    direction: rule.direction ?? 'ingress',
    ethertype: source.type === 'address' && source.family === 'ipv6' ? 'IPv6' : 'IPv4',
    protocol: rule.protocol ?? null,
    port_range_min: rule.portFrom ?? null,
    port_range_max: rule.portTo ?? null,
    remote_ip_prefix: isGroup ? null : blockOf(source),
    remote_group_id: isGroup ? (all.find(({ id, name }) => id === source.name || name === source.name)?.id ?? source.name) : null,
    remote_address_group_id: null,
  }
}

const groupTree = (asked: Asked, firewall: Firewall, all: readonly Firewall[]): Document => ({
  ...common(asked),
  id: firewall.id,
  name: firewall.name ?? firewall.id,
  description: firewall.description ?? '',
  stateful: true,
  shared: false,
  security_group_rules: piecesOf(firewall).map(piece => ruleTree(asked, piece, all)),
})

const groups = async (asked: Asked): Promise<readonly Document[]> => {
  const all = await allOf(asked, 'firewalls')
  return all.map(firewall => groupTree(asked, firewall, all))
}

const rules = async (asked: Asked): Promise<readonly Document[]> => {
  const all = await allOf(asked, 'firewalls')
  return all.flatMap(firewall => piecesOf(firewall).map(piece => ruleTree(asked, piece, all)))
}

/** The piece that the path names. @throws Fault 404 */
const pieceAt = async (asked: Asked): Promise<Piece> => {
  const found = (await allOf(asked, 'firewalls')).flatMap(piecesOf).find(piece => idOf(piece) === part(asked))
  if (found === undefined) throw missing('SecurityGroupRule', part(asked))
  return found
}

const sourceIn = (wanted: Body, all: readonly Firewall[]): RuleSource => {
  const family = wanted.text('ethertype')?.toLowerCase() === 'ipv6' ? 'ipv6' : 'ipv4'
  const other = wanted.text('remote_group_id')
  if (other !== undefined) {
    const found = all.find(({ id }) => id === other)
    if (found === undefined) throw gone('firewalls', other)
    return { type: 'group', name: found.id }
  }
  const block = wanted.text('remote_ip_prefix') ?? (family === 'ipv6' ? '::/0' : '0.0.0.0/0')
  const [, address, prefix = family === 'ipv6' ? '128' : '32'] = /^([0-9a-fA-F.:]+)(?:\/(\d{1,3}))?$/.exec(block) ?? []
  if (address === undefined || address.includes(':') !== (family === 'ipv6'))
    throw new Fault(400, `Invalid input for remote_ip_prefix: '${block.slice(0, 60)}' is not of the family of addresses.`, 'InvalidInput')
  return { type: 'address', family, address, prefix }
}

const ruleIn = (wanted: Body, source: RuleSource): RuleRequest => {
  const [from, to] = [wanted.number('port_range_min'), wanted.number('port_range_max')]
  const direction = wanted.need('direction')
  if (direction !== 'ingress' && direction !== 'egress') throw badRequest('direction must be ingress or egress')
  return {
    protocol: wanted.text('protocol')?.toLowerCase() ?? 'any',
    direction,
    ...(from === undefined ? {} : { portFrom: from }),
    ...(to === undefined ? {} : { portTo: to }),
    sources: [source],
  }
}

export const groupRoutes: Routes = {
  'GET /security-groups': async asked => listed(asked, 'security_groups', await groups(asked), style),
  'GET /security-groups/:id': async asked =>
    json(200, { security_group: groupTree(asked, await one(asked, 'firewalls', part(asked)), await allOf(asked, 'firewalls')) }),
  'POST /security-groups': async asked => {
    const wanted = await wantedIn(asked, 'security_group')
    const create = operation(group(asked, 'firewalls').create, 'make security groups')
    const made = await create({ name: wanted.need('name'), description: wanted.text('description') ?? '' })
    return json(201, { security_group: groupTree(asked, made, [made]) })
  },
  'PUT /security-groups/:id': () => {
    throw unsupported('A security group keeps its name')
  },
  'DELETE /security-groups/:id': async asked => {
    const id = part(asked)
    const destroy = operation(group(asked, 'firewalls').destroy, 'destroy security groups')
    await telling(destroy(id), (kind, error) =>
      kind === 'not-found'
        ? gone('firewalls', id)
        : kind === 'conflict'
          ? new Fault(409, `Security Group ${id} in use: ${error.message}`, 'SecurityGroupInUse')
          : undefined,
    )
    return nothing(204)
  },
  'GET /security-group-rules': async asked => listed(asked, 'security_group_rules', await rules(asked), style),
  'GET /security-group-rules/:id': async asked =>
    json(200, { security_group_rule: ruleTree(asked, await pieceAt(asked), await allOf(asked, 'firewalls')) }),
  'POST /security-group-rules': async asked => {
    const wanted = await wantedIn(asked, 'security_group_rule')
    const all = await allOf(asked, 'firewalls')
    const firewall = all.find(({ id }) => id === wanted.need('security_group_id'))
    if (firewall === undefined) throw gone('firewalls', wanted.need('security_group_id'))
    const source = sourceIn(wanted, all)
    const rule = ruleIn(wanted, source)
    const id = ruleId(firewall.id, rule, source)
    if (piecesOf(firewall).some(piece => idOf(piece) === id))
      throw new Fault(409, `Security group rule already exists. Rule id is ${id}.`, 'SecurityGroupRuleExists')
    const after = await operation(group(asked, 'firewalls').createRule, 'make rules')(firewall.id, rule)
    const made = piecesOf(after).find(piece => idOf(piece) === id)
    if (made === undefined) throw new Fault(500, 'The cloud made another rule')
    return json(201, { security_group_rule: ruleTree(asked, made, all) })
  },
  'DELETE /security-group-rules/:id': async asked => {
    const { firewall, rule, source } = await pieceAt(asked)
    const { createRule, destroyRule } = group(asked, 'firewalls')
    const left = rule.sources.filter(other => other !== source)
    const { protocol = '', id: _, action: __, log: ___, ...rest } = rule
    // What else the rule is about stays: it's made first, so that nothing is lost where one of both is refused.
    if (left.length > 0) await operation(createRule, 'make rules')(firewall.id, { ...rest, protocol, sources: left })
    await operation(destroyRule, 'destroy rules')(firewall.id, rule.id)
    return nothing(204)
  },
}
