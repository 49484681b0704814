/** The protocols of a server, and the form that each gives to an answer. */

import { readXml } from '../../conformance/documents/xml.ts'
import { checkDocument } from '../support/documents.ts'

/** `server` is what no protocol is for: the first page, health, assets, and paths with nothing at them. */
export type Protocol = 'deltacloud' | 'ec2' | 's3' | 'openstack' | 'control' | 'server'

export const protocols: readonly Protocol[] = ['deltacloud', 'ec2', 's3', 'openstack', 'control', 'server']

interface Answered {
  readonly status: number
  readonly headers: ReadonlyMap<string, string>
  readonly body: Buffer
}

/** In which form the services of OpenStack refuse. @param path below `/openstack` */
export const isOpenStackFault = (path: string, text: string, status: number): boolean => {
  const [, service = ''] = /^\/([^/?]*)/.exec(path) ?? []
  if (service === 'object-store' || (service === 'image' && status !== 401)) return /^<html>/.test(text)
  const [name = ''] = Object.keys(Object(JSON.parse(text)))
  if (status === 401) return name === 'error'
  switch (service) {
    case 'network':
      return name === 'NeutronError'
    case 'compute':
    case 'volume':
      return /^[a-z][A-Za-z]+$/.test(name)
    case 'load-balancer':
      return name === 'faultcode'
    default:
      return name === 'error'
  }
}

/** Whether an error is written in the words of its protocol. @param path without the prefix of a world */
const isOwnError: Readonly<Record<Protocol, (answer: Answered, path: string) => boolean>> = {
  deltacloud: answer => isServersError(answer),
  // What is signed for S3 or EC2 is theirs, at whatever path that no other protocol has.
  control: (answer, path) => isOwnError.s3(answer, path) || isOwnError.ec2(answer, path) || isServersError(answer),
  server: (answer, path) => isOwnError.control(answer, path),
  ec2: ({ body }) => /^<\?xml[^>]*>\s*<(Response><Errors><Error><Code>|ErrorResponse>)/.test(body.toString('utf8')),
  s3: ({ headers, body }) =>
    headers.get('content-type') === 'application/xml' &&
    /^(<\?xml[^>]*>\s*)?<Error>/.test(body.toString('utf8')) &&
    readXml(body.toString('utf8')).name === 'Error',
  openstack: ({ status, body }, path) => isOpenStackFault(path.replace(/^\/openstack/, ''), body.toString('utf8'), status),
}

const isServersError = ({ status, headers, body }: Answered): boolean => {
  checkDocument(status, headers.get('content-type') ?? '', body)
  return true
}

/** What is wrong with the form of an error; undefined for a good one, and for what is no error. */
export const complaintAbout = (protocol: Protocol, method: string, path: string, answer: Answered): string | undefined => {
  if (answer.status < 400 || method === 'HEAD') return undefined
  try {
    return isOwnError[protocol](answer, path) ? undefined : 'the error is not in the form of its protocol'
  } catch (error) {
    return `the error cannot be read: ${error instanceof Error ? error.message : String(error)}`
  }
}
