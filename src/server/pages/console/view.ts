/** What the console shows. */

import type {
  AccountDocument,
  EventDocument,
  FaultDocument,
  FiredDocument,
  LimitsDocument,
  ScenarioDocument,
  UnreadableWorld,
  WorldDocument,
} from '../../../drivers/control.ts'
import { type Html, html } from '../html.ts'

export interface ConsoleView {
  /** `http://host:port`, and the world's prefix where the path has one. */
  readonly root: string
  readonly world: WorldDocument
  readonly worlds: readonly (WorldDocument | UnreadableWorld)[]
  readonly accounts: readonly AccountDocument[]
  /** Of each collection at most so many resources are shown. */
  readonly rows: number
  readonly faults: readonly FaultDocument[]
  readonly fired: readonly FiredDocument[]
  readonly scenarios: readonly ScenarioDocument[]
  readonly limits: LimitsDocument
  /** Latest first. */
  readonly events: readonly EventDocument[]
  /** What is searched for in the log. */
  readonly text: string
}

/** Cloud time as people read it. */
export const timeOf = (milliseconds: number): string => {
  const date = new Date(milliseconds)
  return Number.isNaN(date.getTime()) ? String(milliseconds) : date.toISOString().replace('T', ' ').replace('Z', '')
}

/** A button that sends a form of its own. @param fields sent with it */
export const button = (
  action: string,
  label: string,
  {
    about = '',
    fields = {},
    look,
    id,
  }: { about?: string; fields?: Readonly<Record<string, string>>; look?: 'danger' | 'primary'; id?: string } = {},
): Html =>
  html`<form method="post" action="${action}">${Object.entries(fields).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
  )}<button${look !== undefined && html` class="${look}"`}${id !== undefined && html` id="${id}"`}>${label}${about !== '' && html`<span class="unseen"> ${about}</span>`}</button></form>`

/** The console of a world. */
export const hrefOf = (root: string, world: string): string => `${new URL(root).origin}/_worlds/${world}/_mock/console`
