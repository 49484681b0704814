/** Blobs as laws store them and look at them: content, type, name and metadata, each in every place where the API shows it. */

import fc from 'fast-check'
import type { Answer } from '../client.ts'
import { type CloudUnderTest, hold } from '../cloud-under-test.ts'
import { isItem, jsonOf, read, readResource, xmlOf } from '../documents/read.ts'
import { findElements } from '../documents/xml.ts'
import { encodeSegment, isSame } from './asking.ts'
import { checkHead, checkLength } from './http.ts'

export interface Metadatum {
  /** As a client spells it. */
  readonly name: string
  readonly value: string
}

export interface Stored {
  readonly id: string
  readonly content: Uint8Array
  /** Undefined where the client says none. */
  readonly type: string | undefined
  readonly metadata: readonly Metadatum[]
}

const plainName = fc.stringMatching(/^[a-z][a-z0-9._-]{0,20}$/)

/** What has been mistaken in an address: for a blank, a separator, an escape, or another letter. */
const odd = [
  ' ',
  '+',
  '%',
  '%20',
  '%2F',
  '%zz',
  '#',
  '?',
  '&',
  '=',
  ';',
  ':',
  '@',
  ',',
  '/',
  '!',
  '$',
  '(',
  ')',
  '*',
  '~',
  "'",
  '"',
  '<',
  '>',
]
const foreign = ['é', 'ü', 'e\u0301', '日本', 'ß', 'ж', '\u{1f600}', 'שלום']

/** Names that every store takes, of what URLs have to encode. */
const oddName = fc
  .tuple(fc.constantFrom('a', 'Z', '0'), fc.array(fc.constantFrom(...odd, ...foreign, 'b', '.', '-'), { minLength: 1, maxLength: 5 }))
  .map(([first, parts]) => `${first}${parts.join('')}x`)

export const blobName = fc.oneof(plainName, oddName)

const types = [
  'text/plain',
  'image/png',
  'image/svg+xml',
  'application/octet-stream',
  'application/json',
  'text/html; charset=utf-8',
  'text/plain;charset=ISO-8859-1',
  'multipart/mixed; boundary="a b"',
  'application/x-www-form-urlencoded',
  'Text/X-Own',
]

/** Headers carry UTF-8; what is at their ends is trimmed on the way. */
const metadataValue = fc.oneof(
  { weight: 4, arbitrary: fc.stringMatching(/^[!-~]{1,20}$/) },
  { weight: 2, arbitrary: fc.constantFrom('', 'a b', 'a  b', '"quoted"', 'a, b; c=d', '100%', '=?UTF-8?B?aGk=?=', 'true', '0') },
  {
    weight: 2,
    arbitrary: fc.array(fc.constantFrom(...foreign, 'a', ' ', '='), { minLength: 1, maxLength: 6 }).map(parts => `x${parts.join('')}x`),
  },
)

/** A name as the API keeps it: in lower case, with `_` for `-` (docs/api.md). */
export const keptName = (name: string): string => name.toLowerCase().replaceAll('-', '_')

export const metadata: fc.Arbitrary<readonly Metadatum[]> = fc.uniqueArray(
  fc.record({ name: fc.stringMatching(/^[A-Za-z][a-z0-9]{0,5}([_-][A-Za-z][a-z0-9]{0,3})?$/), value: metadataValue }),
  { maxLength: 12, selector: ({ name }) => keptName(name) },
)

export const stored: fc.Arbitrary<Stored> = fc.record({
  id: blobName,
  content: fc.oneof(
    { weight: 60, arbitrary: fc.uint8Array({ maxLength: 2000 }) },
    { weight: 1, arbitrary: fc.nat(255).map(byte => new Uint8Array(1_200_000).fill(byte)) },
  ),
  type: fc.option(fc.constantFrom(...types), { nil: undefined, freq: 6 }),
  metadata,
})

export const blobPath = (cloud: CloudUnderTest, bucket: string, id: string): string =>
  `${cloud.root}/buckets/${encodeSegment(bucket)}/${encodeSegment(id)}`

const metadataHeaders = (given: readonly Metadatum[]): Readonly<Record<string, string>> =>
  Object.fromEntries(given.map(({ name, value }) => [`X-Deltacloud-Blobmeta-${name}`, Buffer.from(value, 'utf8').toString('latin1')]))

export const putBlob = (
  cloud: CloudUnderTest,
  bucket: string,
  { id, content, type, metadata: given }: Stored,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> =>
  cloud.ask({
    method: 'PUT',
    target: `${blobPath(cloud, bucket, id)}?format=json`,
    body: content,
    headers: { ...(type === undefined ? {} : { 'Content-Type': type }), ...metadataHeaders(given), ...headers },
  })

/** Stores a blob; the answer is its document. */
export const storeBlob = async (cloud: CloudUnderTest, bucket: string, blob: Stored): Promise<void> => {
  const answer = await putBlob(cloud, bucket, blob)
  hold(answer.status === 200 || answer.status === 201, () => `Storing ${blob.id} is answered with ${answer.status}`)
  hold(read(readResource(answer), 'id') === blob.id, () => `${blob.id} was stored, and is called ${read(readResource(answer), 'id')}`)
}

/** Replaces all metadata. */
export const updateMetadata = (
  cloud: CloudUnderTest,
  bucket: string,
  id: string,
  given: readonly Metadatum[],
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> =>
  cloud.ask({ method: 'POST', target: `${blobPath(cloud, bucket, id)}?format=json`, headers: { ...metadataHeaders(given), ...headers } })

/** A blob is what was stored: its content, both documents, and its headers. */
export const checkStored = async (cloud: CloudUnderTest, bucket: string, blob: Stored): Promise<void> => {
  const path = blobPath(cloud, bucket, blob.id)
  const type = await checkContent(cloud, path, blob)
  const answer = await cloud.ask(`${path}?format=json`)
  hold(answer.status === 200, () => `The blob ${blob.id} is answered with ${answer.status}`)
  const item = readResource(answer)
  hold(
    read(item, 'content_length') === String(blob.content.length),
    () => `${blob.id} has ${blob.content.length} bytes, and says ${read(item, 'content_length')}`,
  )
  const told = read(item, 'content_type') ?? ''
  hold(
    blob.type === undefined ? told === '' || told === type : told === blob.type,
    () => `${blob.id} comes as ${type}, and its document says ${told}`,
  )
  await checkMetadata(cloud, path, blob, isItem(item.user_metadata) ? item.user_metadata : {})
}

/** @returns its type */
const checkContent = async (cloud: CloudUnderTest, path: string, { id, content, type }: Stored): Promise<string> => {
  const whole = await checkHead(cloud, `${path}/content`)
  hold(whole.status === 200, () => `The content of ${id} is answered with ${whole.status}`)
  hold(whole.body.equals(content), () => `Of ${content.length} bytes of ${id} others come back (${whole.body.length})`)
  checkLength(whole, id)
  const shown = whole.headers.get('content-type') ?? ''
  hold(
    type === undefined ? /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+( *;.*)?$/.test(shown) : shown === type,
    () => `${id} was ${type ?? 'of no type'}, and comes back as ${shown}`,
  )
  return shown
}

/** Metadata are just those that were given, as JSON, as XML and in the headers of HEAD. */
const checkMetadata = async (
  cloud: CloudUnderTest,
  path: string,
  { id, metadata: given }: Stored,
  inJson: Readonly<Record<string, unknown>>,
): Promise<void> => {
  const right = sorted(given.map(({ name, value }) => [keptName(name), value] as const))
  const compare = (where: string, shown: Iterable<readonly [string, string]>): void => {
    const found = sorted(shown)
    hold(isSame(found, right), () => `${id} was given ${JSON.stringify(right)}, and ${where} has ${JSON.stringify(found)}`)
  }
  compare(
    'its JSON',
    Object.entries(inJson).map(([key, value]) => [key, String(value)]),
  )
  const xml = xmlOf(await cloud.ask(`${path}?format=xml`))
  compare(
    'its XML',
    findElements(xml, 'user_metadata', 'entry').map(({ attributes, text }) => [attributes.get('key') ?? '', text]),
  )
  for (const target of [path, `${path}/metadata`]) {
    const head = await cloud.ask({ method: 'HEAD', target })
    hold(head.status === 204, () => `HEAD of ${target} is answered with ${head.status}`)
    compare(`HEAD of ${target}`, metadataIn(head))
  }
}

/** The metadata that headers carry. */
export const metadataIn = (answer: Answer): readonly (readonly [string, string])[] =>
  [...answer.headers].flatMap(([name, value]) => {
    const [, key] = /^x-deltacloud-blobmeta-(.+)$/.exec(name) ?? []
    return key === undefined ? [] : [[key, Buffer.from(value, 'latin1').toString('utf8')] as const]
  })

const sorted = (pairs: Iterable<readonly [string, string]>): readonly (readonly [string, string])[] =>
  [...pairs].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))

/** The ids that a bucket's document lists. */
export const listedIn = async (cloud: CloudUnderTest, bucket: string): Promise<readonly string[]> => {
  const document = jsonOf(await cloud.ask(`${cloud.root}/buckets/${encodeSegment(bucket)}?format=json`))
  const [item] = isItem(document) ? Object.values(document) : []
  const blobs: unknown = isItem(item) ? item.blob_list : undefined
  return Array.isArray(blobs) ? blobs.map(blob => read(blob, 'id') ?? '') : []
}
