/** How long an index of 10,000 instances takes in process, in times of one `JSON.stringify` of the same document. */

import { alternate, type Bench, type Figure, timed } from '../bench.ts'
import { apiWith } from '../in-process.ts'

const instances = 10_000
const rounds = 15

export const largeIndex: Bench = {
  name: 'large-index',
  async run() {
    const api = await apiWith(instances)
    try {
      const document: unknown = JSON.parse((await api.get('/api/instances?format=json')).toString())
      const figures: Figure[] = []
      for (const format of ['json', 'xml']) {
        const path = `/api/instances?format=${format}`
        const { ratio, ours, baseline } = await alternate(
          rounds,
          () => timed(1, () => api.get(path)),
          () => timed(1, () => JSON.stringify(document)),
        )
        figures.push({
          what: `index of ${instances.toLocaleString('en')} instances as ${format.toUpperCase()}`,
          value: ratio,
          unit: '×',
          ...(format === 'json' ? { target: { atMost: 3 } } : {}),
          behind: `${ours.toFixed(1)} ms of ${baseline.toFixed(1)} ms, ${((await api.get(path)).length / 2 ** 20).toFixed(1)} MiB`,
        })
      }
      return figures
    } finally {
      await api.close()
    }
  },
}
