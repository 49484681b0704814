/** Mutants of recordings stay within what a shape allows, and do what they say. */

import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import t from 'tap'
import { mutate } from '../../../conformance/mutations/mutants.ts'
import { type Mutation, mutations } from '../../../conformance/mutations/mutations.ts'
import { find, findBelow } from '../../../conformance/mutations/paths.ts'
import { parseShapes, type Shapes } from '../../../conformance/mutations/shapes.ts'
import { at, everyNode, readDocument, type Tree, textAt } from '../../../conformance/mutations/tree.ts'
import { type HarEntry, responseBodyOf } from '../../../conformance/replay/har.ts'
import { type Recording, readRecordings } from '../../../conformance/replay/recording.ts'
import { recordingOf } from './made.ts'

/** Numbers as ids, counts, addresses of itself, and pages. */
const droplets = {
  recording: recordingOf([
    {
      url: 'https://do.example/v2/droplets',
      answer: JSON.stringify({
        droplets: [
          {
            id: 7,
            name: 'a',
            status: 'active',
            image: { id: 7 },
            memory: 512,
            tags: ['x', 'y'],
            links: { self: 'https://do.example/v2/droplets/7' },
          },
          { id: 8, name: 'b', status: 'off', image: { id: 5 }, memory: 512, tags: [], links: { self: 'https://do.example/v2/droplets/8' } },
        ],
        links: { next: '?page=2' },
        meta: { total: 3 },
      }),
    },
    {
      url: 'https://do.example/v2/droplets?page=2',
      answer: '{"droplets":[{"id":9,"name":"c","status":"new","image":{"id":5},"memory":1024,"tags":["z"]}],"meta":{"total":3}}',
    },
    { url: 'https://do.example/v2/account', answer: '{"account":{"uuid":"x"}}' },
  ]),
  shapes: parseShapes(
    'droplets.json',
    JSON.stringify({
      driver: 'made',
      source: 'the API reference',
      sources: { pages: 'the API reference, Links' },
      operations: [
        {
          asks: '^GET /v2/droplets$',
          items: 'droplets/*',
          id: 'id',
          refs: ['image/id', 'links/self'],
          state: { path: 'status', values: ['new', 'active', 'off', 'archive'] },
          maps: ['links'],
          cursor: { kind: 'link', at: 'links/next', parameter: 'page', source: 'pages' },
          counts: ['meta/total'],
          essential: {
            id: 'nothing else tells droplets apart',
            'image/id': 'a droplet is made of an image',
            '/droplets': 'they are the answer',
          },
        },
      ],
    }),
  ),
}

const uuid = (n: number): string => `0f50aa65-0c79-4be1-862d-0f439d13112${n}`

/** Lists in lists, and UUIDs in attributes. */
const reservations = {
  recording: recordingOf([
    {
      url: 'https://ec2.example/?Action=DescribeInstances&Version=1',
      answer: `<R xmlns="urn:ec2"><requestId>r</requestId><set>${[1, 2, 3]
        .map(
          n =>
            `<item><reservationId>r-${n}</reservationId><instances>${[0, 3]
              .map(
                more =>
                  `<i id="${uuid(n + more)}" href="/i/${uuid(n + more)}/x"><state><name>running</name><code>16</code></state><key>k &amp; l</key></i>`,
              )
              .join('')}</instances></item>`,
        )
        .join('')}</set></R>`,
    },
  ]),
  shapes: parseShapes(
    'reservations.json',
    JSON.stringify({
      driver: 'made',
      source: 'the API reference',
      operations: [
        {
          asks: '^DescribeInstances$',
          items: 'R/set/item/instances/i',
          id: '@id',
          refs: ['@href'],
          state: { path: 'state/name', values: ['pending', 'running', 'stopped'] },
          essential: { '@id': 'nothing else tells instances apart', 'state/name': 'it is the state' },
        },
      ],
    }),
  ),
}

type Sample = { readonly recording: Recording; readonly shapes: Shapes }
const samples: readonly Sample[] = [droplets, reservations]
const sample = fc.constantFrom(...samples)

const textOf = (entry: HarEntry | undefined): string => (entry === undefined ? '' : responseBodyOf(entry).toString('utf8'))
const entriesOf = ({ har }: Recording): readonly HarEntry[] => har.log.entries

const rootOf = (entry: HarEntry | undefined): Tree => {
  const root = readDocument(textOf(entry))?.root
  if (root === undefined) throw new TypeError(`${textOf(entry)} is no document`)
  return root
}

const [dropletShape] = droplets.shapes.operations
const [reservationShape] = reservations.shapes.operations
const shapeFor = (one: Sample) => (one === droplets ? dropletShape : reservationShape)

/** Items of all answers, as texts. */
const itemsOf = (recording: Recording, one: Sample): string[] =>
  entriesOf(recording).flatMap(entry => {
    const root = rootOf(entry)
    return find(root, shapeFor(one)?.items ?? '').map(item => JSON.stringify(at(root, item)))
  })

const idsOf = (recording: Recording, one: Sample): string[] =>
  entriesOf(recording).flatMap(entry => {
    const root = rootOf(entry)
    const { items = '', id = '' } = shapeFor(one) ?? {}
    return find(root, items).map(item => findBelow(root, item, id).map(address => textAt(at(root, address)))[0] ?? '')
  })

/** The same cases each time: what they come to is counted, too. */
const seed = 20261127

/** Mutates by one mutation of a kind, where that's possible. */
const each = (
  kind: Parameters<typeof mutations>[0],
  holds: (before: Sample, mutant: ReturnType<typeof mutate>, all: readonly Mutation[]) => boolean,
  numRuns = 150,
): number => {
  let done = 0
  fc.assert(
    fc.property(sample, mutations(kind), (one, all) => {
      const mutant = mutate(one.recording, one.shapes, all)
      if (mutant.done.length === 0) return mutant.recording === one.recording
      done++
      return holds(one, mutant, all)
    }),
    { numRuns, seed },
  )
  return done
}

t.test('items in another order are the same items, and never in the same order', async t => {
  let moved = 0
  const done = each('permute', (one, { recording }) => {
    const [before, after] = [itemsOf(one.recording, one), itemsOf(recording, one)]
    if (one === reservations && before.slice(0, 2).sort().join() !== after.slice(0, 2).sort().join()) moved++
    return before.join() !== after.join() && before.sort().join() === after.sort().join()
  })
  t.ok(done > 50, `${done}`)
  t.ok(moved > 10, 'reservations move, not only what is in them')
})

t.test('a dropped item is missing, and the count knows', async t => {
  const done = each('drop', (one, { recording }) => {
    const [before, after] = [itemsOf(one.recording, one), itemsOf(recording, one)]
    const totals = entriesOf(recording).flatMap(entry =>
      find(rootOf(entry), 'meta/total').map(address => textAt(at(rootOf(entry), address))),
    )
    return after.length === before.length - 1 && after.every(item => before.includes(item)) && (one !== droplets || totals.includes('2'))
  })
  t.ok(done > 100, `${done}`)
})

t.test('copies have ids of their own, of the same form, and nothing else changes', async t => {
  let most = 0
  const done = each(
    'multiply',
    (one, { recording }, [mutation]) => {
      const times = mutation?.kind === 'multiply' ? mutation.times : 0
      most = Math.max(most, times)
      const [before, after] = [idsOf(one.recording, one), idsOf(recording, one)]
      const items = new Set(itemsOf(recording, one))
      const form = one === droplets ? /^\d+$/ : /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/
      return (
        after.length === before.length + times &&
        new Set(after).size === after.length &&
        after.every(id => form.test(id)) &&
        itemsOf(one.recording, one).every(item => items.has(item))
      )
    },
    60,
  )
  t.ok(done > 50, `${done}`)
  t.ok(most >= 500, `${most}`)
})

t.test('a copy names itself in its addresses, and the same others; numbers stay numbers', async t => {
  const copied = (one: Sample) =>
    textOf(entriesOf(mutate(one.recording, one.shapes, [{ kind: 'multiply', entry: 0, which: 0, times: 1 }]).recording)[0])
  // 8 and 9 are there already, on this page and the next.
  t.match(JSON.parse(copied(droplets)), {
    droplets: [{ id: 7 }, { id: 10, image: { id: 7 }, links: { self: 'https://do.example/v2/droplets/10' } }, { id: 8 }],
    meta: { total: 4 },
  })
  t.match(copied(reservations), `<i id="${uuid(7)}" href="/i/${uuid(7)}/x">`)
})

t.test('what was done is told, with the shape that the answer was read by', async t => {
  t.match(mutate(droplets.recording, droplets.shapes, [{ kind: 'omit', entry: 0, which: 0 }]).done, [
    /^in the answer to GET \/v2\/droplets, read by the shape of .*droplets.*: .* is left out$/,
  ])
})

t.test('what is multiplied again gets other ids', async t => {
  const twice: Mutation[] = [0, 0].map(which => ({ kind: 'multiply', entry: 0, which, times: 3 }))
  for (const one of samples) {
    const ids = idsOf(mutate(one.recording, one.shapes, twice).recording, one)
    t.equal(new Set(ids).size, ids.length)
    t.equal(ids.length, idsOf(one.recording, one).length + 6)
  }
})

/** Nodes of all answers, by their names. */
const paths = (recording: Recording): string[] =>
  entriesOf(recording).flatMap(entry => everyNode(rootOf(entry)).map(({ names }) => names.join('/')))

t.test('what is left out is one node with what is in it, and the mutant says whether that’s essential', async t => {
  const seen = new Set<string>()
  const done = each(
    'omit',
    (one, { recording, omitted }) => {
      const [before, after] = [paths(one.recording), paths(recording)]
      for (const { name, essential } of omitted) seen.add(`${name} ${essential}`)
      return omitted.length === 1 && after.length < before.length && after.every(path => before.includes(path))
    },
    400,
  )
  t.ok(done > 100, `${done}`)
  for (const one of [
    'id true',
    'image true',
    'droplets true',
    'state true',
    '@id true',
    'memory false',
    'tags false',
    'next false',
    'key false',
    '@href false',
  ])
    t.ok(seen.has(one), one)
  for (const one of ['set false', 'instances false', 'set true'])
    t.notOk(seen.has(one), `where items stand, only what is named is left out: ${one}`)
})

t.test('what is essential is never left out where it’s to be spared', async t => {
  const essential = ['droplets', 'droplets/*/id', 'droplets/*/image/id', 'R/set/item/instances/i/@id', 'R/set/item/instances/i/state/name']
  const count = (recording: Recording): string =>
    String(essential.map(path => entriesOf(recording).flatMap(entry => find(rootOf(entry), path)).length))
  let done = 0
  fc.assert(
    fc.property(sample, fc.nat(9), fc.nat(999), (one, entry, which) => {
      const { recording, omitted } = mutate(one.recording, one.shapes, [{ kind: 'omit', entry, which, spare: true }])
      done += omitted.length
      return omitted.every(({ essential: isEssential }) => !isEssential) && count(recording) === count(one.recording)
    }),
    { seed },
  )
  t.ok(done > 50, `${done}`)
})

t.test('what is added is something new, and all else is as it was', async t => {
  const forms = new Set<string>()
  const places = new Set<string>()
  const done = each('add', (one, { recording }, [mutation]) => {
    if (mutation?.kind !== 'add') return false
    const [before, after] = [paths(one.recording), paths(recording)]
    const isNew = (path: string) => path.split('/').some(part => part === mutation.name || part === `@${mutation.name}`)
    const added = after.filter(isNew)
    forms.add(`${one === droplets ? 'json' : 'xml'} ${mutation.what} ${mutation.isFirst}`)
    for (const path of added) places.add(path.replace(mutation.name, '+'))
    return added.length > 0 && after.filter(path => !isNew(path)).join() === before.join()
  })
  t.ok(done > 100, `${done}`)
  t.equal(forms.size, 12)
  for (const one of [
    '+',
    'meta/+',
    'droplets/*/+',
    'droplets/*/image/+',
    'set/item/+',
    'set/item/instances/i/+',
    'set/item/instances/i/@+',
    'set/item/instances/i/state/+',
  ])
    t.equal(places.has(one), one !== 'meta/+', one)
  t.notOk(
    [...places].some(one => /^(droplets\/\*\/links|links|set|set\/item\/instances)\/@?\+/.test(one)),
    'nothing in maps and lists',
  )
})

t.test('any text stands where any text may stand', async t => {
  const where = new Set<string>()
  let longest = 0
  const done = each('text', (one, { recording, done: [says = ''] }, [mutation]) => {
    if (mutation?.kind === 'text') longest = Math.max(longest, mutation.text.length)
    where.add(/: ([^ ]+) is /.exec(says)?.[1] ?? says)
    return idsOf(recording, one).join() === idsOf(one.recording, one).join()
  })
  t.ok(done > 100, `${done}`)
  t.ok(longest > 64 * 1024 - 600, `${longest}`)
  t.same([...where].sort(), ['key', 'name', 'tags/*'], 'ids, references, states, numbers and words stay')
  const wild = mutate(droplets.recording, droplets.shapes, [{ kind: 'text', entry: 0, which: 0, text: '\ud800\u0000]]>' }])
  t.match(JSON.parse(textOf(entriesOf(wild.recording)[0])), { droplets: [{ name: '\ud800\u0000]]>' }] })
})

t.test('a state is any that’s documented, or unknown', async t => {
  const seen = new Set<string>()
  each('state', (one, { recording }) => {
    const path = one === droplets ? 'droplets/*/status' : `${reservationShape?.items}/state/name`
    for (const entry of entriesOf(recording))
      for (const address of find(rootOf(entry), path)) seen.add(textAt(at(rootOf(entry), address)) ?? '')
    return true
  })
  t.same([...seen].sort(), ['', '__proto__', 'active', 'archive', 'new', 'off', 'pending', 'running', 'stopped', 'unheard of'])
})

t.test('where states are numbers, an unknown one is a number', t => {
  const recording = recordingOf([{ url: 'https://x.example/vms', answer: '[{"state":3}]' }])
  const shapes = parseShapes(
    'x.json',
    '{"driver":"made","source":"x","operations":[{"asks":"GET /vms","items":"*","state":{"path":"state","values":["0","3"]}}]}',
  )
  const texts = [0, 1, 2, 3].map(state =>
    textOf(entriesOf(mutate(recording, shapes, [{ kind: 'state', entry: 0, which: 0, state }]).recording)[0]),
  )
  t.same(texts, ['[{"state":0}]', '[{"state":3}]', '[{"state":987654}]', '[{"state":-1}]'])
  t.end()
})

t.test('every legal mutant can be read, has the length it says, and comes out of the same data again', async t => {
  const done = each('legal', (one, { recording }, all) => {
    const again = mutate(one.recording, one.shapes, all).recording
    return entriesOf(recording).every((entry, n) => {
      const { content, bodySize, headers } = entry.response
      const size = Buffer.byteLength(textOf(entry))
      const isUntouched = entry === entriesOf(one.recording)[n]
      return (
        readDocument(textOf(entry)) !== undefined &&
        textOf(entry) === textOf(entriesOf(again)[n]) &&
        (isUntouched ||
          (content.size === size &&
            bodySize === size &&
            headers.some(({ name, value }) => name === 'Content-Length' && value === String(size))))
      )
    })
  })
  t.ok(done > 120, `${done}`)
})

t.test('a recording is never changed itself, and nothing is done to what nobody described', async t => {
  const before = JSON.stringify(samples)
  for (const kind of ['legal', 'illegal', 'omit'] as const) each(kind, () => true)
  t.equal(JSON.stringify(samples), before)
  each('legal', (one, { recording }) => one !== droplets || entriesOf(recording)[2] === entriesOf(one.recording)[2])
  const none = parseShapes('x.json', '{"driver":"made","source":"x","operations":[{"asks":"^none$","items":"a"}]}')
  t.same(mutate(droplets.recording, none, [{ kind: 'drop', entry: 0, which: 0 }]).done, [])
})

t.test('a mutation without a place in one answer goes to the next that has one', t => {
  const state: Mutation = { kind: 'state', entry: 1, which: 0, state: 0 }
  const recording = recordingOf([
    { url: 'https://do.example/v2/droplets', answer: '{"droplets":[{"id":1,"status":"off"}]}' },
    { url: 'https://do.example/v2/droplets?page=2', answer: '{"droplets":[]}' },
  ])
  t.match(textOf(entriesOf(mutate(recording, droplets.shapes, [state]).recording)[0]), '"status":"new"')
  t.end()
})

t.test('trouble comes on top of what is legal, and not where it would be none', async t => {
  const drop: Mutation = { kind: 'drop', entry: 0, which: 0 }
  const both = mutate(droplets.recording, droplets.shapes, [{ kind: 'reset', entry: 0 }, drop])
  t.same([...both.effects.keys()], [entriesOf(both.recording)[0]])
  t.equal(both.done.length, 2)
  const empty = recordingOf([
    { method: 'DELETE', url: 'https://do.example/v2/droplets/7', answer: '' },
    { url: 'https://do.example/text', answer: 'ready' },
  ])
  const done = (mutation: Mutation) => mutate(empty, droplets.shapes, [mutation]).done
  t.match(done({ kind: 'cut', entry: 0, share: 0.5, isQuiet: false }), [
    /GET \/text is answered with 50 % of it, and then the connection breaks/,
  ])
  t.match(done({ kind: 'garble', entry: 0, every: 1 }), [/GET \/text/])
  t.same(done({ kind: 'cut', entry: 0, share: 0.5, isQuiet: true }), [], 'half a text is a text')
  t.match(done({ kind: 'status', entry: 0, status: 503 }), [/DELETE \/v2\/droplets\/7 is answered with 503/])
})

const shared = fileURLToPath(new URL('../../../../shared/recordings', import.meta.url))

const described: Readonly<
  Record<string, { readonly name: string; readonly operations: readonly { readonly items: string; readonly [more: string]: unknown }[] }>
> = {
  ec2: {
    name: 'list-instances',
    operations: [
      {
        asks: '^DescribeInstances$',
        items: 'DescribeInstancesResponse/reservationSet/item/instancesSet/item',
        id: 'instanceId',
        refs: ['imageId', 'keyName'],
        state: { path: 'instanceState/name', values: ['pending', 'running', 'shutting-down', 'terminated', 'stopping', 'stopped'] },
        essential: { instanceId: 'nothing else tells instances apart', '/DescribeInstancesResponse/reservationSet': 'they are the answer' },
      },
    ],
  },
  openstack: {
    name: 'list-instances',
    operations: [
      {
        asks: '^GET /v1.1/[^/]+/servers/detail$',
        items: 'servers/*',
        id: 'id',
        refs: ['image/id', 'flavor/id', 'links/*/href', 'image/links/*/href', 'flavor/links/*/href'],
        words: ['links/*/rel', 'image/links/*/rel', 'flavor/links/*/rel', 'addresses/*/*/addr'],
        state: { path: 'status', values: ['ACTIVE', 'BUILD', 'ERROR', 'SHUTOFF'] },
        maps: ['metadata', 'addresses'],
        essential: { id: 'nothing else tells servers apart', status: 'it is the state', '/servers': 'they are the answer' },
      },
    ],
  },
  vsphere: {
    name: 'list-instances',
    operations: [
      {
        asks: '^RetrievePropertiesEx$',
        items: 'Envelope/Body/RetrievePropertiesExResponse/returnval/objects[obj/@type=VirtualMachine]',
        id: 'obj',
        refs: ['propSet[name=summary]/val/vm', 'propSet[name=summary]/val/runtime/host'],
        words: ['propSet/name'],
        state: { path: 'propSet[name=summary]/val/runtime/powerState', values: ['poweredOn', 'poweredOff', 'suspended'] },
        essential: {
          obj: 'nothing else tells machines apart',
          'obj/@type': 'it says what it is',
          'propSet/name': 'it says what the value is',
        },
      },
    ],
  },
}

for (const [driver, { name, operations }] of Object.entries(described))
  t.test(
    `a recording of ${driver} has mutants of every kind`,
    { skip: existsSync(shared) ? false : 'there is no ../shared/recordings' },
    async t => {
      const shapes = parseShapes(`${driver}.json`, JSON.stringify({ driver, source: 'the API reference', operations }))
      const recording = (await readRecordings([shared], driver)).find(one => one.name === name)
      if (recording === undefined) throw new TypeError('The recording is gone')
      const done = new Map<string, number>()
      const kinds = ['permute', 'drop', 'multiply', 'omit', 'add', 'text', 'state'] as const
      for (const kind of kinds)
        fc.assert(
          fc.property(mutations(kind), all => {
            const mutant = mutate(recording, shapes, all)
            if (mutant.done.length === 0) return true
            done.set(kind, (done.get(kind) ?? 0) + 1)
            return entriesOf(mutant.recording).every(
              (entry, n) => entry === entriesOf(recording)[n] || readDocument(textOf(entry)) !== undefined,
            )
          }),
          { numRuns: 12, seed },
        )
      const isOne = entriesOf(recording).every(entry => {
        const root = readDocument(textOf(entry))?.root
        return root === undefined || operations.every(({ items }) => find(root, items).length < 2)
      })
      for (const kind of kinds) if (kind !== 'permute' || !isOne) t.ok((done.get(kind) ?? 0) > 2, `${kind}: ${done.get(kind) ?? 0}`)
    },
  )
