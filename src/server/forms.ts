/** Form pages, generated from the parameters of the operation that a form leads to. */

import { featuresOf } from '../model/features.ts'
import type { Parameter } from '../model/parameter.ts'
import type { Resource } from '../model/resources.ts'
import type { Form, FormField, FormSection, Operation, Result } from './collections/operation.ts'
import type { ApiRequest } from './request.ts'

interface FormOptions {
  readonly title: string
  readonly submit: string
  /** URL that takes the form. */
  readonly action: string
  /** Parameters whose value the page knows already; they aren't shown. */
  readonly hidden?: Readonly<Record<string, string>>
  /** Values to begin with. */
  readonly values?: Readonly<Record<string, string>>
  /** Fields beside those of the operation. */
  readonly further?: readonly FormField[]
  /** Parameters that the form leaves to other clients. */
  readonly without?: readonly string[]
  /** What is known of fields beside their parameters, by name. */
  readonly known?: Readonly<Record<string, Omit<FormField, 'parameter'>>>
  /** Sent as the original sent it even where no field holds a file. */
  readonly multipart?: boolean
  /** How a long form is divided; fields that no section names come last. */
  readonly sections?: readonly Section[]
}

interface Section {
  readonly title: string
  readonly names: readonly string[]
  readonly collapsed?: boolean
}

/** The parameters of an operation with those of the features that the driver advertises, features first, each once. */
export const parametersOf = (
  collection: string,
  operation: Operation,
  advertised: Parameters<typeof featuresOf>[0],
): readonly Parameter[] => {
  const added = featuresOf(advertised, collection).flatMap(({ feature }) =>
    feature.operation === operation.name ? feature.parameters : [],
  )
  const byName = new Map<string, Parameter>()
  for (const parameter of [...added, ...operation.parameters]) if (!byName.has(parameter.name)) byName.set(parameter.name, parameter)
  return [...byName.values()]
}

/** For people, what features add comes last. */
export const ownFirst = (operation: Operation, all: readonly Parameter[]): Parameter[] => [
  ...operation.parameters,
  ...all.filter(one => !operation.parameters.some(({ name }) => name === one.name)),
]

/** The form of another operation of the collection. */
export const formFor = async (request: ApiRequest, name: string, options: FormOptions): Promise<Result> => {
  const { collection, links } = request
  const operation = collection.operations.find(o => o.name === name)
  if (operation === undefined) throw new TypeError(`The collection ${collection.name} has no operation '${name}'`)
  const parameters = ownFirst(operation, parametersOf(collection.name, operation, request.offer.features)).filter(
    p => options.without?.includes(p.name) !== true,
  )
  const plain = parameters.map((parameter): FormField => ({ parameter, ...options.known?.[parameter.name] }))
  const fields = await Promise.all([...plain, ...(options.further ?? [])].map(field => completed(request, field, options)))
  const form: Form = {
    title: options.title,
    action: options.action,
    submit: options.submit,
    multipart: options.multipart === true || fields.some(f => f.parameter.kind === 'file'),
    back: request.operation.path.includes(':id') ? links.member(collection.name, request.id) : links.collection(collection.name),
    sections: divided(fields, options.sections ?? []),
  }
  return { kind: 'form', form }
}

/** A field with the value that it begins with, and what can be chosen. */
const completed = async (request: ApiRequest, field: FormField, { hidden, values }: FormOptions): Promise<FormField> => {
  const { parameter } = field
  const fixed = hidden?.[parameter.name]
  if (fixed !== undefined) return { parameter, value: fixed, hidden: true }
  // Whoever sends someone to a form must not choose a secret for them.
  const value = (parameter.secret === true ? undefined : values?.[parameter.name]) ?? field.value ?? parameter.initial
  const choices = field.choices ?? (await choicesFor(request, parameter))
  return { ...field, ...(value === undefined ? {} : { value }), ...(choices === undefined ? {} : { choices }) }
}

const divided = (fields: readonly FormField[], sections: readonly Section[]): FormSection[] => {
  const named = new Set(sections.flatMap(({ names }) => names))
  const rest = fields.filter(field => !named.has(field.parameter.name))
  return [
    ...sections.map(({ title, names, collapsed = false }) => ({
      title,
      collapsed,
      fields: names.flatMap(name => fields.filter(field => field.parameter.name === name)),
    })),
    sections.length === 0 ? { fields: rest } : { title: 'More', fields: rest },
  ].filter(section => section.fields.length > 0)
}

type Named = Resource & { readonly name?: string }

/** What a parameter's value may be: its documented values, or the resources that it refers to. */
const choicesFor = async (request: ApiRequest, parameter: Parameter): Promise<FormField['choices']> => {
  if (parameter.values !== undefined) return parameter.values.map(value => ({ value, text: value }))
  if (parameter.refers === undefined) return undefined
  const { operations, hardwareProfiles } = request.offer
  const { session } = await request.connect()
  const list = async (): Promise<readonly Named[] | undefined> => {
    switch (parameter.refers) {
      case 'realms':
        return operations.realms?.list(session, {})
      case 'images':
        return operations.images?.list(session, {})
      case 'instances':
        return operations.instances?.list(session, {})
      case 'keys':
        return operations.keys?.list(session, {})
      case 'firewalls':
        return operations.firewalls?.list(session, {})
      case 'load_balancers':
        return operations.load_balancers?.list(session, {})
      case 'storage_volumes':
        return operations.storage_volumes?.list(session, {})
      case 'storage_snapshots':
        return operations.storage_snapshots?.list(session, {})
      case 'networks':
        return operations.networks?.list(session, {})
      case 'subnets':
        return (operations.subnets ?? operations.networks)?.list(session, {})
      case 'hardware_profiles':
        return hardwareProfiles ?? operations.hardware_profiles?.list(session, {})
      default:
        return undefined
    }
  }
  return (await list())?.map(one => ({
    value: one.id,
    text: one.name === undefined || one.name === '' || one.name === one.id ? one.id : `${one.name} (${one.id})`,
  }))
}
