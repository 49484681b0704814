/** The body of a request to the control API: JSON, YAML or a form as data, or bytes. */

import { Readable } from 'node:stream'
import type { WireRequest } from '../../drivers/wire.ts'
import type { Bytes } from '../../model/requests.ts'
import { type Form, readParameters, readText } from '../body.ts'
import { isWithin, type JsonBounds } from '../bounds.ts'
import { HttpError } from '../errors.ts'
import { shortened } from '../excerpts.ts'
import type { Bodies } from './schemas.ts'

/** What a body of data may weigh, in bytes; a snapshot may weigh anything. */
const dataLimit = 8 * 1024 * 1024

/** The values of some ten thousand resources. */
const jsonBounds: JsonBounds = { values: 500_000, members: 500_000, depth: 100 }

/** Characters. Reading YAML takes a hundred times as long as reading JSON, and nobody else is served meanwhile. */
const yamlLimit = 128 * 1024

/** Characters up to which a key that stands twice is an error: the search for one takes time by the square of their number. */
const uniqueKeysLimit = 16 * 1024

export class ControlBody {
  private readonly wire: WireRequest
  private form: Form | undefined

  constructor(wire: WireRequest) {
    this.wire = wire
  }

  /**
   * What was sent, as data of any form; undefined where nothing was.
   * @throws HttpError 400 for what can't be read, 413 for what is too large, 415 for a type that isn't read.
   */
  async data(): Promise<unknown> {
    const type = this.type()
    if (isForm(type)) {
      const { parameters, files } = await this.read()
      const file = files.get('file')
      if (file === undefined) return Object.fromEntries([...parameters].filter(([, value]) => value !== ''))
      return parsed(await readText(file.open(), dataLimit), 'yaml')
    }
    const content = await readText(this.wire.body, dataLimit)
    if (content === '') return undefined
    if (type.endsWith('json')) return parsed(content, 'json')
    // JSON is YAML, so what says nothing of itself is read as that.
    if (type === '' || type.endsWith('yaml') || type === 'text/plain' || type === 'application/octet-stream') return parsed(content, 'yaml')
    throw new HttpError(415, `A body of type '${shortened(type)}' can't be read; send JSON, YAML or a form`)
  }

  /** What was sent, in the form that an operation takes. @throws HttpError 400 that names what's wrong. */
  async as<Name extends keyof Bodies>(name: Name): Promise<Bodies[Name]> {
    const value = (await this.data()) ?? {}
    const { check } = await import('./schemas.ts')
    const checked = check(name, value)
    if ('read' in checked) return checked.read
    throw new HttpError(400, 'The body is not what this operation takes', { details: checked.wrong.slice(0, 12).join('; ') })
  }

  /** The bytes that were sent, or those of the form's file. */
  async bytes(): Promise<Bytes> {
    if (!isForm(this.type())) return this.wire.body ?? nothing
    const file = (await this.read()).files.get('file')
    if (file === undefined || file.size === 0) throw new HttpError(400, "The form has no file under the name 'file'")
    return file.open()
  }

  /** Removes what was laid down on disk. */
  async discard(): Promise<void> {
    await this.form?.discard()
  }

  private async read(): Promise<Form> {
    this.form ??= await readParameters(this.wire)
    return this.form
  }

  private type(): string {
    return this.wire.header('content-type')?.split(';')[0]?.trim().toLowerCase() ?? ''
  }
}

const isForm = (type: string): boolean => type === 'application/x-www-form-urlencoded' || type === 'multipart/form-data'

const nothing: Bytes = Readable.from([])

const parsed = async (content: string, type: 'json' | 'yaml'): Promise<unknown> => {
  // JSON is YAML, too, and needs not be read as such where it's large.
  const language = type === 'yaml' && content.length > yamlLimit && /^\s*[[{]/.test(content) ? 'json' : type
  if (language === 'yaml' && content.length > yamlLimit)
    throw new HttpError(413, `YAML may have up to ${yamlLimit} characters; send what is larger as JSON`)
  if (language === 'json' && !isWithin(content, jsonBounds))
    throw new HttpError(413, `The body has more than ${jsonBounds.values} values, or more than ${jsonBounds.depth} levels`)
  try {
    if (language === 'json') return JSON.parse(content)
    return await readYaml(content)
  } catch (error) {
    if (error instanceof HttpError) throw error
    const why = error instanceof Error ? error.message.split('\n')[0] : 'it cannot be parsed'
    throw new HttpError(400, `The body is no ${language === 'json' ? 'JSON' : 'YAML or JSON'}: ${why}`)
  }
}

/** Each alias makes the parser go through all that stands before it. */
const aliasLimit = 500

/** @throws Error that says what is wrong and where; HttpError 413 for too many aliases */
const readYaml = async (content: string): Promise<unknown> => {
  const aliases = content.match(/(?<![^\s[{,:])\*[^\s,\]}]/g)?.length ?? 0
  if (aliases > aliasLimit) throw new HttpError(413, `YAML may have up to ${aliasLimit} aliases (*name)`)
  const { LineCounter, parseDocument } = await import('yaml')
  const lineCounter = new LineCounter()
  // Errors aren't made pretty: of tens of thousands each would go through the text once more. Warnings would go to the server's log.
  const document = parseDocument(content, {
    lineCounter,
    logLevel: 'error',
    prettyErrors: false,
    uniqueKeys: content.length <= uniqueKeysLimit,
  })
  const [flaw] = document.errors
  if (flaw === undefined) return document.toJS()
  const { line, col } = lineCounter.linePos(flaw.pos[0])
  throw new Error(`${flaw.message} at line ${line}, column ${col}`)
}
