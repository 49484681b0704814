/** A counterexample as plain text, where a report has one block for all of it. */

import type { Counterexample } from '../results.ts'

export const inWords = ({ message, given, transcript, command }: Counterexample): string =>
  [message, given === '' ? '' : `Given: ${given}`, conversationOf(transcript), curlsOf(transcript), `To see it again:\n${command}`]
    .filter(part => part !== '')
    .join('\n\n')

/** Each request, and below it its answer, where there was one. */
export const conversationOf = (transcript: Counterexample['transcript']): string =>
  transcript.map(({ request, answer }) => `${request}\n\n${answer}`.trimEnd()).join('\n\n')

/** Its requests as commands of curl, one a line, with a line before them; empty where there are none. */
export const curlsOf = (transcript: Counterexample['transcript']): string => {
  const commands = transcript.flatMap(({ curl }) => curl ?? [])
  return commands.length === 0 ? '' : ['By hand:', ...commands].join('\n')
}
