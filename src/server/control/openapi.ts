/** The control API as an OpenAPI 3.1 document, made from the declarations that also dispatch it. */

import type { MockControl } from '../../drivers/control.ts'
import { apiVersion } from '../entry-point.ts'
import type { ControlRoute, QueryParameter } from './route.ts'
import { routes } from './routes.ts'

export const openApi = async (control: MockControl, root: string): Promise<object> => {
  const { jsonSchemas } = await import('./schemas.ts')
  const schemas: Readonly<Record<string, object>> = { ...jsonSchemas(), ...(await control.schemas()) }
  const paths: Record<string, Record<string, object>> = {}
  for (const route of routes) {
    const path = `/${route.path.map(part => (part.startsWith(':') ? `{${part.slice(1)}}` : part)).join('/')}`
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: describe(route, schemas) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Control of the mock cloud',
      version: apiVersion,
      description:
        'Time, faults, limits, worlds, data and events of the simulator. The world is chosen by the header X-Deltacloud-World, or by the prefix /_worlds/NAME of the path.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: `${root}/_mock` }],
    security: [{}, { token: [] }, { password: [] }],
    tags: [{ name: 'mock', description: 'What only a simulator has' }],
    paths,
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer' }, password: { type: 'http', scheme: 'basic' } },
      schemas: { Error: errorSchema },
    },
  }
}

const describe = (route: ControlRoute, schemas: Readonly<Record<string, object>>): object => {
  const { name, tag, path, doc, query = [], takes, gives } = route
  const status: number = route.status ?? 200
  const inPath = path.flatMap(part =>
    part.startsWith(':') ? [{ name: part.slice(1), in: 'path', required: true, schema: { type: 'string' } }] : [],
  )
  return {
    operationId: name,
    tags: ['mock', tag],
    summary: doc,
    parameters: [...inPath, ...query.map(inQuery), worldHeader],
    ...(takes === undefined ? {} : { requestBody: takes === 'bytes' ? bytes : bodyOf(schemas[takes] ?? {}) }),
    responses: {
      [String(status)]: {
        description: status === 204 ? 'Done, nothing to say' : 'Done',
        ...(status === 204 ? {} : { content: { [typeOf[gives ?? 'json']]: {} } }),
      },
      default: { description: 'An error document', content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } } },
    },
  }
}

const typeOf = { json: 'application/json', bytes: 'application/octet-stream', events: 'text/event-stream', page: 'text/html' } as const

const worldHeader = {
  name: 'X-Deltacloud-World',
  in: 'header',
  description: 'The world that is meant',
  schema: { type: 'string', default: 'default' },
}

const inQuery = ({ name, kind, doc }: QueryParameter) => ({
  name,
  in: 'query',
  description: doc,
  schema: { type: kind === 'number' ? 'integer' : kind === 'yes' ? 'boolean' : 'string' },
})

const bodyOf = (schema: object) => ({
  content: { 'application/json': { schema }, 'application/yaml': { schema }, 'application/x-www-form-urlencoded': { schema } },
})

const bytes = {
  required: true,
  content: {
    'application/octet-stream': {},
    'multipart/form-data': { schema: { type: 'object', properties: { file: { type: 'string', format: 'binary' } } } },
  },
}

const errorSchema = {
  type: 'object',
  required: ['code', 'message', 'error'],
  properties: {
    code: { type: 'integer', description: 'The HTTP status' },
    message: { type: 'string' },
    error: { type: 'string', description: 'Kind of error' },
    details: { type: 'string', description: 'What the message leaves open' },
  },
}
