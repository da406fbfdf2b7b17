import { randomUUID } from 'node:crypto'
import { createRunTally } from './app/batch/build-tally.ts'
import { countPlan, noCounts } from './app/batch/plan-counts.ts'
import { purge } from './app/batch/purge.ts'
import {
  type BuildJson,
  type PlanJson,
  type PruneJson,
  type PurgeJson,
  toBuildJson,
  toPlanJson,
  toPruneJson,
  toPurgeJson,
  toVerifyJson,
  toWarmJson,
  type VerifyJson,
  type WarmJson,
} from './app/batch/reports.ts'
import { narrowToShare } from './app/batch/shares.ts'
import type { Tell } from './app/event.ts'
import { noLogCounts } from './app/warm/count-log.ts'
import type { Config } from './config/config.ts'
import { SYSTEM_DISK } from './config/disk.ts'
import { loadConfig } from './config/load.ts'
import { resolveConfig } from './config/resolve.ts'
import { defined } from './core/defined.ts'
import { Problem } from './core/problem.ts'
import type { SourceKey } from './core/source-key.ts'
import { createLinkQuery } from './page/link-query.ts'
import { isInShare } from './plan/shares.ts'
import { compareSources } from './plan/source-order.ts'
import { systemClock } from './waiting/system-clock.ts'
import { buildProject, warmProject } from './wire/build.ts'
import { checkArgument, checkOptions } from './wire/check-options.ts'
import { readHost, toBatchBounds } from './wire/host.ts'
import type {
  BuildOptions,
  OpenOptions,
  PlanOptions,
  PruneOptions,
  RunOptions,
  ScopedOptions,
  UrlOptions,
  VerifyOptions,
  WarmOptions,
} from './wire/library-options.ts'
import { type AgainChoices, planProject } from './wire/plan.ts'
import { readProgramVersion } from './wire/program-version.ts'
import { openProject, type Project, type ScopeOptions, toScope } from './wire/project.ts'
import { pruneProject } from './wire/prune.ts'
import { findPurged, parsePurgeTarget } from './wire/purge.ts'
import { refuseCache } from './wire/refuse-cache.ts'
import { lookAtSource } from './wire/source-look.ts'
import { readSourceName, toSigned, toUrlJson, type UrlJson } from './wire/urls.ts'
import { verifyProject } from './wire/verify.ts'
import { listWantedUrls, readTransform } from './wire/wanted-urls.ts'
import { type AccessLog, countLogs, listDue } from './wire/warm.ts'

export type {
  BuildJson,
  PlanJson,
  PruneJson,
  PurgeJson,
  VerifyJson,
  WarmJson,
} from './app/batch/reports.ts'
export type { AppEvent } from './app/event.ts'
export type { PageEvent } from './app/site/page-event.ts'
export type { Config } from './config/config.ts'
export type { ConfigInput } from './config/config-input.ts'
export { defineConfig } from './config/define.ts'
export { type LoadOptions, loadConfig } from './config/load.ts'
export type { Format } from './core/format.ts'
export { Problem } from './core/problem.ts'
export type * from './wire/library-options.ts'
export type { UrlJson } from './wire/urls.ts'
export type { AccessLog } from './wire/warm.ts'

/**
 * An opened configuration, with the commands as functions. Each returns the report that the command prints with
 * `--json`. Where a run cannot be done at all (a listing fails, an option is wrong, a guard refuses) it rejects with a
 * {@link Problem}; a source that fails is in the report and does not stop the others. A `build` or `warm` that is
 * aborted finishes the work that runs and returns its report; any other run rejects with the signal's reason.
 */
export interface Imgsizes {
  readonly config: Config
  plan(options?: PlanOptions): Promise<PlanJson>
  build(options?: BuildOptions): Promise<BuildJson>
  prune(options?: PruneOptions): Promise<PruneJson>
  /** Deletes every result of these sources (names or globs) at once, without asking. */
  purge(sources: readonly string[], options?: RunOptions): Promise<PurgeJson>
  verify(options?: VerifyOptions): Promise<VerifyJson>
  warm(logs: readonly AccessLog[], options?: WarmOptions): Promise<WarmJson>
  /** The signed URLs of a source, which need not exist. */
  url(source: string, options?: UrlOptions): Promise<readonly UrlJson[]>
}

/** Opens a configuration. Nothing is read or written yet. Problems `config-…`. */
export const openImgsizes = async (options: OpenOptions = {}): Promise<Imgsizes> => {
  checkOptions('openImgsizes', options)
  const { cwd = process.cwd() } = options
  const config = await readConfig(options, cwd)
  const bounds = toBatchBounds(readHost(), { threads: options.concurrency, memoryBytes: options.memoryBytes })
  const run = createRun(config, options)
  return {
    config,

    plan: (given = {}) =>
      run('plan', given, async (project, tell) => {
        const counts = noCounts()
        const plans = planProject(project, {
          ...readScope(given, config),
          again: toAgain(given),
          foreignCounts: counts,
          tell: (event) => {
            if (event.kind === 'source-skipped') counts.skipped++
            tell(event)
          },
          signal: given.signal,
        })
        for await (const plan of plans) countPlan(counts, plan)
        return toPlanJson(counts)
      }),

    build: (given = {}) =>
      run('build', given, async (project, tell) => {
        refuseCache(config, 'build')
        const { read, tell: count } = createRunTally(systemClock.now, tell)
        const scope = await narrowToShard(project, readScope(given, config), given)
        const { signal: stop } = given
        await buildProject(project, {
          ...scope,
          again: toAgain(given),
          ...toForcing(given),
          bounds,
          tell: count,
          stop,
        })
        const { tally, seconds } = read()
        return toBuildJson(tally, seconds)
      }),

    prune: (given = {}) =>
      run('prune', given, async (project, tell) =>
        toPruneJson(await pruneProject(project, { ...given, tell })),
      ),

    purge: (sources, given = {}) =>
      run('purge', given, async (project, tell) => {
        checkArgument('purge', { sources })
        const input = { ...project, tell, signal: given.signal }
        const purged = await findPurged(sources.map(parsePurgeTarget), input)
        await purge(input, purged)
        return toPurgeJson(purged.keys)
      }),

    verify: (given = {}) =>
      run('verify', given, async (project, tell) => {
        if (given.repair === true) refuseCache(config, 'verify with repair')
        const scope = readScope(given, config)
        const { repair = false } = given
        return toVerifyJson(
          await verifyProject(project, { ...scope, repair, bounds, tell, signal: given.signal }),
        )
      }),

    warm: (logs, given = {}) =>
      run('warm', given, async (project, tell) => {
        checkArgument('warm', { logs })
        const { retryFailed = false, dryRun = false, signal: stop } = given
        const { read, tell: count } = createRunTally(systemClock.now, tell)
        const log = noLogCounts()
        const { wanted, isCapped } = await countLogs(project, logs, { ...given, counts: log })
        const work = { retryFailed, tell: count, stop }
        const due = dryRun ? await listDue(project, wanted, work) : undefined
        if (!dryRun && wanted.variants > 0) await warmProject(project, { ...work, wanted, bounds })
        return toWarmJson({ log, isCapped, wanted: wanted.variants, ...read(), ...(due && { due }) })
      }),

    url: (name, given = {}) =>
      run('url', given, async (project) => {
        checkArgument('url', { source: name })
        const { size, format, expires, signal = new AbortController().signal } = given
        checkSizeName(size, config)
        const source = readSourceName(name, config)
        const transform = readTransform(given.transform)
        if (size !== undefined && transform !== undefined)
          throw new Problem('option-invalid', 'size and transform do not go together')
        const override = await project.overrides.read(source, signal)
        const wanted = listWantedUrls(source, { size, format, transform }, config, override)
        const look = await lookAtSource(source, project, { wantsSize: true, onUnknown: () => {}, signal })
        const linkQuery = createLinkQuery(config)
        const toQuery = (key: string): string => linkQuery(key, expires)
        return wanted.map((each) => toUrlJson(toSigned(source, each, { look, project, toQuery })))
      }),
  }
}

/** Each run opens the places again, as a command does, so that it sees what others have written meanwhile. */
const createRun =
  (config: Config, { onEvent }: OpenOptions) =>
  async <T>(
    name: Exclude<keyof Imgsizes, 'config'>,
    given: RunOptions,
    work: (project: Project, tell: Tell) => Promise<T>,
  ): Promise<T> => {
    checkOptions(name, given)
    const mustExist = name === 'prune' || name === 'purge' || name === 'verify'
    const tell: Tell = (event) => {
      onEvent?.(event)
      given.onEvent?.(event)
    }
    const programVersion = readProgramVersion()
    const context = { now: Date.now, newId: randomUUID, programVersion, tell, mustExist }
    const project = await openProject(config, context)
    try {
      return await work(project, tell)
    } finally {
      await project.close()
    }
  }

const readConfig = async ({ config }: OpenOptions, cwd: string): Promise<Config> => {
  if (config === undefined) return loadConfig({ cwd })
  if ('secrets' in config) return config
  return resolveConfig(config, { root: cwd, disk: SYSTEM_DISK, needsSecret: true })
}

const toAgain = ({ force, retryFailed, encoderChanged }: PlanOptions): AgainChoices => ({
  force: force ?? false,
  retryFailed: retryFailed ?? false,
  rerenderOtherEncoders: encoderChanged === 'rerender',
})

/** So that others know what a build by `force` leaves undone if it does not finish. */
const toForcing = ({ only, sources, size, format, shard }: BuildOptions) =>
  sources === undefined && {
    forcing: { ...defined({ only, size, format }), ...(shard && { isShare: true as const }) },
  }

/** Problem `option-invalid`. */
const readScope = ({ sources, ...words }: ScopedOptions, config: Config): ScopeOptions => {
  checkSizeName(words.size, config)
  return toScope({ ...words, ...(sources && { keys: toSourceKeys(sources, config) }) })
}

const toSourceKeys = (names: readonly string[], config: Config): readonly SourceKey[] =>
  [...new Set(names.map((name) => readSourceName(name, config)))].sort(compareSources)

const checkSizeName = (size: string | undefined, { sizes }: Config): void => {
  if (size === undefined || sizes.some(({ name }) => name === size)) return
  const known = sizes.map(({ name }) => name).join(', ') || 'none'
  throw new Problem(
    'option-invalid',
    `The size ${JSON.stringify(size)} is not configured; there are: ${known}`,
  )
}

const narrowToShard = async (
  project: Project,
  scope: ScopeOptions,
  { shard, signal }: BuildOptions,
): Promise<ScopeOptions> => {
  if (shard === undefined) return scope
  const { selection = {} } = scope
  // Named sources are divided by their names; a listing is cut into ranges.
  if (selection.keys !== undefined)
    return {
      ...scope,
      selection: { ...selection, keys: selection.keys.filter((key) => isInShare(key, shard)) },
    }
  const share = await project.shares.find(shard, { signal })
  return { ...scope, selection: narrowToShare(selection, share) }
}
