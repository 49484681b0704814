/** `npm run golden -- [DIR] [--only SUBSTRING] [--verbose] [--strict]`: replays golden captures against classic mock clouds, and tells what differs. */

import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { MalformedCapture } from './har.ts'
import { linesOf, summaryOf, totalsOf, unusedOf } from './report.ts'
import { lists, replayFolder } from './suite.ts'

const usage = 'npm run golden -- [DIR] [--only SUBSTRING] [--verbose] [--strict]'

class Misuse extends Error {}

const options = () => {
  try {
    return parseArgs({
      allowPositionals: true,
      options: { only: { type: 'string' }, verbose: { type: 'boolean', default: false }, strict: { type: 'boolean', default: false } },
    })
  } catch (error) {
    throw new Misuse(error instanceof Error ? error.message : String(error))
  }
}

const main = async (): Promise<number> => {
  const { values, positionals } = options()
  if (positionals.length > 1) throw new Misuse('more than one folder given')
  const shared = resolve(import.meta.dirname, '../../../shared/golden')
  const folder = resolve(positionals[0] ?? shared)
  if (!existsSync(folder)) {
    console.error(positionals.length === 0 ? `Name the folder of the captures: ${usage}` : `There is no folder ${folder}.`)
    return 3
  }
  const { judged, overdue } = await replayFolder(folder, values.only ?? '', (file, ofFile) => {
    for (const line of linesOf(file, ofFile, values.verbose)) console.log(line)
  })
  if (judged.length === 0) {
    console.error('There is no capture to compare.')
    return 3
  }
  const unused = values.only === undefined && (folder === shared || values.strict) ? unusedOf(judged, lists) : []
  for (const line of [...unused, ...overdue]) console.log(line)
  const totals = totalsOf(judged)
  console.log(summaryOf(totals))
  return totals.differ > 0 || overdue.length > 0 || (values.strict && unused.length > 0) ? 1 : 0
}

try {
  process.exitCode = await main()
} catch (error) {
  if (!(error instanceof MalformedCapture || error instanceof Misuse)) throw error
  console.error(error instanceof Misuse ? `${error.message}\n${usage}` : error.message)
  process.exitCode = 2
}
