/** What the server is to do: defaults, below the config file, below the environment, below the flags. */

import type { Credentials } from '../drivers/context.ts'
import { nearest } from '../drivers/registry.ts'
import type { FixedCredentials } from '../server/gate.ts'
import type { ReachOptions } from '../server/reach.ts'
import type { Options } from './options.ts'
import { Problem } from './problem.ts'
import type { Troubles } from './troubles.ts'

export interface Settings {
  readonly driver: string
  readonly provider: string | undefined
  readonly host: string
  readonly port: number
  readonly frontends: readonly string[]
  /** Seconds. */
  readonly timeout: number
  /** Most items of a page of frontends. */
  readonly pageSize: number | undefined
  /** PEM files. */
  readonly tls: { readonly key: string; readonly cert: string } | undefined
  /** For every request that means the server's own driver and provider. */
  readonly credentials: Credentials | undefined
  /** The same for other clouds of the config file. */
  readonly fixedCredentials: readonly FixedCredentials[]
  readonly providers: ReachOptions
  readonly allowedHosts: readonly string[] | undefined
  readonly trustedProxies: readonly string[]
  readonly keys: Readonly<Record<string, Credentials>>
  readonly state: string | undefined
  readonly seed: string | undefined
  readonly timeScale: number
  readonly accounts: Readonly<Record<string, string>>
  /** Whether only accounts that were set up may sign. */
  readonly strict: boolean
  /** Of the mock cloud. */
  readonly troubles: Troubles
  readonly environment: string
  readonly verbose: boolean
  readonly log: string | undefined
  /** What whoever controls the mock cloud must show. */
  readonly controlToken: string | undefined
  readonly endpointsFile: string | undefined
  /** Folder of recordings. */
  readonly record: string | undefined
  readonly daemon: Daemon | undefined
  /** To be told before the server starts. */
  readonly notes: readonly string[]
}

export interface Daemon {
  readonly user: string
  /** The user's own where none is named. */
  readonly group: string | undefined
  readonly pid: string
  readonly log: string
}

/** @throws Problem */
export const settle = async (options: Options, env: NodeJS.ProcessEnv): Promise<Settings> => {
  const { driver } = options
  if (driver === undefined) {
    throw new Problem(
      'No driver chosen: name one with -i or in API_DRIVER; -l lists them.\nTo try it on the mock cloud: deltacloudd -i mock',
    )
  }
  const { driverIds } = await import('../index.ts')
  if (!driverIds.includes(driver)) {
    throw new Problem(`Driver '${driver}' is not available${suggestion(nearest(driverIds, driver))} -l lists those that are.`)
  }
  const config = options.config === undefined ? undefined : await readConfigFile(options.config, driver)
  const provider = options.provider ?? config?.entry.provider
  // An entry that names a provider is for no other, whoever names that.
  const entry = config?.entry.provider === undefined || config.entry.provider === provider ? config?.entry : undefined
  const user = env.API_USER || entry?.user
  const password = env.API_PASSWORD || entry?.password
  const credentials = user !== undefined && password !== undefined ? { user, password } : undefined
  return {
    driver,
    provider,
    host: options.hostname ?? 'localhost',
    port: options.port ?? 3001,
    frontends: await knownFrontends(options.frontends ?? ['deltacloud']),
    timeout: options.timeout ?? 60,
    pageSize: options.pageSize,
    tls: tlsFiles(options),
    credentials,
    fixedCredentials: config?.credentials ?? [],
    providers: { ...config?.providers, policy: options.providers ?? config?.providers.policy },
    allowedHosts: options.allowedHosts,
    trustedProxies: options.trustedProxies ?? [],
    keys: config?.keys ?? {},
    state: options.state,
    seed: options.seed,
    timeScale: options.timeScale ?? 1,
    accounts: { ...config?.accounts, ...Object.fromEntries(options.accounts ?? []) },
    strict: options.strict === true,
    troubles: {
      file: options.faultsFile,
      faults: options.faults ?? [],
      scenarios: options.scenarios ?? [],
      quotas: Object.fromEntries(options.quotas ?? []),
    },
    environment: options.environment ?? (options.daemon ? 'production' : 'development'),
    verbose: options.verbose ?? false,
    log: options.log,
    controlToken: options.controlToken,
    endpointsFile: options.endpointsFile,
    record: options.record,
    daemon: options.daemon
      ? {
          user: options.user ?? 'nobody',
          group: options.group,
          pid: options.pid ?? 'tmp/pids/thin.pid',
          log: `${options.logdir ?? '/var/log/deltacloud-core'}/${driver}.log`,
        }
      : undefined,
    notes: [
      ...(options.webrick ? ['Note: -w has no effect, there is one kind of server.'] : []),
      ...(credentials === undefined
        ? []
        : [
            'Warning: one user and password (API_USER, API_PASSWORD or the config file) serve every request to this driver and provider; clients need none of their own.',
          ]),
    ],
  }
}

/** YAML and its schema are loaded for those who have a config file only. */
const readConfigFile = async (file: string, driver: string) => (await import('./config-file.ts')).readConfig(file, driver)

const suggestion = (near: readonly string[]): string =>
  near.length === 0 ? '.' : `; did you mean ${near.map(name => `'${name}'`).join(' or ')}?`

const knownFrontends = async (asked: readonly string[]): Promise<readonly string[]> => {
  const { frontends } = await import('../server/frontends.ts')
  const unknown = asked.find(name => !frontends.has(name))
  if (unknown === undefined && asked.length > 0) return asked
  throw new Problem(
    `${unknown === undefined ? 'No frontend is named' : `Frontend '${unknown}' is not available`}; there is: ${[...frontends.keys()].join(', ')}.`,
  )
}

const tlsFiles = ({ ssl, sslKey, sslCert }: Options): Settings['tls'] => {
  if (!ssl) return undefined
  if (sslKey !== undefined && sslCert !== undefined) return { key: sslKey, cert: sslCert }
  throw new Problem('HTTPS needs a private key and a certificate: name their files with -k and -C.')
}
