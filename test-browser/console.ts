/** The simulator's console: what a person sees of a world, and does to it. */

import { readFile } from 'node:fs/promises'
import type { RunningServer } from '../src/index.ts'
import type { Scenario } from './scenario.ts'

const cloud = { clock: { mode: 'manual', now: Date.UTC(2030, 0, 1) } } as const

const login = `Basic ${Buffer.from('mockuser:mockpassword').toString('base64')}`

/** Launches an instance as a program would; gives the status. */
export const launchBy = async (server: RunningServer, name: string, prefix = ''): Promise<number> => {
  const { status } = await fetch(`${server.url}${prefix}/api/instances`, {
    method: 'POST',
    headers: { Authorization: login, Accept: 'application/json', 'Content-Type': 'application/json' },
    body: JSON.stringify({ image_id: 'img1', name }),
  })
  return status
}

export const consoleScenarios: readonly Scenario[] = [
  {
    name: 'the console shows what happens in the cloud as it happens, and moves its time',
    cloud,
    async run(t, { page, open, server, complaints }) {
      t.equal(await open('/_mock/console'), 200)
      t.equal(await page.getByText('Nobody has used this world yet').count(), 1)
      await page.locator('#console-live', { hasText: 'live' }).waitFor()
      await launchBy(server, 'web')
      const row = page.locator('#resources-live tr', { hasText: 'web' })
      await row.getByText('PENDING').waitFor()
      await page.locator('#events-live tr', { hasText: 'created pending' }).waitFor()

      const time = page.locator('#console-time')
      t.equal(await time.textContent(), '2030-01-01 00:00:00.000', 'time stands still')
      await page.getByRole('button', { name: 'Next event' }).click()
      await row.getByText('RUNNING').waitFor()
      await page.locator('#events-live tr', { hasText: 'pending → running' }).waitFor()

      await page.getByLabel('Advance by').fill('2h')
      await page.getByRole('button', { name: 'Advance' }).click()
      await page.getByText('2030-01-01 02:00:0').first().waitFor()
      await page.getByLabel('Times as fast').fill('3600')
      await page.getByRole('button', { name: 'Set speed' }).click()
      await page.getByText('runs 3600 times as fast').waitFor()
      const shown = await time.textContent()
      await page.waitForFunction(before => document.getElementById('console-time')?.textContent !== before, shown)
      await page.getByRole('button', { name: 'Freeze' }).click()
      await page.getByText('stands still').waitFor()
      t.same(complaints, [])
      await page.context().setOffline(true)
      await page.locator('#console-live', { hasText: 'connection lost' }).waitFor()
      await page.context().setOffline(false)
      await page.locator('#console-live', { hasText: 'live' }).waitFor()
    },
  },
  {
    name: 'a fault rule is added on the console, counts what it hits, and is removed',
    cloud,
    async run(t, { page, open, server }) {
      await open('/_mock/console')
      await page.getByLabel('New rule').fill('operation=instances.create,error=nonsense')
      await page.getByRole('button', { name: 'Add rule' }).click()
      await page.getByRole('status').getByText('must be one of').waitFor()
      t.equal(await page.getByLabel('New rule').inputValue(), 'operation=instances.create,error=nonsense', 'what was written stands')

      await page.getByLabel('New rule').fill('operation=instances.create,error=over-quota')
      await page.getByRole('button', { name: 'Add rule' }).click()
      const rule = page.locator('#faults-live tr', { hasText: 'instances.create: over-quota' })
      await rule.waitFor()
      t.equal(await launchBy(server, 'refused'), 403)
      await rule.locator('td', { hasText: /^1$/ }).waitFor()
      await rule.getByRole('button', { name: 'Remove' }).click()
      await page.getByText('No rule is set').waitFor()
      t.equal(await launchBy(server, 'taken'), 201)

      await page.locator('summary', { hasText: 'capacity-exhausted' }).click()
      await page.getByRole('button', { name: 'Start capacity-exhausted' }).click()
      await page.getByRole('rowheader', { name: 'capacity-exhausted-1' }).waitFor()
      t.equal(await launchBy(server, 'no room'), 503)
      await page.getByRole('button', { name: 'Stop capacity-exhausted' }).click()
      await page.getByText('No rule is set').waitFor()
    },
  },
  {
    name: 'quotas have bars on the console',
    cloud,
    async run(t, { page, open, server }) {
      await launchBy(server, 'web')
      await open('/_mock/console')
      await page.getByLabel('Quota of each account').selectOption('instances')
      await page.getByLabel('At most').fill('5')
      await page.getByRole('button', { name: 'Set quota' }).click()
      const bar = page.locator('meter[max="5"]')
      await bar.waitFor()
      t.equal(await bar.getAttribute('aria-label'), 'instances of mockuser@default')
      t.equal(await bar.getAttribute('value'), '5')
      t.equal(await launchBy(server, 'too much'), 403)
      await page.getByLabel('At most').fill('6')
      await page.getByRole('button', { name: 'Set quota' }).click()
      await page.locator('meter[max="6"]').waitFor()
      t.equal(await launchBy(server, 'more'), 201)
      await page.locator('meter[max="6"][value="6"]').waitFor()
    },
  },
  {
    name: 'worlds are made, copied, emptied and visited on the console',
    cloud,
    async run(t, { page, open, server }) {
      await launchBy(server, 'first')
      await open('/_mock/console')
      await page.getByLabel('New world').fill('empty')
      await page.getByRole('button', { name: 'Create' }).click()
      await page.locator('#worlds-live').getByRole('link', { name: 'empty' }).waitFor()
      await page.getByLabel('Copy of this world').fill('copy')
      await page.getByRole('button', { name: 'Fork' }).click()
      await page.locator('#worlds-live').getByRole('link', { name: 'copy' }).waitFor()
      await page.getByRole('button', { name: 'Reset default' }).click()
      await page.getByText('Nobody has used this world yet').waitFor()
      await page.locator('#worlds-live').getByRole('link', { name: 'copy' }).click()
      t.match(page.url(), /\/_worlds\/copy\/_mock\/console$/)
      t.equal(await page.locator('#resources-live').getByText('first').count(), 1, 'the copy is as it was')
      await page.getByRole('button', { name: 'Next event' }).click()
      await page.locator('#resources-live tr', { hasText: 'first' }).getByText('RUNNING').waitFor()
      await page.locator('#resources-live').getByRole('link').first().click()
      t.match(page.url(), /\/_worlds\/copy\/api\/instances\//, 'links keep to the world')
      t.equal(await page.locator('.heading .state').textContent(), 'RUNNING')
      await open('/_worlds/copy/_mock/console')
      await page.getByRole('button', { name: 'Remove the world empty' }).click()
      await page.locator('#worlds-live').getByRole('link', { name: 'empty' }).waitFor({ state: 'detached' })
    },
  },
  {
    name: 'the log is searched and held on the console',
    cloud,
    async run(t, { page, open, server }) {
      await launchBy(server, 'one')
      await open('/_mock/console')
      await page.getByRole('button', { name: 'Pause' }).click()
      await launchBy(server, 'two')
      await page.getByLabel('Search the log').fill('populated')
      await page.locator('#events-live tbody tr').nth(1).waitFor({ state: 'detached' })
      t.equal(await page.locator('#events-live tbody tr').count(), 1)
      t.match(page.url(), /text=populated/, 'the search can be come back to')
      await page.getByLabel('Search the log').fill('')
      await page.getByRole('button', { name: 'Go on' }).click()
      await page.locator('#events-live tbody tr').nth(2).waitFor()
      await page.reload()
      t.equal(await page.locator('#events-live tbody tr').count(), 3)
    },
  },
  {
    name: 'a snapshot is taken from the console and put back',
    cloud,
    async run(t, { page, open, server }) {
      await launchBy(server, 'kept')
      await open('/_mock/console')
      const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Download' }).click()])
      t.equal(download.suggestedFilename(), 'default.snapshot')
      const content = await readFile(await download.path())
      t.match(content.toString(), /"snapshot":"mock cloud"/)
      await page.getByRole('button', { name: 'Reset default' }).click()
      await page.getByText('Nobody has used this world yet').waitFor()
      await page
        .getByLabel('Snapshot to put in place of this world')
        .setInputFiles({ name: 'default.snapshot', mimeType: 'application/octet-stream', buffer: content })
      await page.getByRole('button', { name: 'Restore' }).click()
      await page.getByRole('status').getByText('as it was in the snapshot').waitFor()
      await page.locator('#resources-live').getByText('kept').waitFor()
    },
  },
  {
    name: 'the console is there without JavaScript',
    cloud,
    browser: { javaScriptEnabled: false },
    async run(t, { page, open, server }) {
      await launchBy(server, 'plain')
      await open('/_mock/console')
      t.equal(await page.locator('#resources-live tr', { hasText: 'plain' }).getByText('PENDING').count(), 1)
      await page.getByRole('button', { name: 'Settle all' }).click()
      t.match(page.url(), /\/_mock\/console$/)
      t.equal(await page.locator('#resources-live tr', { hasText: 'plain' }).getByText('RUNNING').count(), 1)
      await page.getByLabel('New rule').fill('operation=instances.create,error=conflict')
      await page.getByRole('button', { name: 'Add rule' }).click()
      await page.getByRole('button', { name: 'Remove rule-1' }).click()
      t.equal(await page.getByText('No rule is set').count(), 1)
      await page.getByLabel('Search the log').fill('populated')
      await page.getByRole('button', { name: 'Search' }).click()
      t.equal(await page.locator('#events-live tbody tr').count(), 1)
      t.equal(await page.getByRole('button', { name: 'Pause' }).count(), 0, 'nothing is offered that needs the script')
    },
  },
]
