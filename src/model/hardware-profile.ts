/** Hardware profiles: the sizes in which an instance can be had. */

/** Properties in the order in which documents show them are declared per profile; these are all there are. */
export const propertyNames = ['cpu', 'memory', 'storage', 'architecture', 'root_type'] as const
export type PropertyName = (typeof propertyNames)[number]

/** A number, or a label such as an architecture. Memory is in MB, storage in GB, cpu a count. */
export type PropertyValue = number | string

export type Property =
  | { readonly name: PropertyName; readonly kind: 'fixed'; readonly value: PropertyValue }
  | { readonly name: PropertyName; readonly kind: 'range'; readonly first: number; readonly last: number; readonly default: number }
  | { readonly name: PropertyName; readonly kind: 'enum'; readonly values: readonly PropertyValue[]; readonly default: PropertyValue }

export interface HardwareProfile {
  readonly id: string
  /** Falls back to the id. */
  readonly name?: string
  /** In order of declaration; a profile without properties is legal. */
  readonly properties: readonly Property[]
}

/** The unit of a property, as documents name it; none for the root type. */
export const units: Readonly<Record<PropertyName, string | undefined>> = {
  cpu: 'count',
  memory: 'MB',
  storage: 'GB',
  architecture: 'label',
  root_type: undefined,
}

export const fixed = (name: PropertyName, value: PropertyValue): Property => ({ name, kind: 'fixed', value })

export const range = (name: PropertyName, first: number, last: number, preset = first): Property => ({
  name,
  kind: 'range',
  first,
  last,
  default: preset,
})

/** @throws TypeError for an empty list. */
export const enumeration = (name: PropertyName, values: readonly PropertyValue[], preset = values[0]): Property => {
  if (preset === undefined) throw new TypeError(`An enumeration of ${name} needs a value`)
  return { name, kind: 'enum', values, default: preset }
}

export const propertyOf = (profile: HardwareProfile, name: string): Property | undefined => profile.properties.find(p => p.name === name)

/** The value of a fixed property, else the default. */
export const defaultOf = (property: Property): PropertyValue => (property.kind === 'fixed' ? property.value : property.default)

/** Whether the profile can have this value: what filtering by architecture asks. False where it lacks the property. */
export const includes = (profile: HardwareProfile, name: PropertyName, value: PropertyValue): boolean => {
  const property = propertyOf(profile, name)
  if (property === undefined) return false
  switch (property.kind) {
    case 'fixed':
      return property.value === value
    case 'range':
      return typeof value === 'number' && value >= property.first && value <= property.last
    case 'enum':
      return property.values.includes(value)
  }
}

/** Reads a submitted value: digits become a number, all else stays text. */
export const readValue = (text: string): PropertyValue => (/^\d+(\.\d+)?$/.test(text) ? Number(text) : text)

/**
 * Whether a submitted value may be chosen for a property.
 * A fixed property accepts anything and keeps its value: a form submits the fields of every profile at once.
 */
export const accepts = (property: Property, text: string): boolean => {
  const value = readValue(text)
  switch (property.kind) {
    case 'fixed':
      return true
    case 'range':
      return typeof value === 'number' && value >= property.first && value <= property.last
    case 'enum':
      return property.values.some(v => v === value || String(v) === text)
  }
}

/** The order of XML and HTML indexes: by default cpu, then by default memory; a profile that lacks either comes last, in its own order. */
export const bySize = (profiles: readonly HardwareProfile[]): HardwareProfile[] => {
  const size = (profile: HardwareProfile, name: PropertyName): number | undefined => {
    const property = propertyOf(profile, name)
    const value = property === undefined ? undefined : Number(defaultOf(property))
    return value === undefined || Number.isNaN(value) ? undefined : value
  }
  const sizes = profiles.map(profile => ({ profile, cpu: size(profile, 'cpu'), memory: size(profile, 'memory') }))
  const sized = sizes.filter(s => s.cpu !== undefined && s.memory !== undefined)
  const rest = sizes.filter(s => s.cpu === undefined || s.memory === undefined)
  sized.sort((a, b) => (a.cpu ?? 0) - (b.cpu ?? 0) || (a.memory ?? 0) - (b.memory ?? 0))
  return [...sized, ...rest].map(s => s.profile)
}
