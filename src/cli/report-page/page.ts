import type { BuildTally } from '../../app/build-tally.ts'
import type { BrokenOff } from '../../app/reports.ts'
import { formatAdvice, formatBytes, formatRate, formatSeconds } from '../format.ts'
import { drawFormats, drawSavings, drawSizes } from './charts.ts'
import { type Gallery, writeGallery } from './gallery.ts'
import { type Html, html } from './html.ts'
import type { BuildRecord } from './record.ts'
import { CSS } from './style.ts'

/** Whether the build came to its end, was told to stop, or broke off. */
export type BuildEnd = 'done' | 'stopped' | 'broken-off'

export interface ReportPage extends Gallery {
  readonly tally: BuildTally
  readonly record: BuildRecord
  readonly seconds: number
  readonly end: BuildEnd
  /** Why it broke off. */
  readonly brokenOff?: BrokenOff
  /** For people, such as an ISO date. */
  readonly when: string
}

/** One self-contained page of what a build did, without scripts; of the gallery, what is not `held` lies elsewhere. */
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

/** Of what was made; where nothing was, of what is stored already. */
const writeSavings = ({ tally, record: { kept } }: ReportPage): Html => {
  const isMade = tally.savings.length > 0
  const { savings, formats } = isMade ? tally : kept
  return html`${isMade ? '' : html`<p>Nothing was made in this run.</p>`}
${savings.length > 0 ? html`<h2>${isMade ? 'Savings' : 'Savings of what is stored'}</h2><div class="columns">${drawFormats(formats)}${drawSizes(savings)}</div>${drawSavings(savings)}` : ''}`
}

const writeTotals = ({ tally, record: { kept }, seconds }: ReportPage): Html => {
  const { sources, rendered, present, copied, touched, dropped, failed, failing, otherEncoders } = tally
  const rows: readonly (readonly [string, string, boolean?])[] = [
    [sources.toLocaleString('en-US'), 'sources'],
    [failed.toLocaleString('en-US'), 'sources failed', failed > 0],
    [rendered.toLocaleString('en-US'), 'results rendered'],
    [present.toLocaleString('en-US'), `already stored${present > 0 ? `, ${formatBytes(kept.bytes)}` : ''}`],
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

const some = (count: number, meaning: string): readonly (readonly [string, string])[] =>
  count > 0 ? [[count.toLocaleString('en-US'), meaning]] : []

const writeFailures = ({ failures, failed }: BuildTally): Html => html`<h2>Failures</h2>
<section class="card failures"><table><tr><th>source<th>reason<th>code</tr>
${failures.map(
  ({ source, problem }) =>
    html`<tr><td>${source}<td>${formatAdvice(problem)}<td><code>${problem.code}</code></tr>`,
)}</table>
${failed > failures.length ? html`<p>… and ${(failed - failures.length).toLocaleString('en-US')} more: --report-failures writes them all.</p>` : ''}</section>`

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
