/** What is another in a recording that was made again: what is asked, what is answered, and what clients get. */

import { everyNode, readDocument, textAt } from '../mutations/tree.ts'
import { type HarEntry, responseBodyOf } from '../replay/har.ts'
import { meaningOf } from '../replay/matching.ts'
import { outgoingOf } from '../replay/player.ts'
import type { Recording } from '../replay/recording.ts'

/** @returns lines; none where nothing that matters is another */
export const changesBetween = (before: Recording, after: Recording): string[] => {
  const [asked, asks] = [before, after].map(answersOf)
  const found: string[] = []
  for (const operation of asked?.keys() ?? []) if (asks?.has(operation) === false) found.push(`- asks no more: ${operation}`)
  for (const [operation, now] of asks ?? []) {
    const old = asked?.get(operation)
    if (old === undefined) found.push(`+ asks now: ${operation}`)
    else found.push(...answers(old, now).map(line => `~ ${operation}: ${line}`))
  }
  for (const [n, step] of after.scenario.steps.entries()) {
    const old = before.scenario.steps[n]
    if (old === undefined) found.push(`+ step: ${step.title}`)
    else if (JSON.stringify(old.expect) !== JSON.stringify(step.expect))
      found.push(`~ step ${step.title}: gets ${JSON.stringify(step.expect)}, got ${JSON.stringify(old.expect)}`)
  }
  return [...new Set(found)]
}

/** By what is asked: all pages of a list, and all looks at one thing, are answers to the same. */
const answersOf = ({ har }: Recording): ReadonlyMap<string, readonly HarEntry[]> =>
  Map.groupBy(har.log.entries, entry => meaningOf(outgoingOf(entry)).operation)

const answers = (before: readonly HarEntry[], after: readonly HarEntry[]): string[] => {
  const [was, is] = [before, after].map(entries => [...new Set(entries.map(({ response }) => response.status))].join(', '))
  if (was !== is) return [`answers ${is}, was ${was}`]
  const [old, now] = [before, after].map(entries => new Set(entries.flatMap(entry => [...pathsOf(entry)])))
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
