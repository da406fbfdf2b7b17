import { build } from '../app/batch/build.ts'
import type { VerifyOutcome } from '../app/batch/reports.ts'
import { type BadResult, verify } from '../app/batch/verify.ts'
import type { Tell } from '../app/event.ts'
import type { Results } from '../app/results.ts'
import type { Config } from '../config/config.ts'
import { resolveFormats } from '../core/format.ts'
import { asProblem } from '../core/problem.ts'
import type { SourceKey } from '../core/source-key.ts'
import { formatTransform, withVersion } from '../core/transform.ts'
import type { Narrowing } from '../plan/expected.ts'
import type { ListedResult } from '../plan/group.ts'
import { compareSources } from '../plan/source-order.ts'
import type { Renderer } from '../render/port.ts'
import { systemClock } from '../waiting/system-clock.ts'
import { type Project, type RendererBounds, type ScopeOptions, withRenderer } from './project.ts'

interface ProjectVerifyOptions extends ScopeOptions {
  /** Whether bad results are rendered again. Default: false. */
  readonly repair?: boolean
  readonly bounds: RendererBounds
  readonly tell: Tell
  readonly signal?: AbortSignal | undefined
}

/** Reads back the stored results of the scope and returns bad ones; with `repair`, these are made again. */
export const verifyProject = async (
  project: Project,
  options: ProjectVerifyOptions,
): Promise<VerifyOutcome> => {
  const { bounds, repair: isRepair = false, signal } = options
  return withRenderer(project, bounds, async (renderer) => {
    const input = toPlanInput(project, renderer, options)
    const { checked, bad } = await verify({ ...input, threads: bounds.threads, signal })
    const left = isRepair && bad.length > 0 ? await repair(bad, input, options) : bad
    return { checked, bad, left, isRepair }
  })
}

const toPlanInput = (
  project: Project,
  renderer: Renderer,
  { narrowing, selection, tell }: ProjectVerifyOptions,
) => ({
  ...project.planInput({ narrowing, selection, choices: { retryFailed: true }, tell }),
  results: narrowResults(project.results, narrowing, project.config),
  ledger: project.ledger,
  renderer,
  keyring: project.keyring,
  now: project.now,
  ticks: systemClock.now,
})

/** Builds the sources of bad results without believing records of those; returns results that are still bad. */
const repair = async (
  bad: readonly BadResult[],
  input: ReturnType<typeof toPlanInput>,
  { bounds, tell, signal }: ProjectVerifyOptions,
): Promise<readonly BadResult[]> => {
  const condemned = new Set<string>(bad.map(({ key }) => key))
  const sources = new Set<SourceKey>()
  // Results of a source that is gone are left to `prune` or `purge`.
  for (const { key, isOrphan } of bad) {
    if (isOrphan) continue
    const source = input.keyring.verify(key)?.variant.source
    if (source !== undefined) sources.add(source)
  }
  // Stored again, or deleted until a visitor asks for it.
  const mended = new Set<string>()
  const watch: Tell = (event) => {
    if (event.kind === 'result-stored' || event.kind === 'result-dropped') mended.add(event.key)
    tell(event)
  }
  try {
    await build({
      ...input,
      tell: watch,
      selection: { keys: [...sources].sort(compareSources) },
      isCondemned: (key) => condemned.has(key),
      threads: bounds.threads,
      stop: signal,
    })
  } catch (error) {
    // Nothing can be written or listed any more. The bad results are reported all the same.
    tell({ kind: 'warning', problem: asProblem(error) })
  }
  return bad.filter(({ key }) => !mended.has(key))
}

/** The same results, but listed are only those that `--size` and `--format` name, in any version. */
const narrowResults = (
  results: Results,
  narrowing: Narrowing | undefined,
  { sizes }: Pick<Config, 'sizes'>,
): Results => {
  if (narrowing === undefined) return results
  const { size, format } = narrowing
  const named = sizes.find(({ name }) => name === size)
  const texts = named && new Set(named.transforms.map(({ transform }) => formatTransform(transform)))
  const isNamed = ({ variant }: ListedResult): boolean =>
    // A vector is kept for whatever sizes there are; a narrowed plan does not touch what it does not expect.
    (texts === undefined ||
      variant.format === 'svg' ||
      texts.has(formatTransform(withVersion(variant.transform, undefined)))) &&
    (format === undefined || resolveFormats([format], variant.source).includes(variant.format))
  return {
    ...results,
    list: async function* (options) {
      for await (const result of results.list(options)) if (isNamed(result)) yield result
    },
    listOf: async function* (source, options) {
      for await (const result of results.listOf(source, options)) if (isNamed(result)) yield result
    },
    listPages: async function* (options) {
      for await (const page of results.listPages(options)) yield page.filter(isNamed)
    },
  }
}
