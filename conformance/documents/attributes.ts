/** Attributes of a resource by the names that scenarios use, in XML and in JSON alike: as text, or as a list of texts. */

import { type Item, isItem, itemsAt, read } from './read.ts'
import { type Element, findElements } from './xml.ts'

export type Value = string | readonly string[] | undefined

/** The actions of instances and volumes; links to other things are no actions. */
const namedActions: ReadonlySet<string> = new Set(['start', 'stop', 'reboot', 'destroy', 'attach', 'detach'])

/** What of a hardware profile, and of an instance's, is a property. */
const properties: ReadonlySet<string> = new Set(['cpu', 'memory', 'storage', 'architecture', 'root_type'])

/** Lists of other resources, or of parts: name in scenarios → path in XML, key in JSON. */
const lists: Readonly<Record<string, { readonly xml: readonly string[]; readonly json: string }>> = {
  subnets: { xml: ['subnets', 'subnet'], json: 'subnets' },
  rules: { xml: ['rules', 'rule'], json: 'rules' },
  blobs: { xml: ['blob'], json: 'blob_list' },
  providers: { xml: ['provider'], json: 'providers' },
  network_interfaces: { xml: ['network_interfaces', 'network_interface'], json: 'network_interfaces' },
  storage_volumes: { xml: ['storage_volumes', 'storage_volume'], json: 'storage_volumes' },
  hardware_profiles: { xml: ['hardware_profiles', 'hardware_profile'], json: 'hardware_profiles' },
  instances: { xml: ['instances', 'instance'], json: 'instances' },
}

/** Parts that are no resources, each as one text: protocol and ports of a listener, and what a rule allows. */
const details: Readonly<
  Record<string, { readonly xml: (element: Element) => readonly string[]; readonly json: (item: Item) => readonly string[] }>
> = {
  listeners: {
    xml: element =>
      findElements(element, 'listeners', 'listener').map(one =>
        joinParts(one.attributes.get('protocol'), ...['load_balancer_port', 'instance_port'].map(name => findElements(one, name)[0]?.text)),
      ),
    json: item =>
      itemsAt(item, 'listeners').map(one => joinParts(...['protocol', 'load_balancer_port', 'instance_port'].map(name => read(one, name)))),
  },
  rule_details: {
    xml: element =>
      findElements(element, 'rules', 'rule').map(one =>
        describeRule(
          ruleParts.map(name => findElements(one, name)[0]?.text),
          findElements(one, 'sources', 'source').map(
            ({ attributes }) =>
              (name: string) =>
                attributes.get(name),
          ),
        ),
      ),
    json: item =>
      itemsAt(item, 'rules').map(one =>
        describeRule(
          ruleParts.map(name => read(one, name)),
          itemsAt(one, 'sources').map(source => (name: string) => read(source, name)),
        ),
      ),
  },
}

const ruleParts = ['direction', 'allow_protocol', 'port_from', 'port_to']

const joinParts = (...parts: readonly (string | undefined)[]): string => parts.map(part => part?.trim() || '-').join(' ')

const describeRule = (parts: readonly (string | undefined)[], sources: readonly ((name: string) => string | undefined)[]): string =>
  [
    joinParts(...parts),
    ...sources
      .map(of => (of('address') === undefined ? `${of('owner') ?? ''}:${of('name') ?? ''}` : `${of('address')}/${of('prefix')}`))
      .sort(),
  ].join(' ')

/** Names of JSON that differ from those of XML. */
const jsonNames: Readonly<Record<string, string>> = { owner_id: 'owner', launch_time: 'create_time' }

export const readXmlAttribute = (element: Element, name: string): Value => {
  const first = (...path: readonly string[]): Element | undefined => findElements(element, ...path)[0]
  if (name === 'id') return element.attributes.get('id')
  if (name === 'actions')
    return findElements(element, 'actions', 'link')
      .map(link => link.attributes.get('rel') ?? '')
      .filter(rel => namedActions.has(rel))
      .sort()
  if (name === 'public_addresses' || name === 'private_addresses')
    return findElements(element, name, 'address').map(address => address.text.trim())
  if (name === 'address_blocks') return findElements(element, name, 'address_block').map(block => block.text.trim())
  const list = Object.hasOwn(lists, name) ? lists[name] : undefined
  if (list !== undefined) return findElements(element, ...list.xml).map(one => one.attributes.get('id') ?? '')
  if (Object.hasOwn(details, name)) return details[name]?.xml(element)
  const [head = '', ...tail] = name.split('.')
  const rest = tail.join('.')
  if (rest === '') {
    if (element.name === 'hardware_profile' && properties.has(name)) return propertyIn(element, name)
    const found = first(name)
    return found === undefined ? element.attributes.get(name) : nonEmptyText(found.text)
  }
  if (rest === 'choice') return readXmlChoice(element, head)
  if (head === 'user_metadata')
    return findElements(element, head, 'entry')
      .find(entry => entry.attributes.get('key')?.trim() === rest)
      ?.text.trim()
  const inner = head === 'instance' ? (first('mount', 'instance') ?? first('instance')) : first(head)
  if (rest === 'id') return inner === undefined ? undefined : (inner.attributes.get('id') ?? nonEmptyText(inner.text))
  return inner === undefined ? undefined : propertyIn(inner, rest)
}

/** What may be chosen for a property of a hardware profile: the ends of a range, or all values. */
const readXmlChoice = (element: Element, name: string): readonly string[] =>
  element.children
    .filter(one => one.name === 'property' && one.attributes.get('name') === name)
    .flatMap(one => [
      ...findElements(one, 'range').flatMap(({ attributes }) => [attributes.get('first') ?? '', attributes.get('last') ?? '']),
      ...findElements(one, 'enum', 'entry').map(({ attributes }) => attributes.get('value') ?? ''),
    ])

const propertyIn = (element: Element, name: string): string | undefined =>
  findElements(element, 'property')
    .find(property => property.attributes.get('name') === name)
    ?.attributes.get('value')

const nonEmptyText = (text: string): string | undefined => (text.trim() === '' ? undefined : text.trim())

export const readJsonAttribute = (item: Item, name: string): Value => {
  if (name === 'actions')
    return itemsAt(item, name)
      .map(action => read(action, 'rel') ?? '')
      .filter(rel => namedActions.has(rel))
      .sort()
  if (name === 'public_addresses' || name === 'private_addresses') {
    const found = item[name]
    return Array.isArray(found) ? found.map(one => (isItem(one) ? (read(one, 'address') ?? '') : String(one))) : []
  }
  if (name === 'address_blocks') return Array.isArray(item[name]) ? item[name].map(String) : []
  const list = Object.hasOwn(lists, name) ? lists[name] : undefined
  if (list !== undefined) return itemsAt(item, list.json).map(one => read(one, 'id') ?? '')
  if (Object.hasOwn(details, name)) return details[name]?.json(item)
  const [head = '', ...tail] = name.split('.')
  const rest = tail.join('.')
  if (rest === '') {
    if (name === 'realm_id') return read(item, 'realm_id') ?? read(item, 'realm', 'id')
    // Of a blob XML has the name of its bucket, where JSON has a link.
    if (name === 'bucket' && isItem(item.bucket)) return read(item, 'bucket', 'id')
    if (properties.has(name) && isItem(item.properties))
      return read(item, 'property_details', name, 'value') ?? read(item, 'properties', name)
    return read(item, Object.hasOwn(jsonNames, name) ? (jsonNames[name] ?? name) : name) ?? read(item, name)
  }
  if (rest === 'choice') {
    const { property_details: all } = item
    const property = isItem(all) && isItem(all[head]) ? all[head] : {}
    return Array.isArray(property.values) ? property.values.map(String) : ['first', 'last'].flatMap(end => read(property, end) ?? [])
  }
  if (head === 'user_metadata') return read(item, head, rest)
  if (rest === 'id') return read(item, head, 'id') ?? read(item, `${head}_id`) ?? idInList(item, `${head}s`)
  return read(item, head, 'properties', rest)
}

/** Where XML names one (`realm`), and JSON has a list of them (`realms`). */
const idInList = (item: Item, key: string): string | undefined => read(itemsAt(item, key)[0], 'id')

/** Values are compared as text, numbers as numbers, lists in any order; absent is the same as empty. */
export const isAlike = (expected: unknown, actual: Value): boolean => {
  if (Array.isArray(expected)) {
    const [wanted, found] = [
      expected.map(String).sort(),
      (Array.isArray(actual) ? [...actual] : actual === undefined ? [] : [actual]).map(String).sort(),
    ]
    return wanted.length === found.length && wanted.every((value, n) => isSameText(value, found[n] ?? ''))
  }
  const wanted = expected === null || expected === undefined ? '' : String(expected)
  return typeof actual === 'object' ? false : isSameText(wanted, actual ?? '')
}

const isSameText = (a: string, b: string): boolean => a.trim() === b.trim() || (isNumber(a) && isNumber(b) && Number(a) === Number(b))

const isNumber = (text: string): boolean => /^-?\d+(\.\d+)?$/.test(text.trim())
