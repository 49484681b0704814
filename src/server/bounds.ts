/** How much one request may hold, so that reading it never keeps the server from the others for long. */

import { HttpError } from './errors.ts'

/** Parameters in one place: in a query, in a form, in a JSON body, or among the matrix parameters of a path. */
export const parameterLimit = 1000

/** Whether separators divide a text into more parts than so many; it isn't divided for that. */
export const hasMoreParts = (text: string, separator: string, limit: number): boolean => {
  let parts = 1
  for (let at = text.indexOf(separator); at >= 0; at = text.indexOf(separator, at + 1)) if (++parts > limit) return true
  return false
}

/** @param what has the parameters: `The query`. @throws HttpError 400 where there are more than a request may have */
export const checkParameters = (text: string, separator: string, what: string): void => {
  if (hasMoreParts(text, separator, parameterLimit)) throw tooManyParameters(what)
}

export const tooManyParameters = (what: string): HttpError => new HttpError(400, `${what} has more than ${parameterLimit} parameters`)

export interface JsonBounds {
  /** Values in all. */
  readonly values: number
  /** Members of one object, or items of one list. */
  readonly members: number
  /** Objects and lists within each other. */
  readonly depth: number
}

/**
 * Whether JSON keeps within bounds, judged without parsing it: a value stands behind each comma and behind each opening bracket.
 * What is said of text that isn't JSON means nothing.
 */
export const isWithin = (text: string, bounds: JsonBounds): boolean => {
  let values = 0
  // Of the objects and lists that are open, how many members each has so far.
  const open: number[] = []
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case 0x22: // "
        at = endOfString(text, at)
        break
      case 0x5b: // [
      case 0x7b: // {
        values++
        if (open.push(1) > bounds.depth || values > bounds.values) return false
        break
      case 0x5d: // ]
      case 0x7d: // }
        open.pop()
        break
      case 0x2c: {
        // ,
        const members = (open.pop() ?? 0) + 1
        open.push(members)
        values++
        if (members > bounds.members || values > bounds.values) return false
        break
      }
    }
  }
  return true
}

/** Where the string that begins at a position ends: at its closing quote, or with the text. */
const endOfString = (text: string, begin: number): number => {
  for (let end = text.indexOf('"', begin + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let slashes = 0
    while (text.charCodeAt(end - 1 - slashes) === 0x5c) slashes++
    if (slashes % 2 === 0) return end
  }
  return text.length
}
