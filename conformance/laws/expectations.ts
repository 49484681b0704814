/** Laws S9, E6 and A1: states, errors and attributes are what the provider's documents say, by the rows of the driver's shapes. */

import fc from 'fast-check'
import { type CloudUnderTest, type Fed, hold, Inconclusive, type RecordedSource } from '../cloud-under-test.ts'
import { readJsonAttribute } from '../documents/attributes.ts'
import { documentsIn, type Item, read } from '../documents/read.ts'
import { type ShapedAnswer, shapedAnswer } from '../mutations/answers.ts'
import {
  attributeKey,
  type ExpectedAttribute,
  errorKey,
  expectedAttributes,
  shownItems,
  stateKey,
  stateOfItem,
} from '../mutations/expectations.ts'
import { type AttributeRow, type Shapes, type StateRow, shapesOf } from '../mutations/shapes.ts'
import { statusOfKind } from '../mutations/statuses.ts'
import type { StepOutcome } from '../replay/steps.ts'
import { actionsOf, isSame, toSeenInstance } from './asking.ts'
import { type Law, law, type Setting } from './law.ts'

const noRows =
  (what: string, hasAny: (shapes: Shapes) => boolean) =>
  ({ subject }: Setting): string | undefined => {
    const shapes = shapesOf(subject.harness)
    return shapes !== undefined && hasAny(shapes) ? undefined : `no rows: the driver’s shapes say nothing of ${what}`
  }

const expectationsOf = (cloud: CloudUnderTest): Shapes => {
  const shapes = shapesOf(cloud.subject.harness)
  if (shapes === undefined) throw new Inconclusive('the driver has no shapes')
  return shapes
}

/** What was fed, and the answer to the step that must show it. */
const fedStep = <K extends Fed['kind']>(
  cloud: CloudUnderTest,
  kind: K,
): { readonly fed: Fed & { readonly kind: K }; readonly outcome: StepOutcome } => {
  const { fed, outcomes = [] }: Partial<RecordedSource> = cloud.abilities.recorded ?? {}
  const outcome = fed === undefined ? undefined : outcomes[fed.step]
  if (!isKind(fed, kind) || outcome === undefined) throw new Inconclusive('nothing of that kind is in the recording')
  return { fed, outcome }
}

const isKind = <K extends Fed['kind']>(fed: Fed | undefined, kind: K): fed is Fed & { readonly kind: K } => fed?.kind === kind

const answersIn = ({ exchanges }: StepOutcome, shapes: Shapes): readonly ShapedAnswer[] =>
  exchanges.flatMap(entry => shapedAnswer(entry, shapes) ?? [])

const sourceOf = ({ sources = {} }: Shapes, { source }: { readonly source: string }): string => `(${sources[source] ?? source})`

/** The state that all answers of a step tell of a resource, and the row for it. */
const toldState = (
  outcome: StepOutcome,
  shapes: Shapes,
  { of, id, native }: Fed & { readonly kind: 'state' },
): { readonly native: string; readonly row: StateRow | undefined } => {
  const told = answersIn(outcome, shapes).flatMap(answer =>
    shownItems(answer)
      .filter(item => item.of === of && item.id === id)
      .flatMap(item => stateOfItem(shapes, answer, item) ?? []),
  )
  const [first, ...others] = told
  if (first === undefined || others.some(one => !isSame(one, first)))
    throw new Inconclusive(`the provider’s answers don’t agree that ${id} is ${JSON.stringify(native)}`)
  return first
}

/** Where a resource that is gone may be absent, and one whose state nobody knows too, unless it's an instance. */
const mayBeAbsent = (of: string, row: StateRow | undefined): boolean =>
  row === undefined ? of !== 'instances' : row.state.toUpperCase() === 'FINISH'

const holdState = (cloud: CloudUnderTest, shapes: Shapes, outcome: StepOutcome, fed: Fed & { readonly kind: 'state' }): void => {
  const { of, id } = fed
  const { native, row } = toldState(outcome, shapes, fed)
  const what = `${id} of ${of}, which is ${row === undefined ? `${JSON.stringify(native)}, a state that no document has,` : stateWords(row)}`
  const { status } = outcome.answer
  const isAbsent = status === 404 && mayBeAbsent(of, row)
  hold(status === 200 || isAbsent, () => `${what} is answered with ${status}`)
  const item = documentsIn(outcome, of).get(id)
  if (row !== undefined) cloud.seen.row(stateKey(row))
  if (item === undefined) {
    hold(mayBeAbsent(of, row), () => `${what} isn’t shown`)
    return
  }
  const shown = (read(item, 'state') ?? '').toUpperCase()
  if (of === 'instances') cloud.sawInstance(id, shown.toLowerCase())
  if (row === undefined) {
    hold(of !== 'instances' || shown === 'UNKNOWN', () => `${what} is shown as ${shown}, not UNKNOWN`)
    return
  }
  hold(shown === row.state.toUpperCase(), () => `${what} is shown as ${shown || 'nothing'}, not ${row.state} ${sourceOf(shapes, row)}`)
  if (of === 'instances' && row.actions !== undefined) holdActions(cloud, shapes, { item, row, what })
}

const stateWords = ({ native, with: others = {} }: StateRow): string =>
  [JSON.stringify(native), ...Object.entries(others).map(([path, text]) => `with ${path} ${JSON.stringify(text)}`)].join(' ')

const holdActions = (
  cloud: CloudUnderTest,
  shapes: Shapes,
  { item, row, what }: { readonly item: Item; readonly row: StateRow; readonly what: string },
): void => {
  const documented = (row.actions ?? []).filter(action => cloud.offers('instances', action)).sort()
  const found = [...actionsOf(toSeenInstance(item).offered)].sort()
  hold(
    isSame(documented, found),
    () =>
      `${what} offers ${found.join(', ') || 'nothing'}; the documents permit ${documented.join(', ') || 'nothing'} of what the driver can do ${sourceOf(shapes, row)}`,
  )
}

/** Holds attributes that a step shows to what its answers say. @returns how many could be compared */
const holdAttributes = (
  cloud: CloudUnderTest,
  shapes: Shapes,
  outcome: StepOutcome,
  isMeant: (one: ExpectedAttribute) => boolean,
): number => {
  const told = Map.groupBy(
    answersIn(outcome, shapes).flatMap(expectedAttributes).filter(isMeant),
    ({ of, id, row }) => `${of}/${id} ${row.attribute}`,
  )
  let compared = 0
  for (const [first, ...others] of told.values()) {
    // Answers that contradict each other say nothing.
    if (first === undefined || others.some(({ value }) => value.text !== first.value.text)) continue
    const { of, id, row, value } = first
    const item = documentsIn(outcome, of).get(id)
    if (item === undefined) continue
    const actual = readJsonAttribute(item, row.attribute)
    hold(
      value.fits(actual),
      () =>
        `${outcome.step.title}: the ${row.attribute} of ${id} in ${of} is ${JSON.stringify(actual) ?? 'absent'}, not ${value.text}: ${row.member} as ${row.as} ${sourceOf(shapes, row)}`,
    )
    cloud.seen.row(attributeKey(of, row))
    compared++
  }
  return compared
}

const isSameAttribute = (one: AttributeRow, other: AttributeRow): boolean => one.attribute === other.attribute && one.as === other.as

export const expectationLaws: { readonly S9: Law; readonly E6: Law; readonly A1: Law } = {
  S9: law({
    id: 'S9',
    title: 'right states',
    says: 'Every state that the provider documents is shown as the state that the shapes name for it, with the actions that the documents permit in it and the driver has; an unknown state of an instance is shown as UNKNOWN, and none is an error.',
    family: 'states',
    sources: ['M'],
    missing: noRows('states', ({ states = [] }) => states.length > 0),
    question: () => fc.constant(undefined),
    async check(cloud) {
      const { fed, outcome } = fedStep(cloud, 'state')
      holdState(cloud, expectationsOf(cloud), outcome, fed)
    },
  }),
  E6: law({
    id: 'E6',
    title: 'right errors',
    says: 'Every error that the provider documents is the kind of error that the shapes name for it, and so the status of the API; the time to wait is told where the provider tells it.',
    family: 'errors',
    sources: ['M'],
    missing: noRows('errors', ({ errors = [] }) => errors.length > 0),
    question: () => fc.constant(undefined),
    async check(cloud) {
      const shapes = expectationsOf(cloud)
      const { fed, outcome } = fedStep(cloud, 'error')
      const { row, failing } = fed
      if (!outcome.exchanges.some(entry => failing.has(entry))) throw new Inconclusive('the driver doesn’t ask what fails')
      const { status, headers } = outcome.answer
      const right = statusOfKind[row.kind]
      const what = `${outcome.step.title}: the provider’s ${row.status} ${row.body ?? ''}`.trimEnd()
      hold(status === right, () => `${what} is answered with ${status}, not ${right}: it is ${row.kind} ${sourceOf(shapes, row)}`)
      if (row.retryAfter !== undefined) {
        const told = headers.get('retry-after')
        const seconds = String(Math.ceil(row.retryAfter))
        hold(told === seconds, () => `${what} is answered with Retry-After ${told ?? 'absent'}, not ${seconds} ${sourceOf(shapes, row)}`)
      }
      cloud.seen.row(errorKey(shapes, row))
    },
  }),
  A1: law({
    id: 'A1',
    title: 'right attributes',
    says: 'Every attribute that the shapes derive from a member of a documented answer (path → attribute, unit, conversion) has that value in the document, whatever the value is.',
    family: 'attributes',
    sources: ['R', 'M'],
    missing: noRows('attributes', ({ operations }) => operations.some(({ attributes = [] }) => attributes.length > 0)),
    question: () => fc.constant(undefined),
    async check(cloud) {
      const shapes = expectationsOf(cloud)
      const { recorded } = cloud.abilities
      if (recorded === undefined) throw new Inconclusive('nothing is recorded')
      if (recorded.mutations.length === 0) {
        const compared = recorded.outcomes.reduce((sum, outcome) => sum + holdAttributes(cloud, shapes, outcome, () => true), 0)
        if (compared === 0) throw new Inconclusive('no step of the recording shows an attribute that has a row')
        return
      }
      const { fed, outcome } = fedStep(cloud, 'values')
      hold(outcome.answer.status === 200, () => `${outcome.step.title}: answered with ${outcome.answer.status}`)
      const compared = holdAttributes(cloud, shapes, outcome, ({ of, row }) => of === fed.of && isSameAttribute(row, fed.row))
      if (compared === 0) throw new Inconclusive('the document doesn’t show what has the value')
    },
  }),
}
