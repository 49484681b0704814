/** Hardware profiles: the sizes in which instances can be had. */

import { find, type Offer } from '../../drivers/driver.ts'
import {
  bySize,
  defaultOf,
  type HardwareProfile,
  includes,
  type Property,
  type PropertyValue,
  propertyOf,
  units,
} from '../../model/hardware-profile.ts'
import type { IdFilter } from '../../model/requests.ts'
import { legal } from '../formats/text.ts'
import { type Field, humanise, type Json, text, type View } from '../formats/view.ts'
import { attribute, type XmlWriter } from '../formats/xml.ts'
import type { ApiRequest } from '../request.ts'
import { present } from '../request.ts'
import { collection, item, list, missing } from './build.ts'
import type { Collection, FormField } from './operation.ts'

const inWords = (property: Property): string => {
  const unit = units[property.name]
  const suffix = unit === undefined || unit === 'label' || unit === 'count' ? (property.name === 'cpu' ? ' vcpus' : '') : ` ${unit}`
  switch (property.kind) {
    case 'fixed':
      return `${property.value}${suffix}`
    case 'range':
      return `${property.first}${suffix} - ${property.last}${suffix} (default: ${property.default}${suffix})`
    case 'enum':
      return `${property.values.map(value => `${value}${suffix}`).join(', ')} (default: ${property.default}${suffix})`
  }
}

const writeProperty = (writer: XmlWriter, property: Property, instances: string): void => {
  const attributes = `${attribute('kind', property.kind)}${attribute('name', property.name)}${attribute('unit', units[property.name])}${attribute('value', String(defaultOf(property)))}`
  if (property.kind === 'fixed') {
    writer.empty('property', attributes)
    return
  }
  writer.open('property', attributes)
  writer.empty(
    'param',
    `${attribute('href', instances)}${attribute('method', 'post')}${attribute('name', `hwp_${property.name}`)}${attribute('operation', 'create')}`,
  )
  if (property.kind === 'range') writer.empty('range', `${attribute('first', property.first)}${attribute('last', property.last)}`)
  else {
    writer.open('enum')
    for (const value of property.values) writer.empty('entry', attribute('value', String(value)))
    writer.close('enum')
  }
  writer.close('property')
}

/** A label as every format shows it: a provider may have any text there. */
const told = (value: PropertyValue): PropertyValue => (typeof value === 'string' ? legal(value) : value)

const details = (property: Property): Json => {
  const unit = units[property.name]
  const shared = { kind: property.kind, ...(unit === undefined ? {} : { unit }), value: told(defaultOf(property)) }
  switch (property.kind) {
    case 'fixed':
      return shared
    case 'range':
      return { ...shared, param: `hwp_${property.name}`, first: property.first, last: property.last }
    case 'enum':
      return { ...shared, param: `hwp_${property.name}`, values: property.values.map(told) }
  }
}

const properties: Field<HardwareProfile> = {
  label: 'Properties',
  column: true,
  xml(writer, profile, { links }) {
    for (const property of profile.properties) writeProperty(writer, property, links.collection('instances'))
  },
  json(document, profile) {
    if (profile.properties.length === 0) return
    document.properties = Object.fromEntries(profile.properties.map(p => [p.name, String(told(defaultOf(p)))]))
    document.property_details = Object.fromEntries(profile.properties.map(p => [p.name, details(p)]))
  },
  display: profile => profile.properties.map(property => `${property.name.replaceAll('_', ' ')}: ${inWords(property)}`),
}

export const hardwareProfileView: View<HardwareProfile> = {
  collection: 'hardware_profiles',
  singular: 'hardware_profile',
  href: (profile, links) => links.member('hardware_profiles', profile.id),
  title: profile => profile.name ?? profile.id,
  fields: [
    { ...text<HardwareProfile>('id', profile => profile.id, { json: null }) },
    text('name', profile => profile.name ?? profile.id, { column: true }),
    properties,
  ],
}

const offered = (offer: Offer): boolean => offer.hardwareProfiles !== undefined || offer.operations.hardware_profiles !== undefined

/** All profiles: the driver's own, which need no credentials, or the provider's. */
export const profilesOf = async (request: ApiRequest, filter: IdFilter = {}): Promise<readonly HardwareProfile[]> => {
  const fixed = request.offer.hardwareProfiles
  if (fixed !== undefined) return fixed
  const { session } = await request.connect()
  return present(request.offer.operations.hardware_profiles).list(session, filter)
}

/** The one that the path names, by the provider's own call where it has one. */
const profileOf = async (request: ApiRequest): Promise<HardwareProfile | undefined> => {
  const fixed = request.offer.hardwareProfiles
  if (fixed !== undefined) return fixed.find(profile => profile.id === request.id)
  const { session } = await request.connect()
  return find(present(request.offer.operations.hardware_profiles), session, request.id)
}

const columns = ['cpu', 'memory', 'storage', 'architecture'] as const

/** For the form of a launch: the profiles as a table, and what of them is left open. */
export const hardwareFields = async (
  request: ApiRequest,
): Promise<{ known: Readonly<Record<string, Omit<FormField, 'parameter'>>>; without: readonly string[] }> => {
  if (!offered(request.offer)) return { known: {}, without: columns.map(name => `hwp_${name}`) }
  const profiles = bySize(await profilesOf(request))
  const known: Record<string, Omit<FormField, 'parameter'>> = {
    hwp_id: {
      columns: columns.map(name => (name === 'cpu' ? 'CPU' : humanise(name))),
      choices: profiles.map(profile => ({
        value: profile.id,
        text: profile.name ?? profile.id,
        cells: columns.map(name => {
          const property = propertyOf(profile, name)
          return property === undefined ? '–' : inWords(property)
        }),
      })),
    },
  }
  for (const name of columns) {
    const open = profiles.flatMap(({ id, properties: own }) =>
      own.filter(p => p.name === name && p.kind !== 'fixed').map(property => ({ id, property })),
    )
    if (open.length === 0) continue
    known[`hwp_${name}`] = {
      hint: `Leave it empty for the profile’s own; ${open.map(({ id }) => id).join(' and ')} can have another.`,
      suggestions: [...new Set(open.flatMap(({ property }) => valuesOf(property)))],
    }
  }
  return { known, without: columns.map(name => `hwp_${name}`).filter(name => known[name] === undefined) }
}

const valuesOf = (property: Property): string[] => {
  switch (property.kind) {
    case 'fixed':
      return [String(property.value)]
    case 'range':
      return [property.first, property.default, property.last].map(String)
    case 'enum':
      return property.values.map(String)
  }
}

const built = collection({
  name: 'hardware_profiles',
  doc: 'A size in which an instance can be had: fixed values, ranges and lists to choose from.',
  view: hardwareProfileView,
  listing: operations => operations.hardware_profiles,
  filters: [
    {
      name: 'architecture',
      doc: 'Architecture that the profile can have',
      matches: (profile, value) => includes(profile, 'architecture', value),
    },
  ],
  operations: [],
})

export const hardwareProfiles: Collection = {
  ...built,
  listed: offered,
  operations: built.operations.map(operation =>
    operation.name === 'index'
      ? {
          ...operation,
          offered,
          open: true,
          async run(request) {
            // A browser sends the boxes that were left empty, too.
            const [id, architecture] = ['id', 'architecture'].map(name =>
              request.format === 'html' ? request.value(name) : request.given(name),
            )
            const wanted = (await profilesOf(request, id === undefined ? {} : { id })).filter(
              profile =>
                (id === undefined || profile.id === id) && (architecture === undefined || includes(profile, 'architecture', architecture)),
            )
            return list(hardwareProfileView, request.format === 'json' ? wanted : bySize(wanted))
          },
        }
      : {
          ...operation,
          offered,
          open: true,
          async run(request) {
            const found = await profileOf(request)
            if (found === undefined) throw missing('hardware_profile', request.id)
            return item(hardwareProfileView, found, 200)
          },
        },
  ),
}
