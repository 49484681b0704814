/** A recording whose lists come in pages, as a way to a provider: it answers requests for a page by the cursor that it gave. */

import type { SendOptions, Transport } from '../../src/drivers/context.ts'
import { readBody, type WireRequest, type WireResponse } from '../../src/drivers/wire.ts'
import { CloudError } from '../../src/model/errors.ts'
import type { HarEntry } from '../replay/har.ts'
import type { Outgoing } from '../replay/matching.ts'
import { type Player, Unrecorded } from '../replay/player.ts'
import { answeredHeaders } from '../replay/transport.ts'
import { askedPage, type CutList } from './pages.ts'

/** Whoever asks for one page so often, in all steps of a recording, asks without end. */
const mostOften = 200

export class PagedTransport implements Transport {
  /** Whether a list's first page was answered. */
  isMet = false
  /** Whether somebody asks for the same page without end. */
  isEndless = false
  /** Pages that were asked for, and that no answer named: sentences. */
  readonly strays: string[] = []
  private readonly player: Player
  private readonly lists: readonly CutList[]
  /** Lists by what is asked, as last answered: the same may be asked at several times, with other answers. */
  private readonly current = new Map<string, CutList>()
  private readonly asked = new Map<string, number>()

  constructor(player: Player, lists: readonly CutList[]) {
    this.player = player
    this.lists = lists
  }

  async send(request: WireRequest, { signal }: SendOptions): Promise<WireResponse> {
    signal.throwIfAborted()
    const body = request.body === undefined ? undefined : await readBody(request.body)
    const asked: Outgoing = { method: request.method, url: request.target, headers: request.headers, body }
    const response = this.pageFor(asked) ?? this.firstPage(asked)
    return {
      status: response.status,
      headers: answeredHeaders(response.headers, request.method),
      body: Buffer.from(response.content.text ?? '', response.content.encoding ?? 'utf8'),
    }
  }

  private firstPage(asked: Outgoing): HarEntry['response'] {
    try {
      const entry = this.player.answer(asked)
      const list = this.lists.find(one => one.entry === entry)
      if (list === undefined) return entry.response
      this.isMet = true
      this.current.set(list.question, list)
      return list.first
    } catch (error) {
      if (!(error instanceof Unrecorded)) throw error
      throw new CloudError('provider-error', 'The recording has no answer to this', { cause: error })
    }
  }

  /** Undefined where it isn't a page of these lists that is asked for. */
  private pageFor(asked: Outgoing): HarEntry['response'] | undefined {
    const { secrets } = this.player.recording
    for (const parameter of new Set(this.lists.map(({ cursor }) => cursor.parameter))) {
      const { question, page } = askedPage(asked, parameter, secrets?.putBack)
      const list = page === undefined ? undefined : this.current.get(question)
      if (page === undefined || list === undefined || list.cursor.parameter !== parameter) continue
      const proof = secrets?.wrongProof(asked, list.entry)
      if (proof !== undefined) return refusal(401, proof)
      const times = (this.asked.get(`${page} ${question}`) ?? 0) + 1
      this.asked.set(`${page} ${question}`, times)
      if (times > mostOften) {
        this.isEndless = true
        throw new CloudError('provider-error', 'The provider is asked for the same page without end')
      }
      const response = list.pages.get(page)
      if (response !== undefined) return response
      this.strays.push(
        `${parameter}=${JSON.stringify(page)} is asked for, and the pages are ${[...list.pages.keys()].map(name => JSON.stringify(name)).join(', ')}`,
      )
      return refusal(400, 'The marker is none that was given')
    }
    return undefined
  }
}

const refusal = (status: number, text: string): HarEntry['response'] => ({
  status,
  statusText: '',
  headers: [{ name: 'Content-Type', value: 'text/plain' }],
  content: { size: Buffer.byteLength(text), mimeType: 'text/plain', text },
  bodySize: Buffer.byteLength(text),
})
