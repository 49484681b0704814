/** Law R5 rejects drivers that read lists in pages wrongly, and passes those that read them whole. */

import t from 'tap'
import { z } from 'zod'
import { Session } from '../../../examples/driver/harbour/session.ts'
import type { AnyDriver } from '../../../src/drivers/registry.ts'
import { CloudError } from '../../../src/model/errors.ts'
import { judgeHarbour } from './support.ts'

t.setTimeout(0)

interface Page {
  readonly items: readonly unknown[]
  readonly next: string | undefined
}

/** Reads a page of Harbour. */
type Ask = (after: string | undefined, isRaw?: boolean) => Promise<Page>

/** Harbour's driver, with another way to read lists. */
const listing =
  (list: (ask: Ask) => Promise<readonly unknown[]>) =>
  (driver: AnyDriver): Partial<AnyDriver> => ({
    async connect(request) {
      const session = await driver.connect(request)
      if (!(session instanceof Session)) throw new TypeError('Harbour has another session')
      const read = (path: string, key: string, item: z.ZodType): Promise<readonly unknown[]> => {
        const schema = z.object({ [key]: z.array(item), next: z.string().optional() })
        return list(async (after, isRaw = false) => {
          const place = after === undefined ? '' : `?after=${isRaw ? after : encodeURIComponent(after)}`
          const { next, [key]: items } = await session.ask('GET', `${path}${place}`, schema)
          return { items: Array.isArray(items) ? items : [], next: typeof next === 'string' ? next : undefined }
        })
      }
      return Object.create(session, { list: { value: read } })
    },
  })

/** All pages, each changed. @param change of a page, with the one before */
const reading =
  (change: (page: Page, before: Page | undefined) => readonly unknown[], isRaw = false) =>
  async (ask: Ask): Promise<readonly unknown[]> => {
    const all: unknown[] = []
    const seen = new Set<string>()
    for (let after: string | undefined, before: Page | undefined; ; ) {
      const page = await ask(after, isRaw)
      all.push(...change(page, before))
      if (page.next === undefined) return all
      if (seen.has(page.next)) throw new CloudError('provider-error', 'A page comes twice')
      seen.add(page.next)
      after = page.next
      before = page
    }
  }

const broken: readonly {
  readonly name: string
  readonly list: (ask: Ask) => Promise<readonly unknown[]>
  readonly on: readonly ('M' | 'T')[]
  readonly says: RegExp
}[] = [
  {
    name: 'the first page only',
    list: async ask => (await ask(undefined)).items,
    on: ['M', 'T'],
    says: /in pages|a cursor (repeats|loops|is lost), and the answer is 200/,
  },
  {
    name: 'all but the last page',
    list: reading(({ items, next }, before) => (next === undefined && before !== undefined ? [] : items)),
    on: ['M', 'T'],
    says: /in pages/,
  },
  {
    name: 'the item at a border twice',
    list: reading(({ items }, before) => [...(before?.items.slice(-1) ?? []), ...items]),
    on: ['M', 'T'],
    says: /in pages/,
  },
  {
    name: 'pages in the reverse order',
    list: async ask => {
      const pages: (readonly unknown[])[] = []
      await reading(page => {
        pages.unshift(page.items)
        return []
      })(ask)
      return pages.flat()
    },
    on: ['M', 'T'],
    says: /in pages/,
  },
  {
    name: 'a marker that isn’t encoded',
    list: reading(({ items }) => items, true),
    on: ['M'],
    says: /is asked for, and the pages are/,
  },
  {
    name: 'a cursor that is followed without end',
    list: async ask => {
      const all: unknown[] = []
      for (let after: string | undefined; ; ) {
        const page = await ask(after)
        all.push(...page.items)
        if (page.next === undefined) return all
        after = page.next
      }
    },
    on: ['M'],
    says: /asked for the same page without end|is asked \d+ times/,
  },
  {
    name: 'what was read before a cursor led back',
    list: async ask => {
      const all: unknown[] = []
      const seen = new Set<string | undefined>()
      for (let after: string | undefined; !seen.has(after); ) {
        seen.add(after)
        const page = await ask(after)
        all.push(...page.items)
        if (page.next === undefined) break
        after = page.next
      }
      return all
    },
    on: ['M'],
    says: /a cursor (repeats|loops), and the answer is 200 with another list/,
  },
  {
    name: 'what was read before a page was lost',
    list: async ask => {
      const all: unknown[] = []
      try {
        return await reading(({ items }) => {
          all.push(...items)
          return items
        })(ask)
      } catch (error) {
        if (all.length === 0) throw error
        return all
      }
    },
    on: ['M'],
    says: /a cursor (is lost|repeats|loops), and the answer is 200 with another list/,
  },
]

for (const { name, list, on, says } of broken)
  for (const source of on)
    t.test(`R5 on ${source} rejects ${name}`, async t => {
      const { outcome, counterexample } = await judgeHarbour('R5', source, listing(list), { runs: 100 })
      t.equal(outcome, 'broken')
      t.match(counterexample?.message, says)
    })

for (const source of ['M', 'T'] as const)
  t.test(`R5 on ${source} passes drivers that read all pages`, async t => {
    for (const change of [() => ({}), listing(reading(({ items }) => items))]) {
      const { outcome, cases, counterexample } = await judgeHarbour('R5', source, change, { runs: 60 })
      t.equal(outcome, 'holds', counterexample?.message ?? '')
      t.ok(cases > 10, `${cases} cases`)
    }
  })
