/** Who gets how many cases. */

import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { Dealer, floor, type Task } from '../../conformance/budget.ts'
import type { Subject } from '../../conformance/harness.ts'
import { laws } from '../../conformance/laws/index.ts'
import type { Unit } from '../../conformance/plan.ts'
import type { LawResult } from '../../conformance/results.ts'

const subject = (driver: string): Subject => ({
  name: driver,
  driver,
  provider: undefined,
  harness: { driver: () => assert.fail('nothing is run here') },
})
const law = laws.find(({ id }) => id === 'F1') ?? assert.fail('there is such a law')
const once = laws.find(one => one.once === true) ?? assert.fail('there is such a law')
const one = subject('one')
const unit = (more: Partial<Unit> = {}): Unit => ({ law, source: 'T', subject: one, ...more })

const held = ({ source, law: { id } }: Unit, cases: number, inconclusive = 0, outcome: LawResult['outcome'] = 'holds'): LawResult => ({
  law: id,
  source,
  outcome,
  cases,
  inconclusive,
  seconds: 0,
  evidence: { 'property-tested': { cases, collections: {}, states: {}, transitions: {} } },
})

/** Works on all that is dealt. @returns the tasks in the order in which they were done */
const work = (units: readonly Unit[], dealer: Dealer, does: (task: Task, unit: Unit) => { result: LawResult; seconds: number }): Task[] => {
  const done: Task[] = []
  let last: Unit | undefined
  for (let task = dealer.take(last, true); task !== undefined; task = dealer.take(last, true)) {
    const taken = units[task.unit] ?? assert.fail('it is one of them')
    const { result, seconds } = does(task, taken)
    dealer.note(task, result, seconds)
    done.push(task)
    last = taken
  }
  return done
}

t.test('by a number of cases each unit is given out once', async t => {
  const units = [unit(), unit({ source: 'M' })]
  const dealer = new Dealer(units, { runs: 7 })
  t.same(
    work(units, dealer, ({ runs }, one) => ({ result: held(one, runs), seconds: 1 })),
    [
      { unit: 0, from: 0, runs: 7 },
      { unit: 1, from: 0, runs: 7 },
    ],
  )
  t.notOk(dealer.mayGetMore)
})

t.test('by time each has its floor, whatever that takes', async t => {
  const units = [unit(), unit({ source: 'M' })]
  const done = work(units, new Dealer(units, { budget: 1 }), ({ runs }, one) => ({ result: held(one, runs), seconds: 10 }))
  t.same(
    done.map(({ from, runs }) => [from, runs]),
    [
      [0, floor],
      [0, floor],
    ],
  )
})

t.test('what is left of the time goes to what has the fewest judged cases', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ cost: fc.double({ min: 0.001, max: 0.1, noNaN: true }), judged: fc.integer({ min: 5, max: 100 }) }), {
        minLength: 1,
        maxLength: 8,
      }),
      fc.integer({ min: 1, max: 100 }),
      async (kinds, budget) => {
        const units = kinds.map((_, n) => unit({ subject: n % 2 === 0 ? one : { ...one, provider: `p${n}` } }))
        let spent = 0
        const dealer = new Dealer(units, { budget })
        work(units, dealer, ({ unit: n, runs }, taken) => {
          const { cost, judged } = kinds[n] ?? assert.fail('it is one of them')
          const cases = Math.round((runs * judged) / 100)
          spent += runs * cost
          return { result: held(taken, cases, runs - cases), seconds: runs * cost }
        })
        const floors = kinds.reduce((sum, { cost }) => sum + floor * cost, 0)
        // One more case of each may be what goes beyond.
        const slack = kinds.reduce((sum, { cost, judged }) => sum + (cost * 100) / judged, 0)
        assert.ok(spent <= Math.max(budget, floors) + slack, `${spent} s of ${budget} s were spent, and the floors are ${floors} s`)
        assert.equal(dealer.results().length, units.length)
      },
    ),
  )
})

t.test('the slices of a unit go on where the one before ended, and add up', async t => {
  const units = [unit()]
  const dealer = new Dealer(units, { budget: 10 })
  const done = work(units, dealer, ({ runs }, taken) => ({ result: held(taken, runs), seconds: runs / 10 }))
  t.same(done, [
    { unit: 0, from: 0, runs: floor },
    { unit: 0, from: floor, runs: 75 },
  ])
  t.match(dealer.results(), [{ result: { cases: 100, outcome: 'holds', evidence: { 'property-tested': { cases: 100 } } } }])
})

t.test('a failure in a later slice breaks the unit', async t => {
  const units = [unit()]
  const dealer = new Dealer(units, { budget: 10 })
  work(units, dealer, ({ from, runs }, taken) => ({
    result: held(taken, runs, 0, from === 0 ? 'holds' : 'broken'),
    seconds: runs / 10,
  }))
  t.match(dealer.results(), [{ result: { outcome: 'broken' } }])
})

t.test('more is dealt of nothing that is asked once, declared, live, or broken', async t => {
  const units = [unit({ law: once, source: 'R' }), unit({ source: 'static' }), unit({ source: 'L' }), unit()]
  const done = work(units, new Dealer(units, { budget: 1000 }), ({ unit: n, runs }, taken) => ({
    result: held(taken, runs, 0, n === 3 ? 'broken' : 'holds'),
    seconds: 0.001,
  }))
  t.same(done.map(({ unit: n }) => n).sort(), [0, 1, 2, 3])
})

t.test('each driver has its own time, and nobody waits for what can bring nothing', async t => {
  const units = [unit(), unit({ subject: subject('two') })]
  const dealer = new Dealer(units, { budget: 10 })
  const [first, second] = [dealer.take(undefined, true), dealer.take(undefined, true)]
  t.same([first?.unit, second?.unit], [0, 1])
  t.ok(dealer.mayGetMore)
  if (first === undefined || second === undefined) return
  dealer.note(first, held(unit(), floor), 20)
  t.equal(dealer.take(undefined, true), undefined)
  t.ok(dealer.mayGetMore)
  dealer.note(second, held(unit(), floor), 1)
  t.match(dealer.take(undefined, true), { unit: 1, from: floor })
  t.notOk(dealer.mayGetMore)
})

t.test('when it is ended, nothing more is given out', async t => {
  const dealer = new Dealer([unit(), unit({ source: 'M' })], { budget: 10 })
  dealer.take(undefined, true)
  dealer.end()
  t.equal(dealer.take(undefined, true), undefined)
  t.notOk(dealer.mayGetMore)
})
