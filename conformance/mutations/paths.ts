/**
 * Paths, by which shapes say where in an answer something stands; the same for JSON and XML.
 *
 * A path is names divided by `/`: of members in JSON, of elements in XML, there without prefixes and from the root element on. `@name` is an
 * attribute, `*` any member or element, and each place in a list of JSON. `name[path=text]` is a node by a text in it, for answers that are made
 * of names and values: `propSet[name=runtime.powerState]/val`, `objects[obj/@type=VirtualMachine]`. The empty path is the answer, or the item,
 * itself.
 */

import { type Address, at, nameOf, type Tree, textAt } from './tree.ts'

/** What a path looks like. */
export const pathForm = /^((\*|@?[^/\s@[\]]+)(\[[^=[\]]+=[^[\]]*\])?(\/(?!$)|$))*$/

interface Step {
  readonly name: string
  /** Another path from there on, and the text that's to stand at its end. */
  readonly where?: { readonly path: string; readonly text: string }
}

const stepsOf = (path: string): readonly Step[] =>
  (path.match(/(?:[^/[]|\[[^\]]*\])+/g) ?? []).map(part => {
    const [, name = part, inner, text = ''] = /^([^[]+)\[([^=]+)=(.*)\]$/s.exec(part) ?? []
    return inner === undefined ? { name } : { name, where: { path: inner, text } }
  })

const leadsTo = ({ name, where }: Step, tree: Tree): boolean =>
  (name === '*' ? tree.kind !== 'attribute' : name === nameOf(tree)) &&
  (where === undefined || findBelow(tree, [], where.path).some(address => textAt(at(tree, address)) === where.text))

/** The nodes that a path leads to, from the answer's beginning. */
export const find = (root: Tree, path: string): readonly Address[] => {
  const steps = stepsOf(path)
  const [first, ...rest] = steps
  if (root.kind !== 'element' || first === undefined) return follow(root, steps, [])
  return leadsTo(first, root) ? follow(root, rest, []) : []
}

/** The same from a node on, whose own name isn't part of the path. */
export const findBelow = (root: Tree, from: Address, path: string): readonly Address[] => {
  const start = at(root, from)
  return start === undefined ? [] : follow(start, stepsOf(path), from)
}

const follow = (tree: Tree, [step, ...rest]: readonly Step[], address: Address): readonly Address[] =>
  step === undefined ? [address] : tree.children.flatMap((child, n) => (leadsTo(step, child) ? follow(child, rest, [...address, n]) : []))

/**
 * Where a node stands, as seen from a path: on the way to where it leads, there, or inside of that; undefined where it's elsewhere.
 * @param trail the nodes from below the path's beginning to the node itself
 */
export const positionOf = (trail: readonly Tree[], path: string): 'before' | 'at' | 'inside' | undefined => {
  const steps = stepsOf(path)
  const isOnIt = trail.every((tree, n) => {
    const step = steps[n]
    return step === undefined || leadsTo(step, tree)
  })
  if (!isOnIt) return undefined
  return trail.length < steps.length ? 'before' : trail.length > steps.length ? 'inside' : 'at'
}

/** A path from the answer's beginning as one from below its root: in XML that has a name of its own. */
export const belowRoot = (root: Tree, path: string): string =>
  root.kind === 'element' ? path.replace(/^[^/[]*(\[[^\]]*\])?\/?/, '') : path
