/** Clocks, draws, and blocks of addresses. */

import fc from 'fast-check'
import t from 'tap'
import { contains, overlaps, parseAddress, parseBlock, textOf } from '../../src/mock-cloud/cidr.ts'
import { continuing, ManualClock, scaledClock, systemClock } from '../../src/mock-cloud/clock.ts'
import { Draws } from '../../src/mock-cloud/draw.ts'

const part = fc.oneof(fc.string(), fc.integer())

t.test('a draw is the same for the same purpose, and another for another', async t => {
  fc.assert(
    fc.property(fc.array(part), fc.array(part), fc.array(part), (whose, what, other) => {
      const draws = new Draws('seed', ...whose)
      t.equal(draws.fraction(...what), new Draws('seed', ...whose).fraction(...what))
      if (JSON.stringify(what) !== JSON.stringify(other)) t.not(draws.fraction(...what), draws.fraction(...other))
    }),
  )
})

t.test('what is drawn does not depend on where one part ends and the next begins', async t => {
  t.not(new Draws('ab', 'c').fraction('d'), new Draws('a', 'bc').fraction('d'))
  t.not(new Draws('a').fraction('1'), new Draws('a').fraction(1))
})

t.test('a number drawn between two bounds is whole and within them', async t => {
  fc.assert(
    fc.property(fc.integer({ min: -1000, max: 1000 }), fc.nat(1000), part, (low, span, what) => {
      const drawn = new Draws('seed').between(low, low + span, what)
      t.ok(Number.isInteger(drawn) && drawn >= low && drawn <= low + span)
    }),
  )
})

t.test('all numbers between the bounds are drawn', async t => {
  const draws = new Draws('seed')
  t.equal(new Set(Array.from({ length: 500 }, (_, i) => draws.between(1, 6, i))).size, 6)
})

t.test('as many bytes are drawn as were asked for', async t => {
  fc.assert(fc.property(fc.nat(200), length => t.equal(new Draws('seed').bytes(length, 'x').length, length)))
})

t.test('a manual clock moves only when told, and never back', async t => {
  const clock = new ManualClock(1000)
  clock.advance(500)
  t.equal(clock.now(), 1500)
  clock.set(2000)
  t.equal(clock.now(), 2000)
  t.throws(() => clock.set(1999), RangeError)
  t.throws(() => clock.advance(-1), RangeError)
})

t.test('a scaled clock starts where it is told, and goes as fast as it says', async t => {
  let wall = 70
  const clock = scaledClock(60, 5000, () => wall)
  t.equal(clock.now(), 5000)
  wall += 1000
  t.equal(clock.now(), 65_000)
  for (const scale of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) t.throws(() => scaledClock(scale), RangeError)
})

t.test('the system clock is the machine’s', async t => {
  const before = Date.now()
  t.ok(systemClock().now() >= before)
})

t.test('a continued clock goes on from the time that was reached, and never back', async t => {
  const clock = new ManualClock(100)
  const later = continuing(clock, 1000)
  t.equal(later.now(), 1000)
  clock.advance(50)
  t.equal(later.now(), 1050)
  const unstable = { time: 10, now: () => unstable.time }
  const steady = continuing(unstable, 0)
  t.equal(steady.now(), 10)
  unstable.time = 5
  t.equal(steady.now(), 10)
})

const address = fc.nat({ max: 0xffffffff })

t.test('an address is read as it is written', async t => {
  fc.assert(fc.property(address, number => t.equal(parseAddress(textOf(number)), number)))
  for (const text of ['', '1.2.3', '1.2.3.4.5', '256.0.0.1', '01.2.3.4', '1.2.3.x', ' 1.2.3.4']) t.equal(parseAddress(text), undefined)
})

t.test('a block is an address with nothing set behind its length', async t => {
  t.strictSame(parseBlock('10.1.0.0/16'), { base: 0x0a010000, size: 65536 })
  for (const text of ['10.1.0.0', '10.1.2.0/16', '10.1.0.0/33', '10.1.0.0/', '10.1.0.0/16/1', 'x/16', '10.1.0.0/-1', '10.1.0.0/016']) {
    t.equal(parseBlock(text), undefined, text)
  }
})

const block = fc.tuple(address, fc.integer({ min: 0, max: 32 })).map(([number, length]) => {
  const size = 2 ** (32 - length)
  return { base: Math.floor(number / size) * size, size }
})

t.test('two blocks overlap only if one is in the other', async t => {
  fc.assert(
    fc.property(block, block, (a, b) => {
      t.equal(overlaps(a, b), contains(a, b) || contains(b, a))
      t.equal(overlaps(a, b), overlaps(b, a))
    }),
  )
})
