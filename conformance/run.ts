/** `npm run conformance -- --driver NAME`: the suite from a checkout. */

import { main } from './cli.ts'

process.exitCode = await main(process.argv.slice(2), 'npm run conformance --')
