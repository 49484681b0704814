/** What is another in a recording that was made again: what is asked, what is answered, and what clients get. */

import { everyNode, readDocument, textAt } from '../mutations/tree.ts'
import { type HarEntry, responseBodyOf } from '../replay/har.ts'
import { meaningOf } from '../replay/matching.ts'
import { outgoingOf } from '../replay/player.ts'
import type { Recording } from '../replay/recording.ts'

/** @returns lines; none where nothing that matters is another */
export const changesBetween = (before: Recording, after: Recording): string[] => {
  const [asked, asks] = [before, after].map(({ har }) => har.log.entries.map(entry => meaningOf(outgoingOf(entry)).operation))
  const found: string[] = []
  for (const operation of new Set(asked)) if (!asks?.includes(operation)) found.push(`- asks no more: ${operation}`)
  for (const operation of new Set(asks)) if (!asked?.includes(operation)) found.push(`+ asks now: ${operation}`)
  const entries = new Map(before.har.log.entries.map((entry, n) => [asked?.[n] ?? '', entry]))
  for (const [n, entry] of after.har.log.entries.entries()) {
    const operation = asks?.[n] ?? ''
    const old = entries.get(operation)
    if (old !== undefined) found.push(...answers(old, entry).map(line => `~ ${operation}: ${line}`))
  }
  for (const [n, step] of after.scenario.steps.entries()) {
    const old = before.scenario.steps[n]
    if (old === undefined) found.push(`+ step: ${step.title}`)
    else if (JSON.stringify(old.expect) !== JSON.stringify(step.expect))
      found.push(`~ step ${step.title}: gets ${JSON.stringify(step.expect)}, got ${JSON.stringify(old.expect)}`)
  }
  return [...new Set(found)]
}

const answers = (before: HarEntry, after: HarEntry): string[] => {
  if (before.response.status !== after.response.status) return [`answers ${after.response.status}, was ${before.response.status}`]
  const [old, now] = [before, after].map(pathsOf)
  return [
    ...[...(now ?? [])].filter(path => !old?.has(path)).map(path => `has ${path} now`),
    ...[...(old ?? [])].filter(path => !now?.has(path)).map(path => `has ${path} no more`),
  ]
}

/** Where an answer has values: what they are differs from day to day. */
const pathsOf = (entry: HarEntry): ReadonlySet<string> => {
  const document = readDocument(responseBodyOf(entry).toString('utf8'))
  return new Set(
    document === undefined
      ? []
      : everyNode(document.root).flatMap(({ names, tree }) => (textAt(tree) === undefined ? [] : [names.join('/')])),
  )
}
