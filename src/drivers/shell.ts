/** Runs a command on an instance, over SSH: no provider's service does it. */

import { lookup } from 'node:dns/promises'
import type { ConnectConfig } from 'ssh2'
import { badRequest, CloudError } from '../model/errors.ts'
import type { RunRequest } from '../model/requests.ts'
import type { CommandResult, Instance } from '../model/resources.ts'
import type { Context } from './context.ts'

/** What the output may measure, in bytes; what comes beyond that isn't read. */
const largest = 1024 * 1024

/**
 * Whose key an instance has isn't known to the client either, so the host's key isn't checked.
 * @throws CloudError `bad-request` where there is no address or no way to log in, or the login is refused; `provider-error` and
 * `provider-timeout` where the instance isn't reached
 */
export const run = async (instance: Instance, request: RunRequest, context: Context): Promise<CommandResult> => {
  const host = request.ip ?? instance.publicAddresses[0]?.address ?? instance.privateAddresses[0]?.address
  if (host === undefined) throw badRequest('The instance has no address')
  const { privateKey, password, command } = request
  if (privateKey === undefined && password === undefined) throw badRequest('Running a command needs a private key or a password')
  const output = await outputOf(command, context, {
    host: await reachable(host, instance, context),
    port: request.port ?? 22,
    username: request.username ?? instance.username ?? 'root',
    readyTimeout: Math.max(1, Math.min(20_000, context.deadline - Date.now())),
    ...(privateKey === undefined ? {} : { privateKey }),
    ...(password === undefined ? {} : { password }),
  })
  return { id: instance.id, publicAddress: host, command, output }
}

/** An address of the host that may be reached: what was checked is what is connected to. @throws CloudError */
const reachable = async (host: string, instance: Instance, { access }: Context): Promise<string> => {
  if (access === undefined) return host
  const { address } = await lookup(host).catch(() => {
    throw new CloudError('provider-unavailable', `${host} has no address`)
  })
  const isTold = [...instance.publicAddresses, ...instance.privateAddresses].some(one => one.address === host)
  access.checkInstance(host, address, isTold)
  return address
}

const outputOf = async (command: string, { signal }: Context, config: ConnectConfig): Promise<string> => {
  const { Client } = await import('ssh2')
  signal.throwIfAborted()
  const client = new Client()
  const chunks: Buffer[] = []
  let size = 0
  const keep = (chunk: Buffer): void => {
    if (size < largest) chunks.push(chunk)
    size += chunk.length
  }
  try {
    return await new Promise<string>((resolve, reject) => {
      const stop = (): void => reject(signal.reason)
      signal.addEventListener('abort', stop, { once: true })
      client.on('error', error => reject(failureOf(error, config.host ?? '')))
      client.on('ready', () => {
        client.exec(command, (error, channel) => {
          if (error !== undefined) {
            reject(failureOf(error, config.host ?? ''))
            return
          }
          channel.on('data', keep)
          channel.stderr.on('data', keep)
          channel.on('close', () => {
            signal.removeEventListener('abort', stop)
            resolve(Buffer.concat(chunks).subarray(0, largest).toString('utf8'))
          })
        })
      })
      try {
        client.connect(config)
      } catch {
        // A key that is none: the library says which part of it, and that's a secret.
        reject(badRequest("The private key can't be read"))
      }
    })
  } finally {
    client.end()
  }
}

const failureOf = (error: Error, host: string): CloudError => {
  const level = 'level' in error ? error.level : undefined
  if (level === 'client-authentication') return badRequest(`${host} refused the login`)
  if (level === 'client-timeout') return new CloudError('provider-timeout', `${host} did not answer in time`)
  return new CloudError('provider-error', `${host} can't be reached by SSH`)
}
