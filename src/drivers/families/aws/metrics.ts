/** Metrics: what CloudWatch measures of instances, volumes and groups of them. */

import type { Datapoint, Metric as NativeMetric, StandardUnit } from '@aws-sdk/client-cloudwatch'
import type { Metric, Sample } from '../../../model/resources.ts'
import type { Operations } from '../../driver.ts'
import { allPages } from '../../pagers.ts'
import { need } from './native.ts'
import type { Session } from './session.ts'

const namespace = 'AWS/EC2'
/** Milliseconds back to which samples are asked for, and seconds from one to the next. */
const span = 60 * 60_000
const period = 60

/** Units by what a name has in it; the first that fits counts. */
const units: readonly (readonly [RegExp, StandardUnit])[] = [
  [/Bytes/, 'Bytes'],
  [/Ops|Count/, 'Count'],
  [/Utilization/, 'Percent'],
  [/Network/, 'Bytes'],
]

const unitOf = (name: string): StandardUnit => units.find(([part]) => part.test(name))?.[1] ?? 'None'

/** By what is measured: an instance, a volume, a group. */
const grouped = (metrics: readonly NativeMetric[]): readonly Metric[] => {
  const found = new Map<string, { entity: string; names: Set<string> }>()
  for (const metric of metrics) {
    const [dimension] = metric.Dimensions ?? []
    if (dimension === undefined) continue
    const id = need(dimension.Value, 'Dimensions/Value')
    const one = found.get(id) ?? { entity: need(dimension.Name, 'Dimensions/Name'), names: new Set() }
    one.names.add(need(metric.MetricName, 'MetricName'))
    found.set(id, one)
  }
  return [...found].map(([id, { entity, names }]) => ({ id, entity, properties: [...names].map(name => ({ name })) }))
}

export const sampleOf = (point: Datapoint): Sample => ({
  ...(point.Timestamp === undefined ? {} : { timestamp: point.Timestamp.toISOString() }),
  ...(point.Unit === undefined ? {} : { unit: point.Unit }),
  ...(point.Minimum === undefined ? {} : { minimum: point.Minimum }),
  ...(point.Maximum === undefined ? {} : { maximum: point.Maximum }),
  ...(point.Average === undefined ? {} : { average: point.Average }),
})

const list = async (session: Session): Promise<readonly Metric[]> =>
  grouped(
    await allPages('ListMetrics', async token => {
      const answer = await session.cloudwatch(client =>
        client.listMetrics({ Namespace: namespace, ...(token === undefined ? {} : { NextToken: token }) }),
      )
      return { items: answer.Metrics ?? [], next: answer.NextToken }
    }),
  )

export const metrics: NonNullable<Operations<Session>['metrics']> = {
  list,
  async get(session, id) {
    const metric = (await list(session)).find(one => one.id === id)
    if (metric === undefined) return undefined
    const end = session.context.now()
    const properties = await Promise.all(
      metric.properties.map(async ({ name }) => {
        const answer = await session.cloudwatch(client =>
          client.getMetricStatistics({
            Namespace: namespace,
            MetricName: name,
            Dimensions: [{ Name: metric.entity ?? 'InstanceId', Value: id }],
            Statistics: ['Minimum', 'Maximum', 'Average'],
            Period: period,
            StartTime: new Date(end - span),
            EndTime: new Date(end),
            Unit: unitOf(name),
          }),
        )
        const values = (answer.Datapoints ?? []).map(sampleOf)
        return { name, values: values.sort((a, b) => (String(a.timestamp) < String(b.timestamp) ? -1 : 1)) }
      }),
    )
    return { ...metric, properties }
  },
}
