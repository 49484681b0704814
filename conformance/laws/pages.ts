/** Law R5: lists that a provider gives in pages are whole. */

import fc from 'fast-check'
import { type CloudUnderTest, hold, Inconclusive, type RecordedPages } from '../cloud-under-test.ts'
import type { PageFlaw } from '../mutations/pages.ts'
import type { SentRequest } from '../traffic.ts'
import { holdErrorDocument } from './errors.ts'
import { type Law, law } from './law.ts'

/** So often a request of a client may ask for the same page: lists are asked for by several operations, and failed requests are repeated. */
const mostOften = 20

export const pageLaws: readonly Law[] = [
  law({
    id: 'R5',
    title: 'whole lists',
    says: 'A list that its provider gives in pages is the same as in one; where a cursor leads back, or to a page that can’t be had, comes an error (502, or what that page says) within a bounded number of requests, and never a part of the list or an item twice.',
    family: 'recordings',
    sources: ['M'],
    question: () => fc.constant(undefined),
    async check(cloud) {
      const { recorded } = cloud.abilities
      if (recorded?.pages === undefined) throw new Inconclusive('no list comes in pages')
      await checkPagedSteps(cloud, recorded.pages)
    },
  }),
]

const checkPagedSteps = async (cloud: CloudUnderTest, { flaw, transport, whole }: RecordedPages): Promise<void> => {
  const { traffic, recorded } = cloud.abilities
  if (!transport.isMet) throw new Inconclusive('no list that comes in pages is asked for')
  holdBounded(traffic?.requests ?? [], transport.isEndless)
  const before = await whole()
  for (const [n, { step, answer }] of (recorded?.outcomes ?? []).entries()) {
    const other = before[n]?.answer
    if (other === undefined || (answer.status === other.status && answer.text === other.text)) continue
    const reason = transport.strays.length === 0 ? '' : ` (${transport.strays[0]})`
    hold(
      flaw !== undefined,
      () =>
        `${step.title}: answered with ${answer.status} and something else when its lists come in pages${reason}${differing(other.text, answer.text)}`,
    )
    const right = statusesFor(flaw)
    hold(
      right.includes(answer.status),
      () =>
        `${step.title}: a cursor ${flaw.kind}, and the answer is ${answer.status} with another list, not ${right.join(' or ')}${reason}`,
    )
    holdErrorDocument(answer, 'json', step.title)
    // The steps behind a change that wasn't made find another cloud than was recorded.
    if (step.request.method !== 'GET') return
  }
  hold(transport.strays.length === 0, () => `A page is asked for that no cursor names: ${transport.strays[0]}`)
}

const holdBounded = (requests: readonly SentRequest[], isEndless: boolean): void => {
  hold(!isEndless, 'The provider is asked for the same page without end')
  const often = [...Map.groupBy(requests, ({ command, content }) => `${command} ${content}`).values()].find(
    ({ length }) => length > mostOften,
  )
  hold(often === undefined, () => `${often?.[0]?.operation} is asked ${often?.length} times for one request of a client`)
}

/** A page that's refused may be told as that, or as trouble of the provider. */
const statusesFor = (flaw: PageFlaw): readonly number[] => {
  if (flaw.kind !== 'is lost') return [502]
  if (flaw.status === 503) return [503]
  return [401, 403, 404, 409].includes(flaw.status) ? [flaw.status, 502] : [502]
}

/** Where two documents begin to differ. */
const differing = (before: string, after: string): string => {
  const at = [...before].findIndex((character, n) => character !== after[n])
  const from = Math.max(0, at - 30)
  return at < 0 ? '' : `: …${after.slice(from, from + 80)}…, not …${before.slice(from, from + 80)}…`
}
