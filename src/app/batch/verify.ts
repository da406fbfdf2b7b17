import { contentTypeOf } from '../../core/format.ts'
import type { PictureSize } from '../../core/geometry.ts'
import { transformedSize } from '../../core/preparation.ts'
import { asProblem } from '../../core/problem.ts'
import type { ListedResult } from '../../plan/group.ts'
import { findFacts, isTagOf } from '../../plan/ledger-entry.ts'
import type { Renderer, SourceFacts } from '../../render/port.ts'
import type { ObjectBytes } from '../../store/port.ts'
import type { VariantKey } from '../../url/keyring.ts'
import { forEachConcurrent } from '../../waiting/concurrency.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { md5 } from '../results.ts'
import { isGone, type PlanInput, type PlannedSource, planSources } from './plan.ts'

interface VerifyInput extends Omit<PlanInput, 'snapshot'> {
  readonly ledger: Ledger
  readonly renderer: Renderer
  readonly threads: number
}

/**
 * What is wrong with a stored result: `image-corrupt` (cut off or damaged), `not-an-image`, `wrong-type` (not the
 * format of its key), `wrong-content-type`, `wrong-size` (not the pixels that its key means for its source),
 * `svg-unsafe` (a vector that is not as it was cleaned), `wrong-bytes` (decodes, but is not what was stored), `gone`
 * (was listed, but does not exist any more), or why the store does not give it: `store-denied`, `store-unavailable`,
 * `store-timeout`.
 */
export interface BadResult {
  readonly key: VariantKey
  readonly code: string
  readonly message: string
  /** Its original is gone, so nothing can make it again; `prune` or `purge` deletes it. */
  readonly isOrphan: boolean
}

interface VerifyReport {
  readonly checked: number
  readonly bad: readonly BadResult[]
}

/** Reads back every stored result of the selected sources, decodes it and compares it with its key. */
export const verify = async (input: VerifyInput): Promise<VerifyReport> => {
  const snapshot = await input.ledger.open({ signal: input.signal })
  const bad: BadResult[] = []
  let checked = 0
  await forEachConcurrent(planSources({ ...input, snapshot }), input.threads * 2, async (plan) => {
    const size = await findSize(plan, input)
    for (const listed of plan.group.results) {
      const found = await checkResult(listed, { plan, size }, input)
      checked++
      input.tell({ kind: 'result-checked', key: listed.key })
      if (found === undefined) continue
      bad.push({ key: listed.key, ...found, isOrphan: isGone(plan) })
      input.tell({ kind: 'result-bad', key: listed.key, ...found })
    }
  })
  return { checked, bad }
}

type Fault = Pick<BadResult, 'code' | 'message'>

const checkResult = async (
  listed: ListedResult,
  { plan, size }: { readonly plan: PlannedSource; readonly size: PictureSize | undefined },
  { results, renderer, signal }: VerifyInput,
): Promise<Fault | undefined> => {
  const { format, transform } = listed.variant
  const object = await results.store
    .get(listed.key, { signal })
    .catch((error: unknown) => toFault(error, signal))
  if (object !== undefined && 'code' in object) return object
  if (object === undefined) return { code: 'gone', message: 'It was listed, but does not exist any more.' }
  const { contentType } = object.headers
  if (contentType !== undefined && contentType !== contentTypeOf(format))
    return { code: 'wrong-content-type', message: `It is stored as ${contentType}.` }
  const isOwn = isAsStored(object, listed, plan)
  try {
    const facts = await renderer.check(object.bytes)
    if (facts.mediaFormat !== (format === 'jpg' ? 'jpeg' : format))
      return { code: 'wrong-type', message: `Its bytes are ${facts.mediaFormat}.` }
    const wanted = size && transformedSize(transform, size)
    if (wanted !== undefined && (facts.width !== wanted.width || facts.height !== wanted.height))
      return {
        code: 'wrong-size',
        message: `It is ${facts.width}×${facts.height} and should be ${wanted.width}×${wanted.height}.`,
      }
    return isOwn
      ? undefined
      : { code: 'wrong-bytes', message: 'Its bytes are not the ones that were stored.' }
  } catch (error) {
    const { code, message } = asProblem(error)
    return { code, message }
  }
}

/** A result that cannot be read is bad, and the others are checked; where the whole store fails, this is thrown. */
const toFault = (error: unknown, signal: AbortSignal | undefined): Fault => {
  signal?.throwIfAborted()
  const { code, message } = asProblem(error)
  if (!UNREADABLE.has(code)) throw error
  return { code, message }
}

const UNREADABLE: ReadonlySet<string> = new Set(['store-denied', 'store-unavailable', 'store-timeout'])

/**
 * Whether the bytes are those that were stored, by the object's metadata or else the ledger; true where neither tells.
 * Records of an original that was replaced do not: a writer may have been killed before it could record what it stored.
 */
const isAsStored = (
  object: ObjectBytes,
  listed: ListedResult,
  { group, fingerprint }: Pick<PlannedSource, 'group' | 'fingerprint'>,
): boolean => {
  const sum = md5(object.bytes)
  if (object.md5 !== undefined) return object.md5 === sum
  const records = (group.known?.results ?? []).filter(
    (record) =>
      record.transform === listed.transformText &&
      record.format === listed.variant.format &&
      (fingerprint === undefined || record.fingerprint === fingerprint),
  )
  return records.length === 0 || records.some(({ etag }) => isTagOf(etag, sum))
}

/** The original's size in pixels: from the ledger, else from its header; undefined where it is gone or no picture. */
const findSize = async (
  { group, fingerprint }: PlannedSource,
  { originals, renderer, signal }: VerifyInput,
): Promise<PictureSize | SourceFacts | undefined> => {
  if (group.source === undefined || group.results.length === 0) return undefined
  const known = findFacts(group.known?.facts, fingerprint)
  if (known !== undefined) return known
  try {
    const original = await originals.read(group.key, { signal })
    return original && (await renderer.inspect(original.bytes)).facts
  } catch (error) {
    asProblem(error) // an original that cannot be read says nothing about its results
    return undefined
  }
}
