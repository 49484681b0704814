/** What is changed to see whether the suite notices: the mapping, the states and the errors of the first drivers, and what stands behind them. */

export interface Target {
  readonly name: string
  /** Sources whose every small change is tried. */
  readonly files: readonly string[]
  /** How the suite is asked: `--driver`, and where it looks. */
  readonly driver: string
  readonly providers?: readonly string[]
  /** Kinds of change that say nothing: of messages for people, mostly. */
  readonly without: readonly string[]
}

export const targets: readonly Target[] = [
  {
    name: 'harbour: mapping, states, errors',
    files: [
      'examples/driver/harbour/mapping.ts',
      'examples/driver/harbour/states.ts',
      'examples/driver/harbour/errors.ts',
      'examples/driver/harbour/index.ts',
    ],
    driver: './examples/driver/harbour.ts',
    without: [],
  },
  {
    name: 'mock: mapping',
    files: ['src/drivers/mock/operations.ts'],
    driver: 'mock',
    without: ['StringLiteral'],
  },
  {
    name: 'mock: states',
    files: [
      'src/mock-cloud/instance-life.ts',
      'src/mock-cloud/becoming.ts',
      'src/mock-cloud/lifecycle.ts',
      'src/model/state-machine.ts',
      'src/mock-cloud/collections/instances.ts',
    ],
    driver: 'mock',
    without: ['StringLiteral'],
  },
  {
    name: 'mock: errors',
    files: ['src/server/errors.ts', 'src/model/errors.ts', 'src/mock-cloud/collections/lookup.ts'],
    driver: 'mock',
    without: ['StringLiteral'],
  },
]
