/** Over HTTP, nobody meets anyone else: each account, at each provider, in each world, is answered as if there were no other. */

import fc from 'fast-check'
import t from 'tap'
import { ManualClock } from '../../src/mock-cloud/clock.ts'
import { type Answer, basic, begin, type Client, overHttp, runs } from '../support/server.ts'
import { type Step, step, Walker } from './steps.ts'

interface Place {
  /** Stands in every name that is given there. */
  readonly mark: string
  readonly user: string
  readonly provider?: string
  /** Of the header, or of the address. */
  readonly world?: { readonly name: string; readonly in: 'header' | 'address' }
}

const places: readonly Place[] = [
  { mark: 'amber', user: 'alice' },
  { mark: 'beige', user: 'bob' },
  { mark: 'coral', user: 'alice', provider: 'classic' },
  { mark: 'denim', user: 'alice', world: { name: 'second', in: 'header' } },
  { mark: 'ebony', user: 'bob', world: { name: 'second', in: 'address' } },
  { mark: 'fawny', user: 'alice', world: { name: 'third', in: 'address' } },
]

/** What all places do before time passes again. */
interface Round {
  readonly steps: readonly (readonly Step[])[]
  readonly pause: number
}

const round = (): fc.Arbitrary<Round> =>
  fc.record({
    steps: fc.tuple(...places.map(() => fc.array(step(), { minLength: 1, maxLength: 4 }))),
    pause: fc.integer({ min: 1, max: 3000 }),
  })

t.setTimeout(0)

t.test('each place is answered, while all others are busy, to the byte as when it is alone', async t => {
  let compared = 0
  await fc.assert(
    fc.asyncProperty(fc.array(round(), { minLength: 3, maxLength: 12 }), async rounds => {
      const together = await visit(places, rounds)
      for (const [i, place] of places.entries()) {
        const [alone = []] = await visit(
          [place],
          rounds.map(({ steps, pause }) => ({ steps: [steps[i] ?? []], pause })),
        )
        for (const [n, answer] of alone.entries()) {
          const beside = together[i]?.[n]
          if (beside === undefined || text(answer) !== text(beside))
            throw new Error(`${place.mark} is answered\n${text(answer)}\nalone, and with others\n${beside && text(beside)}`)
          compared++
        }
        const strangers = places.filter(other => other !== place).map(({ mark }) => mark)
        const told = together[i]?.find(answer => strangers.some(mark => text(answer).includes(mark)))
        if (told !== undefined) throw new Error(`${place.mark} is told of another: ${text(told)}`)
      }
    }),
    runs(6),
  )
  t.ok(compared > 0)
  t.comment(`${compared} answers compared`)
})

/** @returns what each place was answered, and its collections at the end. */
const visit = async (who: readonly Place[], rounds: readonly Round[]): Promise<readonly (readonly Answer[])[]> => {
  const clock = new ManualClock(begin)
  const server = await overHttp({ mock: { clock, seed: 'isolation', accounts: { alice: 'wonderland', bob: 'builder' } } })
  try {
    const clients = who.map(place => ({ client: clientOf(server, place), answers: [] as Answer[] }))
    const walkers = clients.map(({ client }, i) => new Walker(client, who[i]?.mark ?? ''))
    for (const { steps, pause } of rounds) {
      // All at once, and each of them one step after the other.
      await Promise.all(
        clients.map(async ({ answers }, i) => {
          for (const own of steps[i] ?? []) {
            const walker = walkers[i]
            if (walker !== undefined) answers.push(await walker.take(own))
          }
        }),
      )
      clock.advance(pause)
    }
    for (const { client, answers } of clients) {
      for (const collection of ['instances', 'keys', 'storage_volumes', 'buckets', 'networks', 'images'])
        answers.push(await client.ask(`/api/${collection}?format=xml`))
    }
    return clients.map(({ answers }) => answers)
  } finally {
    await server.close()
  }
}

const passwords: Readonly<Record<string, string>> = { alice: 'wonderland', bob: 'builder' }

const clientOf = (server: Client, { user, provider, world }: Place): Client => ({
  ask: asked => {
    const request = typeof asked === 'string' ? { target: asked } : asked
    return server.ask({
      ...request,
      target: world?.in === 'address' ? `/_worlds/${world.name}${request.target}` : request.target,
      login: false,
      headers: {
        Host: 'cloud.test',
        Authorization: basic(user, passwords[user]),
        ...(provider === undefined ? {} : { 'X-Deltacloud-Provider': provider }),
        ...(world?.in === 'header' ? { 'X-Deltacloud-World': world.name } : {}),
        ...request.headers,
      },
    })
  },
})

const text = ({ status, headers, text }: Answer): string => [`${status}`, headers.get('location') ?? '', text].join('\n')
