/** Answers of a recording as documents, each with the shape that describes it; and recordings with other answers. */

import { type HarEntry, responseBodyOf } from '../replay/har.ts'
import { type Meaning, meaningOf } from '../replay/matching.ts'
import { outgoingOf } from '../replay/player.ts'
import type { Recording } from '../replay/recording.ts'
import { type ShapedOperation, type Shapes, shapeOf } from './shapes.ts'
import { type Document, readDocument } from './tree.ts'

export interface ShapedAnswer {
  readonly entry: HarEntry
  readonly asked: string
  readonly shape: ShapedOperation
  readonly document: Document
}

/** Answers that somebody has described. */
export const shapedAnswers = ({ har }: Recording, shapes: Shapes): readonly ShapedAnswer[] =>
  har.log.entries.flatMap(entry => shapedAnswer(entry, shapes) ?? [])

export const shapedAnswer = (entry: HarEntry, shapes: Shapes): ShapedAnswer | undefined => {
  if (entry.response.status >= 400) return undefined
  const { asked, document } = readingOf(entry)
  const shape = document === undefined ? undefined : shapeOf(shapes, asked, document.root)
  return shape === undefined || document === undefined ? undefined : { entry, asked, shape, document }
}

export interface Reading {
  readonly asked: string
  readonly meaning: Meaning
  readonly document: Document | undefined
}

/** A recording has many mutants, and most of their exchanges are the same ones. */
const readings = new WeakMap<HarEntry, Reading>()

export const readingOf = (entry: HarEntry): Reading => {
  const known = readings.get(entry)
  if (known !== undefined) return known
  const meaning = meaningOf(outgoingOf(entry))
  const reading = {
    asked: meaning.operation,
    meaning,
    document: readDocument(responseBodyOf(entry).toString('utf8')),
  }
  readings.set(entry, reading)
  return reading
}

/** Another text where an exchange had its own. */
export const withAnswer = (recording: Recording, entry: HarEntry, text: string): Recording =>
  withEntry(recording, entry, { ...entry, response: withText(entry.response, text) })

/** @returns the response with another body, and a length that fits it */
export const withText = (response: HarEntry['response'], text: string): HarEntry['response'] => {
  const size = Buffer.byteLength(text)
  const { encoding: _, ...content } = response.content
  return {
    ...response,
    headers: response.headers.map(one => (one.name.toLowerCase() === 'content-length' ? { ...one, value: String(size) } : one)),
    bodySize: size,
    content: { ...content, size, text },
  }
}

export const withEntry = (recording: Recording, entry: HarEntry, next: HarEntry): Recording => {
  const { log } = recording.har
  const entries = log.entries.map(one => (one === entry ? next : one))
  return { ...recording, har: { ...recording.har, log: { ...log, entries } } }
}
