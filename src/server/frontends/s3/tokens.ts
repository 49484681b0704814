/** Continuation tokens: what stands for the place behind a key, or a bucket. */

import { S3Error } from './errors.ts'

export const tokenOf = (next: string): string => Buffer.from(next).toString('base64url')

/** @throws S3Error `InvalidArgument` for a token that wasn't given */
export const behind = (token: string): string => {
  const text = Buffer.from(token, 'base64url').toString('utf8')
  if (token === '' || tokenOf(text) !== token) throw new S3Error('InvalidArgument', 'The continuation token provided is incorrect')
  return text
}
