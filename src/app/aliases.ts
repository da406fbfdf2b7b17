import pLimit from 'p-limit'
import type { Format } from '../core/format.ts'
import { asProblem, Problem } from '../core/problem.ts'
import { parseSourceKey, type SourceKey } from '../core/source-key.ts'
import { groupAliases, type KnownAlias, WRITE_TIMEOUT_MS, WRITE_WITHIN_MS } from '../plan/alias.ts'
import { aliasesLeftBehind, isSameResult } from '../plan/decide-aliases.ts'
import { emptyEntry, isTagOf, type LedgerEntry, type ResultRecord } from '../plan/ledger-entry.ts'
import type { SourceSpan } from '../plan/source-span.ts'
import type { DeleteFailure } from '../store/port.ts'
import type { VariantKey } from '../url/keyring.ts'
import type { PlannedSource } from './batch/plan.ts'
import type { Tell } from './event.ts'
import type { LedgerSnapshot, Recorder } from './ledger/ledger.ts'
import type { Results } from './results.ts'

/** An alias of a source's result, by its place in the output. */
export interface NamedAlias extends Pick<KnownAlias, 'name' | 'transform' | 'format'> {
  readonly source: SourceKey
}

/** An alias to be written: it gets the bytes that stand under `key` while their ETag is `etag`. */
export interface AliasWrite extends NamedAlias {
  readonly key: VariantKey
  readonly format: Format
  readonly etag: string
  /** Only its bytes are in doubt: where they are right, it is not written. */
  readonly isSuspect?: true
}

/** What the ledger must hold before a write begins (`plan/alias.ts`). `at` is now. */
export const stateAlias = (alias: AliasWrite, at: number): LedgerEntry =>
  toEntry(alias, { etag: alias.etag, at })

const toEntry = (
  { source, name, transform, format }: NamedAlias,
  said: { readonly etag?: string; readonly at: number; readonly isDone?: true },
): LedgerEntry => ({ ...emptyEntry(source), aliases: [{ name, transform, format, ...said }] })

/** Whether a write that was recorded at `at` may still begin. */
export const isInTime = (at: number, now: number): boolean => now - at < WRITE_WITHIN_MS

/** What aliases are written with. `now`: by the clock of the ledger's store. */
export interface AliasWorkOptions {
  readonly results: Results
  readonly recorder: Recorder
  readonly now: () => number
  readonly tell: Tell
}

type AliasPlan = Pick<PlannedSource, 'group' | 'aliases'>

/** Keeps the aliases up to date during a run: it is told what happens to sources and results. */
export interface AliasWork {
  /**
   * To be called when the work on a source begins. Deletes the aliases of results that are gone or go now; has those
   * that may differ from their result written again later. Problem `delete-incomplete`.
   */
  onPlanned(plan: AliasPlan): Promise<void>
  /** To be called when a result was written anew: has its aliases written again later. */
  onStored(plan: AliasPlan, key: VariantKey, record: ResultRecord): Promise<void>
  /** Writes all that wait: one part of the ledger announces them together. */
  settle(): Promise<void>
}

/** So few that the last one is written in time after it was announced. */
const WRITES_PER_STATEMENT = 2_000
const WRITES_AT_ONCE = 12

/** Collects writes, announces them in the ledger, then does them, several at once. */
export const createAliasWork = (options: AliasWorkOptions): AliasWork => {
  const { results, recorder, now, tell } = options
  const limit = pLimit(WRITES_AT_ONCE)
  let waiting: AliasWrite[] = []
  let settling: Promise<void> = Promise.resolve()

  const settleSome = async (): Promise<void> => {
    const writes = waiting.splice(0, WRITES_PER_STATEMENT)
    if (writes.length === 0) return
    const at = now()
    try {
      for (const write of writes) await recorder.add(stateAlias(write, at))
      await recorder.flush()
    } catch (error) {
      waiting = [...writes, ...waiting]
      throw error
    }
    await Promise.all(writes.map((write) => limit(() => writeOrTell(write, at))))
  }
  const writeOrTell = async (alias: AliasWrite, at: number): Promise<void> => {
    try {
      await writeAgain(alias, at)
    } catch (error) {
      tell({ kind: 'source-failed', source: alias.source, problem: asProblem(error) })
    }
  }
  /** An alias that was deleted by hand, or by its bucket, is not restored before somebody asks for it. */
  const writeAgain = async (alias: AliasWrite, at: number): Promise<void> => {
    if (!isInTime(at, now())) return // the next build sees the record, and writes it
    const { source, name, etag } = alias
    const standing = await results.md5Of(name)
    if (standing === undefined) return recorder.add(toEntry(alias, { at, isDone: true }))
    if (isTagOf(etag, standing) && alias.isSuspect)
      return recorder.add(toEntry(alias, { etag, at, isDone: true }))
    const signal = AbortSignal.timeout(WRITE_TIMEOUT_MS)
    if ((await results.alias(alias, name, { signal })) !== 'stored') return
    await recorder.add(toEntry(alias, { etag, at, isDone: true }))
    tell({ kind: 'alias-stored', source, name })
  }
  const settle = (): Promise<void> => {
    settling = settling
      .catch(() => {})
      .then(async () => {
        while (waiting.length > 0) await settleSome()
      })
    return settling
  }

  const write = async (alias: AliasWrite): Promise<void> => {
    waiting.push(alias)
    if (waiting.length >= WRITES_PER_STATEMENT) await settle()
  }
  return {
    onPlanned: async ({ group: { key: source }, aliases }) => {
      const gone = aliases.filter(({ kind }) => kind === 'delete')
      await deleteAliases(
        options,
        gone.map(({ alias }) => ({ source, ...alias })),
      )
      for (const step of aliases)
        if (step.kind === 'write')
          await write({ ...step.alias, source, key: step.key, etag: step.etag, isSuspect: true })
    },
    onStored: async ({ group: { key: source }, aliases }, key, record) => {
      for (const { kind, alias } of aliases)
        if (kind === 'follow' && isSameResult(alias, record))
          await write({ ...alias, source, key, etag: record.etag })
    },
    settle,
  }
}

/** The aliases that have no result any more once the results of `gone` are deleted. */
export const aliasesGoneWith = (
  { group, aliases }: AliasPlan,
  gone: ReadonlySet<VariantKey>,
): readonly NamedAlias[] => {
  // Such an alias belongs to a result that the next build makes, and gets its bytes then.
  const followed = new Set(aliases.flatMap(({ kind, alias }) => (kind === 'follow' ? [alias.name] : [])))
  return aliasesLeftBehind(group, (key) => gone.has(key))
    .filter(({ name }) => !followed.has(name))
    .map((alias) => ({ source: group.key, ...alias }))
}

/** Deletes aliases and records that they are gone; the caller flushes. Problem `delete-incomplete`. */
export const deleteAliases = async (
  { results, recorder, now, tell }: Pick<AliasWorkOptions, 'results' | 'recorder' | 'now' | 'tell'>,
  aliases: readonly NamedAlias[],
): Promise<void> => {
  if (aliases.length === 0) return
  const at = now()
  const failures = await results.store.deleteAll(aliases.map(({ name }) => name))
  const failed = new Set(failures.map(({ key }) => key))
  for (const alias of aliases) {
    if (failed.has(alias.name)) continue
    await recorder.add(toEntry(alias, { at, isDone: true }))
    tell({ kind: 'alias-deleted', source: alias.source, name: alias.name })
  }
  checkAllDeleted(failures, { of: aliases.length, what: 'aliases' })
}

/** Problem `delete-incomplete` where a store refused to delete some; it gives the first reason. */
export const checkAllDeleted = (
  [first, ...others]: readonly DeleteFailure[],
  { of, what = 'results' }: { readonly of: number; readonly what?: string },
): void => {
  if (first === undefined) return
  const count = `${others.length + 1} of ${of} ${what} could not be deleted`
  throw new Problem('delete-incomplete', `${count}. The first is ${first.key}: ${first.message}`, {
    hint: 'Run the same command again; s3:DeleteObject is the permission it needs on S3.',
    subject: first.key,
  })
}

/** Every alias of the chosen sources that may stand; all these sources lie in `spans`. */
export const listAliases = async (
  snapshot: LedgerSnapshot,
  { isChosen, spans }: { isChosen: (key: SourceKey) => boolean; spans: readonly SourceSpan[] },
): Promise<readonly NamedAlias[]> => {
  const found: NamedAlias[] = []
  for await (const entry of snapshot.entriesWithAliases(spans)) {
    const source = parseSourceKey(entry.source)
    if (source === undefined || !isChosen(source)) continue
    for (const { name, transform, format } of groupAliases(entry.aliases))
      found.push({ source, name, transform, format })
  }
  return found
}
