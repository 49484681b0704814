/** What a server says of its resources, in few words that can be compared: one at a time, and how they fit together. */

import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import type { Answer, Client } from '../support/server.ts'

export type Kind = 'key' | 'bucket' | 'blob' | 'volume' | 'instance'

/** What is known of a resource; that it's gone is a fact too. */
export type Fact = 'gone' | Readonly<Record<string, string | number | null | undefined>>

/** Whether a resource as it was found is as it's known. */
export const fits = (known: Fact, found: Fact): boolean =>
  known === 'gone' || found === 'gone'
    ? known === found
    : Object.entries(known).every(([name, value]) => isDeepStrictEqual(found[name], value))

/** @throws Error for an answer that is neither the resource nor that it isn't there. */
export const observe = async (client: Client, kind: Kind, path: string): Promise<Fact> => {
  const answer = await client.ask(path)
  if (answer.status === 404) return 'gone'
  switch (kind) {
    case 'key':
      return keyFact(answer)
    case 'bucket':
      read(answer, z.object({ bucket }))
      return {}
    case 'blob': {
      const { content_length: length, user_metadata: metadata } = read(answer, z.object({ blob })).blob
      const content = await client.ask(`${path}/content`)
      if (content.status !== 200 || content.body.length !== length) throw new Error(`${path} has ${content.body.length} of ${length} bytes`)
      return { content: digest(content.body), tag: metadata.tag }
    }
    case 'volume': {
      const { name, capacity, instance } = read(answer, z.object({ storage_volume: volume })).storage_volume
      return { name, capacity, on: instance.id }
    }
    case 'instance': {
      const { name, state } = read(answer, z.object({ instance })).instance
      return { name, phase: phase(state) }
    }
  }
}

/** Of the answer to the creation of a key, too. */
export const keyFact = (answer: Answer): Fact => ({ fingerprint: read(answer, z.object({ key })).key.fingerprint })

/** The id of a volume or an instance that was created. */
export const idOf = (answer: Answer): string => {
  const created = read(answer, z.union([z.object({ instance }), z.object({ storage_volume: volume })]))
  return 'instance' in created ? created.instance.id : created.storage_volume.id
}

export const digest = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex')

/** How the documents of an account contradict each other. */
export const contradictions = async (client: Client): Promise<string[]> => {
  const ask = async <T>(target: string, shape: z.ZodType<T>): Promise<T> => read(await client.ask(target), shape)
  const { buckets } = await ask('/api/buckets', z.object({ buckets: z.array(bucket) }))
  const { instances } = await ask('/api/instances', z.object({ instances: z.array(instance) }))
  const { storage_volumes: volumes } = await ask('/api/storage_volumes', z.object({ storage_volumes: z.array(volume) }))
  const wrong: string[] = []
  for (const { id, size, blob_list: blobs } of buckets) {
    if (size !== blobs.length) wrong.push(`bucket ${id} has the size ${size} and ${blobs.length} blobs`)
    for (const { id: name } of blobs) {
      if ((await observe(client, 'blob', `/api/buckets/${id}/${name}`)) === 'gone')
        wrong.push(`bucket ${id} lists the blob ${name}, which isn't there`)
    }
  }
  for (const { id, state, instance } of volumes) {
    if ((state === 'IN-USE') !== (instance.id !== undefined)) wrong.push(`volume ${id} is ${state}, attached to ${instance.id}`)
    const holder = instances.find(one => one.id === instance.id)
    if (instance.id !== undefined && !holder?.storage_volumes.some(one => one.id === id)) {
      wrong.push(`volume ${id} is attached to ${instance.id}, which doesn't know it`)
    }
  }
  for (const { id, storage_volumes: held } of instances) {
    for (const one of held) {
      if (volumes.find(volume => volume.id === one.id)?.instance.id !== id) wrong.push(`instance ${id} holds ${one.id}, which is elsewhere`)
    }
  }
  return wrong
}

/** States that time alone makes of one another are one. */
const phase = (state: string): string => ({ PENDING: 'up', RUNNING: 'up', STOPPING: 'down', STOPPED: 'down' })[state] ?? state

const key = z.object({ id: z.string(), fingerprint: z.string() })
const bucket = z.object({ id: z.string(), size: z.number(), blob_list: z.array(z.object({ id: z.string() })) })
const blob = z.object({ content_length: z.number(), user_metadata: z.record(z.string(), z.string()) })
const volume = z.object({
  id: z.string(),
  name: z.string().nullable(),
  capacity: z.number(),
  state: z.string(),
  instance: z.object({ id: z.string().optional() }),
})
const instance = z.object({ id: z.string(), name: z.string(), state: z.string(), storage_volumes: z.array(z.object({ id: z.string() })) })

const read = <T>(answer: Answer, shape: z.ZodType<T>): T => {
  const parsed = answer.status < 300 ? shape.safeParse(JSON.parse(answer.text)) : undefined
  if (parsed?.success) return parsed.data
  throw new Error(`unexpected answer ${answer.status}: ${answer.text}\n${parsed?.error ?? ''}`)
}
