/** Finding one's way: lists, failures, documentation, other clouds, small screens, dark ones. */

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { faintTexts, findings } from './accessibility.ts'
import { mainPages, type Scenario } from './scenario.ts'

const faithful = (name: string, colorScheme: 'light' | 'dark'): Scenario => ({
  name,
  browser: { colorScheme },
  async run(t, { page, open, complaints }) {
    for (const path of mainPages) {
      await open(path)
      for (const details of await page.locator('details').all()) await details.locator('summary').click()
      t.same(await page.evaluate(findings), [], `${path} is usable by everyone`)
      t.same(await page.evaluate(faintTexts), [], `${path} can be read`)
    }
    t.same(complaints, [], 'the browser has nothing to complain of')
  },
})

export const readingScenarios: readonly Scenario[] = [
  faithful('labels, landmarks, headings and names are as they should be, and texts stand out, where it’s light', 'light'),
  faithful('labels, landmarks, headings and names are as they should be, and texts stand out, where it’s dark', 'dark'),
  {
    name: 'no page is wider than a phone',
    browser: { viewport: { width: 360, height: 740 } },
    async run(t, { page, open }) {
      for (const path of mainPages) {
        await open(path)
        for (const details of await page.locator('details').all()) await details.locator('summary').click()
        t.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 360, `${path} fits`)
      }
    },
  },
  {
    name: 'pages are dark where the reader likes it dark',
    async run(t, { page, open }) {
      await open('/api')
      const ground = (): Promise<string> => page.evaluate(() => getComputedStyle(document.body).backgroundColor)
      const light = await ground()
      const picture = await page.screenshot()
      await page.emulateMedia({ colorScheme: 'dark' })
      t.not(await ground(), light)
      t.notOk((await page.screenshot()).equals(picture))
    },
  },
  {
    name: 'a list is filtered, keeps what was asked, and is cleared',
    async run(t, { page, open }) {
      await open('/api/images')
      await page.getByLabel('Architecture').fill('i386')
      await page.getByRole('button', { name: 'Filter' }).click()
      t.equal(await page.locator('caption').textContent(), '2 images match')
      t.equal(await page.locator('tbody tr').count(), 2)
      t.equal(await page.getByLabel('Architecture').inputValue(), 'i386')
      const json = await page.getByRole('link', { name: 'JSON' }).getAttribute('href')
      t.match(json, /architecture=i386.*format=json/, 'programs get the same selection')
      await page.getByRole('link', { name: 'Clear' }).click()
      t.equal(await page.locator('tbody tr').count(), 3)

      await open('/api/instances')
      await page.getByLabel('State').selectOption('STOPPED')
      await page.getByRole('button', { name: 'Filter' }).click()
      t.equal(await page.getByText('No instances match.').count(), 1)
      await page.getByRole('link', { name: 'Show all instances' }).click()
      t.equal(await page.locator('tbody tr').count(), 4)
    },
  },
  {
    name: 'a failure says what happened and where to go',
    async run(t, { page, open }) {
      t.equal(await open('/api/instances/nope'), 404)
      t.equal(await page.title(), '404 - Not Found')
      t.match(await page.getByRole('alert').textContent(), /no instance 'nope'/)
      await page.getByRole('link', { name: 'list of instances' }).click()
      t.equal(await page.getByRole('heading', { level: 1 }).textContent(), 'Instances')
      t.equal(await open('/api;driver=nosuch/instances'), 400)
      t.equal(await page.getByRole('link', { name: 'Begin at the first page' }).count(), 1)
    },
  },
  {
    name: 'who isn’t logged in learns how',
    async run(t, { page, server }) {
      const stranger = await page.context().browser()?.newContext()
      if (stranger === undefined) throw new TypeError('The browser is gone')
      const theirs = await stranger.newPage()
      await theirs.goto(`${server.url}/api`)
      t.equal(await theirs.getByText('mockpassword').count(), 1)
      const refused = await theirs.request.get(`${server.url}/api/instances?format=html`)
      t.equal(refused.status(), 401)
      t.match(await refused.text(), /mockpassword/)
      await stranger.close()
    },
  },
  {
    name: 'another provider is chosen, and links keep to it',
    async run(t, { page, open, server }) {
      await open('/api')
      await page.getByLabel('Provider').selectOption('classic')
      await page.getByRole('button', { name: 'Use this provider' }).click()
      t.equal(page.url(), `${server.url}/api;driver=mock;provider=classic`)
      t.equal(await page.getByRole('link', { name: 'Firewalls' }).count(), 0, 'the classic cloud has none')
      await page.getByRole('link', { name: 'Instances', exact: true }).click()
      await page.getByRole('link', { name: 'inst1', exact: true }).click()
      t.match(page.url(), /;provider=classic\/instances\/inst1$/)
      await page.getByRole('button', { name: 'Stop inst1' }).click()
      t.equal(await page.locator('.heading .state').textContent(), 'STOPPED', 'its instances change at once')
      await page.getByRole('link', { name: /Cloud mock@classic/ }).click()
      await page.getByLabel('Provider').selectOption('default')
      await page.getByRole('button', { name: 'Use this provider' }).click()
      await page.getByRole('link', { name: 'Instances', exact: true }).click()
      t.equal((await page.getByText('RUNNING').count()) > 0, true, 'the other cloud is as it was')
    },
  },
  {
    name: 'the documentation leads from a collection to an operation and its example',
    async run(t, { page, open }) {
      await open('/api/docs')
      await page.getByRole('link', { name: 'Instances', exact: true }).click()
      await page.getByRole('link', { name: 'create', exact: true }).click()
      t.equal(await page.getByText('image_id*').count(), 1)
      t.match(await page.locator('pre.terminal').textContent(), /^curl[\s\S]*image_id=img1/)
    },
  },
  {
    name: 'another site can’t make the browser change anything',
    async run(t, { page, server, open }) {
      await open('/api/instances')
      const target = `${server.url}/api/instances/inst1`
      const evil = createServer((_request, response) => {
        response.setHeader('Content-Type', 'text/html')
        response.end(
          `<form method="post" action="${target}"><input type="hidden" name="_method" value="delete"><button>Win</button></form>`,
        )
      })
      await new Promise<void>(resolve => evil.listen(0, '127.0.0.1', resolve))
      try {
        await page.goto(`http://127.0.0.1:${(evil.address() as AddressInfo).port}/`)
        await page.getByRole('button', { name: 'Win' }).click()
        t.match(await page.title(), /^403 - /)
        t.equal(await open('/api/instances/inst1'), 200)
        t.equal(await page.locator('.heading .state').textContent(), 'RUNNING')
      } finally {
        evil.close()
      }
    },
  },
]
