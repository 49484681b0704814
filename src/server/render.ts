/** Turns a result into a response: one place knows what each format makes of each kind of result. */

import { hash } from 'node:crypto'
import type { WireResponse } from '../drivers/wire.ts'
import type { Resource } from '../model/resources.ts'
import { withoutSecrets } from '../model/secrets.ts'
import type { Result } from './collections/operation.ts'
import type { Failure } from './errors.ts'
import { type Document, longestRemembered, remember } from './formats/remembered.ts'
import { legal } from './formats/text.ts'
import { type Json, type Scene, toJson, type View, writeXml } from './formats/view.ts'
import { attribute, XmlWriter } from './formats/xml.ts'
import { type Format, mediaTypes } from './negotiation.ts'
import { pagePolicy } from './pages/policy.ts'
import type { PageScene } from './pages/scene.ts'
import { isNotModified, type Preconditions } from './preconditions.ts'

type HeaderList = [string, string][]

const pages = () => import('./pages/index.ts')

/** A document with its ETag: SHA-1, of what every processor has instructions for the quickest, half of the time of MD5 (measured). */
const tagged = (body: string): Document => ({ body, tag: `"${hash('sha1', body, 'base64url')}"` })

/**
 * A document of a format. Successful ones carry an ETag; a client that has it already gets 304.
 * @param conditions of a request that reads; undefined for one that has changed something, which is told of it whatever it has
 * @throws HttpError 412
 */
export const documentResponse = (
  status: number,
  format: Format,
  document: string | Document,
  headers: HeaderList,
  conditions: Preconditions | undefined,
): WireResponse => {
  const text = typeof document === 'string' ? document : document.body
  if (status !== 200 && status !== 201) return { status, headers: [['Content-Type', mediaTypes[format]], ...headers], body: text }
  // A long text is made bytes here, for the tag and for the wire; a short one leaves as text, in one piece with its headers.
  const body = text.length < longText ? text : Buffer.from(text)
  const tag = typeof document === 'string' ? `"${hash('sha1', body, 'base64url')}"` : document.tag
  headers.push(['ETag', tag], ['Cache-Control', 'max-age=0, private, must-revalidate'])
  if (status === 200 && conditions !== undefined && isNotModified(conditions, tag)) return { status: 304, headers }
  return { status, headers: [['Content-Type', mediaTypes[format]], ...headers], body }
}

/** Characters. */
const longText = 64 * 1024

interface Rendering {
  readonly result: Result
  readonly format: Format
  readonly scene: PageScene
  readonly headers: HeaderList
  readonly conditions: Preconditions | undefined
}

export const render = async ({ result, format, scene, headers, conditions }: Rendering): Promise<WireResponse> => {
  const redirect = (to: string): WireResponse => ({ status: 303, headers: [...headers, ['Location', to], ['Content-Type', 'text/html']] })
  switch (result.kind) {
    case 'list':
      return documentResponse(result.status ?? 200, format, await indexOf(result.view, result.items, format, scene), headers, conditions)
    case 'item': {
      if (format === 'html' && result.redirect !== undefined) return redirect(result.redirect)
      if (result.location !== undefined) headers.push(['Location', result.location])
      const document = await memberOf(result.view, result.item, result.bare === true, format, scene)
      return documentResponse(result.status, format, document, headers, conditions)
    }
    case 'done':
      if (format === 'html' && result.redirect !== undefined) return redirect(result.redirect)
      // As the original's: what is accepted has a type, though it has no content.
      if (result.status === 202) headers.push(['Content-Type', mediaTypes[format]])
      return { status: result.status, headers: [...headers, ...(result.headers ?? [])] }
    case 'document': {
      const body =
        format === 'json'
          ? JSON.stringify(result.json())
          : format === 'html'
            ? (await pages()).plainPage(scene, result.title, await result.html(scene))
            : written(writer => result.xml(writer))
      return documentResponse(200, format, body, headers, conditions)
    }
    case 'form':
      return documentResponse(200, 'html', (await pages()).formPage(scene, result.form), headers, conditions)
    case 'raw':
      return { ...result.response, headers: [...result.response.headers, ...headers] }
  }
}

const written = (write: (writer: XmlWriter) => void): string => {
  const writer = new XmlWriter()
  write(writer)
  return writer.end()
}

const indexOf = async <T extends Resource>(
  view: View<T>,
  items: readonly T[],
  format: Format,
  scene: PageScene,
): Promise<string | Document> =>
  format === 'html'
    ? (await pages()).listPage(scene, view, items)
    : remembered(items, `${format} ${view.collection}`, scene, () =>
        format === 'json' ? jsonIndex(view, items, scene) : xmlIndex(view, items, scene),
      )

const jsonIndex = <T extends Resource>(view: View<T>, items: readonly T[], scene: Scene): string =>
  // One by one: what the garbage collector would have to carry over is text then, and not 10,000 trees of objects.
  `{${JSON.stringify(view.collection)}:[${items.map(one => JSON.stringify(toJson(view, one, scene))).join(',')}]}`

const xmlIndex = <T extends Resource>(view: View<T>, items: readonly T[], scene: Scene): string =>
  written(writer => {
    if (items.length === 0) writer.empty(view.collection)
    else {
      writer.open(view.collection)
      for (const one of items) writeXml(writer, view, one, scene)
      writer.close(view.collection)
    }
  })

const memberOf = async <T extends Resource>(
  view: View<T>,
  one: T,
  bare: boolean,
  format: Format,
  scene: PageScene,
): Promise<string | Document> =>
  format === 'html'
    ? (await pages()).itemPage(scene, view, one)
    : remembered([one], `${format} ${bare ? 'bare ' : ''}${view.singular}`, scene, () => {
        if (format !== 'json') return written(writer => writeXml(writer, view, one, scene))
        const document = toJson(view, one, scene)
        return JSON.stringify(bare ? document : { [view.singular]: document })
      })

const remembered = (items: readonly Resource[], what: string, scene: Scene, make: () => string): Document | string =>
  items.length === 0 || items.length > longestRemembered ? make() : remember(items, what, scene, () => tagged(make()))

export interface ErrorScene {
  /** As received. */
  readonly target: string
  readonly driver: string
  readonly provider: string | undefined
  /** Names and values of the request's parameters; secrets are hidden already. */
  readonly parameters: Iterable<readonly [string, string]>
  readonly page: PageScene | undefined
}

/** An error document: in XML as the Ruby client reads it, in JSON flat, in HTML a page. */
export const errorResponse = async (failure: Failure, format: Format, scene: ErrorScene): Promise<WireResponse> => {
  const headers: HeaderList = [['Content-Type', mediaTypes[format]], ...failure.headers.map(([k, v]): [string, string] => [k, v])]
  if (format === 'html') headers.push(['Content-Security-Policy', pagePolicy])
  const body = format === 'html' ? (await pages()).errorPage(scene.page, failure) : errorDocument(failure, format, scene)
  return { status: failure.status, headers, body }
}

/** The same without its page: in XML where it's not JSON. */
export const errorDocument = (failure: Failure, format: Format, scene: ErrorScene): string => {
  switch (format) {
    case 'json': {
      const document: Record<string, Json | undefined> = {
        code: failure.status,
        message: legal(failure.message),
        error: failure.exception,
        ...(failure.details === undefined ? {} : { details: legal(failure.details) }),
      }
      return JSON.stringify(document)
    }
    default:
      return written(writer => {
        writer.open('error', `${attribute('status', failure.status)}${attribute('url', pathOf(scene.target))}`)
        writer.empty('backend', `${attribute('driver', scene.driver)}${attribute('provider', scene.provider ?? 'default')}`)
        writer.leaf('code', failure.status)
        writer.cdata('message', failure.message)
        if (failure.details !== undefined) writer.cdata('details', failure.details)
        writer.cdata('backtrace', '')
        writer.open('request')
        for (const [name, value] of scene.parameters) writer.cdata('param', `"${value}"`, attribute('name', name))
        writer.close('request')
        writer.close('error')
      })
  }
}

/** The query isn't echoed, and nothing else that may be a secret. */
const pathOf = (target: string): string => withoutSecrets(target.split('?', 1)[0] ?? '').replace(/;[^/]*/g, '')

export type { Scene }
