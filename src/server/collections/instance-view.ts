/** How documents show an instance. */

import type { Offer } from '../../drivers/driver.ts'
import { units } from '../../model/hardware-profile.ts'
import type { Instance, InstanceAddress } from '../../model/resources.ts'
import type { InstanceAction } from '../../model/state-machine.ts'
import { legal } from '../formats/text.ts'
import {
  type ActionLink,
  actions,
  type Display,
  type Field,
  type Json,
  reference,
  references,
  type Scene,
  state,
  text,
  type View,
} from '../formats/view.ts'
import { attribute, href, type XmlWriter } from '../formats/xml.ts'
import { encodeId } from '../links.ts'

/** What can be asked of an instance now: what its state permits, the driver can do, and its provider allows. */
export const permitted = (instance: Pick<Instance, 'state' | 'permits'>, offer: Offer): readonly InstanceAction[] => {
  const table = offer.operations.instances
  const byState = offer.machine?.actions(instance.state) ?? []
  return byState.filter(name => table?.[name] !== undefined && (instance.permits === undefined || instance.permits.includes(name)))
}

const links = (instance: Instance, { links: to, offer }: Scene): ActionLink[] => {
  const found: ActionLink[] = permitted(instance, offer).map(name =>
    name === 'destroy'
      ? { rel: name, method: 'delete', href: to.member('instances', instance.id) }
      : { rel: name, method: 'post', href: to.under('instances', instance.id, name), handy: name !== 'reboot' },
  )
  if (offer.operations.instances?.run !== undefined) {
    // Shown in every state (quirk D21); a page offers it where it can work.
    const href = to.under('instances', instance.id, 'run')
    found.push({ rel: 'run', method: 'post', href: `${href};id=${encodeId(instance.id)}`, form: href, label: 'Run a command' })
  }
  if (instance.canCreateImage === true && offer.operations.images?.create !== undefined) {
    const [collection, id] = [to.collection('images'), encodeId(instance.id)]
    found.push({
      rel: 'create_image',
      method: 'post',
      href: `${collection};instance_id=${id}`,
      form: `${collection}/new?instance_id=${id}`,
    })
  }
  return found
}

/** The properties that an instance's profile may override, in the order of documents. */
const overridden = ['memory', 'storage', 'architecture', 'cpu'] as const

const hardwareProfile: Field<Instance> = {
  ...reference<Instance>('hardware_profile', 'hardware_profiles', instance => instance.hardwareProfile?.id, {
    column: true,
    label: 'Profile',
  }),
  xml(writer, { hardwareProfile: profile }, { links: to }) {
    if (profile === undefined) return
    writer.open('hardware_profile', `${href(to.member('hardware_profiles', profile.id))}${attribute('id', profile.id)}`)
    for (const name of overridden) {
      const value = profile.overrides[name]
      if (value === undefined) continue
      writer.empty(
        'property',
        `${attribute('kind', 'fixed')}${attribute('name', name)}${attribute('unit', units[name])}${attribute('value', String(value))}`,
      )
    }
    writer.close('hardware_profile')
  },
  json(document, { hardwareProfile: profile }, { links: to }) {
    if (profile === undefined) return
    const properties: Record<string, Json> = {}
    for (const name of overridden) {
      const value = profile.overrides[name]
      if (value !== undefined) properties[name] = typeof value === 'string' ? legal(value) : String(value)
    }
    document.hardware_profile = {
      id: legal(profile.id),
      href: to.member('hardware_profiles', profile.id),
      rel: 'hardware_profile',
      properties,
    }
  },
  display({ hardwareProfile: profile }, { links: to }): Display {
    if (profile === undefined) return undefined
    const values = overridden.flatMap(name => {
      const [value, unit] = [profile.overrides[name], units[name]]
      return value === undefined ? [] : [`${name} ${value}${unit === 'MB' || unit === 'GB' ? ` ${unit}` : ''}`]
    })
    return [{ href: to.member('hardware_profiles', profile.id), text: profile.id }, ...values]
  },
}

const writeAddresses = (writer: XmlWriter, name: string, list: readonly InstanceAddress[]): void => {
  writer.open(name)
  for (const { address, type, port } of list) writer.leaf('address', address, `${attribute('port', port)}${attribute('type', type)}`)
  writer.close(name)
}

const inWords = ({ address, type, port }: InstanceAddress): string => (type === 'vnc' ? `VNC:${address}:${port ?? ''}` : address)

const addresses = (name: 'public_addresses' | 'private_addresses', label: string): Field<Instance> => {
  const read = (instance: Instance): readonly InstanceAddress[] =>
    (name === 'public_addresses' ? instance.publicAddresses : instance.privateAddresses).map(one =>
      one.address === '' ? { address: 'unavailable', type: 'unavailable' } : one,
    )
  return {
    label,
    column: false,
    xml(writer, instance) {
      writeAddresses(writer, name, read(instance))
    },
    json(document, instance) {
      document[name] = read(instance).map(({ address, type, port }) => ({
        address: legal(address),
        type,
        ...(port === undefined ? {} : { port }),
      }))
    },
    display: instance => read(instance).map(inWords),
  }
}

const storageVolumes: Field<Instance> = {
  ...references<Instance>('storage_volumes', 'storage_volumes', instance => instance.storageVolumes, {
    singular: 'storage_volume',
    extra: volume => ('device' in volume && typeof volume.device === 'string' ? { device: legal(volume.device) } : {}),
  }),
  display: (instance, { links: to }) =>
    instance.storageVolumes.map(({ id, device }): Display => {
      const link = { href: to.member('storage_volumes', id), text: id }
      return device === undefined || device === '' ? link : [link, `as ${device}`]
    }),
}

/** How to log in. `key` wins where both features are there, as the original had it (quirk D15). */
const authentication: Field<Instance> = {
  label: 'Login',
  column: false,
  xml(writer, instance, { offer }) {
    const type = authenticationType(offer)
    if (type === undefined) return
    writer.open('authentication', attribute('type', type))
    if (instance.authnError !== undefined) writer.leaf('error', instance.authnError)
    else {
      if (instance.password !== undefined) {
        writer.open('login')
        writer.cdata('username', instance.username)
        writer.cdata('password', instance.password)
        writer.close('login')
      }
      if (instance.keyName !== undefined) {
        writer.open('login')
        writer.leaf('keyname', instance.keyName)
        writer.close('login')
      }
    }
    writer.close('authentication')
  },
  json(document, instance, { offer }) {
    const type = authenticationType(offer)
    if (type === undefined) return
    document.authentication_type = type
    const login: Record<string, Json> = {}
    if (instance.authnError !== undefined) login.error = legal(instance.authnError)
    else {
      if (instance.keyName !== undefined) login.keyname = legal(instance.keyName)
      if (instance.password !== undefined) {
        login.user = instance.username === undefined ? null : legal(instance.username)
        login.password = legal(instance.password)
      }
    }
    if (Object.keys(login).length > 0) document.authentication = login
  },
  display(instance, { links: to }): Display {
    if (instance.authnError !== undefined) return instance.authnError
    const found: Display[] = []
    if (instance.keyName !== undefined && instance.keyName !== '')
      found.push({ href: to.member('keys', instance.keyName), text: instance.keyName })
    if (instance.password !== undefined) found.push(`${instance.username ?? ''} / ${instance.password}`)
    return found
  },
}

const authenticationType = (offer: Offer): 'key' | 'password' | undefined => {
  const features = offer.features.instances ?? {}
  return Object.hasOwn(features, 'authentication_key') ? 'key' : Object.hasOwn(features, 'authentication_password') ? 'password' : undefined
}

const presentOnly = { absentInXml: 'left out' } as const

export const instanceView: View<Instance> = {
  collection: 'instances',
  singular: 'instance',
  href: (instance, to) => to.member('instances', instance.id),
  title: instance => instance.name || instance.id,
  machineState: instance => instance.state,
  fields: [
    text('name', instance => instance.name, { ...presentOnly, column: true }),
    text('owner_id', instance => instance.ownerId, { ...presentOnly, json: 'owner', label: 'Owner', column: true }),
    reference('image', 'images', instance => instance.imageId, { absentInJson: 'collection', column: true }),
    reference('realm', 'realms', instance => instance.realmId, { absentInJson: 'collection', column: true }),
    state(instance => instance.state.toUpperCase(), presentOnly),
    hardwareProfile,
    actions(links),
    text('launch_time', instance => instance.launchTime, {
      ...presentOnly,
      json: 'create_time',
      absentInJson: 'left out',
      label: 'Launched',
    }),
    {
      ...text<Instance>('create_image', () => undefined),
      // XML says it by a link.
      xml: () => undefined,
      json(document, { canCreateImage }) {
        if (canCreateImage !== undefined) document.create_image = canCreateImage
      },
    },
    addresses('public_addresses', 'Public addresses'),
    addresses('private_addresses', 'Private addresses'),
    references('firewalls', 'firewalls', instance => instance.firewalls?.map(id => ({ id })), { singular: 'firewall', absent: 'left out' }),
    storageVolumes,
    authentication,
    references('network_interfaces', 'network_interfaces', instance => instance.networkInterfaces?.map(id => ({ id })), {
      singular: 'network_interface',
      absent: 'left out',
    }),
  ],
}
