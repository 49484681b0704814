/** Whether the server can do its work: asked by many, looked into by one at a time. */

import type { Log } from '../drivers/context.ts'
import { CloudError } from '../model/errors.ts'

/** What keeps the state behind the server. */
export interface CheckedStore {
  /** In one word. */
  readonly kind: string
  /** @throws CloudError or whatever keeps it from working */
  check(): Promise<void>
}

export interface Health {
  readonly status: 200 | 503
  readonly document: Readonly<Record<string, string>>
}

/** How long a check may take before the store counts as out of reach, in milliseconds. */
const patience = 2000
/** How long what was found is told again, in milliseconds. */
const freshness = 250

/**
 * @param facts told in any case.
 * @param log hears when the store fails, and when it works again.
 */
export const createHealth = (facts: Readonly<Record<string, string>>, store: CheckedStore, log: Log): (() => Promise<Health>) => {
  /** One check at most, however long it takes: those who come meanwhile wait for it, each for as long as they would for their own. */
  let checking: Promise<string | undefined> | undefined
  let failing: string | undefined
  const check = async (): Promise<string | undefined> => {
    let error: unknown
    try {
      await store.check()
    } catch (thrown) {
      error = thrown
    }
    const reason = error === undefined ? undefined : error instanceof CloudError ? error.message : 'The state of the mock cloud fails'
    if (reason !== failing) {
      if (error === undefined) log.info({ store: store.kind }, 'the store works again')
      else log.error({ err: error, store: store.kind }, 'the store fails')
    }
    failing = reason
    setTimeout(() => {
      checking = undefined
    }, freshness).unref()
    return reason
  }
  return async () => {
    checking ??= check()
    const reason = await within(checking)
    const document = { status: reason === undefined ? 'ok' : 'unavailable', ...facts, store: store.kind }
    return reason === undefined ? { status: 200, document } : { status: 503, document: { ...document, reason } }
  }
}

const within = async (checking: Promise<string | undefined>): Promise<string | undefined> => {
  const { promise: late, resolve } = Promise.withResolvers<string>()
  const timer = setTimeout(resolve, patience, 'The state of the mock cloud does not answer')
  try {
    return await Promise.race([checking, late])
  } finally {
    clearTimeout(timer)
  }
}
