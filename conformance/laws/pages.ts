/** Law R5: lists that a provider gives in pages are whole. */

import fc from 'fast-check'
import type { Offer } from '../../src/drivers/driver.ts'
import type { Answer } from '../client.ts'
import { type CloudUnderTest, hold, Inconclusive, type RecordedPages } from '../cloud-under-test.ts'
import { read, readResource } from '../documents/read.ts'
import { type Commands, commands, creation, follow } from '../generators/commands.ts'
import { markerText, type PageFlaw } from '../mutations/pages.ts'
import { shapesOf } from '../mutations/shapes.ts'
import type { SentRequest } from '../traffic.ts'
import { encodeSegment, pickNth } from './asking.ts'
import { holdErrorDocument } from './errors.ts'
import { type Law, law } from './law.ts'

/** So often a request of a client may ask for the same page: lists are asked for by several operations, and failed requests are repeated. */
const mostOften = 20

/** Each is the place at which a page may begin. */
const blobNames = fc.uniqueArray(markerText, { minLength: 2, maxLength: 5 })

export const pageLaws: readonly Law[] = [
  law({
    id: 'R5',
    title: 'whole lists',
    says: 'A list that its provider gives in pages is the same as in one; where a cursor leads back, or to a page that can’t be had, comes an error (502, or what that page says) within a bounded number of requests, and never a part of the list or an item twice.',
    family: 'recordings',
    sources: ['M', 'T'],
    missing({ source, subject }) {
      if (source === 'T' && subject.harness.roundTrip === undefined) return 'there is no protocol between, which could have pages'
      const hasCursors = shapesOf(subject.harness)?.operations.some(({ cursor }) => cursor !== undefined) ?? false
      return source === 'M' && !hasCursors ? 'the shapes have no cursor' : undefined
    },
    question: setting =>
      setting.source === 'M'
        ? fc.constant(undefined)
        : fc.record({
            history: commands(setting, { maxLength: 2 }),
            stock: stockOf(setting.offer),
            collection: fc.nat(99),
            names: blobNames,
          }),
    async check(cloud, question) {
      const { recorded } = cloud.abilities
      if (question !== undefined) return checkPagedLists(cloud, question)
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

/** Several of a collection: worlds have few of what isn't there from the start. */
const stockOf = (offer: Offer): fc.Arbitrary<Stock> => {
  const creatable = Object.entries(offer.operations).flatMap(([name, table]) =>
    'create' in table && name !== 'buckets' && name !== 'blobs' ? [name] : [],
  )
  return fc.constantFrom(undefined, ...creatable).chain((collection): fc.Arbitrary<Stock> => {
    if (collection === undefined) return fc.constant({ collection, creations: [] })
    return fc.array(creation(offer, collection), { minLength: 3, maxLength: 4 }).map(creations => ({ collection, creations }))
  })
}

interface Stock {
  readonly collection: string | undefined
  readonly creations: Commands
}

interface Question {
  readonly history: Commands
  readonly stock: Stock
  readonly collection: number
  readonly names: readonly string[]
}

/** Lists of a provider that has fewer items in a page than the cloud has. */
const checkPagedLists = async (cloud: CloudUnderTest, { history, stock, collection: n, names }: Question): Promise<void> => {
  const { inOnePage, traffic } = cloud.abilities
  if (inOnePage === undefined || traffic === undefined) throw new Inconclusive('the provider’s pages have one size')
  await follow(cloud, [...history, ...stock.creations])
  const stored = n % 3 === 0 && cloud.offers('buckets', 'create') && cloud.offers('blobs', 'create') ? await storeBlobs(cloud, names) : []
  const some = new Set([0, 1, 2, 3].flatMap(more => pickNth(cloud.collections, n + more) ?? []))
  const targets = stored.length > 0 ? ['buckets', ...stored] : [...(stock.collection === undefined ? [] : [stock.collection]), ...some]
  const asked = async (target: string): Promise<{ readonly answer: Answer; readonly sent: readonly SentRequest[] }> => {
    const before = traffic.requests.length
    const answer = await cloud.ask(`${cloud.root}/${target}?format=json`)
    return { answer, sent: traffic.requests.slice(before) }
  }
  let pages = 0
  for (const target of targets) {
    const parts = await asked(target)
    const whole = await inOnePage(() => asked(target))
    holdBounded(parts.sent, false)
    hold(
      parts.answer.status === whole.answer.status && parts.answer.text === whole.answer.text,
      () =>
        `${target} in pages is answered with ${parts.answer.status}, in one page with ${whole.answer.status}${differing(whole.answer.text, parts.answer.text)}`,
    )
    pages += parts.sent.length - whole.sent.length
  }
  if (pages <= 0) throw new Inconclusive('the lists have one page')
}

/** Buckets, one of them with blobs of these names. @returns its address; none where the cloud takes no bucket */
const storeBlobs = async (cloud: CloudUnderTest, names: readonly string[]): Promise<readonly string[]> => {
  const made: Answer[] = []
  for (const name of ['pages1', 'pages2', 'pages3'])
    made.push(await cloud.ask({ method: 'POST', target: `${cloud.root}/buckets?format=json`, form: { name } }))
  const [first] = made
  if (first === undefined || made.some(({ status }) => status >= 400)) return []
  const bucket = `buckets/${encodeSegment(read(readResource(first), 'id') ?? '')}`
  for (const name of names) {
    const target = `${cloud.root}/${bucket}/${encodeSegment(name)}?format=json`
    const { status } = await cloud.ask({ method: 'PUT', target, body: Buffer.from('x'), headers: { 'Content-Type': 'text/plain' } })
    hold(status === 200 || status === 201, () => `Storing ${JSON.stringify(name)} is answered with ${status}`)
  }
  return [bucket]
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
