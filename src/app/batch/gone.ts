import { Problem, policyOf } from '../../core/problem.ts'
import type { SourceKey } from '../../core/source-key.ts'
import { emptyEntry } from '../../plan/ledger-entry.ts'
import { type AliasWorkOptions, aliasesGoneWith, deleteAliases } from '../aliases.ts'
import type { Originals } from '../originals.ts'
import { toDeletedOrphan } from './orphans.ts'
import { isGone, type PlannedSource } from './plan.ts'
import { deleteKeys } from './prune.ts'
import { DEFAULT_MAX_SHARE } from './prune-survey.ts'

interface GoneInput extends AliasWorkOptions {
  readonly originals: Originals
}

/**
 * Deletes the results of a named original that does not exist any more. True where nothing is left to do: the results
 * are deleted, or the source exists again. False where nobody can be certain that it is gone. Problems `prune-empty`,
 * `prune-share`, `delete-incomplete`, and those of the stores.
 */
export type DeleteGone = (plan: PlannedSource) => Promise<boolean>

/** So many sources may lose all results before a sample is checked; after each check, twice as many. */
const FIRST_ALLOWANCE = 100
const LARGEST_ALLOWANCE = 10_000
/** After this time the count begins anew. */
const ALLOWANCE_MS = 10 * 60_000
/** How many sources with results the sample has. */
const SAMPLE = 100
/** What such a look has refused is refused for so long without another: it costs a hundred requests. */
const REFUSAL_MS = 60_000

/**
 * An event or a list names a source. That the source is gone is believed only after a second look, just before its
 * results are deleted. The guards are those of the law Prune, as far as a run without a listing can apply them: a place
 * that fails is not taken for empty, one that cannot be listed proves nothing, an empty one is not believed, and where
 * a hundred sources have lost all of their results, a sample of the others must still exist.
 */
export const createDeleteGone = (input: GoneInput): DeleteGone => {
  const { originals, results, recorder, now, tell } = input
  const checkGuards = createGuards(input)
  return async (plan) => {
    const { group, steps } = plan
    const source = group.key
    const root = originals.roots.find(({ prefix }) => source.startsWith(prefix))
    if (!isGone(plan) || root?.isListable === false) return false
    const orphans = steps.filter((step) => step.kind === 'orphan')
    const lost = new Set(orphans.map(({ key }) => key))
    const aliases = aliasesGoneWith(plan, lost)
    if (lost.size === 0 && aliases.length === 0) return true
    await checkGuards(root?.prefix ?? '')
    if ((await originals.find(source)) !== undefined) return true
    await deleteAliases(input, aliases)
    await deleteKeys({ results }, [...lost])
    for (const { key, name, since } of orphans) {
      tell({ kind: 'result-dropped', source, key })
      if (since !== undefined)
        await recorder.add({ ...emptyEntry(source), orphans: [toDeletedOrphan(group, name, now())] })
    }
    tell({ kind: 'source-gone', source, results: lost.size })
    return true
  }
}

/** To be called, with the root's prefix, before one more of its sources loses its results. */
const createGuards = (input: GoneInput): ((prefix: string) => Promise<void>) => {
  const { originals, now } = input
  const looks = new Map<string, { readonly at: number; readonly look: Promise<void> }>()
  let since = Number.NEGATIVE_INFINITY
  let allowance = FIRST_ALLOWANCE
  let left = allowance
  let sampling: { readonly at: number; readonly look: Promise<void> } | undefined

  /** Checked again after a while, and at once where the check failed. */
  const checkNotEmpty = (prefix: string): Promise<void> => {
    const known = looks.get(prefix)
    if (known !== undefined && now() - known.at < ALLOWANCE_MS) return known.look
    const look = hasAny(originals, prefix).then((has) => {
      if (!has) throw emptyProblem(prefix)
    })
    looks.set(prefix, { at: now(), look })
    look.catch(() => looks.delete(prefix))
    return look
  }
  const renew = (): void => {
    since = now()
    allowance = FIRST_ALLOWANCE
    left = allowance
  }
  const sample = async (): Promise<void> => {
    try {
      await checkShare(input)
      allowance = Math.min(allowance * 2, LARGEST_ALLOWANCE)
      left = allowance
      sampling = undefined
    } catch (error) {
      if (!isRefusal(error)) sampling = undefined
      throw error
    }
  }
  return async (prefix) => {
    await checkNotEmpty(prefix)
    if (now() - since > ALLOWANCE_MS) renew()
    if (left <= 0) {
      if (sampling === undefined || now() - sampling.at > REFUSAL_MS) sampling = { at: now(), look: sample() }
      await sampling.look
    }
    left--
  }
}

const isRefusal = (error: unknown): boolean =>
  error instanceof Problem && policyOf(error.code).fault === 'guard'

const hasAny = async (originals: Originals, prefix: string): Promise<boolean> => {
  let unlisted: Problem | undefined
  const listing = originals.list({
    range: { prefix },
    onSkipped: () => {},
    onUnlisted: (_, problem) => {
      unlisted ??= problem
    },
  })
  for await (const _ of listing) return true
  if (unlisted !== undefined) throw unlisted
  return false
}

const emptyProblem = (prefix: string): Problem =>
  new Problem(
    'prune-empty',
    `No original of ${prefix === '' ? 'the source' : `the source ${prefix.slice(0, -1)}`} is listed. The listing may be wrong, so results are kept.`,
    { hint: 'If that is right: imgsizes prune --allow-empty --max-share 1' },
  )

/** Of the first sources that have results, at most this share may be gone. */
const checkShare = async ({ originals, results }: GoneInput): Promise<void> => {
  const sources = new Set<SourceKey>()
  for await (const { variant } of results.list({ onUnlisted: () => {} })) {
    sources.add(variant.source)
    if (sources.size >= SAMPLE) break
  }
  const found = await Promise.all([...sources].map((source) => originals.find(source)))
  const gone = found.filter((source) => source === undefined).length
  if (gone > found.length * DEFAULT_MAX_SHARE)
    throw new Problem(
      'prune-share',
      `${gone} of ${found.length} sources with results that were checked are gone, which is more than the limit. Something may be wrong with the source, so the last results are kept.`,
      { hint: 'Check `source` in the config. If that is right: imgsizes prune --max-share 1' },
    )
}
