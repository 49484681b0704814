/** Intended differences in the documents: the quirks D of the API's list. */

import { type Exchange, targetOf } from '../exchange.ts'
import { all, created, document, errorDocument, jsonOf, singularOf, status } from '../instead.ts'
import { isObject } from '../json.ts'
import type { Rule } from '../rules.ts'
import type { World } from '../world.ts'
import { MalformedXml, parseXml } from '../xml.ts'

const decodeText = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

/** The name isn't taken: that would be a conflict (quirk M17). */
const isFree = ({ path, form }: Exchange, { inventory }: World): boolean => !inventory.has(`${path}/${form.get('name')}`)

const isMalformed = ({ recorded }: Exchange): boolean => {
  try {
    parseXml(recorded.body.toString())
    return false
  } catch (error) {
    return error instanceof MalformedXml
  }
}

export const documents: readonly Rule[] = [
  {
    quirk: 'P24',
    because: 'Text is escaped, so that every document is well-formed.',
    when: { format: ['xml'], status: [200, 201, 202], says: /^\s*</, and: isMalformed },
    excuses: ['xml form'],
    instead: ours => {
      try {
        parseXml(ours.body.toString())
        return undefined
      } catch (error) {
        return error instanceof Error ? error.message : String(error)
      }
    },
    unseen: true,
  },
  {
    quirk: 'D6',
    because: 'A snapshot shows the name that it was given, and its id only without one.',
    when: { path: /^\/api\/storage_snapshots/, format: ['xml'], status: [200, 201] },
    excuses: [
      'xml /storage_snapshot/name/text()',
      'xml /storage_snapshots/storage_snapshot/name/text()',
      'xml /storage_snapshots/storage_snapshot[*]/name/text()',
    ],
    only: ({ expected }, { recorded }) => recorded.body.toString().includes(`id='${expected}'`),
  },
  {
    quirk: 'P28',
    because: 'Ids are encoded in addresses.',
    when: { status: [200, 201, 202, 301, 302, 303] },
    excuses: ['xml **/@href', 'json **.href', 'header location'],
    only: ({ expected, ours }) => expected !== undefined && ours !== undefined && ours !== expected && decodeText(ours) === expected,
    unseen: true,
  },
  {
    quirk: 'D9',
    because: "A blob's document never holds its content.",
    when: { path: /^\/api\/buckets\/[^/]+/, status: [200, 201], format: ['json'], says: /^\{"blob"/ },
    excuses: ['json $.blob.content'],
    instead: ours => {
      const root = jsonOf(ours)
      const blob = isObject(root) ? root.blob : undefined
      return isObject(blob) && (blob.content === undefined || blob.content === null) ? undefined : 'still has the content'
    },
  },
  {
    quirk: 'D11',
    because: 'An image without a list of hardware profiles has a JSON form.',
    when: { method: ['POST'], path: /^\/api\/images$/, status: [500], format: ['json'], says: /undefined method/, and: isFree },
    excuses: 'the answer',
    instead: created('image'),
    unseen: true,
  },
  {
    quirk: 'D12',
    because: 'The network of a network interface is linked alike in XML and JSON: with subnets it is a subnet.',
    when: { path: /^\/api\/network_interfaces/, status: [200], format: ['json'] },
    excuses: ['json $.network_interface.network.href', 'json $.network_interfaces[*].network.href'],
    only: ({ expected, ours }) => expected?.replace('/networks/', '/subnets/') === ours,
  },
  {
    quirk: 'D13',
    because: 'A network or subnet that was made is answered with its document.',
    when: { method: ['POST'], path: /^\/api\/(networks|subnets)$/, status: [500], says: /undefined local variable or method/, and: isFree },
    excuses: 'the answer',
    instead: (ours, exchange, world) => created(singularOf(exchange.path))(ours, exchange, world),
  },
  {
    quirk: 'D23',
    because: 'The form to run a command works.',
    when: { method: ['GET'], path: /^\/api\/instances\/[^/]+\/run$/, status: [500], format: ['html'] },
    excuses: 'the answer',
    instead: all(status(200), document('instance'), (ours, { url }) =>
      ours.body.toString().includes('name="cmd"') ? undefined : `has no form for a command at ${targetOf(url)}`,
    ),
  },
  {
    quirk: 'D23',
    because: 'The page of a metric works.',
    when: {
      method: ['GET'],
      path: /^\/api\/metrics\/[^/]+$/,
      status: [500],
      format: ['html'],
      and: ({ path }, { inventory }) => inventory.has(path),
    },
    excuses: 'the answer',
    instead: all(status(200), document('metric')),
  },
  {
    quirk: 'M8',
    because: 'The metrics of an unknown instance are unknown.',
    when: {
      method: ['GET', 'HEAD'],
      path: /^\/api\/metrics\/[^/]+$/,
      status: [200, 500],
      and: ({ path }, { inventory }) => !inventory.has(path),
    },
    excuses: 'the answer',
    instead: errorDocument(404),
  },
]
