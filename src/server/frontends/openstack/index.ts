/** OpenStack as a frontend: Keystone, Nova, Glance, Cinder, Neutron and Swift. Its definition costs nothing; what answers is loaded with the first request. */

import type { FrontendDefinition } from '../../frontend.ts'

/** Importing again would cost each request a look into the table of modules. */
let loading: Promise<typeof import('./answer.ts')> | undefined

const load = () => {
  loading ??= import('./answer.ts')
  return loading
}

export const openstack: FrontendDefinition = {
  name: 'openstack',
  title: 'OpenStack APIs',
  root: 'openstack',
  version: '3',
  /** An openrc: what `source` takes, and one command. */
  trial: (origin, { user, password }) =>
    [
      `export OS_AUTH_URL=${origin}/openstack/identity/v3 OS_IDENTITY_API_VERSION=3 OS_REGION_NAME=RegionOne`,
      `export OS_USERNAME=${user} OS_PASSWORD=${password} OS_PROJECT_NAME=${user}`,
      'export OS_USER_DOMAIN_ID=default OS_PROJECT_DOMAIN_ID=default',
      'openstack server list',
    ].join('\n'),
  answer: async (request, gate) => (await load()).answer(request, gate),
  refuse: async (error, request, gate) => (await load()).refuse(error, request, gate),
}
