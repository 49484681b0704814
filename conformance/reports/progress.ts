/** Tells how far a run is: one line that's written over on a terminal, else a line for each law that is done. */

import type { Progress } from '../conformance.ts'
import type { LawResult } from '../results.ts'

interface Output {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

const outcomeInWords = ({ outcome, cases, reason }: LawResult): string => {
  switch (outcome) {
    case 'holds':
      return `holds (${cases} case${cases === 1 ? '' : 's'})`
    case 'broken':
      return 'BROKEN'
    default:
      return `${outcome}${reason === undefined ? '' : `: ${reason}`}`
  }
}

/** @param isLive whether lines can be written over; by default where it's a terminal that no CI watches */
export const progressOn = (output: Output, isLive = output.isTTY === true && process.env.CI === undefined): Progress => {
  let planned = 0
  let done = 0
  let broken = 0
  let length = 0
  const erase = (): void => {
    if (length > 0) output.write(`\r${' '.repeat(length)}\r`)
    length = 0
  }
  const show = (text: string): void => {
    erase()
    // A line that's as wide as the screen would break, and could not be written over.
    const fitting = text.slice(0, (output.columns || 80) - 1)
    output.write(fitting)
    length = fitting.length
  }
  return {
    planned(units) {
      planned = units
    },
    told(sentence) {
      erase()
      output.write(`${sentence}\n`)
    },
    began({ law, source, subject }) {
      if (isLive) show(`${done}/${planned}${broken > 0 ? `, ${broken} broken` : ''}  ${law} on ${source} of ${subject}`)
    },
    finished({ law, source, subject }, result) {
      done++
      if (result.outcome === 'broken') broken++
      // What isn't applicable is told in the report, with its reason.
      if (!isLive && result.outcome !== 'n/a')
        output.write(`${done}/${planned} ${law} on ${source} of ${subject}: ${outcomeInWords(result)}\n`)
    },
    end() {
      if (isLive) erase()
    },
  }
}
