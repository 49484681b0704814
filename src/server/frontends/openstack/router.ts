/** Finds what a method and a path are answered by. */

import { Fault } from './errors.ts'

interface Route<T> {
  readonly method: string
  /** A segment that begins with a colon is a parameter; the last may be `*name`: all that's left, slashes included. */
  readonly segments: readonly string[]
  readonly handler: T
}

export interface Found<T> {
  readonly handler: T
  /** Decoded. */
  readonly path: Readonly<Record<string, string>>
}

export class Router<T> {
  private readonly routes: readonly Route<T>[]

  /** @param routes `GET /servers/:id` → what answers it; the more exact one of two stands first */
  constructor(routes: Readonly<Record<string, T>>) {
    this.routes = Object.entries(routes).map(([name, handler]) => {
      const [method = '', path = ''] = name.split(' ')
      return { method, segments: path.split('/').slice(1), handler }
    })
  }

  /** @param path raw: each of its segments is decoded. @throws Fault 400 for one that can't be */
  find(method: string, path: string): Found<T> | undefined {
    const segments = segmentsOf(path)
    for (const route of this.routes) {
      if (route.method !== method) continue
      const found = match(route.segments, segments)
      if (found !== undefined) return { handler: route.handler, path: found }
    }
    return method === 'HEAD' ? this.find('GET', path) : undefined
  }

  /** The methods that a path has. */
  methods(path: string): readonly string[] {
    const segments = segmentsOf(path)
    return [...new Set(this.routes.filter(route => match(route.segments, segments) !== undefined).map(({ method }) => method))]
  }
}

/** The service itself has a path, too. */
const segmentsOf = (path: string): readonly string[] => (path === '' ? [''] : path.split('/').slice(1))

const match = (wanted: readonly string[], segments: readonly string[]): Readonly<Record<string, string>> | undefined => {
  const found: Record<string, string> = {}
  for (const [n, name] of wanted.entries()) {
    if (name.startsWith('*')) {
      const rest = segments.slice(n)
      if (rest.length === 0 || (rest.length === 1 && rest[0] === '')) return undefined
      found[name.slice(1)] = decoded(rest.join('/'))
      return found
    }
    const segment = segments[n]
    if (segment === undefined) return undefined
    if (name.startsWith(':')) {
      if (segment === '') return undefined
      found[name.slice(1)] = decoded(segment)
    } else if (segment !== name) return undefined
  }
  const isWhole = segments.length === wanted.length || (segments.length === wanted.length + 1 && segments.at(-1) === '')
  return isWhole ? found : undefined
}

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new Fault(400, 'The address cannot be read')
  }
}
