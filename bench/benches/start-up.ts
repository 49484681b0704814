/** How long the command takes until it has answered its first request, of the time that bare Express takes. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { alternate, type Bench } from '../bench.ts'
import { ask, bareExpress, ourServer, type Startable, start } from '../programs.ts'

const rounds = 15

export const startUp: Bench = {
  name: 'start-up',
  async run() {
    const folder = await mkdtemp(join(tmpdir(), 'deltacloud-bench-'))
    try {
      const file = join(folder, 'document')
      await writeFile(file, '<api></api>')
      const { ratio, ours, baseline } = await alternate(
        rounds,
        () => firstAnswer(ourServer),
        () => firstAnswer(bareExpress(file, 'application/xml')),
      )
      return [
        {
          what: 'start to the first 200',
          value: ratio,
          unit: '×',
          target: { atMost: 1.5 },
          behind: `${Math.round(ours)} ms of ${Math.round(baseline)} ms`,
        },
      ]
    } finally {
      await rm(folder, { recursive: true })
    }
  },
}

/** Milliseconds from the start of the process to the end of its first answer. */
const firstAnswer = async (program: Startable): Promise<number> => {
  const begun = performance.now()
  const { origin, stop } = await start(program)
  const { status } = await ask(`${origin}/api`, 'application/xml')
  const took = performance.now() - begun
  await stop()
  if (status !== 200) throw new Error(`The first answer of ${program.script} is ${status}`)
  return took
}
