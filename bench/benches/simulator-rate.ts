/** How fast the simulator is in its own process, without HTTP: looks and creations, beside a bare `Map` of objects that keeps no promises. */

import { createMockCloud } from '../../src/mock.ts'
import { alternate, type Bench, type Figure, timed } from '../bench.ts'

const rounds = 9
const looks = 2000
const creations = 500
/** How many times as often the Map is asked, so that its time can be told at all. */
const more = 20

export const simulatorRate: Bench = {
  name: 'simulator-rate',
  async run() {
    await using mock = await createMockCloud()
    const cloud = await mock.as()
    const map = new Map((await cloud.instances.list({})).map(instance => [instance.id, instance]))
    const bare = { get: async (id: string) => structuredClone(map.get(id)) }
    const figures: Figure[] = []
    const looking = await alternate(
      rounds,
      () => timed(looks, () => cloud.instances.get('inst1')),
      () => timed(looks * more, () => bare.get('inst1')),
    )
    figures.push(figure('one instance in process', looking, 20_000))
    let made = 0
    const plain = new Map<string, object>()
    const creating = await alternate(
      rounds,
      () => timed(creations, () => cloud.keys.create({ name: `key-${made++}`, publicKey })),
      () =>
        timed(creations * more, async () => {
          const key = { id: `key-${made++}`, publicKey }
          plain.set(key.id, structuredClone(key))
        }),
    )
    figures.push(figure('a key made in process', creating, 5000))
    const launching = await alternate(
      rounds,
      () => timed(creations, () => cloud.instances.create({ imageId: 'img1' })),
      () =>
        timed(creations * more, async () => {
          const instance = { ...map.get('inst1'), id: `inst-${made++}` }
          plain.set(instance.id, structuredClone(instance))
        }),
    )
    figures.push(figure('an instance launched in process', launching, 5000))
    return figures
  },
}

const publicKey = `ssh-rsa ${Buffer.alloc(128, 7).toString('base64')} bench`

/** @param wanted calls per second that would be good: they depend on the machine, so nothing is promised. */
const figure = (what: string, { ratio, ours, baseline }: Awaited<ReturnType<typeof alternate>>, wanted: number): Figure => ({
  what,
  value: ratio,
  unit: '×',
  behind: `${rate(ours)}/s (${wanted} wanted), a Map ${rate(baseline)}/s`,
})

const rate = (milliseconds: number): string => Math.round(1000 / milliseconds).toLocaleString('en')
