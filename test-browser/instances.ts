/** An instance from its launch to its end, by buttons and forms. */

import { mainPages, type Scenario } from './scenario.ts'

export const instanceScenarios: readonly Scenario[] = [
  {
    name: 'an instance is launched from an image by its form, boots, is stopped, started and destroyed',
    async run(t, { page, clock, open }) {
      await open('/api')
      await page.getByRole('link', { name: 'Images', exact: true }).click()
      await page.getByRole('button', { name: 'Launch img1' }).click()
      await page.getByLabel('Name', { exact: true }).fill('from the browser')
      await page.getByLabel('Realm').selectOption('eu')
      await page.getByLabel('m1-large').check()
      await page.getByLabel('Memory (MB)').fill('8192')
      await page.getByLabel('Key').selectOption('test-key')
      await page.getByRole('group', { name: 'Firewalls' }).getByLabel('default').check()
      await page.getByText('Files to put on the instance').click()
      await page.getByLabel('Path 1').fill('/etc/motd')
      await page.getByLabel('Content 1').fill('Welcome')
      await page.getByRole('button', { name: 'Launch' }).click()

      const state = page.locator('.heading .state')
      const lookAgain = page.getByRole('link', { name: 'Look again' })
      t.equal(await page.getByRole('heading', { level: 1 }).textContent(), 'from the browser')
      t.equal(await state.textContent(), 'PENDING')
      await lookAgain.click()
      t.equal(await state.textContent(), 'PENDING', 'no time has passed in the cloud')
      t.equal(await page.locator('.machine .current text').textContent(), 'Pending')
      const address = page.url()

      clock.advance(5000)
      await lookAgain.click()
      t.equal(await state.textContent(), 'RUNNING')
      t.equal(await page.locator('.machine .current text').textContent(), 'Running')
      const facts = await page.locator('.facts').innerText()
      for (const fact of ['memory 8192 MB', 'eu', 'test-key', 'default', 'img1']) t.ok(facts.includes(fact), `the page shows ${fact}`)

      await page.getByRole('button', { name: 'Stop' }).click()
      t.equal(await state.textContent(), 'STOPPING')
      t.equal(await page.getByRole('button', { name: 'Start' }).count(), 0, 'nothing is offered that can’t be done now')
      clock.advance(5000)
      await lookAgain.click()
      t.equal(await state.textContent(), 'STOPPED')

      await page.getByRole('button', { name: 'Start' }).click()
      clock.advance(5000)
      await lookAgain.click()
      t.equal(await state.textContent(), 'RUNNING')
      t.equal(page.url(), address)

      await page.getByRole('button', { name: 'Destroy' }).click()
      // A browser goes back to the list; a page can be loaded again only once it's there.
      await page.waitForURL(/\/api\/instances$/)
      clock.advance(10_000)
      await page.reload()
      t.equal(await page.getByText('from the browser').count(), 0)
      t.equal(await open(new URL(address).pathname), 404)
    },
  },
  {
    name: 'several instances are launched at once',
    async run(t, { page, open }) {
      await open('/api/instances/new')
      await page.getByLabel('Image').selectOption('img2')
      await page.getByLabel('Number of instances').fill('3')
      await page.getByRole('button', { name: 'Launch' }).click()
      t.equal(await page.locator('tbody tr').count(), 3)
      t.equal(await page.getByText('3 instances').count(), 1)
    },
  },
  {
    name: 'an instance is launched by keyboard alone',
    async run(t, { page, open }) {
      const focused = (): Promise<string> =>
        page.evaluate(() => {
          const at = document.activeElement
          return at instanceof HTMLInputElement ? at.name : (at?.textContent ?? '').replace(/\s+/g, ' ').trim()
        })
      /** Goes on by Tab until something has the focus; gives up after a page's worth of stops. */
      const tabTo = async (wanted: string): Promise<boolean> => {
        for (let stops = 0; stops < 80; stops++) {
          await page.keyboard.press('Tab')
          if ((await focused()) === wanted) return true
        }
        return false
      }
      await open('/api/images')
      await page.keyboard.press('Tab')
      t.equal(await focused(), 'Skip to the content', 'the first stop leads past the head of the page')
      await page.keyboard.press('Enter')
      t.ok(await tabTo('Launch img1'), 'the button of the image can be reached')
      const outline = await page.evaluate(() => getComputedStyle(document.activeElement ?? document.body).outlineStyle)
      t.equal(outline, 'solid', 'one sees where one is')
      await page.keyboard.press('Enter')
      await page.waitForURL(/instances\/new/)
      t.ok(await tabTo('name'))
      await page.keyboard.type('typed')
      t.ok(await tabTo('hwp_id'))
      await page.keyboard.press('ArrowDown')
      t.ok(await page.getByLabel('m1-small').isChecked(), 'arrows choose the profile')
      t.ok(await tabTo('Launch'), 'the button can be reached')
      await page.keyboard.press('Enter')
      await page.waitForURL(/\/api\/instances$/)
      t.equal(await page.getByRole('heading', { level: 1 }).textContent(), 'typed')
    },
  },
  {
    name: 'everything works without JavaScript',
    browser: { javaScriptEnabled: false },
    async run(t, { page, open, clock }) {
      await open('/api/images')
      await page.getByRole('button', { name: 'Launch img1' }).click()
      await page.getByLabel('Name', { exact: true }).fill('without scripts')
      await page.getByRole('button', { name: 'Launch' }).click()
      clock.advance(5000)
      await page.getByRole('link', { name: 'Look again' }).click()
      t.equal(await page.locator('.heading .state').textContent(), 'RUNNING')
      for (const path of mainPages) t.ok((await open(path)) < 500, `${path} answers`)
    },
  },
  {
    name: 'a command is run, and an image is made of an instance',
    async run(t, { page, open }) {
      await open('/api/instances/inst1')
      await page.getByRole('button', { name: 'Create image' }).click()
      t.match(page.url(), /instance_id=inst1/, 'the page can be come back to')
      await page.getByLabel('Name').fill('mine')
      await page.getByLabel('Description').fill('as it was')
      await page.getByRole('button', { name: 'Create image' }).click()
      t.equal(await page.getByRole('heading', { level: 1 }).textContent(), 'mine')
      await open('/api/instances/inst1')
      await page.getByRole('button', { name: 'Run a command' }).click()
      await page.getByLabel('Command').fill('uptime')
      await page.getByLabel('Password').fill('secret')
      await page.getByRole('button', { name: 'Run' }).click()
      t.match(await page.locator('pre.terminal').textContent(), /^\$ uptime\n +00:00:00 up \d+ days/)
    },
  },
]
