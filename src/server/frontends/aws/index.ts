/** Signatures of AWS's protocols, of all versions and ways: each ends in a claim for the gate. */

import type { WireRequest } from '../../../drivers/wire.ts'
import type { Signature, SignatureContext } from './signature.ts'
import { version2OfQuery, version2OfS3 } from './version-2.ts'
import { version4 } from './version-4.ts'

export { contentOf } from './content.ts'
export { regionInHost } from './regions.ts'
export { ContentError, type ContentFault, type Fault, type Signature, type SignatureContext, SignatureError } from './signature.ts'

/**
 * The signature of a request to a query API (EC2, ELB, CloudWatch), by header, query or form; undefined for a request without one.
 * Give the body, the decoded parameters of query and form, and the service that is asked.
 * @throws SignatureError for one that can't be read, isn't for this endpoint, leaves out a header that must be signed, or is of another time;
 * one of another secret is found by the gate, and told by `fault()`.
 */
export const querySignature = (
  request: WireRequest,
  context: SignatureContext & Required<Pick<SignatureContext, 'body' | 'parameters'>> & { readonly service: string },
): Signature | undefined => version4(request, context, context.service) ?? version2OfQuery(request, context)

/** The same of a request to S3, whose content is checked as it's read (`contentOf`). */
export const s3Signature = (request: WireRequest, context: SignatureContext): Signature | undefined =>
  version4(request, context, 's3') ?? version2OfS3(request, context)
