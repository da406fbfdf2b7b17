import type { BuildTally } from '../../app/batch/build-tally.ts'
import type { BrokenOff } from '../../app/batch/reports.ts'
import type { FormatTotal, Saving } from '../../app/batch/savings.ts'
import { FORMATS, type Format } from '../../core/format.ts'
import {
  formatAdvice,
  formatBytes,
  formatNumber,
  formatRate,
  formatSaving,
  formatSeconds,
} from '../format-numbers.ts'
import { type Gallery, writeGallery } from './gallery.ts'
import { type Html, html } from './html-parts.ts'
import type { BuildRecord } from './record.ts'

/** Whether the build finished, was told to stop, or failed. */
export type BuildEnd = 'done' | 'stopped' | 'broken-off'

/** How a build went. */
export interface BuildOutcome {
  readonly tally: BuildTally
  readonly seconds: number
  readonly end: BuildEnd
  readonly brokenOff?: BrokenOff | undefined
  /** The time for people, such as an ISO date. */
  readonly when: string
}

interface ReportPage extends Gallery, BuildOutcome {
  readonly record: BuildRecord
}

/** One self-contained page about a build, without scripts; pictures that are not `held` are loaded from elsewhere. */
export const formatReportPage = (page: ReportPage): string => {
  const { tally, record, when, end, brokenOff } = page
  return `<!doctype html>\n${
    html`<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>imgsizes build</title>
<style>${{ html: CSS }}</style>
<main>
<h1>imgsizes build</h1>
<p class="when">${when}${end === 'done' ? '' : html`, <strong>${WORDS[end]}</strong>`}${brokenOff === undefined ? '' : html`: ${brokenOff.message} (${brokenOff.code})`}</p>
${writeTotals(page)}
${tally.failed > 0 ? writeFailures(tally) : ''}
${tally.damaged.length > 0 ? writeDamaged(tally) : ''}
${writeSavings(page)}
${record.slowest.length > 0 ? writeRankings(page) : ''}
${record.gallery.length > 0 ? writeGallery(page) : ''}
</main>
</html>`.html
  }\n`
}

const WORDS: Readonly<Record<Exclude<BuildEnd, 'done'>, string>> = {
  stopped: 'stopped before its end',
  'broken-off': 'broken off by an error',
}

/** The savings of what was made, or, where nothing was, of what was stored before. */
const writeSavings = ({ tally, record: { kept } }: ReportPage): Html => {
  const isMade = tally.savings.length > 0
  const { savings, formats } = isMade ? tally : kept
  return html`${isMade ? '' : html`<p>Nothing was made in this run.</p>`}
${savings.length > 0 ? html`<h2>${isMade ? 'Savings' : 'Savings of what is stored'}</h2><div class="columns">${drawFormats(formats)}${drawSizes(savings)}</div>${drawSavings(savings)}` : ''}`
}

type Total = readonly [value: string, meaning: string, isBad?: boolean]

const writeTotals = ({ tally, record: { kept }, seconds }: ReportPage): Html => {
  const { sources, rendered, present, copied, touched, dropped, failed, unlisted, failing, otherEncoders } =
    tally
  const rows: readonly Total[] = [
    [formatNumber(sources), 'sources'],
    [formatNumber(failed - unlisted), 'sources failed', failed > unlisted],
    ...some(unlisted, 'folders not read', true),
    [formatNumber(rendered), 'results rendered'],
    [formatNumber(present), `already stored${present > 0 ? `, ${formatBytes(kept.bytes)}` : ''}`],
    ...some(copied, 'results copied'),
    ...some(touched, 'given new headers'),
    ...some(dropped, 'results dropped'),
    [formatBytes(tally.bytesIn), 'of originals read'],
    [formatBytes(tally.bytesOut), 'of results written'],
    [`${tally.megapixels.toFixed(1)} MP`, 'decoded'],
    [formatSeconds(seconds), formatRate(rendered, seconds) ?? 'total time'],
    ...some(otherEncoders, 'by other encoders, kept'),
    ...some(failing, 'failed before, not tried'),
  ]
  return html`<div class="totals">${rows.map(
    ([value, meaning, isBad]) =>
      html`<div class="total${isBad ? ' bad' : ''}"><b>${value}</b><span>${meaning}</span></div>`,
  )}</div>`
}

const some = (count: number, meaning: string, isBad = false): readonly Total[] =>
  count > 0 ? [[formatNumber(count), meaning, isBad]] : []

const writeFailures = ({ failures, failed }: BuildTally): Html => html`<h2>Failures</h2>
<section class="card failures"><table><tr><th>source<th>reason<th>code</tr>
${failures.map(
  ({ source, problem }) =>
    html`<tr><td>${source}<td>${formatAdvice(problem)}<td><code>${problem.code}</code></tr>`,
)}</table>
${failed > failures.length ? html`<p>… and ${formatNumber(failed - failures.length)} more: --report-failures writes them all.</p>` : ''}</section>`

const writeDamaged = ({ damaged }: BuildTally): Html => html`<h2>Damaged, shown as far as they go</h2>
<section class="card failures"><table><tr><th>source<th>reason</tr>
${damaged.map(({ source, message }) => html`<tr><td>${source}<td>${message}</tr>`)}</table></section>`

const writeRankings = ({ record: { slowest, largest }, linkOf }: ReportPage): Html => html`<h2>Outliers</h2>
<div class="columns">
<section class="card"><h3>Slowest sources</h3><table><tr><th>source<th class="n">megapixels<th class="n">results<th class="n">time</tr>
${slowest.map(
  ({ source, megapixels, outputs, elapsedMs }) =>
    html`<tr><td>${source}<td class="n">${megapixels.toFixed(1)}<td class="n">${outputs}<td class="n">${formatSeconds(elapsedMs / 1000)}</tr>`,
)}</table></section>
<section class="card"><h3>Largest results</h3><table><tr><th>result<th class="n">size</tr>
${largest.map(
  ({ key, sizeBytes }) =>
    html`<tr><td><a href="${linkOf(key)}">${key}</a><td class="n">${formatBytes(sizeBytes)}</tr>`,
)}</table></section>
</div>`

const COLOURS: Readonly<Record<Format, string>> = {
  avif: '#7c5cff',
  webp: '#1fa97a',
  jpg: '#e8973a',
  png: '#3b82f6',
  gif: '#d6569b',
  svg: '#7a8190',
}

/** The page's style; it follows the reader's choice of light or dark. */
const CSS = `
:root { color-scheme: light dark; --ground: #f6f7f9; --card: #fff; --ink: #1c2024; --faint: #69707a; --line: #e3e6ea;
  --whole: #e6e9ee; --bad: #d33c3c; }
@media (prefers-color-scheme: dark) { :root { --ground: #14171b; --card: #1d2127; --ink: #e8eaed; --faint: #98a1ac;
  --line: #2c323a; --whole: #2d343d; --bad: #ff7b72; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 1180px; margin: 0 auto; padding: 32px 24px 80px; }
h1 { font-size: 26px; margin: 0 0 2px; } h2 { font-size: 18px; margin: 40px 0 12px; }
p.when { color: var(--faint); margin: 0 0 24px; }
.totals { display: grid; grid-template-columns: repeat(4, 1fr); gap: 12px; }
.total, figure, section.card, details { background: var(--card); border: 1px solid var(--line); border-radius: 12px; }
.total { padding: 14px; } .total b { display: block; font-size: 21px; font-weight: 650; white-space: nowrap; }
.total span { color: var(--faint); font-size: 13px; } .total.bad b { color: var(--bad); }
figure { margin: 0 0 12px; padding: 16px 18px; } figcaption { font-weight: 600; margin-bottom: 8px; }
.bar { display: grid; grid-template-columns: minmax(0, 9em) minmax(0, 1fr) 9.5em; gap: 4px 12px; align-items: center;
  padding: 3px 0; font-size: 13px; }
.bar svg { width: 100%; display: block; border-radius: 4px; } .bar .label { text-align: right; overflow-wrap: anywhere; }
.bar .value { color: var(--faint); font-variant-numeric: tabular-nums; white-space: pre; }
.whole { fill: var(--whole); }
${FORMATS.map((format) => `.${format} { fill: ${COLOURS[format]}; } b.${format} { background: ${COLOURS[format]}; }`).join('\n')}
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(420px, 100%), 1fr)); gap: 0 12px; }
.columns section { margin-bottom: 12px; }
section.card { padding: 16px 18px; overflow-x: auto; } section.card h3 { margin: 0 0 8px; font-size: 15px; }
table { border-collapse: collapse; width: 100%; font-size: 13px; }
td, th { padding: 5px 10px 5px 0; border-top: 1px solid var(--line); text-align: left; vertical-align: top; overflow-wrap: anywhere; }
th { color: var(--faint); font-weight: 500; border-top: 0; } td.n, th.n { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
section.card a { color: inherit; text-decoration-color: var(--line); }
code { font: 12px ui-monospace, monospace; color: var(--bad); white-space: nowrap; }
details { margin-bottom: 10px; } summary { padding: 12px 18px; cursor: pointer; font-weight: 600; overflow-wrap: anywhere; }
summary span { color: var(--faint); font-weight: 400; font-size: 13px; margin-left: 10px; }
.variants { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(300px, 100%), 1fr)); gap: 12px; padding: 4px 18px 14px; }
.variants a { color: inherit; text-decoration: none; font-size: 13px; min-width: 0; overflow-wrap: anywhere; }
.variants img { display: block; max-width: 100%; max-height: 480px; margin: 0 auto 6px; border-radius: 6px;
  background: repeating-conic-gradient(#8882 0 25%, #0000 0 50%) 0 0 / 16px 16px; }
.variants i { font-style: normal; color: var(--faint); }
.variants b, .sizes b { display: inline-block; width: 9px; height: 9px; border-radius: 5px; margin-right: 5px; }
.sizes { padding: 0 18px 14px; overflow-x: auto; } .sizes th { white-space: nowrap; padding-right: 18px; }
.sizes td { white-space: nowrap; color: var(--faint); } .sizes a { color: var(--ink); text-decoration-color: var(--line); }
@media (max-width: 640px) { main { padding: 20px 14px 60px; } .totals { grid-template-columns: repeat(2, 1fr); }
  .total { padding: 10px 12px; } .total b { font-size: 18px; } .bar { grid-template-columns: 1fr auto; }
  .bar .label { text-align: left; } .bar svg { grid-row: 2; grid-column: 1 / -1; } .failures td:first-child { min-width: 6em; }
  .failures th:last-child, .failures td:last-child { padding-right: 0; } }
`

/** A row of a chart: parts, one after the other, in front of the whole that they belong to; all in bytes. */
interface Bar {
  readonly label: string
  readonly whole: number
  readonly parts: readonly { readonly tone: Format; readonly bytes: number }[]
  readonly text: string
}

/** For each size and format, the average result as a part of its average original. */
const drawSavings = (savings: readonly Saving[]): Html =>
  drawBars(
    'Average result compared with its original, by size and format',
    savings.map(({ size, format, results, sourceBytes, bytes }) => ({
      label: `${size} ${format}`,
      whole: sourceBytes / results,
      parts: [{ tone: format, bytes: bytes / results }],
      text: `${formatBytes(Math.round(bytes / results))}  ${formatSaving(sourceBytes, bytes)}`,
    })),
  )

const drawFormats = (formats: readonly FormatTotal[]): Html =>
  drawBars(
    'Bytes of all results, by format',
    formats.map(({ format, results, bytes }) => ({
      label: format,
      whole: 0,
      parts: [{ tone: format, bytes }],
      text: formatTotal(results, bytes),
    })),
  )

/** The bytes of all results of a size, by format; a result that two sizes ask for counts in both. */
const drawSizes = (savings: readonly Saving[]): Html => {
  const sizes = [...new Set(savings.map(({ size }) => size))].map((size) => {
    const own = savings.filter((saving) => saving.size === size)
    return {
      label: size,
      whole: 0,
      parts: own.map(({ format, bytes }) => ({ tone: format, bytes })),
      text: formatTotal(
        own.reduce((sum, { results }) => sum + results, 0),
        own.reduce((sum, { bytes }) => sum + bytes, 0),
      ),
    }
  })
  return drawBars('Bytes of all results, by size', sizes)
}

const formatTotal = (results: number, bytes: number): string =>
  `${formatBytes(bytes)} in ${formatNumber(results)}`

const sumOf = (parts: Bar['parts']): number => parts.reduce((sum, { bytes }) => sum + bytes, 0)

/** Rows of text, each with a drawing, so that letters keep their size on the narrowest screen. */
const drawBars = (title: string, bars: readonly Bar[]): Html => {
  const most = Math.max(1, ...bars.map(({ whole, parts }) => Math.max(whole, sumOf(parts))))
  const toShare = (bytes: number): string => `${((bytes / most) * 100).toFixed(2)}%`
  return html`<figure>
<figcaption>${title}</figcaption>
${bars.map(({ label, whole, parts, text }) => {
  let before = 0
  const drawn = parts.map(({ tone, bytes }) => {
    const x = before
    before += bytes
    return html`<rect class="${tone}" x="${toShare(x)}" width="${toShare(bytes)}" height="16"/>`
  })
  return html`<div class="bar"><span class="label">${label}</span><svg height="16" aria-hidden="true"><rect class="whole" width="${toShare(whole)}" height="16"/>${drawn}</svg><span class="value">${text}</span></div>
`
})}</figure>`
}
