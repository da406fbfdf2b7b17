import { FORMATS } from '../../core/format.ts'
import type { VariantKey } from '../../url/keyring.ts'
import type { BrokenOff } from '../build-report.ts'
import type { BuildTally } from '../build-tally.ts'
import { formatAdvice, formatBytes, formatCount, formatSeconds } from '../format.ts'
import { drawFormats, drawSavings, drawSizes } from './charts.ts'
import { type Html, html } from './html.ts'
import type { BuildRecord, ShownResult, ShownSource } from './record.ts'
import { CSS } from './style.ts'

/** Whether the build came to its end, was told to stop, or broke off. */
export type BuildEnd = 'done' | 'stopped' | 'broken-off'

export interface ReportPage {
  readonly tally: BuildTally
  readonly record: BuildRecord
  readonly seconds: number
  readonly end: BuildEnd
  /** Why it broke off. */
  readonly brokenOff?: BrokenOff
  /** For people, such as an ISO date. */
  readonly when: string
  /** Where a result is seen: relative to the page, or a URL. */
  readonly linkOf: (key: VariantKey) => string
  /** Pictures that the page holds itself, as data URLs. */
  readonly held: ReadonlyMap<VariantKey, string>
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
    [
      formatSeconds(seconds),
      rendered > 0 ? `${(rendered / Math.max(seconds, 0.001)).toFixed(1)} results a second` : 'total time',
    ],
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

const writeGallery = (page: ReportPage): Html => {
  const { gallery, unshown } = page.record
  const isElsewhere = gallery.some(({ results }) => results.some(({ key }) => !page.held.has(key)))
  return html`<h2>Gallery</h2>
${isElsewhere ? html`<p class="when">The first pictures are part of this page; the others are shown from where the results are.</p>` : ''}
${gallery.map((source, index) => writeSource(source, index < OPEN_SOURCES, page))}
${unshown > 0 ? html`<p class="when">${formatCount(unshown, 'more source')} not shown.</p>` : ''}`
}

const OPEN_SOURCES = 12

const writeSource = (shown: ShownSource, isOpen: boolean, page: ReportPage): Html => {
  const { source, sizeBytes, megapixels, elapsedMs, results } = shown
  const facts = [
    formatCount(results.length, 'result'),
    ...(sizeBytes > 0 ? [formatBytes(sizeBytes)] : []),
    ...(megapixels > 0 ? [`${megapixels.toFixed(1)} MP`, formatSeconds(elapsedMs / 1000)] : []),
  ].join(' · ')
  return html`<details${isOpen ? { html: ' open' } : ''}><summary>${source}<span>${facts}</span></summary>
<div class="groups">${groupByTransform(results).map((group) => writeGroup(group, page))}</div></details>
`
}

/** The variants of one transform, each format beside the other, the most compact first. */
const groupByTransform = (results: readonly ShownResult[]): readonly (readonly ShownResult[])[] => {
  const groups = new Map<string, ShownResult[]>()
  for (const result of [...results].sort(byTransform)) {
    const name = transformOf(result.key)
    groups.set(name, [...(groups.get(name) ?? []), result])
  }
  return [...groups.values()]
}

const writeGroup = (
  group: readonly ShownResult[],
  page: ReportPage,
): Html => html`<div class="group"><h4>${group[0] === undefined ? '' : transformOf(group[0].key)}</h4>
<div class="variants">${group.map((result) => writeVariant(result, page))}</div></div>
`

const writeVariant = ({ key, format, sizeBytes, isKept }: ShownResult, { linkOf, held }: ReportPage): Html =>
  html`<a href="${linkOf(key)}"><img ${held.has(key) ? 'decoding' : 'loading'}="${held.has(key) ? 'async' : 'lazy'}" src="${held.get(key) ?? linkOf(key)}" alt="${transformOf(key)}.${format}"><b class="${format}"></b>${format}<i>${formatBytes(sizeBytes)}${isKept ? ', already stored' : ''}</i></a>
`

/** The transform as the key spells it: its last segment less signature and ending. */
const transformOf = (key: VariantKey): string =>
  key
    .slice(key.lastIndexOf('/') + 1)
    .split('.')
    .slice(0, -2)
    .join('.')

/** Widths before boxes, each by their numbers. */
const byTransform = (a: ShownResult, b: ShownResult): number =>
  Number(isBox(a)) - Number(isBox(b)) ||
  transformOf(a.key).localeCompare(transformOf(b.key), 'en', { numeric: true }) ||
  FORMATS.indexOf(a.format) - FORMATS.indexOf(b.format)

const isBox = ({ key }: ShownResult): boolean => /^[0-9]+x/.test(transformOf(key))
