/** User data and forms of several parts are recorded without their contents, and what is recorded plays. */

import { gzipSync } from 'node:zlib'
import t from 'tap'
import { prepareRequest } from '../../../conformance/client.ts'
import { parseHar } from '../../../conformance/replay/har.ts'
import { Player } from '../../../conformance/replay/player.ts'
import { parseScenario } from '../../../conformance/replay/scenario.ts'
import { performSteps } from '../../../conformance/replay/steps.ts'
import { createReplayTransport } from '../../../conformance/replay/transport.ts'
import { startServer } from '../../../src/index.ts'
import { Recorder } from '../../../src/record/recorder.ts'
import { textsOf } from '../../../src/record/save.ts'
import { type Ask, clientAt } from '../../support/server.ts'

const script = '#cloud-config\nwrite_files: [UNIQ-user-data]\n'
const base64 = (text: string | Buffer): string => Buffer.from(text).toString('base64')
const packed = base64(gzipSync(script))
/** What must be in no file: the text, and what stands for it in Base64. */
const planted = ['UNIQ', base64(script), base64(base64(script)), packed]

const boundary = 'a-boundary'
const multipart = (fields: Readonly<Record<string, string>>): Pick<Ask, 'headers' | 'body'> => ({
  headers: { 'Content-Type': `multipart/form-data; boundary=${boundary}` },
  body: `${Object.entries(fields)
    .map(([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`)
    .join('')}--${boundary}--\r\n`,
})
const form = (fields: Readonly<Record<string, string>>): Pick<Ask, 'headers' | 'body'> => ({
  headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
  body: new URLSearchParams(fields).toString(),
})
const json = (fields: Readonly<Record<string, string>>): Pick<Ask, 'json'> => ({ json: fields })

for (const [driver, places] of [
  ['openstack', (url: string) => `${url}/openstack/identity/v3`],
  ['ec2', (url: string) => `ec2=${url}/ec2;s3=${url}/s3;elb=${url}/ec2;cloudwatch=${url}/ec2`],
] as const) {
  t.test(`the driver ${driver} is recorded without user data, and sends what was recorded again`, async t => {
    const cloud = await startServer({ host: '127.0.0.1', port: 0, provider: driver, frontends: ['openstack', 'ec2', 's3'] })
    const recorder = new Recorder()
    const provider = places(cloud.url)
    const server = await startServer({ host: '127.0.0.1', port: 0, driver, provider, recorder })
    const client = clientAt(server.address.port)
    const listed = (collection: string) => client.ask(`/api/${collection}?format=json`)
    const image: string = JSON.parse((await listed('images')).text).images[0].id
    const asked = [
      [form, script],
      [form, base64(script)],
      [form, base64(script).replace(/.{20}/g, '$&\n')],
      [form, packed],
      [multipart, script],
      [multipart, base64(base64(script))],
      [json, base64(script)],
      [json, 'hi'],
    ] as const
    for (const [n, [carry, data]] of asked.entries()) {
      const files = driver === 'openstack' ? { path1: '/etc/a', content1: 'UNIQ-file', password: 'UNIQ-password' } : {}
      const fields = { image_id: image, name: `web-${n}`, user_data: data, ...files }
      const made = await client.ask({ target: '/api/instances?format=json', ...carry(fields) })
      t.equal(made.status, 201, `instance ${n} is made`)
    }
    client.close()
    await server.close(1)
    await cloud.close(1)
    const texts = textsOf(recorder, {
      driver,
      name: 'made',
      title: 'made',
      provider,
      user: 'mockuser',
      kind: 'emulator',
      service: 'none',
      captured: '2026-11-30',
    })
    for (const text of Object.values(texts)) for (const secret of planted) t.notOk(text.includes(secret), `no ${secret.slice(0, 12)}`)
    t.match(texts.scenario, 'name=\\"user_data\\"', 'a form of several parts keeps its names')

    const scenario = parseScenario('made.scenario.json', texts.scenario)
    const player = new Player({ driver, name: 'made', folder: '.', har: parseHar('made.har', texts.har), scenario })
    const replayed = await startServer({ host: '127.0.0.1', port: 0, driver, provider, transport: createReplayTransport(player) })
    const again = clientAt(replayed.address.port)
    const outcomes = await performSteps({ ask: one => again.ask(outgoing(one)) }, scenario, 'json')
    t.same(
      outcomes.flatMap(({ wrong }) => wrong),
      [],
    )
    t.same([player.failures.map(({ message }) => message), player.unused().length], [[], 0])
    again.close()
    await replayed.close(1)
  })
}

/** A scenario's request as it goes out, with its own credentials. */
const outgoing = (request: Parameters<typeof prepareRequest>[0]): Ask => {
  const { method, target, headers, body } = prepareRequest(request, undefined)
  return { method, target, headers: Object.fromEntries(headers), ...(body === undefined ? {} : { body }), login: false }
}
