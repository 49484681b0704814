/** Commands on an instance: a shell so small that all it says is true of the simulation. */

import { badRequest, forbidden, notPermitted } from '../../model/errors.ts'
import { defaultOf, propertyOf } from '../../model/hardware-profile.ts'
import type { RunRequest } from '../../model/requests.ts'
import type { CommandResult, Instance } from '../../model/resources.ts'
import { digestOf } from '../private-keys.ts'
import type { Records } from '../records.ts'
import type { Look, Tenant } from '../tenant.ts'
import { found } from './lookup.ts'

export const run = (tenant: Tenant, id: string, request: RunRequest): Promise<CommandResult> =>
  tenant.read(async look => {
    const instance = await found(look, 'instances', id)
    if (instance.shown.state !== 'running') throw notPermitted()
    const user = await login(look, instance, request)
    const [address] = instance.shown.publicAddresses
    const output = look.personality.shell(request.command) ?? execute(look, instance, user, request.command)
    return { id, command: request.command, output, ...(address === undefined ? {} : { publicAddress: address.address }) }
  })

/** Who is let in. @throws CloudError */
const login = async ({ tx, personality }: Look, { shown }: Records['instances'], request: RunRequest): Promise<string> => {
  const user = request.username === undefined || request.username === '' ? 'root' : request.username
  if (personality.lenient.openShell) return user
  const { password, privateKey } = request
  const hasPassword = password !== undefined && password !== ''
  const hasKey = privateKey !== undefined && privateKey !== ''
  if (!hasPassword && !hasKey) throw badRequest('Either password or key must be specified')
  const key = shown.keyName === undefined || shown.keyName === '' ? undefined : await tx.get('keys', shown.keyName)
  // An instance that was given no login lets anyone in, and so does a key whose private half the cloud never saw.
  const isOpen = shown.password === undefined && key?.kept.pemDigest === undefined
  const isRight = (hasPassword && shown.password === password) || (hasKey && key?.kept.pemDigest === digestOf(privateKey))
  if (!isOpen && !isRight) throw forbidden(`InstanceSSHError: Authentication failed for user ${user}`)
  return user
}

interface Shell {
  readonly look: Look
  readonly instance: Records['instances']
  readonly user: string
  readonly args: readonly string[]
}

const execute = (look: Look, instance: Records['instances'], user: string, command: string): string => {
  const [name = '', ...args] = words(command)
  if (name === '') return ''
  const program = Object.hasOwn(programs, name) ? programs[name] : undefined
  const output = program === undefined ? `sh: ${name}: command not found` : program({ look, instance, user, args })
  return `${output}\n`
}

/** The words of a command; quotes keep blanks. */
const words = (command: string): string[] =>
  [...command.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, double, single, bare]) => double ?? single ?? bare ?? '')

const programs: Readonly<Record<string, (shell: Shell) => string>> = {
  whoami: ({ user }) => user,
  id: ({ user }) =>
    user === 'root' ? 'uid=0(root) gid=0(root) groups=0(root)' : `uid=1000(${user}) gid=1000(${user}) groups=1000(${user})`,
  hostname: ({ instance }) => instance.shown.id,
  pwd: ({ user }) => (user === 'root' ? '/root' : `/home/${user}`),
  echo: ({ args }) => args.join(' '),
  date: ({ look }) => dateOf(look.now),
  uptime: ({ look, instance }) => uptime(look.now, instance.kept.since),
  uname: ({ look, instance, args }) => uname(instance.shown.id, architectureOf(look, instance.shown), args.join('')),
  cat: ({ instance, args }) => args.map(path => contentOf(instance, path) ?? `cat: ${path}: No such file or directory`).join(''),
}

const architectureOf = ({ personality }: Look, { hardwareProfile }: Instance): string => {
  const profile = personality.hardwareProfiles.find(({ id }) => id === hardwareProfile?.id)
  const property = profile === undefined ? undefined : propertyOf(profile, 'architecture')
  return String(hardwareProfile?.overrides.architecture ?? (property === undefined ? 'x86_64' : defaultOf(property)))
}

const uname = (host: string, architecture: string, flags: string): string => {
  const facts = { s: 'Linux', n: host, r: '6.1.0-mock', v: '#1 SMP', m: architecture, o: 'GNU/Linux' }
  if (flags.includes('a')) return Object.values(facts).join(' ')
  const wanted = Object.entries(facts).filter(([flag]) => flags.includes(flag))
  return wanted.length === 0 ? facts.s : wanted.map(([, fact]) => fact).join(' ')
}

const dateOf = (now: number): string => {
  const [day, date, month, year, time] = new Date(now).toUTCString().replace(',', '').split(' ')
  return `${day} ${month} ${date} ${time} UTC ${year}`
}

const uptime = (now: number, since: number): string => {
  const minutes = Math.max(0, Math.floor((now - since) / 60_000))
  const days = Math.floor(minutes / 1440)
  const clock = `${Math.floor(minutes / 60) % 24}:${String(minutes % 60).padStart(2, '0')}`
  return ` ${new Date(now).toISOString().slice(11, 19)} up ${days > 0 ? `${days} day${days === 1 ? '' : 's'}, ` : ''}${clock}, 1 user`
}

/** Where cloud-init leaves user data. */
const userDataPath = '/var/lib/cloud/instance/user-data.txt'

const contentOf = ({ kept }: Records['instances'], path: string): string | undefined => {
  const file = kept.files?.findLast(candidate => candidate.path === path)
  if (file !== undefined) return file.content
  return path === userDataPath && kept.userData !== undefined ? decoded(kept.userData) : undefined
}

/** User data is Base64 by convention; what isn't, is meant as it stands. */
const decoded = (data: string): string => {
  const compact = data.replaceAll(/\s+/g, '')
  return compact !== '' && /^[A-Za-z0-9+/]+={0,2}$/.test(compact) && compact.length % 4 === 0
    ? Buffer.from(compact, 'base64').toString('utf8')
    : data
}
