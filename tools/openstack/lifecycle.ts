/** `node tools/openstack/lifecycle.ts`: everything that the driver can do, on a real OpenStack, and an object of 100 MiB. Nothing is left there. */

import { createHash, randomBytes } from 'node:crypto'
import { Client } from './client.ts'
import { place } from './place.ts'
import { scenarios } from './scenarios.ts'

const mebibyte = 2 ** 20

const largeObject = async (client: Client): Promise<void> => {
  const content = randomBytes(100 * mebibyte)
  await client.ask('a bucket', 'POST', '/buckets', { form: { name: 'hundred' }, is: 201 })
  await client.ask('100 MiB in', 'PUT', '/buckets/hundred/large', {
    headers: { 'Content-Type': 'application/octet-stream' },
    body: content,
  })
  const { body } = await client.ask('100 MiB out', 'GET', '/buckets/hundred/large/content')
  const sum = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
  if (sum(body) !== sum(content)) throw new Error('What came out is not what went in')
  await client.ask('away with it', 'DELETE', '/buckets/hundred/large', { is: 204 })
  await client.ask('away with the bucket', 'DELETE', '/buckets/hundred', { is: 204 })
}

const client = await Client.open(place)
try {
  const only = process.argv.slice(2)
  const [image] = await client.all('images')
  const [profile] = await client.all('hardware_profiles')
  const scene = { asking: client, aside: client, image: String(image?.id), profile: String(profile?.id) }
  const all = [...scenarios, { name: 'large-object', title: 'an object of 100 MiB', run: () => largeObject(client) }]
  for (const { name, title, run } of all.filter(one => only.length === 0 || only.includes(one.name))) {
    const begun = Date.now()
    await run(scene)
    console.log(`${name}: ${title} (${((Date.now() - begun) / 1000).toFixed(1)} s)`)
  }
} finally {
  await client.close()
}
