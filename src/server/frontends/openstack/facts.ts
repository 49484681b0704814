/** Metadata of servers, volumes and containers: annotations under names that begin with `openstack:`. */

import type { CollectionName } from '../../../drivers/driver.ts'
import { type Asked, group } from './asked.ts'
import type { Body } from './body.ts'
import { Fault } from './errors.ts'

export type Facts = Readonly<Record<string, string>>

const prefix = 'openstack:'
export const metadata = 'meta:'
const none: Facts = {}

const factsIn = (all: Readonly<Record<string, string>>, kind: string): Facts => {
  const beginning = `${prefix}${kind}`
  return Object.fromEntries(
    Object.entries(all).flatMap(([name, value]) => (name.startsWith(beginning) ? [[name.slice(beginning.length), value]] : [])),
  )
}

/** What was said of a resource under names that begin so; nothing where the cloud has no annotations. */
export const factsOf = async ({ cloud }: Asked, collection: CollectionName, id: string, kind = metadata): Promise<Facts> =>
  cloud.annotations === undefined ? none : factsIn(await cloud.annotations.get({ collection, id }), kind)

/** The same of all resources of a collection that have some. */
export const factsOfAll = async ({ cloud }: Asked, collection: CollectionName): Promise<ReadonlyMap<string, Facts>> => {
  const all = await cloud.annotations?.all(collection)
  return new Map([...(all ?? [])].map(([id, said]) => [id, factsIn(said, metadata)]))
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
