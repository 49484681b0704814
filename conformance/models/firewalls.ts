/** Firewalls of the reference model, and their rules. */

import type { CommandOf, Turn } from './turn.ts'

export const makeRule = (turn: Turn, { id, port, group }: CommandOf<'makeRule'>): string => {
  const { model } = turn
  const firewall = turn.found(model.firewalls, id)
  if (group !== undefined && model.firewalls[group] === undefined) turn.refuse('bad-request')
  if (firewall === undefined) return ''
  if (Object.values(firewall.rules).some(rule => rule.port === port && rule.group === group)) turn.refuse('conflict')
  const rule = `rule${++firewall.made}`
  firewall.rules[rule] = { port, ...(group === undefined ? {} : { group }) }
  return rule
}

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
    ([other, { rules }]) => other !== id && Object.values(rules).some(({ group }) => group === id),
  )
  if (hasMembers || isSource) turn.refuse('conflict')
  return turn.drop(model.firewalls, id)
}
