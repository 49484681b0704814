/** Questions of which the first are each of a kind of their own, and the others of one kind: by the number of the case, whatever slice of a run it's in. */

import fc from 'fast-check'

export class TargetsFirst<T> extends fc.Arbitrary<T> {
  private readonly targets: readonly fc.Arbitrary<T>[]
  private readonly others: fc.Arbitrary<T>
  private next = 0

  constructor(targets: readonly fc.Arbitrary<T>[], others: fc.Arbitrary<T>) {
    super()
    this.targets = targets
    this.others = others
  }

  /** The same property, which tells the number of each case. */
  numbering<P extends { generate(random: fc.Random, n?: number): unknown }>(property: P): P {
    const generate = property.generate.bind(property)
    property.generate = (random, n) => {
      this.next = n ?? this.targets.length
      return generate(random, n)
    }
    return property
  }

  override generate(random: fc.Random, bias: number | undefined): fc.Value<T> {
    const from = this.targets[this.next] ?? this.others
    const value = from.generate(random, bias)
    return new fc.Value(value.value, { from, context: value.context } satisfies Origin<T>)
  }

  override canShrinkWithoutContext(value: unknown): value is T {
    return this.others.canShrinkWithoutContext(value)
  }

  override shrink(value: T, context: unknown): fc.Stream<fc.Value<T>> {
    if (!isOrigin<T>(context)) return fc.Stream.nil()
    const { from, context: inner } = context
    return from
      .shrink(value, inner)
      .map(({ value: shorter, context: next }) => new fc.Value(shorter, { from, context: next } satisfies Origin<T>))
  }
}

/** Who made a value, and what they know of it. */
interface Origin<T> {
  readonly from: fc.Arbitrary<T>
  readonly context: unknown
}

const isOrigin = <T>(context: unknown): context is Origin<T> =>
  typeof context === 'object' && context !== null && 'from' in context && context.from instanceof fc.Arbitrary
