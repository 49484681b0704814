/** Load balancers: they spread traffic over instances. */

import { badRequest } from '../../model/errors.ts'
import { required } from '../../model/parameter.ts'
import type { LoadBalancer } from '../../model/resources.ts'
import { legal } from '../formats/text.ts'
import { type ActionLink, actions, type Field, references, type Scene, text, type View } from '../formats/view.ts'
import { attribute } from '../formats/xml.ts'
import { formFor } from '../forms.ts'
import { encodeId } from '../links.ts'
import { type ApiRequest, present, usableId } from '../request.ts'
import { action, collection, create, created, destroy, form, item } from './build.ts'
import type { Operation } from './operation.ts'

const links = (balancer: LoadBalancer, { links: to, offer }: Scene): ActionLink[] => {
  const table = offer.operations.load_balancers
  const under = (name: string): string => to.under('load_balancers', balancer.id, name)
  return [
    ...(table?.destroy === undefined
      ? []
      : [{ rel: 'destroy', method: 'delete', href: to.member('load_balancers', balancer.id) } as const]),
    ...(table?.register === undefined
      ? []
      : [{ rel: 'register', method: 'post', href: under('register'), form: under('register') } as const]),
  ]
}

const addresses: Field<LoadBalancer> = {
  label: 'Public addresses',
  column: true,
  xml(writer, balancer) {
    writer.open('public_addresses')
    for (const address of balancer.publicAddresses) writer.leaf('address', address)
    writer.close('public_addresses')
  },
  json(document, balancer) {
    document.public_addresses = balancer.publicAddresses.map(legal)
  },
  display: balancer => balancer.publicAddresses.join(', '),
}

/** XML names each realm; the original named the first alone, and failed where there was none (quirk D11). */
const realms: Field<LoadBalancer> = {
  ...references<LoadBalancer>('realms', 'realms', balancer => balancer.realms.map(id => ({ id })), { singular: 'realm', column: true }),
  xml(writer, balancer, { links: to }) {
    for (const id of balancer.realms) writer.empty('realm', `${attribute('href', to.member('realms', id))}${attribute('id', id)}`)
  },
}

const listeners: Field<LoadBalancer> = {
  label: 'Listeners',
  column: true,
  xml(writer, balancer) {
    writer.open('listeners')
    for (const listener of balancer.listeners) {
      writer.open('listener', attribute('protocol', listener.protocol))
      writer.leaf('load_balancer_port', listener.loadBalancerPort)
      writer.leaf('instance_port', listener.instancePort)
      writer.close('listener')
    }
    writer.close('listeners')
  },
  json(document, balancer) {
    document.listeners = balancer.listeners.map(({ protocol, loadBalancerPort, instancePort }) => ({
      protocol: legal(protocol),
      load_balancer_port: loadBalancerPort,
      instance_port: instancePort,
    }))
  },
  display: balancer => balancer.listeners.map(l => `${l.protocol} ${l.loadBalancerPort} → ${l.instancePort}`),
}

/** The instance goes with the link: the original lost it (quirk D10). */
const unregister = (balancer: LoadBalancer, id: string, { links: to }: Scene): ActionLink => ({
  rel: 'unregister',
  of: id,
  method: 'post',
  href: `${to.under('load_balancers', balancer.id, 'unregister')}?instance_id=${encodeId(id)}`,
})

const instances: Field<LoadBalancer> = {
  label: 'Instances',
  column: false,
  xml(writer, balancer, scene) {
    writer.open('instances')
    for (const id of balancer.instances) {
      writer.open('instance', `${attribute('href', scene.links.member('instances', id))}${attribute('id', id)}`)
      const { rel, method, href } = unregister(balancer, id, scene)
      writer.empty('link', `${attribute('href', href)}${attribute('method', method)}${attribute('rel', rel)}`)
      writer.close('instance')
    }
    writer.close('instances')
  },
  json(document, balancer, scene) {
    document.instances = balancer.instances.map(id => {
      const { rel, method, href } = unregister(balancer, id, scene)
      return { id: legal(id), href: scene.links.member('instances', id), rel: 'instance', actions: [{ href, rel, method }] }
    })
  },
  display: (balancer, scene) =>
    balancer.instances.map(id => [{ href: scene.links.member('instances', id), text: id }, { actions: [unregister(balancer, id, scene)] }]),
}

const view: View<LoadBalancer> = {
  collection: 'load_balancers',
  singular: 'load_balancer',
  href: (balancer, to) => to.member('load_balancers', balancer.id),
  title: balancer => balancer.id,
  fields: [
    actions(links),
    addresses,
    text('created_at', balancer => balancer.createdAt, { label: 'Created' }),
    realms,
    listeners,
    instances,
  ],
}

const port = (request: ApiRequest, name: string): number => {
  const text = request.required(name)
  const number = /^\d{1,5}$/.test(text) ? Number(text) : 0
  if (number < 1 || number > 65535) throw badRequest(`Parameter '${name}' value '${text}' is not a port`)
  return number
}

/** Register and unregister: 200 and the document, as the original's code had it (quirk P21). */
const registration = (name: 'register' | 'unregister', doc: string): Operation =>
  action({
    name,
    doc,
    capability: `lb_${name}_instance`,
    statuses: [200, 404, 409],
    offered: offer => offer.operations.load_balancers?.[name] !== undefined,
    parameters: [required('instance_id', 'The instance', { refers: 'instances' })],
    async run(request) {
      const { load_balancers: table } = await request.cloud()
      const balancer = await present(table?.[name])(request.id, request.required('instance_id'))
      return item(view, balancer, 200, { redirect: request.links.member('load_balancers', request.id) })
    },
  })

const registrationForm = (): Operation =>
  form({
    name: 'register_form',
    path: [':id', 'register'],
    capability: 'lb_register_instance',
    doc: 'The form that registers an instance.',
    offered: offer => offer.operations.load_balancers?.register !== undefined,
    run: request =>
      formFor(request, 'register', {
        title: `Register with ${request.id}`,
        submit: 'Register instance',
        action: request.links.under('load_balancers', request.id, 'register'),
      }),
  })

export const loadBalancers = collection({
  name: 'load_balancers',
  doc: 'Spreads traffic over instances.',
  view,
  listing: operations => operations.load_balancers,
  capabilities: { show: 'load_balancer' },
  operations: [
    create({
      capability: 'create_load_balancer',
      doc: 'Creates a load balancer with one listener.',
      offered: offer => offer.operations.load_balancers?.create !== undefined,
      parameters: [
        required('name', 'Name of the balancer'),
        required('realm_id', 'Realm to create it in', { refers: 'realms' }),
        required('listener_protocol', 'Protocol that it listens for', { values: ['HTTP', 'TCP'] }),
        required('listener_balancer_port', 'Port that it listens on', { kind: 'number', initial: '80' }),
        required('listener_instance_port', 'Port of the instances', { kind: 'number', initial: '80' }),
      ],
      async run(request) {
        const { load_balancers: table } = await request.cloud()
        const made = await present(table?.create)({
          name: usableId(request.required('name'), 'name of a load balancer'),
          realmId: request.required('realm_id'),
          listener: {
            protocol: request.required('listener_protocol'),
            loadBalancerPort: port(request, 'listener_balancer_port'),
            instancePort: port(request, 'listener_instance_port'),
          },
        })
        return created(request, view, made, { redirect: view.href(made, request.links) })
      },
    }),
    registration('register', 'Registers an instance: it gets a share of the traffic.'),
    registration('unregister', 'Takes an instance out.'),
    destroy({
      capability: 'destroy_load_balancer',
      doc: 'Destroys a load balancer.',
      offered: offer => offer.operations.load_balancers?.destroy !== undefined,
      async run(request) {
        await present((await request.cloud()).load_balancers?.destroy)(request.id)
      },
    }),
    registrationForm(),
    form({
      name: 'new',
      path: ['new'],
      capability: 'create_load_balancer',
      doc: 'The form that creates a load balancer.',
      offered: offer => offer.operations.load_balancers?.create !== undefined,
      run: request =>
        formFor(request, 'create', {
          title: 'New load balancer',
          submit: 'Create load balancer',
          action: request.links.collection('load_balancers'),
        }),
    }),
  ],
})
