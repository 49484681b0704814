/** The options of `deltacloudd`, declared once: flags, environment variables, values and what holds without them. */

import { homedir } from 'node:os'
import { join } from 'node:path'
import { fastestScale, slowestScale } from '../mock-cloud/clock-state.ts'
import { Proxies } from '../server/networks.ts'
import { type ProviderPolicy, providerPolicies } from '../server/reach.ts'
import { readFault, readQuota, readScenario } from './troubles.ts'

export interface Declared<T> {
  /** As commander reads it: `-p, --port <port>`. */
  readonly flags: string
  readonly env: string
  readonly doc: string
  /** @throws Error that says what is wrong with the text, as the end of a sentence that begins with the option's name. */
  readonly read: (text: string) => T
  /** What --help says about the default. */
  readonly fallback?: string
  /** Given any number of times; in the environment separated by commas. */
  readonly many?: true
  /** Instead of the comma. */
  readonly separator?: string
  /** What a flag without its optional value stands for. */
  readonly bare?: string
}

const option = <T, D extends Declared<T>>(one: D & Declared<T>): D => one

const text = (value: string): string => {
  if (value === '') throw new Error('is empty')
  return value
}

const yes = (value: string): boolean => {
  if (/^(1|true|yes|on)$/i.test(value)) return true
  if (/^(0|false|no|off)?$/i.test(value)) return false
  throw new Error(`is '${value}'; it must be true or false`)
}

const number = (least: number, most: number, whole: boolean) => (value: string) => {
  const parsed = /^\d+(\.\d+)?$/.test(value) ? Number(value) : Number.NaN
  if (Number.isNaN(parsed) || parsed < least || parsed > most || (whole && !Number.isInteger(parsed))) {
    throw new Error(`is '${value}'; it must be a ${whole ? 'whole ' : ''}number from ${least} to ${most}`)
  }
  return parsed
}

const names = (value: string): readonly string[] =>
  [...new Set(value.split(',').map(name => name.trim().toLowerCase()))].filter(name => name !== '')

const policy = (value: string): ProviderPolicy => {
  const found = providerPolicies.find(one => one === value.toLowerCase())
  if (found === undefined) throw new Error(`is '${value}'; it must be one of ${providerPolicies.join(', ')}`)
  return found
}

const proxies = (value: string): readonly string[] => {
  const trusted = names(value)
  try {
    new Proxies(trusted)
  } catch (error) {
    throw new Error(`has a wrong entry: ${error instanceof Error ? error.message : String(error)}`)
  }
  return trusted
}

const account = (value: string): readonly [user: string, password: string] => {
  const colon = value.indexOf(':')
  // The text isn't repeated: it may be a password.
  if (colon < 1) throw new Error('must be USER:PASSWORD')
  return [value.slice(0, colon), value.slice(colon + 1)]
}

export const declared = {
  driver: option({
    flags: '-i, --driver <id>',
    env: 'API_DRIVER',
    doc: 'cloud of requests that name none; -l lists them',
    read: id => text(id).toLowerCase(),
  }),
  hostname: option({ flags: '-r, --hostname <host>', env: 'API_HOST', doc: 'address to listen on', read: text, fallback: 'localhost' }),
  port: option({
    flags: '-p, --port <port>',
    env: 'API_PORT',
    doc: '0 takes a free one and prints it',
    read: number(0, 65535, true),
    fallback: '3001',
  }),
  provider: option({
    flags: '-P, --provider <name>',
    env: 'API_PROVIDER',
    doc: 'region or endpoint of the driver',
    read: text,
    fallback: "the driver's own",
  }),
  frontends: option({
    flags: '-f, --frontends <list>',
    env: 'API_FRONTEND',
    doc: 'protocols to serve, separated by commas',
    read: names,
    fallback: 'deltacloud',
  }),
  config: option({
    flags: '-c, --config [file]',
    env: 'API_CONFIG',
    doc: 'credentials and keys by driver, as YAML; ~/.deltacloud/config if no file is named',
    read: text,
    bare: join(homedir(), '.deltacloud', 'config'),
  }),
  environment: option({
    flags: '-e, --env <name>',
    env: 'API_ENV',
    doc: 'names the environment in the log',
    read: text,
    fallback: 'development; production with -d',
  }),
  daemon: option({ flags: '-d, --daemon', env: 'API_DAEMON', doc: 'run in the background', read: yes }),
  user: option({
    flags: '-u, --user <name>',
    env: 'API_DAEMON_USER',
    doc: 'with -d as root: user to become',
    read: text,
    fallback: 'nobody',
  }),
  group: option({
    flags: '-g, --group <name>',
    env: 'API_DAEMON_GROUP',
    doc: 'with -d as root: group to become',
    read: text,
    fallback: "the user's own",
  }),
  pid: option({
    flags: '-b, --pid <file>',
    env: 'API_PID',
    doc: 'with -d: file for the process id',
    read: text,
    fallback: 'tmp/pids/thin.pid',
  }),
  log: option({ flags: '-L, --log <file>', env: 'API_LOG', doc: 'one JSON line for each request; - is standard output', read: text }),
  ssl: option({ flags: '-s, --ssl', env: 'API_SSL', doc: 'serve HTTPS; needs -k and -C', read: yes }),
  sslKey: option({ flags: '-k, --ssl-key <file>', env: 'API_SSL_KEY', doc: 'private key, PEM', read: text }),
  sslCert: option({ flags: '-C, --ssl-cert <file>', env: 'API_SSL_CERT', doc: 'certificate, PEM, with the chain after it', read: text }),
  timeout: option({
    flags: '-t, --timeout <seconds>',
    env: 'API_TIMEOUT',
    doc: 'longest time of a request',
    read: number(0.001, 86_400, false),
    fallback: '60',
  }),
  pageSize: option({
    flags: '--page-size <n>',
    env: 'API_PAGE_SIZE',
    doc: 'most items of a page of frontends whose protocols list in pages',
    read: number(1, 10_000, true),
    fallback: "the protocol's own",
  }),
  verbose: option({ flags: '-V, --verbose', env: 'API_VERBOSE', doc: 'show each request on standard error', read: yes }),
  webrick: option({ flags: '-w, --webrick', env: 'API_WEBRICK', doc: 'accepted from old scripts, without effect', read: yes }),
  logdir: option({
    flags: '--logdir <dir>',
    env: 'API_LOGDIR',
    doc: 'with -d: folder of the log',
    read: text,
    fallback: '/var/log/deltacloud-core',
  }),
  state: option({
    flags: '--state <where>',
    env: 'API_STATE',
    doc: 'keep the mock cloud in this file, or in a PostgreSQL database: postgres://user:password@host/name',
    read: text,
    fallback: 'memory',
  }),
  seed: option({ flags: '--seed <text>', env: 'API_SEED', doc: "decides the mock cloud's ids, addresses and latencies", read: text }),
  timeScale: option({
    flags: '--time-scale <n>',
    env: 'API_TIME_SCALE',
    doc: "the mock cloud's clock runs n times as fast",
    read: number(slowestScale, fastestScale, false),
    fallback: '1',
  }),
  accounts: option({
    flags: '--account <user:password>',
    env: 'API_ACCOUNTS',
    doc: 'one more account of the mock cloud; may be repeated',
    read: account,
    many: true,
  }),
  strict: option({
    flags: '--strict',
    env: 'API_STRICT',
    doc: 'let only accounts that were set up sign requests to the mock cloud by native protocols, instead of anyone',
    read: yes,
  }),
  providers: option({
    flags: '--providers <policy>',
    env: 'API_PROVIDERS',
    doc: 'which addresses requests may choose as their provider: own (none), list (those in the config file), public (none of loopback, private or link-local networks) or any',
    read: policy,
    fallback: 'any on loopback, else public',
  }),
  allowedHosts: option({
    flags: '--allowed-hosts <list>',
    env: 'API_ALLOWED_HOSTS',
    doc: 'names by which clients may know the server, separated by commas; *.example.com stands for all below it',
    read: names,
    fallback: 'those of this machine on loopback, else any',
  }),
  trustedProxies: option({
    flags: '--trusted-proxies <list>',
    env: 'API_TRUSTED_PROXIES',
    doc: 'proxies whose X-Forwarded-Host and X-Forwarded-Proto count: addresses, networks, loopback or private, separated by commas',
    read: proxies,
    fallback: 'none',
  }),
  controlToken: option({
    flags: '--control-token <text>',
    env: 'API_CONTROL_TOKEN',
    doc: 'let the mock cloud be controlled under /_mock from other machines, by those who show this; better in the environment',
    read: text,
    fallback: 'this machine only',
  }),
  faultsFile: option({
    flags: '--faults <file>',
    env: 'API_FAULTS',
    doc: 'fault rules, scenarios and limits of the mock cloud, as YAML',
    read: text,
  }),
  faults: option({
    flags: '--fault <rule>',
    env: 'API_FAULT',
    doc: "one fault rule, such as 'operation=instances.create,share=0.2,error=over-quota'; may be repeated",
    read: readFault,
    many: true,
    separator: ';',
  }),
  scenarios: option({
    flags: '--scenario <name>',
    env: 'API_SCENARIO',
    doc: "trouble that people know, such as 'brown-out:realm=us'; may be repeated",
    read: readScenario,
    many: true,
    separator: ';',
  }),
  quotas: option({
    flags: '--quota <name=number>',
    env: 'API_QUOTA',
    doc: 'how many of a collection an account may have, such as instances=10; may be repeated',
    read: readQuota,
    many: true,
  }),
  record: option({
    flags: '--record <dir>',
    env: 'API_RECORD',
    doc: 'write what the driver and its provider say to each other into this folder, without secrets',
    read: text,
  }),
  endpointsFile: option({
    flags: '--endpoints-file <file>',
    env: 'API_ENDPOINTS_FILE',
    doc: 'write the URLs here once listening, as JSON',
    read: text,
  }),
}
