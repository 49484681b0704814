/** D1, D2, D4 and C3 reject pages that are broken in ways which they are for, and pass those of a small driver. */

import t from 'tap'
import type { Answer, Sent } from '../../../conformance/client.ts'
import type { Send } from '../../../conformance/sources/simulated.ts'
import { type Judging, judge, judgeHarbour, only, sound } from './support.ts'

t.setTimeout(0)

/** A server whose pages are changed on their way. */
const pages = (change: (text: string, request: Sent) => string): Judging => ({
  through:
    (send: Send): Send =>
    async (request, world) => {
      const answer: Answer = await send(request, world)
      if (answer.headers.get('content-type')?.startsWith('text/html') !== true) return answer
      const text = change(answer.text, request)
      return { ...answer, text, body: Buffer.from(text) }
    },
})

const unescaped = (text: string): string =>
  text.replace(/&(lt|gt|quot|amp|#39);/g, (_, name: string) => ({ lt: '<', gt: '>', quot: '"', amp: '&', '#39': "'" })[name] ?? '')

const within = (pattern: RegExp, change: (part: string) => string) => pages(text => text.replace(pattern, change))

const broken: readonly {
  readonly id: string
  readonly name: string
  readonly options: Judging
  readonly says: RegExp
}[] = [
  {
    id: 'D1',
    name: 'a page without a fact',
    options: within(/<div><dt>Launched<\/dt>.*?<\/div>/gs, () => ''),
    says: /doesn’t say create_time/,
  },
  {
    id: 'D1',
    name: 'a page with another state',
    options: within(/>AVAILABLE</g, () => '>GONE<'),
    says: /doesn’t say state|says "gone"/,
  },
  {
    id: 'D1',
    name: 'a row that leads to another resource',
    options: within(/(?<=<th role="rowheader" scope="row"><a href="[^"]*\/)[^"/]+(?=")/g, () => 'img1'),
    says: /leads to .*, not/,
  },
  {
    id: 'D1',
    name: 'a row too few',
    options: within(/<tr role="row"><th role="rowheader".*?<\/tr>/s, () => ''),
    says: /has \d+ rows/,
  },
  {
    id: 'D2',
    name: 'a button with another method',
    options: within(/name="_method" value="delete"/g, () => 'name="_method" value="post"'),
    says: /offers post .*, and its JSON/,
  },
  {
    id: 'D2',
    name: 'a button for what isn’t offered',
    options: within(/action="([^"]*)\/stop"/g, part => part.replace('/stop', '/start')),
    says: /offers post .*\/start, and its JSON/,
  },
  {
    id: 'D2',
    name: 'an action without a button',
    options: within(/<div class="apart">.*?<\/div>/gs, () => ''),
    says: /has nothing for delete/,
  },
  {
    id: 'D2',
    name: 'a link to what isn’t there',
    options: within(/(?<=<dd><a href="[^"]*\/)images(?=\/)/g, () => 'realms'),
    says: /has a link “\w+” to .*404/,
  },
  {
    id: 'D2',
    name: 'a form that leads to another collection',
    options: within(/(?<=<form class="form" method="post" action="[^"]*\/)keys(?=")/g, () => 'buckets'),
    says: /The form of keys/,
  },
  {
    id: 'D2',
    name: 'a form that forgets what is chosen',
    options: within(/(?<=<(select|input)[^>]*) name="realm_id"/g, () => ' name="realm"'),
    says: /has no field for realm_id|there is/,
  },
  {
    id: 'D2',
    name: 'a form that’s sent without its file',
    options: within(/ enctype="multipart\/form-data"/g, () => ''),
    says: /\/content/,
  },
  {
    id: 'D4',
    name: 'pages without any escaping',
    options: pages(unescaped),
    says: /not well-formed|has a <|isn’t the same|has on|leads to/,
  },
  {
    id: 'D4',
    name: 'cells of an index that aren’t escaped',
    options: within(/(?<=<td role="cell"[^>]*>)[^<]*/g, unescaped),
    says: /has a <|not well-formed|isn’t the same/,
  },
  {
    id: 'D4',
    name: 'messages of errors that aren’t escaped',
    options: within(/(?<=<p class="note note-bad" role="alert">)[^<]*/g, unescaped),
    says: /has a <|not well-formed|isn’t the same/,
  },
  {
    id: 'D4',
    name: 'attributes that aren’t escaped',
    options: within(/(?<= value=")[^"]*/g, unescaped),
    says: /has |not well-formed|isn’t the same/,
  },
  {
    id: 'D4',
    name: 'titles that are escaped twice',
    options: within(/(?<=<title>)[^<]*/g, part => part.replaceAll('&', '&amp;')),
    says: /in <title> there is|<title> there is/,
  },
  {
    id: 'C3',
    name: 'a form without a field',
    options: within(/<(input|textarea)[^>]* name="description"[^>]*>/g, () => ''),
    says: /doesn’t ask for description/,
  },
  {
    id: 'C3',
    name: 'a field that must be filled, where it may be left out',
    options: within(/ name="realm_id"/g, () => ' name="realm_id" required'),
    says: /can’t be sent without realm_id/,
  },
]

for (const { id, name, options, says } of broken)
  t.test(`${id} rejects ${name}`, async t => {
    const { outcome, counterexample } = await judge(id, sound, { runs: 300, ...options })
    t.equal(outcome, 'broken')
    t.match(counterexample?.message, says)
  })

for (const id of ['D1', 'D2', 'D4', 'C3'])
  t.test(`${id} passes the pages of a small driver, and has looked at them`, async t => {
    const result = await judge(id, only('keys', 'realms'), { runs: 60 })
    t.match(result, { outcome: 'holds', counterexample: undefined })
    t.ok(result.cases > 10, `${result.cases} cases`)
  })

for (const [id, source] of [
  ['D1', 'R'],
  ['D1', 'M'],
  ['D4', 'M'],
  ['D1', 'T'],
  ['D2', 'T'],
  ['D4', 'T'],
] as const)
  t.test(`${id} on ${source} passes the driver of the guide`, async t => {
    const result = await judgeHarbour(id, source)
    t.match(result, { outcome: 'holds', counterexample: undefined })
    t.ok(result.cases > 0)
  })
