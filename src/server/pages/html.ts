/** HTML as a value: a template that escapes what is put into it. */

import { escapeAttribute } from '../formats/text.ts'

/** Markup that is safe to send. Only the template makes it, and what draws pictures. */
export class Html {
  readonly markup: string

  constructor(markup: string) {
    this.markup = markup
  }

  toString(): string {
    return this.markup
  }
}

export type HtmlValue = Html | string | number | undefined | false | readonly HtmlValue[]

/** Fills a template; text is escaped (for content and quoted attributes alike), lists are joined, absent values leave nothing. */
export const html = (strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html => {
  let markup = strings[0] ?? ''
  for (const [index, value] of values.entries()) markup += render(value) + (strings[index + 1] ?? '')
  return new Html(markup)
}

/** A sentence of the declarations: what stands in backquotes is code. */
export const prose = (text: string): Html => html`${text.split('`').map((part, i) => (i % 2 === 0 ? part : html`<code>${part}</code>`))}`

const render = (value: HtmlValue): string => {
  if (value === undefined || value === false) return ''
  if (value instanceof Html) return value.markup
  if (typeof value === 'number') return String(value)
  if (typeof value === 'string') return escapeAttribute(value)
  return value.map(render).join('')
}
