/** Firewalls of the reference model, and their rules. */

import type { Rule } from './commands.ts'
import type { CommandOf, Turn } from './turn.ts'

export const makeRule = (turn: Turn, { op: _, id, ...rule }: CommandOf<'makeRule'>): string => {
  const { model } = turn
  const firewall = turn.found(model.firewalls, id)
  const { from, to, sources } = rule
  const protocol = rule.protocol.toLowerCase()
  if (!['tcp', 'udp', 'icmp'].includes(protocol) || sources.length === 0) turn.refuse('bad-request')
  // ICMP has no ports.
  if (protocol !== 'icmp' && (from === undefined || to === undefined || from > to)) turn.refuse('bad-request')
  // Firewalls of other accounts are taken as given.
  if (sources.some(one => one.type === 'group' && one.owner === undefined && model.firewalls[one.name] === undefined))
    turn.refuse('bad-request')
  if (firewall === undefined) return ''
  const made: Rule = { ...rule, protocol, direction: rule.direction ?? 'ingress' }
  if (Object.values(firewall.rules).some(other => signOf(other) === signOf(made))) turn.refuse('conflict')
  const name = `rule${++firewall.made}`
  firewall.rules[name] = made
  return name
}

/** All that a rule says. */
export const signOf = ({ protocol, from, to, direction, sources }: Rule): string =>
  JSON.stringify([direction, protocol, from, to, sources.map(one => Object.entries(one).sort())])

export const removeRule = (turn: Turn, { id, rule }: CommandOf<'removeRule'>): string => {
  const rules = turn.found(turn.model.firewalls, id)?.rules
  if (rules?.[rule] === undefined) turn.refuse('not-found')
  else delete rules[rule]
  return ''
}

export const removeFirewall = (turn: Turn, id: string): string => {
  const { model } = turn
  const hasMembers = Object.values(model.instances).some(({ firewalls }) => firewalls.includes(id))
  const isSource = Object.entries(model.firewalls).some(
    ([other, { rules }]) =>
      other !== id &&
      Object.values(rules).some(({ sources }) => sources.some(one => one.type === 'group' && one.owner === undefined && one.name === id)),
  )
  if (hasMembers || isSource) turn.refuse('conflict')
  return turn.drop(model.firewalls, id)
}
