/** Reads parameters from a request's body: a form, a multipart form with files, or JSON. Files go to disk, never to memory. */

import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { readBody, type WireRequest } from '../drivers/wire.ts'
import type { Bytes } from '../model/requests.ts'
import { isWithin, type JsonBounds, parameterLimit, tooManyParameters } from './bounds.ts'
import { HttpError } from './errors.ts'
import { shortened } from './excerpts.ts'
import { type Parameters, readForm } from './target.ts'

/** A file part of a multipart form. */
export interface FilePart {
  readonly filename: string | undefined
  readonly contentType: string
  /** Bytes. */
  readonly size: number
  open(): Bytes
}

export interface Form {
  readonly parameters: Parameters
  readonly files: ReadonlyMap<string, FilePart>
  /** Removes the files. */
  discard(): Promise<void>
}

/** What a form may weigh beside its files, in bytes. */
const formLimit = 4 * 1024 * 1024

const emptyForm: Form = { parameters: new Map(), files: new Map(), discard: async () => undefined }

/**
 * The parameters in the body; none where there is no body or it's of a type that carries none.
 * @throws HttpError 400 for a malformed body or too many parameters, 413 for one that is too large, 415 for a type that a form can't be.
 */
export const readParameters = async (request: WireRequest): Promise<Form> => {
  const { body } = request
  if (body === undefined) return emptyForm
  const type = request.header('content-type')?.split(';')[0]?.trim().toLowerCase() ?? ''
  switch (type) {
    case 'application/x-www-form-urlencoded':
      return plainForm(readForm(await readText(body, formLimit), 'The form'))
    case 'application/json':
      return plainForm(readJson(await readText(body, formLimit)))
    case 'multipart/form-data':
      return readMultipart(request, body)
    default: {
      const content = await readText(body, formLimit)
      // A client that posts parameters in the query may name any type for its empty body.
      if (content === '') return emptyForm
      throw new HttpError(415, `A body of type '${shortened(type)}' can't be read; send a form, a multipart form or JSON`)
    }
  }
}

const plainForm = (parameters: Parameters): Form => ({ ...emptyForm, parameters })

/** A body as text. @param limit bytes @throws HttpError 413 for one that is larger */
export const readText = async (body: Bytes | undefined, limit: number): Promise<string> => {
  try {
    return (await readBody(body, limit)).toString('utf8')
  } catch (error) {
    if (error instanceof RangeError) throw new HttpError(413, `The body is larger than ${limit} bytes`)
    throw error
  }
}

/** Each parameter may stand in a list of its own. */
const jsonBounds: JsonBounds = { values: 2 * parameterLimit + 1, members: parameterLimit, depth: 2 }

/** A JSON object of plain values; a list becomes `name1`, `name2`, … */
const readJson = (text: string): Parameters => {
  if (!isWithin(text, jsonBounds)) throw tooManyParameters('The body')
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch (error) {
    // The parser's own words quote the body, and a secret may be there.
    const position = error instanceof Error ? /at position (\d+)/.exec(error.message)?.[1] : undefined
    throw new HttpError(400, `The body is no JSON${position === undefined ? '' : `: it breaks at character ${Number(position) + 1}`}`)
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw new HttpError(400, 'The body must be a JSON object of parameters')
  const found: Parameters = new Map()
  let count = 0
  for (const [name, value] of Object.entries(parsed)) {
    const list: unknown[] = Array.isArray(value) ? value : [value]
    count += Math.max(1, list.length)
    if (count > parameterLimit) throw tooManyParameters('The body')
    if (value === null) continue
    for (const [index, one] of list.entries()) {
      if (typeof one !== 'string' && typeof one !== 'number' && typeof one !== 'boolean') {
        throw new HttpError(400, `The parameter '${shortened(name)}' must be text, a number or true or false`)
      }
      found.set(wellFormed(Array.isArray(value) ? `${name}${index + 1}` : name), wellFormed(String(one)))
    }
  }
  return found
}

/** JSON can spell half of a surrogate pair, which no text in UTF-8 and no address can hold. */
const wellFormed = (text: string): string => text.toWellFormed()

const readMultipart = async (request: WireRequest, body: Bytes): Promise<Form> => {
  const { Busboy } = await import('@fastify/busboy')
  const parameters: Parameters = new Map()
  const files = new Map<string, FilePart>()
  let folder: Promise<string> | undefined
  const discard = async (): Promise<void> => {
    if (folder !== undefined) await rm(await folder, { recursive: true, force: true })
  }
  // The first failure counts: what comes after it follows from it, and a part whose rest never comes would be waited for.
  let failure: unknown
  const broken = new AbortController()
  const fail = (error: unknown): void => {
    failure ??= error
    broken.abort()
  }
  const tooMuch = (message: string): void => fail(new HttpError(413, message))
  const writing: Promise<void>[] = []
  const spool = async (name: string, stream: Readable, filename: string | undefined, contentType: string): Promise<void> => {
    folder ??= mkdtemp(join(tmpdir(), 'deltacloud-form-'))
    const path = join(await folder, randomUUID())
    const file = createWriteStream(path)
    try {
      await pipeline(stream, file, { signal: broken.signal })
    } finally {
      // The folder can't be removed while a file in it may still be made.
      file.destroy()
      if (!file.closed) await once(file, 'close')
    }
    files.set(name, { filename, contentType, size: file.bytesWritten, open: () => createReadStream(path) })
  }
  try {
    const parser = new Busboy({
      headers: { 'content-type': request.header('content-type') ?? '' },
      limits: { fieldSize: formLimit, fields: parameterLimit, files: 20, headerPairs: 100 },
    })
    let size = 0
    parser.on('field', (name, value, _nameCut, valueCut) => {
      size += name.length + value.length
      if (valueCut) tooMuch(`The field '${shortened(name)}' is larger than ${formLimit} bytes`)
      else if (size > formLimit) tooMuch(`The fields of the form are larger than ${formLimit} bytes together`)
      else if (failure === undefined) parameters.set(name, value)
    })
    parser.on('file', (name, stream, filename, _encoding, mimeType) => {
      // A part can break off before there is a file to write it to.
      stream.on('error', fail)
      const unwritten = (error: unknown): void => {
        fail(error)
        // Nobody takes the rest of the part any more, and the parser would wait for that.
        broken.abort()
      }
      writing.push(spool(name, stream, filename, mimeType).catch(unwritten))
    })
    parser.on('fieldsLimit', () => tooMuch('The form has too many fields'))
    parser.on('filesLimit', () => tooMuch('The form has too many files'))
    await pipeline(Readable.from(body, { objectMode: false }), parser, { signal: broken.signal })
  } catch (error) {
    fail(error)
  }
  await Promise.all(writing)
  if (failure === undefined) return { parameters, files, discard }
  await discard()
  if (hasNoRoom(failure)) throw new HttpError(507, 'The server has no space left for the file')
  if (failure instanceof HttpError || isOfSystem(failure)) throw failure
  throw new HttpError(400, `The multipart form is malformed: ${failure instanceof Error ? failure.message : 'it cannot be read'}`)
}

/** Whether nothing more fits: on the disk, into a quota, into one file. */
const hasNoRoom = (error: unknown): boolean =>
  error instanceof Error && ['ENOSPC', 'EDQUOT', 'EFBIG'].includes(String(Reflect.get(error, 'code')))

/** Whether it's the disk that failed, and not the form. */
const isOfSystem = (error: unknown): boolean => error instanceof Error && 'syscall' in error
