import { lookUpSources } from '../../app/site/look-up-sources.ts'
import type { Format } from '../../core/format.ts'
import { type Override, takesFocus } from '../../core/override.ts'
import { Problem } from '../../core/problem.ts'
import type { SourceKey } from '../../core/source-key.ts'
import type { Focus } from '../../core/transform.ts'
import { createLinkQuery } from '../../page/link-query.ts'
import { type Project, withRenderer } from '../../wire/project.ts'
import { lookAtSource } from '../../wire/source-look.ts'
import { readSourceName, toSigned, toUrlJson } from '../../wire/urls.ts'
import { listWantedUrls, readTransform, type UrlChoice, type WantedUrl } from '../../wire/wanted-urls.ts'
import type { Command, CommandContext } from '../command.ts'
import { EXPIRES_DESCRIPTION, readCommonFlags, readExpires, switchFlag, valueFlag } from '../common-flags.ts'
import { createEventLog } from '../event-log.ts'
import { type Flags, UsageError } from '../flags.ts'
import { noteUrls } from '../missing-source.ts'
import { checkSizeName, FORMAT_CHOICES } from '../scope.ts'
import { logNote } from '../terminal.ts'
import { formatPictures } from '../url-html.ts'
import { loadCommandConfig, withProject } from '../with-project.ts'

const GROUP = 'Which URLs:'

const FORMATS = [...FORMAT_CHOICES, 'auto'] as const

const FLAGS = {
  size: valueFlag(GROUP, 'One size of the configuration, by name'),
  format: valueFlag(GROUP, `One format: ${FORMATS.join(', ')}`),
  transform: valueFlag(GROUP, 'A transform of your own, such as 640w.q80'),
  html: switchFlag(GROUP, 'The <picture> element, one per size'),
  expires: valueFlag(GROUP, EXPIRES_DESCRIPTION),
}

const run = async (flags: Flags, context: CommandContext): Promise<number> => {
  const { terminal } = context
  const common = readCommonFlags(flags, context.host)
  const choice = readChoice(flags)
  const isHtml = flags.isSet('html')
  if (isHtml && common.isJson) throw new UsageError('--html and --json do not go together')
  if (isHtml && choice.format === 'auto')
    throw new UsageError('--html and --format auto do not go together: a <picture> names its formats')
  const config = await loadCommandConfig(common, context)
  checkSizeName(choice.size, config)
  const source = readSourceName(flags.argument('picture'), config)
  const expires = readExpires(flags, config, context.now())
  if (config.serve.expiring && expires === undefined && !common.isQuiet) terminal.log(NO_END)
  const signLink = expires && createLinkQuery(config)
  const toQuery = (key: string): string => signLink?.(key, expires) ?? ''
  return withProject(
    { config, context, tell: createEventLog(terminal, common) },
    async (project, { signal }) => {
      const override = await project.overrides.read(source, signal)
      const wanted = listWantedUrls(source, choice, config, override)
      const look = await lookAtSource(source, project, {
        wantsSize: common.isJson || isHtml,
        onUnknown: (why) => {
          if (common.isVerbose) terminal.log(`The size of ${source} is not known: ${why}`)
        },
        signal,
      })
      const urls = wanted.map((each) => toSigned(source, each, { look, project, toQuery }))
      if (common.isJson) terminal.print(JSON.stringify(urls.map(toUrlJson)))
      else if (isHtml && wanted.length > 0)
        terminal.print(
          formatPictures(source, wanted, {
            config,
            look,
            smallest: await findSmallest(source, project, signal),
            override,
            toQuery,
          }),
        )
      else for (const url of new Set(urls.map((each) => each.url))) terminal.print(url)
      if (common.isVerbose)
        for (const line of await describeCrops(source, wanted, { override, project, signal }))
          terminal.log(line)
      if (common.isQuiet) return 0
      if (urls.length === 0) terminal.log(`No configured size is for ${source}.`)
      const note = await noteUrls(source, project, { cwd: context.cwd, size: choice.size, signal })
      if (note !== undefined) logNote(terminal, note)
      return 0
    },
  )
}

const NO_END =
  'serve.expiring is on: serve answers these URLs with 403. --expires 1h, or a date, prints links that end.'

const readChoice = (flags: Flags): UrlChoice => {
  const choice = {
    size: flags.text('size'),
    format: flags.word('format', FORMATS),
    transform: readTransform(flags.text('transform')),
  }
  if (choice.size !== undefined && choice.transform !== undefined)
    throw new UsageError('--size and --transform do not go together')
  return choice
}

/** The formats of its results, the smallest first; undefined where none is recorded. */
const findSmallest = async (
  source: SourceKey,
  { originals, ledger, config }: Project,
  signal: AbortSignal,
): Promise<readonly Format[] | undefined> => {
  const input = { originals, ledger, revision: config.revision, signal }
  try {
    for await (const { facts } of lookUpSources(input, new Set([source]))) return facts?.smallest
  } catch (error) {
    // Who may not read the results gets the order of the configuration.
    if (!(error instanceof Problem)) throw error
  }
  return undefined
}

/** `imgsizes url`. */
export const command: Command = {
  asks: 'Which picture?',
  examples: [
    ['imgsizes url cat.jpg', 'every size and format'],
    ['imgsizes url cat.jpg --size card --format webp', 'one of them'],
    ['imgsizes url cat.jpg --transform 300x200.cover.q80', 'any other'],
    ['imgsizes url cat.jpg --size content --html', 'ready to paste'],
    ['imgsizes url cat.jpg --size card --expires 7d', 'where serve.expiring is on'],
  ],
  unusedFlags: ['output', 'concurrency'],
  usage: '$0 url <picture>\n\nPrints the signed URLs of a picture. The original need not exist yet.',
  argument: ['picture', { type: 'string', describe: 'Path of the original below `source`' }],
  flags: FLAGS,
  run,
}

/** One picture is looked at, at a small size. */
const BOUNDS = { threads: 1, memoryBytes: 1_000_000_000 } as const

interface CropOptions {
  readonly override: Override | undefined
  readonly project: Pick<Project, 'originals' | 'openRenderer' | 'config'>
  readonly signal: AbortSignal
}

/** For people: what decided where each size is cropped, one line a size; nothing where the configuration did. */
export const describeCrops = async (
  source: SourceKey,
  wanted: readonly WantedUrl[],
  { override, project, signal }: CropOptions,
): Promise<readonly string[]> => {
  const names = [...new Set(wanted.filter(({ transform }) => takesFocus(transform)).map(({ size }) => size))]
  const found = names.map((name) => {
    const own = name === null ? undefined : override?.sizes?.[name]?.focus
    if (own !== undefined) return `${name}: ${formatFocus(own)}, the focus of this size in its override`
    if (name !== null && override?.focus !== undefined)
      return `${name}: ${formatFocus(override.focus)}, the focus of its override`
    const isAttention = wanted.some(
      ({ size, transform: { resize } }) =>
        size === name && 'position' in resize && resize.position === 'attention',
    )
    return isAttention ? { name: name ?? 'this transform' } : undefined
  })
  const isAsked = found.some((line) => typeof line === 'object')
  const attention = isAsked ? await findAttention(source, { project, signal }) : ''
  return found.flatMap((line) => {
    if (line === undefined) return []
    return typeof line === 'string' ? [line] : [`${line.name}: ${attention}`]
  })
}

const findAttention = async (
  source: SourceKey,
  { project, signal }: Omit<CropOptions, 'override'>,
): Promise<string> => {
  try {
    const original = await project.originals.read(source, { signal })
    if (original === undefined) return 'attention, which is found once the original exists'
    const { encoders } = project.config
    const { attention, attentionBy } = await withRenderer(project, BOUNDS, ({ render }) =>
      render({ bytes: original.bytes, outputs: [], encoders, wantsPreview: true }, { signal }),
    )
    const why = attentionBy === 'faces' ? 'faces that the file marks' : 'what stands out'
    return attention === undefined ? 'attention' : `attention at ${formatFocus(attention)}, by ${why}`
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    return `attention, which cannot be found: ${error.message}`
  }
}

const formatFocus = ({ x, y }: Focus): string => `[${x}, ${y}]`
