import { appendFile, writeFile } from 'node:fs/promises'
import { dirname, relative, resolve, sep } from 'node:path'
import type { BuildTally } from '../../app/batch/build-tally.ts'
import type { AppEvent, Tell } from '../../app/event.ts'
import { type Config, folderOf } from '../../config/config.ts'
import { compact } from '../../core/defined.ts'
import { failWriting, unwritten } from '../../core/error-code.ts'
import { contentTypeOf } from '../../core/format.ts'
import type { VariantKey } from '../../url/keyring.ts'
import { encodePath, formatUrl } from '../../url/path.ts'
import { mapInOrder } from '../../waiting/concurrency.ts'
import { formatWritten } from '../build-files.ts'
import { sortSavings } from '../build-report.ts'
import { formatBytes, formatCount, formatNumber, formatSaving, formatSeconds } from '../format-numbers.ts'
import { chooseShown, HELD_BYTES } from './gallery.ts'
import { createBuildRecord, type ShownSource } from './record.ts'
import { type BuildOutcome, formatReportPage } from './report-page.ts'

/** What is written at the end of a build, whatever its end. */
export type ReportFiles = Awaited<ReturnType<typeof openReportFiles>>

interface ReportFilesOptions {
  /** `--report`. */
  readonly pageFile: string | undefined
  /** GITHUB_STEP_SUMMARY. */
  readonly summaryFile: string | undefined
  readonly config: Config
  /** A stored result; undefined where it is gone. */
  readonly read: (key: VariantKey) => Promise<Uint8Array | undefined>
  readonly tell: Tell
}

/** Creates the page's file at once, so that a place that cannot be written fails before the work and not after. */
export const openReportFiles = async ({ pageFile, summaryFile, config, read, tell }: ReportFilesOptions) => {
  const record = pageFile === undefined ? undefined : createBuildRecord()
  if (pageFile !== undefined) await writeFile(pageFile, '').catch(failWriting(pageFile))
  return {
    tell: (event: AppEvent): void => record?.tell(event),
    /** Gives a line about the page. */
    write: async ({ tally: counted, ...done }: BuildOutcome): Promise<readonly string[]> => {
      const tally = { ...counted, savings: sortSavings(counted.savings, config.sizes) }
      const written: string[] = []
      if (pageFile !== undefined && record !== undefined) {
        const { kept, ...rest } = record.read()
        const shown = { ...rest, kept: { ...kept, savings: sortSavings(kept.savings, config.sizes) } }
        const held =
          done.end === 'broken-off' ? new Map<VariantKey, string>() : await holdPictures(shown.gallery, read)
        const page = { ...done, tally, record: shown, linkOf: linker(pageFile, config), held }
        const text = formatReportPage(page)
        await writeFile(pageFile, text).catch(failWriting(pageFile))
        const content = `${formatCount(shown.gallery.length, 'picture')} shown`
        written.push(formatWritten(pageFile, content, Buffer.byteLength(text)))
      }
      if (summaryFile !== undefined)
        await appendFile(summaryFile, formatStepSummary({ ...done, tally })).catch((cause) =>
          // The environment has asked for it, nobody else: the build is none the worse.
          tell({ kind: 'warning', problem: unwritten(summaryFile, cause) }),
        )
      return written
    },
  }
}

/** Beside a folder of results the page works without a server; else under the address where they are served. */
const linker = (pageFile: string, { output, baseUrl }: Config): ((key: VariantKey) => string) => {
  const results = folderOf(output)
  if (results === undefined) return (key) => formatUrl(baseUrl, key)
  const way = relative(dirname(resolve(pageFile)), results)
    .split(sep)
    .join('/')
  const folder = way === '' ? './' : `${encodePath(way)}/`
  return (key) => folder + encodePath(key)
}

const READS_AT_ONCE = 16

/**
 * The gallery's first pictures as data URLs, so that a page that is sent, or kept by CI, shows them wherever it is.
 * What is gone is left out; with the first that cannot be read it ends, for a store that fails makes one wait for each.
 */
export const holdPictures = async (
  gallery: readonly ShownSource[],
  read: (key: VariantKey) => Promise<Uint8Array | undefined>,
): Promise<ReadonlyMap<VariantKey, string>> => {
  const held = new Map<VariantKey, string>()
  const pictures = mapInOrder(chooseShown(gallery).flat(), READS_AT_ONCE, async (result) => {
    const bytes = await read(result.key).catch(() => 'unreadable' as const)
    return { ...result, bytes }
  })
  let left = HELD_BYTES
  for await (const { key, format, bytes } of pictures) {
    if (bytes === 'unreadable') break
    if (bytes === undefined) continue
    left -= bytes.byteLength
    if (left < 0) break
    held.set(key, `data:${contentTypeOf(format)};base64,${Buffer.from(bytes).toString('base64')}`)
  }
  return held
}

const MOST_FAILURES = 20

const VERDICTS = { stopped: '⏹ stopped before its end', 'broken-off': '❌ broken off by an error' } as const

/** A build in GitHub's Markdown: what a job's page shows under the log. */
const formatStepSummary = ({ tally, seconds, end, brokenOff }: Omit<BuildOutcome, 'when'>): string => {
  const { sources, rendered, present, otherEncoders, failed, unlisted, failing, bytesIn, bytesOut } = tally
  const troubles = compact(
    failed > unlisted && `${formatCount(failed - unlisted, 'source')} failed`,
    unlisted > 0 && `${formatCount(unlisted, 'folder')} not read`,
  )
  const verdict = end === 'done' ? (failed > 0 ? `❌ ${troubles.join(', ')}` : '✅ done') : VERDICTS[end]
  return `${[
    '### imgsizes build',
    '',
    `${verdict}: ${formatCount(sources, 'source')}, ${formatCount(rendered, 'result')} rendered, ${formatNumber(present)} present, ` +
      `${formatBytes(bytesIn)} in, ${formatBytes(bytesOut)} out, ${formatSeconds(seconds)}.`,
    ...(brokenOff ? ['', `${toCell(brokenOff.message)} (${brokenOff.code})`] : []),
    ...(otherEncoders > 0
      ? [
          '',
          `${formatCount(otherEncoders, 'result')} by other encoders, kept: \`--encoder-changed rerender\``,
        ]
      : []),
    ...(failing > 0
      ? ['', `${formatCount(failing, 'source')} failed before, not tried again: \`--retry-failed\``]
      : []),
    ...formatSavings(tally),
    ...formatFailures(tally),
  ].join('\n')}\n\n`
}

const formatSavings = ({ savings }: BuildTally): readonly string[] =>
  savings.length === 0
    ? []
    : [
        '',
        '| size | format | results | original | result | saving |',
        '|---|---|---:|---:|---:|---:|',
        ...savings.map(
          ({ size, format, results, sourceBytes, bytes }) =>
            `| ${toCell(size)} | ${format} | ${results} | ${formatBytes(Math.round(sourceBytes / results))} | ${formatBytes(Math.round(bytes / results))} | ${formatSaving(sourceBytes, bytes)} |`,
        ),
      ]

const formatFailures = ({ failures, failed }: BuildTally): readonly string[] =>
  failed === 0
    ? []
    : [
        '',
        '| failed | reason |',
        '|---|---|',
        ...failures
          .slice(0, MOST_FAILURES)
          .map(
            ({ source, problem }) => `| ${toCell(source)} | ${toCell(problem.message)} (${problem.code}) |`,
          ),
        ...(failed > MOST_FAILURES ? ['', `… and ${failed - MOST_FAILURES} more.`] : []),
      ]

/** Names may hold anything that Markdown or HTML would take for its own. */
const toCell = (text: string): string =>
  text.replace(/[\\`*_{}[\]()#+!|<>&~]/g, (char) => `&#${char.charCodeAt(0)};`).replaceAll('\n', ' ')
