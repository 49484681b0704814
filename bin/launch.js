/**
 * Starts a command of this package on a Node that can run it: the one at hand, or else the one that was installed beside the package.
 * An old Node parses this file too, so it keeps to what Node 12 knows.
 */
/* biome-ignore-all lint/style/useNodejsImportProtocol: Node 12 has no node: names */
/* biome-ignore-all lint/complexity/useOptionalChain: nor this */
import { spawn } from 'child_process'
import { existsSync } from 'fs'
import * as nodeModule from 'module'
import { constants } from 'os'
import { dirname, join } from 'path'
import { fileURLToPath, pathToFileURL } from 'url'

const needed = 24
const home = dirname(dirname(fileURLToPath(import.meta.url)))

/**
 * Runs `main()` of a module and exits with the code that it comes back with.
 * @param {string} name the command, for messages
 * @param {string} entry the module, in a checkout or below `dist/` in the package, without its ending
 */
export const launch = (name, entry) => {
  if (Number(process.versions.node.split('.')[0]) >= needed) run(entry)
  else handOver(name)
}

/** Set for a Node that was started by a launcher on an old one. */
const launched = 'DELTACLOUD_LAUNCHED'

const run = entry => {
  if (process.env[launched] !== undefined) endWithLauncher()
  if (nodeModule.enableCompileCache) nodeModule.enableCompileCache()
  const source = join(home, `${entry}.ts`)
  const file = existsSync(source) ? source : join(home, 'dist', `${entry}.js`)
  import(pathToFileURL(file).href)
    .then(command => command.main())
    .then(code => {
      process.exitCode = code
      // What still holds the process, such as a client that keeps its connection, doesn't get to keep it.
      setTimeout(() => process.exit(code), 1000).unref()
    })
}

const handOver = name => {
  const pinned = pinnedNode()
  if (pinned === undefined) {
    console.error(`${name} needs Node ${needed} or newer; this is Node ${process.versions.node}.`)
    console.error(`Install one from https://nodejs.org, or add it to this project: npm install node-${platform()}@${needed}`)
    process.exit(2)
  }
  // The channel closes with this process, however it ends.
  const child = spawn(pinned, process.argv.slice(1), {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: Object.assign({}, process.env, { [launched]: '1' }),
  })
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR2']) process.on(signal, () => child.kill(signal))
  child.on('error', error => {
    console.error(`${name} could not start ${pinned}: ${error.message}`)
    process.exit(2)
  })
  child.on('exit', (code, signal) => process.exit(code === null ? 128 + constants.signals[signal] : code))
}

/** Ends this process when its launcher has gone, as a signal to stop would: who killed the launcher meant the command. */
const endWithLauncher = () => {
  // Not for what this process starts: a daemon outlives it.
  delete process.env[launched]
  const end = () => process.kill(process.pid, 'SIGTERM')
  if (!process.connected) return end()
  process.once('disconnect', end)
  // A command that is done ends by itself.
  process.channel.unref()
}

const platform = () => `${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`

/** The Node of the package `node-<platform>`, looked for as Node looks for packages: in each `node_modules` on the way up. */
const pinnedNode = () => {
  const file = join('node_modules', `node-${platform()}`, 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
  for (let folder = home; ; folder = dirname(folder)) {
    if (existsSync(join(folder, file))) return join(folder, file)
    if (folder === dirname(folder)) return undefined
  }
}
