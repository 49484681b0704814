/** Turns a result into a response: one place knows what each format makes of each kind of result. */

import { hash } from 'node:crypto'
import type { WireResponse } from '../drivers/wire.ts'
import type { Resource } from '../model/resources.ts'
import type { Result } from './collections/operation.ts'
import type { Failure } from './errors.ts'
import { legal } from './formats/text.ts'
import { type Json, jsonOf, type Scene, type View, xmlOf } from './formats/view.ts'
import { attribute, XmlWriter } from './formats/xml.ts'
import { type Format, mediaTypes } from './negotiation.ts'
import type { PageScene } from './pages/scene.ts'

type HeaderList = [string, string][]

const pages = () => import('./pages/index.ts')

/** A document of a format. Successful ones carry an ETag; a client that has it already gets 304. */
export const documentResponse = (
  status: number,
  format: Format,
  body: string,
  headers: HeaderList,
  ifNoneMatch: string | undefined,
): WireResponse => {
  if (status !== 200 && status !== 201) return { status, headers: [['Content-Type', mediaTypes[format]], ...headers], body }
  // A long text is made bytes here, for the tag and for the wire; a short one leaves as text, in one piece with its headers.
  const content = body.length < longText ? body : Buffer.from(body)
  // Of what every processor has instructions for, the quickest: half of the time of MD5 (measured).
  const tag = `"${hash('sha1', content, 'base64url')}"`
  headers.push(['ETag', tag], ['Cache-Control', 'max-age=0, private, must-revalidate'])
  if (status === 200 && ifNoneMatch !== undefined && matches(ifNoneMatch, tag)) return { status: 304, headers }
  return { status, headers: [['Content-Type', mediaTypes[format]], ...headers], body: content }
}

/** Characters. */
const longText = 64 * 1024

const matches = (ifNoneMatch: string, tag: string): boolean =>
  ifNoneMatch.trim() === '*' || ifNoneMatch.split(',').some(one => one.trim().replace(/^W\//, '') === tag)

interface Rendering {
  readonly result: Result
  readonly format: Format
  readonly scene: PageScene
  readonly headers: HeaderList
  readonly ifNoneMatch: string | undefined
}

export const render = async ({ result, format, scene, headers, ifNoneMatch }: Rendering): Promise<WireResponse> => {
  const redirect = (to: string): WireResponse => ({ status: 303, headers: [...headers, ['Location', to], ['Content-Type', 'text/html']] })
  switch (result.kind) {
    case 'list':
      return documentResponse(result.status ?? 200, format, await listBody(result.view, result.items, format, scene), headers, ifNoneMatch)
    case 'item': {
      if (format === 'html' && result.redirect !== undefined) return redirect(result.redirect)
      if (result.location !== undefined) headers.push(['Location', result.location])
      const body = await itemBody(result.view, result.item, result.bare === true, format, scene)
      return documentResponse(result.status, format, body, headers, ifNoneMatch)
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
      return documentResponse(200, format, body, headers, ifNoneMatch)
    }
    case 'form':
      return documentResponse(200, 'html', (await pages()).formPage(scene, result.form), headers, ifNoneMatch)
    case 'raw':
      return { ...result.response, headers: [...result.response.headers, ...headers] }
  }
}

const written = (write: (writer: XmlWriter) => void): string => {
  const writer = new XmlWriter()
  write(writer)
  return writer.end()
}

/** Of a longer index the parts aren't remembered: they would cost more to keep than to make. */
const longestRemembered = 64

/** An index in a format. */
export const listBody = async <T extends Resource>(
  view: View<T>,
  items: readonly T[],
  format: Format,
  scene: PageScene,
): Promise<string> => {
  const isShort = items.length <= longestRemembered
  switch (format) {
    case 'json':
      // One by one: what the garbage collector would have to carry over is text then, and not 10,000 trees of objects.
      return `{${JSON.stringify(view.collection)}:[${items.map(one => jsonOf(view, one, scene, isShort)).join(',')}]}`
    case 'html':
      return (await pages()).listPage(scene, view, items)
    default:
      return written(writer => {
        if (items.length === 0) writer.empty(view.collection)
        else {
          writer.open(view.collection)
          for (const one of items) writer.add(xmlOf(view, one, scene, 1, isShort))
          writer.close(view.collection)
        }
      })
  }
}

const itemBody = async <T extends Resource>(view: View<T>, one: T, bare: boolean, format: Format, scene: PageScene): Promise<string> => {
  switch (format) {
    case 'json': {
      const json = jsonOf(view, one, scene)
      return bare ? json : `{${JSON.stringify(view.singular)}:${json}}`
    }
    case 'html':
      return (await pages()).itemPage(scene, view, one)
    default:
      return written(writer => writer.add(xmlOf(view, one, scene, 0)))
  }
}

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

/** The query isn't echoed, it may hold secrets. */
const pathOf = (target: string): string => (target.split('?', 1)[0] ?? '').replace(/;[^/]*/g, '')

export type { Scene }
