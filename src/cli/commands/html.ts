import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Argv } from 'yargs'
import type { RewriteReport } from '../../app/rewrite-site.ts'
import { suggestName } from '../../config/suggest.ts'
import type { Problem } from '../../core/problem.ts'
import { SOURCE_NAME } from '../../core/source-key.ts'
import type { Origins } from '../../page/find-source.ts'
import type { ImagesFile } from '../../page/images-json.ts'
import { openConfigSources, openFileSources, type SiteSource } from '../../wire/site-sources.ts'
import type { Command, CommandContext } from '../command.ts'
import { type CommonFlags, readCommonFlags, SWITCH, VALUE } from '../common-flags.ts'
import { createEventLog } from '../event-log.ts'
import type { Flags } from '../flags.ts'
import { formatRewriteReport, toRewriteJson } from '../html-report.ts'
import { didYouMean, UsageError } from '../usage-error.ts'
import { loadCommandConfig, untilStopped, withProject } from '../with-project.ts'

const GROUP = 'Which pictures:'

const define = (yargs: Argv): Argv =>
  yargs
    .usage(
      '$0 html <dir>\n\nRewrites the pages of a built site: every <img> that shows a source becomes the <picture>.',
    )
    .positional('dir', { type: 'string', describe: 'The folder that the site was built into' })
    .options({
      size: { ...VALUE, group: GROUP, describe: 'Size of pictures without data-imgsizes; default: content' },
      images: { ...VALUE, group: GROUP, describe: 'Take images.json for the configuration and its ledger' },
      origin: {
        type: 'string',
        array: true,
        nargs: 1,
        default: [],
        group: GROUP,
        describe: 'URL or path that originals are known under; with named sources name=URL; repeatable',
      },
      check: { ...SWITCH, group: 'What to do:', describe: 'Change nothing; exit with 3 if something would' },
    })

const WOULD_CHANGE = 3

interface HtmlFlags {
  readonly common: CommonFlags
  readonly dir: string
  readonly size: string | undefined
  readonly imagesFile: string | undefined
  readonly origins: Origins
  readonly isCheck: boolean
}

const readHtmlFlags = (flags: Flags, context: CommandContext): HtmlFlags => ({
  common: readCommonFlags(flags, context.host),
  dir: resolve(context.cwd, flags.argument('dir')),
  size: flags.text('size'),
  imagesFile: flags.text('images'),
  origins: Object.fromEntries(flags.argumentList('origin').map(readOrigin)),
  isCheck: flags.isSet('check'),
})

/** `https://host/path/`, `/path/`, or either after the name of a source: `blog=/media/`. */
const readOrigin = (text: string): readonly [url: string, prefix: string] => {
  const [, name, url = text] = /^([a-z0-9][a-z0-9-]*)=(.*)$/.exec(text) ?? []
  if ((name !== undefined && !SOURCE_NAME.test(name)) || !/^(?:https?:\/\/[^/]+)?\//.test(url))
    throw new UsageError(
      `--origin is ${JSON.stringify(text)}; allowed: https://host/path/, /path/, or name= before it`,
    )
  return [url.endsWith('/') ? url : `${url}/`, name === undefined ? '' : `${name}/`]
}

const run = async (flags: Flags, context: CommandContext): Promise<number> => {
  const given = readHtmlFlags(flags, context)
  const { origins, imagesFile } = given
  if (imagesFile !== undefined) {
    const sources = openFileSources(await readImages(resolve(context.cwd, imagesFile)), origins)
    return untilStopped(context, ({ signal }) => rewrite(given, { context, sources, signal }))
  }
  const config = await loadCommandConfig(given.common, context)
  if (config.serve.expiring)
    throw new UsageError(
      'serve.expiring is on: pages that stay would hold links that end; make them for each visitor, with createImages',
    )
  const tell = createEventLog(context.terminal, given.common)
  return withProject({ config, context, tell }, (project, { signal }) =>
    rewrite(given, { context, sources: openConfigSources(project, { origins, signal }), signal }),
  )
}

const readImages = async (path: string): Promise<ImagesFile> => {
  try {
    return JSON.parse(await readFile(path, 'utf8'))
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new UsageError(`--images: ${path} cannot be read: ${why}`)
  }
}

const rewrite = async (
  { common, dir, size, isCheck }: HtmlFlags,
  {
    context: { terminal, newId },
    sources,
    signal,
  }: { readonly context: CommandContext; readonly sources: SiteSource; readonly signal: AbortSignal },
): Promise<number> => {
  // Loaded late, like all that only one command needs.
  const [{ rewriteSite }, { openSiteFiles }] = await Promise.all([
    import('../../app/rewrite-site.ts'),
    import('../../wire/site-files.ts'),
  ])
  const files = await openSiteFiles(dir, newId)
  const report = await rewriteSite({
    files,
    sources: sources.addresses,
    lookUp: sources.lookUp,
    defaultSize: chooseSize(size, sources.sizes),
    isCheck,
    signal,
    onProblem: (page, problem) =>
      terminal.log(
        `${terminal.logStyle.red('failed')} ${page}: ${formatPageProblem(problem, sources.sizes)}`,
      ),
  })
  print(report, { common, isCheck, terminal })
  if (isCheck && report.changed > 0) return WOULD_CHANGE
  return report.left.failed > 0 ? 1 : 0
}

/** What is wrong with a picture of a page; of a size that there is not, the one that may be meant. */
const formatPageProblem = ({ code, message, subject }: Problem, sizes: readonly string[]): string => {
  const meant = code === 'size-unknown' && subject !== undefined ? suggestName(subject, sizes) : undefined
  return meant === undefined ? message : `${message} Did you mean ${meant}?`
}

const chooseSize = (size: string | undefined, sizes: readonly string[]): string => {
  const [first] = sizes
  if (first === undefined) throw new UsageError('the configuration has no sizes to show pictures in')
  if (size === undefined) return sizes.includes('content') ? 'content' : first
  if (sizes.includes(size)) return size
  throw new UsageError(
    `--size ${JSON.stringify(size)} is not configured; there are: ${sizes.join(', ')}${didYouMean(size, sizes)}`,
  )
}

const print = (
  report: RewriteReport,
  {
    common: { isJson, isQuiet },
    isCheck,
    terminal,
  }: {
    readonly common: CommonFlags
    readonly isCheck: boolean
    readonly terminal: CommandContext['terminal']
  },
): void => {
  if (isJson) terminal.print(JSON.stringify(toRewriteJson(report)))
  else if (!isQuiet) terminal.report(formatRewriteReport(report, { isCheck, style: terminal.style }))
}

export const htmlCommand: Command = {
  usage: 'html <dir>',
  summary: 'Rewrite the <img> of built pages',
  asks: 'Which folder?',
  examples: [
    ['imgsizes html dist', 'after the build of the site'],
    ['imgsizes html dist --size card --check', 'for CI: is everything rewritten?'],
    ['imgsizes html dist --images images.json', 'where neither secret nor originals are'],
  ],
  unusedFlags: ['concurrency'],
  define,
  run,
}
