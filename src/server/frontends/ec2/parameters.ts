/** The parameters of a query request, which are flat, read as the lists and structures that they spell: `Filter.1.Value.2`. */

import { shortened } from '../../excerpts.ts'
import { legal } from '../../formats/text.ts'
import { ApiError } from './errors.ts'

/** A parameter with a value, parts of its own, or both. */
interface Node {
  value?: string
  readonly parts: Map<string, Node>
}

export class Parameters {
  private readonly root: Node

  constructor(root: Node) {
    this.root = root
  }

  /** @param all at most as many as a request may have */
  static of(all: URLSearchParams): Parameters {
    const root: Node = { parts: new Map() }
    for (const [name, value] of all) {
      // What comes back in XML must be able to stand there.
      if (legal(value) !== value)
        throw new ApiError('InvalidParameterValue', `The parameter ${shortened(legal(name))} has characters that can't be used`)
      let node = root
      for (const part of name.split('.', 12)) {
        let next = node.parts.get(part)
        if (next === undefined) {
          next = { parts: new Map() }
          node.parts.set(part, next)
        }
        node = next
      }
      node.value = value
    }
    return new Parameters(root)
  }

  /** A value by its path; undefined where it's absent or empty. */
  text(path: string): string | undefined {
    const value = this.at(path)?.value
    return value === '' ? undefined : value
  }

  /** @throws ApiError `MissingParameter` */
  need(path: string): string {
    const value = this.text(path)
    if (value === undefined) throw new ApiError('MissingParameter', `The request must contain the parameter ${path}`)
    return value
  }

  /** A name that a resource is to have. @throws ApiError `InvalidParameterValue` for blanks at its ends and control characters, as EC2 has it */
  name(path: string): string {
    const value = this.need(path)
    if (/\p{Cc}|^\s|\s$/u.test(value)) throw new ApiError('InvalidParameterValue', `The value of ${path} has characters that can't be used`)
    return value
  }

  /** @throws ApiError `InvalidParameterValue` for what is no whole number */
  number(path: string): number | undefined {
    const text = this.text(path)
    if (text === undefined) return undefined
    if (!/^-?\d{1,15}$/.test(text))
      throw new ApiError('InvalidParameterValue', `Value (${shortened(text)}) for parameter ${path} is invalid`)
    return Number(text)
  }

  flag(path: string): boolean {
    return this.text(path)?.toLowerCase() === 'true'
  }

  /** The values of a list: `InstanceId.1`, `InstanceId.2`; ELB writes `Name.member.1`. */
  list(path: string): readonly string[] {
    return this.items(path).flatMap(({ root }) => (root.value === undefined ? [] : [root.value]))
  }

  /** The structures of a list: `Filter.1.…`. */
  items(path: string): readonly Parameters[] {
    const node = this.at(path)
    const numbered = node?.parts.get('member') ?? node
    if (numbered === undefined) return []
    return [...numbered.parts]
      .flatMap(([name, part]) => (/^\d{1,6}$/.test(name) ? [[Number(name), part] as const] : []))
      .sort(([a], [b]) => a - b)
      .map(([, part]) => new Parameters(part))
  }

  /** What is below a path, as parameters of their own. */
  below(path: string): Parameters {
    return new Parameters(this.at(path) ?? { parts: new Map() })
  }

  private at(path: string): Node | undefined {
    let node: Node | undefined = this.root
    for (const part of path.split('.')) node = node?.parts.get(part)
    return node
  }
}
