/** Numbers as people read them. */

const NUMBER = new Intl.NumberFormat('en-US')

/** `12,345`. */
export const formatNumber = (count: number): string => NUMBER.format(count)

/** `1 picture`, `12,345 pictures`. */
export const formatPictureCount = (count: number): string =>
  `${formatNumber(count)} ${count === 1 ? 'picture' : 'pictures'}`

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const

/** `812 B`, `34.5 kB`, `1.2 MB`: three significant digits. */
export const formatBytes = (bytes: number): string => {
  let value = bytes
  let unit = 0
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000
    unit++
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2
  return `${value.toFixed(digits)} ${UNITS[unit]}`
}

/** `under a minute`, `12 minutes`, `3.4 hours`. */
export const formatMinutes = (minutes: number): string => {
  if (minutes < 1) return 'under a minute'
  if (minutes < 90) return `${Math.round(minutes)} ${Math.round(minutes) === 1 ? 'minute' : 'minutes'}`
  return `${(minutes / 60).toFixed(1)} hours`
}

/** One digit after the point. */
export const formatScore = (score: number): string => score.toFixed(1)

/** `part` of `whole` in per cent. */
export const formatPercent = (part: number, whole: number): string =>
  whole === 0 ? '–' : `${Math.round((part / whole) * 100)} %`

/** `a/b/c.jpg` as folder and name. */
export const splitSourceName = (source: string): readonly [folder: string, name: string] => {
  const slash = source.lastIndexOf('/') + 1
  return [source.slice(0, slash), source.slice(slash)]
}
