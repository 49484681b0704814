/** CloudWatch, as far as instances are measured: API version 2010-08-01. */

import type { Metric, Sample } from '../../../model/resources.ts'
import { type Actions, type Asked, group } from './asked.ts'
import { dateOf } from './derived.ts'
import { ApiError } from './errors.ts'
import { pageAt, smallest } from './listing.ts'
import type { Tree } from './writer.ts'

const namespace = 'AWS/EC2'

/** A measure of one thing. */
interface Measure {
  readonly metric: Metric
  readonly name: string
}

const measuresOf = (metrics: readonly Metric[]): readonly Measure[] =>
  metrics.flatMap(metric => metric.properties.map(({ name }) => ({ metric, name })))

const dimension = (metric: Metric): string => metric.entity ?? 'InstanceId'

/** Dimensions that are asked for, by name; a value may be left open. */
const wantedDimensions = ({ parameters }: Asked): readonly (readonly [string, string | undefined])[] =>
  parameters.items('Dimensions').map(one => [one.need('Name'), one.text('Value')] as const)

const fits = ({ metric }: Measure, wanted: readonly (readonly [string, string | undefined])[]): boolean =>
  wanted.every(([name, value]) => name === dimension(metric) && (value === undefined || value === metric.id))

const measureTree = ({ metric, name }: Measure): Tree => ({
  Namespace: namespace,
  MetricName: name,
  Dimensions: [{ Name: dimension(metric), Value: metric.id }],
})

/** What the service calls statistics, and the model's name of each. */
const statistics: Readonly<Record<string, string>> = {
  Average: 'average',
  Minimum: 'minimum',
  Maximum: 'maximum',
  Sum: 'sum',
  SampleCount: 'samples',
}

const pointTree = (sample: Sample, wanted: readonly string[]): Tree => ({
  Timestamp: dateOf(String(sample.timestamp ?? '')),
  Unit: sample.unit === undefined ? undefined : String(sample.unit),
  ...Object.fromEntries(
    wanted.flatMap(name => {
      const value = sample[statistics[name] ?? '']
      return value === undefined ? [] : [[name, value]]
    }),
  ),
})

/** Metrics of one answer, as the service has them. */
const most = 500

export const metricActions: Actions = {
  ListMetrics: {
    about: 'metrics',
    async answer(asked) {
      const { parameters } = asked
      const [space, name] = [parameters.text('Namespace'), parameters.text('MetricName')]
      const wanted = wantedDimensions(asked)
      const found =
        space !== undefined && space !== namespace
          ? []
          : measuresOf(await group(asked, 'metrics').list({})).filter(one => (name === undefined || one.name === name) && fits(one, wanted))
      const { items, next } = pageAt(asked, found, smallest(asked.pageSize, most))
      return { Metrics: items.map(measureTree), NextToken: next }
    },
  },
  GetMetricStatistics: {
    about: 'metrics',
    async answer(asked) {
      const { parameters } = asked
      const name = parameters.need('MetricName')
      const [start, end] = [Date.parse(parameters.need('StartTime')), Date.parse(parameters.need('EndTime'))]
      if (Number.isNaN(start) || Number.isNaN(end)) throw new ApiError('InvalidParameterValue', 'StartTime and EndTime must be dates')
      const [[, id] = ['', undefined]] = wantedDimensions(asked)
      const { list, get } = group(asked, 'metrics')
      const metric = id === undefined ? undefined : get === undefined ? (await list({ id })).find(one => one.id === id) : await get(id)
      const values = metric?.properties.find(property => property.name === name)?.values ?? []
      const wanted = parameters.list('Statistics')
      return {
        Label: name,
        Datapoints: values
          .filter(sample => {
            const time = Date.parse(String(sample.timestamp ?? ''))
            return Number.isNaN(time) || (time >= start && time <= end)
          })
          .map(sample => pointTree(sample, wanted)),
      }
    },
  },
}
