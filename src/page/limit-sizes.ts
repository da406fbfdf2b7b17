import { sizesUpTo } from './picture-data.ts'

/**
 * The attribute `sizes` with no width above `most` pixels; where it is empty, as wide as that. Without `min()`,
 * which browsers that are in use do not take here (Safari before 26.4): what cannot be compared gives way to `most`
 * in windows in which it may come to more.
 */
export const limitSizes = (sizes: string, most: number): string =>
  sizes.trim() === ''
    ? sizesUpTo(most)
    : splitOutside(sizes, ',')
        .flatMap((entry) => limitEntry(entry, most))
        .join(', ')

/** One entry: for which windows, perhaps, and behind that the width. */
const limitEntry = (entry: string, most: number): readonly string[] => {
  const words = splitOutside(entry, ' ')
  const width = words.at(-1) ?? ''
  const condition = words.slice(0, -1).join(' ')
  const pixels = toPixels(width)
  if (pixels !== undefined) return [pixels > most ? `${condition} ${most}px`.trim() : entry]
  // Of what is calculated otherwise nobody knows the share: as a rule it is less than the window.
  const share = Number(AT_MOST_SHARE.exec(width)?.[1] ?? 100)
  const widest = Math.floor((most * 100) / share)
  const asked = toPixels(/^\(\s*max-width:\s*([^()]+)\)$/.exec(condition)?.[1])
  if (!Number.isFinite(widest) || (asked !== undefined && asked <= widest)) return [entry]
  const isWide = `(min-width: ${widest + 1}px)`
  return [`${condition === '' ? isWide : `${enclose(condition)} and ${isWide}`} ${most}px`, entry]
}

/** So much of the window, or less: `50vw`, `calc(50vw - 20px)`. */
const AT_MOST_SHARE = /^(?:calc\(\s*)?([\d.]+)vw(?:\s+-\s+[\d.]+(?:px|r?em)\s*\))?$/i

/** Terms that are joined by `and` alone go on as they are; anything else in brackets. */
const enclose = (condition: string): string =>
  /^\([^()]*\)(?: and \([^()]*\))*$/.test(condition) ? condition : `(${condition})`

/** `rem` and `em` are 16 pixels here, as browsers have it unless their owners say otherwise. */
const toPixels = (length = ''): number | undefined => {
  const [, number, unit] = /^([\d.]+)(px|rem|em)$/i.exec(length) ?? []
  return number === undefined ? undefined : Number(number) * (unit?.toLowerCase() === 'px' ? 1 : 16)
}

/** The parts of a text between commas or blanks that stand outside of brackets, without the empty ones. */
export const splitOutside = (text: string, separator: ',' | ' '): readonly string[] => {
  const parts = ['']
  let depth = 0
  for (const char of text.replace(/\s+/g, ' ')) {
    if (char === '(') depth++
    if (char === ')') depth--
    if (depth === 0 && char === separator) parts.push('')
    else parts.push(`${parts.pop() ?? ''}${char}`)
  }
  return parts.map((part) => part.trim()).filter((part) => part !== '')
}
