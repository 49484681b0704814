/** A real Chromium before a real server, whose cloud's time a test moves. */

import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { type RunningServer, startServer } from '../src/index.ts'
import { ManualClock } from '../src/mock-cloud/clock.ts'
import type { MockCloudOptions } from '../src/mock-cloud/cloud.ts'

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium'

export const openBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })

export interface Visit {
  readonly page: Page
  readonly server: RunningServer
  /** Time of the cloud, where that has no clock of its own. */
  readonly clock: ManualClock
  /** Opens an address of the server; gives the status of the answer. */
  open(path: string): Promise<number>
  /** What the browser complained of: style sheets that didn't come, scripts that were refused. */
  readonly complaints: readonly string[]
}

const credentials = { username: 'mockuser', password: 'mockpassword' }

/** A fresh cloud, and a browser logged in to it. @param cloud what it's like otherwise */
export const visiting = async (
  browser: Browser,
  use: (visit: Visit) => Promise<void>,
  options: BrowserContextOptions = {},
  cloud: MockCloudOptions = {},
): Promise<void> => {
  const clock = new ManualClock(Date.UTC(2030, 0, 1))
  const server = await startServer({ port: 0, mock: { clock, ...cloud } })
  const context = await browser.newContext({ httpCredentials: credentials, viewport: { width: 1200, height: 800 }, ...options })
  try {
    const page = await context.newPage()
    page.setDefaultTimeout(10_000)
    const complaints: string[] = []
    page.on('console', message => {
      // A page that says what went wrong comes with a status that Chromium reports, too.
      if (message.type() === 'error' && !/status of 4\d\d/.test(message.text())) complaints.push(message.text())
    })
    page.on('pageerror', error => complaints.push(error.message))
    await use({
      page,
      server,
      clock,
      complaints,
      async open(path) {
        const response = await page.goto(server.url + path)
        return response?.status() ?? 0
      },
    })
  } finally {
    await context.close()
    await server.close(0)
  }
}
