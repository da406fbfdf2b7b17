import type { Saving } from '../build-tally.ts'
import { formatBytes, formatSaving } from '../format.ts'
import { type Html, html } from './html.ts'

const LABEL = 150
const BAR = 420
const VALUE = 170
const ROW = 30
const WIDTH = LABEL + BAR + VALUE

/** What a bar stands for: `part` of `whole`, both in bytes. */
interface Bar {
  readonly label: string
  readonly tone: string
  readonly whole: number
  readonly part: number
  readonly text: string
}

/** For each size and format the mean result as a part of its mean original. */
export const drawSavings = (savings: readonly Saving[]): Html =>
  drawBars(
    'Mean result beside its mean original, by size and format',
    savings.map(({ size, format, results, sourceBytes, bytes }) => ({
      label: `${size} ${format}`,
      tone: format,
      whole: sourceBytes / results,
      part: bytes / results,
      text: `${formatBytes(Math.round(bytes / results))}  ${formatSaving(sourceBytes, bytes)}`,
    })),
  )

/** What all results of a format weigh. */
export const drawTotals = (savings: readonly Saving[]): Html => {
  const totals = new Map<string, { results: number; bytes: number }>()
  for (const { format, results, bytes } of savings) {
    const known = totals.get(format) ?? { results: 0, bytes: 0 }
    totals.set(format, { results: known.results + results, bytes: known.bytes + bytes })
  }
  return drawBars(
    'Bytes of all results, by format',
    [...totals].map(([format, { results, bytes }]) => ({
      label: format,
      tone: format,
      whole: 0,
      part: bytes,
      text: `${formatBytes(bytes)} in ${results.toLocaleString('en-US')}`,
    })),
  )
}

const drawBars = (title: string, bars: readonly Bar[]): Html => {
  const most = Math.max(1, ...bars.map(({ whole, part }) => Math.max(whole, part)))
  const toWidth = (bytes: number): string => ((bytes / most) * BAR).toFixed(1)
  return html`<figure>
<figcaption>${title}</figcaption>
<svg viewBox="0 0 ${WIDTH} ${bars.length * ROW}" role="img" aria-label="${title}">
${bars.map(({ label, tone, whole, part, text }, index) => {
  const top = index * ROW
  return html`<text class="label" x="${LABEL - 12}" y="${top + 20}" text-anchor="end">${label}</text>
<rect class="whole" x="${LABEL}" y="${top + 6}" width="${toWidth(whole)}" height="18" rx="4"/>
<rect class="${tone}" x="${LABEL}" y="${top + 6}" width="${Math.max(2, Number(toWidth(part)))}" height="18" rx="4"/>
<text class="value" x="${LABEL + BAR + 12}" y="${top + 20}">${text}</text>
`
})}</svg>
</figure>`
}
