/** Conversations as people read them, and as they can send them again. */

import t from 'tap'
import { type Answer, type Ask, prepareRequest, Transcript } from '../../conformance/client.ts'

const own = { user: 'alice', password: "o'hara+ 1é" }
const answer: Answer = { status: 200, headers: new Map(), body: Buffer.from(''), text: '' }

const curlOf = (ask: Ask | string): string => {
  const transcript = new Transcript(() => [own.password], own)
  transcript.note(prepareRequest(ask, own), answer)
  return transcript.all()[0]?.curl ?? ''
}

t.test('each request is shown as a command of curl', t => {
  for (const [ask, command] of [
    ['/api/images?format=xml', `curl -i -u "$API_USER:$API_PASSWORD" 'http://HOST:PORT/api/images?format=xml'`],
    [{ target: '/api', login: null }, 'curl -i http://HOST:PORT/api'],
    [{ target: '/api', login: { user: 'bob', password: 'other' } }, 'curl -i -u "$OTHER_USER:$OTHER_PASSWORD" http://HOST:PORT/api'],
    [{ target: '/api/buckets/a/b', method: 'HEAD', login: null }, 'curl -i --head http://HOST:PORT/api/buckets/a/b'],
    [{ target: '/api/keys/k', method: 'DELETE', login: null }, 'curl -i -X DELETE http://HOST:PORT/api/keys/k'],
    [{ target: '/api/instances/i/stop', method: 'POST', login: null }, 'curl -i -X POST http://HOST:PORT/api/instances/i/stop'],
    [{ target: '/api/../a[1]', login: null }, `curl -i -g --path-as-is 'http://HOST:PORT/api/../a[1]'`],
    [
      { target: '/api/keys', form: { name: "it's" }, headers: { Accept: 'text/xml', 'X-Empty': '' }, login: null },
      `curl -i -H 'Content-Type: application/x-www-form-urlencoded' -H 'Accept: text/xml' -H 'X-Empty;' --data-raw 'name=it%27s' http://HOST:PORT/api/keys`,
    ],
    [
      { target: '/api/buckets/a/b', method: 'PUT', body: "it's\n", login: null },
      `curl -i -X PUT -H Content-Type: --data-raw $'it\\'s\\u000a' http://HOST:PORT/api/buckets/a/b`,
    ],
    [
      { target: '/api/buckets/a/b', method: 'PUT', body: Buffer.from([255, 0]), login: null },
      'curl -i -X PUT -H Content-Type: --data-binary @FILE-OF-2-BYTES http://HOST:PORT/api/buckets/a/b',
    ],
  ] as const)
    t.equal(curlOf(ask), command)
  t.end()
})

t.test('no spelling of a password stands in a conversation', t => {
  const { password } = own
  const spellings = [password, encodeURIComponent(password), new URLSearchParams({ x: password }).toString().slice(2)]
  for (const ask of [
    { target: '/api/keys', form: { name: password } },
    { target: '/api/keys', body: password, headers: { 'X-Told': password } },
    { target: `/api/keys?name=${encodeURIComponent(password)}` },
  ]) {
    const transcript = new Transcript(() => [password], own)
    transcript.note(prepareRequest(ask, own), answer)
    const text = JSON.stringify(transcript.all())
    for (const spelling of spellings) t.notOk(text.includes(spelling), spelling)
    t.notMatch(text, /hara/)
    t.match(text, /\*\*\*/)
  }
  t.end()
})
