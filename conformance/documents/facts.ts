/**
 * What a document says, whatever its format: facts by path, and which fact of XML is which of JSON.
 * A name of XML is a path of elements, `/@` before an attribute; a name of JSON is a path of keys. `{key}` and `{}` are the keys and values of
 * an object, or the names and contents of elements, whose names are data.
 */

import type { Element } from './xml.ts'

/** Values by path, in the order of the document. Absent, null and blank are the same: no fact. */
export type Facts = ReadonlyMap<string, readonly string[]>

/** A fallback: the id of the resource, by either format's name of it. */
const itsId = Symbol('its id')

/** How one collection's documents name what they say. */
interface Naming {
  /** The name in XML → the name in JSON, for what both say in the same words. */
  readonly both: Readonly<Record<string, string>>
  /** What only XML says, and what it must be, by what JSON says. */
  readonly inXml?: Readonly<Record<string, (json: Facts) => readonly string[]>>
  /** What only JSON says, and what it must be, by what XML says. */
  readonly inJson?: Readonly<Record<string, (xml: Facts) => readonly string[]>>
  /** Paths of JSON, and of XML, under which the names are data. */
  readonly maps?: readonly string[]
  readonly mapsInXml?: readonly string[]
  /** Values that stand for absent. */
  readonly fallbacks?: Readonly<Record<string, string | typeof itsId>>
}

/** @returns what one document says and the other doesn't, as sentences; none where they hold the same. */
export const differences = (collection: string, element: Element, document: unknown): string[] => {
  const naming = namings[collection]
  if (naming === undefined) return [`There is no table of names for ${collection}`]
  const [xml, json] = [withoutFallbacks(xmlFacts(element, naming), naming), withoutFallbacks(jsonFacts(document, naming), naming)]
  const both = { ...shared, ...naming.both }
  const found: string[] = []
  const check = (what: string, actual: readonly string[], expected: readonly string[]): void => {
    if (JSON.stringify(actual) !== JSON.stringify(expected))
      found.push(`${what}: ${JSON.stringify(actual)}, not ${JSON.stringify(expected)}`)
  }
  for (const [inXml, inJson] of Object.entries(both)) check(`JSON ${inJson}`, json.get(inJson) ?? [], xml.get(inXml) ?? [])
  for (const [name, expected] of Object.entries(naming.inXml ?? {})) check(`XML ${name}`, xml.get(name) ?? [], expected(json))
  for (const [name, expected] of Object.entries(naming.inJson ?? {})) check(`JSON ${name}`, json.get(name) ?? [], expected(xml))
  const knownInXml = new Set([...Object.keys(both), ...Object.keys(naming.inXml ?? {})])
  const knownInJson = new Set([...Object.values(both), ...Object.keys(naming.inJson ?? {})])
  for (const name of xml.keys()) if (!knownInXml.has(name)) found.push(`XML says ${name}, which no table names`)
  for (const name of json.keys()) if (!knownInJson.has(name)) found.push(`JSON says ${name}, which no table names`)
  return found
}

/** What every resource has. */
const shared: Naming['both'] = {
  '@href': 'href',
  '@id': 'id',
  'actions/link/@href': 'actions.href',
  'actions/link/@method': 'actions.method',
  'actions/link/@rel': 'actions.rel',
}

/** A reference, or a list of them, by its name in both. */
const refers = (inXml: string, inJson = inXml.replaceAll('/', '.')): Naming['both'] => ({
  [`${inXml}/@href`]: `${inJson}.href`,
  [`${inXml}/@id`]: `${inJson}.id`,
})

/** Facts of the same name in both. */
const alike = (...names: readonly string[]): Naming['both'] => Object.fromEntries(names.map(name => [name, name]))

const values = (facts: Facts, name: string): readonly string[] => facts.get(name) ?? []

const unitOf: Readonly<Record<string, string>> = { memory: 'MB', storage: 'GB', cpu: 'count', architecture: 'label' }

const namings: Readonly<Record<string, Naming>> = {
  realms: { both: alike('name', 'state', 'limit'), fallbacks: { limit: 'unlimited' } },
  hardware_profiles: {
    both: {
      ...alike('name'),
      'property/@name': 'property_details{key}',
      'property/@kind': 'property_details{}.kind',
      'property/@unit': 'property_details{}.unit',
      'property/@value': 'property_details{}.value',
      'property/param/@name': 'property_details{}.param',
      'property/range/@first': 'property_details{}.first',
      'property/range/@last': 'property_details{}.last',
      'property/enum/entry/@value': 'property_details{}.values',
    },
    maps: ['properties', 'property_details'],
    inXml: {
      id: json => values(json, 'id'),
      'property/param/@method': json => values(json, 'property_details{}.param').map(() => 'post'),
      'property/param/@operation': json => values(json, 'property_details{}.param').map(() => 'create'),
      'property/param/@href': json =>
        values(json, 'property_details{}.param').map(() =>
          values(json, 'href')
            .join()
            .replace(/hardware_profiles\/.*$/, 'instances'),
        ),
    },
    // The older of the two names: the default values alone (quirk D3).
    inJson: { 'properties{key}': xml => values(xml, 'property/@name'), 'properties{}': xml => values(xml, 'property/@value') },
  },
  images: {
    both: {
      ...alike('name', 'description', 'architecture', 'state', 'creation_time', 'root_type'),
      owner_id: 'owner',
      ...refers('hardware_profiles/hardware_profile', 'hardware_profiles'),
    },
  },
  instances: {
    both: {
      ...alike('name', 'state'),
      owner_id: 'owner',
      launch_time: 'create_time',
      ...refers('image'),
      ...refers('realm'),
      ...refers('hardware_profile'),
      'hardware_profile/property/@name': 'hardware_profile.properties{key}',
      'hardware_profile/property/@value': 'hardware_profile.properties{}',
      'public_addresses/address': 'public_addresses.address',
      'public_addresses/address/@type': 'public_addresses.type',
      'public_addresses/address/@port': 'public_addresses.port',
      'private_addresses/address': 'private_addresses.address',
      'private_addresses/address/@type': 'private_addresses.type',
      'private_addresses/address/@port': 'private_addresses.port',
      ...refers('firewalls/firewall', 'firewalls'),
      ...refers('storage_volumes/storage_volume', 'storage_volumes'),
      'storage_volumes/storage_volume/@device': 'storage_volumes.device',
      ...refers('network_interfaces/network_interface', 'network_interfaces'),
      'authentication/@type': 'authentication_type',
      'authentication/error': 'authentication.error',
      'authentication/login/keyname': 'authentication.keyname',
      'authentication/login/username': 'authentication.user',
      'authentication/login/password': 'authentication.password',
    },
    maps: ['hardware_profile.properties'],
    inXml: {
      'hardware_profile/property/@kind': json => values(json, 'hardware_profile.properties{key}').map(() => 'fixed'),
      'hardware_profile/property/@unit': json => values(json, 'hardware_profile.properties{key}').map(name => unitOf[name] ?? ''),
    },
    inJson: { create_image: xml => (values(xml, 'actions/link/@rel').includes('create_image') ? ['true'] : []) },
    fallbacks: { create_image: 'false' },
  },
  keys: { both: { ...alike('name', 'fingerprint', 'username', 'password', 'state'), '@type': 'credential_type', pem: 'pem_rsa_key' } },
  storage_volumes: {
    both: {
      ...alike('created', 'capacity', 'kind', 'name', 'description', 'device', 'state'),
      ...refers('realm'),
      ...refers('mount/instance', 'instance'),
    },
    inXml: {
      'capacity/@unit': () => ['GB'],
      realm_id: json => values(json, 'realm.id'),
      'mount/device/@name': json => (values(json, 'instance.id').length === 0 ? [] : values(json, 'device')),
    },
    fallbacks: { name: itsId },
  },
  storage_snapshots: {
    both: { ...alike('name', 'description', 'state', 'created'), ...refers('storage_volume') },
    fallbacks: { name: itsId },
  },
  buckets: { both: { ...alike('name', 'size'), ...refers('blob', 'blob_list') } },
  blobs: {
    both: {
      ...alike('content_length', 'content_type', 'last_modified'),
      bucket: 'bucket.id',
      'user_metadata/entry/@key': 'user_metadata{key}',
      'user_metadata/entry': 'user_metadata{}',
      'content/@href': 'content_href',
    },
    maps: ['user_metadata'],
    inXml: { 'content/@rel': () => ['blob_content'] },
    inJson: { 'bucket.href': xml => values(xml, '@href').map(href => href.slice(0, href.lastIndexOf('/'))) },
  },
  addresses: {
    both: { 'instance/@id': 'instance_id' },
    inXml: {
      ip: json => values(json, 'id'),
      'instance/@href': json =>
        values(json, 'instance_id').map(
          id =>
            `${values(json, 'href')
              .join()
              .replace(/addresses\/.*$/, 'instances')}/${encodeURIComponent(id)}`,
        ),
    },
    inJson: { associated: xml => [String(values(xml, 'instance/@id').length > 0)] },
  },
  firewalls: {
    both: {
      ...alike('name', 'description', 'owner_id'),
      ...refers('rules/rule', 'rules'),
      'rules/rule/actions/link/@href': 'rules.actions.href',
      'rules/rule/actions/link/@method': 'rules.actions.method',
      'rules/rule/actions/link/@rel': 'rules.actions.rel',
      'rules/rule/allow_protocol': 'rules.allow_protocol',
      'rules/rule/port_from': 'rules.port_from',
      'rules/rule/port_to': 'rules.port_to',
      'rules/rule/direction': 'rules.direction',
      'rules/rule/rule_action': 'rules.rule_action',
      'rules/rule/log_rule': 'rules.log_rule',
      ...Object.fromEntries(
        ['name', 'owner', 'type', 'address', 'family', 'prefix'].map(name => [
          `rules/rule/sources/source/@${name}`,
          `rules.sources.${name}`,
        ]),
      ),
    },
  },
  load_balancers: {
    both: {
      ...alike('created_at'),
      'public_addresses/address': 'public_addresses',
      ...refers('realm', 'realms'),
      'listeners/listener/@protocol': 'listeners.protocol',
      'listeners/listener/load_balancer_port': 'listeners.load_balancer_port',
      'listeners/listener/instance_port': 'listeners.instance_port',
      ...refers('instances/instance', 'instances'),
      'instances/instance/link/@href': 'instances.actions.href',
      'instances/instance/link/@method': 'instances.actions.method',
      'instances/instance/link/@rel': 'instances.actions.rel',
    },
  },
  metrics: {
    both: {
      ...alike('entity'),
      'properties{key}': 'properties.name',
      'properties{}/sample/property/@name': 'properties.values{key}',
      'properties{}/sample/property/@value': 'properties.values{}',
    },
    maps: ['properties.values'],
    mapsInXml: ['properties'],
    fallbacks: { entity: itsId },
  },
  networks: {
    both: { ...alike('name', 'state'), 'address_blocks/address_block': 'address_blocks', ...refers('subnets/subnet', 'subnets') },
  },
  subnets: {
    both: { ...alike('name', 'type', 'state', 'address_block'), network: 'network.id', 'network/@href': 'network.href' },
  },
  network_interfaces: {
    both: { ...alike('name', 'ip_address'), ...refers('network'), 'instance/@href': 'instance.href', instance: 'instance.id' },
    inXml: { network: json => values(json, 'network.id'), 'instance/@id': json => values(json, 'instance.id') },
  },
}

const withoutFallbacks = (facts: Facts, { fallbacks = {} }: Naming): Facts =>
  new Map(
    [...facts].filter(([name, found]) => {
      const fallback = fallbacks[name]
      const instead = fallback === itsId ? (facts.get('@id') ?? facts.get('id'))?.[0] : fallback
      return instead === undefined || found.length !== 1 || found[0] !== instead
    }),
  )

const collector = () => {
  const facts = new Map<string, string[]>()
  const add = (name: string, value: string): void => {
    if (value.trim() === '') return
    const before = facts.get(name)
    if (before === undefined) facts.set(name, [value])
    else before.push(value)
  }
  return { facts, add }
}

const xmlFacts = (element: Element, { mapsInXml = [] }: Naming): Facts => {
  const { facts, add } = collector()
  const walk = ({ attributes, children, text }: Element, path: string): void => {
    for (const [name, value] of attributes) {
      // The `rel` of a reference says again what it is.
      if (name !== 'rel' || !attributes.has('id')) add(path === '' ? `@${name}` : `${path}/@${name}`, value)
    }
    if (children.length === 0) add(path, text)
    for (const child of children) {
      if (mapsInXml.includes(path)) {
        add(`${path}{key}`, child.name)
        walk(child, `${path}{}`)
      } else walk(child, path === '' ? child.name : `${path}/${child.name}`)
    }
  }
  walk(element, '')
  return facts
}

const jsonFacts = (document: unknown, { maps = [] }: Naming): Facts => {
  const { facts, add } = collector()
  const walk = (value: unknown, path: string): void => {
    if (value === null || value === undefined) return
    if (Array.isArray(value)) for (const one of value) walk(one, path)
    else if (typeof value !== 'object') add(path, String(value))
    else if (!('id' in value && value.id === null)) {
      for (const [key, inner] of Object.entries(value)) {
        if (maps.includes(path)) {
          add(`${path}{key}`, key)
          walk(inner, `${path}{}`)
        } else if (key !== 'rel' || !('id' in value)) walk(inner, path === '' ? key : `${path}.${key}`)
      }
    }
  }
  walk(document, '')
  return facts
}
