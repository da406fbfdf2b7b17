import prettyBytes from 'pretty-bytes'
import type { Problem } from '../core/problem.ts'

/** A whole number: `12,345`. Not by `toLocaleString`, whose tables take 8 ms to load. */
export const formatNumber = (count: number): string => String(count).replace(/\B(?=(?:\d{3})+$)/g, ',')

/** `1 source`, `2 sources`, `12,345 sources`. */
export const formatCount = (count: number, one: string, many = `${one}s`): string =>
  `${formatNumber(count)} ${count === 1 ? one : many}`

/** `1.2 MB`, with three significant digits. */
export const formatBytes = (bytes: number): string => prettyBytes(bytes)

/** `0.4 s`, `12 s`, `3 min 5 s`, `2 h 10 min`. */
export const formatSeconds = (seconds: number): string => {
  if (seconds < 10) return `${seconds.toFixed(1)} s`
  if (seconds < 60) return `${Math.round(seconds)} s`
  const whole = Math.round(seconds)
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  const minutes = Math.round(whole / 60)
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** `−93 %`: by how much `now` is less than `before`; `+5 %` where it is more. `−100 %` where nothing is left. */
export const formatSaving = (before: number, now: number): string => {
  if (before === 0) return ''
  const percent = (now / before - 1) * 100
  const whole = Math.round(percent)
  if (whole > 0) return `+${whole} %`
  if (whole === 0) return '±0 %'
  return whole === -100 && now > 0 ? `−${Math.min(99.9, -percent).toFixed(1)} %` : `−${-whole} %`
}

/** `12 results a second`, `0.4 results a second`; undefined where it would be 0. */
export const formatRate = (results: number, seconds: number): string | undefined => {
  const rate = results / Math.max(seconds, 0.001)
  if (rate < 0.05) return undefined
  return `${rate < 9.95 ? rate.toFixed(1) : formatNumber(Math.round(rate))} results a second`
}

/** What a problem is and what to do about it, as sentences on one line. */
export const formatAdvice = ({ message, hint }: Pick<Problem, 'message' | 'hint'>): string =>
  hint === undefined ? message : `${message.replace(/[^.!?]$/, '$&.')} ${hint}`

/** Lines of at most `width` characters, broken at spaces; a longer word, such as a URL, stays whole. */
export const wrapText = (text: string, width: number): readonly string[] => {
  const [first = '', ...words] = text.split(' ')
  const lines: string[] = []
  let line = first
  for (const word of words) {
    if (line.length + 1 + word.length <= width) line += ` ${word}`
    else {
      lines.push(line)
      line = word
    }
  }
  return [...lines, line]
}

/** On which side of a column its texts stand. */
type Align = 'left' | 'right'

/** Rows in columns of equal width, with two spaces between; pass plain text, and add colours afterwards. */
export const formatTable = (
  rows: readonly (readonly string[])[],
  aligns: readonly Align[],
): readonly string[] => {
  const widths = aligns.map((_, column) => Math.max(0, ...rows.map((row) => (row[column] ?? '').length)))
  return rows.map((row) =>
    row
      .map((cell, column) =>
        aligns[column] === 'right' ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  )
}
