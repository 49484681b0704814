/** Mutants of a recording: what its provider could have answered as well, and what no provider should. */

import { type HarEntry, responseBodyOf } from '../replay/har.ts'
import { outgoingOf } from '../replay/player.ts'
import type { Recording } from '../replay/recording.ts'
import { tokenOf } from '../traffic.ts'
import { readingOf, type ShapedAnswer, shapedAnswers, withAnswer } from './answers.ts'
import { type Change, changeAnswer, idsOf, pick } from './changes.ts'
import { isAskedFor, shownItems } from './expectations.ts'
import { canTakeValues, putState, putValues, unknownStates } from './feeding.ts'
import { type IllegalMutation, isLegal, type LegalMutation, type Mutation } from './mutations.ts'
import type { Shapes } from './shapes.ts'
import { writeDocument } from './tree.ts'

/** A recording to which mutations were done. */
export interface Mutated {
  readonly recording: Recording
  /** What was done, as sentences; none where nothing of it was possible. */
  readonly done: readonly string[]
  readonly omitted: readonly NonNullable<Change['omitted']>[]
  /** Which exchanges answer in a way that no HAR can hold. */
  readonly effects: ReadonlyMap<HarEntry, IllegalMutation>
}

/** What is illegal comes last: it's done to answers as they are then. */
export const mutate = (recording: Recording, shapes: Shapes, all: readonly Mutation[]): Mutated => {
  const untouched: Mutated = { recording, done: [], omitted: [], effects: new Map() }
  const legal = all.filter(isLegal).reduce<Mutated>((mutated, mutation) => mutateLegally(mutated, shapes, mutation), untouched)
  return all.filter(mutation => !isLegal(mutation)).reduce<Mutated>(mutateIllegally, legal)
}

/** In the first exchange from the named one on whose answer has a place for it. */
const mutateLegally = (before: Mutated, shapes: Shapes, mutation: LegalMutation): Mutated => {
  const { recording } = before
  const answers = shapedAnswers(recording, shapes)
  const taken = new Set(answers.flatMap(({ document, shape }) => idsOf(document.root, shape)))
  const first = mutation.entry % Math.max(1, answers.length)
  for (const { entry, asked, shape, document } of [...answers.slice(first), ...answers.slice(0, first)]) {
    const documented = changeByRows(recording, shapes, { entry, asked, shape, document }, mutation)
    if (documented !== undefined) return { ...before, recording: documented.recording, done: [...before.done, documented.says] }
    const change = changeAnswer({ root: document.root, shape, taken }, mutation)
    if (change === undefined) continue
    return {
      ...before,
      recording: withAnswer(recording, entry, writeDocument({ ...document, root: change.root })),
      done: [...before.done, `in the answer to ${asked}, read by the shape of ${shape.asks}: ${change.says}`],
      omitted: change.omitted === undefined ? before.omitted : [...before.omitted, change.omitted],
    }
  }
  return before
}

/** What the rows of the shapes describe changes in all answers alike; undefined where no row is about this answer. */
const changeByRows = (
  recording: Recording,
  shapes: Shapes,
  answer: ShapedAnswer,
  mutation: LegalMutation,
): { readonly recording: Recording; readonly says: string } | undefined => {
  if (mutation.kind !== 'state' && mutation.kind !== 'values') return undefined
  const item = pick(shownItems(answer), mutation.which)
  if (item === undefined) return undefined
  const { of, id } = item
  if (mutation.kind === 'values') {
    const row = pick(
      (answer.shape.attributes ?? []).filter(one => canTakeValues(answer.shape, one)),
      mutation.which,
    )
    const changed = row === undefined ? recording : putValues(recording, shapes, of, row, mutation.first)
    return changed === recording ? undefined : { recording: changed, says: `${row?.member} of ${of} has other values` }
  }
  const documented = (shapes.states ?? []).filter(one => one.of === of && isAskedFor(one, answer.asked))
  const next = pick([...documented, ...unknownStates.map(native => ({ native }))], mutation.state)
  if (documented.length === 0 || next === undefined) return undefined
  const changed = putState(recording, shapes, { of, id }, next)
  return changed === recording ? undefined : { recording: changed, says: `the state of ${id} is ${JSON.stringify(next.native)}` }
}

const mutateIllegally = (before: Mutated, mutation: Mutation): Mutated => {
  if (isLegal(mutation)) return before
  const { entries } = before.recording.har.log
  const entry = pick(
    entries.filter(one => canTake(one, mutation)),
    mutation.entry,
  )
  if (entry === undefined) return before
  return {
    ...before,
    effects: new Map([...before.effects, [entry, mutation]]),
    done: [...before.done, `${entry.request.method} ${new URL(entry.request.url).pathname} is answered ${describeMutation(mutation)}`],
  }
}

/** Nothing can't be cut or garbled; that a text is shorter than it was, nobody can tell who isn't told. */
const canTake = (entry: HarEntry, mutation: IllegalMutation): boolean => {
  if (mutation.kind === 'cut' && mutation.isQuiet) return readingOf(entry).document !== undefined
  if (mutation.kind === 'token ends') return tokenOf(outgoingOf(entry).headers) !== undefined
  return (mutation.kind !== 'cut' && mutation.kind !== 'garble') || responseBodyOf(entry).length > 0
}

const describeMutation = (mutation: IllegalMutation): string => {
  switch (mutation.kind) {
    case 'status':
      return `with ${mutation.status}`
    case 'cut':
      return `with ${Math.round(mutation.share * 100)} % of it${mutation.isQuiet ? '' : ', and then the connection breaks'}`
    case 'garble':
      return 'with garbage'
    case 'type':
      return `with ${mutation.body === '' ? 'nothing' : mutation.body}`
    case 'huge':
      return 'with far too much'
    case 'late':
      return 'too late'
    case 'never ending':
      return 'without end'
    case 'reset':
      return 'by a broken connection'
    case 'throttle':
      return `with ${mutation.status} and a wait of ${mutation.seconds} s, ${mutation.times} times`
    case 'token ends':
      return 'with 401, once'
  }
}
