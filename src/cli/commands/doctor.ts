import { existsSync } from 'node:fs'
import { type Check, checkThat, skipped, toCheck } from '../../app/doctor/check.ts'
import { checkQueue } from '../../app/doctor/queue-checks.ts'
import { checkReading, checkWriting } from '../../app/doctor/store-checks.ts'
import { type Config, folderOf, type Place } from '../../config/config.ts'
import { compileFolderExclude } from '../../config/match.ts'
import { contentTypeOf, resolveFormats } from '../../core/format.ts'
import { PRIVATE_SEGMENT, type SourceKey } from '../../core/source-key.ts'
import type { Queue } from '../../queue/port.ts'
import type { ReadableStore, StoredObject, WritableStore } from '../../store/port.ts'
import { createKeyring, type Keyring, spellKey, type VerifiedKey } from '../../url/keyring.ts'
import { formatUrl } from '../../url/path.ts'
import { openQueue } from '../../wire/queue.ts'
import { openExpiringLinks } from '../../wire/request-rules.ts'
import type { Command, CommandContext } from '../command.ts'
import { readCommonFlags, valueFlag } from '../common-flags.ts'
import { checkBucket } from '../doctor/closed-check.ts'
import { formatCheck, formatCheckCounts } from '../doctor/format-checks.ts'
import { checkClock, checkLibraries, checkMachine, checkSecrets } from '../doctor/machine-checks.ts'
import { adviceOf } from '../doctor/place-advice.ts'
import { checkDelivery, type DeliveryOptions, type PlacedObject } from '../doctor/url-checks.ts'
import type { Flags } from '../flags.ts'
import { loadCommandConfig, untilStopped } from '../with-project.ts'

const FLAGS = {
  url: valueFlag('What to look at:', 'Base URL of a site; default: as configured'),
  events: valueFlag('What to look at:', 'The queue of `watch`, too: sqs://name'),
}

interface Job {
  readonly config: Config
  readonly context: CommandContext
  readonly threads: number
  readonly baseUrl: string
  readonly queue: Queue | undefined
  readonly signal: AbortSignal
}

const run = async (flags: Flags, context: CommandContext): Promise<number> => {
  const { terminal } = context
  const common = readCommonFlags(flags, context.host)
  const url = flags.parsed('url', 'http(s)://host/path/', parseUrl)
  const events = flags.text('events')
  const queue = events === undefined ? undefined : await openQueue(events, '--events')
  const config = await loadCommandConfig(common, context, { needsSecret: false })
  return untilStopped(context, async ({ signal }) => {
    const checks: Check[] = []
    const job = { config, context, threads: common.threads, baseUrl: url ?? config.baseUrl, queue, signal }
    for await (const check of examine(job)) {
      checks.push(check)
      const isShown = !common.isQuiet || check.status === 'failed'
      if (!common.isJson && isShown) terminal.report(formatCheck(check, terminal))
    }
    const failed = checks.filter(({ status }) => status === 'failed').length
    if (common.isJson) terminal.print(JSON.stringify({ version: 1, failed, checks }))
    else if (!common.isQuiet) terminal.report(formatCheckCounts(checks, terminal.style))
    return failed > 0 ? 1 : 0
  })
}

const parseUrl = (text: string): string | undefined => {
  if (!/^https?:\/\//.test(text) || !URL.canParse(text) || /[?#]/.test(text)) return undefined
  return text.endsWith('/') ? text : `${text}/`
}

/** From the inside to the outside: an earlier failure explains later ones. */
async function* examine(job: Job): AsyncGenerator<Check> {
  const { config, context, threads, signal } = job
  yield* checkSecrets(config)
  // Loaded only now, so that wrong usage is told without waiting for sharp.
  const [{ openOutput, openSource }, { examineLibraries }] = await Promise.all([
    import('../../wire/stores.ts'),
    import('../../render/libraries.ts'),
  ])
  const isLeftOut = compileFolderExclude(config.exclude)
  for (const { name, place } of config.sources) {
    const part = name === undefined ? 'source' : `source ${name}`
    const store = await openSource(place, config.limits)
    const options = toStoreOptions(part, place, job)
    const prefix = name === undefined ? '' : `${name}/`
    const isEntered = (path: string): boolean => !isLeftOut(prefix + path)
    yield* checkReading(store, { ...options, isEntered })
    await store.close()
  }
  const output = await openOutput(config.output)
  try {
    yield* checkWriting(output, toStoreOptions('output', config.output, job))
    if (config.state !== undefined) {
      const state = await openOutput(config.state)
      yield* checkWriting(state, toStoreOptions('state', config.state, job))
      await state.close()
    }
    const places = [config.output, ...config.sources.map(({ place }) => place)]
    const [clockUrl] = places.flatMap((place) => adviceOf(place).clockUrl ?? [])
    if (clockUrl !== undefined) yield await checkClock(clockUrl, { fetch, now: context.now, signal })
    yield* examineBucket(output, job)
    yield* examineDelivery(output, job)
  } finally {
    await output.close()
  }
  if (job.queue !== undefined) {
    yield* checkQueue(job.queue, config.limits)
    await job.queue.close()
  }
  yield* checkMachine({ host: context.host, threads, nodeVersion: process.version })
  yield checkLibraries(await examineLibraries())
}

const toStoreOptions = (part: string, place: Place, { context, signal }: Job) => {
  const folder = folderOf(place)
  return {
    part,
    id: context.newId(),
    permissions: adviceOf(place).permissions,
    isNew: folder !== undefined && !existsSync(folder),
    signal,
  }
}

async function* examineBucket(output: WritableStore, { config, signal }: Job): AsyncGenerator<Check> {
  if (config.secrets.length === 0 || folderOf(config.output) !== undefined) return
  // Errors of the listing were told above.
  const result = await findResult(output, createKeyring(config.secrets), signal).catch(() => undefined)
  if (result === undefined) return
  const { AWS_REGION, AWS_DEFAULT_REGION, AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL } = process.env
  const visit = {
    key: result.object.key,
    region: AWS_REGION ?? AWS_DEFAULT_REGION,
    endpoint: AWS_ENDPOINT_URL_S3 ?? AWS_ENDPOINT_URL,
    fetch,
    signal,
  }
  yield* checkBucket(config, visit)
}

async function* examineDelivery(output: WritableStore, job: Job): AsyncGenerator<Check> {
  const { baseUrl, config, signal } = job
  const skip = (found: string, advice: string): Check =>
    toCheck('base URL', 'reachable', skipped(found, advice))
  if (config.secrets.length === 0) return
  if (baseUrl.startsWith('/'))
    return yield skip(
      `${baseUrl} has no host to check`,
      'Say --url https://your.site/path/ to have it looked at.',
    )
  const keyring = createKeyring(config.secrets)
  let result: FoundResult | undefined
  let privateKey: string | undefined
  const search = await checkThat('base URL', 'first result', async () => {
    result = await findResult(output, keyring, signal)
    privateKey = await findPrivateKey(output, signal)
    return ''
  })
  if (search.status === 'failed') return yield search
  if (result === undefined)
    return yield skip('there is no result yet', 'Run `imgsizes build`, then this again.')
  yield* checkDelivery(toDelivery({ ...result, privateKey, output }, keyring, job))
}

/** Longer than all checks take. */
const LINK_SECONDS = 600

const toDelivery = (
  found: FoundResult & { readonly privateKey: string | undefined; readonly output: WritableStore },
  keyring: Keyring,
  { config, baseUrl, context, signal }: Job,
): DeliveryOptions => {
  const { object, verified, privateKey, output } = found
  const { variant, transformText } = verified
  const { source, format } = variant
  const signature = keyring.sign(source, transformText, verified.secretIndex)
  const missing = `imgsizes-doctor-${context.newId()}.${format === 'svg' ? format : 'jpg'}` as SourceKey
  const { expiring } = openExpiringLinks(config)
  const expires = Math.floor(context.now() / 1000) + LINK_SECONDS
  const toUrl = (key: string): string =>
    formatUrl(baseUrl, key) + (expiring === undefined ? '' : `?${expiring.queryOf(key, expires)}`)
  const spell = (of: SourceKey, signed: string, ext: typeof format | 'auto'): string =>
    toUrl(spellKey({ source: of, transformText, signature: signed, ext }))
  const forged = (of: SourceKey): string =>
    spellKey({ source: of, transformText, signature: 'imgsizes--doctor', ext: format })
  return {
    url: toUrl(object.key),
    bareUrl: expiring && formatUrl(baseUrl, object.key),
    contentType: contentTypeOf(format),
    sizeBytes: object.sizeBytes,
    cacheControl: config.cacheControl,
    autoUrl: spell(source, signature, 'auto'),
    // For a vector, `.auto` is always svg.
    autoTypes: (format === 'svg' ? [format] : resolveFormats(config.formats, source)).map(contentTypeOf),
    missingUrl: spell(missing, keyring.sign(missing, transformText), format),
    forgedUrl: toUrl(forged(source)),
    privateUrl: privateKey && formatUrl(baseUrl, privateKey),
    placed: expiring === undefined ? toPlaced(forged(missing), output, { config, baseUrl }) : undefined,
    cors: config.serve.cors,
    fetch,
    signal,
  }
}

/** An object that only the store has, with a name that `serve` refuses. */
const toPlaced = (
  key: string,
  output: WritableStore,
  { config, baseUrl }: Pick<Job, 'config' | 'baseUrl'>,
): PlacedObject => {
  const headers = { contentType: 'image/jpeg', cacheControl: 'no-store', metadata: {} }
  return {
    url: formatUrl(baseUrl, key),
    place: folderOf(config.output) === undefined ? 'the bucket' : 'the output folder',
    advice: adviceOf(config.output).opening,
    put: async () => void (await output.put(key, new TextEncoder().encode('doctor'), { headers })),
    remove: async () => void (await output.deleteAll([key])),
  }
}

/** `imgsizes doctor`. */
export const command: Command = {
  examples: [
    ['imgsizes doctor', 'before the site goes live, and when something is odd'],
    ['imgsizes doctor --url http://localhost:8080/img/', 'the same, through a server on this machine'],
  ],
  unusedFlags: ['verbose'],
  usage:
    '$0 doctor\n\nLooks at what goes wrong in practice, and says what to do: secret, permissions, clock, the URLs as visitors see them, libraries and memory. Writes an object of its own and deletes it.',
  flags: FLAGS,
  run,
}

interface FoundResult {
  readonly object: StoredObject
  readonly verified: VerifiedKey
}

/** The most objects that are looked at: a bucket may be full of foreign ones. */
const MOST_LOOKED_AT = 10_000

/** The first result that `serve` would answer: one that no retired secret has signed. */
const findResult = async (
  store: ReadableStore,
  keyring: Keyring,
  signal: AbortSignal,
): Promise<FoundResult | undefined> => {
  let looked = 0
  for await (const object of store.list({ signal, onUnlisted: () => {} })) {
    const verified = keyring.verify(object.key)
    if (verified !== undefined && keyring.secrets[verified.secretIndex]?.isRetired === false)
      return { object, verified }
    if (++looked >= MOST_LOOKED_AT) return undefined
  }
  return undefined
}

/** The key of an object of ours that is not a result. */
const findPrivateKey = async (store: ReadableStore, signal: AbortSignal): Promise<string | undefined> => {
  for await (const { key } of store.list({ prefix: `${PRIVATE_SEGMENT}/`, signal })) return key
  return undefined
}
