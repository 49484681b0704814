/** Tags: annotations of resources, under names that begin with `tag:`. */

import type { CollectionName } from '../../../drivers/driver.ts'
import { type Actions, type Asked, group } from './asked.ts'
import { ApiError, notThere } from './errors.ts'
import { filtered, page, type Readers } from './listing.ts'
import type { Parameters } from './parameters.ts'
import type { Tree } from './writer.ts'

export type Tags = Readonly<Record<string, string>>

const prefix = 'tag:'
const none: Tags = {}

/** What can be tagged: by how ids begin, what EC2 calls it, and where it is. */
const kinds: readonly (readonly [ids: RegExp, type: string, collection: CollectionName])[] = [
  [/^ami-|^img/, 'image', 'images'],
  [/^vol-|^vol/, 'volume', 'storage_volumes'],
  [/^snap/, 'snapshot', 'storage_snapshots'],
  [/^vpc-|^net\d/, 'vpc', 'networks'],
  [/^subnet/, 'subnet', 'subnets'],
  [/^eni-|^nic/, 'network-interface', 'network_interfaces'],
  [/^i-|^inst/, 'instance', 'instances'],
]

const tagsIn = (all: Readonly<Record<string, string>>): Tags => {
  let tags: Record<string, string> | undefined
  for (const name in all) {
    if (!name.startsWith(prefix)) continue
    tags ??= {}
    tags[name.slice(prefix.length)] = all[name] ?? ''
  }
  return tags ?? none
}

/** The tags of a resource; none where the cloud has no annotations. */
export const tagsOf = async ({ cloud }: Asked, collection: CollectionName, id: string): Promise<Tags> =>
  cloud.annotations === undefined ? none : tagsIn(await cloud.annotations.get({ collection, id }))

/** What is said of the resources of a collection, by id: tags and all else. */
export type Said = ReadonlyMap<string, Readonly<Record<string, string>>>

export const saidOf = async ({ cloud }: Asked, collection: CollectionName): Promise<Said> =>
  cloud.annotations === undefined ? new Map() : cloud.annotations.all(collection)

/** The tags of many. */
export const tagsOfAll = async (
  asked: Asked,
  collection: CollectionName,
  resources: readonly { readonly id: string }[],
  said?: Said,
): Promise<ReadonlyMap<string, Tags>> => {
  const found = new Map<string, Tags>()
  if (resources.length === 0) return found
  const all = said ?? (await saidOf(asked, collection))
  for (const { id } of resources) {
    const tags = tagsIn(all.get(id) ?? none)
    if (tags !== none) found.set(id, tags)
  }
  return found
}

export const tagSet = (tags: Tags | undefined): Tree =>
  tags === undefined || tags === none ? [] : Object.entries(tags).map(([key, value]) => ({ key, value }))

/** Filters by tags: `tag:Name`, `tag-key`, `tag-value`. Any name may follow `tag:`, so those that are asked for are added. */
export const tagReaders = <T extends { readonly id: string }>(parameters: Parameters, tags: ReadonlyMap<string, Tags>): Readers<T> => ({
  'tag-key': one => Object.keys(tags.get(one.id) ?? none),
  'tag-value': one => Object.values(tags.get(one.id) ?? none),
  ...Object.fromEntries(
    parameters.items('Filter').flatMap(filter => {
      const name = filter.text('Name') ?? ''
      const key = name.slice(prefix.length)
      return name.startsWith(prefix) ? [[name, (one: T) => tags.get(one.id)?.[key]]] : []
    }),
  ),
})

/** Tags that a creation asks for: those of `TagSpecification` for this type of resource. */
export const tagAtCreation = async (
  asked: Asked,
  type: string,
  collection: CollectionName,
  resources: readonly { readonly id: string }[],
): Promise<void> => {
  const wanted = asked.parameters
    .items('TagSpecification')
    .filter(one => one.text('ResourceType') === type)
    .flatMap(one => one.items('Tag'))
  if (wanted.length === 0) return
  const entries = entriesOf(wanted)
  for (const { id } of resources) await group(asked, 'annotations').set({ collection, id }, entries)
}

const entriesOf = (tags: readonly Parameters[]): Record<string, string> =>
  Object.fromEntries(
    tags.map(tag => {
      const key = tag.need('Key')
      if (key.length > 127 || /^aws:/i.test(key))
        throw new ApiError('InvalidParameterValue', 'The key of a tag is too long, or begins with aws:')
      return [`${prefix}${key}`, (tag.text('Value') ?? '').slice(0, 256)]
    }),
  )

const kindOf = (id: string): { readonly type: string; readonly collection: CollectionName } => {
  const found = kinds.find(([ids]) => ids.test(id))
  if (found === undefined) throw new ApiError('InvalidID', `The ID '${id.slice(0, 100)}' is not valid`)
  return { type: found[1], collection: found[2] }
}

/** @throws ApiError for an id that isn't there */
const each = async (asked: Asked, change: (collection: CollectionName, id: string) => Promise<void>): Promise<void> => {
  const ids = asked.parameters.list('ResourceId')
  if (ids.length === 0) throw new ApiError('MissingParameter', 'The request must contain the parameter ResourceId')
  for (const id of ids) {
    const { collection } = kindOf(id)
    await change(collection, id).catch((error: unknown) => {
      throw error instanceof Error && 'kind' in error && error.kind === 'not-found' ? notThere(collection, id) : error
    })
  }
}

const listOf = async (asked: Asked, collection: CollectionName): Promise<readonly { readonly id: string }[]> =>
  (await asked.cloud[collection]?.list({})) ?? []

export const tagActions: Actions = {
  CreateTags: {
    changes: true,
    async answer(asked) {
      const entries = entriesOf(asked.parameters.items('Tag'))
      await each(asked, (collection, id) => group(asked, 'annotations').set({ collection, id }, entries))
      return { return: true }
    },
  },
  DeleteTags: {
    changes: true,
    async answer(asked) {
      const wanted = asked.parameters.items('Tag')
      await each(asked, async (collection, id) => {
        const now = await tagsOf(asked, collection, id)
        const gone =
          wanted.length === 0
            ? Object.keys(now)
            : wanted.flatMap(tag => {
                const [key, value] = [tag.need('Key'), tag.text('Value')]
                return value === undefined || now[key] === value ? [key] : []
              })
        await group(asked, 'annotations').set({ collection, id }, Object.fromEntries(gone.map(key => [`${prefix}${key}`, undefined])))
      })
      return { return: true }
    },
  },
  DescribeTags: {
    async answer(asked) {
      const all: { id: string; type: string; key: string; value: string }[] = []
      for (const [, type, collection] of kinds) {
        const resources = collection === 'images' ? [] : await listOf(asked, collection)
        for (const [id, tags] of await tagsOfAll(asked, collection, resources))
          for (const [key, value] of Object.entries(tags)) all.push({ id, type, key, value })
      }
      const { items, next } = page(
        asked,
        filtered(asked.parameters, all, {
          'resource-id': tag => tag.id,
          'resource-type': tag => tag.type,
          key: tag => tag.key,
          value: tag => tag.value,
        }),
      )
      return {
        tagSet: items.map(({ id, type, key, value }) => ({ resourceId: id, resourceType: type, key, value })),
        nextToken: next,
      }
    },
  },
}
