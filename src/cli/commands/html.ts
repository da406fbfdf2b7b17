import { join, relative, resolve, sep } from 'node:path'
import type { Tell } from '../../app/event.ts'
import { createRewriteTally, type RewriteReport } from '../../app/site/rewrite-tally.ts'
import { type Config, folderOf, keyPrefixOf } from '../../config/config.ts'
import { suggestName } from '../../config/suggest.ts'
import { asProblem, Problem } from '../../core/problem.ts'
import { SOURCE_NAME } from '../../core/source-key.ts'
import { readImagesFile } from '../../wire/site/images-files.ts'
import { isFolder } from '../../wire/site/site-files.ts'
import { openConfigSources, openFileSources, type SiteSource } from '../../wire/site/site-sources.ts'
import type { Command, CommandContext } from '../command.ts'
import { readCommonFlags, switchFlag, valueFlag } from '../common-flags.ts'
import { formatError } from '../errors.ts'
import { createEventLog } from '../event-log.ts'
import { type Flags, UsageError } from '../flags.ts'
import { COPY_THEM, formatRewriteReport, toRewriteJson } from '../html-report.ts'
import { formatFolder } from '../known-sources.ts'
import { checkSizeName } from '../scope.ts'
import { loadCommandConfig, untilStopped, withProject } from '../with-project.ts'

const GROUP = 'Which pictures:'

const listFlag = (group: string, describe: string) =>
  ({ type: 'string', array: true, nargs: 1, default: [], group, describe }) as const

const FLAGS = {
  size: valueFlag(GROUP, 'Size of pictures without data-imgsizes; default: content'),
  images: listFlag(
    GROUP,
    'Use images.json (build --images) in place of the configuration, without secret or originals; repeatable, for the parts of --split',
  ),
  origin: listFlag(
    GROUP,
    'URL or path at which the site shows the originals; with named sources name=URL; repeatable',
  ),
  check: switchFlag('What to do:', 'Change nothing; exit with 3 if something would'),
}

const WOULD_CHANGE = 3

const readHtmlFlags = (flags: Flags, context: CommandContext) => ({
  common: readCommonFlags(flags, context.host),
  dir: resolve(context.cwd, flags.argument('dir')),
  size: flags.text('size'),
  imagesFiles: flags.argumentList('images').map((file) => resolve(context.cwd, file)),
  origins: Object.fromEntries(flags.argumentList('origin').map(readOrigin)),
  isCheck: flags.isSet('check'),
})

type HtmlFlags = ReturnType<typeof readHtmlFlags>

/** `https://host/path/`, `/path/`, or either after the name of a source: `blog=/media/`. */
const readOrigin = (text: string): readonly [url: string, prefix: string] => {
  const [, name, url = text] = /^([a-z0-9][a-z0-9-]*)=(.*)$/.exec(text) ?? []
  if ((name !== undefined && !SOURCE_NAME.test(name)) || !/^(?:https?:\/\/[^/]+)?\//.test(url))
    throw new UsageError(
      `--origin is ${JSON.stringify(text)}; allowed: https://host/path/, /path/, or name= before it`,
    )
  return [url.endsWith('/') ? url : `${url}/`, keyPrefixOf({ name })]
}

const run = async (flags: Flags, context: CommandContext): Promise<number> => {
  const given = readHtmlFlags(flags, context)
  const { origins, imagesFiles, common } = given
  const tell = createEventLog(context.terminal, common)
  if (imagesFiles.length > 0) {
    const { files, hasFailed } = await readImages(imagesFiles, context)
    const sources = openFileSources(files, { origins })
    const exitCode = await untilStopped(context, ({ signal }) =>
      rewrite(given, { context, tell, sources, signal }),
    )
    return hasFailed && exitCode === 0 ? 1 : exitCode
  }
  const config = await loadCommandConfig(common, context)
  if (config.serve.expiring)
    throw new UsageError(
      'serve.expiring is on: pages that stay would hold links that end; make them for each visitor, with createImages',
    )
  return withProject({ config, context, tell }, (project, { signal }) =>
    rewrite(given, {
      context,
      tell,
      sources: openConfigSources(project, { origins, signal }),
      signal,
      config,
    }),
  )
}

/** The files that can be read; errors of the others are told. If none can be read, the first error is thrown. */
const readImages = async (paths: readonly string[], { terminal, programVersion }: CommandContext) => {
  const read = await Promise.all(paths.map((path) => readImagesFile(path).catch(asProblem)))
  const files = read.flatMap((file) => (file instanceof Problem ? [] : [file]))
  const problems = read.filter((file) => file instanceof Problem)
  const [first] = problems
  if (first !== undefined && files.length === 0) throw first
  for (const problem of problems)
    terminal.log(formatError(problem, { style: terminal.logStyle, programVersion }))
  return { files, hasFailed: problems.length > 0 }
}

interface RewriteContext {
  readonly context: CommandContext
  readonly tell: Tell
  readonly sources: SiteSource
  readonly signal: AbortSignal
  /** Tells where results are; undefined where images.json is used. */
  readonly config?: Config
}

const rewrite = async (
  given: HtmlFlags,
  { context, tell, sources, signal, config }: RewriteContext,
): Promise<number> => {
  const { dir, size, isCheck } = given
  // Loaded only now, because only this command needs it.
  const [{ rewriteSite }, { openSiteFiles }] = await Promise.all([
    import('../../app/site/rewrite-site.ts'),
    import('../../wire/site/site-files.ts'),
  ])
  const tally = createRewriteTally()
  await rewriteSite({
    files: await openSiteFiles(dir, context.newId),
    sources: sources.addresses,
    lookUp: sources.lookUp,
    listOfSizes: sources.listOfSizes,
    defaultSize: chooseSize(size, sources.sizes),
    isCheck,
    signal,
    tell: (event) => {
      tally.tell(event)
      if (event.kind !== 'picture-failed') return tell(event)
      tell({ ...event, problem: suggestSize(event.problem, sources.sizes) })
    },
  })
  const report = tally.read()
  print(report, given, context)
  const isShowing = report.rewritten + report.left.responsive > 0
  const unshown =
    isShowing && config !== undefined ? await findUnshown(config, { dir, cwd: context.cwd }) : undefined
  if (unshown !== undefined) tell({ kind: 'warning', problem: unshown })
  if (isCheck && report.changed > 0) return WOULD_CHANGE
  return report.left.failed + report.failedPages > 0 ? 1 : 0
}

/** A problem of a picture; for an unknown size, with the most similar one. */
const suggestSize = (problem: Problem, sizes: readonly string[]): Problem => {
  const { code, message, subject } = problem
  if (code !== 'size-unknown' || subject === undefined) return problem
  const meant = suggestName(subject, sizes)
  return meant === undefined ? problem : new Problem(code, `${message} Did you mean ${meant}?`, { subject })
}

const chooseSize = (size: string | undefined, sizes: readonly string[]): string => {
  const [first] = sizes
  if (first === undefined) throw new UsageError('the configuration has no sizes to show pictures in')
  if (size === undefined) return sizes.includes('content') ? 'content' : first
  checkSizeName(size, { sizes: sizes.map((name) => ({ name })) })
  return size
}

const print = (
  report: RewriteReport,
  { common, dir, isCheck }: HtmlFlags,
  { terminal, cwd }: CommandContext,
): void => {
  if (common.isJson) return void terminal.print(JSON.stringify(toRewriteJson(report)))
  if (common.isQuiet) return
  const { pages, failedPages, rewritten, left } = report
  if (pages + failedPages === 0)
    return void terminal.report(
      `no pages in ${formatFolder(dir, cwd)}: no name in it ends in .html, .htm or .xhtml`,
    )
  const verboseWord = common.isVerbose ? undefined : '--verbose'
  terminal.report(formatRewriteReport(report, { isCheck, style: terminal.style, verboseWord }))
  if (left.unknown + left.elsewhere > 0 && rewritten + left.responsive === 0)
    terminal.report(
      `Where pages name originals by a path or host of the site, say so: --origin /photos/ or https://host/photos/; ${COPY_THEM}`,
    )
}

/** `imgsizes html`. */
export const command: Command = {
  asks: 'Which folder?',
  examples: [
    ['imgsizes html dist', 'after the build of the site'],
    ['imgsizes html dist --size card --check', 'for CI: is everything rewritten?'],
    ['imgsizes html dist --images images.json', 'where neither secret nor originals are'],
  ],
  unusedFlags: ['concurrency'],
  usage:
    '$0 html <dir>\n\nRewrites the pages of a built site: every <img> that shows one of your originals becomes a <picture> of its sizes and formats.',
  argument: ['dir', { type: 'string', describe: 'The folder that the site was built into' }],
  flags: FLAGS,
  run,
}

/**
 * What is wrong where the pages of a site name results by paths that do not exist in its folder: visitors would see
 * broken pictures. Undefined where they exist, or another host or a bucket answers.
 */
export const findUnshown = async (
  { output, baseUrl }: Pick<Config, 'output' | 'baseUrl'>,
  { dir, cwd }: { readonly dir: string; readonly cwd: string },
): Promise<Problem | undefined> => {
  const folder = folderOf(output)
  if (folder === undefined || !/^\/(?!\/)/.test(baseUrl)) return undefined
  const segments = decodeURI(baseUrl).split('/').filter(Boolean)
  // Where the site lies below its host's root, the path begins with that of the site.
  const places = segments.map((_, first) => join(dir, ...segments.slice(first)))
  const found = await Promise.all(places.map(isFolder))
  if (found.includes(true) || segments.length === 0) return undefined
  const [site, results] = [formatFolder(dir, cwd), formatFolder(folder, cwd)]
  const inside = relative(dir, folder)
  return new Problem(
    'results-not-shown',
    `The pages name pictures as ${baseUrl}…, and ${site === '.' ? 'this folder' : site} has no ${segments.join('/')}: the files are in ${results}.`,
    {
      hint: inside.startsWith('..')
        ? `Copy ${results} to ${formatFolder(join(dir, ...segments), cwd)} before you publish, or have your server show it at ${baseUrl}.`
        : `If ${site === '.' ? 'this folder' : site} is the site's root, set baseUrl to /${inside.split(sep).join('/')}/; else name the folder that is.`,
    },
  )
}
