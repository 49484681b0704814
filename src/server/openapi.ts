/** The API as an OpenAPI 3.1 document, made from the declarations that also dispatch it. */

import type { WireResponse } from '../drivers/wire.ts'
import type { Parameter } from '../model/parameter.ts'
import { collections } from './collections/index.ts'
import type { Collection, Operation } from './collections/operation.ts'
import { apiVersion } from './entry-point.ts'
import type { Json } from './formats/view.ts'
import { parametersOf } from './forms.ts'
import type { Target } from './gate.ts'
import type { Links } from './links.ts'
import { mediaTypes } from './negotiation.ts'
import type { Preconditions } from './preconditions.ts'
import { documentResponse } from './render.ts'

export const openApi = (target: Target, links: Links, conditions: Preconditions): WireResponse =>
  documentResponse(200, 'json', JSON.stringify(documentOf(target, links), undefined, 2), [], conditions)

type Paths = Record<string, Record<string, Json>>

export const documentOf = (target: Target, links: Links): Json => {
  const paths: Paths = { '/': { get: entry } }
  for (const collection of collections) {
    for (const operation of collection.operations) {
      if (!operation.offered(target.offer) || isPage(operation)) continue
      const path = `/${[collection.name, ...operation.path.map(part => (part.startsWith(':') ? `{${part.slice(1)}}` : part))].join('/')}`
      const at = paths[path] ?? {}
      at[operation.method.toLowerCase()] = describe(collection, operation, target)
      paths[path] = at
    }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Deltacloud API',
      version: apiVersion,
      description: `One API in front of every cloud; here ${target.driver.name}${target.provider === undefined ? '' : ` at ${target.provider}`}.`,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    ...(target.driver.control === undefined
      ? {}
      : { externalDocs: { description: 'The control of this simulator, as OpenAPI', url: `${links.origin}/_mock/openapi.json` } }),
    servers: [{ url: links.entry() }],
    security: [{ basic: [] }],
    paths,
    components: { securitySchemes: { basic: { type: 'http', scheme: 'basic' } }, schemas: { Error: errorSchema } },
  }
}

const isPage = (operation: Operation): boolean => operation.formats.length === 1 && operation.formats[0] === 'html'

const entry: Json = {
  operationId: 'entry_point',
  summary: 'What this cloud has.',
  security: [],
  parameters: [{ name: 'force_auth', in: 'query', description: 'Checks the credentials', schema: { type: 'string' } }],
  responses: { '200': { description: 'The entry point' } },
}

const describe = (collection: Collection, operation: Operation, target: Target): Json => {
  const parameters = parametersOf(collection.name, operation, target.offer.features)
  const inBody = operation.method === 'POST' && operation.body === 'form' && parameters.length > 0
  const inPath = operation.path
    .filter(part => part.startsWith(':'))
    .map((part): Json => ({ name: part.slice(1), in: 'path', required: true, schema: { type: 'string' } }))
  return {
    operationId: `${collection.name}_${operation.name}`,
    tags: [collection.name],
    summary: operation.doc,
    ...(operation.open ? { security: [] } : {}),
    parameters: [...inPath, ...(inBody ? [] : parameters.map(inQuery)), formatParameter(operation)],
    ...(inBody ? { requestBody: bodyOf(parameters) } : operation.body === 'raw' ? { requestBody: rawBody } : {}),
    responses: responsesOf(operation),
  }
}

const formatParameter = (operation: Operation): Json => ({
  name: 'format',
  in: 'query',
  description: 'Beats the Accept header',
  schema: { type: 'string', enum: [...operation.formats] },
})

const schemaOf = ({ kind, doc, values }: Parameter): Record<string, Json> => ({
  type: kind === 'number' ? 'integer' : 'string',
  description: doc,
  ...(kind === 'file' ? { format: 'binary' } : {}),
  ...(values === undefined ? {} : { examples: values }),
})

const inQuery = (parameter: Parameter): Json => ({
  name: parameter.name,
  in: 'query',
  required: parameter.required,
  description: parameter.doc,
  schema: schemaOf(parameter),
})

const bodyOf = (parameters: readonly Parameter[]): Json => {
  const required = parameters.filter(p => p.required).map(p => p.name)
  const schema: Json = {
    type: 'object',
    properties: Object.fromEntries(parameters.map(p => [p.name, schemaOf(p)])),
    ...(required.length === 0 ? {} : { required }),
  }
  return { content: { 'application/x-www-form-urlencoded': { schema }, 'multipart/form-data': { schema }, 'application/json': { schema } } }
}

const rawBody: Json = { content: { '*/*': { schema: { type: 'string', format: 'binary' } } } }

const reasons: Readonly<Record<number, string>> = {
  200: 'Done',
  201: 'Created; Location says where',
  202: 'Accepted',
  204: 'Done, nothing to say',
  206: 'A range of the content',
}

const responsesOf = (operation: Operation): Json => {
  const content = Object.fromEntries(operation.formats.map((format): [string, Json] => [mediaTypes[format], {}]))
  const own = operation.statuses.map((status): [string, Json] => [
    String(status),
    status < 300
      ? { description: reasons[status] ?? 'Done', ...(status === 204 ? {} : { content }) }
      : { description: 'An error document', content: errorContent },
  ])
  return Object.fromEntries([...own, ['default', { description: 'An error document', content: errorContent }]])
}

const errorContent: Json = {
  'application/json': { schema: { $ref: '#/components/schemas/Error' } },
  'application/xml': {},
  'text/html': {},
}

const errorSchema: Json = {
  type: 'object',
  required: ['code', 'message', 'error'],
  properties: {
    code: { type: 'integer', description: 'The HTTP status' },
    message: { type: 'string' },
    error: { type: 'string', description: 'Kind of error' },
    details: { type: 'string', description: 'What the message leaves open' },
  },
}
