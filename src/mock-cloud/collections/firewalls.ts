/** Firewalls and their rules. */

import { badRequest, conflict, notFound } from '../../model/errors.ts'
import type { RuleRequest } from '../../model/requests.ts'
import type { Firewall, FirewallRule, RuleSource } from '../../model/resources.ts'
import { parseAddress } from '../cidr.ts'
import type { Tenant, Turn } from '../tenant.ts'
import { checkedId, found, listing, referred } from './lookup.ts'

export const { list, get, page } = listing('firewalls')

export const create = (tenant: Tenant, { name, description }: { readonly name: string; readonly description: string }): Promise<Firewall> =>
  tenant.write(async turn => {
    const id = checkedId(name, 'firewall')
    if ((await turn.tx.show('firewalls', id)) !== undefined) throw conflict(`A firewall '${id}' already exists`)
    const rules = (turn.personality.firstRules ?? []).map((rule, n): FirewallRule => ({ id: `rule${n + 1}`, ...rule }))
    const shown: Firewall = { id, name, description, ownerId: turn.account, rules }
    await turn.tx.put('firewalls', { shown, kept: { members: 0, rules: rules.length } })
    return shown
  })

export const destroy = (tenant: Tenant, id: string): Promise<void> =>
  tenant.write(async turn => {
    const { kept } = await found(turn, 'firewalls', id)
    if (id === turn.personality.usualFirewall) throw conflict(`Firewall '${id}' is that of instances which name none`)
    if (kept.members > 0) throw conflict(`Firewall '${id}' has instances in it`)
    const others = (await turn.tx.list('firewalls')).filter(other => other.id !== id)
    const referrer = others.find(other => other.rules.some(rule => rule.sources.some(source => isGroup(source, id, turn.account))))
    if (referrer !== undefined) throw conflict(`Firewall '${id}' is a source in the rules of '${referrer.id}'`)
    await turn.tx.remove('firewalls', id)
  })

/** @returns the firewall with its new rule. */
export const createRule = (tenant: Tenant, id: string, request: RuleRequest): Promise<Firewall> =>
  tenant.write(async turn => {
    const { shown, kept } = await found(turn, 'firewalls', id)
    await check(turn, request)
    const made = ruleOf(`rule${kept.rules + 1}`, request)
    if (shown.rules.some(rule => sameRule(rule, made))) throw conflict(`Firewall '${id}' has such a rule already`)
    const firewall: Firewall = { ...shown, rules: [...shown.rules, made] }
    await turn.tx.put('firewalls', { shown: firewall, kept: { ...kept, rules: kept.rules + 1 } })
    return firewall
  })

export const destroyRule = (tenant: Tenant, id: string, ruleId: string): Promise<void> =>
  tenant.write(async turn => {
    const { shown, kept } = await found(turn, 'firewalls', id)
    const rules = shown.rules.filter(rule => rule.id !== ruleId)
    if (rules.length === shown.rules.length) throw notFound()
    await turn.tx.put('firewalls', { shown: { ...shown, rules }, kept })
  })

/** Puts an instance into a firewall (1) or takes it out (-1), on the firewall's side. @throws CloudError `bad-request` */
export const enlist = async (turn: Turn, id: string, by: 1 | -1): Promise<void> => {
  const firewall = await referred(turn, 'firewalls', id)
  await turn.tx.put('firewalls', { ...firewall, kept: { ...firewall.kept, members: firewall.kept.members + by } })
}

const isGroup = (source: RuleSource, name: string, account: string): boolean =>
  source.type === 'group' && source.name === name && (source.owner === undefined || source.owner === account)

const ruleOf = (id: string, request: RuleRequest): FirewallRule => ({
  id,
  protocol: request.protocol.toLowerCase(),
  ...(request.portFrom === undefined ? {} : { portFrom: request.portFrom }),
  ...(request.portTo === undefined ? {} : { portTo: request.portTo }),
  direction: request.direction ?? 'ingress',
  sources: request.sources,
})

const sameRule = ({ id: _, ...a }: FirewallRule, { id: __, ...b }: FirewallRule): boolean => JSON.stringify(a) === JSON.stringify(b)

const check = async (turn: Turn, { protocol, portFrom, portTo, direction, sources }: RuleRequest): Promise<void> => {
  const kind = protocol.toLowerCase()
  if (!['tcp', 'udp', 'icmp'].includes(kind)) throw badRequest(`The protocol of a rule is tcp, udp or icmp, not '${protocol}'`)
  if (kind !== 'icmp') {
    for (const port of [portFrom, portTo]) {
      if (port === undefined || !Number.isInteger(port) || port < 0 || port > 65535) throw badRequest('A rule needs ports from 0 to 65535')
    }
    if ((portFrom ?? 0) > (portTo ?? 0)) throw badRequest(`Port ${portFrom} is behind port ${portTo}`)
  }
  if (turn.personality.plainRules === true) {
    if (direction === 'egress') throw badRequest('Rules are for what comes in only')
    if (sources.some(source => source.type === 'address' && source.family === 'ipv6')) throw badRequest('Rules are for IPv4 only')
  }
  if (sources.length === 0) throw badRequest('No sources. Specify at least one source ip address or group.')
  for (const source of sources) await checkSource(turn, source)
}

const checkSource = async (turn: Turn, source: RuleSource): Promise<void> => {
  if (source.type === 'group') {
    // Other accounts' firewalls can't be seen from here: they're taken as given.
    if (source.owner === undefined || source.owner === '' || source.owner === turn.account) await referred(turn, 'firewalls', source.name)
    return
  }
  const { family, address, prefix } = source
  const longest = family === 'ipv4' ? 32 : 128
  const isAddress = family === 'ipv4' ? parseAddress(address) !== undefined : /^[0-9a-f:.]+$/i.test(address) && address.includes(':')
  if (!isAddress || !/^\d{1,3}$/.test(prefix) || Number(prefix) > longest)
    throw badRequest(`'${address}/${prefix}' is not a block of addresses`)
}
