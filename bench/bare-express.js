/**
 * The baseline: Express 5 as `express()` makes it, with routes that send a document made beforehand.
 * JavaScript like the program in the package, with the compile cache on as there: `node bare-express.js <file> <type>`.
 */

import { readFileSync } from 'node:fs'
import { enableCompileCache } from 'node:module'

enableCompileCache()
const { default: express } = await import('express')

const [file = '', type = ''] = process.argv.slice(2)
const body = readFileSync(file)
const app = express()
app.get('/api/*path', (_req, res) => {
  res.type(type).send(body)
})
for (const path of ['/api', '/ec2'])
  app.get(path, (_req, res) => {
    res.type(type).send(body)
  })
const server = app.listen(0, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}`)
})
