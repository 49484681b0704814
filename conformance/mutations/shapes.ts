/**
 * What a provider's documents say of its answers: `shapes/<driver>.json`, never read by the driver. Which parts of an answer may change, and
 * what the API must make of states, errors and attributes.
 */

import { readFileSync } from 'node:fs'
import { z } from 'zod'
import type { Harness } from '../harness.ts'
import { parseFile } from '../replay/har.ts'
import { find, pathForm } from './paths.ts'
import { statusOfKind } from './statuses.ts'
import { at, type Tree } from './tree.ts'

const path = z.string().regex(pathForm, 'must be names divided by slashes')

const essentialForm = new RegExp(`^(?=.)/?(?!/)${pathForm.source.slice(1)}`)

/** How a member of an answer becomes an attribute of the API. */
export const conversions = [
  'text',
  'number',
  'boolean',
  'MiB→MB',
  'GiB→GB',
  'bytes→GB',
  'bytes',
  'epochSeconds',
  'epochMilliseconds',
  'iso8601',
  'enum',
  'id',
] as const
export type Conversion = (typeof conversions)[number]

/** A key of `sources`: where a row is documented. */
const source = z.string().min(1)

const attribute = z
  .strictObject({
    /** In an item. */
    member: path,
    /** As scenarios name it: `owner_id`, `image.id`, `public_addresses`. */
    attribute: z.string().min(1),
    as: z.enum(conversions),
    /** Of an `enum`: the provider's word → the API's. */
    values: z.record(z.string(), z.string()).optional(),
    /** All members together are the attribute, whose order doesn't count. */
    list: z.boolean().optional(),
    /** What the attribute is where the member is absent; without it nothing is expected then. */
    absent: z.string().optional(),
    source,
  })
  .refine(row => (row.as === 'enum') === (row.values !== undefined), 'values belong to an enum, and an enum has values')
export type AttributeRow = z.infer<typeof attribute>

const state = z
  .strictObject({
    /** A collection of the API. */
    of: z.string().min(1),
    native: z.string(),
    /** Fits what is asked, as in an operation, where another answer's state of that name is another one; without it, whatever shows the state. */
    asks: z.string().refine(isPattern, 'must be a regular expression').optional(),
    /** Other members of the item that make it this state: path → text, or null where it must say nothing. */
    with: z.record(path, z.string().nullable()).optional(),
    /** As the API shows it: `RUNNING`. */
    state: z.string().min(1),
    /** Of an instance: the actions that the documents permit, whether or not the driver has them. */
    actions: z.array(z.enum(['start', 'stop', 'reboot', 'destroy'])).optional(),
    source,
  })
  .refine(row => row.of !== 'instances' || row.actions !== undefined, 'a state of instances has actions')
export type StateRow = z.infer<typeof state>

const error = z.strictObject({
  /** Fits what is asked, as in an operation; without it, whatever is asked of the service. */
  asks: z.string().refine(isPattern, 'must be a regular expression').optional(),
  status: z.int().min(200).max(599),
  /** Media type of the body. */
  type: z.string().min(1).optional(),
  headers: z.record(z.string(), z.string()).optional(),
  body: z.string().optional(),
  /** What went wrong, in the words of the API: its status follows from it. */
  kind: z.enum(Object.keys(statusOfKind)),
  /** Seconds that the API must tell the client to wait. */
  retryAfter: z.number().min(0).optional(),
  source,
})
export type ErrorRow = z.infer<typeof error>

/** How a list goes on in another page. */
const cursor = z
  .strictObject({
    /**
     * `token`: a text that is sent back as it is; `link`: the address of the next page; `path`: its path and query; `links`: a list of links by
     * relation, with one to the `next` page; `last`: nothing is told, the next page begins behind the id of the last item.
     */
    kind: z.enum(['token', 'link', 'path', 'links', 'last']),
    /** Where the answer tells it; of a token, a header may instead. */
    at: path.optional(),
    header: z.string().min(1).optional(),
    /** Of the request for the next page: what the text, or the id, is sent as. A link has it in its query. */
    parameter: z.string().min(1),
    /** In the answer, what is `true` where another page follows. */
    more: path.optional(),
    /** A header that counts the items of all pages; answers without it aren't cut. */
    total: z.string().min(1).optional(),
    /** Fits the names of parameters with which all comes at once: a list of what is named. */
    unless: z.string().refine(isPattern, 'must be a regular expression').optional(),
    /** A page without items may have a next one. */
    mayBeEmpty: z.literal(true).optional(),
    source,
  })
  .refine(
    ({ kind, at, header }) =>
      kind === 'last'
        ? at === undefined && header === undefined
        : kind === 'token'
          ? (at === undefined) !== (header === undefined)
          : at !== undefined,
    'a token stands at a path or in a header, links at a path, and nothing tells of a page that begins behind the last item',
  )
export type Cursor = z.infer<typeof cursor>

const operation = z.strictObject({
  /** Fits what is asked: `GET /v1/ships`, `DescribeInstances`, `RetrieveProperties`. */
  asks: z.string().refine(isPattern, 'must be a regular expression'),
  /** Where each item stands; the empty path where the answer is one. */
  items: path,
  /** In an item, what identifies it. */
  id: path.optional(),
  /** In an item, what names another resource, or the item itself. */
  refs: z.array(path).optional(),
  /** In an item, its state, and all values that are documented. */
  state: z.strictObject({ path, values: z.array(z.string()).min(1) }).optional(),
  /** In an item, texts that are one of a few words, such as a kind: no other text may stand there. */
  words: z.array(path).optional(),
  /**
   * In an item, or with a leading `/` in the answer: what has a documented meaning where it's missing, what another member stands in for, or what
   * an id is made of. It isn't left out.
   */
  replaced: z.array(z.string().regex(essentialForm, 'must be names divided by slashes')).optional(),
  /** In an item, objects whose keys are data: nothing is added there. */
  maps: z.array(path).optional(),
  /** What leads to the next page. */
  cursor: cursor.optional(),
  /** In the answer, how many items there are. */
  counts: z.array(path).optional(),
  /** In an item, or with a leading `/` in the answer: without it the answer is useless, and why. */
  essential: z.record(z.string().regex(essentialForm, 'must be names divided by slashes'), z.string().min(1)).optional(),
  /** The collection of the API that the items are. */
  of: z.string().min(1).optional(),
  /** What the API's document says of an item. */
  attributes: z.array(attribute).optional(),
})
export type ShapedOperation = z.infer<typeof operation>

const shapes = z.strictObject({
  driver: z.string().min(1),
  /** Which documents it was written from. */
  source: z.string().min(1),
  /** Where rows are documented: the title and address of a page with the day on which it was read, `driver sheet`, or `recording NAME`. */
  sources: z.record(z.string().min(1), z.string().min(1)).optional(),
  /** Every documented state. */
  states: z.array(state).optional(),
  /** Every documented error. */
  errors: z.array(error).optional(),
  operations: z.array(operation).min(1),
})
export type Shapes = z.infer<typeof shapes>

const checkedShapes = shapes.superRefine((all, context) => {
  const rows = [
    ...(all.states ?? []).map((row, n) => ({ row, path: ['states', n] })),
    ...(all.errors ?? []).map((row, n) => ({ row, path: ['errors', n] })),
    ...all.operations.flatMap(({ cursor: row }, n) => (row === undefined ? [] : [{ row, path: ['operations', n, 'cursor'] }])),
    ...all.operations.flatMap(({ attributes = [] }, n) =>
      attributes.map((row, inner) => ({ row, path: ['operations', n, 'attributes', inner] })),
    ),
  ]
  for (const { row, path } of rows)
    if (!Object.hasOwn(all.sources ?? {}, row.source))
      context.addIssue({ code: 'custom', path: [...path, 'source'], message: `'${row.source}' is no key of sources` })
  for (const [n, { id, cursor: row }] of all.operations.entries())
    if (row?.kind === 'last' && id === undefined)
      context.addIssue({ code: 'custom', path: ['operations', n, 'id'], message: 'the next page begins behind the id of the last item' })
  for (const [n, { of, attributes }] of all.operations.entries())
    if (attributes !== undefined && of === undefined)
      context.addIssue({ code: 'custom', path: ['operations', n, 'of'], message: 'attributes need the collection that the items are' })
})

function isPattern(text: string): boolean {
  try {
    new RegExp(text)
    return true
  } catch {
    return false
  }
}

/** @param name of the file, for messages @throws MalformedRecording */
export const parseShapes = (name: string, text: string): Shapes => parseFile(name, text, checkedShapes)

const known = new Map<string, Shapes>()

/** The shapes that a driver is held against; undefined where there are none. @throws MalformedRecording */
export const shapesOf = ({ shapes: file }: Pick<Harness, 'shapes'>): Shapes | undefined => {
  if (file === undefined) return undefined
  const name = String(file)
  const read = known.get(name) ?? parseShapes(name, readFileSync(file, 'utf8'))
  known.set(name, read)
  return read
}

/** The shape of an answer: of those that fit what was asked the first whose items are in it, or would be in a list that's empty. Undefined where nobody wrote one down. */
export const shapeOf = ({ operations }: Shapes, asked: string, root: Tree): ShapedOperation | undefined => {
  const fitting = operations.filter(({ asks }) => new RegExp(asks).test(asked))
  return fitting.find(({ items }) => find(root, items).length > 0 || isEmptyAt(root, items)) ?? fitting[0]
}

/** Whether on the way to the items there is a list, or an element, with nothing in it. */
const isEmptyAt = (root: Tree, items: string): boolean => {
  const steps = items.match(/(?:[^/[]|\[[^\]]*\])+/g) ?? []
  return steps.some((step, n) => {
    const found = find(root, steps.slice(0, n).join('/'))
    return found.length > 0 && found.every(address => hasNothing(at(root, address), step))
  })
}

const hasNothing = (tree: Tree | undefined, step: string): boolean => {
  if (tree === undefined || tree.children.some(({ kind }) => kind !== 'attribute')) return false
  return tree.kind === 'list' || (tree.kind === 'object' && step === '*') || (tree.kind === 'element' && (tree.text ?? '').trim() === '')
}
