/** Runs the server: says where it is, and takes it down in order when it's told to stop. */

import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import type { Log } from '../drivers/context.ts'
import type { RunningServer, ServerOptions } from '../index.ts'
import { frontends } from '../server/frontends.ts'
import type { OpenLog } from './log.ts'
import { Problem, systemCode, whyFile } from './problem.ts'
import type { Settings } from './settings.ts'

/** How long running requests get to finish, in seconds. */
const grace = 10
/** Signals of one kind this close together are one: npm passes on an interrupt that the terminal sends to all anyway. Milliseconds. */
const sameSignal = 500

/** Where the server runs: before someone's eyes, or behind their back. */
export interface Place {
  /** @param facts what each line of the log says */
  openLog(facts: object): Promise<OpenLog>
  /** Called when the files that only the caller may read are open, before anything of the server is. @returns undoes it */
  settleIn(): () => void
  started(lines: readonly string[]): Promise<void>
  stopping(line: string): void
}

/** Runs until it's told to stop. @returns the exit code @throws Problem where the server can't start */
export const serve = async (settings: Settings, place: Place): Promise<number> => {
  const { log, close: closeLog } = await place.openLog({ name: `deltacloud-${settings.driver}`, environment: settings.environment })
  try {
    const tls = settings.tls === undefined ? undefined : await readTls(settings.tls)
    const leave = place.settleIn()
    try {
      const { endpointsFile } = settings
      if (endpointsFile !== undefined) rmSync(endpointsFile, { force: true })
      const server = await start(settings, log, tls)
      const stop = firstSignal(settings.daemon !== undefined)
      try {
        if (endpointsFile !== undefined) writeEndpoints(endpointsFile, server, settings)
        log.info({ url: server.url, driver: settings.driver }, 'listening')
        await place.started(welcome(server, settings))
        const signal = await stop
        log.info({ signal }, 'stopping')
        place.stopping(`Stopping; running requests get ${grace} seconds. Once more stops at once.`)
        return signal === 'SIGINT' ? 130 : 0
      } finally {
        await server.close(grace)
        if (endpointsFile !== undefined) rmSync(endpointsFile, { force: true })
      }
    } finally {
      leave()
    }
  } finally {
    await closeLog()
  }
}

const start = async (settings: Settings, log: Log, tls: ServerOptions['tls']): Promise<RunningServer> => {
  const { startServer } = await import('../index.ts')
  const { driver, provider, host, port, frontends, timeout, credentials, keys, accounts, state, seed, timeScale } = settings
  const options: ServerOptions = {
    driver,
    ...(provider === undefined ? {} : { provider }),
    host,
    port,
    frontends,
    timeout,
    ...(settings.pageSize === undefined ? {} : { pageSize: settings.pageSize }),
    ...(tls === undefined ? {} : { tls }),
    ...(credentials === undefined ? {} : { credentials }),
    fixedCredentials: settings.fixedCredentials,
    providers: settings.providers,
    ...(settings.allowedHosts === undefined ? {} : { allowedHosts: settings.allowedHosts }),
    trustedProxies: settings.trustedProxies,
    ...(settings.controlToken === undefined ? {} : { controlToken: settings.controlToken }),
    keys,
    ...(settings.record === undefined ? {} : { recorder: (await import('./recording.ts')).recordInto(settings.record, settings, log) }),
    log,
    accessLog: settings.log !== undefined || settings.verbose || settings.daemon !== undefined,
    mock: {
      accounts,
      openToAnyone: !settings.strict,
      ...(state === undefined ? {} : { state }),
      ...(seed === undefined ? {} : { seed }),
      ...(timeScale === 1 ? {} : { clock: { mode: 'scaled', scale: timeScale } }),
    },
  }
  announceCheck(state, log)
  const server = await startServer(options).catch((error: unknown) => {
    throw explain(error, settings)
  })
  try {
    // Nobody has been told of it yet, so nobody asks before its faults are there.
    const { bringTroubles } = await import('./troubles.ts')
    await bringTroubles(await server.mock.world(), settings.troubles)
    return server
  } catch (error) {
    await server.close(0)
    throw error
  }
}

/** From here on the check of a state file takes a while, in bytes. */
const large = 100e6

const announceCheck = (state: string | undefined, log: Log): void => {
  // A database is no path of a file.
  const size = state === undefined ? 0 : (statSync(state, { throwIfNoEntry: false })?.size ?? 0)
  if (size >= large) log.warn({ file: state, megabytes: Math.round(size / 1e6) }, 'the state file is checked before the server listens')
}

/** What someone who started the server is told. */
const welcome = (server: RunningServer, settings: Settings): string[] => {
  const entry = entryPoint(server, settings)
  const provider = settings.provider === undefined ? '' : ` :: ${settings.provider}`
  const line = `Starting Deltacloud API :: ${settings.driver}${provider} :: ${entry}`
  if (settings.driver !== 'mock' || settings.credentials !== undefined) return [line]
  const certificate = settings.tls === undefined ? '' : ` --cacert '${settings.tls.cert}'`
  const origin = new URL(entry).origin
  const native = settings.frontends.flatMap(name => {
    const trial = frontends.get(name)?.trial?.(origin, { user: 'mockuser', password: 'mockpassword' })
    return trial === undefined ? [] : trial.split('\n').map(command => `  ${command}`)
  })
  if (!settings.frontends.includes('deltacloud')) return [line, 'User mockuser, password mockpassword. Try it:', ...native]
  return [
    line,
    'User mockuser, password mockpassword. Try it, or open the address above in a browser:',
    `  curl --user mockuser:mockpassword${certificate} '${entry}/instances?format=xml'`,
    ...native,
  ]
}

type Stop = 'SIGTERM' | 'SIGINT' | 'SIGHUP'

/** The first signal to stop; from then on a second one ends the process. A daemon has no terminal to lose, so it ignores SIGHUP. */
const firstSignal = (daemon: boolean): Promise<Stop> =>
  new Promise(resolve => {
    let first: { readonly signal: Stop; readonly at: number } | undefined
    const heard = (signal: Stop) => {
      if (first === undefined) {
        first = { signal, at: performance.now() }
        resolve(signal)
      } else if (signal !== first.signal || performance.now() - first.at > sameSignal) process.exit(130)
    }
    process.on('SIGTERM', heard)
    process.on('SIGINT', heard)
    process.on('SIGHUP', daemon ? () => undefined : heard)
  })

/** The address of the API: the host as it was asked for, the port as it is. */
const entryPoint = (server: RunningServer, settings: Settings): string => {
  const host = settings.host.includes(':') ? `[${settings.host}]` : settings.host
  const [first = 'deltacloud'] = settings.frontends
  const path = frontends.get(settings.frontends.includes('deltacloud') ? 'deltacloud' : first)?.root ?? 'api'
  return `${settings.tls === undefined ? 'http' : 'https'}://${host}:${server.address.port}/${path}`
}

/** Whole or not at all: a script may be waiting for the file to appear. */
const writeEndpoints = (file: string, server: RunningServer, settings: Settings): void => {
  const { driver, provider, frontends } = settings
  const content = {
    url: server.url,
    api: entryPoint(server, settings),
    port: server.address.port,
    driver,
    provider,
    frontends,
    pid: process.pid,
  }
  try {
    writeFileSync(`${file}.new`, `${JSON.stringify(content, undefined, 2)}\n`)
    renameSync(`${file}.new`, file)
  } catch (error) {
    throw new Problem(`The endpoints file ${file} can't be written: ${whyFile(error)}.`)
  }
}

const readTls = async (files: { key: string; cert: string }): Promise<{ key: string; cert: string }> => {
  const [key, cert] = (['key', 'cert'] as const).map(kind => {
    try {
      return readFileSync(files[kind], 'utf8')
    } catch (error) {
      throw new Problem(`The ${kind === 'key' ? 'private key' : 'certificate'} ${files[kind]} can't be read: ${whyFile(error)}.`)
    }
  }) as [string, string]
  const { createSecureContext } = await import('node:tls')
  try {
    createSecureContext({ key, cert })
  } catch {
    throw new Problem(`${files.key} and ${files.cert} are not a private key and its certificate, both as PEM.`)
  }
  return { key, cert }
}

const explain = (error: unknown, { host, port, verbose }: Settings): Problem => {
  switch (systemCode(error)) {
    case 'EADDRINUSE':
      return new Problem(
        `Port ${port} of ${host} is taken by another program (to see which: lsof -i :${port}).\nChoose another with --port; --port 0 takes a free one.`,
      )
    case 'EACCES':
      return new Problem(`Port ${port} of ${host} may not be opened by this user. Choose one above 1023 with --port.`)
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new Problem(`'${host}' is not an address of this machine. Name one with --hostname.`)
    default: {
      const said = error instanceof Error ? (verbose ? error.stack : error.message) : String(error)
      return new Problem(`The server can't start: ${said}`)
    }
  }
}
