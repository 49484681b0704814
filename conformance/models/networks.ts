/** Public addresses, networks, subnets and network interfaces of the reference model. */

import type { CommandOf, Turn } from './turn.ts'

export const makeAddress = (turn: Turn): string => {
  turn.within('addresses', 1)
  const id = `192.168.0.${turn.model.next.address++}`
  turn.model.addresses[id] = {}
  return id
}

export const associate = (turn: Turn, { id, instance: to }: CommandOf<'associate'>): string => {
  const address = turn.found(turn.model.addresses, id)
  const instance = turn.instance(to)
  if (address?.instance !== undefined || instance.address !== undefined) turn.refuse('conflict')
  if (address !== undefined) address.instance = to
  instance.address = id
  return ''
}

export const disassociate = (turn: Turn, id: string): string => {
  const address = turn.found(turn.model.addresses, id)
  if (address?.instance === undefined) turn.refuse('conflict')
  else {
    delete turn.model.instances[address.instance]?.address
    delete address.instance
  }
  return ''
}

export const removeAddress = (turn: Turn, id: string): string => {
  if (turn.found(turn.model.addresses, id)?.instance !== undefined) turn.refuse('conflict')
  return turn.drop(turn.model.addresses, id)
}

export const makeNetwork = (turn: Turn, { block }: CommandOf<'makeNetwork'>): string => {
  const id = turn.newId('net')
  turn.model.networks[id] = { name: id, block, subnets: [] }
  return id
}

export const removeNetwork = (turn: Turn, id: string): string => {
  if ((turn.found(turn.model.networks, id)?.subnets.length ?? 0) > 0) turn.refuse('conflict')
  return turn.drop(turn.model.networks, id)
}

export const makeSubnet = (turn: Turn, command: CommandOf<'makeSubnet'>): string => {
  const { model } = turn
  const network = model.networks[command.network]
  if (network === undefined || !isInside(command.block, network.block)) turn.refuse('bad-request')
  if (network?.subnets.some(id => overlap(model.subnets[id]?.block ?? '', command.block))) turn.refuse('conflict')
  const id = turn.newId('subnet')
  network?.subnets.push(id)
  model.subnets[id] = { network: command.network, block: command.block }
  return id
}

export const removeSubnet = (turn: Turn, id: string): string => {
  const { model } = turn
  const subnet = turn.found(model.subnets, id)
  if (Object.values(model.network_interfaces).some(one => one.subnet === id)) turn.refuse('conflict')
  const network = subnet === undefined ? undefined : model.networks[subnet.network]
  if (network !== undefined) network.subnets = network.subnets.filter(other => other !== id)
  return turn.drop(model.subnets, id)
}

export const makeInterface = (turn: Turn, command: CommandOf<'makeInterface'>): string => {
  const { model } = turn
  const instance = turn.instance(command.instance)
  // A network stands for its first subnet.
  const subnet = model.subnets[command.network] === undefined ? model.networks[command.network]?.subnets[0] : command.network
  if (subnet === undefined) turn.refuse('bad-request')
  const id = turn.newId('nic')
  instance.interfaces.push(id)
  model.network_interfaces[id] = { instance: command.instance, subnet: subnet ?? '' }
  return id
}

export const removeInterface = (turn: Turn, id: string): string => {
  const { model } = turn
  const instance = model.instances[turn.found(model.network_interfaces, id)?.instance ?? '']
  if (instance !== undefined) instance.interfaces = instance.interfaces.filter(other => other !== id)
  return turn.drop(model.network_interfaces, id)
}

/** First and last address of a block. */
const boundsOf = (block: string): readonly [number, number] => {
  const [address = '', length = ''] = block.split('/')
  const first = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
  return [first, first + 2 ** (32 - Number(length)) - 1]
}

export const isInside = (inner: string, outer: string): boolean => {
  const [[a, b], [c, d]] = [boundsOf(inner), boundsOf(outer)]
  return a >= c && b <= d
}

const overlap = (one: string, other: string): boolean => {
  const [[a, b], [c, d]] = [boundsOf(one), boundsOf(other)]
  return a <= d && c <= b
}
