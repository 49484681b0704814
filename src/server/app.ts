/** The Express application: what a request meets, in this order. */

import type { IncomingMessage, ServerResponse } from 'node:http'
import express, { type ErrorRequestHandler, type Express, type Request, type RequestHandler } from 'express'
import type { Log, WireEffect } from '../drivers/context.ts'
import type { WireRequest, WireResponse } from '../drivers/wire.ts'
import { withoutSecrets } from '../model/secrets.ts'
import { addressed } from './addressing.ts'
import type { ControlDispatch } from './control/index.ts'
import { type Answered, createDispatch, type FrontendSettings, rootOf } from './dispatch.ts'
import { concernsOperator, failureOf, HttpError, reasonOf } from './errors.ts'
import type { Health } from './health.ts'
import type { Proxies } from './networks.ts'
import { fromNode, toNode } from './node-wire.ts'
import { challenge, type Refused, refusal } from './refusal.ts'
import { rootDocument } from './root.ts'
import type { Hosts } from './site.ts'

export interface AppSettings extends FrontendSettings {
  readonly accessLog: boolean
  readonly scheme: 'http' | 'https'
  /** What `/healthz` tells. */
  readonly health: () => Promise<Health>
  /** Which hosts are answered to; all where there is no listener. */
  readonly hosts?: Hosts | undefined
  /** Proxies whose X-Forwarded-Host and X-Forwarded-Proto count. */
  readonly proxies?: Proxies | undefined
  /** What clients of the simulator's control must show; without it only this machine is let in. */
  readonly controlToken?: string | undefined
  /** Aborted when the server is about to stop: answers without an end are to end. */
  readonly closing?: AbortSignal | undefined
}

export const createApp = (settings: AppSettings): Express => {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  const wireOf = reader(settings)
  if (settings.accessLog) app.use(accessLog(settings.log))
  app.use(frontends(settings))
  app.use(control(settings))
  app.get('/livez', (_req, res) => {
    res.set({ 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' }).json({ status: 'ok' })
  })
  app.get('/healthz', async (_req, res) => {
    const { status, document } = await settings.health()
    res.status(status).set({ 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' }).json(document)
  })
  app.get(['/', '/_worlds/:world'], async (req, res, next) => {
    const { request } = addressed(wireOf(req))
    if (/^\/(\?|$)/.test(request.target)) send(res, req, await rootDocument(settings.frontends, request))
    else next()
  })
  app.get('/robots.txt', (_req, res) => {
    res.set('X-Content-Type-Options', 'nosniff').type('text/plain').send('User-agent: *\nDisallow: /\n')
  })
  app.get('/assets/:name', async (req, res, next) => {
    const { asset } = await import('./pages/index.ts')
    const found = asset(req.params.name, wireOf(req))
    if (found === undefined) next()
    else send(res, req, found)
  })
  app.use((req, _res) => {
    throw new HttpError(404, 'Not Found', { details: `There is nothing at ${withoutSecrets(req.path)}` })
  })
  app.use(lastResort(settings))
  return app
}

/** Reads requests as they stood on the wire. */
const reader =
  ({ scheme, proxies }: AppSettings): ((req: Request) => WireRequest) =>
  req =>
    fromNode(req, req.originalUrl, scheme, proxies?.include(req.socket.remoteAddress))

/** What a frontend is for goes to it. Matrix parameters keep Express's own routes from matching a first path segment. */
const frontends = (settings: AppSettings): RequestHandler => {
  const dispatch = createDispatch(settings)
  const wireOf = reader(settings)
  return (req, res, next) => {
    const refusal = settings.hosts?.refusal(req)
    const answered = dispatch(wireOf(req), abort => res.once('close', () => res.writableFinished || abort()), refusal)
    if (answered === undefined) next(refusal)
    else
      answered
        .then(answer =>
          answer.effect === undefined ? deliver(res, req, answer.response) : spoil(settings, answer, answer.effect, req, res),
        )
        .catch(next)
  }
}

/** Applies a fault that the simulator left for the wire. */
const spoil = async (
  settings: AppSettings,
  { response, refuse }: Answered,
  effect: WireEffect,
  req: Request,
  res: ServerResponse,
): Promise<void> => {
  const { altered, broken, isAltering } = await import('./wire-effects.ts')
  if (!isAltering(effect)) return broken(effect, response, res, settings)
  return deliver(res, req, await altered(effect, response, status => refuse(new HttpError(status, reasonOf(status)))))
}

/** The control of the simulator, where one is served. It's loaded when somebody first asks for it. */
const control = (settings: AppSettings): RequestHandler => {
  const simulator = settings.registry.all().find(driver => driver.control !== undefined)?.control
  const wireOf = reader(settings)
  let loading: Promise<ControlDispatch> | undefined
  return (req, res, next) => {
    const { request, world } = addressed(wireOf(req))
    if (simulator === undefined || rootOf(request.target) !== '_mock') {
      next()
      return
    }
    loading ??= import('./control/index.ts').then(({ createControl }) =>
      createControl({
        control: simulator,
        token: settings.controlToken,
        log: settings.log,
        closing: settings.closing ?? new AbortController().signal,
      }),
    )
    loading
      .then(dispatch => dispatch(request, { world, address: req.socket.remoteAddress, onGone: abort => res.once('close', abort) }))
      .then(async response => {
        const isStream = response.headers.some(([name, value]) => name === 'Content-Type' && value.startsWith('text/event-stream'))
        const uncut = isStream ? cutWhenClosing(res, settings.closing) : undefined
        await deliver(res, req, response).finally(uncut)
      })
      .catch(next)
  }
}

/** How long an event stream may take to end when the server stops, in milliseconds: a client that doesn't read would take for ever. */
const farewell = 500

/** @returns what takes it back, once the stream has ended */
const cutWhenClosing = (res: ServerResponse, closing: AbortSignal | undefined): (() => void) => {
  const cut = (): void => void setTimeout(() => res.destroy(), farewell).unref()
  closing?.addEventListener('abort', cut, { once: true })
  return () => closing?.removeEventListener('abort', cut)
}

const deliver = (res: ServerResponse, req: IncomingMessage, response: WireResponse): Promise<void> =>
  toNode(response, res, req.method ?? 'GET', !req.complete && response.status >= 400)

const send = (res: ServerResponse, req: IncomingMessage, response: WireResponse): void => {
  deliver(res, req, response).catch(() => res.destroy())
}

/** What no frontend caught: a path that isn't there, a request that can't be read, a client that went away. */
const lastResort =
  (settings: AppSettings): ErrorRequestHandler =>
  (error: unknown, req, res, next) => {
    if (res.headersSent || res.destroyed) {
      if (concernsOperator(error)) settings.log.error({ err: error, method: req.method }, `an answer broke off: ${error.message}`)
      // Half of an answer can't be mended: the connection is cut.
      res.destroy()
      return
    }
    const isForeign = error instanceof Error && !(error instanceof HttpError) && 'status' in error && error.status === 400
    const unreadable = error instanceof URIError || isForeign
    const failure = failureOf(unreadable ? new HttpError(400, 'The address cannot be read') : error, challenge)
    if (failure.unexpected) settings.log.error({ err: error, method: req.method }, 'a request failed unexpectedly')
    refusal(settings, failure, refusedOf(req))
      .then(response => deliver(res, req, response))
      .catch(next)
  }

const refusedOf = ({ originalUrl, headers }: Request): Refused => ({ target: originalUrl, accept: headers.accept })

/** One line for each request, when it's over. The address is logged without the values of secret parameters. */
const accessLog =
  (log: Log): RequestHandler =>
  (req, res, next) => {
    const begun = performance.now()
    const address = withoutSecrets(req.originalUrl)
    // A request that was cut off has lost its socket by the time it's over.
    const { socket } = req
    const { remoteAddress: client, bytesWritten: before } = socket
    res.once('close', () => {
      log.info(
        {
          method: req.method,
          url: address,
          status: res.statusCode,
          bytes: socket.bytesWritten - before,
          milliseconds: Math.round((performance.now() - begun) * 1000) / 1000,
          client,
          ...(res.writableFinished ? {} : { cut: true }),
        },
        'request',
      )
    })
    next()
  }
