/** Content as Amazon's clients take it. */

import { Readable } from 'node:stream'
import type { Bytes } from '../../../../model/requests.ts'
import { readBody } from '../../../wire.ts'

/** Content up to this size is kept in memory, so that it can be sent again. Bytes. */
const small = 1024 * 1024

/** What a client of Amazon's takes as a body: bytes, or a stream whose length it's told. */
export const bodyOf = async (content: Bytes, length: number): Promise<Uint8Array | Readable> =>
  length <= small ? readBody(content, small) : Readable.from(content, { objectMode: false })
