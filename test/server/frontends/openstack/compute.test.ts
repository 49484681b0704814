/** Nova and Glance as their clients see them: a life of everything, native states, pages and filters, and refusals in their own words. */

import t from 'tap'
import { nativeState } from '../../../../src/server/frontends/openstack/servers.ts'
import { at, Client, listAt, start } from './support.ts'

const server = await start()
t.teardown(() => server.close(0))
const client = await Client.open(server.url)
const nova = (path: string, method = 'GET', body?: object) => client.ask(`/compute/v2.1${path}`, method, body === undefined ? {} : { body })

const cirros = String(at(listAt((await client.must(200, '/image/v2/images?name=cirros-0.6.2-x86_64-disk')).body, 'images')[0], 'id'))

const launch = async (name: string, more: object = {}): Promise<string> => {
  const { status, body, text } = await nova('/servers', 'POST', { server: { name, imageRef: cirros, flavorRef: '1', ...more } })
  if (status !== 202) throw new Error(`The launch is answered with ${status}: ${text}`)
  return String(at(body, 'server', 'id'))
}

const until = (id: string, status: string) =>
  client.until(
    `/compute/v2.1/servers/${id}`,
    body => at(body, 'server', 'status') === status && at(body, 'server', 'OS-EXT-STS:task_state') === null,
  )

const act = async (id: string, action: object): Promise<number> => (await nova(`/servers/${id}/action`, 'POST', action)).status

t.test('a state and what is being done are a status and a task', async t => {
  const expected: readonly (readonly [Parameters<typeof nativeState>[0], string, string | null])[] = [
    [{ state: 'start' }, 'BUILD', 'spawning'],
    [{ state: 'pending', doing: 'create' }, 'BUILD', 'spawning'],
    [{ state: 'pending', doing: 'start' }, 'SHUTOFF', 'powering-on'],
    [{ state: 'running' }, 'ACTIVE', null],
    [{ state: 'running', doing: 'reboot' }, 'HARD_REBOOT', 'reboot_started_hard'],
    [{ state: 'stopping', doing: 'stop' }, 'ACTIVE', 'powering-off'],
    [{ state: 'stopping', doing: 'destroy' }, 'ACTIVE', 'deleting'],
    [{ state: 'stopped' }, 'SHUTOFF', null],
    [{ state: 'error' }, 'ERROR', null],
    [{ state: 'finish' }, 'DELETED', null],
    [{ state: 'unknown' }, 'UNKNOWN', null],
  ]
  for (const [instance, status, task] of expected) t.match(nativeState(instance), { status, task }, JSON.stringify(instance))
})

t.test('a server lives from its launch to its end', async t => {
  const id = await launch('one', { metadata: { colour: 'blue' }, user_data: 'I2Nsb3Vk', min_count: 1 })
  t.match(id, /^[0-9a-f-]{36}$/)
  const { server: shown } = await until(id, 'ACTIVE')
  t.match(shown, {
    name: 'one',
    flavor: { id: '1' },
    image: { id: cirros },
    metadata: { colour: 'blue' },
    security_groups: [{ name: 'default' }],
  })
  t.match(at(shown, 'addresses', 'private', 0), { version: 4, 'OS-EXT-IPS:type': 'fixed' })
  t.equal(await act(id, { 'os-stop': null }), 202)
  await until(id, 'SHUTOFF')
  t.equal(await act(id, { 'os-start': null }), 202)
  await until(id, 'ACTIVE')
  t.equal(await act(id, { reboot: { type: 'SOFT' } }), 202)
  await until(id, 'ACTIVE')
  t.equal((await nova(`/servers/${id}`, 'DELETE')).status, 204)
  for (let tries = 0; tries < 300 && (await nova(`/servers/${id}`)).status !== 404; tries++)
    await new Promise(resolve => setTimeout(resolve, 10))
  t.match(await nova(`/servers/${id}`), {
    status: 404,
    body: { itemNotFound: { code: 404, message: `Instance ${id} could not be found.` } },
  })
})

t.test('a refusal is one of Nova’s', async t => {
  const id = await launch('refused')
  await until(id, 'ACTIVE')
  t.match((await nova(`/servers/${id}/action`, 'POST', { 'os-start': null })).body, {
    conflictingRequest: { code: 409, message: `Cannot 'start' instance ${id} while it is in vm_state active` },
  })
  const refusals: readonly (readonly [number, string, string, string, object?])[] = [
    [404, 'itemNotFound', '/servers/none', 'GET'],
    [404, 'itemNotFound', '/servers/none', 'DELETE'],
    [404, 'itemNotFound', '/servers/none/action', 'POST', { 'os-stop': null }],
    [404, 'itemNotFound', '/flavors/none', 'GET'],
    [404, 'itemNotFound', '/os-keypairs/none', 'DELETE'],
    [404, 'itemNotFound', '/nothing/here', 'GET'],
    [405, 'badMethod', '/servers/detail', 'PATCH'],
    [400, 'badRequest', '/servers', 'POST', { server: { name: 'x', flavorRef: '1' } }],
    [400, 'badRequest', '/servers', 'POST', { server: { name: '', imageRef: cirros, flavorRef: '1' } }],
    [400, 'badRequest', '/servers', 'POST', { server: { name: 'x', imageRef: 'none', flavorRef: '1' } }],
    [400, 'badRequest', '/servers', 'POST', { server: { name: 'x', imageRef: cirros, flavorRef: 'none' } }],
    [400, 'badRequest', '/servers', 'POST', { server: { name: 'x', imageRef: cirros, flavorRef: '1', networks: [{ uuid: 'none' }] } }],
    [400, 'badRequest', '/servers', 'POST', { server: { name: 'x', imageRef: cirros, flavorRef: '1', max_count: 0 } }],
    [400, 'badRequest', '/servers', 'POST', { server: { name: 7.5, imageRef: [], flavorRef: '1' } }],
    [
      501,
      'notImplemented',
      '/servers',
      'POST',
      { server: { name: 'x', imageRef: cirros, flavorRef: '1', block_device_mapping_v2: [{ source_type: 'volume' }] } },
    ],
    [501, 'notImplemented', `/servers/${id}/action`, 'POST', { pause: null }],
    [400, 'badRequest', `/servers/${id}/action`, 'POST', { reboot: { type: 'GENTLE' } }],
    [400, 'badRequest', `/servers/${id}/action`, 'POST', {}],
    [400, 'badRequest', '/servers?marker=none', 'GET'],
    [400, 'badRequest', '/servers?limit=-1', 'GET'],
    [409, 'conflictingRequest', '/os-keypairs', 'POST', { keypair: { name: 'twice' } }],
  ]
  await nova('/os-keypairs', 'POST', { keypair: { name: 'twice' } })
  for (const [status, fault, path, method, body] of refusals) {
    const answer = await nova(path, method, body)
    t.equal(answer.status, status, `${method} ${path} ${JSON.stringify(body)}: ${answer.text}`)
    t.match(answer.body, { [fault]: { code: status } })
    t.match(answer.headers.get('x-openstack-request-id'), /^req-[0-9a-f-]{36}$/)
  }
  await nova(`/servers/${id}`, 'DELETE')
})

t.test('more than the quota is refused with a word of it', async t => {
  const crowd = await Client.open(server.url, 'mockuser', 'mockpassword', 'crowd')
  const body = { server: { name: 'many', imageRef: cirros, flavorRef: '1', max_count: 11 } }
  t.match(await crowd.ask('/compute/v2.1/servers', 'POST', { body }), { status: 403, body: { forbidden: { message: /quota/i } } })
  t.same((await crowd.must(200, '/compute/v2.1/servers')).body, { servers: [] })
})

t.test('a list comes in pages, each of which says where the next is', async t => {
  const own = await Client.open(server.url, 'mockuser', 'mockpassword', 'pages')
  const made = await own.must(202, '/compute/v2.1/servers', 'POST', {
    body: { server: { name: 'page', imageRef: cirros, flavorRef: '1', min_count: 5 } },
  })
  t.ok(at(made.body, 'server', 'id'))
  const whole = listAt((await own.must(200, '/compute/v2.1/servers')).body, 'servers').map(one => at(one, 'id'))
  t.equal(whole.length, 5)
  const found: unknown[] = []
  for (let path: string | undefined = '/compute/v2.1/servers/detail?limit=2'; path !== undefined; ) {
    const { body } = await own.must(200, path)
    found.push(...listAt(body, 'servers').map(one => at(one, 'id')))
    const next = at(listAt(body, 'servers_links')[0], 'href')
    path = typeof next === 'string' ? next.slice(own.base.length) : undefined
  }
  t.same(found, whole)
  const images: unknown[] = []
  for (let path: string | undefined = '/v2/images?limit=1'; path !== undefined; ) {
    const { body } = await own.must(200, `/image${path}`)
    images.push(...listAt(body, 'images').map(one => at(one, 'name')))
    path = typeof body.next === 'string' ? body.next : undefined
  }
  t.equal(new Set(images).size, 4)
})

t.test('lists are filtered by name, status, image and flavor', async t => {
  const [first, second] = [await launch('filtered-a'), await launch('filtered-b', { flavorRef: '2' })]
  await until(first, 'ACTIVE')
  await until(second, 'ACTIVE')
  const ids = async (query: string) => listAt((await nova(`/servers/detail?${query}`)).body, 'servers').map(one => at(one, 'id'))
  t.same((await ids('name=filtered')).toSorted(), [first, second].toSorted())
  t.same(await ids('name=^filtered-a$'), [first])
  t.same(await ids('flavor=2'), [second])
  t.same(await ids('status=SHUTOFF&name=filtered'), [])
  t.equal((await ids(`image=${cirros}&name=filtered`)).length, 2)
  t.same(await ids('deleted=true'), [])
  t.same(await ids('availability_zone=elsewhere'), [])
  t.equal((await ids('availability_zone=default&name=filtered')).length, 2)
  const names = listAt((await nova('/servers?sort_key=name&sort_dir=desc&name=filtered')).body, 'servers').map(one => at(one, 'name'))
  t.same(names, ['filtered-b', 'filtered-a'])
  for (const id of [first, second]) await nova(`/servers/${id}`, 'DELETE')
})

t.test('metadata are set, added to, replaced and taken back', async t => {
  const id = await launch('metadata', { metadata: { a: '1' } })
  const path = `/servers/${id}/metadata`
  t.same((await nova(path, 'POST', { metadata: { b: '2' } })).body, { metadata: { a: '1', b: '2' } })
  t.equal((await nova(`${path}/a`, 'DELETE')).status, 204)
  t.equal((await nova(`${path}/a`, 'DELETE')).status, 404)
  t.same((await nova(path, 'PUT', { metadata: { c: '3' } })).body, { metadata: { c: '3' } })
  t.equal((await nova(path, 'POST', { metadata: { long: 'x'.repeat(300) } })).status, 400)
  const before = listAt((await nova('/servers')).body, 'servers').length
  const refused = { name: 'none', imageRef: cirros, flavorRef: '1', metadata: { long: 'x'.repeat(300) } }
  t.equal((await nova('/servers', 'POST', { server: refused })).status, 400)
  t.equal(listAt((await nova('/servers')).body, 'servers').length, before, 'nothing was made')
  await nova(`/servers/${id}`, 'DELETE')
})

t.test('a pair of keys is made with its private half, or imported with its public one', async t => {
  t.match((await nova('/os-keypairs', 'POST', { keypair: { name: 'made' } })).body, { keypair: { private_key: /PRIVATE KEY/ } })
  t.equal(at((await nova('/os-keypairs/made')).body, 'keypair', 'private_key'), undefined)
  const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJdD7y3aLq454yWBdwLWbieU1ebz9/cu7/QEXn9OIeZJ somebody'
  await nova('/os-keypairs', 'POST', { keypair: { name: 'imported', public_key: key } })
  t.equal(at((await nova('/os-keypairs/imported')).body, 'keypair', 'public_key'), key)
  t.equal((await nova('/os-keypairs', 'POST', { keypair: { name: 'bad', public_key: 'none' } })).status, 400)
  t.equal((await nova('/os-keypairs/made', 'DELETE')).status, 202)
})

t.test('an image is made of a server, told by Glance and by Nova’s proxy, and destroyed by its owner only', async t => {
  const id = await launch('pictured')
  await until(id, 'ACTIVE')
  const made = await nova(`/servers/${id}/action`, 'POST', { createImage: { name: 'picture' } })
  const image = made.headers.get('location')?.split('/').at(-1) ?? ''
  await client.until(`/image/v2/images/${image}`, body => body.status === 'active')
  t.match((await client.must(200, `/image/v2/images/${image}`)).body, { name: 'picture', owner: client.project, visibility: 'private' })
  t.match((await nova(`/images/${image}`)).body, { image: { name: 'picture', status: 'ACTIVE' } })
  t.equal((await client.ask(`/image/v2/images/${image}`, 'DELETE')).status, 204)
  const gone = await client.ask(`/image/v2/images/${image}`)
  t.equal(gone.status, 404)
  t.match(gone.text, /<title>404 Not Found<\/title>/)
  t.equal((await client.ask(`/image/v2/images/${cirros}`, 'DELETE')).status, 403)
  t.equal((await client.ask('/image/v2/images', 'POST', { body: { name: 'upload' } })).status, 501)
  await nova(`/servers/${id}`, 'DELETE')
})
