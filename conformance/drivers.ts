/** Finds drivers: ours by name, others by the file that they're in. */

import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type AnyDriver, nearest } from '../src/drivers/registry.ts'
import type { Harness } from './harness.ts'
import { driverIds, loadHarness } from './harnesses/index.ts'
import { Problem } from './problem.ts'

export interface Found {
  /** The driver's id. */
  readonly driver: string
  readonly harness: Harness
  /** How it was named: what a command that runs the suite again has to say. */
  readonly named: string
}

/** @param name `mock`, `all`, or the path of a module. @throws Problem */
export const findDrivers = async (name: string): Promise<readonly Found[]> => {
  if (name === 'all') return (await Promise.all(driverIds.map(findOwn))).flat()
  const own = await findOwn(name)
  if (own.length > 0) return own
  if (isPath(name)) return [await loadDriver(name)]
  const near = nearest(driverIds, name)
  throw new Problem(
    `There is no driver '${name}'${near.length > 0 ? `, did you mean ${near.map(one => `'${one}'`).join(' or ')}?` : ''}; there are ${driverIds.join(', ')}, and whatever a file holds: --driver ./my-driver.ts`,
  )
}

const findOwn = async (driver: string): Promise<readonly Found[]> => {
  const harness = await loadHarness(driver)
  return harness === undefined ? [] : [{ driver, harness, named: driver }]
}

const isPath = (name: string): boolean => /^\.{0,2}\//.test(name) || /\.[cm]?[jt]s$/.test(name)

/**
 * A module with a driver: its `default` is a `DriverDefinition`, and what the suite is to know of it is `harness`.
 * @throws Problem that says what is missing
 */
const loadDriver = async (path: string): Promise<Found> => {
  const file = resolve(path)
  if (!existsSync(file)) throw new Problem(`There is no file ${path}`)
  let module: Readonly<Record<string, unknown>>
  try {
    module = await import(pathToFileURL(file).href)
  } catch (error) {
    throw new Problem(`${path} can't be loaded: ${error instanceof Error ? error.message : String(error)}`)
  }
  const { default: driver, harness = {} } = module
  if (!isDriver(driver))
    throw new Problem(`${path} has no driver: its default export must be a DriverDefinition (id, name, credentials, offer, connect)`)
  if (typeof harness !== 'object' || harness === null) throw new Problem(`${path}: the export 'harness' must be an object`)
  return { driver: driver.id, harness: { driver, ...harness }, named: path }
}

/** A driver as far as it can be told by looking: the rest shows when it's used. */
const isDriver = (value: unknown): value is AnyDriver =>
  typeof value === 'object' &&
  value !== null &&
  'id' in value &&
  typeof value.id === 'string' &&
  'name' in value &&
  typeof value.name === 'string' &&
  'credentials' in value &&
  'offer' in value &&
  typeof value.offer === 'function' &&
  'connect' in value &&
  typeof value.connect === 'function'
