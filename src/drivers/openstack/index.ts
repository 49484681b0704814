/** OpenStack: Keystone, Nova, Glance, Cinder, Neutron and Swift, of any cloud. */

import { badRequest } from '../../model/errors.ts'
import type { DriverDefinition } from '../driver.ts'
import { regionsIn } from '../families/openstack/catalog.ts'
import { byAddress } from '../families/openstack/identity.ts'
import { openstackOffer, withdrawnFrom } from '../families/openstack/offer.ts'
import { Session } from '../families/openstack/session.ts'

/** A provider: the address of Keystone, then the region, then which endpoints: `https://cloud:5000/v3;RegionOne;internal`. */
interface Place {
  readonly address: string
  readonly region: string | undefined
  readonly interface: string
}

const sides: readonly string[] = ['public', 'internal', 'admin']

/** @returns undefined for what names no place */
const placeIn = (provider: string): Place | undefined => {
  const [address = '', region, side = 'public', ...more] = provider.split(';')
  if (more.length > 0 || !sides.includes(side) || !/^https?:\/\//.test(address) || !URL.canParse(address)) return undefined
  return { address: address.replace(/\/+$/, ''), region: region === '' ? undefined : region, interface: side }
}

export const openstack: DriverDefinition<Session> = {
  id: 'openstack',
  name: 'OpenStack',
  credentials: { user: 'User+Project', password: 'Password' },
  entrypoints: {},
  offer: provider => (provider === undefined || placeIn(provider) !== undefined ? openstackOffer : undefined),
  async connect(request) {
    const place = request.provider === undefined ? undefined : placeIn(request.provider)
    if (place === undefined) throw badRequest('Name a provider: the address of Keystone, and after a semicolon the region')
    const { address, region, interface: side } = place
    return new Session(request, { driver: 'openstack', address, logIn: byAddress, realm: 'default', choice: { region, interface: side } })
  },
  verify: async session => {
    await session.login()
  },
  caller: session => session.user,
  withdrawn: withdrawnFrom,
  async providers(session) {
    return regionsIn(await session.catalog()).map(region => ({ id: region, name: region, url: `${session.identity};${region}` }))
  },
}
