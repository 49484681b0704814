/** What S3 makes of conditions that aren't met. */

import type { Blob } from '../../../model/resources.ts'
import { type Conditions, names } from '../object-stores/conditions.ts'
import { S3Error } from './errors.ts'

/** Whether an object may be written over what is there. @throws S3Error `PreconditionFailed`, `NoSuchKey` */
export const requireWritable = ({ match, noneMatch }: Conditions, there: Blob | undefined): void => {
  if (noneMatch === '*' ? there !== undefined : noneMatch !== undefined && names(noneMatch, there?.etag)) throw preconditionFailed()
  if (match === undefined) return
  if (there === undefined) throw new S3Error('NoSuchKey', 'The specified key does not exist.')
  if (!names(match, there.etag)) throw preconditionFailed()
}

export const preconditionFailed = (): S3Error =>
  new S3Error('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold')
