/** Metadata of servers, volumes and containers: annotations under names that begin with `openstack:`. */

import type { CollectionName } from '../../../drivers/driver.ts'
import { type Asked, group } from './asked.ts'
import type { Body } from './body.ts'
import { Fault } from './errors.ts'

export type Facts = Readonly<Record<string, string>>

const prefix = 'openstack:'
export const metadata = 'meta:'
const none: Facts = {}

/** What was said of a resource under names that begin so; nothing where the cloud has no annotations. */
export const factsOf = async ({ cloud }: Asked, collection: CollectionName, id: string, kind = metadata): Promise<Facts> => {
  if (cloud.annotations === undefined) return none
  const beginning = `${prefix}${kind}`
  const all = await cloud.annotations.get({ collection, id })
  return Object.fromEntries(
    Object.entries(all).flatMap(([name, value]) => (name.startsWith(beginning) ? [[name.slice(beginning.length), value]] : [])),
  )
}

/** The same of many. */
export const factsOfAll = async (
  asked: Asked,
  collection: CollectionName,
  all: readonly { readonly id: string }[],
): Promise<ReadonlyMap<string, Facts>> => {
  const found = new Map<string, Facts>()
  if (asked.cloud.annotations === undefined) return found
  for (const { id } of all) found.set(id, await factsOf(asked, collection, id))
  return found
}

/** Says something of a resource; undefined takes it back. @throws Fault 400 for names and values that are too long */
export const tell = async (
  asked: Asked,
  collection: CollectionName,
  id: string,
  facts: Readonly<Record<string, string | undefined>>,
  kind = metadata,
): Promise<void> => {
  const entries = Object.entries(facts)
  if (entries.length === 0) return
  await group(asked, 'annotations').set(
    { collection, id },
    Object.fromEntries(
      entries.map(([name, value]) => [`${prefix}${kind}${checked(name)}`, value === undefined ? undefined : checked(value)]),
    ),
  )
}

/** The metadata that a request gives to what it makes: looked at before that is made. @throws Fault 400 */
export const metadataIn = (wanted: Body): Facts => {
  const facts = wanted.texts('metadata')
  for (const text of Object.entries(facts).flat()) checked(text)
  return facts
}

/** Of Nova and Cinder. */
const longest = 255

const checked = (text: string): string => {
  if (text.length > longest) throw new Fault(400, `Metadata property name or value greater than ${longest} characters`)
  return text
}

/** Says just that, and nothing else. */
export const replace = async (asked: Asked, collection: CollectionName, id: string, facts: Facts): Promise<void> => {
  const before = await factsOf(asked, collection, id)
  const gone = Object.fromEntries(Object.keys(before).map(name => [name, undefined]))
  await tell(asked, collection, id, { ...gone, ...facts })
}
