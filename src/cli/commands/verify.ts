import type { Argv } from 'yargs'
import { build } from '../../app/build.ts'
import type { AppEvent } from '../../app/event.ts'
import { type BadResult, verify } from '../../app/verify.ts'
import { asProblem } from '../../core/problem.ts'
import type { SourceKey } from '../../core/source-key.ts'
import { compareSources } from '../../plan/source-order.ts'
import type { Renderer } from '../../render/port.ts'
import type { Project } from '../../wire/project.ts'
import type { Command, CommandContext } from '../command.ts'
import { type CommonFlags, readCommonFlags, SWITCH } from '../common-flags.ts'
import { createEventLog, formatUnlisted } from '../event-log.ts'
import type { Flags } from '../flags.ts'
import { formatCount } from '../format.ts'
import { fairMemoryBytes, toBatchBounds } from '../host.ts'
import { narrowResults } from '../narrow-results.ts'
import { withProgress } from '../progress.ts'
import { refuseCache } from '../refuse-cache.ts'
import { addScopeFlags, checkSize, formatScopeFlags, readScope, type Scope } from '../scope.ts'
import type { Stop } from '../stop.ts'
import { logNote } from '../terminal.ts'
import { loadCommandConfig, withProject } from '../with-project.ts'

const define = (yargs: Argv): Argv =>
  addScopeFlags(yargs)
    .usage('$0 verify\n\nReads back every stored result, decodes it and holds it against its key.')
    .options({ repair: { ...SWITCH, group: 'What to do:', describe: 'Render again what is bad' } })

const run = async (flags: Flags, context: CommandContext): Promise<number> => {
  const { terminal } = context
  const common = readCommonFlags(flags, context.host)
  const scope = readScope(flags)
  const isRepair = flags.isSet('repair')
  const config = await loadCommandConfig(common, context)
  if (isRepair) refuseCache(config, 'verify --repair')
  checkSize(scope.narrowing?.size, config)
  const watch = createWatch(common, context)
  return withProject({ config, context, tell: watch.tell, mustExist: true }, async (project, stop) => {
    const { threads } = common
    const renderer = await project.openRenderer(
      toBatchBounds(context.host, { threads, memoryBytes: fairMemoryBytes(context.host) }),
    )
    const read = () => ({ text: `${formatCount(watch.checked(), 'result')} checked, ${watch.bad()} bad` })
    const job: Job = { project, renderer, scope, common, context, stop, watch }
    try {
      const outcome = await withProgress(terminal, { isQuiet: common.isQuiet, read }, async () => {
        const { checked, bad } = await verify({ ...toPlanInput(job), threads, signal: stop.signal })
        return { checked, bad, left: isRepair && bad.length > 0 ? await repair(bad, job) : bad, isRepair }
      })
      report(outcome, common, context)
      if (outcome.checked === 0 && !common.isQuiet)
        logNote(terminal, noteNothing(formatScopeFlags(scope, flags.text('only'))))
      return outcome.left.length > 0 || watch.failures() > 0 ? 1 : 0
    } finally {
      await renderer.close()
    }
  })
}

const noteNothing = (wanted: string): string =>
  wanted === ''
    ? 'Nothing is stored under the configured secrets. Next: imgsizes build'
    : `Nothing that is stored matches ${wanted}.`

interface Job {
  readonly project: Project
  readonly renderer: Renderer
  readonly scope: Scope
  readonly common: CommonFlags
  readonly context: CommandContext
  readonly stop: Stop
  readonly watch: Watch
}

const toPlanInput = ({ project, renderer, scope, watch }: Job) => ({
  originals: project.originals,
  results: narrowResults(project.results, scope.narrowing, project.config),
  ledger: project.ledger,
  renderer,
  expectation: project.expect(scope.narrowing),
  rules: project.rules({ isNarrowed: scope.narrowing !== undefined, retryFailed: true }),
  revision: project.config.revision,
  selection: scope.selection,
  strangers: { foreign: 0 },
  tell: watch.tell,
})

/** Builds the sources of bad results, none of whose records is believed; gives those that are bad still. */
const repair = async (bad: readonly BadResult[], job: Job): Promise<readonly BadResult[]> => {
  const { project, common, stop, watch } = job
  const condemned = new Set<string>(bad.map(({ key }) => key))
  const sources = new Set<SourceKey>()
  // What is left of a source that is gone is for `prune` or `purge`.
  for (const { key, isOrphan } of bad) {
    if (isOrphan) continue
    const source = project.keyring.verify(key)?.variant.source
    if (source !== undefined) sources.add(source)
  }
  try {
    await build({
      ...toPlanInput(job),
      keyring: project.keyring,
      encoders: project.config.encoders,
      selection: { keys: [...sources].sort(compareSources) },
      isCondemned: (key) => condemned.has(key),
      threads: common.threads,
      now: project.now,
      stop: stop.signal,
    })
  } catch (error) {
    // Nothing can be written, or listed any more: what is bad is told all the same.
    watch.tell({ kind: 'warning', problem: asProblem(error) })
  }
  return bad.filter(({ key }) => !watch.isMended(key))
}

interface Watch {
  tell(event: AppEvent): void
  checked(): number
  bad(): number
  failures(): number
  /** Stored anew, or dropped for a visitor to ask for again. */
  isMended(key: string): boolean
}

const createWatch = (common: CommonFlags, { terminal }: CommandContext): Watch => {
  const log = createEventLog(terminal, common)
  const mended = new Set<string>()
  let checked = 0
  let bad = 0
  let failures = 0
  return {
    checked: () => checked,
    bad: () => bad,
    failures: () => failures,
    isMended: (key) => mended.has(key),
    tell: (event) => {
      log(event)
      if (event.kind === 'result-checked') checked++
      else if (event.kind === 'result-bad') bad++
      else if (event.kind === 'result-stored' || event.kind === 'result-dropped') mended.add(event.key)
      else if (event.kind === 'part-unlisted') {
        failures++
        if (!common.isVerbose) terminal.log(formatUnlisted(event, terminal.logStyle))
      } else if (event.kind === 'source-failed') {
        failures++
        if (!common.isVerbose)
          terminal.log(`${terminal.logStyle.red('failed')} ${event.source}: ${event.problem.message}`)
      }
    },
  }
}

interface Outcome {
  readonly checked: number
  readonly bad: readonly BadResult[]
  /** Of `bad`, those that are bad still: all of them without `--repair`. */
  readonly left: readonly BadResult[]
  readonly isRepair: boolean
}

const report = (
  { checked, bad, left, isRepair }: Outcome,
  { isJson, isQuiet }: CommonFlags,
  { terminal }: CommandContext,
): void => {
  if (isJson) {
    const still = new Set(left)
    const repaired = bad.filter((each) => !still.has(each))
    const rows = { checked, bad: left.map(toRow), ...(isRepair && { repaired: repaired.map(toRow) }) }
    terminal.print(JSON.stringify({ version: 1, ...rows }))
    return
  }
  const { style } = terminal
  for (const { key, code, message, isOrphan } of left)
    terminal.print(`${style.red(code)} ${key} ${style.dim(isOrphan ? `${message} ${ORPHAN}` : message)}`)
  if (isQuiet) return
  const mended = bad.length - left.length
  const repaired = isRepair && mended > 0 ? `, ${mended.toLocaleString('en-US')} repaired` : ''
  const rest = `${left.length.toLocaleString('en-US')} bad`
  terminal.print(
    `${formatCount(checked, 'result')} checked${repaired}, ${left.length > 0 ? style.red(rest) : rest}`,
  )
  if (left.some(({ isOrphan }) => !isOrphan) && !isRepair) terminal.log('Next: imgsizes verify --repair')
}

const ORPHAN = 'Its original is gone, so it cannot be rendered again: prune or purge it.'

const toRow = ({ key, code }: BadResult) => ({ key, code })

export const verifyCommand: Command = {
  usage: 'verify',
  summary: 'Read back stored results and report bad ones',
  examples: [
    ['imgsizes verify', 'after a disk was full, or a copy went wrong'],
    ["imgsizes verify --only 'blog/**' --repair", 'and make it good'],
  ],
  define,
  run,
}
