/** Accounts, providers and worlds never see each other; annotations belong to one resource of one of them. */

import fc from 'fast-check'
import t from 'tap'
import { aWhile, connect, failure, only, open, opened } from './support.ts'

t.test('nothing that one account does is seen by another, at any provider, in any world', async t => {
  const places = ['alice@default/default', 'bob@default/default', 'alice@classic/default', 'alice@default/other'] as const
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(fc.constantFrom(...places), fc.nat(5)), { maxLength: 15 }), async acts => {
      const { cloud } = await open()
      const at = (place: string) => {
        const [, user = '', provider, world] = /^(\w+)@(\w+)\/(\w+)$/.exec(place) ?? []
        return connect(cloud, user, provider, world)
      }
      const own = new Map<string, string[]>()
      for (const [place, what] of acts) {
        const there = await at(place)
        const name = `${place} ${what}`
        if (what < 3) await there.instances.create({ imageId: 'img1', overrides: {}, name })
        else if (what === 3) await there.keys.create({ name }).catch(() => undefined)
        else await there.instances.stop('inst0').catch(() => undefined)
        own.set(place, [...(own.get(place) ?? []), what < 4 ? name : ''])
      }
      for (const place of places) {
        const there = await at(place)
        const names = [...(await there.instances.list({})), ...(await there.keys.list({}))].map(one => one.name)
        const made = names.filter(name => name?.includes('@'))
        t.ok(made.every(name => name?.startsWith(`${place} `)))
        t.equal(new Set(made).size, new Set((own.get(place) ?? []).filter(name => name !== '')).size)
      }
      await cloud.close()
    }),
    { numRuns: 15 },
  )
})

t.test('what one account does changes no draw of another', async t => {
  const bootOf = async (busy: boolean) => {
    const { cloud, clock, as } = await open()
    const alice = await as('alice')
    if (busy) {
      const bob = await as('bob')
      for (let i = 0; i < 5; i++) await bob.instances.create({ imageId: 'img1', overrides: {} })
    }
    const key = await alice.keys.create({ name: 'k' })
    const { id } = only(await alice.instances.create({ imageId: 'img1', overrides: {} }))
    const states: (string | undefined)[] = []
    for (let i = 0; i < 20; i++) {
      clock.advance(100)
      states.push((await alice.instances.get(id))?.state)
    }
    await cloud.close()
    return { key, states }
  }
  t.strictSame(await bootOf(true), await bootOf(false))
})

t.test('each account owns what it finds', async t => {
  const { as } = await opened(t)
  for (const user of ['alice', 'bob', 'mockuser']) {
    const cloud = await as(user)
    t.ok((await cloud.instances.list({})).every(instance => instance.ownerId === user))
    t.equal((await cloud.images.get('img3'))?.ownerId, user)
  }
})

t.test('annotations are kept by resource and key, found by value, and gone with the resource', async t => {
  const { clock, as } = await opened(t)
  const { annotations, instances, keys } = await as()
  const ref = (id: string) => ({ collection: 'instances', id }) as const
  await annotations.set(ref('inst1'), { colour: 'red', size: 'large' })
  await annotations.set(ref('inst0'), { colour: 'red' })
  await annotations.set(ref('inst1'), { size: undefined, shape: 'round' })
  t.strictSame(await annotations.get(ref('inst1')), { colour: 'red', shape: 'round' })
  t.strictSame(await annotations.get(ref('inst2')), {})
  t.strictSame(await annotations.find('instances', 'colour', 'red'), ['inst0', 'inst1'])
  t.strictSame(
    [...(await annotations.all('instances'))],
    [
      ['inst0', { colour: 'red' }],
      ['inst1', { colour: 'red', shape: 'round' }],
    ],
  )
  t.equal((await annotations.all('images')).size, 0)
  t.equal((await annotations.all('realms')).size, 0)
  t.equal((await (await as('alice')).annotations.all('instances')).size, 0)
  t.strictSame(await annotations.find('images', 'colour', 'red'), [])
  t.strictSame(await (await as('alice')).annotations.find('instances', 'colour', 'red'), [])
  t.equal(await failure(annotations.set(ref('nosuch'), { a: 'b' })), 'not-found')
  t.equal(await failure(annotations.set({ collection: 'realms', id: 'us' }, { a: 'b' })), 'not-found')
  t.strictSame(await annotations.get({ collection: 'realms', id: 'us' }), {})
  await instances.destroy('inst1')
  clock.advance(aWhile)
  t.strictSame(await annotations.get(ref('inst1')), {})
  await keys.create({ name: 'k' })
  await annotations.set({ collection: 'keys', id: 'k' }, { a: 'b' })
  await keys.destroy('k')
  await keys.create({ name: 'k' })
  t.strictSame(await annotations.get({ collection: 'keys', id: 'k' }), {}, 'one of the same name starts without')
})

t.test('a list in parts is the list', async t => {
  const { instances } = await (await opened(t)).as()
  await instances.create({ imageId: 'img1', overrides: {}, count: 9 })
  for (const limit of [1, 2, 5, 13, 100]) {
    const found: string[] = []
    let after: string | undefined
    do {
      const part = await instances.page({}, { limit, ...(after === undefined ? {} : { after }) })
      t.ok(part.items.length <= limit)
      found.push(...part.items.map(({ id }) => id))
      after = part.next
    } while (after !== undefined)
    t.strictSame(
      found,
      (await instances.list({})).map(({ id }) => id),
    )
  }
})
