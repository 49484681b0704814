/** Mutants of a recording: what its provider could have answered as well, and what no provider should. */

import { type HarEntry, responseBodyOf } from '../replay/har.ts'
import { meaningOf } from '../replay/matching.ts'
import { outgoingOf } from '../replay/player.ts'
import type { Recording } from '../replay/recording.ts'
import { tokenOf } from '../traffic.ts'
import { type Change, changeAnswer, idsOf, pick } from './changes.ts'
import { type IllegalMutation, isLegal, type LegalMutation, type Mutation } from './mutations.ts'
import { type ShapedOperation, type Shapes, shapeOf } from './shapes.ts'
import { type Document, readDocument, writeDocument } from './tree.ts'

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
    const change = changeAnswer({ root: document.root, shape, taken }, mutation)
    if (change === undefined) continue
    return {
      ...before,
      recording: withAnswer(recording, entry, writeDocument({ ...document, root: change.root })),
      done: [...before.done, `in the answer to ${asked}: ${change.says}`],
      omitted: change.omitted === undefined ? before.omitted : [...before.omitted, change.omitted],
    }
  }
  return before
}

interface ShapedAnswer {
  readonly entry: HarEntry
  readonly asked: string
  readonly shape: ShapedOperation
  readonly document: Document
}

/** Answers that somebody has described. */
const shapedAnswers = ({ har }: Recording, shapes: Shapes): readonly ShapedAnswer[] =>
  har.log.entries.flatMap(entry => {
    if (entry.response.status >= 400) return []
    const { asked, document } = readingOf(entry)
    const shape = document === undefined ? undefined : shapeOf(shapes, asked, document.root)
    return shape === undefined || document === undefined ? [] : [{ entry, asked, shape, document }]
  })

interface Reading {
  readonly asked: string
  readonly document: Document | undefined
}

/** A recording has many mutants, and most of their exchanges are the same ones. */
const readings = new WeakMap<HarEntry, Reading>()

const readingOf = (entry: HarEntry): Reading => {
  const known = readings.get(entry)
  if (known !== undefined) return known
  const reading = {
    asked: meaningOf(outgoingOf(entry)).operation,
    document: readDocument(responseBodyOf(entry).toString('utf8')),
  }
  readings.set(entry, reading)
  return reading
}

const withAnswer = (recording: Recording, entry: HarEntry, text: string): Recording => {
  const size = Buffer.byteLength(text)
  const { encoding: _, ...content } = entry.response.content
  const response = {
    ...entry.response,
    headers: entry.response.headers.map(one => (one.name.toLowerCase() === 'content-length' ? { ...one, value: String(size) } : one)),
    bodySize: size,
    content: { ...content, size, text },
  }
  const { log } = recording.har
  const entries = log.entries.map(one => (one === entry ? { ...one, response } : one))
  return { ...recording, har: { ...recording.har, log: { ...log, entries } } }
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
