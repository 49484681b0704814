/** T2 and D1 reject servers and drivers that get HTTP wrong: ranges, conditions, HEAD, lengths, types, metadata, and contents held whole. */

import t from 'tap'
import { checkLaw } from '../../../conformance/check.ts'
import type { Answer, Sent } from '../../../conformance/client.ts'
import { type Harness, subjectsOf } from '../../../conformance/harness.ts'
import { harness as openstackHarness } from '../../../conformance/harnesses/openstack.ts'
import { laws } from '../../../conformance/laws/index.ts'
import type { LawResult } from '../../../conformance/results.ts'
import { openRoundTrip } from '../../../conformance/sources/round-trip.ts'
import type { Operations } from '../../../src/drivers/driver.ts'
import { openstack } from '../../../src/drivers/openstack/index.ts'
import type { AnyDriver } from '../../../src/drivers/registry.ts'
import { readBody } from '../../../src/drivers/wire.ts'
import type { Bytes, Download } from '../../../src/model/requests.ts'
import { type Judging, judge, only, sound, withOperations } from './support.ts'

t.setTimeout(0)

type Blobs = NonNullable<Operations<unknown>['blobs']>

const withBlobs = (change: (table: Blobs) => Partial<Blobs>): Harness =>
  withOperations(operations =>
    operations.blobs === undefined ? operations : { ...operations, blobs: { ...operations.blobs, ...change(operations.blobs) } },
  )

/** A server whose answers are changed on their way. */
const answering = (change: (answer: Answer, request: Sent) => Partial<Pick<Answer, 'status' | 'headers' | 'body'>>): Judging => ({
  through: send => async (request, world) => {
    const answer = await send(request, world)
    const { status, headers, body } = { ...answer, ...change(answer, request) }
    return { status, headers, body, text: body.toString('utf8') }
  },
})

/** A server that is asked without some headers. */
const without = (...names: readonly string[]): Judging => ({
  through: send => (request, world) =>
    send({ ...request, headers: request.headers.filter(([name]) => !names.includes(name.toLowerCase())) }, world),
})

const withHeader = ({ headers }: Answer, name: string, change: (value: string) => string | undefined) => {
  const value = headers.get(name)
  if (value === undefined) return {}
  const changed = change(value)
  const others = [...headers].filter(([other]) => other !== name)
  return { headers: new Map(changed === undefined ? others : [...others, [name, changed] as const]) }
}

const sent = ({ headers }: Sent, name: string): string | undefined => headers.find(([other]) => other.toLowerCase() === name)?.[1]

const readsOf = (change: (download: Download, range: Parameters<NonNullable<Blobs['read']>>[3]['range']) => Promise<Download>): Harness =>
  withBlobs(table => ({
    read: async (session, bucket, id, options) => {
      const download = await table.read?.(session, bucket, id, options)
      if (download === undefined) throw new TypeError('The mock driver reads blobs')
      return change(download, options.range)
    },
  }))

async function* onePiece(content: Bytes | Uint8Array): AsyncGenerator<Uint8Array> {
  yield await readBody(content)
}

interface Trial {
  readonly name: string
  readonly harness?: Harness
  readonly options?: Judging
  /** What the counterexample must say. */
  readonly says: RegExp
}

const isBlob = ({ target }: Sent): boolean => /\/buckets\/[^/]+\/[^/?]+/.test(target)

const trials: Readonly<Record<'T2' | 'D1', readonly Trial[]>> = {
  T2: [
    {
      name: 'a range with a byte too much',
      harness: readsOf(async (download, range) =>
        range?.first === undefined || download.range === undefined
          ? download
          : { ...download, content: onePiece(Buffer.concat([await readBody(download.content), Buffer.from('x')])) },
      ),
      says: /of \d+ bytes is \d+ bytes from|and other bytes/,
    },
    {
      name: 'the end of a content taken for its beginning',
      harness: withBlobs(table => ({
        read: async (session, bucket, id, { range, ...rest }) =>
          (await table.read?.(session, bucket, id, {
            ...rest,
            ...(range === undefined ? {} : { range: range.first === undefined ? { first: 0, last: Math.max(0, range.last - 1) } : range }),
          })) as Download,
      })),
      says: /bytes=-/,
    },
    {
      name: 'a Content-Range of another part',
      options: answering(answer =>
        withHeader(answer, 'content-range', value => value.replace(/-(\d+)/, (_, last) => `-${Number(last) + 1}`)),
      ),
      says: /comes with Content-Range/,
    },
    {
      name: 'a refused range that tells no length',
      options: answering(answer => (answer.status === 416 ? withHeader(answer, 'content-range', () => undefined) : {})),
      says: /is refused with Content-Range undefined/,
    },
    {
      name: 'a range behind the end that’s answered with all',
      options: {
        through: send => async (request, world) => {
          const answer = await send(request, world)
          return answer.status === 416 ? send({ ...request, headers: request.headers.filter(([name]) => name !== 'Range') }, world) : answer
        },
      },
      says: /not 416/,
    },
    { name: 'ranges that are ignored', options: without('range'), says: /is answered with 200, not 206/ },
    { name: 'If-Range ignored', options: without('if-range'), says: /If-Range/ },
    { name: 'If-Match ignored', options: without('if-match'), says: /If-Match/ },
    { name: 'If-None-Match ignored', options: without('if-none-match'), says: /If-None-Match/ },
    {
      name: 'a tag in two pairs of quotes',
      options: answering(answer => withHeader(answer, 'etag', value => `"${value}"`)),
      says: /ETag .* is none/,
    },
    {
      name: 'contents that all have one tag',
      options: answering((answer, request) => (isBlob(request) ? withHeader(answer, 'etag', () => '"same"') : {})),
      says: /is answered with|the ETag/,
    },
    {
      name: 'whoever knows any tag told that nothing has changed',
      options: answering((answer, request) =>
        answer.status === 200 && request.method === 'GET' && sent(request, 'if-none-match') !== undefined
          ? { status: 304, body: Buffer.alloc(0) }
          : {},
      ),
      says: /is answered with 304, not 200|answered with 304 and the ETag/,
    },
    {
      name: 'changes whose conditions aren’t judged',
      options: {
        through: send => (request, world) =>
          send(
            request.method === 'PUT' || request.method === 'DELETE'
              ? { ...request, headers: request.headers.filter(([name]) => !/^if-/i.test(name)) }
              : request,
            world,
          ),
      },
      says: /(PUT|DELETE) with .* is answered with 20., not 412/,
    },
    {
      name: 'a HEAD without the type',
      options: answering((answer, request) => (request.method === 'HEAD' ? withHeader(answer, 'content-type', () => undefined) : {})),
      says: /has content-type undefined by HEAD/,
    },
    {
      name: 'a HEAD that finds what isn’t there',
      options: answering((answer, request) => (request.method === 'HEAD' && answer.status === 404 ? { status: 200 } : {})),
      says: /HEAD of .* is answered with 200, and GET with 404/,
    },
    {
      name: 'no Content-Length',
      options: answering((answer, request) =>
        /\/content$/.test(request.target) ? withHeader(answer, 'content-length', () => undefined) : {},
      ),
      says: /with Content-Length undefined/,
    },
    {
      name: 'types without their parameters',
      options: answering((answer, request) =>
        /\/content$/.test(request.target) ? withHeader(answer, 'content-type', value => value.split(';')[0]) : {},
      ),
      says: /comes back as/,
    },
    {
      name: 'empty metadata that are lost',
      harness: withBlobs(table => ({
        create: async (session, bucket, id, upload) => {
          const metadata = Object.fromEntries(Object.entries(upload.metadata).filter(([, value]) => value !== ''))
          return (await table.create?.(session, bucket, id, { ...upload, metadata })) as never
        },
      })),
      says: /was given/,
    },
    {
      name: 'metadata that are added to those before',
      harness: withBlobs(table => ({
        updateMetadata: async (session, bucket, id, metadata) => {
          const before = await table.get(session, bucket, id)
          return (await table.updateMetadata?.(session, bucket, id, { ...before?.userMetadata, ...metadata })) as never
        },
      })),
      says: /is given \d+ metadata, and the answer has|was given/,
    },
    {
      name: 'metadata that are replaced by plain names only',
      harness: withBlobs(table => ({
        updateMetadata: async (session, bucket, id, metadata) =>
          (await table.updateMetadata?.(session, bucket, /^[\w.-]+$/.test(id) ? id : encodeURIComponent(id), metadata)) as never,
      })),
      says: /Replacing the metadata of .* is answered with|POST on a condition/,
    },
    {
      name: 'blobs of odd names that aren’t listed',
      options: answering((answer, { target }) =>
        /^\/api\/buckets\/[^/?]+\?/.test(target)
          ? { body: Buffer.from(answer.text.replace(/\{[^{}]*"id":"[^"]*[+%][^"]*"[^{}]*\},?/g, '').replace(',]', ']')) }
          : {},
      ),
      says: /The bucket lists/,
    },
    {
      name: 'a large content in one piece',
      harness: readsOf(async download => ({ ...download, content: onePiece(download.content) })),
      says: /come in one piece/,
    },
  ],
  D1: [
    {
      name: 'a HEAD that finds what isn’t there',
      options: answering((answer, request) => (request.method === 'HEAD' && answer.status === 404 ? { status: 200 } : {})),
      says: /HEAD of .* is answered with 200, and GET with 404/,
    },
    {
      name: 'a HEAD that anybody may ask',
      options: answering((answer, request) => (request.method === 'HEAD' && answer.status === 401 ? { status: 204 } : {})),
      says: /HEAD of .* is answered with 204, and GET with 401/,
    },
    {
      name: 'a HEAD with a body',
      options: answering((_, request) => (request.method === 'HEAD' ? { body: Buffer.from('{}') } : {})),
      says: /is answered with a body/,
    },
    { name: 'documents without a tag', options: answering(answer => withHeader(answer, 'etag', () => undefined)), says: /has no ETag/ },
    { name: 'If-None-Match ignored', options: without('if-none-match'), says: /If-None-Match.* is answered with 200, not 304/ },
    { name: 'If-Match ignored', options: without('if-match'), says: /If-Match.* is answered with 200, not 412/ },
    {
      name: 'a document sent with 304',
      options: answering(answer => (answer.status === 304 ? { body: Buffer.from('{}') } : {})),
      says: /answered with 304 and a body/,
    },
    {
      name: 'whoever knows any tag told that nothing has changed',
      options: answering((answer, request) =>
        answer.status === 200 && sent(request, 'if-none-match') !== undefined ? { status: 304, body: Buffer.alloc(0) } : {},
      ),
      says: /is answered with 304, not 200/,
    },
    {
      name: 'a list of tags of which the first counts',
      options: {
        through: send => (request, world) =>
          send(
            {
              ...request,
              headers: request.headers.map(([name, value]) =>
                /^if-none-match$/i.test(name) ? [name, value.split(',')[0] ?? ''] : [name, value],
              ),
            },
            world,
          ),
      },
      says: /is answered with 200, not 304/,
    },
  ],
}

for (const [id, all] of Object.entries(trials)) {
  for (const { name, harness = sound, options = {}, says } of all)
    t.test(`${id} rejects ${name}`, async t => {
      const { outcome, counterexample } = await judge(id, harness, options)
      t.equal(outcome, 'broken')
      t.match(counterexample?.message, says)
    })
  t.test(`${id} passes what is right`, async t => {
    const result = await judge(id, only('buckets', 'blobs', 'keys'))
    t.match(result, { outcome: 'holds', counterexample: undefined })
    t.ok(result.cases > 90, `${result.cases} cases`)
  })
}

/** What T2 says of a driver of OpenStack before a frontend of it. */
const judgeRoundTrip = async (change: (table: Blobs) => Partial<Blobs>): Promise<LawResult> => {
  const own = openstack as AnyDriver
  const driver: AnyDriver = {
    ...own,
    offer(provider) {
      const offer = own.offer(provider)
      const blobs = offer?.operations.blobs
      return offer === undefined || blobs === undefined
        ? offer
        : { ...offer, operations: { ...offer.operations, blobs: { ...blobs, ...change(blobs) } } }
    },
  }
  const law = laws.find(one => one.id === 'T2')
  const [subject] = subjectsOf('openstack', { ...openstackHarness, driver })
  if (law === undefined || subject === undefined) throw new TypeError('There is no law T2')
  await using source = await openRoundTrip(subject)
  const setting = { subject, driver: source.driver, offer: source.offer, source: source.kind, recordings: [] }
  return await checkLaw({ law, setting, source, runs: 100, seed: 1, command: replay => `--replay ${replay}` })
}

t.test('T2 rejects a driver that reads a content whole before it passes any on', async t => {
  const { outcome, counterexample } = await judgeRoundTrip(table => ({
    read: async (session, bucket, id, options) => {
      const download = await table.read?.(session, bucket, id, options)
      if (download === undefined) throw new TypeError('The driver reads blobs')
      const content = await readBody(download.content)
      return { ...download, content: pieces(content) }
    },
  }))
  t.equal(outcome, 'broken')
  t.match(counterexample?.message, /bytes that are read the driver holds/)
})

t.test('T2 rejects a driver that waits for a whole content before it sends any', async t => {
  const { outcome, counterexample } = await judgeRoundTrip(table => ({
    create: async (session, bucket, id, upload) =>
      (await table.create?.(session, bucket, id, { ...upload, content: pieces(await readBody(upload.content)) })) as never,
  }))
  t.equal(outcome, 'broken')
  t.match(counterexample?.message, /bytes that are stored the driver holds/)
})

t.test('T2 passes a driver that lets contents pass', async t => {
  const result = await judgeRoundTrip(() => ({}))
  t.match(result, { outcome: 'holds', counterexample: undefined })
  t.ok(result.cases > 90, `${result.cases} cases`)
})

async function* pieces(content: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < content.length; at += 65_536) yield content.subarray(at, at + 65_536)
}
