/** Settings of buckets and objects that nobody here can change: what S3 says where they were never set. */

import { bucketOf, document, empty, type Handler, requireBucket } from './asked.ts'
import { S3Error } from './errors.ts'

/** By subresource: the root of its empty document. */
const emptyDocuments: Readonly<Record<string, string>> = {
  accelerate: 'AccelerateConfiguration',
  logging: 'BucketLoggingStatus',
  notification: 'NotificationConfiguration',
  versioning: 'VersioningConfiguration',
}

/** By subresource: what S3 calls it that there is none. */
const absent: Readonly<Record<string, readonly [code: string, message: string]>> = {
  cors: ['NoSuchCORSConfiguration', 'The CORS configuration does not exist'],
  encryption: ['ServerSideEncryptionConfigurationNotFoundError', 'The server side encryption configuration was not found'],
  lifecycle: ['NoSuchLifecycleConfiguration', 'The lifecycle configuration does not exist'],
  'object-lock': ['ObjectLockConfigurationNotFoundError', 'Object Lock configuration does not exist for this bucket'],
  ownershipControls: ['OwnershipControlsNotFoundError', 'The bucket ownership controls were not found'],
  policy: ['NoSuchBucketPolicy', 'The bucket policy does not exist'],
  policyStatus: ['NoSuchBucketPolicy', 'The bucket policy does not exist'],
  publicAccessBlock: ['NoSuchPublicAccessBlockConfiguration', 'The public access block configuration was not found'],
  replication: ['ReplicationConfigurationNotFoundError', 'The replication configuration was not found'],
  website: ['NoSuchWebsiteConfiguration', 'The specified bucket does not have a website configuration'],
}

export const settings: readonly string[] = [...Object.keys(emptyDocuments), ...Object.keys(absent), 'requestPayment']

export const showSetting =
  (name: string): Handler =>
  async asked => {
    await requireBucket(asked, bucketOf(asked))
    const root = emptyDocuments[name]
    if (root !== undefined) return document(root, () => undefined)
    if (name === 'requestPayment') return document('RequestPaymentConfiguration', writer => writer.leaf('Payer', 'BucketOwner'))
    throw new S3Error(...(absent[name] ?? ['NotImplemented', `${name} is not implemented`]))
  }

/** What was never set can be taken away. */
export const deleteSetting: Handler = async asked => {
  await requireBucket(asked, bucketOf(asked))
  return empty(204)
}
