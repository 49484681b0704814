/** Addresses: public addresses that can be given to instances. */

import { required } from '../../model/parameter.ts'
import type { Address } from '../../model/resources.ts'
import { legal } from '../formats/text.ts'
import { type ActionLink, actions, type Field, type Scene, text, type View } from '../formats/view.ts'
import { attribute } from '../formats/xml.ts'
import { formFor } from '../forms.ts'
import { type ApiRequest, present } from '../request.ts'
import { action, collection, create, created, destroy, form } from './build.ts'
import type { Result } from './operation.ts'

const links = (address: Address, { links: to, offer }: Scene): ActionLink[] => {
  const table = offer.operations.addresses
  const under = (name: string): string => to.under('addresses', address.id, name)
  const found: ActionLink[] = []
  if (table?.destroy !== undefined) found.push({ rel: 'destroy', method: 'delete', href: to.member('addresses', address.id) })
  if (address.instanceId === undefined) {
    if (table?.associate !== undefined) found.push({ rel: 'associate', method: 'post', href: under('associate'), form: under('associate') })
  } else if (table?.disassociate !== undefined) {
    found.push({ rel: 'disassociate', method: 'post', href: under('disassociate') })
  }
  return found
}

const instance: Field<Address> = {
  label: 'Instance',
  column: true,
  xml(writer, { instanceId }, { links: to }) {
    if (instanceId !== undefined)
      writer.empty('instance', `${attribute('href', to.member('instances', instanceId))}${attribute('id', instanceId)}`)
  },
  json(document, { instanceId }) {
    document.associated = instanceId !== undefined
    if (instanceId !== undefined) document.instance_id = legal(instanceId)
  },
  display: ({ instanceId }, { links: to }) =>
    instanceId === undefined ? 'Free' : { href: to.member('instances', instanceId), text: instanceId },
}

const view: View<Address> = {
  collection: 'addresses',
  singular: 'address',
  href: (address, to) => to.member('addresses', address.id),
  title: address => address.id,
  fields: [text('ip', address => address.id, { label: 'IP', json: null }), actions(links), instance],
}

const done = (request: ApiRequest): Result => ({ kind: 'done', status: 202, redirect: request.links.member('addresses', request.id) })

export const addresses = collection({
  name: 'addresses',
  doc: 'A public address that can be given to an instance.',
  view,
  listing: operations => operations.addresses,
  operations: [
    create({
      capability: 'create_address',
      doc: 'Acquires an address.',
      offered: offer => offer.operations.addresses?.create !== undefined,
      async run(request) {
        return created(request, view, await present((await request.cloud()).addresses?.create)())
      },
    }),
    destroy({
      capability: 'destroy_address',
      doc: 'Releases an address.',
      offered: offer => offer.operations.addresses?.destroy !== undefined,
      async run(request) {
        await present((await request.cloud()).addresses?.destroy)(request.id)
      },
    }),
    action({
      name: 'associate',
      capability: 'associate_address',
      doc: 'Gives an address to an instance.',
      statuses: [202, 404, 409],
      offered: offer => offer.operations.addresses?.associate !== undefined,
      parameters: [required('instance_id', 'Instance to give the address to', { refers: 'instances' })],
      async run(request) {
        await present((await request.cloud()).addresses?.associate)(request.id, request.required('instance_id'))
        return done(request)
      },
    }),
    action({
      name: 'disassociate',
      // Quirk F10: the original asks for the other one.
      capability: 'associate_address',
      doc: 'Takes an address from its instance.',
      statuses: [202, 404, 409],
      offered: offer => offer.operations.addresses?.disassociate !== undefined,
      async run(request) {
        await present((await request.cloud()).addresses?.disassociate)(request.id)
        return done(request)
      },
    }),
    form({
      name: 'associate_form',
      path: [':id', 'associate'],
      capability: 'associate_address',
      doc: 'The form that gives an address to an instance.',
      offered: offer => offer.operations.addresses?.associate !== undefined,
      run: request =>
        formFor(request, 'associate', {
          title: `Associate ${request.id}`,
          submit: 'Associate address',
          action: request.links.under('addresses', request.id, 'associate'),
        }),
    }),
  ],
})
