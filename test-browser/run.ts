/** Runs the browser's scenarios; words given as arguments choose those whose names hold them. */

import t from 'tap'
import { openBrowser, visiting } from './browser.ts'
import { consoleScenarios } from './console.ts'
import { instanceScenarios } from './instances.ts'
import { readingScenarios } from './reading.ts'
import { resourceScenarios } from './resources.ts'

const words = process.argv.slice(2)
const scenarios = [...instanceScenarios, ...resourceScenarios, ...readingScenarios, ...consoleScenarios].filter(({ name }) =>
  words.every(word => name.includes(word)),
)

if (scenarios.length === 0) {
  t.fail(`no scenario has ${words.join(' ')} in its name`)
} else {
  t.setTimeout(600_000)
  const browser = await openBrowser()
  t.teardown(() => browser.close())
  for (const { name, browser: kind = {}, cloud = {}, run } of scenarios) {
    await t.test(name, { timeout: 120_000 }, test => visiting(browser, visit => run(test, visit), kind, cloud))
  }
}
