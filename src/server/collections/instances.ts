/** Instances: the machines themselves. */

import type { Offer } from '../../drivers/driver.ts'
import { find } from '../../drivers/driver.ts'
import { badRequest, notPermitted } from '../../model/errors.ts'
import { propertyNames } from '../../model/hardware-profile.ts'
import { optional, required } from '../../model/parameter.ts'
import type { InstanceFilter, LaunchRequest, RunRequest } from '../../model/requests.ts'
import type { CommandResult, Instance } from '../../model/resources.ts'
import type { InstanceAction } from '../../model/state-machine.ts'
import { legal } from '../formats/text.ts'
import { attribute } from '../formats/xml.ts'
import { formFor } from '../forms.ts'
import { html } from '../pages/html.ts'
import { type ApiRequest, present } from '../request.ts'
import { action, collection, create, created, destroy, form, item, list, missing } from './build.ts'
import { hardwareFields } from './hardware-profiles.ts'
import { instanceView, permitted } from './instance-view.ts'
import type { Operation, Result } from './operation.ts'

const launchFrom = (request: ApiRequest): LaunchRequest => {
  const features: { [Key in keyof LaunchRequest]?: LaunchRequest[Key] | undefined } = {
    realmId: request.value('realm_id'),
    hardwareProfileId: request.value('hwp_id'),
    name: request.featured('user_name', 'name'),
    keyName: request.featured('authentication_key', 'keyname'),
    userData: request.featured('user_data', 'user_data'),
    iso: request.featured('user_iso', 'user_iso'),
    password: request.featured('authentication_password', 'password'),
    loadBalancerId: request.featured('register_to_load_balancer', 'load_balancer_id'),
    snapshotId: request.featured('attach_snapshot', 'snapshot_id'),
    deviceName: request.featured('attach_snapshot', 'device_name'),
    sandbox: request.featured('sandboxing', 'sandbox'),
    metrics: request.featured('metrics', 'metrics'),
    firstBootDevice: request.featured('first_boot_dev', 'first_boot_dev'),
    count: request.has('instance_count') ? request.number('instance_count') : undefined,
    firewalls: request.has('firewalls') ? nonEmpty(request.numbered('firewalls')) : undefined,
    files: request.has('user_files') ? nonEmpty(filesOf(request)) : undefined,
  }
  if (features.count !== undefined && (features.count < 1 || features.count > 1000)) {
    throw badRequest(`Parameter 'instance_count' value '${features.count}' is not between 1 and 1000`)
  }
  const given = Object.fromEntries(Object.entries(features).filter(([, value]) => value !== undefined))
  const overrides = Object.fromEntries(
    propertyNames.flatMap(name => {
      const value = request.value(`hwp_${name}`)
      return value === undefined ? [] : [[name, value]]
    }),
  )
  return { ...given, imageId: request.required('image_id'), overrides }
}

const nonEmpty = <T>(values: readonly T[]): readonly T[] | undefined => (values.length === 0 ? undefined : values)

const filesOf = (request: ApiRequest): { path: string; content: string }[] =>
  [1, 2, 3, 4, 5].flatMap(n => {
    const path = request.value(`path${n}`)
    return path === undefined ? [] : [{ path, content: request.given(`content${n}`) ?? '' }]
  })

/** Looks the instance up and checks that its state permits the action. */
const permits = async (request: ApiRequest, name: InstanceAction): Promise<void> => {
  const { session } = await request.connect()
  const table = present(request.offer.operations.instances)
  const instance = table.permitted === undefined ? await find(table, session, request.id) : await table.permitted(session, request.id)
  if (instance === undefined) throw missing('instance', request.id)
  const now = permitted(instance, request.offer)
  if (!now.includes(name)) {
    const able = now.length === 0 ? 'nothing can be done with it now' : `it can be asked to ${now.join(' or ')}`
    throw notPermitted(`The instance is ${instance.state.toUpperCase()}: ${able}`)
  }
}

/** Start, stop and reboot. */
const lifecycle = (name: 'start' | 'stop' | 'reboot', doc: string): Operation =>
  action({
    name,
    doc,
    capability: `${name}_instance`,
    statuses: [202, 404, 405],
    offered: offer => offer.operations.instances?.[name] !== undefined,
    async run(request) {
      await permits(request, name)
      const { instances: table } = await request.cloud()
      return item(instanceView, await present(table?.[name])(request.id), 202, { bare: true })
    },
  })

const runOffered = (offer: Offer): boolean => offer.operations.instances?.run !== undefined

const runFrom = (request: ApiRequest): RunRequest => {
  const [privateKey, password, username] = [request.value('private_key'), request.value('password'), request.value('username')]
  const [ip, port] = [request.value('ip'), request.number('port')]
  return {
    command: request.required('cmd'),
    ...(privateKey === undefined ? {} : { privateKey }),
    ...(password === undefined ? {} : { password }),
    ...(username === undefined ? {} : { username }),
    ...(ip === undefined ? {} : { ip }),
    ...(port === undefined ? {} : { port }),
  }
}

const commandDocument = (request: ApiRequest, result: CommandResult): Result => {
  const href = request.links.member('instances', result.id)
  return {
    kind: 'document',
    title: `Command on ${result.id}`,
    xml(writer) {
      writer.open('instance', `${attribute('href', href)}${attribute('id', result.id)}`)
      writer.leaf('public_address', result.publicAddress)
      writer.leaf('command', result.command)
      writer.leaf('output', result.output)
      writer.close('instance')
    },
    json: () => ({
      instance: {
        id: legal(result.id),
        href,
        public_address: result.publicAddress === undefined ? null : legal(result.publicAddress),
        command: legal(result.command),
        output: legal(result.output),
      },
    }),
    html: () => html`<p>On <a href="${href}">${result.id}</a>${result.publicAddress === undefined ? '' : ` (${result.publicAddress})`}</p>
<pre class="terminal"><code>$ ${result.command}
${result.output}</code></pre>`,
  }
}

/** How the form of a launch is divided. */
const launchSections = [
  { title: 'Instance', names: ['image_id', 'name', 'realm_id', 'instance_count'] },
  { title: 'Hardware', names: ['hwp_id', 'hwp_cpu', 'hwp_memory', 'hwp_storage', 'hwp_architecture'] },
  { title: 'Login', names: ['keyname', 'password'] },
  { title: 'Network', names: ['firewalls', 'load_balancer_id'] },
  { title: 'Start and watch', names: ['user_data', 'first_boot_dev', 'user_iso', 'snapshot_id', 'device_name', 'metrics', 'sandbox'] },
  { title: 'Files to put on the instance', names: [1, 2, 3, 4, 5].flatMap(n => [`path${n}`, `content${n}`]), collapsed: true },
] as const

export const instances = collection<Instance, InstanceFilter>({
  name: 'instances',
  doc: 'A machine: launched from an image, in a realm, of a hardware profile.',
  view: instanceView,
  listing: operations => operations.instances,
  filters: [
    { name: 'state', doc: 'State, in capitals', matches: (instance, value) => instance.state.toUpperCase() === value },
    { name: 'owner_id', doc: 'Owner; `self` is the caller', self: true, matches: (instance, value) => instance.ownerId === value },
    { name: 'realm_id', doc: 'Realm', refers: 'realms', feature: 'realm_filter', matches: (instance, value) => instance.realmId === value },
  ],
  hints(values) {
    const [id, state, ownerId, realmId] = ['id', 'state', 'owner_id', 'realm_id'].map(name => values.get(name))
    return {
      ...(id === undefined ? {} : { id }),
      ...(state === undefined ? {} : { state: state.toLowerCase() }),
      ...(ownerId === undefined ? {} : { ownerId }),
      ...(realmId === undefined ? {} : { realmId }),
    }
  },
  operations: [
    create({
      capability: 'create_instance',
      doc: 'Launches an instance; with `instance_count`, several.',
      offered: offer => offer.operations.instances?.create !== undefined,
      parameters: [
        required('image_id', 'Image to launch from', { refers: 'images' }),
        optional('realm_id', 'Realm to launch in', { refers: 'realms' }),
        optional('hwp_id', 'Hardware profile', { refers: 'hardware_profiles' }),
        optional('hwp_cpu', 'Number of processors, where the profile leaves it open'),
        optional('hwp_memory', 'Memory in MB, where the profile leaves it open'),
        optional('hwp_storage', 'Storage in GB, where the profile leaves it open'),
        optional('hwp_architecture', 'Architecture, where the profile leaves it open'),
      ],
      async run(request) {
        const { instances: table } = await request.cloud()
        const asked = launchFrom(request)
        const launched = await present(table?.create)(asked)
        const [only] = launched
        return asked.count === undefined && only !== undefined ? created(request, instanceView, only) : list(instanceView, launched, 201)
      },
    }),
    lifecycle('reboot', 'Reboots a running instance.'),
    lifecycle('start', 'Starts a stopped instance.'),
    lifecycle('stop', 'Stops a running instance.'),
    destroy({
      capability: 'destroy_instance',
      doc: 'Destroys an instance.',
      statuses: [204, 404, 405],
      offered: offer => offer.operations.instances?.destroy !== undefined,
      async run(request) {
        await permits(request, 'destroy')
        await present((await request.cloud()).instances?.destroy)(request.id)
      },
    }),
    action({
      name: 'run',
      capability: 'run_on_instance',
      doc: 'Runs a command on a running instance, over SSH where the cloud is a real one.',
      statuses: [200, 404, 405],
      offered: runOffered,
      parameters: [
        required('cmd', 'Command to run'),
        optional('private_key', 'Private key in PEM', { kind: 'text', secret: true }),
        optional('password', 'Password of the user', { secret: true }),
        optional('ip', 'Address to connect to, where not the first public one'),
        optional('port', 'Port of the SSH server', { kind: 'number', initial: '22' }),
      ],
      async run(request) {
        const asked = runFrom(request)
        return commandDocument(request, await present((await request.cloud()).instances?.run)(request.id, asked))
      },
    }),
    form({
      name: 'new',
      path: ['new'],
      capability: 'create_instance',
      doc: 'The form that launches an instance.',
      offered: offer => offer.operations.instances?.create !== undefined,
      async run(request) {
        const image = request.value('image_id')
        const hardware = await hardwareFields(request)
        return formFor(request, 'create', {
          title: image === undefined ? 'Launch an instance' : `Launch ${image}`,
          submit: 'Launch',
          action: request.links.collection('instances'),
          ...(image === undefined ? {} : { hidden: { image_id: image } }),
          values: Object.fromEntries(request.all()),
          multipart: true,
          sections: launchSections,
          ...hardware,
        })
      },
    }),
    form({
      name: 'run_form',
      path: [':id', 'run'],
      capability: 'run_on_instance',
      doc: 'The form that runs a command.',
      offered: runOffered,
      run: request =>
        formFor(request, 'run', {
          title: `Run a command on ${request.id}`,
          submit: 'Run',
          action: request.links.under('instances', request.id, 'run'),
        }),
    }),
  ],
})
