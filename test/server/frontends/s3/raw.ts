/** Requests to S3 as they go over the wire, target and headers untouched; with a password, where a test signs nothing itself. */

import { type IncomingHttpHeaders, request } from 'node:http'
import { readBody } from '../../../../src/drivers/wire.ts'

export interface Answered {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

type Ask = (method: string, target: string, more?: { headers?: Readonly<Record<string, string>>; body?: string }) => Promise<Answered>

export const connect =
  (port: number): Ask =>
  (method, target, { headers = {}, body } = {}) =>
    new Promise((resolve, reject) => {
      const password = `Basic ${Buffer.from('mockuser:mockpassword').toString('base64')}`
      const { Authorization = password, ...others } = headers
      const sent = request({
        host: '127.0.0.1',
        port,
        method,
        path: target,
        headers: {
          ...others,
          ...(Authorization === '' ? {} : { Authorization }),
          ...(body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) }),
        },
      })
      sent.once('error', reject)
      sent.once('response', answer => {
        readBody(answer).then(
          content => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text: String(content) }),
          reject,
        )
      })
      sent.end(body)
    })
