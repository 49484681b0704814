/** Buckets and blobs of the reference model. */

import type { CommandOf, Turn } from './turn.ts'

export const removeBucket = (turn: Turn, id: string): string => {
  if (Object.keys(turn.found(turn.model.buckets, id) ?? {}).length > 0) turn.refuse('conflict')
  return turn.drop(turn.model.buckets, id)
}

export const putBlob = (turn: Turn, { bucket, id, content }: CommandOf<'putBlob'>): string => {
  const its = turn.found(turn.model.buckets, bucket)
  if (its !== undefined) its[id] = content
  return content
}

export const readBlob = (turn: Turn, { bucket, id }: CommandOf<'readBlob'>): string => {
  const content = turn.model.buckets[bucket]?.[id]
  if (content === undefined) turn.refuse('not-found')
  return content ?? ''
}

export const removeBlob = (turn: Turn, { bucket, id }: CommandOf<'removeBlob'>): string => {
  const its = turn.model.buckets[bucket]
  if (its?.[id] === undefined) turn.refuse('not-found')
  else delete its[id]
  return ''
}
