/** Metrics: what was measured of instances. */

import type { Metric, Sample } from '../../model/resources.ts'
import { legal } from '../formats/text.ts'
import { type Field, humanise, type Json, text, type View } from '../formats/view.ts'
import { attribute } from '../formats/xml.ts'
import { collection } from './build.ts'

/** A metric's name becomes an element's: what can't stand there becomes an underscore. */
const elementName = (name: string): string => name.replace(/[^A-Za-z0-9_.-]/g, '_').replace(/^(?![A-Za-z_])/, '_')

/** What a page shows of each sample. */
const measures = ['average', 'minimum', 'maximum', 'unit', 'timestamp'] as const

const shown = (sample: Sample | undefined, measure: (typeof measures)[number]): string | number | undefined => {
  const value = sample?.[measure]
  // Seconds since 1970.
  return measure === 'timestamp' && typeof value === 'number' && value < 8.64e12
    ? new Date(value * 1000).toISOString().replace('.000Z', 'Z')
    : value
}

const properties: Field<Metric> = {
  label: 'Properties',
  column: true,
  xml(writer, metric) {
    writer.open('properties')
    for (const { name, values } of metric.properties) {
      writer.open(elementName(name))
      for (const sample of values ?? []) {
        writer.open('sample')
        for (const [key, value] of Object.entries(sample))
          writer.empty('property', `${attribute('name', key)}${attribute('value', String(value))}`)
        writer.close('sample')
      }
      writer.close(elementName(name))
    }
    writer.close('properties')
  },
  json(document, metric) {
    document.properties = metric.properties.map(({ name, values }) => ({
      name: legal(name),
      values:
        values === undefined
          ? null
          : values.map(
              (sample): Json =>
                Object.fromEntries(Object.entries(sample).map(([key, value]) => [key, typeof value === 'string' ? legal(value) : value])),
            ),
    }))
  },
  display: ({ properties: all }) =>
    all.some(({ values }) => values !== undefined && values.length > 0)
      ? {
          head: ['Property', ...measures.map(humanise)],
          rows: all.flatMap(({ name, values = [] }) =>
            (values.length === 0 ? [undefined] : values).map(sample => [name, ...measures.map(key => shown(sample, key))]),
          ),
        }
      : all.map(({ name }) => name),
}

const view: View<Metric> = {
  collection: 'metrics',
  singular: 'metric',
  href: (metric, to) => to.member('metrics', metric.id),
  title: metric => metric.entity || metric.id,
  fields: [text('entity', metric => metric.entity, { column: true, fallback: metric => metric.id }), properties],
}

export const metrics = collection({
  name: 'metrics',
  doc: 'What was measured of an instance; its id is the instance’s.',
  view,
  listing: operations => operations.metrics,
  operations: [],
})
