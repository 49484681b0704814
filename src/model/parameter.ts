/** A parameter of an operation, as plain data: routes, checks, forms, OPTIONS, documentation and OpenAPI all read it. */
export interface Parameter {
  readonly name: string
  /** What the value looks like. Values travel as text; a number or a flag is converted once, where the request is read. */
  readonly kind: 'string' | 'number' | 'flag' | 'text' | 'file'
  readonly required: boolean
  /** One sentence for the documentation pages and the forms. */
  readonly doc: string
  /** The collection whose ids are the values: a form offers them. */
  readonly refers?: string
  /** Values that the documentation names; others aren't refused (quirk P4). */
  readonly values?: readonly string[]
  /** True for a family `name1`, `name2`, …, numbered from 1 (0 is read too). */
  readonly numbered?: boolean
  /** Where a form starts. */
  readonly initial?: string
  /** Must never appear in a log or an error. */
  readonly secret?: boolean
}

type Details = Omit<Parameter, 'name' | 'kind' | 'required' | 'doc'> & { readonly kind?: Parameter['kind'] }

/** A parameter that must be given (its presence is checked, an empty value passes: quirk P6). */
export const required = (name: string, doc: string, details: Details = {}): Parameter => ({
  name,
  kind: 'string',
  required: true,
  doc,
  ...details,
})

/** A parameter that may be left out. */
export const optional = (name: string, doc: string, details: Details = {}): Parameter => ({
  name,
  kind: 'string',
  required: false,
  doc,
  ...details,
})
