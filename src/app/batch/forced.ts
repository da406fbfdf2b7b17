import { compileMatch } from '../../config/match.ts'
import { asProblem } from '../../core/problem.ts'
import type { DecisionRules } from '../../plan/decide.ts'
import {
  createIsForced,
  type ForcedBuild,
  type ForcedScope,
  formatForced,
  isSameScope,
  parseForced,
} from '../../plan/forced.ts'
import type { ObjectHeaders, WritableStore } from '../../store/port.ts'
import type { Tell } from '../event.ts'
import type { PlannedSource } from './plan.ts'
import type { Selection } from './select-groups.ts'

/** The forced builds of one output that are not finished, as far as is known (`plan/forced.ts`). */
export type ForcedBuilds = ReturnType<typeof createForcedBuilds>

interface ForcedBuildsOptions {
  /** The store of the ledger. */
  readonly store: WritableStore
  readonly prefix: string
  /** By how much its dates may differ from those of results, in milliseconds. */
  readonly skewMs?: number
}

const HEADERS: ObjectHeaders = { contentType: 'application/json', cacheControl: 'no-store', metadata: {} }

/** Keeps the notes in one file, `forced.json`, beside the ledger. */
export const createForcedBuilds = ({ store, prefix, skewMs = 0 }: ForcedBuildsOptions) => {
  const name = `${prefix}forced.json`
  const read = async (signal?: AbortSignal): Promise<readonly ForcedBuild[]> => {
    const object = await store.get(name, { signal })
    if (object === undefined) return []
    const modifiedAt = object.modifiedAt - skewMs
    return parseForced(name, { text: new TextDecoder().decode(object.bytes), modifiedAt })
  }
  const write = async (builds: Parameters<typeof formatForced>[0]): Promise<void> => {
    await store.put(name, new TextEncoder().encode(formatForced(builds)), { headers: HEADERS })
  }
  return {
    read,
    /** Notes that a build begins. It replaces a note of the same scope, unless this build is a share of that one. */
    begin: async (scope: ForcedScope, isShareOf: (begun: ForcedBuild) => boolean): Promise<void> => {
      const all = await read()
      if (all.some((begun) => isSameScope(begun, scope) && isShareOf(begun))) return
      await write([...all.filter((begun) => !isSameScope(begun, scope)), scope])
    },
    /** Deletes the notes of these builds: nothing is left to do for them. */
    end: async (ended: readonly ForcedBuild[]): Promise<void> => {
      const isEnded = (build: ForcedBuild): boolean =>
        ended.some((each) => isSameScope(each, build) && each.since === build.since)
      const left = (await read()).filter((build) => !isEnded(build))
      if (left.length > 0) await write(left)
      else await store.deleteAll([name])
    },
  }
}

/** What a run by `force` works on, so that later runs know what is left if it does not finish. */
export interface Forcing extends ForcedScope {
  /** The run is one of several shares, which may begin at any time; shares of a stored plan have the same `id`. */
  readonly isShare?: true
}

/** Shares without a common plan count as one build if they begin within this time of each other. */
const SHARES_BEGIN_WITHIN_MS = 24 * 3_600_000

/** What decides how a run deals with forced builds. */
export interface ForcedRunInput {
  readonly forced?: ForcedBuilds
  /** Present for a build by `rules.force`, unless nobody needs to know what it leaves undone. */
  readonly forcing?: Forcing | undefined
  readonly rules: DecisionRules
  readonly selection: Selection
  readonly now: () => number
  readonly tell: Tell
  readonly signal?: AbortSignal | undefined
}

/** The rules of a run, completed by what unfinished forced builds have left. */
export type ForcedRun = Awaited<ReturnType<typeof openForcedRun>>

/** Notes that a forced run begins; any other run that lists everything does what unfinished ones have left. */
export const openForcedRun = async (input: ForcedRunInput) => {
  const { forced, rules } = input
  if (rules.force) await begin(input)
  const builds = rules.force ? [] : await readLeft(input)
  let isLeft = false
  return {
    rules:
      builds.length === 0
        ? rules
        : { ...rules, isForced: createIsForced(builds, (glob) => compileMatch([glob])) },
    /** To be called with every plan of the run. */
    observe: ({ steps, problem }: PlannedSource): void => {
      isLeft ||=
        problem !== undefined || steps.some((step) => step.kind === 'render' && step.why === 'forced')
    },
    /** To be called after the last plan. */
    finish: async (): Promise<void> => {
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

/** Runs of named sources ignore forced builds. A failure to read the notes stops no run. */
const readLeft = async (input: ForcedRunInput): Promise<readonly ForcedBuild[]> => {
  const { forced, selection, tell, signal } = input
  if (forced === undefined || selection.keys !== undefined) return []
  try {
    return await forced.read(signal)
  } catch (error) {
    signal?.throwIfAborted()
    tell({ kind: 'warning', problem: asProblem(error) })
    return []
  }
}
