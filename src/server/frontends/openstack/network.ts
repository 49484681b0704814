/** Neutron: all that it serves, by route. */

import { type Asked, json, type Routes } from './asked.ts'
import { Fault } from './errors.ts'
import { floatingRoutes } from './floating.ts'
import { groupRoutes } from './groups.ts'
import { networkRoutes as networks } from './networks.ts'
import { portRoutes } from './ports.ts'

/** By these clients tell what they can ask for. */
const extensions = [
  ['security-group', 'security-group'],
  ['router', 'Neutron L3 Router'],
  ['external-net', 'Neutron external network'],
  ['standard-attr-description', 'standard-attr-description'],
] as const

const extensionTree = ([alias, name]: (typeof extensions)[number]): object => ({
  alias,
  name,
  description: '',
  links: [],
  updated: '2013-01-20T00:00:00-00:00',
})

export const networkRoutes: Routes = {
  ...networks,
  ...portRoutes,
  ...floatingRoutes,
  ...groupRoutes,
  'GET /extensions': () => json(200, { extensions: extensions.map(extensionTree) }),
  'GET /extensions/:id': (asked: Asked) => {
    const found = extensions.find(([alias]) => alias === asked.path.id)
    if (found === undefined) throw new Fault(404, `Extension with alias ${asked.path.id?.slice(0, 50)} does not exist`)
    return json(200, { extension: extensionTree(found) })
  },
  'GET /routers': () => json(200, { routers: [] }),
  'GET /availability_zones': () => json(200, { availability_zones: [] }),
  'GET /agents': () => json(200, { agents: [] }),
}
