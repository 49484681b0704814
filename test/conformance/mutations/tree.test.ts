/** Bodies are read and written without loss, whatever their media type, and paths lead to the same places in all of them. */

import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import t from 'tap'
import { dropLayout, type Element, readXml } from '../../../conformance/documents/xml.ts'
import { anyText, replaceIllegal } from '../../../conformance/generators/text.ts'
import { belowRoot, find, findBelow, positionOf } from '../../../conformance/mutations/paths.ts'
import { parseShapes, shapeOf } from '../../../conformance/mutations/shapes.ts'
import { at, everyNode, readDocument, type Tree, textAt, withText, writeDocument } from '../../../conformance/mutations/tree.ts'
import { responseBodyOf } from '../../../conformance/replay/har.ts'
import { readRecordings } from '../../../conformance/replay/recording.ts'

const rewritten = (text: string): string | undefined => {
  const document = readDocument(text)
  return document === undefined ? undefined : writeDocument(document)
}

const rootOf = (text: string): Tree => {
  const document = readDocument(text)
  if (document === undefined) throw new TypeError(`${text} is no document`)
  return document.root
}

/** Texts that a path leads to. */
const textsAt = (text: string, path: string) => {
  const root = rootOf(text)
  return find(root, path).map(address => textAt(at(root, address)))
}

t.test('any JSON is what it was', async t => {
  fc.assert(
    fc.property(fc.oneof(fc.array(fc.jsonValue()), fc.dictionary(anyText(), fc.jsonValue())), value => {
      const text = JSON.stringify(value)
      return rewritten(text) === JSON.stringify(JSON.parse(text))
    }),
  )
  t.pass()
})

t.test('a number in JSON stays as it’s written, however long', async t => {
  const digits = fc.stringMatching(/^-?(0|[1-9]\d{0,30})(\.\d{1,20})?([eE][+-]?\d{1,3})?$/)
  fc.assert(fc.property(fc.array(digits), numbers => rewritten(`[${numbers.join(',')}]`) === `[${numbers.join(',')}]`))
  t.same(textsAt('{"id":12345678901234567890}', 'id'), ['12345678901234567890'])
  t.equal(rewritten('{"__proto__":{"a":5.0},"constructor":1e400}'), '{"__proto__":{"a":5.0},"constructor":1e400}')
})

t.test('what was a number stays one where its text allows it', async t => {
  const [number, text] = ['{"a":1}', '{"a":"1"}'].map(one => rootOf(one).children[0])
  const put = (tree: Tree | undefined, next: string) =>
    tree === undefined ? '' : writeDocument({ media: 'json', root: { name: '', kind: 'list', children: [withText(tree, next)] } })
  t.equal(put(number, '98765432109876543210'), '[98765432109876543210]')
  t.equal(put(number, '007'), '["007"]')
  t.equal(put(number, 'seven'), '["seven"]')
  t.equal(put(text, '7'), '["7"]')
})

interface Made {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly inner: string | readonly Made[]
}

const name = fc.stringMatching(/^([a-z]{1,3}:)?[a-z][a-zA-Z0-9]{0,6}$/)
const made: fc.Memo<Made> = fc.memo(n =>
  fc.record({
    name,
    attributes: fc.dictionary(name, anyText(), { maxKeys: 2 }),
    inner: n > 1 ? fc.oneof(anyText(), fc.array(made(), { minLength: 1, maxLength: 3 })) : anyText(),
  }),
)

/** XML written in another way than ours: with sections and references where it may have them. */
const inXml = ({ name: own, attributes, inner }: Made): string => {
  const referred = (text: string) =>
    [...replaceIllegal(text)].map(character => (/[\w ]/.test(character) ? character : `&#x${codeOf(character)};`)).join('')
  const section = (text: string) => (/[\r\]]/.test(text) ? referred(text) : `<![CDATA[${replaceIllegal(text)}]]>`)
  const head = Object.entries(attributes).map(([key, value]) => ` ${key}='${referred(value)}'`)
  return `<${own}${head.join('')}>${typeof inner === 'string' ? section(inner) : `<!-- -->\n  ${inner.map(inXml).join('\n  ')}\n`}</${own}>`
}
const codeOf = (character: string): string => (character.codePointAt(0) ?? 0).toString(16)

/** What an element says, in any order of its attributes. */
const meaning = ({ name: own, attributes, children, text }: Element): unknown => [
  own,
  Object.fromEntries([...attributes].sort(([a], [b]) => (a < b ? -1 : 1))),
  children.map(meaning),
  children.length > 0 ? '' : dropLayout(text),
]

const isSame = (a: string, b: string | undefined): boolean =>
  b !== undefined && JSON.stringify(meaning(readXml(a))) === JSON.stringify(meaning(readXml(b)))

t.test('any XML means what it did: names, prefixes, attributes, order, sections, references', async t => {
  fc.assert(
    fc.property(made(3), one => {
      const text = inXml(one)
      return isSame(text, rewritten(text))
    }),
  )
  t.pass()
})

t.test('a text that XML can’t hold is written as XML can show it', async t => {
  fc.assert(
    fc.property(anyText(), text => {
      const written = writeDocument({ media: 'xml', root: { name: 'a', kind: 'element', children: [], text } })
      return readXml(written).text === dropLayout(replaceIllegal(text))
    }),
  )
  t.pass()
})

t.test('what is broken, or no document of a provider, is none', t => {
  for (const text of [
    '',
    'ready',
    '{"a":',
    '{"a":1}}',
    '<a>',
    '<a/><b/>',
    '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
    '<a>&constructor;</a>',
    '<a>&#99999999999;</a>',
    '<p>You are being <a href="/">redirected</a>.</p>',
  ])
    t.equal(readDocument(text), undefined, text)
  t.ok(readDocument('\ufeff<a/>'))
  t.ok(readDocument('\n{}'))
  t.end()
})

const soap = `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><s:Body>
  <RetrieveResponse xmlns="urn:vim25">
    <objects><obj type="VirtualMachine">vm-1</obj><propSet><name>name</name><val i:type="xsd:string">one</val></propSet>
      <propSet><name>power</name><val i:type="PowerState">on</val></propSet></objects>
    <objects><obj type="Datastore">ds-1</obj><propSet><name>name</name><val i:type="xsd:string">disk</val></propSet></objects>
  </RetrieveResponse></s:Body></s:Envelope>`

t.test('paths lead to members, elements, attributes, list places, and nodes by a text in them', t => {
  const json = '{"servers":[{"OS-EXT:state":"a","links":{"x":{"href":"1"}}},{"OS-EXT:state":"b"}]}'
  t.same(textsAt(json, 'servers/*/OS-EXT:state'), ['a', 'b'])
  t.same(textsAt(json, 'servers/*/links/*/href'), ['1'])
  t.same(textsAt('<vms><o:vm id="1" xmlns:o="urn:o"/><vm id="2"/></vms>', 'vms/vm/@id'), ['1', '2'])
  const objects = 'Envelope/Body/RetrieveResponse/objects'
  t.same(textsAt(soap, `${objects}/propSet[name=power]/val`), ['on'])
  t.same(textsAt(soap, `${objects}[obj/@type=VirtualMachine]/propSet[name=name]/val`), ['one'])
  t.same(textsAt(soap, `${objects}/obj/*`), [], 'an attribute is no element')
  t.same(textsAt(soap, `${objects}/propSet/val/@type`), [], 'what has a prefix isn’t the answer’s own')
  t.end()
})

t.test('a shape is chosen by what was asked, and by what the answer holds', t => {
  const of = (kind: string) => ({ asks: '^Retrieve$', items: `Envelope/Body/RetrieveResponse/objects[obj/@type=${kind}]` })
  const shapes = parseShapes(
    'x.json',
    JSON.stringify({ driver: 'x', source: 'y', operations: [of('Network'), of('Datastore'), of('VirtualMachine')] }),
  )
  t.equal(shapeOf(shapes, 'Retrieve', rootOf(soap)), shapes.operations[1])
  t.equal(shapeOf(shapes, 'Retrieve', rootOf('<a/>')), shapes.operations[0])
  t.equal(shapeOf(shapes, 'Login', rootOf(soap)), undefined)
  t.end()
})

t.test('where a node stands by a path, there the path leads; in any tree', async t => {
  const trees = fc.oneof(
    made(3).map(one => rootOf(inXml(one))),
    fc.dictionary(fc.stringMatching(/^[a-z]{1,2}$/), fc.jsonValue()).map(value => rootOf(JSON.stringify(value))),
  )
  fc.assert(
    fc.property(trees, fc.nat(), fc.array(fc.boolean(), { maxLength: 4 }), (root, n, stars) => {
      const nodes = everyNode(root).filter(({ names }) => names.every(one => /^(\*|@?[\w:]+)$/.test(one)))
      const node = nodes[n % Math.max(1, nodes.length)]
      if (node === undefined) return true
      const path = node.names.map((one, place) => (stars[place] === true && !one.startsWith('@') ? '*' : one)).join('/')
      const found = new Set(findBelow(root, [], path).map(String))
      const stands = new Set(nodes.filter(({ trail }) => positionOf(trail, path) === 'at').map(({ address }) => String(address)))
      return (
        found.has(String(node.address)) &&
        [...stands].every(one => found.has(one)) &&
        nodes.every(one => !found.has(String(one.address)) || stands.has(String(one.address)))
      )
    }),
  )
  t.pass()
})

t.test('a node stands before a path’s end, at it, or inside of it', t => {
  const nodes = everyNode(rootOf('<a><b><c d="1"><e/></c></b><f/></a>'))
  const path = belowRoot(rootOf('<a/>'), 'a/b/c')
  t.equal(path, 'b/c')
  t.same(
    nodes.map(({ names, trail }) => [names.join('/'), positionOf(trail, path)]),
    [
      ['b', 'before'],
      ['b/c', 'at'],
      ['b/c/@d', 'inside'],
      ['b/c/e', 'inside'],
      ['f', undefined],
    ],
  )
  t.end()
})

t.test('what a shape gets wrong is told with its place', t => {
  const told = (operation: object) => () =>
    parseShapes('x.json', JSON.stringify({ driver: 'x', source: 'y', operations: [{ asks: 'a', items: 'a', ...operation }] }))
  t.throws(told({ asks: '(' }), { message: /x\.json: operations\[0\]\.asks: must be a regular expression/ })
  t.throws(told({ typo: 1 }), { message: /typo/ })
  for (const path of ['/a', 'a/', 'a//b', 'a b', 'a[b', 'a[b]', 'a]', '@'])
    t.throws(told({ refs: [path] }), { message: /x\.json: operations\[0\]\.refs\[0\]: must be names divided by slashes/ }, path)
  t.throws(told({ essential: { 'a//b': 'x' } }), { message: /operations\[0\]\.essential\.a\/\/b/ })
  t.throws(told({ essential: { a: '' } }), { message: /operations\[0\]\.essential\.a/ })
  t.doesNotThrow(told({ refs: ['', '*', '*/@id', 'a[b/@c=d e/f]/g', 'OS-EXT:a'], essential: { '/a/b': 'x', 'c/*': 'y' } }))
  t.end()
})

const shared = fileURLToPath(new URL('../../../../shared/recordings', import.meta.url))

t.test(
  'every body at hand can be read and written, and means the same',
  { skip: existsSync(shared) ? false : 'there is no ../shared/recordings' },
  async t => {
    const count = { json: 0, xml: 0 }
    const wrong: string[] = []
    for (const { driver, name: own, har } of await readRecordings([shared])) {
      for (const [n, entry] of har.log.entries.entries()) {
        const text = responseBodyOf(entry).toString('utf8')
        const document = readDocument(text)
        if (document === undefined) continue
        count[document.media]++
        const again = writeDocument(document)
        const same =
          document.media === 'xml'
            ? isSame(text, again)
            : JSON.stringify(JSON.parse(text)) === JSON.stringify(JSON.parse(again)) && String(numbersOf(text)) === String(numbersOf(again))
        if (!same) wrong.push(`${driver}/${own}[${n}]`)
      }
    }
    t.same(wrong, [])
    t.ok(count.json > 400 && count.xml > 700, JSON.stringify(count))
  },
)

/** Numbers as they are written, in any order. */
const numbersOf = (text: string): readonly string[] => {
  const found: string[] = []
  JSON.parse(text, (_, value, context?: { readonly source?: string }) => {
    if (typeof value === 'number') found.push(context?.source ?? '')
    return value
  })
  return found.sort()
}
