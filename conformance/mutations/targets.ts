/** What of the provider's documents each law wants fed to a driver, row by row; and in which recordings a step shows it. */

import type { Fed } from '../cloud-under-test.ts'
import { documentsIn } from '../documents/read.ts'
import type { HarEntry } from '../replay/har.ts'
import { isLogin } from '../replay/matching.ts'
import type { Recording } from '../replay/recording.ts'
import type { StepOutcome } from '../replay/steps.ts'
import { readingOf, shapedAnswer } from './answers.ts'
import { attributeKey, isAskedFor, shownItems } from './expectations.ts'
import { canTakeValues, putError, putState, putValues, unknownStates } from './feeding.ts'
import { findBelow } from './paths.ts'
import type { AttributeRow, ErrorRow, Shapes, StateRow } from './shapes.ts'

/** A recording, and what its steps asked and were answered when it was as it is. */
export interface ShownRecording {
  readonly recording: Recording
  readonly outcomes: readonly StepOutcome[]
}

/** A recording with something in it, and where that must be seen. */
export interface Feeding {
  /** For people. */
  readonly given: string
  readonly recording: Recording
  readonly fed: Fed
}

/** By law: for each row the ways to feed it; a row that no recording can show has none, and isn't here. */
export const fedTo: Readonly<Record<string, (shapes: Shapes, shown: readonly ShownRecording[]) => readonly (readonly Feeding[])[]>> = {
  S9: (shapes, shown) => statesToFeed(shapes).flatMap(one => nonEmpty(stateFeedings(shapes, shown, one))),
  A1: (shapes, shown) => valuesToFeed(shapes).flatMap(one => nonEmpty(valueFeedings(shapes, shown, one))),
  E6: (shapes, shown) => (shapes.errors ?? []).flatMap(row => nonEmpty(errorFeedings(shapes, shown, row))),
}

const nonEmpty = <T>(all: readonly T[]): readonly (readonly T[])[] => (all.length === 0 ? [] : [all])

type FedState = Pick<StateRow, 'of' | 'asks' | 'native' | 'with'>

/** Those that are documented, and some that aren't. */
const statesToFeed = ({ states = [] }: Shapes): readonly FedState[] => [
  ...states,
  ...[...new Set(states.map(({ of }) => of))].flatMap(of => unknownStates.map(native => ({ of, native }))),
]

const stateFeedings = (shapes: Shapes, shown: readonly ShownRecording[], state: FedState): readonly Feeding[] =>
  shown.flatMap(({ recording, outcomes }) =>
    outcomes.flatMap((outcome, step) => {
      // A filter may be about the state, and what was asked before may say more than it does.
      if (Object.keys(outcome.step.request.query ?? {}).length > 0) return []
      return shownIds(shapes, outcome, state)
        .filter(id => !outcomes.slice(0, step).some(({ step: { request } }) => request.method !== 'GET' && names(request.path, id)))
        .map(id => {
          const fed: Fed = { kind: 'state', step, of: state.of, id, native: state.native }
          const others = Object.entries(state.with ?? {}).map(
            ([path, text]) => ` with ${text === null ? 'no ' : ''}${path}${text === null ? '' : ` ${text}`}`,
          )
          return {
            given: `the recording ${recording.name}, in which ${id} is ${JSON.stringify(state.native)}${others.join()}`,
            get recording() {
              return putState(recording, shapes, { of: state.of, id }, state)
            },
            fed,
          }
        })
    }),
  )

/** Resources with a state that both the provider's answers and the step's document show. */
const shownIds = (shapes: Shapes, outcome: StepOutcome, { of, asks }: FedState): readonly string[] => {
  const documents = documentsIn(outcome, of)
  const ids = outcome.exchanges.flatMap(entry => {
    const answer = shapedAnswer(entry, shapes)
    const path = answer?.shape.state?.path
    if (answer === undefined || path === undefined || !isAskedFor({ asks }, answer.asked)) return []
    const { root } = answer.document
    return shownItems(answer).filter(item => item.of === of && findBelow(root, item.address, path).length > 0)
  })
  return [...new Set(ids.map(({ id }) => id))].filter(id => documents.has(id))
}

const names = (path: string, id: string): boolean => path.split('/').some(part => part === id || part === encodeURIComponent(id))

interface FedValues {
  readonly of: string
  readonly row: AttributeRow
}

const valuesToFeed = ({ operations }: Shapes): readonly FedValues[] => {
  const all = operations.flatMap(shape =>
    (shape.attributes ?? []).filter(row => canTakeValues(shape, row)).map(row => ({ of: shape.of ?? '', row })),
  )
  return [...new Map(all.map(one => [attributeKey(one.of, one.row), one])).values()]
}

/** Values begin at another place in each. */
const beginnings = [0, 1, 2, 3, 4, 5, 6, 7] as const

const valueFeedings = (shapes: Shapes, shown: readonly ShownRecording[], { of, row }: FedValues): readonly Feeding[] =>
  shown.flatMap(({ recording, outcomes }) =>
    outcomes.flatMap((outcome, step) => {
      const documents = documentsIn(outcome, of)
      const isTold = outcome.exchanges.some(entry => {
        const answer = shapedAnswer(entry, shapes)
        return (
          answer !== undefined &&
          shownItems(answer).some(
            item => item.of === of && documents.has(item.id) && findBelow(answer.document.root, item.address, row.member).length > 0,
          )
        )
      })
      if (!isTold) return []
      return beginnings.map(n => ({
        given: `the recording ${recording.name}, with values of ${row.member} from the ${n + 1}. on`,
        get recording() {
          return putValues(recording, shapes, of, row, n)
        },
        fed: { kind: 'values' as const, step, of, row },
      }))
    }),
  )

const errorFeedings = (shapes: Shapes, shown: readonly ShownRecording[], row: ErrorRow): readonly Feeding[] =>
  shown.flatMap(({ recording, outcomes }) =>
    outcomes.flatMap((outcome, step) => {
      // What a filter asks for may be missing.
      if (row.kind === 'not-found' && Object.keys(outcome.step.request.query ?? {}).length > 0) return []
      return decisiveExchanges(outcome, shapes, row).map(entry => {
        const { recording: changed, failing } = putError(recording, entry, row)
        return {
          given:
            `the recording ${recording.name}, in which ${readingOf(entry).asked} is answered with ${row.status} ${row.body ?? ''}`.trimEnd(),
          recording: changed,
          fed: { kind: 'error' as const, step, row, failing },
        }
      })
    }),
  )

/**
 * Exchanges without which a step can't be what it's about: the only one, the first that changes something, or a list of what the step reads.
 * Others may fail without the step, where a driver does without a detail.
 */
const decisiveExchanges = (outcome: StepOutcome, shapes: Shapes, { asks }: ErrorRow): readonly HarEntry[] => {
  const { step, exchanges } = outcome
  // A HEAD has no room for an error.
  const all = exchanges.filter(({ request }) => request.method !== 'HEAD')
  const logins = all.filter(entry => isLogin(operationPath(entry)))
  const own = all.filter(entry => !logins.includes(entry))
  const fits = (entry: HarEntry): boolean => isAskedFor({ asks }, readingOf(entry).asked)
  // Who can't log in can't do anything; but only a row that asks for a login is about one.
  const decisive = [...(asks === undefined ? [] : logins), ...decisiveOf(step.request, own, shapes)]
  return decisive.filter(fits)
}

const operationPath = (entry: HarEntry): string => readingOf(entry).asked.replace(/^[A-Z]+ (?=\/)/, '')

const decisiveOf = ({ method, path }: StepOutcome['step']['request'], own: readonly HarEntry[], shapes: Shapes): readonly HarEntry[] => {
  if (own.length === 1) return own
  if (method !== 'GET') return own.filter(entry => !readingOf(entry).meaning.isRead).slice(0, 1)
  const [, , collection] = path.split('/')
  return own.filter(entry => collection !== undefined && shapedAnswer(entry, shapes)?.shape.of === collection)
}
