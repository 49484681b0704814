/** Networks, subnets and network interfaces. */

import { optional, required } from '../../model/parameter.ts'
import type { Network, NetworkInterface, Subnet } from '../../model/resources.ts'
import { legal } from '../formats/text.ts'
import { type ActionLink, actions, type Field, reference, references, type Scene, state, text, type View } from '../formats/view.ts'
import { attribute } from '../formats/xml.ts'
import { formFor } from '../forms.ts'
import { present, usableId } from '../request.ts'
import { collection, create, created, destroy, form } from './build.ts'

type Group = 'networks' | 'subnets' | 'network_interfaces'

/** The one thing that can be done with each of them. */
const links =
  (group: Group) =>
  ({ id }: { readonly id: string }, { links: to, offer }: Scene): ActionLink[] =>
    offer.operations[group]?.destroy === undefined ? [] : [{ rel: 'destroy', method: 'delete', href: to.member(group, id) }]

const addressBlocks: Field<Network> = {
  label: 'Address blocks',
  column: true,
  xml(writer, network) {
    writer.open('address_blocks')
    for (const block of network.addressBlocks) writer.leaf('address_block', block)
    writer.close('address_blocks')
  },
  json(document, network) {
    document.address_blocks = network.addressBlocks.map(legal)
  },
  display: network => network.addressBlocks.join(', '),
}

const networkView: View<Network> = {
  collection: 'networks',
  singular: 'network',
  href: (network, to) => to.member('networks', network.id),
  title: network => network.name ?? network.id,
  fields: [
    text('name', network => network.name, { column: true }),
    state(network => network.state),
    addressBlocks,
    references('subnets', 'subnets', network => network.subnets.map(id => ({ id })), { singular: 'subnet', rel: false, column: true }),
    actions(links('networks')),
  ],
}

export const networks = collection({
  name: 'networks',
  doc: 'A private network.',
  view: networkView,
  listing: operations => operations.networks,
  operations: [
    create({
      capability: 'create_network',
      doc: 'Creates a network.',
      offered: offer => offer.operations.networks?.create !== undefined,
      parameters: [optional('address_block', 'Addresses of the network, as CIDR'), optional('name', 'Name of the network')],
      async run(request) {
        const { networks: table } = await request.cloud()
        const [name, addressBlock] = [request.value('name'), request.value('address_block')]
        const made = await present(table?.create)({
          ...(name === undefined ? {} : { name: usableId(name, 'name of a network') }),
          ...(addressBlock === undefined ? {} : { addressBlock }),
        })
        return created(request, networkView, made)
      },
    }),
    destroy({
      capability: 'destroy_network',
      doc: 'Destroys a network.',
      offered: offer => offer.operations.networks?.destroy !== undefined,
      async run(request) {
        await present((await request.cloud()).networks?.destroy)(request.id)
      },
    }),
    form({
      name: 'new',
      path: ['new'],
      capability: 'create_network',
      doc: 'The form that creates a network.',
      offered: offer => offer.operations.networks?.create !== undefined,
      run: request =>
        formFor(request, 'create', { title: 'New network', submit: 'Create network', action: request.links.collection('networks') }),
    }),
  ],
})

/** XML has the id as text; the address is an attribute (quirk D14). */
const network: Field<Subnet> = {
  ...reference<Subnet>('network', 'networks', subnet => subnet.networkId, { column: true, rel: false, absentInJson: 'empty' }),
  xml(writer, { networkId }, { links: to }) {
    writer.leaf('network', networkId, networkId === undefined ? '' : attribute('href', to.member('networks', networkId)))
  },
}

const subnetView: View<Subnet> = {
  collection: 'subnets',
  singular: 'subnet',
  href: (subnet, to) => to.member('subnets', subnet.id),
  title: subnet => subnet.name ?? subnet.id,
  fields: [
    text('name', subnet => subnet.name, { column: true }),
    text('type', subnet => subnet.type, { absentInXml: 'left out' }),
    state(subnet => subnet.state),
    text('address_block', subnet => subnet.addressBlock, { column: true }),
    network,
    actions(links('subnets')),
  ],
}

export const subnets = collection({
  name: 'subnets',
  doc: 'A part of a network.',
  view: subnetView,
  listing: operations => operations.subnets,
  operations: [
    create({
      capability: 'create_subnet',
      doc: 'Creates a subnet of a network.',
      offered: offer => offer.operations.subnets?.create !== undefined,
      parameters: [
        required('network_id', 'Network that the subnet is part of', { refers: 'networks' }),
        required('address_block', 'Addresses of the subnet, as CIDR'),
        optional('name', 'Name of the subnet'),
      ],
      async run(request) {
        const { subnets: table } = await request.cloud()
        const name = request.value('name')
        const made = await present(table?.create)({
          networkId: request.required('network_id'),
          addressBlock: request.required('address_block'),
          ...(name === undefined ? {} : { name: usableId(name, 'name of a subnet') }),
        })
        return created(request, subnetView, made)
      },
    }),
    destroy({
      capability: 'destroy_subnet',
      doc: 'Destroys a subnet.',
      offered: offer => offer.operations.subnets?.destroy !== undefined,
      async run(request) {
        await present((await request.cloud()).subnets?.destroy)(request.id)
      },
    }),
    form({
      name: 'new',
      path: ['new'],
      capability: 'create_subnet',
      doc: 'The form that creates a subnet.',
      offered: offer => offer.operations.subnets?.create !== undefined,
      run: request =>
        formFor(request, 'create', { title: 'New subnet', submit: 'Create subnet', action: request.links.collection('subnets') }),
    }),
  ],
})

/** Where the cloud has subnets, an interface is in one of them; else in a network. */
const place: Field<NetworkInterface> = {
  label: 'Network',
  column: true,
  xml(writer, { networkId }, { links: to, offer }) {
    if (networkId === undefined) {
      writer.empty('network')
      return
    }
    const group = offer.operations.subnets === undefined ? 'networks' : 'subnets'
    const rel = group === 'subnets' ? 'subnet' : 'network'
    writer.leaf(
      'network',
      networkId,
      `${attribute('href', to.member(group, networkId))}${attribute('id', networkId)}${attribute('rel', rel)}`,
    )
  },
  json(document, { networkId }, { links: to, offer }) {
    const group = offer.operations.subnets === undefined ? 'networks' : 'subnets'
    document.network =
      networkId === undefined
        ? {}
        : { id: legal(networkId), href: to.member(group, networkId), rel: group === 'subnets' ? 'subnet' : 'network' }
  },
  display({ networkId }, { links: to, offer }) {
    if (networkId === undefined) return undefined
    return { href: to.member(offer.operations.subnets === undefined ? 'networks' : 'subnets', networkId), text: networkId }
  },
}

const interfaceView: View<NetworkInterface> = {
  collection: 'network_interfaces',
  singular: 'network_interface',
  href: (one, to) => to.member('network_interfaces', one.id),
  title: one => one.name ?? one.id,
  fields: [
    text('name', one => one.name, { column: true }),
    text('ip_address', one => one.ipAddress, { label: 'IP address', column: true }),
    place,
    {
      ...reference<NetworkInterface>('instance', 'instances', one => one.instanceId, { column: true, rel: false, absentInJson: 'empty' }),
      xml(writer, { instanceId }, { links: to }) {
        const attributes =
          instanceId === undefined ? '' : `${attribute('href', to.member('instances', instanceId))}${attribute('id', instanceId)}`
        writer.leaf('instance', instanceId, attributes)
      },
    },
    actions(links('network_interfaces')),
  ],
}

export const networkInterfaces = collection({
  name: 'network_interfaces',
  doc: 'What connects an instance to a network.',
  view: interfaceView,
  listing: operations => operations.network_interfaces,
  operations: [
    create({
      capability: 'create_network_interface',
      doc: 'Connects an instance to a network.',
      offered: offer => offer.operations.network_interfaces?.create !== undefined,
      parameters: [
        required('instance', 'Instance to connect', { refers: 'instances' }),
        required('network', 'Subnet to connect it to; a network, where the cloud has no subnets', { refers: 'subnets' }),
        optional('name', 'Name of the interface'),
      ],
      async run(request) {
        const { network_interfaces: table } = await request.cloud()
        const name = request.value('name')
        const made = await present(table?.create)({
          instanceId: request.required('instance'),
          networkId: request.required('network'),
          ...(name === undefined ? {} : { name: usableId(name, 'name of a network interface') }),
        })
        return created(request, interfaceView, made)
      },
    }),
    destroy({
      capability: 'destroy_network_interface',
      doc: 'Disconnects an instance from a network.',
      offered: offer => offer.operations.network_interfaces?.destroy !== undefined,
      async run(request) {
        await present((await request.cloud()).network_interfaces?.destroy)(request.id)
      },
    }),
    form({
      name: 'new',
      path: ['new'],
      capability: 'create_network_interface',
      doc: 'The form that connects an instance to a network.',
      offered: offer => offer.operations.network_interfaces?.create !== undefined,
      run: request =>
        formFor(request, 'create', {
          title: 'New network interface',
          submit: 'Create network interface',
          action: request.links.collection('network_interfaces'),
          values: Object.fromEntries(request.all()),
        }),
    }),
  ],
})
