/** Firewalls and their rules. */

import { isIP } from 'node:net'
import { find } from '../../drivers/driver.ts'
import { badRequest } from '../../model/errors.ts'
import { optional, required } from '../../model/parameter.ts'
import type { Firewall, FirewallRule, Resource, RuleSource } from '../../model/resources.ts'
import { legal } from '../formats/text.ts'
import { type ActionLink, actions, type Display, type Field, type Json, type Scene, text, type View } from '../formats/view.ts'
import { attribute, type XmlWriter } from '../formats/xml.ts'
import { formFor } from '../forms.ts'
import { type ApiRequest, missingParameter, present, usableId } from '../request.ts'
import { action, collection, create, created, destroy, form, item, missing } from './build.ts'
import type { FormField, Operation } from './operation.ts'

/** The original's two documents differed in the rel of one link; ours has both (quirk D5). */
const links = (firewall: Firewall, { links: to, offer }: Scene): ActionLink[] => {
  const table = offer.operations.firewalls
  const rules = to.under('firewalls', firewall.id, 'rules')
  return [
    ...(table?.destroy === undefined ? [] : [{ rel: 'destroy', method: 'delete', href: to.member('firewalls', firewall.id) } as const]),
    ...(table?.createRule === undefined
      ? []
      : (['update', 'add_rule'] as const).map(
          rel => ({ rel, label: 'Add a rule', method: 'post', href: rules, form: to.under('firewalls', firewall.id, 'new_rule') }) as const,
        )),
  ]
}

const sourceInWords = (source: RuleSource): string =>
  source.type === 'group' ? source.name + (source.owner === undefined ? '' : ` of ${source.owner}`) : `${source.address}/${source.prefix}`

const ruleInWords = ({ protocol, portFrom, portTo, direction, sources, action, log }: FirewallRule): string => {
  const ports = portFrom === undefined ? '' : portTo === undefined || portTo === portFrom ? ` ${portFrom}` : ` ${portFrom}–${portTo}`
  const traffic = [direction ?? '', `${protocol ?? 'any'}${ports}`, sources.map(sourceInWords).join(', ')]
    .filter(part => part !== '')
    .join(' ')
  return [traffic, ...(action === undefined ? [] : [action]), ...(log === true ? ['logged'] : [])].join(', ')
}

const ruleActions = (firewall: Firewall, rule: FirewallRule, { links: to, offer }: Scene): ActionLink[] =>
  offer.operations.firewalls?.destroyRule === undefined
    ? []
    : [{ rel: 'destroy', of: `rule ${ruleInWords(rule)}`, method: 'delete', href: to.under('firewalls', firewall.id, rule.id) }]

/** What a rule says, in its own document and in its firewall's. */
const writeRule = (writer: XmlWriter, firewall: Firewall, rule: FirewallRule, scene: Scene): void => {
  writer.open('actions')
  for (const { rel, method, href } of ruleActions(firewall, rule, scene)) {
    writer.empty('link', `${attribute('href', href)}${attribute('method', method)}${attribute('rel', rel)}`)
  }
  writer.close('actions')
  writer.leaf('allow_protocol', rule.protocol)
  writer.leaf('port_from', rule.portFrom)
  writer.leaf('port_to', rule.portTo)
  writer.leaf('direction', rule.direction)
  writer.leaf('rule_action', rule.action)
  writer.leaf('log_rule', rule.log === undefined ? undefined : String(rule.log))
  writer.open('sources')
  for (const source of rule.sources) {
    writer.empty(
      'source',
      source.type === 'group'
        ? `${attribute('name', source.name)}${attribute('owner', source.owner)}${attribute('type', 'group')}`
        : `${attribute('address', source.address)}${attribute('family', source.family)}${attribute('prefix', source.prefix)}${attribute('type', 'address')}`,
    )
  }
  writer.close('sources')
}

const ruleJson = (firewall: Firewall, rule: FirewallRule, scene: Scene): Record<string, Json | undefined> => ({
  allow_protocol: rule.protocol === undefined ? undefined : legal(rule.protocol),
  port_from: rule.portFrom,
  port_to: rule.portTo,
  sources: rule.sources.map(sourceJson),
  direction: rule.direction,
  rule_action: rule.action,
  log_rule: rule.log,
  actions: ruleActions(firewall, rule, scene).map(({ rel, method, href }) => ({ href, rel, method })),
})

const ruleLink = (firewall: Firewall, rule: FirewallRule, to: Scene['links']): string => to.under('firewalls', firewall.id, rule.id)

/** @param href of its own page, elsewhere. */
const ruleDisplay = (firewall: Firewall, rule: FirewallRule, scene: Scene, href?: string): Display => [
  href === undefined ? ruleInWords(rule) : { href, text: ruleInWords(rule) },
  { actions: ruleActions(firewall, rule, scene) },
]

const rules: Field<Firewall> = {
  label: 'Rules',
  column: true,
  xml(writer, firewall, scene) {
    writer.open('rules')
    for (const rule of firewall.rules) {
      writer.open('rule', `${attribute('href', ruleLink(firewall, rule, scene.links))}${attribute('id', rule.id)}`)
      writeRule(writer, firewall, rule, scene)
      writer.close('rule')
    }
    writer.close('rules')
  },
  json(document, firewall, scene) {
    document.rules = firewall.rules.map(
      (rule): Json => ({ id: legal(rule.id), href: ruleLink(firewall, rule, scene.links), ...ruleJson(firewall, rule, scene) }),
    )
  },
  display: (firewall, scene) => firewall.rules.map(rule => ruleDisplay(firewall, rule, scene, ruleLink(firewall, rule, scene.links))),
}

/** A rule with the firewall that it belongs to: its document needs both. */
interface RuleOf extends Resource {
  readonly firewall: Firewall
  readonly rule: FirewallRule
}

const ruleView: View<RuleOf> = {
  collection: 'firewalls',
  singular: 'rule',
  href: ({ firewall, rule }, to) => ruleLink(firewall, rule, to),
  title: ({ rule }) => rule.id,
  fields: [
    {
      label: 'Lets through',
      column: false,
      xml: (writer, { firewall, rule }, scene) => writeRule(writer, firewall, rule, scene),
      json: (document, { firewall, rule }, scene) => {
        Object.assign(document, ruleJson(firewall, rule, scene))
      },
      display: ({ firewall, rule }, scene) => ruleDisplay(firewall, rule, scene),
    },
  ],
}

const sourceJson = (source: RuleSource): Json =>
  source.type === 'group'
    ? { type: 'group', name: legal(source.name), ...(source.owner === undefined ? {} : { owner: legal(source.owner) }) }
    : { type: 'address', family: source.family, address: legal(source.address), prefix: legal(source.prefix) }

const view: View<Firewall> = {
  collection: 'firewalls',
  singular: 'firewall',
  href: (firewall, to) => to.member('firewalls', firewall.id),
  title: firewall => firewall.name ?? firewall.id,
  fields: [
    actions(links),
    text('name', firewall => firewall.name, { cdata: true, column: true }),
    text('description', firewall => firewall.description, { cdata: true, column: true }),
    text('owner_id', firewall => firewall.ownerId, { label: 'Owner', column: true }),
    rules,
  ],
}

/** `10.0.0.0/8`, or an address alone. @throws CloudError `bad-request` */
const readCidr = (given: string): RuleSource => {
  const [address = '', prefix, ...rest] = given.trim().split('/')
  const version = isIP(address)
  const longest = version === 6 ? 128 : 32
  const length = prefix ?? String(longest)
  if (version === 0 || rest.length > 0 || !/^\d{1,3}$/.test(length) || Number(length) > longest) {
    throw badRequest(`'${given}' is no address range, such as 10.0.0.0/8`)
  }
  return { type: 'address', family: version === 6 ? 'ipv6' : 'ipv4', address, prefix: length }
}

/** Sources of a rule: every parameter whose name begins with `ip_address`, and pairs `group1`, `group1owner`, … */
const sourcesOf = (request: ApiRequest): RuleSource[] => {
  const addresses = [...request.all()]
    .filter(([name, value]) => /^ip[_-]address/i.test(name) && value !== '')
    .map(([, value]) => readCidr(value))
  const groups: RuleSource[] = []
  for (const [name, value] of request.all()) {
    const number = /^group(\d{1,4})$/.exec(name)?.[1]
    if (number === undefined || value === '') continue
    const owner = request.value(`group${number}owner`)
    groups.push({ type: 'group', name: value, ...(owner === undefined ? {} : { owner }) })
  }
  return [...addresses, ...groups]
}

const port = (request: ApiRequest, name: string): number | undefined => {
  const number = request.number(name)
  if (number !== undefined && number > 65535) throw badRequest(`Parameter '${name}' value '${number}' is not a port`)
  return number
}

const createRule: Operation = action({
  name: 'rules',
  capability: 'create_firewall_rule',
  doc: 'Adds a rule to a firewall.',
  path: [':id', 'rules'],
  statuses: [201, 400, 404, 409],
  offered: offer => offer.operations.firewalls?.createRule !== undefined,
  parameters: [
    required('protocol', 'Protocol that the rule lets through', { values: ['tcp', 'udp', 'icmp'] }),
    optional('port_from', 'First port, or the type of icmp; a protocol other than icmp needs it', { kind: 'number' }),
    optional('port_to', 'Last port, or the code of icmp; the first, where left out', { kind: 'number' }),
    optional('ip_address', 'Addresses that may come in, as CIDR: `ip_address1`, `ip_address2`, …', { numbered: true }),
    optional('group', 'Firewalls whose instances may come in: `group1`, `group2`, …', { numbered: true }),
    optional('groupowner', 'Their owners: `group1owner`, `group2owner`, …'),
  ],
  async run(request) {
    const protocol = request.required('protocol').toLowerCase()
    const portFrom = port(request, 'port_from')
    const portTo = port(request, 'port_to') ?? portFrom
    if (protocol !== 'icmp' && portFrom === undefined) throw missingParameter('port_from', request.all())
    // Of ICMP they are its type and its code, which may be less.
    if (protocol !== 'icmp' && portFrom !== undefined && portTo !== undefined && portFrom > portTo)
      throw badRequest(`The ports ${portFrom} to ${portTo} are no range`)
    const sources = sourcesOf(request)
    if (sources.length === 0) throw badRequest('No sources. Specify at least one source ip address or group.')
    const { firewalls: table } = await request.cloud()
    const firewall = await present(table?.createRule)(request.id, {
      protocol,
      ...(portFrom === undefined ? {} : { portFrom }),
      ...(portTo === undefined ? {} : { portTo }),
      direction: 'ingress',
      sources,
    })
    return item(view, firewall, 201, { redirect: request.links.member('firewalls', request.id) })
  },
})

const sourceFields: readonly FormField[] = [
  { parameter: optional('ip_address1', 'Addresses that may come in, as CIDR'), value: '0.0.0.0/0' },
  { parameter: optional('group1', 'Or a firewall whose instances may come in', { refers: 'firewalls' }) },
  { parameter: optional('group1owner', 'Its owner') },
]

export const firewalls = collection({
  name: 'firewalls',
  doc: 'Rules that say which traffic reaches an instance.',
  view,
  listing: operations => operations.firewalls,
  operations: [
    create({
      capability: 'create_firewall',
      doc: 'Creates a firewall without rules.',
      offered: offer => offer.operations.firewalls?.create !== undefined,
      parameters: [required('name', 'Name of the firewall'), required('description', 'Description of the firewall')],
      async run(request) {
        const { firewalls: table } = await request.cloud()
        const name = usableId(request.required('name'), 'name of a firewall')
        return created(request, view, await present(table?.create)({ name, description: request.required('description') }))
      },
    }),
    destroy({
      capability: 'delete_firewall',
      doc: 'Destroys a firewall that no instance is in.',
      offered: offer => offer.operations.firewalls?.destroy !== undefined,
      async run(request) {
        await present((await request.cloud()).firewalls?.destroy)(request.id)
      },
    }),
    createRule,
    action({
      name: 'show_rule',
      method: 'GET',
      path: [':id', ':rule_id'],
      // The original named the address of a rule and had nothing there.
      capability: 'firewall',
      doc: 'Shows a rule of a firewall.',
      statuses: [200, 404],
      offered: offer => offer.operations.firewalls !== undefined,
      async run(request) {
        const { session } = await request.connect()
        const firewall = await find(present(request.offer.operations.firewalls), session, request.id)
        const id = request.segment('rule_id')
        const rule = firewall?.rules.find(one => one.id === id)
        if (firewall === undefined || rule === undefined) throw missing('rule', `${request.id}/${id}`)
        return item(ruleView, { id, firewall, rule }, 200)
      },
    }),
    action({
      name: 'destroy_rule',
      method: 'DELETE',
      path: [':id', ':rule_id'],
      capability: 'delete_firewall_rule',
      doc: 'Takes a rule from a firewall.',
      statuses: [204, 404],
      offered: offer => offer.operations.firewalls?.destroyRule !== undefined,
      async run(request) {
        await present((await request.cloud()).firewalls?.destroyRule)(request.id, request.segment('rule_id'))
        return { kind: 'done', status: 204, redirect: request.links.member('firewalls', request.id) }
      },
    }),
    form({
      name: 'new',
      path: ['new'],
      capability: 'create_firewall',
      doc: 'The form that creates a firewall.',
      offered: offer => offer.operations.firewalls?.create !== undefined,
      run: request =>
        formFor(request, 'create', { title: 'New firewall', submit: 'Create firewall', action: request.links.collection('firewalls') }),
    }),
    form({
      name: 'new_rule',
      path: [':id', 'new_rule'],
      capability: 'create_firewall_rule',
      doc: 'The form that adds a rule.',
      offered: offer => offer.operations.firewalls?.createRule !== undefined,
      run: request =>
        formFor(request, 'rules', {
          title: `New rule of ${request.id}`,
          submit: 'Add rule',
          action: request.links.under('firewalls', request.id, 'rules'),
          without: ['ip_address', 'group', 'groupowner'],
          further: sourceFields,
        }),
    }),
  ],
})
