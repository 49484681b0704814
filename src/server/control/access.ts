/** Who may control the simulator: whoever is on this machine, or has the token. */

import { hash, timingSafeEqual } from 'node:crypto'
import type { WireRequest } from '../../drivers/wire.ts'
import { HttpError } from '../errors.ts'
import { isLoopback } from '../networks.ts'
import { originOfRequest, refuseForeignChange } from '../site.ts'

/**
 * @param address of the client; undefined where it isn't known.
 * @param token that clients must show; without one, only this machine is let in.
 * @throws HttpError 401 without the right token, 403 for another machine, or for a change that another site asks for.
 */
export const admit = (wire: WireRequest, address: string | undefined, token: string | undefined): void => {
  if (token === undefined) refuseStrangers(wire, address)
  else if (!isShown(wire, token)) {
    throw new HttpError(401, 'Unauthorized', {
      headers: [['WWW-Authenticate', 'Basic realm="mock control", charset="UTF-8"']],
      details: 'Send the control token: as Authorization: Bearer, or as the password of any user',
    })
  }
  refuseForeignChange(originOfRequest(wire))
}

/** What proxies and content networks add to a request. */
const ofProxies =
  /^(?:forwarded|via|x-forwarded(?:-.*)?|x-original-forwarded-for|(?:x-real|x-client|x-cluster-client|true-client|cf-connecting)-ip)$/i

const refuseStrangers = (wire: WireRequest, address: string | undefined): void => {
  // What a proxy passes on comes from this machine only as far as the proxy is concerned.
  const isPassedOn = wire.headers.some(([name]) => ofProxies.test(name))
  if (isPassedOn || address === undefined || !isLoopback(address)) {
    throw new HttpError(403, 'The simulator is controlled from its own machine', {
      details: 'Start the server with --control-token to control it from elsewhere',
    })
  }
  // A site whose name was made to lead to this machine would be a friend to the browser.
  const host = wire.header('host') ?? ''
  if (!/^((?:[\w-]+\.)*localhost\.?|[\d.]+|\[[\da-f:.]+\])(:\d+)?$/i.test(host)) {
    throw new HttpError(403, 'The simulator is controlled by the name localhost, or by an address', {
      details: 'Start the server with --control-token to control it by another name',
    })
  }
}

const isShown = (wire: WireRequest, token: string): boolean => {
  const given = shown(wire)
  return given !== undefined && isSame(given, token)
}

/** A browser can't send a bearer token by itself, but asks for a password. */
const shown = (wire: WireRequest): string | undefined => {
  const [, scheme = '', value = ''] = /^(\w+) +(.*)$/.exec(wire.header('authorization') ?? '') ?? []
  switch (scheme.toLowerCase()) {
    case 'bearer':
      return value.trim()
    case 'basic': {
      const pair = Buffer.from(value, 'base64').toString('utf8')
      return pair.slice(pair.indexOf(':') + 1)
    }
    default:
      return undefined
  }
}

/** Takes as long whatever the two have in common. */
const isSame = (a: string, b: string): boolean => timingSafeEqual(hash('sha256', a, 'buffer'), hash('sha256', b, 'buffer'))
