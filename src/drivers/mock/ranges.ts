/** Values that are out of range, as the caller's mistake that they are here. */

import { badRequest } from '../../model/errors.ts'

/** @throws CloudError `bad-request` where the task throws a RangeError. */
export const inRange = async <T>(task: () => Promise<T>): Promise<T> => {
  try {
    return await task()
  } catch (error) {
    throw error instanceof RangeError ? badRequest(error.message) : error
  }
}
