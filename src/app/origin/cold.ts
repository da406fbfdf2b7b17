import { type Format, type FormatChoice, resolveFormats } from '../../core/format.ts'
import { asProblem, Problem, problemStatusOf } from '../../core/problem.ts'
import type { SourceKey } from '../../core/source-key.ts'
import { withVersion } from '../../core/transform.ts'
import type { ExpectedResult } from '../../plan/expected.ts'
import { emptyEntry } from '../../plan/ledger-entry.ts'
import type { RecordedEncoders } from '../../plan/recipe.ts'
import type { Renderer } from '../../render/port.ts'
import type { ClaimedKey, Keyring, VerifiedKey } from '../../url/keyring.ts'
import { type Clock, type Deadline, leftMs } from '../../waiting/clock.ts'
import type { Original, Originals } from '../originals.ts'
import { md5 } from '../results.ts'
import type { Batches } from './batches.ts'
import { toCurrentTransform, type VersionRules } from './current-transform.ts'
import type { TellAnswer } from './event.ts'
import type { KnownFailures } from './known-failures.ts'
import type { Outgoing } from './outgoing.ts'
import type { RecentOriginals } from './recent-originals.ts'
import { type Refused, refuse, toRefused } from './refusal.ts'
import type { Turns } from './turns.ts'
import type { Upload, Uploads } from './uploads.ts'

/** What decides which keys may be made. */
export interface GateRules {
  readonly formats: readonly FormatChoice[]
  readonly vectors: 'keep' | 'draw'
  /** Present where only configured transforms are made: what is configured, without versions. */
  readonly allowed?: AllowedResults
}

/** The results that may be made. */
export interface AllowedResults {
  of(source: SourceKey): readonly ExpectedResult[]
  /** The same with the overrides as they are now. */
  ofNow?(source: SourceKey, signal: AbortSignal): Promise<readonly ExpectedResult[]>
}

/** What decides which keys may be made, under which name, and how. */
export interface ColdRules extends GateRules, VersionRules {
  readonly encoding: RecordedEncoders
}

/** What a missing result is made with. */
export interface ColdParts {
  readonly rules: ColdRules
  readonly keyring: Pick<Keyring, 'keyOf' | 'claimOf'>
  readonly originals: Pick<Originals, 'marksOf'>
  readonly recent: RecentOriginals
  readonly failures: KnownFailures
  readonly turns: Turns
  readonly renderer: Pick<Renderer, 'render' | 'encoderVersion'>
  readonly uploads: Uploads
  readonly outgoing: Pick<Outgoing, 'isFull'>
  readonly batches: Batches
  readonly clock: Clock
  readonly tell: TellAnswer
}

/** A key to be made. `isForeign`: a foreign URL may ask for any format, configured or not. */
export type WantedKey = VerifiedKey & { readonly isForeign?: boolean }

/** What comes of a key that is not in the store. */
export type ColdOutcome =
  | { readonly kind: 'rendered'; readonly upload: Upload }
  /** The source has another version than the key names, or the key names none and should. */
  | { readonly kind: 'moved'; readonly claim: ClaimedKey }
  | Refused

/** Fetches the original, renders, and hands the result over to be stored. Throws only on abort, and on bugs. */
export const renderCold = async (
  verified: WantedKey,
  parts: ColdParts,
  signal: AbortSignal,
): Promise<ColdOutcome> => {
  const { key, variant } = verified
  const denied = whyNotMade(verified, parts.rules)
  if (denied !== undefined && !(await isAllowedNow(denied, verified, parts, signal))) return denied
  try {
    checkOutgoing(parts)
    const { until, leave } = parts.turns.admit()
    try {
      const known = await parts.failures.find(key, variant.source, signal)
      return known ?? (await fetchAndRender(verified, parts, { signal, until }))
    } finally {
      leave()
    }
  } catch (error) {
    if (signal.aborted) throw error
    const problem = asProblem(error)
    if (problem.code !== 'overloaded') parts.tell({ kind: 'fetch-failed', source: variant.source, problem })
    const refused = toRefused(problem)
    // The original was too large to be read. The note is for later visitors; this one does not wait for it.
    if (problemStatusOf(refused.code) === 422)
      parts.failures
        .addUnread(refused, variant.source)
        .catch((bug: unknown) => parts.tell({ kind: 'bug', error: bug }))
    return refused
  }
}

const checkOutgoing = ({ outgoing }: ColdParts): void => {
  if (outgoing.isFull)
    throw new Problem('overloaded', 'Too many bytes of finished pictures wait for slow visitors.')
}

/** The checks that cost no I/O: why a key is not made, or undefined where it may be. */
export const whyNotMade = (
  { variant, isForeign }: Pick<WantedKey, 'variant' | 'isForeign'>,
  rules: GateRules,
): Refused | undefined => {
  const { source, format } = variant
  if (!isForeign && !isConfiguredFormat(format, source, rules)) return refuse('format-not-configured')
  if (rules.allowed === undefined) return undefined
  return isAmong(rules.allowed.of(source), variant) ? undefined : refuse('transform-not-configured')
}

const isAmong = (
  results: readonly ExpectedResult[],
  { transform, format }: VerifiedKey['variant'],
): boolean => {
  const plain = JSON.stringify(withVersion(transform, undefined))
  return results.some(
    (result) =>
      JSON.stringify(result.transform) === plain && (result.format === 'svg') === (format === 'svg'),
  )
}

/** What is not configured may be by what is said of the picture since. */
const isAllowedNow = async (
  { code }: Refused,
  { variant }: VerifiedKey,
  { rules: { allowed }, tell }: ColdParts,
  signal: AbortSignal,
): Promise<boolean> => {
  if (code !== 'transform-not-configured' || allowed?.ofNow === undefined) return false
  try {
    return isAmong(await allowed.ofNow(variant.source, signal), variant)
  } catch (error) {
    if (signal.aborted) throw error
    tell({ kind: 'fetch-failed', source: variant.source, problem: asProblem(error) })
    return false
  }
}

const isConfiguredFormat = (
  format: Format,
  source: string,
  { formats, vectors }: Pick<GateRules, 'formats' | 'vectors'>,
): boolean => (format === 'svg' ? vectors === 'keep' : resolveFormats(formats, source).includes(format))

const fetchAndRender = async (
  verified: VerifiedKey,
  parts: ColdParts,
  deadline: Deadline,
): Promise<ColdOutcome> => {
  const { source } = verified.variant
  const outcome = await parts.recent.use(
    source,
    deadline,
    async (original, fetchedInMs): Promise<ColdOutcome> => {
      const current = currentKey(verified, original, parts)
      if (current !== undefined) return { kind: 'moved', claim: current }
      const { signal, until } = deadline
      return renderInTurn(verified, original, parts, { signal, until: until + fetchedInMs })
    },
  )
  if (outcome !== undefined) return outcome
  parts.failures.addMissing(source)
  return refuse('source-missing')
}

/** The key of this variant for the original as it is now; undefined where it is the key asked for. */
const currentKey = (
  { variant }: VerifiedKey,
  { fingerprint }: Original,
  { rules, keyring }: ColdParts,
): ClaimedKey | undefined => {
  const transform = toCurrentTransform(variant.transform, fingerprint, rules)
  return transform === variant.transform ? undefined : keyring.claimOf({ ...variant, transform })
}

const renderInTurn = async (
  verified: VerifiedKey,
  original: Original,
  parts: ColdParts,
  deadline: Deadline,
): Promise<ColdOutcome> => {
  const { turns, clock, tell } = parts
  const { signal } = deadline
  try {
    const startedAt = clock.now()
    const release = await turns.take(deadline)
    try {
      checkOutgoing(parts) // renders that began earlier may have filled it
      tell({ kind: 'waited', elapsedMs: clock.now() - startedAt })
      const work = { original, purpose: 'answer', waitMs: leftMs(clock, deadline) } as const
      return { kind: 'rendered', upload: await renderOne(verified, work, parts, signal) }
    } finally {
      release()
    }
  } catch (error) {
    if (signal.aborted || !(error instanceof Problem) || error.code === 'overloaded') throw error
    tell({ kind: 'render-failed', key: verified.key, problem: error })
    const refused = toRefused(error)
    if (problemStatusOf(refused.code) !== 503) parts.failures.add(refused, original.source, verified.key)
    return refused
  }
}

interface OneRender {
  readonly original: Original
  readonly purpose: 'answer' | 'sibling'
  /** How long it may wait for memory and for a process. */
  readonly waitMs: number
}

/** Makes one result and hands it over to be stored. The caller holds a turn. Problem `overloaded` after `waitMs`. */
export const renderOne = async (
  { key, variant, transformText }: Pick<VerifiedKey, 'key' | 'variant' | 'transformText'>,
  { original, purpose, waitMs }: OneRender,
  parts: ColdParts,
  signal: AbortSignal,
): Promise<Upload> => {
  const { renderer, rules, uploads, clock, tell } = parts
  const { source, transform, format } = variant
  const startedAt = clock.now()
  const report = await renderer.render(
    { bytes: original.bytes, outputs: [{ transform, format }], encoders: rules.encoding.encoders },
    { signal, waitMs },
  )
  const [output] = report.outputs
  if (output === undefined) throw new Error('the renderer left out an output')
  if (output instanceof Problem) throw output
  const { bytes } = output
  const { damage, undrawn } = report
  const elapsedMs = clock.now() - startedAt
  tell({
    kind: 'rendered',
    key,
    format,
    purpose,
    sizeBytes: bytes.length,
    elapsedMs,
    ...(damage && { damage }),
    ...(undrawn && { undrawn }),
  })
  const upload: Upload = {
    key,
    source,
    bytes,
    md5: md5(bytes),
    renderedAt: clock.date(),
    origin: {
      transform: transformText,
      format,
      fingerprint: original.fingerprint,
      recipe: rules.encoding.recipeOf(format, transformText, report),
      encoder: renderer.encoderVersion(format),
      maker: 'serve',
    },
  }
  uploads.add(upload)
  // Not awaited: the worker is free for the next one.
  void recordSighting(original, parts)
  return upload
}

/** Records the fingerprint, so that the next build need not read the original for it. */
const recordSighting = async (original: Original, { originals, batches }: ColdParts): Promise<void> => {
  const { key, sizeBytes, mark } = original.source
  if (originals.marksOf(key) !== 'date' || mark === undefined) return
  const sighting = { sizeBytes, mark, fingerprint: original.fingerprint }
  await batches.add({ ...emptyEntry(key), sightings: [sighting] })
}
