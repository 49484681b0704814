/** One command under way: it notes all that speaks against it, and goes on as if nothing did. */

import type { ErrorKind } from '../../src/model/errors.ts'
import type { Command } from './commands.ts'
import { type Model, type ModelInstance, type Quota, runningInstance, type Window } from './state.ts'

/** The command of an operation. */
export type CommandOf<Op extends Command['op'], C = Command> = C extends { readonly op: infer O } ? (Op extends O ? C : never) : never

/** Milliseconds, least and most. */
const takes = { boot: [500, 2000], stop: [300, 1000], reboot: [300, 1000], image: [500, 1500], snapshot: [300, 1000] } as const

export class Turn {
  readonly model: Model
  /** How a boot ends, where that isn't as usual. */
  readonly boot: 'fails' | 'sticks' | undefined
  private readonly refused: ErrorKind[]

  constructor(model: Model, refused: ErrorKind[], boot: 'fails' | 'sticks' | undefined) {
    this.model = model
    this.refused = refused
    this.boot = boot
  }

  refuse(kind: ErrorKind): void {
    this.refused.push(kind)
  }

  window(what: keyof typeof takes): Window {
    const [least, most] = takes[what]
    return { least: this.model.now + least, most: this.model.now + most }
  }

  newId(prefix: Exclude<keyof Model['next'], 'address'>): string {
    return `${prefix}${this.model.next[prefix]++}`
  }

  /** The resource of the path. */
  found<T>(all: Record<string, T>, id: string): T | undefined {
    const one = all[id]
    if (one === undefined) this.refuse('not-found')
    return one
  }

  /** One that is referred to; a nobody where it isn't there. */
  instance(id: string): ModelInstance {
    const instance = this.model.instances[id]
    if (instance === undefined) this.refuse('bad-request')
    return instance ?? runningInstance('')
  }

  drop<T>(all: Record<string, T>, id: string): string {
    this.found(all, id)
    delete all[id]
    return ''
  }

  /** Adds one that is named by whoever makes it. */
  unique<T>(all: Record<string, T>, name: string, one: T): string {
    if (all[name] !== undefined) this.refuse('conflict')
    all[name] = one
    return name
  }

  within(quota: Quota, more: number): void {
    const limit = this.model.quotas[quota]
    if (limit !== undefined && Object.keys(this.model[quota]).length + more > limit) this.refuse('over-quota')
  }
}
