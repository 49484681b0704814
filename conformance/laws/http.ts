/** What HTTP says of an answer, whatever it's about (RFC 9110): HEAD, entity tags and conditions, ranges. */

import fc from 'fast-check'
import type { Answer } from '../client.ts'
import { type CloudUnderTest, hold } from '../cloud-under-test.ts'

type HeaderList = Readonly<Record<string, string>>

/** Headers that aren't of what is answered, but of the moment or the way. */
const passing: ReadonlySet<string> = new Set([
  'date',
  'age',
  'via',
  'connection',
  'keep-alive',
  'transfer-encoding',
  'x-backend-runtime',
  'retry-after',
])

/** HEAD is answered as GET, without the body (section 9.3.2). @param login null for nobody */
export const checkHead = async (cloud: CloudUnderTest, target: string, login?: null): Promise<Answer> => {
  const who = login === undefined ? {} : { login }
  const got = await cloud.ask({ target, ...who })
  const head = await cloud.ask({ method: 'HEAD', target, ...who })
  hold(head.status === got.status, () => `HEAD of ${target} is answered with ${head.status}, and GET with ${got.status}`)
  hold(head.body.length === 0, () => `HEAD of ${target} is answered with a body`)
  const length = got.headers.get('content-length')
  hold(
    length === undefined || length === String(got.body.length),
    () => `${target} is answered with ${got.body.length} bytes, and announces ${length}`,
  )
  for (const name of new Set([...got.headers.keys(), ...head.headers.keys()])) {
    // A length needn't be told to HEAD.
    if (passing.has(name) || (name === 'content-length' && !head.headers.has(name))) continue
    hold(
      head.headers.get(name) === got.headers.get(name),
      () => `${target} has ${name} ${head.headers.get(name)} by HEAD, and ${got.headers.get(name)} by GET`,
    )
  }
  return got
}

/** Section 8.8.3. */
const tagForm = /^(W\/)?"[\x21\x23-\x7e\x80-\xff]*"$/

/** The entity tag of an answer; undefined where it has none. */
export const tagOf = (answer: Answer): string | undefined => {
  const tag = answer.headers.get('etag')
  hold(tag === undefined || tagForm.test(tag), () => `The ETag ${tag} is none: it stands in quotes, which it doesn’t hold`)
  return tag
}

interface Conditional {
  readonly headers: (tag: string) => HeaderList
  /** What GET is answered with, where it would be 200. */
  readonly status: 200 | 304 | 412
  /** It's true of strong tags only. */
  readonly strong?: true
}

const inner = (tag: string): string => tag.replace(/^(?:W\/)?"(.*)"$/, '$1')

/** Conditions of a GET (sections 13.1.1, 13.1.2 and 13.2.2); what is asked for exists, and has that tag. */
const conditionals: readonly Conditional[] = [
  { headers: tag => ({ 'If-None-Match': tag }), status: 304 },
  { headers: tag => ({ 'If-None-Match': `W/"${inner(tag)}"` }), status: 304 },
  { headers: tag => ({ 'If-None-Match': `"of another", ${tag}` }), status: 304 },
  { headers: tag => ({ 'If-None-Match': `W/"x,y",${tag} , "z"` }), status: 304 },
  { headers: () => ({ 'If-None-Match': '*' }), status: 304 },
  { headers: () => ({ 'If-None-Match': '"of another"' }), status: 200 },
  { headers: tag => ({ 'If-None-Match': `"x${inner(tag)}", "${inner(tag)}x"` }), status: 200 },
  { headers: tag => ({ 'If-None-Match': `"x,${inner(tag)},y"` }), status: 200 },
  { headers: tag => ({ 'If-Match': tag }), status: 200, strong: true },
  { headers: tag => ({ 'If-Match': `"of another", ${tag}` }), status: 200, strong: true },
  { headers: () => ({ 'If-Match': '*' }), status: 200 },
  { headers: () => ({ 'If-Match': '"of another"' }), status: 412 },
  { headers: tag => ({ 'If-Match': `W/"${inner(tag)}"` }), status: 412 },
  { headers: tag => ({ 'If-Match': tag, 'If-None-Match': tag }), status: 304, strong: true },
  { headers: tag => ({ 'If-Match': '"of another"', 'If-None-Match': tag }), status: 412 },
]

/** Chooses some conditions, before it's known what tag they are about. */
export const someConditions: fc.Arbitrary<readonly number[]> = fc.uniqueArray(fc.nat(conditionals.length - 1), {
  minLength: 1,
  maxLength: 4,
})

/**
 * A client that has what is there gets it no second time, and one that wants it unchanged gets nothing else.
 * @param method GET, or HEAD, which is answered alike
 */
export const checkConditions = async (
  cloud: CloudUnderTest,
  target: string,
  chosen: readonly number[],
  method: 'GET' | 'HEAD' = 'GET',
): Promise<void> => {
  const first = await cloud.ask({ method, target })
  hold(first.status === 200, () => `${method} of ${target} is answered with ${first.status}`)
  const tag = tagOf(first)
  if (tag === undefined) return
  for (const n of chosen) {
    const conditional = conditionals[n]
    if (conditional === undefined || (conditional.strong === true && tag.startsWith('W/'))) continue
    const headers = conditional.headers(tag)
    const answer = await cloud.ask({ method, target, headers })
    const now = tagOf(answer)
    // A document that has changed meanwhile answers for itself.
    if (answer.status === 200 && now !== tag) continue
    const said = `${method} of ${target}, which has the ETag ${tag}, with ${JSON.stringify(headers)} is answered with ${answer.status}`
    hold(answer.status === conditional.status, () => `${said}, not ${conditional.status}`)
    if (answer.status === 304) {
      hold(answer.body.length === 0, () => `${said} and a body`)
      hold(now === tag, () => `${said} and the ETag ${now}`)
    }
    if (answer.status === 200 && method === 'GET') hold(answer.body.equals(first.body), () => `${said} and other bytes`)
  }
}

/** What `Range` asks for. */
export type Range =
  | { readonly kind: 'part'; readonly first: number; readonly last?: number | undefined }
  | { readonly kind: 'suffix'; readonly length: number }
  /** What a server that serves one range at a time takes for none: several, other units, and what can't be read. */
  | { readonly kind: 'other'; readonly text: string }

const unreadable = [
  'bytes=',
  'bytes=-',
  'bytes=a-b',
  'bytes 0-1',
  'lines=0-1',
  '0-1',
  'bytes=0-1-2',
  'bytes=--1',
  'bytes=0x0-1',
  'bytes=1.0-2',
]

/** Behind the end of any content. */
const farBehind = fc.constantFrom(10 ** 9, 10 ** 15, 2 ** 70)

/** Ranges of a content of that many bytes: inside, at both ends, and behind. */
export const rangesOf = (size: number): fc.Arbitrary<Range> => {
  const position = fc.nat(size + 2)
  return fc.oneof(
    {
      weight: 6,
      arbitrary: fc
        .tuple(
          position,
          fc.option(fc.oneof({ weight: 4, arbitrary: fc.nat(size) }, { weight: 1, arbitrary: farBehind }), { nil: undefined }),
        )
        .map(([first, more]): Range => ({ kind: 'part', first, last: more === undefined ? undefined : first + more })),
    },
    { weight: 1, arbitrary: farBehind.map((first): Range => ({ kind: 'part', first })) },
    {
      weight: 3,
      arbitrary: fc
        .oneof({ weight: 4, arbitrary: position }, { weight: 1, arbitrary: farBehind })
        .map((length): Range => ({ kind: 'suffix', length })),
    },
    {
      weight: 2,
      arbitrary: fc
        .oneof(
          fc.constantFrom(...unreadable),
          fc.tuple(position, position, position).map(([a, b, c]) => `bytes=${a}-${a + b},${c}-${c}`),
          fc.tuple(position, position).map(([a, b]) => `bytes=${a + b + 1}-${a}`),
        )
        .map((text): Range => ({ kind: 'other', text })),
    },
  )
}

const headerOf = (range: Range): string => {
  if (range.kind === 'other') return range.text
  const digits = (n: number): string => BigInt(n).toString()
  return range.kind === 'suffix'
    ? `bytes=-${digits(range.length)}`
    : `bytes=${digits(range.first)}-${range.last === undefined ? '' : digits(range.last)}`
}

/** The part of a content (section 14.1.2): first and last byte; `none` where it has no such part, `whole` where the header asks for none. */
const partOf = (range: Range, size: number): { readonly first: number; readonly last: number } | 'none' | 'whole' => {
  if (range.kind === 'other') return 'whole'
  if (range.kind === 'suffix')
    return range.length === 0 || size === 0 ? 'none' : { first: Math.max(0, size - range.length), last: size - 1 }
  return range.first >= size ? 'none' : { first: range.first, last: Math.min(range.last ?? size - 1, size - 1) }
}

/** A part of a content is just that part, and said to be (section 14); what isn't there is refused, and what can't be read asks for nothing. */
export const checkRange = async (cloud: CloudUnderTest, target: string, content: Uint8Array, range: Range): Promise<void> => {
  const headers = { Range: headerOf(range) }
  const answer = await cloud.ask({ target, headers })
  const of = `${headers.Range} of ${content.length} bytes`
  const part = partOf(range, content.length)
  // The end of nothing may be nothing (section 14.1.2), or no part.
  if (range.kind === 'suffix' && range.length > 0 && content.length === 0 && answer.status === 200) return checkWhole(answer, content, of)
  if (part === 'none') {
    hold(answer.status === 416, () => `${of} is answered with ${answer.status}, not 416`)
    const said = answer.headers.get('content-range')
    hold(said === `bytes */${content.length}`, () => `${of} is refused with Content-Range ${said}`)
    return
  }
  if (part === 'whole') return checkWhole(answer, content, of)
  hold(answer.status === 206, () => `${of} is answered with ${answer.status}, not 206`)
  const expected = Buffer.from(content).subarray(part.first, part.last + 1)
  hold(
    answer.body.equals(expected),
    () => `${of} is ${expected.length} bytes from ${part.first} on: ${expected.toString('hex')}, and not ${answer.body.toString('hex')}`,
  )
  const said = answer.headers.get('content-range')
  const right = `bytes ${part.first}-${part.last}/${content.length}`
  hold(said === right, () => `${of} comes with Content-Range ${said}, not ${right}`)
  checkLength(answer, of)
}

const checkWhole = (answer: Answer, content: Uint8Array, of: string): void => {
  hold(answer.status === 200, () => `${of} is answered with ${answer.status}, not 200`)
  hold(answer.body.equals(content), () => `${of} is all of it, and other bytes come: ${answer.body.toString('hex')}`)
  hold(answer.headers.get('content-range') === undefined, () => `${of} is all of it, and comes with Content-Range`)
  checkLength(answer, of)
}

/** Content is announced with its length. */
export const checkLength = (answer: Answer, of: string): void => {
  const length = answer.headers.get('content-length')
  hold(length === String(answer.body.length), () => `${of} comes as ${answer.body.length} bytes with Content-Length ${length}`)
}

/** Ranges together with conditions (sections 13.1.5 and 13.2.2), of a content of at least two bytes that has a strong tag. */
export const checkConditionalRange = async (cloud: CloudUnderTest, target: string, content: Uint8Array, chosen: number): Promise<void> => {
  const tag = tagOf(await cloud.ask(target))
  if (tag === undefined || tag.startsWith('W/') || content.length < 2) return
  const beyond = `bytes=${content.length}-`
  const variants: readonly (readonly [headers: HeaderList, status: number])[] = [
    [{ Range: 'bytes=1-', 'If-Range': tag }, 206],
    [{ Range: 'bytes=1-', 'If-Range': '"of another"' }, 200],
    [{ Range: 'bytes=1-', 'If-Range': `W/${tag}` }, 200],
    [{ Range: 'bytes=1-', 'If-Match': tag }, 206],
    [{ Range: 'bytes=1-', 'If-None-Match': tag }, 304],
    [{ Range: 'bytes=1-', 'If-None-Match': '"of another"' }, 206],
    [{ Range: 'bytes=1-', 'If-Match': '"of another"' }, 412],
    [{ Range: beyond, 'If-Range': '"of another"' }, 200],
    [{ Range: beyond, 'If-Range': tag }, 416],
    [{ Range: beyond, 'If-None-Match': tag }, 304],
    [{ Range: beyond, 'If-Match': '"of another"' }, 412],
  ]
  const [headers, status] = variants[chosen % variants.length] ?? [{}, 200]
  const answer = await cloud.ask({ target, headers })
  const said = `${JSON.stringify(headers)} of ${content.length} bytes with the ETag ${tag} is answered with ${answer.status}`
  hold(answer.status === status, () => `${said}, not ${status}`)
  if (status === 200 || status === 206)
    hold(answer.body.equals(Buffer.from(content).subarray(status === 200 ? 0 : 1)), () => `${said} and other bytes`)
  // HEAD knows no ranges (section 14.2).
  const head = await cloud.ask({ method: 'HEAD', target, headers: { Range: 'bytes=0-0' } })
  hold(head.status === 200, () => `HEAD with a Range is answered with ${head.status}, not 200`)
}
