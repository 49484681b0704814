/** Takes the pictures of the README again: `node test-browser/pictures.ts` writes docs/images/. */

import { mkdir, stat } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { openBrowser, type Visit, visiting } from './browser.ts'
import { launchBy } from './console.ts'

const folder = new URL('../docs/images/', import.meta.url)

const shoot = async ({ page }: Visit, name: string, height: number): Promise<void> => {
  const path = fileURLToPath(new URL(`${name}.png`, folder))
  await page.mouse.move(0, 0)
  await page.setViewportSize({ width: 1200, height })
  await page.evaluate(() => scrollTo(0, 0))
  await page.screenshot({ path })
  console.log(`${name}.png: ${Math.round((await stat(path)).size / 1024)} KiB`)
}

/** Launches from an image; the instance stays pending until time passes. */
const launch = async ({ page, open }: Visit, image: string, name: string): Promise<void> => {
  await open(`/api/instances/new?image_id=${image}`)
  await page.getByLabel('Name', { exact: true }).fill(name)
  await page.getByLabel('m1-small').check()
  await page.getByRole('button', { name: 'Launch' }).click()
}

await mkdir(folder, { recursive: true })
const browser = await openBrowser()

await visiting(
  browser,
  async visit => {
    const { page, open, clock } = visit
    await open('/api/instances')
    await open('/api')
    await shoot(visit, 'entry', 980)

    for (const id of ['inst2', 'inst3']) {
      await open(`/api/instances/${id}`)
      await page.getByRole('button', { name: `Stop ${id}` }).click()
      if (id === 'inst2') clock.advance(10_000)
    }
    await launch(visit, 'img2', 'web server')
    await open('/api/instances')
    await shoot(visit, 'instances', 730)

    await open('/api/instances/new?image_id=img1')
    await page.getByLabel('Name', { exact: true }).fill('database')
    await page.getByLabel('Realm').selectOption('eu')
    await page.getByLabel('m1-large').check()
    await page.getByLabel('Memory (MB)').fill('12288')
    await page.evaluate(() => document.activeElement instanceof HTMLElement && document.activeElement.blur())
    await shoot(visit, 'launch', 1010)
  },
  { reducedMotion: 'reduce' },
)

await visiting(
  browser,
  async visit => {
    await visit.open('/api/instances/inst1')
    await shoot(visit, 'instance', 1130)
  },
  { colorScheme: 'dark', reducedMotion: 'reduce' },
)

await visiting(
  browser,
  async visit => {
    const { page, open, server } = visit
    const control = (path: string, body: object) =>
      fetch(`${server.url}/_mock/${path}`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) })
    for (const name of ['web server', 'database']) await launchBy(server, name)
    await control('clock/advance', { by: '5m' })
    await control('worlds', { name: 'checkout-tests' })
    await control('limits/quotas', { instances: 8, storage_volumes: 5 })
    await control('faults', {
      id: 'flaky-launches',
      match: { operation: 'instances.create', every: 3 },
      effect: { error: 'provider-unavailable' },
    })
    for (const name of ['queue', 'cache', 'refused']) await launchBy(server, name)
    await open('/_mock/console')
    await page.evaluate(() => document.querySelector<HTMLElement>('details#fired summary')?.click())
    await shoot(visit, 'console', 1060)
  },
  { reducedMotion: 'reduce' },
  { clock: { mode: 'manual', now: Date.UTC(2030, 0, 1, 9) } },
)

await browser.close()
