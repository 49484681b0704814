/** The reader of pages takes what a browser reads alike, and refuses what a browser would mend. */

import t from 'tap'
import { readHtml } from '../../../conformance/documents/html.ts'
import { elementsIn, entriesOf, formsIn, requestOf } from '../../../conformance/documents/page.ts'

t.test('what a browser would mend is refused', async t => {
  for (const source of [
    '<p>a<p>b</p></p>',
    '<p><ul><li>a</li></ul></p>',
    '<a href="x">a<a href="y">b</a></a>',
    '<form><form></form></form>',
    '<table><tr><td>a</td></tr></table>',
    '<table>text</table>',
    '<table><tbody><tr><div>a</div></tr></tbody></table>',
    '<select><option>a<b>b</b></option></select>',
    '<textarea><b>a</b></textarea>',
    '<title>a<script>b</script></title>',
    '<button>a<button>b</button></button>',
    '<svg><p>a</p></svg>',
    '<div/>a',
    '<p class="a" class="b">c</p>',
    '<p class=a>b</p>',
    '<p>a & b</p>',
    '<p>&#128;</p>',
    '<p>&#0;</p>',
    '<p>\0</p>',
    '<p>a</b></p>',
    '<p>a',
    '<p a="b"c="d">e</p>',
    'a < b',
  ])
    t.throws(() => readHtml(source), SyntaxError, source)
})

t.test('texts and attributes are as a browser has them', async t => {
  const { children, text } = readHtml(
    '<!DOCTYPE html><p title="a&quot;b&#10;c">d\r\ne&#13;&lt;</p><pre>\n\nf</pre><textarea>&#10;g</textarea>',
  )
  t.equal(text, 'd\ne\r<\nfg')
  t.equal(elementsIn(children)[0]?.attributes.get('title'), 'a"b\nc')
})

const form = (inner: string, attributes = 'method="post"'): ReturnType<typeof formsIn>[number] => {
  const [found] = formsIn(readHtml(`<form ${attributes} action="http://cloud.test/api/keys?a=1">${inner}</form>`).children)
  if (found === undefined) throw new TypeError('There is a form')
  return found
}

t.test('a form is sent as a browser sends it', async t => {
  const all = form(
    `<input type="hidden" name="h" value="1"><input name="t" value="2"><input type="checkbox" name="c" value="3"><input type="checkbox" name="d" value="4" checked>
<input type="radio" name="r" value="5"><input type="radio" name="r" value="6" checked><select name="s"><option value="">none</option><option selected>7</option></select>
<textarea name="x">8</textarea><input name="off" disabled><input><button name="go" value="9">Go</button>`,
  )
  t.same(entriesOf(all), [
    ['h', '1'],
    ['t', '2'],
    ['d', '4'],
    ['r', '6'],
    ['s', '7'],
    ['x', '8'],
  ])
  t.same(entriesOf(all, { t: 'a\nb', c: '3', d: '', r: '5', s: '', x: 'a\nb', h: 'changed' }, 'go'), [
    ['h', '1'],
    ['t', 'ab'],
    ['c', '3'],
    ['r', '5'],
    ['s', ''],
    ['x', 'a\r\nb'],
    ['go', '9'],
  ])
  t.match(requestOf(all), { method: 'POST', target: '/api/keys?a=1', body: 'h=1&t=2&d=4&r=6&s=7&x=8' })
})

t.test('a form that asks for a page replaces the query of its address', async t => {
  t.match(requestOf(form('<input type="hidden" name="b" value="2 3">', '')), { method: 'GET', target: '/api/keys?b=2+3' })
})

t.test('a file is sent by name alone, unless the form has parts', async t => {
  const file = '<input type="file" name="f">'
  t.match(requestOf(form(file), { f: 'content' }), { body: 'f=file' })
  const parts = String(requestOf(form(file, 'method="post" enctype="multipart/form-data"'), { f: 'content' }).body)
  t.match(parts, /name="f"; filename="file"\r\n.*\r\n\r\ncontent\r\n--/)
})
