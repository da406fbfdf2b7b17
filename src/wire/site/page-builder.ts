import type { AppEvent } from '../../app/event.ts'
import { type PageNeeds, toWanted } from '../../app/site/page-needs.ts'
import { planWanted } from '../../app/warm/warm.ts'
import { Problem, parseProblemCode } from '../../core/problem.ts'
import type { SourceKey } from '../../core/source-key.ts'
import type { PlanStep } from '../../plan/decide.ts'
import { isBuilt, type WorkOptions, warmProject } from '../build.ts'
import type { Project } from '../project.ts'

/** Makes pictures that pages show and nobody has built. */
export type PageBuilder = ReturnType<typeof openPageBuilder>

/** Makes the results that the sizes of pages ask for. */
export const openPageBuilder = (project: Project, options: WorkOptions) => {
  const { config, ledger } = project
  const isIncluded = isBuilt(config)
  const wantedOf = (needs: PageNeeds) =>
    toWanted(needs, { expectation: project.expect(), isIncluded, formats: config.formats, versions: config })
  return {
    /** Returns the problems by source. A failure stops no other source. */
    build: async (needs: PageNeeds): Promise<ReadonlyMap<SourceKey, Problem>> => {
      const failures = new Map<SourceKey, Problem>()
      const tell = (event: AppEvent): void => {
        if (event.kind === 'source-failed') failures.set(event.source, toNamed(event.source, event.problem))
        if (event.kind === 'source-planned') {
          const failure = toKnownFailure(event.source, event.steps)
          if (failure !== undefined) failures.set(event.source, failure)
        }
        options.tell(event)
      }
      if (needs.size > 0)
        await warmProject(project, { ...options, tell, isForPages: true, wanted: wantedOf(needs) })
      return failures
    },
    /** A problem `picture-not-built` for each source of which {@link build} would make something. */
    findMissing: async (needs: PageNeeds): Promise<ReadonlyMap<SourceKey, Problem>> => {
      const missing = new Map<SourceKey, Problem>()
      const plans = planWanted({
        ...project.planInput({ choices: { isNarrowed: true }, tell: options.tell }),
        ledger,
        wanted: wantedOf(needs),
        stop: options.stop,
      })
      for await (const { group, steps, problem } of plans) {
        const due = steps.filter(({ kind }) => kind === 'render' || kind === 'copy').length
        const failure = problem ? toNamed(group.key, problem) : toKnownFailure(group.key, steps)
        if (failure !== undefined) missing.set(group.key, failure)
        else if (due > 0) missing.set(group.key, toMissing(group.key, { due, all: steps.length }))
      }
      return missing
    },
  }
}

/** Why nothing could be made of a source, if it is not tried again. */
const toKnownFailure = (source: SourceKey, steps: readonly PlanStep[]): Problem | undefined => {
  const failing = steps.find((step) => step.kind === 'failing')
  if (failing === undefined) return undefined
  const { code, message } = failing.failure
  return toNamed(source, new Problem(parseProblemCode(code) ?? 'picture-not-built', message))
}

/** Bundlers and site generators print only the message of an error, so it names the source. */
const toNamed = (source: SourceKey, problem: Problem): Problem => {
  const { code, message, hint } = problem
  if (message.includes(source)) return problem
  return new Problem(code, `${source}: ${message}`, { subject: source, cause: problem, hint })
}

/** Joins several such problems into one. */
export const toMissingProblem = (missing: ReadonlyMap<string, Problem>): Problem => {
  const [first] = missing.values()
  if (first === undefined) throw new Error('nothing is missing')
  if (missing.size === 1) return first
  const names = [...missing.keys()].slice(0, MOST_NAMED)
  const more = missing.size > names.length ? `, and ${missing.size - names.length} more` : ''
  return new Problem(first.code, `${missing.size} pictures were not built: ${names.join(', ')}${more}.`, {
    hint: first.hint,
  })
}

const MOST_NAMED = 20

const toMissing = (
  source: SourceKey,
  { due, all }: { readonly due: number; readonly all: number },
): Problem =>
  new Problem(
    'picture-not-built',
    due === all ? `${source} was not built.` : `${due} of the ${all} files of ${source} were not built.`,
    {
      subject: source,
      hint: 'Run imgsizes build first, or remove build: false from the options of the plugin.',
    },
  )
