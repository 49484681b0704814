/** Intended differences of the mock cloud: the quirks M of the API's list, as far as the personality `classic` has them. */

import { type Answer, type Exchange, parameterOf } from '../exchange.ts'
import { all, created, document, errorDocument, jsonOf, status, xmlOf } from '../instead.ts'
import { isList, isObject, type Json } from '../json.ts'
import type { Check, Rule } from '../rules.ts'
import { failedLate, type Inventory, type World } from '../world.ts'
import type { Element } from '../xml.ts'

const isUnknown = ({ path }: Exchange, { inventory }: World): boolean => !inventory.hasMemberOf(path)

/** The original did it, also where it failed only to tell. */
const succeeded = ({ recorded }: Exchange): boolean =>
  recorded.status < 400 || (recorded.status === 500 && failedLate.test(recorded.body.toString()))

const isTaken = ({ path, form }: Exchange, inventory: Inventory): boolean => inventory.has(`${path}/${form.get('name')}`)

const nilError = /undefined method .* for nil/

/** Resources of an index document, as attributes or fields. */
const resourcesOf = (answer: Answer): { readonly id: string; readonly blobs: number; readonly size: string }[] => {
  const [xml, json] = [xmlOf(answer), jsonOf(answer)]
  if (xml !== undefined) return (xml.attributes.has('id') ? [xml] : xml.children).map(fromElement)
  const [content] = isObject(json) ? Object.values(json) : []
  return (isList(content) ? content : content === undefined ? [] : [content]).map(fromJson)
}

const fromElement = ({ attributes, children }: Element) => ({
  id: attributes.get('id') ?? '',
  blobs: children.filter(({ name }) => name === 'blob').length,
  size: children.find(({ name }) => name === 'size')?.text ?? '',
})

const fromJson = (value: Json) => {
  const { id, blob_list: blobs, size } = isObject(value) ? value : {}
  return { id: String(id), blobs: isList(blobs) ? blobs.length : 0, size: String(size) }
}

const isMiscounted = (answer: Answer): boolean => resourcesOf(answer).some(({ size, blobs }) => size !== String(blobs))

/** An index that has exactly these of the original's members. */
const exactly =
  (belongs: (id: string, exchange: Exchange) => boolean): Check =>
  (ours, exchange) => {
    const [expected, actual] = [resourcesOf(exchange.recorded).filter(({ id }) => belongs(id, exchange)), resourcesOf(ours)].map(list =>
      list.map(({ id }) => id).join(' '),
    )
    return expected === actual ? undefined : `lists ${actual || 'none'}, not ${expected || 'none'}`
  }

export const mock: readonly Rule[] = [
  {
    quirk: 'M17',
    because: 'An address in use, or one that is not, is a conflict.',
    when: { path: /^\/api\/addresses\/[^/]+/, status: [500], says: /Address(Not)?InUse/ },
    excuses: 'the answer',
    instead: errorDocument(409),
  },
  {
    quirk: 'M17',
    because: 'A bucket that is not empty is a conflict.',
    when: { path: /^\/api\/buckets\/[^/]+$/, status: [500], says: /BucketNotEmpty/ },
    excuses: 'the answer',
    instead: errorDocument(409),
  },
  {
    quirk: 'M17',
    because: 'A key whose name is taken is a conflict.',
    when: { method: ['POST'], path: /^\/api\/keys$/, status: [403] },
    excuses: 'the answer',
    instead: errorDocument(409, 'Key with same name already exists'),
  },
  {
    quirk: 'M17',
    because: 'A name that is taken is a conflict.',
    when: {
      method: ['POST'],
      path: /^\/api\/(images|networks|subnets|network_interfaces)$/,
      and: (exchange, { inventory }) => succeeded(exchange) && isTaken(exchange, inventory),
    },
    excuses: 'the answer',
    instead: errorDocument(409),
    unseen: true,
  },
  {
    quirk: 'M17',
    because: 'A volume in use can not be destroyed.',
    when: {
      method: ['DELETE'],
      path: /^\/api\/storage_volumes\/[^/]+$/,
      status: [204, 302, 303],
      and: ({ path }, { inventory }) => inventory.isInUse(path),
    },
    excuses: 'the answer',
    instead: errorDocument(409),
    unseen: true,
  },
  {
    quirk: 'M1',
    because: 'An unknown bucket is not found.',
    when: { path: /^\/api\/buckets\/[^/]+/, status: [500], says: /BucketNotExist/ },
    excuses: 'the answer',
    instead: errorDocument(404),
  },
  {
    quirk: 'M2',
    because: 'What is not there can not be destroyed.',
    when: {
      method: ['DELETE'],
      path: /^\/api\/(images|storage_volumes|storage_snapshots)\/[^/]+$/,
      status: [204, 302, 303],
      and: (exchange, world) => isUnknown(exchange, world) && !world.strays.has(exchange.path),
    },
    excuses: 'the answer',
    instead: errorDocument(404),
  },
  {
    quirk: 'M3',
    because: 'An operation on an unknown resource is 404.',
    when: { path: /^\/api\/\w+\/[^/]+/, status: [500], says: nilError, and: isUnknown },
    excuses: 'the answer',
    instead: errorDocument(404),
  },
  {
    quirk: 'M3, M18',
    because: 'An operation that names another resource which is unknown is refused.',
    when: {
      method: ['POST'],
      path: /^\/api\/(addresses|storage_volumes)\/[^/]+\/(associate|attach)$/,
      status: [500],
      says: nilError,
      and: (exchange, world) => !isUnknown(exchange, world),
    },
    excuses: 'the answer',
    instead: errorDocument(400),
  },
  {
    quirk: 'M3, M18',
    because: 'A network interface or subnet in an unknown network, or for an unknown instance, is refused.',
    when: {
      method: ['POST'],
      path: /^\/api\/(network_interfaces|subnets)$/,
      status: [500],
      says: nilError,
      and: exchange => !lacksSubnet(exchange),
    },
    excuses: 'the answer',
    instead: errorDocument(400),
  },
  {
    quirk: 'M3, M17',
    because: 'A volume that is not attached can not be detached: that is a conflict, not a failure.',
    when: {
      method: ['POST'],
      path: /^\/api\/storage_volumes\/[^/]+\/detach$/,
      status: [500],
      says: nilError,
      and: (exchange, world) => !isUnknown(exchange, world),
    },
    excuses: 'the answer',
    instead: errorDocument(409),
  },
  {
    quirk: 'M4',
    because: 'An unknown blob is not found.',
    when: { method: ['DELETE'], path: /^\/api\/buckets\/[^/]+\/[^/]+$/, status: [500], says: /non existent blob/ },
    excuses: 'the answer',
    instead: errorDocument(404),
  },
  {
    quirk: 'D24',
    because: 'A capacity is a number of GB.',
    when: {
      method: ['POST'],
      path: /^\/api\/storage_volumes$/,
      and: exchange => succeeded(exchange) && !/^\d{0,9}$/.test(parameterOf(exchange, 'capacity') ?? ''),
    },
    excuses: 'the answer',
    instead: errorDocument(400),
    unseen: true,
  },
  {
    quirk: 'M6',
    because: 'A blob is found in its own bucket only.',
    when: {
      method: ['GET', 'HEAD', 'POST'],
      path: /^\/api\/buckets\/[^/]+\/[^/]+(\/\w+)?$/,
      status: [200, 204],
      and: ({ path }, { inventory }) => !inventory.has(path.split('/').slice(0, 5).join('/')),
    },
    excuses: 'the answer',
    instead: errorDocument(404),
    unseen: true,
  },
  {
    quirk: 'M7',
    because: 'The size of a bucket is the number of its blobs.',
    when: { method: ['GET'], path: /^\/api\/buckets(\/[^/]+)?$/, status: [200], and: ({ recorded }) => isMiscounted(recorded) },
    excuses: ['xml /bucket/size/text()', 'xml /buckets/bucket[*]/size/text()', 'json $.bucket.size', 'json $.buckets[*].size'],
    instead: ours => (isMiscounted(ours) ? 'the size is not the number of blobs' : undefined),
  },
  {
    quirk: 'M7',
    because: 'A bucket whose name is taken is answered as it is, with the blobs that it keeps.',
    when: {
      method: ['POST'],
      path: /^\/api\/buckets$/,
      status: [201],
      and: (exchange, { inventory }) => inventory.has(`/api/buckets/${parameterOf(exchange, 'name')}`),
    },
    excuses: ['xml /bucket/size/text()', 'xml /bucket/blob[*]', 'xml /bucket/blob', 'json $.bucket.size', 'json $.bucket.blob_list[*]'],
    instead: ours => (isMiscounted(ours) ? 'the size is not the number of blobs' : undefined),
  },
  {
    quirk: 'M8',
    because: 'A metric is that of the instance which was asked for.',
    when: { method: ['GET'], path: /^\/api\/metrics\/[^/]+$/, status: [200], and: ({ path }, { inventory }) => inventory.has(path) },
    excuses: [
      'xml /metric/@id',
      'xml /metric/@href',
      'xml /metric/entity/text()',
      'json $.metric.id',
      'json $.metric.href',
      'json $.metric.entity',
    ],
    instead: (ours, { path }) => (resourcesOf(ours)[0]?.id === path.split('/')[3] ? undefined : 'is about another instance'),
  },
  {
    quirk: 'M9',
    because: 'A command runs.',
    when: {
      method: ['POST'],
      path: /^\/api\/instances\/[^/]+\/run$/,
      status: [500],
      says: /MockSSH/,
      and: (exchange, world) => !isUnknown(exchange, world),
    },
    excuses: 'the answer',
    instead: all(status(200), document('instance'), (ours, exchange) =>
      ours.body.toString().includes(parameterOf(exchange, 'cmd') ?? '') ? undefined : 'does not name the command',
    ),
  },
  {
    quirk: 'M9',
    because: 'No command runs on an unknown instance.',
    when: { method: ['POST'], path: /^\/api\/instances\/[^/]+\/run$/, status: [500], says: /MockSSH/, and: isUnknown },
    excuses: 'the answer',
    instead: errorDocument(404),
  },
  {
    quirk: 'M10',
    because: 'The subnet of a network interface follows from its network.',
    when: { method: ['POST'], path: /^\/api\/network_interfaces$/, status: [500], and: lacksSubnet },
    excuses: 'the answer',
    instead: (ours, exchange, world) =>
      [parameterOf(exchange, 'instance'), parameterOf(exchange, 'network')].some(id => id === undefined || !isKnown(id, world))
        ? errorDocument(400)(ours, exchange, world)
        : created('network_interface')(ours, exchange, world),
    unseen: true,
  },
  {
    quirk: 'M12',
    because: 'An image without a name gets one.',
    when: { method: ['POST'], path: /^\/api\/images$/, status: [500], says: /Why no obj\[:id\]/ },
    excuses: 'the answer',
    instead: created('image'),
  },
  {
    quirk: 'M19',
    because: 'A subnet whose creation failed is not there.',
    when: { method: ['GET'], path: /^\/api\/(subnets|networks)/, status: [200] },
    excuses: [
      'xml /subnets/subnet',
      'xml /subnets/subnet[*]',
      'json $.subnets[*]',
      'xml /networks/network[*]/subnets/subnet[*]',
      'json $.networks[*].subnets[*]',
    ],
    only: ({ kind, expected }, _exchange, { inventory }) => {
      const network = /<network>([^<]*)</.exec(expected ?? '')?.[1] ?? /"network":\{"id":"([^"]*)"/.exec(expected ?? '')?.[1]
      return kind === 'missing' && network !== undefined && !inventory.has(`/api/networks/${network}`)
    },
  },
  {
    quirk: 'M21',
    because: 'An instance of which no image can be made is a conflict.',
    when: { method: ['POST'], path: /^\/api\/images$/, status: [500], says: /CreateImageNotSupported/ },
    excuses: 'the answer',
    instead: errorDocument(409),
  },
  {
    quirk: 'M22',
    because: 'Instances are filtered by their owner.',
    when: {
      method: ['GET'],
      path: /^\/api\/instances$/,
      status: [200],
      and: ({ query }) => !['mockuser', undefined].includes(query.get('owner_id') ?? undefined),
    },
    excuses: ['xml /instances/instance[*]', 'xml /instances/instance', 'json $.instances[*]'],
    instead: exactly(() => false),
  },
  {
    quirk: 'M22',
    because: 'Metrics are filtered by the id of their instance.',
    when: { method: ['GET'], path: /^\/api\/metrics$/, status: [200], and: ({ query }) => query.has('id') },
    excuses: ['xml /metrics/metric[*]', 'json $.metrics[*]'],
    instead: exactly((id, { query }) => id === query.get('id')),
  },
]

function lacksSubnet(exchange: Exchange): boolean {
  return exchange.path === '/api/network_interfaces' && parameterOf(exchange, 'subnet') === undefined
}

const isKnown = (id: string, { inventory }: World): boolean =>
  ['instances', 'networks', 'subnets'].some(collection => inventory.has(`/api/${collection}/${id}`))
