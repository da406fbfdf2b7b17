import { type BuildTally, createRunTally, type ResultExample } from '../../app/batch/build-tally.ts'
import { type BrokenOff, toBuildJson } from '../../app/batch/reports.ts'
import { narrowToShare } from '../../app/batch/shares.ts'
import type { Tell } from '../../app/event.ts'
import { type Config, describePlace, folderOf } from '../../config/config.ts'
import { Problem } from '../../core/problem.ts'
import type { VariantKey } from '../../url/keyring.ts'
import { formatUrl } from '../../url/path.ts'
import { systemClock } from '../../waiting/system-clock.ts'
import { buildProject } from '../../wire/build.ts'
import { toBatchBounds } from '../../wire/host.ts'
import type { Project } from '../../wire/project.ts'
import { refuseCache } from '../../wire/refuse-cache.ts'
import { type EventFiles, openEventFiles } from '../build-files.ts'
import { BUILD_OPTIONS, type BuildFlags, readBuildFlags } from '../build-flags.ts'
import { checkImagesScope, openBuildImages } from '../build-images.ts'
import { withBuildProgress } from '../build-progress.ts'
import { formatBuildReport, formatBuildTroubles } from '../build-report.ts'
import type { Command, CommandContext } from '../command.ts'
import { createEventLog } from '../event-log.ts'
import type { Flags } from '../flags.ts'
import { formatCount, formatTable } from '../format-numbers.ts'
import { formatFolder } from '../known-sources.ts'
import { noteNoSource } from '../no-match.ts'
import { createLeftOut } from '../report-left-out.ts'
import type { BuildEnd } from '../report-page/report-page.ts'
import { openReportFiles, type ReportFiles } from '../report-page/write.ts'
import { checkSizeName } from '../scope.ts'
import { quoteLast } from '../shell.ts'
import type { Stop } from '../stop.ts'
import { logNote, type Style, speakerOf } from '../terminal.ts'
import { loadCommandConfig, withProject } from '../with-project.ts'

/** These flags with the sources of the share alone. To find them, the project must be read. */
const narrowToShard = async (
  given: BuildFlags,
  project: Project,
  signal: AbortSignal,
): Promise<BuildFlags> => {
  const { shard, scope } = given
  // Named sources were divided already: a plan by cost, a list by name.
  if (shard === undefined || scope.selection.keys !== undefined) return given
  const share = await project.shares.find(shard, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error
    return undefined // the signal came before it began
  })
  return { ...given, scope: { ...scope, selection: narrowToShare(scope.selection, share) } }
}

const run = async (flags: Flags, context: CommandContext): Promise<number> => {
  const given = await readBuildFlags(flags, context)
  const { common, scope } = given
  const config = await loadCommandConfig(common, context)
  refuseCache(config, 'build')
  checkSizeName(scope.narrowing?.size, config)
  checkImagesScope(given.images, scope, given.only !== undefined)
  if (given.shard?.origin !== undefined && !common.isQuiet) context.terminal.log(given.shard.origin)
  const leftOut = createLeftOut(config, common)
  let files: EventFiles | undefined
  let pages: ReportFiles | undefined
  const log = createEventLog(context.terminal, common)
  const counted = createRunTally(systemClock.now, (event) => {
    leftOut.tell(event)
    files?.tell(event)
    pages?.tell(event)
    log(event)
  })
  const { tell } = counted
  for (const skipped of given.skipped) tell({ kind: 'source-skipped', ...skipped })
  const read = (): Report => ({ ...counted.read(), config })
  return withProject({ config, context, tell }, async (project, stop) => {
    files = await openEventFiles(given, config.baseUrl, context.terminal.print)
    const summaryFile = context.env.GITHUB_STEP_SUMMARY || undefined
    const { store } = project.results
    const readResult = async (key: VariantKey) => (await store.get(key))?.bytes
    pages = await openReportFiles({ pageFile: given.pageFile, summaryFile, config, read: readResult, tell })
    const written: string[] = []
    let brokenOff: BrokenOff | undefined
    let end: BuildEnd = 'broken-off'
    try {
      const narrowed = await narrowToShard(given, project, stop.signal)
      written.push(...(await runBuild({ project, stop, tell }, narrowed, { context, read })))
      end = stop.signal.aborted ? 'stopped' : 'done'
    } catch (error) {
      if (!stop.signal.aborted) brokenOff = toBrokenOff(error)
      throw error
    } finally {
      const done = { ...read(), brokenOff }
      try {
        written.push(...(await files.close()))
        const when = new Date(context.now()).toISOString().replace(/\.\d+/, '')
        written.push(...(await pages.write({ ...done, when, end })))
      } finally {
        // If the run failed, or a file about it cannot be written, it still says what was done.
        if (end !== 'broken-off' || hasBegun(done)) report({ ...done, written }, given, context)
      }
    }
    if (common.isQuiet) return toExitCode(read())
    for (const line of leftOut.lines()) context.terminal.log(context.terminal.logStyle.yellow(line))
    if (end === 'stopped') context.terminal.log(formatStop(read()))
    else if (hasFoundNothing(read(), given))
      logNote(
        context.terminal,
        await noteNoSource(project, { ...given, cwd: context.cwd, signal: stop.signal }),
      )
    return toExitCode(read())
  })
}

/** Sources that were not looked at yet are not counted. */
const formatStop = ({ tally: { sources, finished } }: Report): string => {
  const left = sources - finished
  const begun = left === 0 ? '' : `, with ${formatCount(left, 'source')} left of those that were looked at`
  return `Stopped before its end${begun}: the next build does the rest.`
}

const toExitCode = ({ tally }: Report): number => (tally.failed > 0 ? 1 : 0)

interface Report {
  readonly tally: BuildTally
  readonly seconds: number
  readonly config: Config
  readonly brokenOff?: BrokenOff | undefined
}

const toBrokenOff = (error: unknown): BrokenOff =>
  error instanceof Problem ? error : { code: 'bug', message: String(error) }

const hasBegun = ({ tally }: Report): boolean => tally.sources + tally.others > 0

/** A share may be empty; any other run without sources is probably a mistake. */
const hasFoundNothing = ({ tally }: Report, { shard }: BuildFlags): boolean =>
  tally.sources + tally.failed === 0 && shard === undefined

/** Returns lines about the files that were written for pages. */
const runBuild = async (
  { project, stop, tell }: { readonly project: Project; readonly stop: Stop; readonly tell: Tell },
  { common, scope, again, forcing, memoryBytes, images }: BuildFlags,
  { context, read }: { readonly context: CommandContext; readonly read: () => Report },
): Promise<readonly string[]> => {
  const { terminal, host } = context
  const facts = await openBuildImages(images, project, context)
  const bounds = toBatchBounds(host, { threads: common.threads, memoryBytes })
  try {
    await withBuildProgress({ project, scope, common, terminal, read }, () =>
      buildProject(project, { ...scope, bounds, again, forcing, stop: stop.signal, tell, facts }),
    )
    // A build that was stopped has not seen everything.
    return stop.signal.aborted ? [] : ((await facts?.finish()) ?? [])
  } finally {
    await facts?.discard()
  }
}

const report = (
  { tally, seconds, config, brokenOff, written }: Report & { readonly written: readonly string[] },
  { common: { isJson, isQuiet, isVerbose }, scope, isStdoutTaken }: BuildFlags,
  { terminal, cwd }: CommandContext,
): void => {
  const { say, style } = speakerOf(terminal, isStdoutTaken)
  if (isJson) terminal.print(JSON.stringify(toBuildJson(tally, seconds, brokenOff)))
  else if (!isQuiet) {
    say(formatBuildReport({ tally, seconds }, { sizes: config.sizes, style }))
    if (tally.example !== undefined && brokenOff === undefined)
      say(['', ...formatWhere(tally.example, { config, cwd, style })].join('\n'))
  }
  const areNamed = scope.selection.keys !== undefined
  const troubles = { style: terminal.logStyle, areNamed, isQuiet, isVerbose }
  for (const line of formatBuildTroubles(tally, troubles)) terminal.log(line)
  if (!isQuiet) for (const line of written) terminal.log(line)
}

/** `imgsizes build`. */
export const command: Command = {
  examples: [
    ['imgsizes build', 'make what is missing or out of date'],
    ["imgsizes build --only 'blog/**' --size card", 'a part of it'],
    ['imgsizes build --shard 1/4', 'one of four machines'],
    ['imgsizes build --plan plan.ndjson --shard auto', 'the same, of a stored plan, numbered by CI'],
    [
      'git diff --name-only --relative=photos HEAD~ | imgsizes build --sources-from -',
      'what has just changed',
    ],
  ],
  usage: '$0 build\n\nMakes every result that is missing or out of date, and nothing else.',
  flags: BUILD_OPTIONS,
  run,
}

interface WhereOptions {
  readonly config: Pick<Config, 'output' | 'baseUrl'>
  readonly cwd: string
  readonly style: Style
}

/** Where results are, the URL of one, and what can be done with them. */
export const formatWhere = (
  { source, key }: ResultExample,
  { config: { output, baseUrl }, cwd, style }: WhereOptions,
): readonly string[] => {
  const commands = formatTable(
    [
      [`imgsizes url --html ${quoteLast(source)}`, 'its <picture>'],
      ['imgsizes html <folder>', 'built pages, each <img> made a <picture>'],
    ],
    ['left', 'left'],
  )
  const rows = [
    ['files', `${formatPlace(output, cwd)}: ${formatShown(output, { baseUrl, cwd })}`],
    ['URL', formatUrl(baseUrl, key)],
    ...commands.map((command, index) => [index === 0 ? 'next' : '', command]),
  ]
  return rows.map(([head = '', text = '']) => `${style.dim(head.padEnd(5))}  ${text}`)
}

const formatPlace = (output: Config['output'], cwd: string): string => {
  const { folder, uri } = describePlace(output)
  return folder === undefined ? uri : formatFolder(folder, cwd)
}

/** `shown under /img/ where public is the site's root`: true where the folder's path ends with that of the URLs. */
const formatShown = (
  output: Config['output'],
  { baseUrl, cwd }: { readonly baseUrl: string; readonly cwd: string },
): string => {
  const path = decodeURI(URL.canParse(baseUrl) ? new URL(baseUrl).pathname : baseUrl).replace(/\/$/, '')
  const folder = folderOf(output)?.replaceAll('\\', '/') ?? ''
  if (path === '' || !folder.endsWith(path)) return `to be shown under ${baseUrl}`
  const root = formatFolder(folder.slice(0, -path.length) || '/', cwd)
  return `shown under ${baseUrl} where ${root === '.' ? 'this folder' : root} is the site's root`
}
