/** What one instance costs to show where there are a million, in times of what it costs among a thousand. */

import { alternate, type Bench, type Figure, timed } from '../bench.ts'
import { type Api, apiWith } from '../in-process.ts'

const [few, many] = [1000, 1_000_000]
const rounds = 15
/** Requests in a round. */
const requests = 1000

export const manyInstances: Bench = {
  name: 'many-instances',
  async run() {
    const small = await apiWith(few)
    const large = await apiWith(many)
    try {
      const figures: Figure[] = []
      for (const format of ['json', 'xml']) {
        const { ratio, ours, baseline } = await alternate(
          rounds,
          () => showing(large, many, format),
          () => showing(small, few, format),
        )
        figures.push({
          what: `one of ${many.toLocaleString('en')} instances as ${format.toUpperCase()}`,
          value: ratio,
          unit: '×',
          target: { atMost: 1.5 },
          behind: `${(ours * 1000).toFixed(0)} µs of ${(baseline * 1000).toFixed(0)} µs`,
        })
      }
      return figures
    } finally {
      await large.close()
      await small.close()
    }
  },
}

/** Milliseconds for one, from everywhere in the list. */
const showing = (api: Api, instances: number, format: string): Promise<number> => {
  let next = 0
  // A step that shares no factor with the sizes comes to each before it comes to one again.
  return timed(requests, () => {
    next = (next + 7919) % instances
    return api.get(`/api/instances/many${next}?format=${format}`)
  })
}
