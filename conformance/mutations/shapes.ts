/** What of a provider's answers may change: `shapes/<driver>.json`, written from the provider's documents, never read by the driver. */

import { z } from 'zod'
import { parseFile } from '../replay/har.ts'
import { find, pathForm } from './paths.ts'
import { at, type Tree } from './tree.ts'

const path = z.string().regex(pathForm, 'must be names divided by slashes')

const essentialForm = new RegExp(`^(?=.)/?(?!/)${pathForm.source.slice(1)}`)

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
  /** In an item, what another member stands in for where it's missing, as the driver's documents say, or what an id is made of: it isn't left out. */
  replaced: z.array(path).optional(),
  /** In an item, objects whose keys are data: nothing is added there. */
  maps: z.array(path).optional(),
  /** In the answer, what leads to the next page. */
  cursor: path.optional(),
  /** In the answer, how many items there are. */
  counts: z.array(path).optional(),
  /** In an item, or with a leading `/` in the answer: without it the answer is useless, and why. */
  essential: z.record(z.string().regex(essentialForm, 'must be names divided by slashes'), z.string().min(1)).optional(),
})
export type ShapedOperation = z.infer<typeof operation>

const shapes = z.strictObject({
  driver: z.string().min(1),
  /** Which documents it was written from. */
  source: z.string().min(1),
  operations: z.array(operation).min(1),
})
export type Shapes = z.infer<typeof shapes>

function isPattern(text: string): boolean {
  try {
    new RegExp(text)
    return true
  } catch {
    return false
  }
}

/** @param name of the file, for messages @throws MalformedRecording */
export const parseShapes = (name: string, text: string): Shapes => parseFile(name, text, shapes)

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
