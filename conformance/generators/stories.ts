/**
 * Sequences that arrive somewhere, for a driver: what belongs together is made, linked, and ends. Of commands at random most find nothing to
 * be done with. A reference below zero means what the story itself made: -1 the first of its collection.
 */

import fc from 'fast-check'
import type { Offer } from '../../src/drivers/driver.ts'
import { offers } from '../../src/drivers/driver.ts'
import type { RuleRequest } from '../../src/model/requests.ts'
import type { Command, Value } from './commands.ts'

export type Step =
  | Command
  /** A rule is removed again, which is the n-th of a firewall on the direct side. */
  | { readonly op: 'removeRule'; readonly firewall: Value; readonly n: number }
  /** A rule is made by the driver’s own operation: the API of clouds has no parameter for its direction. */
  | { readonly op: 'makeRule'; readonly firewall: Value; readonly rule: RuleRequest }
  /** Both sides show the same by now. */
  | { readonly op: 'compare'; readonly collections: readonly string[] }

export type Story = readonly Step[]

/** What the story made of a collection, by turn. */
const made = (collection: string, turn = 0): { readonly collection: string; readonly n: number } => ({ collection, n: -1 - turn })

const first = (collection: string): Value => ({ collection, n: 0 })

const create = (collection: string, parameters: Readonly<Record<string, Value>> = {}): Step => ({ op: 'create', collection, parameters })
const act = (
  { collection, n }: { readonly collection: string; readonly n: number },
  action: string,
  parameters: Readonly<Record<string, Value>> = {},
): Step => ({ op: 'act', collection, n, action, parameters })
const destroy = ({ collection, n }: { readonly collection: string; readonly n: number }): Step => ({ op: 'destroy', collection, n })
const compare = (...collections: readonly string[]): Step => ({ op: 'compare', collections })

/** Longer than anything takes; not so long that what is dead is gone. */
const rest: Step = { op: 'wait', milliseconds: 1_800_000 }

const launch = (parameters: Readonly<Record<string, Value>> = {}): Step =>
  create('instances', { image_id: first('images'), realm_id: first('realms'), ...parameters })

const inOrder = (...parts: readonly (Step | fc.Arbitrary<Step | Story>)[]): fc.Arbitrary<Story> =>
  fc.tuple(...parts.map(part => (part instanceof fc.Arbitrary ? part : fc.constant(part)))).map(all => all.flat())

const some = (...all: readonly (Step | Story)[]): fc.Arbitrary<Step | Story> => fc.constantFrom(...all)

const name = fc.tuple(fc.constantFrom('web', 'db', 'ab-c'), fc.integer({ min: 1, max: 999 })).map(([word, n]) => `${word}${n}x`)

const addresses = ['10.0.0.0/8', '192.0.2.0/24', '203.0.113.7/32', '0.0.0.0/0', '2001:db8::/32', '::/0'] as const

/** Of both families, in any company. @param n rules of other ports don’t meet each other, nor do those of other groups. */
const ruleParameters = (n: number, group: Value | undefined): fc.Arbitrary<Readonly<Record<string, Value>>> =>
  fc
    .record({
      protocol: fc.constantFrom('tcp', 'udp', 'icmp'),
      width: fc.constantFrom(0, 0, 9),
      blocks: fc.subarray([...addresses], { maxLength: 3 }),
      group: fc.constantFrom(undefined, group),
    })
    .map(({ protocol, width, blocks, group }) => ({
      protocol,
      ...(protocol === 'icmp'
        ? { port_from: String(n), port_to: n === 1 ? '0' : String(n) }
        : { port_from: String(n * 100), port_to: String(n * 100 + width) }),
      ...Object.fromEntries(blocks.map((block, i) => [`ip_address${i + 1}`, block])),
      // Without a source no rule is made.
      ...(group === undefined ? (blocks.length === 0 ? { ip_address1: '10.0.0.0/8' } : {}) : { group1: group }),
    }))

const makeRule = (n: number, group?: Value): fc.Arbitrary<Step> =>
  ruleParameters(n, group).map(parameters => act(made('firewalls'), 'rules', parameters))

const firewalls = name.chain(word =>
  inOrder(
    create('firewalls', { name: word, description: 'one' }),
    create('firewalls', { name: `${word}-2`, description: 'another' }),
    makeRule(1, made('firewalls')),
    makeRule(2, made('firewalls', 1)),
    compare('firewalls'),
    fc.nat(1).map((n): Step => ({ op: 'removeRule', firewall: made('firewalls'), n })),
    compare('firewalls'),
    makeRule(3),
    launch({ firewalls1: made('firewalls', 1), firewalls2: made('firewalls') }),
    some(
      destroy(made('firewalls', 1)),
      [destroy(made('instances')), rest, destroy(made('firewalls'))],
      create('firewalls', { name: word, description: 'again' }),
    ),
  ),
)

/** Rules for what goes out, beside those for what comes in. */
const directions = name.chain(word =>
  inOrder(
    create('firewalls', { name: word, description: 'one' }),
    fc
      .array(
        fc.record({
          direction: fc.constantFrom('egress' as const, 'egress' as const, 'ingress' as const),
          protocol: fc.constantFrom('tcp', 'udp'),
          port: fc.integer({ min: 1, max: 9 }),
          source: fc.constantFrom(...addresses).map(block => {
            const [address = '', prefix = ''] = block.split('/')
            return { type: 'address' as const, family: block.includes(':') ? ('ipv6' as const) : ('ipv4' as const), address, prefix }
          }),
        }),
        { minLength: 1, maxLength: 3 },
      )
      .map(rules =>
        rules.map(
          ({ direction, protocol, port, source }, n): Step => ({
            op: 'makeRule',
            firewall: made('firewalls'),
            rule: { protocol, portFrom: n * 10 + port, portTo: n * 10 + port, direction, sources: [source] },
          }),
        ),
      ),
    compare('firewalls'),
    fc.nat(2).map((n): Step => ({ op: 'removeRule', firewall: made('firewalls'), n })),
  ),
)

const registrations = name.chain(word =>
  inOrder(
    launch(),
    create('load_balancers', {
      name: word,
      realm_id: first('realms'),
      listener_protocol: 'HTTP',
      listener_balancer_port: '80',
      listener_instance_port: '8080',
    }),
    rest,
    act(made('load_balancers'), 'register', { instance_id: made('instances') }),
    compare('load_balancers', 'instances'),
    some(
      destroy(made('instances')),
      [act(made('instances'), 'stop'), rest, destroy(made('instances'))],
      act(made('load_balancers'), 'unregister', { instance_id: made('instances') }),
      [launch(), rest, act(made('load_balancers'), 'register', { instance_id: made('instances', 1) }), destroy(made('instances'))],
      destroy(made('load_balancers')),
      act(made('load_balancers'), 'register', { instance_id: made('instances') }),
    ),
    rest,
    compare('load_balancers', 'instances'),
  ),
)

/** What an instance has when it ends is free again, and given to another. */
const endings = inOrder(
  launch(),
  create('storage_volumes', { capacity: '3', realm_id: first('realms') }),
  create('addresses'),
  launch(),
  rest,
  act(made('storage_volumes'), 'attach', { instance_id: made('instances'), device: '/dev/sdd' }),
  act(made('addresses'), 'associate', { instance_id: made('instances') }),
  rest,
  compare('instances', 'storage_volumes', 'addresses'),
  some([act(made('addresses'), 'disassociate'), act(made('storage_volumes'), 'detach')], destroy(made('instances')), [
    act(made('instances'), 'stop'),
    rest,
    destroy(made('instances')),
  ]),
  rest,
  compare('instances', 'storage_volumes', 'addresses'),
  some(
    [
      act(made('storage_volumes'), 'attach', { instance_id: made('instances', 1), device: '/dev/sdd' }),
      act(made('addresses'), 'associate', { instance_id: made('instances', 1) }),
    ],
    [destroy(made('storage_volumes')), destroy(made('addresses'))],
  ),
  rest,
)

/** A network of 172.16.0.0/12, and one of another range, private or not. */
const ranges = fc
  .tuple(
    fc.constantFrom('172.16', '172.20', '172.31'),
    fc.constantFrom('10.77', '172.15', '172.32', '192.168', '192.169', '198.51', '100.64', '11.0'),
  )
  .chain(all =>
    inOrder(
      launch(),
      rest,
      fc.constant(
        all.flatMap((range, turn) => [
          create('networks', { address_block: `${range}.0.0/16` }),
          create('subnets', { network_id: made('networks', turn), address_block: `${range}.7.0/24` }),
          create('network_interfaces', { instance: made('instances'), network: made('subnets', turn) }),
        ]),
      ),
      compare('instances', 'networks', 'subnets', 'network_interfaces'),
      some(destroy(made('network_interfaces')), destroy(made('subnets')), [destroy(made('instances')), rest, destroy(made('subnets'))]),
    ),
  )

/** Sizes and owners go along from a volume to its snapshot, and from an instance to its image. */
const copies = fc
  .tuple(fc.integer({ min: 1, max: 40 }), name)
  .chain(([gigabytes, word]) =>
    inOrder(
      launch(),
      create('storage_volumes', { capacity: String(gigabytes), realm_id: first('realms') }),
      rest,
      create('storage_snapshots', { volume_id: made('storage_volumes') }),
      create('images', { instance_id: made('instances'), name: word }),
      rest,
      compare('storage_snapshots', 'images'),
      create('storage_volumes', { capacity: String(gigabytes + 1), snapshot_id: made('storage_snapshots'), realm_id: first('realms') }),
      some(
        destroy(made('storage_volumes')),
        destroy(made('storage_snapshots')),
        destroy(made('images')),
        destroy({ collection: 'images', n: 0 }),
      ),
      rest,
    ),
  )

/** A public key, whose bytes stand for a point. */
const publicKey = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map(bytes => Buffer.concat([Buffer.from([0, 0, 0, 11]), Buffer.from('ssh-ed25519'), Buffer.from([0, 0, 0, 32]), bytes]))
  .map(body => `ssh-ed25519 ${body.toString('base64')} me`)

/** What is named by whoever makes it, twice. */
const twice = fc.tuple(name, publicKey).chain(([word, key]) =>
  fc
    .constantFrom<readonly [string, Readonly<Record<string, Value>>]>(
      ['keys', { name: word, public_key: key }],
      ['keys', { name: word }],
      ['firewalls', { name: word, description: 'one' }],
      ['buckets', { name: word }],
      [
        'load_balancers',
        {
          name: word,
          realm_id: first('realms'),
          listener_protocol: 'TCP',
          listener_balancer_port: '443',
          listener_instance_port: '8443',
        },
      ],
    )
    .chain(([collection, parameters]) =>
      inOrder(
        create(collection, parameters),
        create(collection, parameters),
        some([], [destroy(made(collection)), create(collection, parameters)]),
        compare(collection),
      ),
    ),
)

const all = { firewalls, directions, registrations, endings, ranges, copies, twice } as const

/** Where each step is told of; none without its operation. */
const operationOf: Readonly<Record<string, string>> = { rules: 'createRule' }

const isOffered = ({ operations }: Offer, step: Step): boolean => {
  const has = (collection: string, operation: string): boolean =>
    Object.hasOwn(operations, collection) && offers(operations, collection as keyof Offer['operations'], operation)
  switch (step.op) {
    case 'create':
    case 'destroy':
      return has(step.collection, step.op)
    case 'act':
      return has(step.collection, operationOf[step.action] ?? step.action)
    case 'makeRule':
      return has('firewalls', 'createRule')
    case 'removeRule':
      return has('firewalls', 'destroyRule')
    case 'compare':
      return step.collections.some(collection => has(collection, 'list'))
    case 'wait':
    case 'settle':
      return true
  }
}

/** Steps that the driver has; a story without a creation tells nothing. */
export const stories = (offer: Offer): fc.Arbitrary<Story> => {
  const needs: Readonly<Record<keyof typeof all, readonly [keyof Offer['operations'], string]>> = {
    firewalls: ['firewalls', 'createRule'],
    directions: ['firewalls', 'createRule'],
    registrations: ['load_balancers', 'register'],
    endings: ['storage_volumes', 'attach'],
    ranges: ['network_interfaces', 'create'],
    copies: ['storage_snapshots', 'create'],
    twice: ['keys', 'create'],
  }
  const told = Object.entries(needs).flatMap(([title, [collection, operation]]) =>
    offers(offer.operations, collection, operation) ? [all[title as keyof typeof all]] : [],
  )
  return told.length === 0
    ? fc.constant([])
    : fc.noBias(fc.oneof(...told)).map(steps => steps.filter(step => isOffered(offer, step)).map(step => asOffered(offer, step)))
}

/** A driver that imports no keys is given none. */
const asOffered = ({ features }: Offer, step: Step): Step => {
  if (step.op !== 'create' || step.collection !== 'keys' || features.keys?.import_key !== undefined) return step
  const { public_key: _, ...parameters } = step.parameters
  return { ...step, parameters }
}
