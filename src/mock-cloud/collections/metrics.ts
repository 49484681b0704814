/** Metrics: drawn for an instance, a property and a time, so that a sample is the same whenever it's asked for. */

import type { Instance, Metric, Sample } from '../../model/resources.ts'
import type { InstanceKept } from '../records.ts'
import type { Look, Tenant } from '../tenant.ts'

const properties = [
  'cpuUtilization',
  'diskReadRequestCount',
  'diskReadSector',
  'diskWriteRequestCount',
  'diskWriteSector',
  'nicInputByte',
  'nicInputPacket',
  'nicOutputByte',
  'nicOutputPacket',
] as const

/** Without samples. */
export const list = (tenant: Tenant, filter: { readonly id?: string }): Promise<readonly Metric[]> =>
  tenant.read(async ({ tx }) => {
    const { id } = filter
    const instances = id === undefined ? await tx.list('instances') : [await tx.show('instances', id)]
    return instances.filter(instance => instance !== undefined).map(instance => metric(instance, name => ({ name })))
  })

/** With the latest samples, newest first; only a running instance has any. */
export const get = (tenant: Tenant, id: string): Promise<Metric | undefined> =>
  tenant.read(async look => {
    const record = await look.tx.get('instances', id)
    if (record === undefined) return undefined
    const times = record.shown.state === 'running' ? sampleTimes(look, record.kept) : []
    return metric(record.shown, name => ({ name, values: times.map(time => sample(look, id, name, time)) }))
  })

const metric = (instance: Instance, property: (name: string) => Metric['properties'][number]): Metric => ({
  id: instance.id,
  ...(instance.name === undefined ? {} : { entity: instance.name }),
  properties: properties.map(property),
})

const latest = 6

/** Seconds since 1970 at which samples were taken: whole intervals of the cloud's time. */
const sampleTimes = ({ personality, now }: Look, { metrics, since }: InstanceKept): number[] => {
  const { sampling } = personality
  const every = metrics === true ? sampling.detailed : sampling.every
  const last = Math.floor(now / 1000 / every) * every
  const times = Array.from({ length: latest }, (_, i) => last - i * every)
  return sampling.backfilled ? times : times.filter(time => time * 1000 >= since)
}

const sample = ({ draws }: Look, id: string, name: string, time: number): Sample => {
  const isRatio = name.endsWith('Utilization')
  const low = draws.between(1, 49, 'metrics', id, name, time, 'minimum')
  const high = draws.between(50, 99, 'metrics', id, name, time, 'maximum')
  const values = isRatio
    ? { minimum: low / 100, maximum: high / 100, average: (low + high) / 200 }
    : { minimum: low, maximum: high, average: Math.floor((low + high) / 2) }
  return { ...values, timestamp: time, unit: unitOf(name) }
}

const unitOf = (name: string): string => {
  if (name.endsWith('Utilization')) return 'Percent'
  if (name.includes('Byte')) return 'Bytes'
  return 'Count'
}
