import { compileMatch } from '../config/match.ts'
import { asProblem } from '../core/problem.ts'
import type { DecisionRules } from '../plan/decide.ts'
import {
  createIsForced,
  type ForcedBuild,
  type ForcedScope,
  formatForced,
  isSameScope,
  parseForced,
} from '../plan/forced.ts'
import type { ObjectHeaders, WritableStore } from '../store/port.ts'
import type { Tell } from './event.ts'
import type { PlannedSource } from './plan.ts'
import type { Selection } from './select-groups.ts'

/** The forced builds of one output that nobody has seen the end of (`plan/forced.ts`). */
export interface ForcedBuilds {
  read(signal?: AbortSignal): Promise<readonly ForcedBuild[]>
  /** Notes that a build begins, in place of one of the same scope, unless it is a share of that. */
  begin(scope: ForcedScope, isShareOf: (begun: ForcedBuild) => boolean): Promise<void>
  /** Nothing is left of these. */
  end(builds: readonly ForcedBuild[]): Promise<void>
}

export interface ForcedBuildsOptions {
  /** That of the ledger. */
  readonly store: WritableStore
  readonly prefix: string
  /** By how much its dates may differ from those of results. */
  readonly skewMs?: number
}

const HEADERS: ObjectHeaders = { contentType: 'application/json', cacheControl: 'no-store', metadata: {} }

export const createForcedBuilds = ({ store, prefix, skewMs = 0 }: ForcedBuildsOptions): ForcedBuilds => {
  const name = `${prefix}forced.json`
  const read = async (signal?: AbortSignal): Promise<readonly ForcedBuild[]> => {
    const object = await store.get(name, { ...(signal && { signal }) })
    if (object === undefined) return []
    const modifiedAt = object.modifiedAt - skewMs
    return parseForced(name, { text: new TextDecoder().decode(object.bytes), modifiedAt })
  }
  const write = async (builds: Parameters<typeof formatForced>[0]): Promise<void> => {
    await store.put(name, new TextEncoder().encode(formatForced(builds)), { headers: HEADERS })
  }
  return {
    read,
    begin: async (scope, isShareOf) => {
      const all = await read()
      if (all.some((begun) => isSameScope(begun, scope) && isShareOf(begun))) return
      await write([...all.filter((begun) => !isSameScope(begun, scope)), scope])
    },
    end: async (ended) => {
      const isEnded = (build: ForcedBuild): boolean =>
        ended.some((each) => isSameScope(each, build) && each.since === build.since)
      const left = (await read()).filter((build) => !isEnded(build))
      if (left.length > 0) await write(left)
      else await store.deleteAll([name])
    },
  }
}

/** What a run by `force` is about, for others to know what is left where it does not come to its end. */
export interface Forcing extends ForcedScope {
  /** It is a share, and the others begin when they will; those of a stored plan know each other by its `id`. */
  readonly isShare?: true
}

/** Shares that share no plan begin within this time of each other. */
const SHARES_BEGIN_WITHIN_MS = 24 * 3_600_000

export interface ForcedRunInput {
  readonly forced?: ForcedBuilds
  /** Of a build by `rules.force`; absent where nobody need know what it has left. */
  readonly forcing?: Forcing
  readonly rules: DecisionRules
  readonly selection: Selection
  readonly now: () => number
  readonly tell: Tell
  readonly signal?: AbortSignal
}

/** The rules of a run, and what it has to do with forced builds. */
export interface ForcedRun {
  readonly rules: DecisionRules
  /** Sees every plan of the run. */
  readonly observe: (plan: PlannedSource) => void
  /** To be called once it has seen everything there is. */
  finish(): Promise<void>
}

/** Notes of a forced run that it begins; has any other that lists do what those have left. */
export const openForcedRun = async (input: ForcedRunInput): Promise<ForcedRun> => {
  const { forced, rules } = input
  if (rules.force) await begin(input)
  const builds = rules.force ? [] : await readLeft(input)
  let isLeft = false
  return {
    rules:
      builds.length === 0
        ? rules
        : { ...rules, isForced: createIsForced(builds, (glob) => compileMatch([glob])) },
    observe: ({ steps, problem }) => {
      isLeft ||=
        problem !== undefined || steps.some((step) => step.kind === 'render' && step.why === 'forced')
    },
    finish: async () => {
      if (builds.length > 0 && !isLeft) await forced?.end(builds)
    },
  }
}

const begin = async ({ forced, forcing, now }: ForcedRunInput): Promise<void> => {
  if (forced === undefined || forcing === undefined) return
  const { isShare, ...scope } = forcing
  await forced.begin(scope, ({ id, since }) =>
    scope.id === undefined
      ? isShare === true && id === undefined && since > now() - SHARES_BEGIN_WITHIN_MS
      : id === scope.id,
  )
}

/** A run of named sources has nothing to do with it. Nothing that is wrong here stops another. */
const readLeft = async ({
  forced,
  selection,
  tell,
  signal,
}: ForcedRunInput): Promise<readonly ForcedBuild[]> => {
  if (forced === undefined || selection.keys !== undefined) return []
  try {
    return await forced.read(signal)
  } catch (error) {
    signal?.throwIfAborted()
    tell({ kind: 'warning', problem: asProblem(error) })
    return []
  }
}
