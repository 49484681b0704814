/** Laws E1 to E7: who isn't known is turned away, what isn't there isn't found, trouble is told in a document, and secrets are kept. */

import fc from 'fast-check'
import type { Credentials } from '../../src/drivers/context.ts'
import { Finder } from '../../src/record/spellings.ts'
import type { Answer, Ask } from '../client.ts'
import { type CloudUnderTest, hold, Inconclusive, type Performance, type Trouble, troubles } from '../cloud-under-test.ts'
import { isItem, jsonOf, read, xmlOf } from '../documents/read.ts'
import { findElements } from '../documents/xml.ts'
import { anyCommand, type Command, carryOut, commands, follow, Inventory, isPause } from '../generators/commands.ts'
import { anyText, graphemes } from '../generators/text.ts'
import { hurried, isPutOff, loginsIn, repeated, type SentRequest } from '../traffic.ts'
import { askIndex, pickNth } from './asking.ts'
import { type Law, law, type Setting } from './law.ts'
import { type Described, nameOf, namesOne, offeredOperations, requestFor } from './requests.ts'

/** What is wrong with an error document, as a sentence. */
const wrongError = ({ status, text, headers }: Answer, format: 'xml' | 'json'): string | undefined => {
  const type = headers.get('content-type') ?? ''
  if (!type.includes(format)) return `it is ${type === '' ? 'of no type' : type}, and ${format} was asked for`
  if (text === '') return 'it is empty'
  if (format === 'json') {
    const document = jsonOf({ status, text, headers, body: Buffer.from(text) })
    if (!isItem(document)) return 'it is no object'
    if (read(document, 'code') !== String(status)) return `its code is ${read(document, 'code')}`
    return read(document, 'message') === undefined ? 'it has no message' : undefined
  }
  const root = xmlOf({ status, text, headers, body: Buffer.from(text) })
  if (root.name !== 'error') return `it is <${root.name}>`
  if (root.attributes.get('status') !== String(status)) return `its status is ${root.attributes.get('status')}`
  return findElements(root, 'message').length === 0 ? 'it has no message' : undefined
}

/** An answer to HEAD announces its document, and comes without. */
const isOfHead = ({ headers, body }: Answer): boolean => body.length === 0 && Number(headers.get('content-length') ?? 0) > 0

export const holdErrorDocument = (answer: Answer, format: 'xml' | 'json', what: string): void => {
  if (isOfHead(answer)) return
  const wrong = wrongError(answer, format)
  hold(wrong === undefined, () => `${what} is answered with ${answer.status}, whose document is none: ${wrong}`)
}

const formats = fc.constantFrom('xml' as const, 'json' as const)

/** Credentials that nobody has, made from those that somebody has. */
const strangers: Readonly<Record<string, (own: Credentials, other: Credentials | undefined) => Credentials | null>> = {
  none: () => null,
  'a wrong password': ({ user }) => ({ user, password: 'not-the-password' }),
  'a part of the password': ({ user, password }) => ({ user, password: password.slice(0, -1) }),
  'more than the password': ({ user, password }) => ({ user, password: `${password}x` }),
  'an unknown user': ({ password }) => ({ user: 'nobody-here', password }),
  'an empty password': ({ user }) => ({ user, password: '' }),
  'an empty user': ({ password }) => ({ user: '', password }),
  'another’s password': (own, other) => (other === undefined ? null : { user: own.user, password: other.password }),
}

const checkStranger = (answer: Answer, what: string): void => {
  hold(answer.status === 401, () => `${what} is answered with ${answer.status}, not 401`)
  hold(/^Basic /i.test(answer.headers.get('www-authenticate') ?? ''), () => `${what} is refused without a challenge`)
}

const anyOperation = (setting: Setting, filter: (one: Described) => boolean = () => true) => offeredOperations(setting.offer).filter(filter)

/** Requests that are wrong in one of many ways. */
const badRequests: readonly ((cloud: CloudUnderTest, text: string) => Parameters<CloudUnderTest['ask']>[0])[] = [
  (cloud, text) => `${cloud.root}/${encodeURIComponent(text.toWellFormed())}?`,
  cloud => `${cloud.root}/instances/none?`,
  cloud => ({ method: 'POST', target: `${cloud.root}/instances?`, form: {} }),
  cloud => ({ method: 'POST', target: `${cloud.root}/instances?`, form: { image_id: 'no-such-image' } }),
  cloud => ({ method: 'POST', target: `${cloud.root}/instances/none/start?` }),
  cloud => ({ method: 'PUT', target: `${cloud.root}/realms?` }),
  cloud => ({ method: 'DELETE', target: `${cloud.root}/keys/none?` }),
  cloud => ({ method: 'POST', target: `${cloud.root}/keys?`, form: {} }),
  cloud => ({ method: 'POST', target: `${cloud.root}/instances?`, headers: { 'Content-Type': 'application/json' }, body: '{"image_id":' }),
  cloud => ({
    method: 'POST',
    target: `${cloud.root}/keys?`,
    headers: { 'Content-Type': 'multipart/form-data; boundary=b' },
    body: '--b\r\nbroken',
  }),
  (cloud, text) => ({ target: `${cloud.root}/realms?`, headers: { 'X-Deltacloud-Driver': `none-${text.replace(/[^a-z]/g, '')}` } }),
  cloud => ({ target: `${cloud.root}/realms?`, headers: { 'X-Deltacloud-Provider': 'no such provider' } }),
  cloud => `${cloud.root}/%zz?`,
  cloud => `${cloud.root}/realms/a%ff?`,
  cloud => `${cloud.root}/realms/${'x'.repeat(20_000)}?`,
  cloud => ({ target: `${cloud.root}/realms?`, login: null }),
]

const withFormat = (request: Parameters<CloudUnderTest['ask']>[0], format: string): Parameters<CloudUnderTest['ask']>[0] =>
  typeof request === 'string' ? `${request}format=${format}` : { ...request, target: `${request.target}format=${format}` }

/** What is looked through for secrets, and where it stands. */
interface Searched {
  readonly where: string
  readonly text: string
}

/** A secret that is shorter would be found everywhere. */
const shortest = 6

/** However a secret is spelt. */
const holdNoSecret = (searched: readonly Searched[], secrets: readonly string[]): void => {
  const finder = new Finder(secrets.filter(({ length }) => length >= shortest))
  for (const { where, text } of searched) hold(finder.in(text) === undefined, () => `A secret stands in ${where}`)
}

const searchedIn = (answers: readonly { readonly what: string; readonly answer: Answer }[]): readonly Searched[] =>
  answers.flatMap(({ what, answer: { status, text, headers } }) => [
    { where: `${status < 400 ? 'a document' : 'an error'}: what ${what} is answered (${status})`, text },
    { where: `a header of what ${what} is answered (${status})`, text: [...headers].map(pair => pair.join(': ')).join('\n') },
  ])

/** Runs a task. @returns what it makes, and what is written to the standard output and error meanwhile */
const overhear = async <T>(task: () => Promise<T>): Promise<{ readonly made: T; readonly said: string }> => {
  const said: string[] = []
  const streams = [process.stdout, process.stderr].map(stream => ({ stream, write: stream.write }))
  for (const { stream, write } of streams)
    stream.write = (...given: unknown[]): boolean => {
      said.push(String(given[0]))
      return Reflect.apply(write, stream, given)
    }
  try {
    const made = await task()
    return { made, said: said.join('') }
  } finally {
    for (const { stream, write } of streams) stream.write = write
  }
}

/** What each trouble is for a client: wrong (502), not there for now (503), or too late (504). */
const statusesOf: Readonly<Record<Trouble, readonly number[]>> = {
  'a server error': [502],
  'no service': [503],
  'no answer in time': [504],
  throttling: [503],
  'a broken connection': [502],
  'half an answer': [502],
  garbage: [502],
}

/** Parameters that hold a secret, and that a driver may be given. */
const operationsWithSecrets = (setting: Setting) =>
  anyOperation(setting, ({ parameters }) => parameters.some(({ secret }) => secret === true))

export const errorLaws: readonly Law[] = [
  law({
    id: 'E1',
    title: 'unauthenticated',
    says: 'Wrong or missing credentials give 401 on every operation that asks the provider, also while their user is logged in; a token that ends is renewed, and whoever it belongs to notices nothing.',
    family: 'errors',
    sources: ['R', 'M', 'T', 'L'],
    question: setting =>
      fc.record({
        operation: fc.nat(999),
        who: fc.constantFrom(...Object.keys(strangers)),
        format: formats,
        isRead: fc.constant(setting.source !== 'T'),
        /** Whether the right user asks before, and at the same time. */
        company: fc.constantFrom('none' as const, 'before' as const, 'together' as const),
        tokens: fc.constantFrom('last' as const, 'last' as const, 'end' as const, 'end for all' as const),
      }),
    async check(cloud, { operation: n, who, format, isRead, company, tokens }) {
      if (cloud.source === 'M') return checkRenewedSteps(cloud)
      if (cloud.abilities.recorded !== undefined) return checkRefusedSteps(cloud)
      if (tokens !== 'last' && cloud.abilities.refuseTokens !== undefined) return checkEndedTokens(cloud, tokens, n, company === 'together')
      const all = offeredOperations(cloud.offer).filter(({ operation }) => !isRead || operation.method === 'GET')
      const one = pickNth(all, n)
      if (one === undefined) throw new Inconclusive('no operation asks the provider')
      const login = strangers[who]?.(cloud.credentials, cloud.abilities.stranger) ?? null
      const askRightly = async (): Promise<void> => {
        const collection = pickNth(askedCollections(cloud), n)
        const answer = collection === undefined ? undefined : await askIndex(cloud, collection, format)
        hold(answer?.status !== 401, () => `The index of ${collection} is refused to its own user`)
      }
      const askWrongly = async (): Promise<void> => {
        const answer = await cloud.ask({ ...requestFor(cloud, one, 'x', format), login })
        checkStranger(answer, `${nameOf(one)} with ${who}`)
        if (one.operation.method !== 'HEAD') holdErrorDocument(answer, format, nameOf(one))
      }
      if (company !== 'none') await askRightly()
      if (company === 'together') await Promise.all([askRightly(), askWrongly(), askRightly()])
      else await askWrongly()
      if (company !== 'none') await askRightly()
    },
  }),
  law({
    id: 'E2',
    title: 'not found',
    says: 'An unknown id gives 404 on every operation that takes one.',
    family: 'errors',
    sources: ['R', 'T', 'L'],
    question: () =>
      fc.record({
        operation: fc.nat(999),
        id: fc.oneof(
          fc.constant('none'),
          graphemes.map(text => `none-${text}`),
        ),
        format: formats,
      }),
    async check(cloud, { operation: n, id, format }) {
      if (cloud.abilities.recorded !== undefined) return checkMissingSteps(cloud)
      const all = offeredOperations(cloud.offer).filter(
        one =>
          namesOne(one) &&
          one.operation.path.filter(part => part.startsWith(':')).length === 1 &&
          one.operation.method !== 'HEAD' &&
          one.operation.body === 'form',
      )
      const one = pickNth(all, n)
      if (one === undefined) throw new Inconclusive('no operation takes an id')
      const answer = await cloud.ask(requestFor(cloud, one, id, format))
      // What must be given with it may be looked at first.
      hold(
        answer.status === 404 || (answer.status === 400 && one.operation.parameters.some(({ required }) => required)),
        () => `${nameOf(one)} of ${JSON.stringify(id)}, which isn’t there, is answered with ${answer.status}`,
      )
      holdErrorDocument(answer, format, nameOf(one))
    },
  }),
  law({
    id: 'E3',
    title: 'provider failures',
    says: 'Provider 5xx, a connection that fails, a reset, a truncated or garbage body, a wrong type give 502, no answer in time 504, throttling and a service that says it is unavailable 503, each with an error document within the time limit; 401 to 409 are no answer to trouble; what may have been carried out is not sent again, unless the provider lets it be.',
    family: 'errors',
    sources: ['M', 'T'],
    missing: ({ source, subject }) =>
      source === 'T' && subject.harness.roundTrip === undefined && typeof subject.harness.driver !== 'function'
        ? 'nothing stands between the driver and its provider that could fail'
        : undefined,
    question: setting =>
      fc.record({
        trouble: fc.constantFrom(...troubles),
        collection: fc.nat(99),
        format: formats,
        history: commands(setting, { maxLength: 1 }),
        change: setting.source === 'T' ? fc.option(anyCommand(setting.offer), { nil: undefined }) : fc.constant(undefined),
      }),
    async check(cloud, { trouble, collection: n, format, history, change }) {
      if (cloud.abilities.recorded !== undefined) return checkTroubledSteps(cloud)
      if (cloud.abilities.trouble === undefined) throw new Inconclusive('no trouble can be made here')
      await follow(cloud, history)
      const { traffic } = cloud.abilities
      if (change !== undefined && !isPause(change) && traffic !== undefined)
        return checkTroubledChange(cloud, trouble, change, traffic.requests)
      const collection = pickNth(askedCollections(cloud), n)
      if (collection === undefined) throw new Inconclusive('there is nothing to be asked')
      cloud.transcript.remark(`the provider is in trouble: ${trouble}`)
      await cloud.abilities.trouble(trouble)
      const answer = await askIndex(cloud, collection, format)
      const right = statusesOf[trouble]
      hold(
        right.includes(answer.status),
        () => `With ${trouble} the index of ${collection} is answered with ${answer.status}, not ${right.join(' or ')}`,
      )
      holdErrorDocument(answer, format, `The index of ${collection}`)
    },
  }),
  law({
    id: 'E4',
    title: 'error documents',
    says: 'Every 4xx/5xx has a well-formed error document in the format asked for.',
    family: 'errors',
    sources: ['R', 'M', 'T'],
    question: () => fc.record({ which: fc.nat(999), text: anyText(), format: formats }),
    async check(cloud, { which, text, format }) {
      if (cloud.abilities.recorded !== undefined) return checkFailedSteps(cloud)
      const make = pickNth(badRequests, which)
      if (make === undefined) throw new Inconclusive('there is nothing bad to be asked')
      const request = make(cloud, text)
      const answer = await cloud.ask(withFormat(request, format))
      const what = typeof request === 'string' ? request.slice(0, 80) : `${request.method ?? ''} ${request.target}`.trim().slice(0, 80)
      hold(answer.status < 500, () => `${what} is answered with ${answer.status}`)
      if (answer.status >= 400) holdErrorDocument(answer, format, what)
    },
  }),
  law({
    id: 'E5',
    title: 'no secrets',
    says: 'No credential of the request or of the provider, and no token, appears in a document, an error, a log line or a recording (a new key’s `pem` and an instance’s own login are the resource itself).',
    family: 'errors',
    sources: ['R', 'M', 'T', 'L'],
    question: setting =>
      fc.record({
        operation: fc.nat(999),
        parameter: fc.nat(9),
        id: fc.nat(99),
        secret: fc.stringMatching(/^[A-Za-z0-9]{14}$/).map(text => `s3cr${text}`),
        history: commands(setting, { maxLength: 2 }),
        trouble: fc.option(fc.constantFrom(...troubles), { nil: undefined }),
        format: fc.constantFrom('xml' as const, 'json' as const, 'html' as const),
      }),
    async check(cloud, asked, setting) {
      const { abilities } = cloud
      const { made: performance, said } = await overhear(() => askWithSecrets(cloud, asked, setting))
      const secrets = abilities.secrets?.() ?? []
      const kept = [...secrets, ...(abilities.resources?.() ?? [])]
      if (!kept.some(({ length }) => length >= shortest)) throw new Inconclusive('no secret is in play')
      const answers = [...cloud.transcript.answers(), ...performance.answers]
      if (answers.length === 0) throw new Inconclusive('nothing was answered')
      const failed = answers.filter(({ answer }) => answer.status >= 400)
      holdNoSecret(searchedIn(answers), secrets)
      holdNoSecret(searchedIn(failed), [...kept, asked.secret])
      const told = [performance.log, abilities.log?.() ?? ''].map(text => ({ where: 'the log', text }))
      holdNoSecret([...told, { where: 'what is written to the console', text: said }], [...kept, asked.secret])
      // What a client gave may be a public key: it's kept out of logs, and a recording needs it.
      const written = [...performance.written, ...(abilities.written?.() ?? [])]
      holdNoSecret(
        written.map(text => ({ where: 'a recording', text })),
        kept,
      )
    },
  }),
  law({
    id: 'E7',
    title: 'throttling',
    says: 'Throttling by the provider reaches the client as throttling, in the words of its protocol, with the time to wait where the provider tells it; the retry loop waits as told.',
    family: 'errors',
    sources: ['M', 'T'],
    question: () =>
      fc.record({
        collection: fc.nat(99),
        format: formats,
        throttling: fc.record({
          seconds: fc.integer({ min: 1, max: 3 }),
          form: fc.constantFrom('seconds' as const, 'date' as const),
          times: fc.constantFrom(1, 9),
          isOwn: fc.boolean(),
        }),
      }),
    async check(cloud, { collection: n, format, throttling }) {
      if (cloud.abilities.recorded !== undefined) return checkThrottledSteps(cloud)
      const { throttle, traffic } = cloud.abilities
      const collection = pickNth(askedCollections(cloud), n)
      if (throttle === undefined || collection === undefined) throw new Inconclusive('nobody can be asked too often here')
      cloud.transcript.remark(`the provider is asked too often: ${JSON.stringify(throttling)}`)
      await throttle(throttling)
      const answer = await askIndex(cloud, collection, format)
      const sent = traffic?.requests ?? []
      if (traffic !== undefined && !sent.some(isPutOff)) throw new Inconclusive('the provider was asked nothing')
      holdPatience(sent)
      const what = `The index of ${collection}`
      if (traffic !== undefined && throttling.times === 1) {
        hold(answer.status === 200, () => `${what} is answered with ${answer.status}, although the provider would answer after a wait`)
        return
      }
      holdThrottled(answer, traffic === undefined ? throttling.seconds : secondsOf(sent), what)
      holdErrorDocument(answer, format, what)
    },
  }),
]

/** Those whose index asks the provider. */
const askedCollections = (cloud: CloudUnderTest): readonly string[] =>
  cloud.collections.filter(name => name !== 'hardware_profiles' || cloud.offer.hardwareProfiles === undefined)

const holdPatience = (sent: readonly SentRequest[]): void => {
  const [sentence] = hurried(sent)
  hold(sentence === undefined, () => `The provider asks to wait, and isn’t waited for: ${sentence}`)
}

const holdThrottled = (answer: Answer, seconds: number | undefined, what: string): void => {
  const wait = answer.headers.get('retry-after')
  hold(answer.status === 503, () => `${what}: the provider is asked too often, and the answer is ${answer.status}, not 503`)
  hold(
    wait !== undefined && (seconds === undefined || wait === String(seconds)),
    () => `${what}: the provider asks to wait ${seconds} s, and the answer ${wait ?? 'nothing'}`,
  )
}

/** The wait that was asked for last. */
const secondsOf = (sent: readonly SentRequest[]): number | undefined => {
  const wait = sent.findLast(isPutOff)?.answer?.retryAfter
  return wait === undefined ? undefined : Math.ceil(wait / 1000)
}

/** A driver whose token is taken no more gets another, once; one that is refused all of them gives up. */
const checkEndedTokens = async (cloud: CloudUnderTest, which: 'end' | 'end for all', n: number, isTogether: boolean): Promise<void> => {
  const { traffic, refuseTokens } = cloud.abilities
  const collection = pickNth(askedCollections(cloud), n)
  if (traffic === undefined || refuseTokens === undefined || collection === undefined) throw new Inconclusive('no token can end here')
  await askIndex(cloud, collection, 'json')
  if (!traffic.requests.some(({ token }) => token !== undefined)) throw new Inconclusive('the provider gives no tokens')
  await refuseTokens(which === 'end' ? 'given' : 'all')
  cloud.transcript.remark('the provider takes the token no more')
  const before = traffic.requests.length
  const asking = Array.from({ length: isTogether ? 3 : 1 }, () => askIndex(cloud, collection, 'json'))
  const answers = await Promise.all(asking)
  const sent = traffic.requests.slice(before)
  const right = which === 'end' ? 200 : 401
  for (const { status } of answers)
    hold(status === right, () => `The index of ${collection} is answered with ${status} when the token has ended, not ${right}`)
  const logins = loginsIn(sent)
  // What a client asks may be several requests to a provider, each of which may try to log in.
  hold(
    logins <= answers.length * (which === 'end' ? 1 : 5),
    () => `The driver logs in ${logins} times for ${answers.length} requests whose token has ended`,
  )
}

/** A change whose outcome nobody knows is told as trouble, and asked for once. */
const checkTroubledChange = async (
  cloud: CloudUnderTest,
  trouble: Trouble,
  change: Parameters<typeof carryOut>[2],
  requests: readonly SentRequest[],
): Promise<void> => {
  const inventory = new Inventory(cloud)
  cloud.transcript.remark(`from now on, whatever changes something meets with ${trouble}`)
  await cloud.abilities.trouble?.(trouble, 'changes')
  const before = requests.length
  const { answer } = await carryOut(cloud, inventory, change)
  const sent = requests.slice(before)
  const [sentence] = repeated(sent)
  hold(sentence === undefined, () => `With ${trouble}: ${sentence}`)
  const last = sent.findLast(({ isRead }) => !isRead)
  if (answer === undefined || last === undefined) return
  // What the provider refuses all the same, its status tells, whatever became of the rest.
  const refused = last.answer?.status ?? 0
  const right = refusals.has(refused) ? [...statusesOf[trouble], refused] : statusesOf[trouble]
  hold(
    answer.status < 400 || right.includes(answer.status),
    () => `With ${trouble} a change is answered with ${answer.status}, not ${right.join(' or ')}`,
  )
}

/** On a recording in which a token ends, each step goes as it was recorded. */
const checkRenewedSteps = async (cloud: CloudUnderTest): Promise<void> => {
  const { traffic, recorded } = cloud.abilities
  const sent = traffic?.requests ?? []
  if (!sent.some(({ answer, token }) => answer?.status === 401 && token !== undefined)) throw new Inconclusive('no token ended')
  for (const { step, answer } of recorded?.outcomes ?? [])
    hold(
      [step.expect.status].flat().includes(answer.status),
      () => `${step.title}: answered with ${answer.status} when the token has ended`,
    )
}

/** On a recording whose provider asks to wait, each step is answered after the wait, or tells of it. */
const checkThrottledSteps = async (cloud: CloudUnderTest): Promise<void> => {
  const { traffic, recorded } = cloud.abilities
  const sent = traffic?.requests ?? []
  if (!sent.some(isPutOff)) throw new Inconclusive('the provider asked nobody to wait')
  holdPatience(sent)
  const passes = recorded?.troubles.every(({ mutation }) => mutation.kind === 'throttle' && mutation.times === 1) === true
  for (const { step, answer } of recorded?.outcomes ?? []) {
    if ([step.expect.status].flat().includes(answer.status)) continue
    const isOver = passes && sent.filter(isPutOff).every(({ isRepeatable }) => isRepeatable)
    hold(
      !isOver && answer.status >= 400,
      () => `${step.title}: answered with ${answer.status}, although the provider would answer after a wait`,
    )
    holdThrottled(answer, secondsOf(sent), step.title)
    holdErrorDocument(answer, 'json', step.title)
    // The steps behind one that was put off find another state than was recorded.
    return
  }
}

interface AskedWithSecrets {
  readonly operation: number
  readonly parameter: number
  readonly id: number
  readonly secret: string
  readonly history: readonly Command[]
  readonly trouble: Trouble | undefined
  readonly format: 'xml' | 'json' | 'html'
}

/** Lets a driver use its secrets, with a provider in trouble too. @returns what became of a recording's own steps */
const askWithSecrets = async (cloud: CloudUnderTest, asked: AskedWithSecrets, setting: Setting): Promise<Performance> => {
  const { history, trouble, format } = asked
  const { abilities } = cloud
  // Of a recording all is asked that it has answers to.
  if (abilities.recorded?.perform !== undefined) return abilities.recorded.perform(format)
  await follow(cloud, history)
  const request = await requestWithSecret(cloud, setting, asked)
  if (trouble !== undefined && abilities.trouble !== undefined) {
    cloud.transcript.remark(`the provider is in trouble: ${trouble}`)
    await abilities.trouble(trouble)
  }
  const collection = pickNth(cloud.collections, asked.operation)
  if (collection !== undefined) await cloud.ask(`${cloud.root}/${collection}?format=${format}`)
  if (request !== undefined) await cloud.ask(request)
  return { answers: [], log: '', written: [] }
}

/** A request with a secret of its own that is bound to fail; what succeeds may show what was given. */
const requestWithSecret = async (cloud: CloudUnderTest, setting: Setting, asked: AskedWithSecrets): Promise<Ask | undefined> => {
  const one = pickNth(operationsWithSecrets(setting), asked.operation)
  const parameter = pickNth(one?.parameters.filter(({ secret }) => secret === true) ?? [], asked.parameter)
  if (one === undefined || parameter === undefined) return undefined
  const format = asked.format === 'html' ? 'xml' : asked.format
  const request = requestFor(cloud, one, (await new Inventory(cloud).at(one.collection, asked.id)) ?? 'x', format)
  return request.form === undefined ? request : { ...request, form: { ...request.form, [parameter.name]: asked.secret } }
}

const checkRefusedSteps = async (cloud: CloudUnderTest): Promise<void> => {
  const refused = (cloud.abilities.recorded?.outcomes ?? []).filter(({ step }) => [step.expect.status].flat()[0] === 401)
  for (const { step, answer } of refused) checkStranger(answer, step.title)
  if (!(await isStrangerSeen(cloud)) && refused.length === 0) throw new Inconclusive('the recording turns nobody away')
}

/**
 * Whether a stranger could ask what the right user has just asked: that has to reach the provider without a token of the right user’s, whatever
 * the recording answers to it.
 */
const isStrangerSeen = async (cloud: CloudUnderTest): Promise<boolean> => {
  const { traffic } = cloud.abilities
  const [collection] = askedCollections(cloud)
  if (traffic === undefined || collection === undefined) return false
  const sentFor = async (password: string): Promise<readonly SentRequest[]> => {
    const before = traffic.requests.length
    try {
      await cloud.ask({ target: `${cloud.root}/${collection}?format=json`, login: { user: cloud.credentials.user, password } })
    } catch (error) {
      if (!(error instanceof Inconclusive)) throw error
    }
    return traffic.requests.slice(before)
  }
  if ((await sentFor(cloud.credentials.password)).length === 0) return false
  const own = new Set(traffic.requests.flatMap(({ token }) => token ?? []))
  const [first] = await sentFor(`not-${cloud.credentials.password}`)
  hold(first !== undefined, () => `The index of ${collection} is answered to a stranger without asking the provider`)
  hold(
    first.token === undefined || !own.has(first.token),
    () => `${first.operation} is asked for a stranger with a token of the right user`,
  )
  return true
}

const checkMissingSteps = async (cloud: CloudUnderTest): Promise<void> => {
  const missing = (cloud.abilities.recorded?.outcomes ?? []).filter(({ step }) => [step.expect.status].flat()[0] === 404)
  if (missing.length === 0) throw new Inconclusive('the recording misses nothing')
  for (const { step, answer } of missing) {
    hold(answer.status === 404, () => `${step.title}: answered with ${answer.status}, not 404`)
    holdErrorDocument(answer, 'json', step.title)
  }
}

const checkFailedSteps = async (cloud: CloudUnderTest): Promise<void> => {
  const failed = (cloud.abilities.recorded?.outcomes ?? []).filter(({ answer }) => answer.status >= 400)
  if (failed.length === 0) throw new Inconclusive('nothing fails in the recording')
  for (const { step, answer } of failed) holdErrorDocument(answer, 'json', step.title)
}

/** On a recording whose answers are broken, each step either works all the same, or tells of the trouble. */
const checkTroubledSteps = async (cloud: CloudUnderTest): Promise<void> => {
  const { outcomes = [], troubles = [] } = cloud.abilities.recorded ?? {}
  if (troubles.length === 0) throw new Inconclusive('the provider is in no trouble')
  const [sentence] = repeated(cloud.abilities.traffic?.requests ?? [])
  hold(sentence === undefined, () => `With a provider in trouble: ${sentence}`)
  const right = troubles.flatMap(statusesOfMutation)
  for (const { step, answer } of outcomes) {
    if (answer.status < 400) continue
    const isExpected = [step.expect.status].flat().includes(answer.status)
    hold(
      isExpected || right.includes(answer.status),
      () => `${step.title}: with a provider in trouble it is answered with ${answer.status}, not ${right.join(' or ')}`,
    )
    holdErrorDocument(answer, 'json', step.title)
  }
}

/** Refusals that a status tells by itself: a driver may believe it, or want to read why. */
const refusals: ReadonlySet<number> = new Set([401, 403, 404, 409])

/** What a client may be told of an exchange that was answered in a way that no provider should. */
const statusesOfMutation = ({
  mutation: { kind },
  status,
}: NonNullable<CloudUnderTest['abilities']['recorded']>['troubles'][number]): readonly number[] => {
  if (kind === 'late') return [504]
  if (kind === 'never ending' || kind === 'huge') return refusals.has(status) ? [status, 502, 504] : [502, 504]
  if (kind === 'reset') return [502]
  if (refusals.has(status)) return [status, 502]
  if (status === 429 || status === 503) return [503]
  // A gateway's word that its service is late is a 5xx, and says that an answer didn't come in time.
  return status === 504 ? [502, 504] : [502]
}
