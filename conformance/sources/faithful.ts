/** Asks a frontend what a provider was asked, and compares the skeletons of their answers: law T0. */

import { readBody, wireRequest } from '../../src/drivers/wire.ts'
import { MockCloud } from '../../src/mock-cloud/cloud.ts'
import { seed } from '../../src/mock-cloud/seeds.ts'
import { basicAuthorization } from '../client.ts'
import type { RoundTrip } from '../harness.ts'
import { everyNode, readDocument, type Tree, textAt } from '../mutations/tree.ts'
import { type HarEntry, responseBodyOf, startOf } from '../replay/har.ts'
import { outgoingOf } from '../replay/player.ts'
import type { Recording } from '../replay/recording.ts'
import { startInProcess } from './in-process.ts'
import { alice } from './simulated.ts'

/** @returns what is wrong, as sentences; undefined where the frontend serves nothing of the recording */
export const compareFrontend = async (recording: Recording, halves: RoundTrip): Promise<readonly string[] | undefined> => {
  const data = halves.seedOf?.(recording)
  if (data === undefined) return undefined
  const mock = await MockCloud.open({
    clock: { mode: 'manual', now: startOf(recording.har) },
    accounts: { [alice.user]: alice.password },
  })
  const server = await startInProcess({ driver: 'mock', provider: halves.personality, mock, frontendDefinitions: halves.frontends })
  try {
    await seed(await mock.world(), data)
    const placeholders = new Map<string, string>()
    const wrong: string[] = []
    let served = 0
    for (const entry of recording.har.log.entries) {
      const request = halves.requestFor?.(entry) ?? defaultRequest(entry, placeholders)
      const answering = server.dispatch(request, () => undefined)
      // What no frontend is for isn't served, and that's no lie.
      if (answering === undefined) continue
      served++
      const { response } = await answering
      const body = String(await readBody(response.body))
      learn(entry, body, placeholders)
      const what = `${entry.request.method} ${new URL(entry.request.url).pathname}`
      wrong.push(...differences(entry, response.status, body).map(sentence => `${what}: ${sentence}`))
    }
    return served === 0 ? undefined : wrong
  } finally {
    await server.close()
    await mock.close()
  }
}

/** The request as it was recorded, with credentials that the mock cloud knows in the place of those that were taken out. */
const defaultRequest = (entry: HarEntry, placeholders: ReadonlyMap<string, string>) => {
  const { method, url, headers, body } = outgoingOf(entry)
  const { pathname, search } = new URL(url)
  const live = (text: string): string =>
    [...placeholders].reduce((rest, [placeholder, value]) => rest.replaceAll(new RegExp(`${placeholder}(?!\\d)`, 'g'), value), text)
  // A recording of someone who is turned away keeps doing so.
  const login = entry.response.status === 401 ? 'Basic bm9ib2R5Om5vdGhpbmc=' : basicAuthorization(alice)
  return wireRequest({
    method,
    target: `${pathname}${search}`,
    headers: headers
      .filter(([name]) => !/^(host|content-length)$/i.test(name))
      .map(([name, value]) => [name, /^Basic REDACTED/.test(value) ? login : live(value)] as const),
    ...(body === undefined ? {} : { body: live(body.toString('utf8')) }),
  })
}

/** What stands for a secret in the recording is another secret here. */
const learn = (entry: HarEntry, body: string, placeholders: Map<string, string>): void => {
  const [recorded, ours] = [readDocument(responseBodyOf(entry).toString('utf8')), readDocument(body)]
  if (recorded === undefined || ours === undefined) return
  const values = new Map(everyNode(ours.root).map(({ names, tree }) => [names.join('/'), textAt(tree)]))
  for (const { names, tree } of everyNode(recorded.root)) {
    const text = textAt(tree)
    const value = values.get(names.join('/'))
    if (text !== undefined && /^REDACTED(-\d+)?$/.test(text) && value !== undefined) placeholders.set(text, value)
  }
}

const differences = (entry: HarEntry, status: number, body: string): string[] => {
  if (entry.response.status !== status) return [`the frontend answers ${status}, and the provider ${entry.response.status}`]
  const [recorded, ours] = [responseBodyOf(entry).toString('utf8'), body].map(readDocument)
  if (recorded === undefined) return []
  if (ours === undefined) return ['the frontend’s answer is no document']
  const [theirs, own] = [skeleton(recorded.root), skeleton(ours.root)]
  return [
    ...[...theirs].filter(path => !own.has(path)).map(path => `the frontend lacks ${path}`),
    ...[...own].filter(path => !theirs.has(path)).map(path => `the frontend has ${path}, and the provider hasn’t`),
    ...(status >= 400 ? codes(recorded.root, ours.root) : []),
  ]
}

/** Where there is what: paths and types, whatever the values and however many. */
const skeleton = (root: Tree): ReadonlySet<string> =>
  new Set(
    everyNode(root).map(
      ({ names, tree }) =>
        `${names.join('/')} (${tree.kind === 'value' ? (tree.value === null ? 'null' : typeof tree.value) : textAt(tree) === undefined ? 'inner' : 'text'})`,
    ),
  )

/** What an error is called is a part of the protocol; what it says isn't. */
const codes = (recorded: Tree, ours: Tree): string[] => {
  const of = (root: Tree): string[] =>
    everyNode(root).flatMap(({ names, tree }) => (/^(code|type|error_?code)$/i.test(names.at(-1) ?? '') ? [textAt(tree) ?? ''] : []))
  const [theirs, own] = [of(recorded).join(', '), of(ours).join(', ')]
  return theirs === own ? [] : [`the frontend calls the error ${own}, and the provider ${theirs}`]
}
