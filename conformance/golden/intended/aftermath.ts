/** Differences that follow from others: what an intended difference left behind in one of the two clouds shows in later answers. */

import type { Difference } from '../difference.ts'
import { targetOf } from '../exchange.ts'
import { all, document, singularOf, status } from '../instead.ts'
import type { Rule } from '../rules.ts'

/** The address in a member that only one side lists. */
const addressIn = ({ expected, ours }: Difference): string => targetOf(/href(?:='|":")([^'"]*)/.exec(ours ?? expected ?? '')?.[1] ?? '')

export const aftermath: readonly Rule[] = [
  {
    quirk: 'M17',
    because: 'What ours did not overwrite is as it was.',
    when: { method: ['GET'], status: [200], and: ({ path }, { overwritten }) => overwritten.has(path) },
    excuses: 'the answer',
    instead: (ours, exchange, world) => all(status(200), document(singularOf(exchange.path)))(ours, exchange, world),
    unseen: true,
  },
  {
    quirk: 'M17',
    because: 'What ours did not overwrite is listed as it was.',
    when: { method: ['GET'], status: [200] },
    excuses: ['xml /*/*[*]/**', 'json $.*[*].**'],
    only: ({ at }, { path }, { overwritten }) =>
      [...overwritten].some(known => known.startsWith(`${path}/`) && at.includes(`[${known.slice(path.length + 1)}]`)),
    unseen: true,
  },
  {
    quirk: 'M5',
    because: 'Ids do not collide: what was made within a second is there beside what was made after it.',
    when: { method: ['GET'], status: [200] },
    excuses: ['xml /*/*', 'xml /*/*[*]', 'json $.*[*]'],
    only: (difference, _exchange, { aliases }) =>
      difference.kind === 'unexpected' && aliases.superseded(addressIn(difference).split('/').at(-1) ?? ''),
  },
  {
    quirk: 'P8, M10, M12, M17',
    because: 'What ours made where the original failed, or did not destroy, is listed.',
    when: { method: ['GET'], status: [200] },
    excuses: ['xml /*/*', 'xml /*/*[*]', 'json $.*[*]'],
    only: (difference, _exchange, { strays }) => difference.kind === 'unexpected' && strays.has(addressIn(difference)),
    unseen: true,
  },
  {
    quirk: 'P8, M10, M12, M17',
    because: 'What ours made where the original failed, or did not destroy, is there.',
    when: { status: [404], and: ({ path }, { strays }) => strays.has(path.split('/').slice(0, 4).join('/')) },
    excuses: 'the answer',
    instead: (ours, exchange, world) =>
      exchange.method === 'GET'
        ? all(status(200), document(singularOf(exchange.path)))(ours, exchange, world)
        : status(200, 202, 204)(ours, exchange, world),
    unseen: true,
  },
]
