/** The body of a request to the control API: JSON, YAML or a form as data, or bytes. */

import { Readable } from 'node:stream'
import { readBody, type WireRequest } from '../../drivers/wire.ts'
import type { Bytes } from '../../model/requests.ts'
import { type Form, readParameters } from '../body.ts'
import { HttpError } from '../errors.ts'
import type { Bodies } from './schemas.ts'

/** What a body of data may weigh, in bytes; a snapshot may weigh anything. */
const dataLimit = 64 * 1024 * 1024

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
      return parsed(await text(file.open()), 'yaml')
    }
    const content = await text(this.wire.body)
    if (content === '') return undefined
    if (type.endsWith('json')) return parsed(content, 'json')
    // JSON is YAML, so what says nothing of itself is read as that.
    if (type === '' || type.endsWith('yaml') || type === 'text/plain' || type === 'application/octet-stream') return parsed(content, 'yaml')
    throw new HttpError(415, `A body of type '${type}' can't be read; send JSON, YAML or a form`)
  }

  /** What was sent, in the form that an operation takes. @throws HttpError 400 that names what's wrong. */
  async as<Name extends keyof Bodies>(name: Name): Promise<Bodies[Name]> {
    const value = (await this.data()) ?? {}
    const { check } = await import('./schemas.ts')
    const checked = check(name, value)
    if ('read' in checked) return checked.read
    throw new HttpError(400, 'The body is not what this operation takes', { details: checked.wrong.join('; ') })
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

const text = async (body: Bytes | undefined): Promise<string> => {
  try {
    return (await readBody(body, dataLimit)).toString('utf8')
  } catch (error) {
    if (error instanceof RangeError) throw new HttpError(413, `The body is larger than ${dataLimit} bytes`)
    throw error
  }
}

const parsed = async (content: string, language: 'json' | 'yaml'): Promise<unknown> => {
  try {
    if (language === 'json') return JSON.parse(content)
    return (await import('yaml')).parse(content)
  } catch (error) {
    const why = error instanceof Error ? error.message.split('\n')[0] : 'it cannot be parsed'
    throw new HttpError(400, `The body is no ${language === 'json' ? 'JSON' : 'YAML or JSON'}: ${why}`)
  }
}
