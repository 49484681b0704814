/** A harbour to try the driver on: the mock cloud behind the frontend, at http://127.0.0.1:3911/harbour. */

import { startServer } from '../../src/index.ts'
import { frontend } from './frontend.ts'

const server = await startServer({ host: '127.0.0.1', port: Number(process.env.PORT ?? 3911), frontendDefinitions: [frontend] })
console.log(`${server.url}/harbour, for mockuser with the password mockpassword`)
process.on('SIGTERM', () => void server.close())
process.on('SIGINT', () => void server.close())
