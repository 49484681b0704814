/** Sequences that arrive somewhere, for the model and its simulator: commands at random seldom have all that the next one needs. */

import fc from 'fast-check'
import { type Command, command, rule } from './commands.ts'

/** A command, or milliseconds that pass. */
export type Told = Command | number

type Story = fc.Arbitrary<readonly Told[]>

/** Longer than anything takes. */
const long = 5000

const some = (...all: readonly Told[]): fc.Arbitrary<Told> => fc.constantFrom(...all)

const maybe = (one: fc.Arbitrary<Told>): Story => fc.option(one, { nil: undefined }).map(told => (told === undefined ? [] : [told]))

const inOrder = (...parts: readonly (Told | fc.Arbitrary<Told> | Story)[]): Story =>
  fc.tuple(...parts.map(part => (part instanceof fc.Arbitrary ? part : fc.constant(part)))).map(all => all.flat())

/** An instance is registered with a balancer of its realm or of another, or launched into it; then it ends, or one of both goes. */
const registrations: Story = fc
  .constantFrom('us', 'eu')
  .chain(realm =>
    inOrder(
      { op: 'makeBalancer', name: 'a', realm },
      some(
        { op: 'launch', image: 'img1', realm, balancer: 'a' },
        { op: 'launch', image: 'img1', realm, balancer: 'a', count: 2 },
        { op: 'launch', image: 'img2', realm },
      ),
      maybe(some(long)),
      some({ op: 'register', id: 'a', instance: 'inst4' }, { op: 'register', id: 'a', instance: 'inst0' }),
      maybe(some({ op: 'makeBalancer', name: 'b', realm }, { op: 'register', id: 'b', instance: 'inst4' })),
      some(
        { op: 'terminate', id: 'inst4' },
        { op: 'terminate', id: 'inst4' },
        { op: 'stop', id: 'inst4' },
        { op: 'unregister', id: 'a', instance: 'inst4' },
        { op: 'unregister', id: 'a', instance: 'inst0' },
      ),
      long,
      maybe(some({ op: 'removeBalancer', id: 'a' }, { op: 'makeBalancer', name: 'a', realm })),
    ),
  )

/** What an instance has when it ends; and then is given to another. */
const endings: Story = inOrder(
  { op: 'makeFirewall', name: 'a' },
  { op: 'makeBalancer', name: 'a', realm: 'us' },
  { op: 'launch', image: 'img3', realm: 'us', firewall: 'a', key: 'test-key', snapshot: 'snap1', balancer: 'a' },
  long,
  maybe(some({ op: 'attach', id: 'vol1', instance: 'inst4', device: '/dev/sdd' })),
  maybe(some({ op: 'associate', id: '192.168.0.1', instance: 'inst4' })),
  maybe(some({ op: 'makeInterface', instance: 'inst4', network: 'subnet3' })),
  maybe(some({ op: 'removeKey', id: 'test-key' }, { op: 'removeImage', id: 'img3' }, { op: 'makeImage', instance: 'inst4' })),
  maybe(some({ op: 'stop', id: 'inst4' })),
  maybe(some(long)),
  { op: 'terminate', id: 'inst4' },
  maybe(some(long)),
  some(
    { op: 'attach', id: 'vol1', instance: 'inst0', device: '/dev/sdd' },
    { op: 'associate', id: '192.168.0.1', instance: 'inst0' },
    { op: 'removeFirewall', id: 'a' },
    { op: 'removeSubnet', id: 'subnet3' },
    { op: 'removeVolume', id: 'vol4' },
    { op: 'register', id: 'a', instance: 'inst4' },
  ),
)

const ruleOf = (id: string): fc.Arbitrary<Told> => rule().map((its): Told => ({ op: 'makeRule', id, ...its }))

const firewalls: Story = inOrder(
  { op: 'makeFirewall', name: 'a' },
  fc.oneof(ruleOf('a'), ruleOf('default')),
  // The same rule again is refused.
  ruleOf('a').chain(one => fc.constantFrom<readonly Told[]>([one], [one, one], [one, { op: 'removeRule', id: 'a', rule: 'rule1' }, one])),
  ruleOf('a'),
  some(
    { op: 'removeRule', id: 'a', rule: 'rule1' },
    { op: 'removeRule', id: 'a', rule: 'rule2' },
    { op: 'removeRule', id: 'default', rule: 'rule1' },
  ),
  maybe(some({ op: 'removeFirewall', id: 'a' }, { op: 'removeFirewall', id: 'default' }, { op: 'makeFirewall', name: 'a' })),
)

const named = ['makeKey', 'makeBucket', 'makeFirewall', 'makeBalancer'] as const

/** What is named by whoever makes it is there once, and may be made again when it's gone. */
const twice: Story = command()
  .filter(({ op }) => named.some(one => one === op))
  .chain(one =>
    fc.constantFrom<readonly Told[]>(
      [one, one],
      [one, 700, one],
      [one, { op: 'makeKey', name: 'a' }, { op: 'makeKey', name: 'a' }, { op: 'removeKey', id: 'a' }, { op: 'makeKey', name: 'a' }],
    ),
  )

const time = fc.constantFrom(1, 300, 700, 1500, long)

/** A life from the launch on, at any pace. */
const lives: Story = inOrder(
  command().filter(({ op }) => op === 'launch'),
  { op: 'launch', image: 'img1', profile: 'm1-large' },
  fc.constantFrom(long, 1500),
  some({ op: 'reboot', id: 'inst4' }, { op: 'stop', id: 'inst4' }, { op: 'reboot', id: 'inst0' }),
  time,
  some({ op: 'reboot', id: 'inst4' }, { op: 'start', id: 'inst4' }, { op: 'makeImage', instance: 'inst4' }, { op: 'reboot', id: 'inst0' }),
  time,
  some({ op: 'terminate', id: 'inst4' }, { op: 'launch', image: 'img4' }, { op: 'reboot', id: 'inst4' }),
  time,
)

/** Sizes go from a volume to its snapshot, and to what is made of that. */
const sizes: Story = inOrder(
  fc.constantFrom(1, 3, 100, 16384).map((capacity): Told => ({ op: 'makeVolume', capacity, realm: 'eu' })),
  { op: 'makeSnapshot', volume: 'vol4' },
  maybe(some({ op: 'removeVolume', id: 'vol4' })),
  fc.constantFrom(long, 1),
  some(
    { op: 'makeVolume', snapshot: 'snap4' },
    { op: 'makeVolume', snapshot: 'snap4', capacity: 2 },
    { op: 'makeVolume', snapshot: 'snap4', capacity: 200, realm: 'eu' },
    { op: 'launch', image: 'img1', snapshot: 'snap4' },
  ),
)

const anything: Story = fc.array(fc.oneof({ weight: 5, arbitrary: command() }, { weight: 2, arbitrary: time }), {
  minLength: 1,
  maxLength: 8,
})

/** What the model and its simulator are told. */
export const told = (): Story =>
  fc.oneof(
    { weight: 5, arbitrary: anything },
    ...[registrations, endings, firewalls, twice, lives, sizes].map(story => ({
      weight: 2,
      arbitrary: fc.tuple(story, fc.array(command(), { maxLength: 2 })).map(([first, rest]) => [...first, ...rest]),
    })),
  )
