/**
 * Runs the sessions of clients that nobody here wrote, each against a mock cloud of its own. A session is `NAME.session.sh`, `.py` or `.ts`;
 * lines at its beginning say what it needs: `# needs: aws s3cmd`, `# frontends: s3`, `# provider: ec2`, `# time-scale: 60`. It finds the server in SERVER,
 * credentials in USER_NAME and PASSWORD, and a folder of its own in WORK. What it exits with decides.
 *
 * node test/clients/run.ts [--all] [names…]: with --all a client that isn't installed is a failure.
 */

import { spawn, spawnSync } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startServer } from '../../src/index.ts'

const programs: Readonly<Record<string, readonly string[]>> = { sh: ['sh', '-eu'], py: ['python3'], ts: [process.execPath] }

/** Seconds that a session may take. */
const longest = 600

interface Session {
  readonly name: string
  readonly file: string
  readonly program: readonly string[]
  readonly needs: readonly string[]
  readonly frontends: readonly string[]
  readonly provider: string | undefined
  /** How fast the cloud's clock runs. */
  readonly scale: number
}

const folder = new URL('.', import.meta.url).pathname

const sessions = async (wanted: readonly string[]): Promise<Session[]> => {
  const found: Session[] = []
  for (const file of (await readdir(folder)).sort()) {
    const [, name, type = ''] = /^(.+)\.session\.(sh|py|ts)$/.exec(file) ?? []
    const program = programs[type]
    if (name === undefined || program === undefined || (wanted.length > 0 && !wanted.includes(name))) continue
    const text = await readFile(join(folder, file), 'utf8')
    const line = (key: string): string[] =>
      (new RegExp(`^(?:#|//) ${key}: *(.+)$`, 'm').exec(text)?.[1] ?? '').split(/[ ,]+/).filter(one => one !== '')
    found.push({
      name,
      file,
      program,
      needs: line('needs'),
      frontends: line('frontends'),
      provider: line('provider')[0],
      scale: Number(line('time-scale')[0] ?? 1),
    })
  }
  return found
}

/** A command, or a module of Python: `python3:boto3`. */
const isInstalled = (need: string): boolean => {
  const [, module] = /^python3:(\w+)$/.exec(need) ?? []
  const [command, args] = module === undefined ? [need, ['--version']] : ['python3', ['-c', `import ${module}`]]
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0
}

const run = async (session: Session): Promise<{ readonly code: number | null; readonly output: string }> => {
  const server = await startServer({
    host: '127.0.0.1',
    port: 0,
    frontends: session.frontends,
    ...(session.provider === undefined ? {} : { provider: session.provider }),
    ...(session.scale === 1 ? {} : { mock: { clock: { mode: 'scaled', scale: session.scale } } }),
  })
  const work = await mkdtemp(join(tmpdir(), 'deltacloud-client-'))
  try {
    const [command = '', ...args] = session.program
    const child = spawn(command, [...args, join(folder, session.file)], {
      cwd: work,
      env: {
        ...process.env,
        SERVER: `http://127.0.0.1:${server.address.port}`,
        USER_NAME: 'mockuser',
        PASSWORD: 'mockpassword',
        WORK: work,
        HOME: work,
        AWS_EC2_METADATA_DISABLED: 'true',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: longest * 1000,
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece: Buffer) => (output += String(piece)))
    const code = await new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve))
    return { code, output }
  } finally {
    await server.close(0)
    await rm(work, { recursive: true, force: true })
  }
}

const args = process.argv.slice(2)
const all = args.includes('--all')
const chosen = await sessions(args.filter(one => !one.startsWith('--')))
if (chosen.length === 0) throw new Error('There is no session of that name')
let failures = 0
for (const session of chosen) {
  const missing = session.needs.filter(need => !isInstalled(need))
  if (missing.length > 0) {
    if (all) failures++
    console.log(`${all ? 'FAILED' : 'left out'}  ${session.name}: ${missing.join(', ')} isn't installed (test/clients/install.sh does it)`)
    continue
  }
  const begun = performance.now()
  const { code, output } = await run(session)
  const seconds = ((performance.now() - begun) / 1000).toFixed(1)
  if (code === 0) console.log(`ok  ${session.name} in ${seconds} s`)
  else {
    failures++
    console.log(
      `FAILED  ${session.name} (${code === null ? 'stopped' : `exit code ${code}`}) in ${seconds} s\n${output.replace(/^/gm, '    ')}`,
    )
  }
}
console.log(failures === 0 ? 'All sessions that could be run went well.' : `${failures} failed.`)
process.exitCode = failures === 0 ? 0 : 1
