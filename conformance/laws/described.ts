/** The API as its OpenAPI document describes it. */

import type { Client } from '../client.ts'
import { type Item, isItem, itemsAt, jsonOf, read } from '../documents/read.ts'

/** One operation, as the OpenAPI document describes it. */
export interface DescribedOperation {
  /** `keys_create` */
  readonly id: string
  readonly collection: string
  readonly name: string
  readonly method: string
  readonly path: string
  /** Below the collection. */
  readonly segments: readonly string[]
  readonly inPath: readonly string[]
  /** Name → whether it's required, beside those in the path. */
  readonly parameters: ReadonlyMap<string, boolean>
}

const objectAt = (value: unknown, ...path: readonly string[]): Item =>
  path.reduce<Item>((inner, key) => (isItem(inner[key]) ? inner[key] : {}), isItem(value) ? value : {})

export const readOpenApi = async (client: Client, root = '/api'): Promise<readonly DescribedOperation[]> => {
  const document = jsonOf(await client.ask(`${root}/openapi.json`))
  return Object.entries(objectAt(document, 'paths')).flatMap(([path, item]) =>
    Object.entries(isItem(item) ? item : {}).flatMap(([method, operation]) => {
      const [collection = '', ...segments] = path.slice(1).split('/')
      if (collection === '') return []
      const parameters = itemsAt(operation, 'parameters')
      const bodies = Object.values(objectAt(operation, 'requestBody', 'content')).map(content => objectAt(content, 'schema'))
      const body = bodies.find(({ type }) => type === 'object')
      const required = Array.isArray(body?.required) ? body.required : []
      return [
        {
          id: read(operation, 'operationId') ?? '',
          collection,
          name: (read(operation, 'operationId') ?? '').slice(collection.length + 1),
          method: method.toUpperCase(),
          path,
          segments,
          inPath: parameters.filter(one => one.in === 'path').map(one => String(one.name)),
          parameters: new Map([
            ...parameters
              .filter(one => one.in === 'query' && one.name !== 'format')
              .map(one => [String(one.name), one.required === true] as const),
            ...Object.keys(objectAt(body, 'properties')).map(name => [name, required.includes(name)] as const),
          ]),
        },
      ]
    }),
  )
}
