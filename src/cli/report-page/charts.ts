import type { FormatTotal, Saving } from '../../app/batch/savings.ts'
import type { Format } from '../../core/format.ts'
import { formatBytes, formatNumber, formatSaving } from '../format-numbers.ts'
import { type Html, html } from './html-parts.ts'

/** A row of a chart: parts, one after the other, in front of the whole that they belong to; all in bytes. */
interface Bar {
  readonly label: string
  readonly whole: number
  readonly parts: readonly { readonly tone: Format; readonly bytes: number }[]
  readonly text: string
}

/** For each size and format, the average result as a part of its average original. */
export const drawSavings = (savings: readonly Saving[]): Html =>
  drawBars(
    'Average result compared with its original, by size and format',
    savings.map(({ size, format, results, sourceBytes, bytes }) => ({
      label: `${size} ${format}`,
      whole: sourceBytes / results,
      parts: [{ tone: format, bytes: bytes / results }],
      text: `${formatBytes(Math.round(bytes / results))}  ${formatSaving(sourceBytes, bytes)}`,
    })),
  )

/** The bytes of all results of a format. */
export const drawFormats = (formats: readonly FormatTotal[]): Html =>
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
export const drawSizes = (savings: readonly Saving[]): Html => {
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
