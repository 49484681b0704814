/** Cinder as its clients see it: volumes and snapshots, where they're attached, and what is refused. */

import t from 'tap'
import { at, Client, listAt, start } from './support.ts'

const server = await start()
t.teardown(() => server.close(0))
const client = await Client.open(server.url)

const make = async (volume: object): Promise<string> => {
  const { status, body, text } = await client.volume('/volumes', 'POST', { body: { volume } })
  if (status !== 202) throw new Error(`It's answered with ${status}: ${text}`)
  return String(at(body, 'volume', 'id'))
}

const until = (kind: string, id: string, status: string) =>
  client.until(`/volume/v3/${client.project}/${kind}s/${id}`, body => at(body, kind, 'status') === status)

t.test('a volume is made, described, attached, detached and destroyed', async t => {
  const id = await make({ size: 3, name: 'disk', description: 'of a test', metadata: { colour: 'blue' } })
  const { volume } = await until('volume', id, 'available')
  t.match(volume, { name: 'disk', description: 'of a test', size: 3, attachments: [], bootable: 'false', metadata: { colour: 'blue' } })
  const image = at(listAt((await client.must(200, '/image/v2/images')).body, 'images')[0], 'id')
  const launched = await client.must(202, '/compute/v2.1/servers', 'POST', {
    body: { server: { name: 'has', imageRef: image, flavorRef: '1' } },
  })
  const owner = String(at(launched.body, 'server', 'id'))
  await client.until(`/compute/v2.1/servers/${owner}`, body => at(body, 'server', 'status') === 'ACTIVE')
  const attachments = `/compute/v2.1/servers/${owner}/os-volume_attachments`
  t.match((await client.must(200, attachments, 'POST', { body: { volumeAttachment: { volumeId: id, device: '/dev/vdc' } } })).body, {
    volumeAttachment: { id, volumeId: id, serverId: owner, device: '/dev/vdc' },
  })
  const inUse = await until('volume', id, 'in-use')
  t.match(at(inUse, 'volume', 'attachments', 0), { server_id: owner, device: '/dev/vdc' })
  t.match((await client.must(200, attachments)).body, { volumeAttachments: [{ volumeId: id }] })
  const refused = await client.volume(`/volumes/${id}`, 'DELETE')
  t.match(refused, { status: 400, body: { badRequest: { message: /^Invalid volume: / } } })
  t.equal((await client.ask(attachments, 'POST', { body: { volumeAttachment: { volumeId: 'none' } } })).status, 404)
  t.equal((await client.ask(`${attachments}/none`, 'DELETE')).status, 404)
  t.equal((await client.ask(`${attachments}/${id}`, 'DELETE')).status, 202)
  await until('volume', id, 'available')
  t.equal((await client.volume(`/volumes/${id}`, 'DELETE')).status, 202)
  t.match(await client.volume(`/volumes/${id}`), { status: 404, body: { itemNotFound: { message: `Volume ${id} could not be found.` } } })
})

t.test('a snapshot is of a volume, and makes others', async t => {
  const id = await make({ size: 2 })
  await until('volume', id, 'available')
  const made = await client.volume('/snapshots', 'POST', { body: { snapshot: { volume_id: id, name: 'point' } } })
  const snapshot = String(at(made.body, 'snapshot', 'id'))
  t.match((await until('snapshot', snapshot, 'available')).snapshot, { name: 'point', volume_id: id, size: 2 })
  const image = at(listAt((await client.must(200, '/image/v2/images')).body, 'images')[0], 'id')
  const launched = await client.must(202, '/compute/v2.1/servers', 'POST', {
    body: { server: { name: 'has', imageRef: image, flavorRef: '1' } },
  })
  const owner = String(at(launched.body, 'server', 'id'))
  await client.until(`/compute/v2.1/servers/${owner}`, body => at(body, 'server', 'status') === 'ACTIVE')
  await client.must(200, `/compute/v2.1/servers/${owner}/os-volume_attachments`, 'POST', { body: { volumeAttachment: { volumeId: id } } })
  t.match(await client.volume('/snapshots', 'POST', { body: { snapshot: { volume_id: id } } }), {
    status: 400,
    body: { badRequest: { message: /in-use|attaching/ } },
  })
  const copy = await make({ snapshot_id: snapshot })
  t.equal(at((await client.volume(`/volumes/${copy}`)).body, 'volume', 'size'), 2)
  t.equal((await client.volume('/snapshots', 'POST', { body: { snapshot: { volume_id: 'none' } } })).status, 404)
  t.equal((await client.volume(`/snapshots/${snapshot}`, 'DELETE')).status, 202)
  t.equal((await client.volume(`/snapshots/${snapshot}`)).status, 404)
})

t.test('metadata are set and taken back, lists filtered and paged', async t => {
  const id = await make({ size: 1, name: 'named' })
  t.same((await client.volume(`/volumes/${id}/metadata`, 'POST', { body: { metadata: { a: '1' } } })).body, { metadata: { a: '1' } })
  t.equal((await client.volume(`/volumes/${id}/metadata/a`, 'DELETE')).status, 200)
  t.equal((await client.volume(`/volumes/${id}/metadata/a`, 'DELETE')).status, 404)
  t.same(
    listAt((await client.volume('/volumes/detail?name=named')).body, 'volumes').map(one => at(one, 'id')),
    [id],
  )
  const { body } = await client.volume('/volumes?limit=1')
  t.equal(listAt(body, 'volumes').length, 1)
  t.match(listAt(body, 'volumes_links'), [{ rel: 'next', href: new RegExp(`/volume/v3/${client.project}/volumes\\?limit=1&marker=`) }])
})

t.test('what can’t be is refused in Cinder’s words', async t => {
  for (const [status, body] of [
    [400, { volume: { size: 0 } }],
    [400, { volume: { size: 'large' } }],
    [400, { volume: { size: 1, availability_zone: 'nowhere' } }],
    [400, {}],
    [501, { volume: { size: 1, imageRef: 'x' } }],
  ] as const)
    t.match(await client.volume('/volumes', 'POST', { body }), {
      status,
      body: { [status === 400 ? 'badRequest' : 'notImplemented']: { code: status } },
    })
  t.equal((await client.volume('/types/none')).status, 404)
  t.equal(listAt((await client.volume('/types')).body, 'volume_types').length, 1)
})
