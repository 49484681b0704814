/** The drivers that this server knows. */

import type { DriverDefinition } from '../../drivers/driver.ts'
import type { Provider } from '../../model/resources.ts'
import type { Json } from '../formats/view.ts'
import { attribute } from '../formats/xml.ts'
import { html } from '../pages/html.ts'
import { table } from '../pages/table.ts'
import type { ApiRequest } from '../request.ts'
import { missing, operation } from './build.ts'
import type { Collection, Result } from './operation.ts'

/** Providers that a page offers to choose from. */
export const choosable = (driver: DriverDefinition): readonly string[] => driver.providerNames ?? providersOf(driver)

/** Ids of the providers that the driver has endpoints of, each once. */
const providersOf = (driver: DriverDefinition): string[] => [
  ...new Set(Object.values(driver.entrypoints).flatMap(kind => Object.keys(kind))),
]

const entrypointsOf = (driver: DriverDefinition, provider: string): { kind: string; url: string }[] =>
  Object.entries(driver.entrypoints).flatMap(([kind, urls]) => {
    const url = urls[provider]
    return url === undefined ? [] : [{ kind, url }]
  })

const json = (driver: DriverDefinition): Record<string, Json> => ({
  ...(Object.keys(driver.entrypoints).length === 0 ? {} : { entrypoints: driver.entrypoints }),
  name: driver.name,
  username: driver.credentials.user,
  password: driver.credentials.password,
})

const index = (request: ApiRequest): Result => {
  const all = request.gate.settings.registry.all()
  const href = (driver: DriverDefinition): string => request.links.member('drivers', driver.id)
  return {
    kind: 'document',
    title: 'Drivers',
    xml(writer) {
      writer.open('drivers')
      for (const driver of all) {
        writer.open('driver', `${attribute('href', href(driver))}${attribute('id', driver.id)}`)
        writer.leaf('name', driver.name)
        for (const provider of providersOf(driver)) writer.empty('provider', attribute('id', provider))
        writer.close('driver')
      }
      writer.close('drivers')
    },
    json: () => Object.fromEntries(all.map(driver => [driver.id, json(driver)])),
    html: () =>
      table({
        head: ['Driver', 'Name', 'Providers'],
        rows: all.map(driver => [html`<a href="${href(driver)}">${driver.id}</a>`, driver.name, choosable(driver).join(', ')]),
      }),
  }
}

const show = async (request: ApiRequest): Promise<Result> => {
  const driver = request.gate.settings.registry.get(request.id)
  if (driver === undefined) throw missing('driver', request.id)
  const live = driver.id === request.target.driver.id ? await liveProviders(request) : undefined
  return {
    kind: 'document',
    title: driver.name,
    xml(writer) {
      writer.open('driver', `${attribute('href', request.links.member('drivers', driver.id))}${attribute('id', driver.id)}`)
      writer.leaf('name', driver.name)
      if (live === undefined) {
        for (const provider of providersOf(driver)) {
          writer.open('provider', attribute('id', provider))
          for (const { kind, url } of entrypointsOf(driver, provider)) writer.cdata('entrypoint', url, attribute('kind', kind))
          writer.close('provider')
        }
      } else {
        for (const provider of live) {
          writer.open('provider', attribute('id', provider.id))
          writer.leaf('entrypoint', provider.url, attribute('kind', provider.name))
          writer.close('provider')
        }
      }
      writer.close('driver')
    },
    json: () => ({
      driver: {
        ...json(driver),
        id: driver.id,
        ...(live === undefined ? {} : { providers: live.map(({ id, name, url }) => ({ id, name, url })) }),
      },
    }),
    html: () => html`<dl class="facts">
<div><dt>ID</dt><dd class="id">${driver.id}</dd></div>
<div><dt>User is</dt><dd>${driver.credentials.user}</dd></div>
<div><dt>Password is</dt><dd>${driver.credentials.password}</dd></div>
<div><dt>Providers</dt><dd><ul>${(live?.map(({ id }) => id) ?? choosable(driver)).map(
      id => html`<li><a href="${request.links.origin}/api;driver=${driver.id};provider=${encodeURIComponent(id)}">${id}</a></li>`,
    )}</ul></dd></div>
</dl>`,
  }
}

/** The list as the cloud has it now, where the driver can ask and the client says who it is. */
const liveProviders = async (request: ApiRequest): Promise<readonly Provider[] | undefined> => {
  const { driver } = request.target
  if (driver.providers === undefined) return undefined
  const { session } = await request.connect()
  return driver.providers(session)
}

export const drivers: Collection = {
  name: 'drivers',
  singular: 'driver',
  doc: 'The clouds that this server can talk to; each request may choose another.',
  listed: () => true,
  operations: [
    { ...operation('index', 'GET', [], 'Lists the drivers.'), capability: 'drivers', open: true, run: async request => index(request) },
    {
      ...operation('show', 'GET', [':id'], 'Shows a driver and its providers.'),
      capability: 'drivers',
      open: true,
      statuses: [200, 404],
      run: show,
    },
  ],
}
