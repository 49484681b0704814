/** Everything else that one can have: buckets, keys, volumes, firewalls, addresses, load balancers. */

import { readFile } from 'node:fs/promises'
import type { Scenario } from './scenario.ts'

export const resourceScenarios: readonly Scenario[] = [
  {
    name: 'a bucket is made, a blob goes in and comes out as it was',
    async run(t, { page, open }) {
      await open('/api/buckets')
      await page.getByRole('link', { name: 'New bucket' }).click()
      await page.getByLabel('Name').fill('pictures')
      await page.getByRole('button', { name: 'Create bucket' }).click()
      t.match(page.url(), /\/api\/buckets\/pictures$/)

      const content = Buffer.from(Array.from({ length: 70_000 }, (_, i) => (i * 31) % 256))
      await page.getByRole('button', { name: 'Upload a blob' }).click()
      await page.getByLabel('Name', { exact: false }).first().fill('bytes.bin')
      await page.getByLabel('Content').setInputFiles({ name: 'bytes.bin', mimeType: 'application/x-bytes', buffer: content })
      await page.getByLabel('Metadata name 1').fill('author')
      await page.getByLabel('Metadata value 1').fill('me')
      await page.getByRole('button', { name: 'Upload blob' }).click()
      t.equal(await page.getByRole('heading', { level: 1 }).textContent(), 'bytes.bin')
      const facts = await page.locator('.facts').innerText()
      for (const fact of ['70000', 'application/x-bytes', 'author: me']) t.ok(facts.includes(fact), `the page shows ${fact}`)

      const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Download' }).click()])
      t.equal(download.suggestedFilename(), 'bytes.bin')
      t.ok((await readFile(await download.path())).equals(content), 'the bytes are the same')

      await page.getByRole('button', { name: 'Destroy bytes.bin' }).click()
      t.match(page.url(), /\/api\/buckets\/pictures$/, 'from a blob back to its bucket')
      await page.getByRole('button', { name: 'Destroy pictures' }).click()
      t.match(page.url(), /\/api\/buckets$/)
      t.equal(await page.getByRole('link', { name: 'pictures' }).count(), 0)
    },
  },
  {
    name: 'a bucket that is not empty stays, and the page says why',
    async run(t, { page, open }) {
      await open('/api/buckets/bucket1')
      await page.getByRole('button', { name: 'Destroy bucket1' }).click()
      t.match(await page.title(), /^409 - /)
      t.not(await page.getByRole('alert').textContent(), '')
      await page.goBack()
      t.equal(await page.getByRole('heading', { level: 1 }).textContent(), 'bucket1')
    },
  },
  {
    name: 'a new key shows its private half once',
    async run(t, { page, open }) {
      await open('/api/keys')
      await page.getByRole('link', { name: 'New key' }).click()
      t.equal(await page.getByText('Create new SSH key').count(), 1)
      await page.getByLabel('Name').fill('mine')
      await page.getByRole('button', { name: 'Create key' }).click()
      t.match(await page.locator('pre').textContent(), /BEGIN [A-Z ]*PRIVATE KEY/)
      await open('/api/keys/mine')
      t.equal(await page.locator('pre').count(), 0)
    },
  },
  {
    name: 'a form that lacks something isn’t sent',
    async run(t, { page, open }) {
      await open('/api/keys/new')
      await page.getByRole('button', { name: 'Create key' }).click()
      t.match(page.url(), /\/keys\/new$/)
    },
  },
  {
    name: 'a volume is attached and detached, and a snapshot taken of it',
    async run(t, { page, open }) {
      await open('/api/storage_volumes/vol1')
      await page.getByRole('button', { name: 'Attach vol1' }).click()
      await page.getByLabel('Instance').selectOption('inst1')
      t.equal(await page.getByLabel('Device').inputValue(), '/dev/sdc')
      await page.getByRole('button', { name: 'Attach volume' }).click()
      t.match(page.url(), /\/api\/storage_volumes\/vol1$/)
      t.ok((await page.locator('.facts').innerText()).includes('inst1'))
      t.equal(await page.getByRole('button', { name: 'Attach vol1' }).count(), 0)
      await page.getByRole('button', { name: 'Detach vol1' }).click()
      t.notOk((await page.locator('.facts').innerText()).includes('inst1'))
      await page.getByRole('button', { name: 'Take a snapshot' }).click()
      t.equal(await page.getByLabel('Volume').inputValue(), 'vol1')
      await page.getByRole('button', { name: 'Create snapshot' }).click()
      t.ok((await page.locator('.facts').innerText()).includes('vol1'))
    },
  },
  {
    name: 'a rule is added to a firewall and taken away',
    async run(t, { page, open }) {
      await open('/api/firewalls/default')
      await page.getByRole('button', { name: 'Add a rule' }).click()
      await page.getByLabel('Protocol').selectOption('tcp')
      await page.getByLabel('Port from').fill('80')
      await page.getByLabel('IP addresses 1').fill('10.0.0.0/8')
      await page.getByRole('button', { name: 'Add rule' }).click()
      t.match(page.url(), /\/api\/firewalls\/default$/)
      t.match(await page.locator('.facts').innerText(), /tcp 80 10\.0\.0\.0\/8/)
      await page.getByRole('button', { name: 'Destroy rule' }).click()
      t.match(page.url(), /\/api\/firewalls\/default$/)
      t.notMatch(await page.locator('.facts').innerText(), /tcp 80/)
    },
  },
  {
    name: 'an address is acquired, given to an instance, taken back and released',
    async run(t, { page, open }) {
      await open('/api/addresses')
      await page.getByRole('button', { name: 'New address' }).click()
      const address = (await page.getByRole('heading', { level: 1 }).textContent()) ?? ''
      await page.getByRole('button', { name: `Associate ${address}` }).click()
      await page.getByLabel('Instance').selectOption('inst2')
      await page.getByRole('button', { name: 'Associate address' }).click()
      t.ok((await page.locator('.facts').innerText()).includes('inst2'))
      await page.getByRole('button', { name: `Disassociate ${address}` }).click()
      t.ok((await page.locator('.facts').innerText()).includes('Free'))
      await page.getByRole('button', { name: `Destroy ${address}` }).click()
      t.match(page.url(), /\/api\/addresses$/)
      t.equal(await page.getByRole('link', { name: address, exact: true }).count(), 0)
    },
  },
  {
    name: 'a load balancer is made, and instances are registered and taken out',
    async run(t, { page, open }) {
      await open('/api/load_balancers')
      t.equal(await page.getByText('There are no load balancers here.').count(), 1)
      await page.locator('.empty').getByRole('link', { name: 'New load balancer' }).click()
      await page.getByLabel('Name').fill('web')
      await page.getByLabel('Realm').selectOption('us')
      await page.getByLabel('Listener protocol').selectOption('HTTP')
      await page.getByRole('button', { name: 'Create load balancer' }).click()
      t.match(page.url(), /\/api\/load_balancers\/web$/)
      for (const instance of ['inst1', 'inst2']) {
        await page.getByRole('button', { name: 'Register web' }).click()
        await page.getByLabel('Instance', { exact: false }).first().selectOption(instance)
        await page.getByRole('button', { name: 'Register instance' }).click()
      }
      await page.getByRole('button', { name: 'Unregister inst1' }).click()
      const facts = await page.locator('.facts').innerText()
      t.notOk(facts.includes('inst1'))
      t.ok(facts.includes('inst2'))
    },
  },
]
