/** Signatures of AWS's protocols, of all versions and ways: each ends in a claim for the gate. */

import type { WireRequest } from '../../../drivers/wire.ts'
import type { Signature, SignatureContext } from './signature.ts'
import { version2OfQuery, version2OfS3 } from './version-2.ts'
import { version4 } from './version-4.ts'

export { contentOf } from './content.ts'
export { ContentError, type ContentFault, type Fault, type Signature, type SignatureContext, SignatureError } from './signature.ts'

/**
 * The signature of a request to a query API (EC2, ELB, CloudWatch), by header, query or form; undefined for a request without one.
 * Give the body and the decoded parameters of query and form.
 * @throws SignatureError for one that can't be read, or whose time is over; one of another secret is found by the gate, and told by `fault()`.
 */
export const querySignature = (
  request: WireRequest,
  context: SignatureContext & Required<Pick<SignatureContext, 'body' | 'parameters'>>,
): Signature | undefined => version4(request, context) ?? version2OfQuery(request, context)

/** The same of a request to S3, whose content is checked as it's read (`contentOf`). */
export const s3Signature = (request: WireRequest, context: SignatureContext): Signature | undefined =>
  version4(request, context) ?? version2OfS3(request, context)
