/** S3 as a frontend: its definition, which costs nothing; what answers is loaded with the first request. */

import type { WireRequest } from '../../../drivers/wire.ts'
import type { FrontendDefinition } from '../../frontend.ts'

/** Importing again would cost each request a look into the table of modules. */
let loading: Promise<typeof import('./answer.ts')> | undefined

const load = () => {
  loading ??= import('./answer.ts')
  return loading
}

export const s3: FrontendDefinition = {
  name: 's3',
  title: 'Amazon S3 API',
  root: 's3',
  version: '2006-03-01',
  hosts: /^(.+\.)?s3([.-][a-z0-9-]+)?\.(localhost|amazonaws\.com)(:\d+)?$/i,
  recognizes: request => isSigned(request),
  trial: (origin, { user, password }) =>
    `AWS_ACCESS_KEY_ID=${user} AWS_SECRET_ACCESS_KEY=${password} aws --region us-east-1 --endpoint-url ${origin}/s3 s3 ls`,
  answer: async (request, gate) => (await load()).answer(request, gate),
  refuse: async (error, request, gate) => (await load()).refuse(error, request, gate),
}

/** Whether S3's signature is on it: clients that know of no path before a bucket's ask at the root. */
const isSigned = (request: WireRequest): boolean => {
  const header = request.header('authorization')
  if (header !== undefined) return /^AWS4-HMAC-SHA256.*\/s3\/aws4_request\b|^AWS /.test(header)
  return /[?&](X-Amz-Credential=[^&]*%2Fs3%2Faws4_request(&|$)|AWSAccessKeyId=(?!.*[?&]Action=))/i.test(request.target)
}
