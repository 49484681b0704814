/**
 * What an answer can be held to when its recording is replayed: every attribute that both formats have. A replay repeats them all, as the provider's
 * answers and the time are those of the recording.
 */

import { XMLParser } from 'fast-xml-parser'
import type { RecordedStep } from './steps.ts'

type Attributes = Readonly<Record<string, string | readonly string[]>>

export interface Expectation {
  readonly status: number | readonly number[]
  readonly error?: { readonly status: number }
  readonly collection?: string
  readonly count?: number
  readonly members?: readonly Attributes[]
  readonly element?: Attributes
}

/** From an answer as JSON or XML; of one as a page, or as bytes, it's the status. */
export const expectationOf = ({ request: { path }, status, answer }: RecordedStep): Expectation => {
  if (status >= 400) return { status, error: { status } }
  const [, , collection = '', id] = path.split('/')
  const document = documentOf(answer)
  const list = document?.[collection]
  if (id === undefined && Array.isArray(list)) {
    const members = list.filter(isObject).flatMap(attributesOf)
    return { status, collection, count: list.length, ...(members.length === 0 ? {} : { members }) }
  }
  const [element] = document === undefined ? [] : attributesOf(resourceIn(document))
  return element === undefined ? { status } : { status, element }
}

type Item = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is Item => typeof value === 'object' && value !== null && !Array.isArray(value)

/** An action is answered with the resource itself, else it stands under its one key. */
const resourceIn = (document: Item): Item => {
  const [inner, ...others] = Object.values(document)
  return typeof document.id === 'string' || others.length > 0 || !isObject(inner) ? document : inner
}

const documentOf = (text: string): Item | undefined => {
  try {
    const value: unknown = /^\s*</.test(text) ? inXml(text) : JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  parseAttributeValue: false,
  ignoreDeclaration: true,
  isArray: (_name, path, _isLeaf, isAttribute) => !isAttribute && /^(?:\w+\.\w+|.*\.actions\.link)$/.test(String(path)),
})

/** The XML of the API as its JSON: a list of resources under the name of their collection, and what a resource can do as a list. */
const inXml = (text: string): Item => {
  const document: unknown = parser.parse(text)
  const [[root = '', inner] = []] = isObject(document) ? Object.entries(document) : []
  // A list without members has no text, or attributes of its own.
  if (!isObject(inner) || typeof inner.id !== 'string')
    return { [root]: isObject(inner) ? Object.values(inner).flat().filter(isObject).map(resource) : [] }
  return {
    [root]: resource(Object.fromEntries(Object.entries(inner).map(([key, value]) => [key, Array.isArray(value) ? value[0] : value]))),
  }
}

const resource = (item: Item): Item => ({
  ...item,
  // XML calls a volume without a name by its id; JSON has none.
  ...(item.name === item.id && 'capacity' in item ? { name: undefined } : {}),
  ...(isObject(item.actions) ? { actions: item.actions.link ?? [] } : {}),
})

/** Attributes that are a text or a number, by the names that both formats have. */
const texts = [
  'name',
  'description',
  'architecture',
  'creation_time',
  'root_type',
  'fingerprint',
  'created',
  'created_at',
  'capacity',
  'kind',
  'device',
  'ip_address',
  'address_block',
  'content_type',
  'content_length',
  'last_modified',
  'size',
] as const

const references = ['image', 'realm', 'hardware_profile', 'storage_volume', 'network', 'instance', 'bucket'] as const

/** Lists of other resources: name in expectations → key in JSON, and the element within in XML. */
const lists: Readonly<Record<string, { readonly key: string; readonly element: string }>> = {
  subnets: { key: 'subnets', element: 'subnet' },
  rules: { key: 'rules', element: 'rule' },
  blobs: { key: 'blob_list', element: 'blob' },
  network_interfaces: { key: 'network_interfaces', element: 'network_interface' },
  storage_volumes: { key: 'storage_volumes', element: 'storage_volume' },
  hardware_profiles: { key: 'hardware_profiles', element: 'hardware_profile' },
  instances: { key: 'instances', element: 'instance' },
}

const namedActions: ReadonlySet<string> = new Set(['start', 'stop', 'reboot', 'destroy', 'attach', 'detach'])

/** None where it isn't a resource. */
const attributesOf = (item: Item): readonly Attributes[] => {
  if (typeof item.id !== 'string') return []
  const found: [string, string | readonly string[] | undefined][] = [
    ['id', item.id],
    ...texts.map((name): [string, string | undefined] => [name, readText(item[name])]),
    ['state', readText(item.state)?.toUpperCase()],
    ['owner_id', readText(item.owner) ?? readText(item.owner_id)],
    ['launch_time', readText(item.create_time) ?? readText(item.launch_time)],
    ...references.flatMap(name => readReference(name, item[name])),
    // JSON has a list of a load balancer's realms, where XML has one.
    ...readReference('realm', item.realm === undefined ? listItems(item.realms, 'realm')?.[0] : undefined),
    ...Object.entries(lists).map(([name, { key, element }]): [string, readonly string[] | undefined] => [
      name,
      listItems(item[key], element)?.map(one => readText(one.id) ?? ''),
    ]),
    ...['public_addresses', 'private_addresses'].map((name): [string, readonly string[] | undefined] => [
      name,
      listChildren(item[name], 'address')?.map(one => readText(isObject(one) && 'address' in one ? one.address : one) ?? ''),
    ]),
    ['address_blocks', listChildren(item.address_blocks, 'address_block')?.map(block => readText(block) ?? '')],
    ['actions', Array.isArray(item.actions) ? listActions(item.actions) : undefined],
    ['listeners', listItems(item.listeners, 'listener')?.map(describeListener)],
    ['rule_details', listItems(item.rules, 'rule')?.map(describeRule)],
    ...readMetadata(item.user_metadata),
    ...readProperties(item.property_details),
  ]
  return [Object.fromEntries(found.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))]
}

/** Of an element or a member; undefined where there is none, or a blank one. */
const readText = (value: unknown): string | undefined => {
  const text = isObject(value) ? value['#text'] : value
  return ['string', 'number', 'boolean'].includes(typeof text) && String(text).trim() !== '' ? String(text) : undefined
}

/** What is in a list: one of JSON, or the elements in one of XML. */
const listChildren = (value: unknown, element: string): readonly unknown[] | undefined => {
  if (Array.isArray(value)) return value
  if (value === '') return []
  if (!isObject(value) || 'id' in value) return undefined
  const inner = value[element]
  return inner === undefined ? [] : Array.isArray(inner) ? inner : [inner]
}

const listItems = (value: unknown, element: string): readonly Item[] | undefined => listChildren(value, element)?.filter(isObject)

const readReference = (name: string, reference: unknown): [string, string | undefined][] => {
  if (!isObject(reference)) return []
  const { id, properties, property } = reference
  const values = isObject(properties)
    ? Object.entries(properties)
    : (listChildren({ property }, 'property') ?? []).filter(isObject).map(one => [String(one.name), one.value] as const)
  return [[`${name}.id`, readText(id)], ...values.map(([key, value]): [string, string | undefined] => [`${name}.${key}`, readText(value)])]
}

const listActions = (actions: readonly unknown[]): readonly string[] =>
  actions
    .filter(isObject)
    .map(({ rel }) => String(rel))
    .filter(rel => namedActions.has(rel))
    .sort()

const describeListener = ({ protocol, load_balancer_port: balancer, instance_port: instance }: Item): string =>
  [protocol, balancer, instance].map(value => readText(value) ?? '-').join(' ')

const describeRule = ({ direction, allow_protocol: protocol, port_from: from, port_to: to, sources }: Item): string =>
  [
    ...[direction, protocol, from, to].map(value => readText(value) ?? '-'),
    ...(listItems(sources, 'source') ?? [])
      .map(({ address, prefix, owner, name }) =>
        address === undefined ? `${readText(owner) ?? ''}:${readText(name) ?? ''}` : `${address}/${prefix}`,
      )
      .sort(),
  ].join(' ')

const readMetadata = (metadata: unknown): [string, string | undefined][] => {
  if (!isObject(metadata)) return []
  const entries =
    'entry' in metadata && typeof metadata.entry === 'object' ? (listChildren(metadata, 'entry') ?? []).filter(isObject) : undefined
  return entries === undefined
    ? Object.entries(metadata).map(([key, value]) => [`user_metadata.${key}`, readText(value)])
    : entries.map(entry => [`user_metadata.${String(entry.key)}`, readText(entry)])
}

/** Of a hardware profile: the default of each property, and what may be chosen. */
const readProperties = (details: unknown): [string, string | readonly string[] | undefined][] =>
  isObject(details)
    ? Object.entries(details).flatMap(([name, one]): [string, string | readonly string[] | undefined][] => {
        if (!isObject(one)) return []
        const choice = Array.isArray(one.values) ? one.values : one.first === undefined ? undefined : [one.first, one.last]
        return [
          [name, readText(one.value)],
          [`${name}.choice`, choice?.map(value => readText(value) ?? '')],
        ]
      })
    : []
