/** What a collection of the API is made of, as data: dispatch, checks, OPTIONS, documentation, forms and OpenAPI all read it. */

import type { Offer } from '../../drivers/driver.ts'
import type { WireResponse } from '../../drivers/wire.ts'
import type { Parameter } from '../../model/parameter.ts'
import type { Resource } from '../../model/resources.ts'
import type { Json, View } from '../formats/view.ts'
import type { XmlWriter } from '../formats/xml.ts'
import type { Format } from '../negotiation.ts'
import type { Html } from '../pages/html.ts'
import type { PageScene } from '../pages/scene.ts'
import type { ApiRequest } from '../request.ts'

export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE'

export interface Operation {
  /** `index`, `show`, `create`, `destroy`, or the name of an action. */
  readonly name: string
  readonly method: Method
  /** Below the collection: literal segments, and `:name` for what a path parameter holds. */
  readonly path: readonly string[]
  /** The original's name for what the driver must be able to do, as the `Expect` header of a 412 says it. */
  readonly capability: string
  /** Whether a driver can do it. */
  readonly offered: (offer: Offer) => boolean
  /** Beside those in the path and those that features add. */
  readonly parameters: readonly Parameter[]
  /** Which failures it has of its own, and how it answers when all goes well: for the documentation. */
  readonly statuses: readonly number[]
  readonly formats: readonly Format[]
  /** `form`: parameters; `raw`: content that the operation reads itself. */
  readonly body: 'form' | 'raw'
  /** Whether a client needs no credentials. */
  readonly open: boolean
  /** One sentence. */
  readonly doc: string
  readonly run: (request: ApiRequest) => Promise<Result>
}

export interface Collection {
  readonly name: string
  readonly singular: string
  readonly doc: string
  readonly operations: readonly Operation[]
  /** Whether the entry point lists it. */
  readonly listed: (offer: Offer) => boolean
  /** Absent for collections whose documents have a shape of their own. */
  readonly view?: View<Resource>
}

/** What an operation answers; the format of the request decides what becomes of it. */
export type Result =
  | {
      readonly kind: 'list'
      readonly view: View<Resource>
      readonly items: readonly Resource[]
      readonly status?: 200 | 201
    }
  | {
      readonly kind: 'item'
      readonly view: View<Resource>
      readonly item: Resource
      readonly status: 200 | 201 | 202
      readonly location?: string
      /** JSON without the wrapper of the singular name (quirk D2). */
      readonly bare?: boolean
      /** Where a browser is sent instead of being shown the item. */
      readonly redirect?: string
    }
  | {
      readonly kind: 'done'
      readonly status: 200 | 202 | 204
      readonly headers?: readonly (readonly [string, string])[]
      /** Where a browser goes next; absent where HTML gets the same empty answer. */
      readonly redirect?: string
    }
  | {
      /** A document with a shape of its own. */
      readonly kind: 'document'
      readonly xml: (writer: XmlWriter) => void
      readonly json: () => Json
      readonly html: (scene: PageScene) => Html | Promise<Html>
      readonly title: string
    }
  | { readonly kind: 'form'; readonly form: Form }
  | { readonly kind: 'raw'; readonly response: WireResponse }

/** A form page: generated from the parameters of the operation that it leads to. */
export interface Form {
  readonly title: string
  readonly action: string
  readonly submit: string
  readonly multipart: boolean
  /** Where someone goes who changes their mind. */
  readonly back: string
  readonly sections: readonly FormSection[]
}

export interface FormSection {
  /** None where the form has one section only. */
  readonly title?: string
  readonly fields: readonly FormField[]
  /** Shown when it's asked for: what few people need. */
  readonly collapsed?: boolean
}

export interface FormField {
  readonly parameter: Parameter
  readonly value?: string
  /** Not shown: what the page already knows. */
  readonly hidden?: boolean
  /** Values to choose from; `cells` are what a table says of one. */
  readonly choices?: readonly FormChoice[]
  /** Heads of the cells; with them the choices are a table. */
  readonly columns?: readonly string[]
  /** What a value means or may be, instead of the parameter's own sentence. */
  readonly hint?: string
  /** Values that a box proposes; others can be written. */
  readonly suggestions?: readonly string[]
}

export interface FormChoice {
  readonly value: string
  readonly text: string
  readonly cells?: readonly string[]
}
