/** EC2 as a frontend, with the classic load balancers and CloudWatch beside it: its definition, which costs nothing; what answers is loaded with the first request. */

import type { FrontendDefinition } from '../../frontend.ts'

/** Importing again would cost each request a look into the table of modules. */
let loading: Promise<typeof import('./answer.ts')> | undefined

const load = () => {
  loading ??= import('./answer.ts')
  return loading
}

export const ec2: FrontendDefinition = {
  name: 'ec2',
  title: 'Amazon EC2 API',
  root: 'ec2',
  version: '2016-11-15',
  hosts: /^(ec2|elasticloadbalancing|monitoring)([.-][a-z0-9-]+)?\.(localhost|amazonaws\.com)(:\d+)?$/i,
  // Clients that know of one address only sign for the service that they mean.
  recognizes: request => {
    const header = request.header('authorization')
    if (header !== undefined) return /^AWS4-HMAC-SHA256.*\/(ec2|elasticloadbalancing|monitoring)\/aws4_request\b/.test(header)
    return /[?&]Action=/.test(request.target)
  },
  trial: (origin, { user, password }) =>
    `AWS_ACCESS_KEY_ID=${user} AWS_SECRET_ACCESS_KEY=${password} aws --region us-east-1 --endpoint-url ${origin}/ec2 ec2 describe-images`,
  everyMethodChanges: true,
  answer: async (request, gate) => (await load()).answer(request, gate),
  refuse: async (error, request, gate) => (await load()).refuse(error, request, gate),
}
