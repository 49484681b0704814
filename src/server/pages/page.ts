/** The frame that every page of the browser interface has. */

import { type Html, html } from './html.ts'

export interface Frame {
  readonly title: string
  readonly body: Html
}

export const page = ({ title, body }: Frame): string => `<!DOCTYPE html>
${html`<html lang="en"><head><meta charset="utf-8"><title>${title}</title></head><body><main><h1>${title}</h1>${body}</main></body></html>`}
`
