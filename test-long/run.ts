/** `npm run test:long`: what takes minutes. Words given as arguments choose the files whose names hold them. */

import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'

const words = process.argv.slice(2)
const files = readdirSync(import.meta.dirname)
  .filter(file => file.endsWith('.ts') && file !== 'run.ts' && words.every(word => file.includes(word)))
  .sort()

const failed = files.filter(file => {
  console.log(`# ${file}`)
  return spawnSync(process.execPath, [join(import.meta.dirname, file)], { stdio: 'inherit' }).status !== 0
})
console.log(failed.length === 0 ? `${files.length} passed` : `Failed: ${failed.join(', ')}`)
process.exitCode = failed.length === 0 && files.length > 0 ? 0 : 1
