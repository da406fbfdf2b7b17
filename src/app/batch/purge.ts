import type { Problem } from '../../core/problem.ts'
import type { SourceKey } from '../../core/source-key.ts'
import type { VariantKey } from '../../url/keyring.ts'
import { collect } from '../../waiting/collect.ts'
import { deleteAliases, listAliases, type NamedAlias } from '../aliases.ts'
import type { Tell } from '../event.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Results } from '../results.ts'
import { tellKeptVersions } from './kept-versions.ts'
import { deleteKeys } from './prune.ts'

/** Where results are deleted and recorded. */
export interface PurgeInput {
  readonly results: Results
  readonly ledger: Ledger
  readonly now: () => number
  readonly tell: Tell
  readonly signal?: AbortSignal | undefined
}

/** Which sources lose their results. */
export interface PurgeChoice {
  readonly isChosen: (key: SourceKey) => boolean
  /** What every key of a chosen source begins with; "" where unknown. */
  readonly prefix: string
}

/** What is deleted: results, and their second names. */
export interface Purged {
  readonly keys: readonly VariantKey[]
  readonly aliases: readonly NamedAlias[]
}

/** The results that {@link purge} would delete, in byte order. Whether the sources exist does not matter. */
export const listPurge = async (
  { results, tell, signal }: Pick<PurgeInput, 'results' | 'tell' | 'signal'>,
  { isChosen, prefix }: PurgeChoice,
): Promise<readonly VariantKey[]> => {
  const keys: VariantKey[] = []
  const onUnlisted = (_: string, problem: Problem): void => tell({ kind: 'warning', problem })
  for await (const { key, variant } of results.list({ prefix, onUnlisted, signal }))
    if (isChosen(variant.source)) keys.push(key)
  return keys
}

/** The results of one named source, even where the disk of the output spells its folder differently. */
export const listPurgeOf = async (
  { results, signal }: Pick<PurgeInput, 'results' | 'signal'>,
  source: SourceKey,
): Promise<readonly VariantKey[]> => {
  const spelled = await results.store.findOtherSpelling?.(source)
  const own = await collect(results.listOf(source, { spelled, signal }))
  return own.map(({ key }) => key)
}

/** The aliases of the chosen sources, whether or not their results exist. */
export const listPurgedAliases = async (
  { ledger, signal }: Pick<PurgeInput, 'ledger' | 'signal'>,
  chosen: Parameters<typeof listAliases>[1],
): Promise<readonly NamedAlias[]> => listAliases(await ledger.open({ signal }), chosen)

/** Deletes results at once, without a guard: the caller has asked the user. Problem `delete-incomplete`. */
export const purge = async (input: PurgeInput, { keys, aliases }: Purged): Promise<void> => {
  const recorder = input.ledger.record()
  // First: once the results are forgotten, nobody can tell their aliases from what others have stored.
  await deleteAliases({ ...input, recorder }, aliases)
  await recorder.flush()
  await deleteKeys(input, keys)
  for (const key of keys) input.tell({ kind: 'result-deleted', key })
  if (keys.length > 0) await tellKeptVersions(input.results.store, input.tell)
}
