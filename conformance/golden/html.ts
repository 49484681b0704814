/** Compares two pages by what programs use of them: the forms' actions and the names of fields. Everything else may be drawn anew. */

import type { Aliases } from './aliases.ts'
import { type Difference, missing } from './difference.ts'

interface Form {
  readonly action: string
  readonly fields: ReadonlySet<string>
}

export interface Page {
  readonly forms: readonly Form[]
  /** Fields outside of all forms. */
  readonly loose: ReadonlySet<string>
}

export const compareHtml = (recorded: string, ours: string, url: string, aliases: Aliases): Difference[] => {
  const [theirs, page] = [parsePage(recorded, url), parsePage(ours, url)]
  const everywhere = new Set([...page.loose, ...page.forms.flatMap(form => [...form.fields])])
  return [
    ...theirs.forms.flatMap(({ action, fields }) => {
      const counterparts = page.forms.filter(form => form.action === aliases.translated(action))
      if (counterparts.length === 0) return [missing(`html form ${action}`, [...fields].join(' '))]
      const offered = new Set(counterparts.flatMap(form => [...form.fields]))
      return [...fields].filter(field => !offered.has(field)).map(field => missing(`html form ${action} ${field}`, field))
    }),
    ...[...theirs.loose].filter(field => !everywhere.has(field)).map(field => missing(`html field ${field}`, field)),
  ]
}

export const parsePage = (source: string, url: string): Page => {
  const forms: { action: string; fields: Set<string> }[] = []
  const loose = new Set<string>()
  let open = loose
  for (const { tag, attributes } of tagsOf(source)) {
    const name = attributes.get('name') ?? ''
    if (tag === 'form') {
      open = new Set()
      forms.push({ action: pathOf(attributes.get('action') ?? '', url), fields: open })
    } else if (tag === '/form') open = loose
    else if (name !== '') open.add(name)
  }
  return { forms, loose }
}

const tagsOf = (source: string): { tag: string; attributes: ReadonlyMap<string, string> }[] =>
  [
    ...source
      .replace(/<!--.*?-->|<script\b.*?<\/script>/gis, '')
      .matchAll(/<(\/?form|input|select|textarea|button)\b((?:"[^"]*"|'[^']*'|[^>"'])*)>/gi),
  ].map(([, tag = '', attributes = '']) => ({ tag: tag.toLowerCase(), attributes: attributesOf(attributes) }))

const attributesOf = (source: string): ReadonlyMap<string, string> =>
  new Map(
    [...source.matchAll(/([\w-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))/g)].map(([, name = '', ...values]): [string, string] => [
      name.toLowerCase(),
      (values.find(value => value !== undefined) ?? '').replaceAll('&amp;', '&'),
    ]),
  )

/** Path and query of an address on the page; forms without one send to the page itself. */
const pathOf = (address: string, url: string): string => {
  const parsed = URL.parse(address, url)
  return parsed === null ? address : parsed.pathname + parsed.search
}
