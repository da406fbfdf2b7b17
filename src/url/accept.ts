import {
  contentTypeOf,
  type Format,
  type FormatChoice,
  originalFormatOf,
  resolveFormats,
} from '../core/format.ts'

/**
 * The format for `.auto`: of those `choices` whose type `accept` names with q > 0, the one with the highest q; on a tie
 * the first of `choices`. A wildcard, a missing header or nothing acceptable gives `original`, or the last of `choices`
 * where that is not among them. Never a refusal.
 */
export const negotiateFormat = (
  accept: string | undefined,
  choices: readonly FormatChoice[],
  source: string,
): Format => {
  const formats = resolveFormats(choices, source)
  const weights = parseAccept(accept ?? '')
  let best: Format | undefined
  let bestWeight = 0
  for (const format of formats) {
    const weight = weights.get(contentTypeOf(format)) ?? 0
    if (weight > bestWeight) {
      best = format
      bestWeight = weight
    }
  }
  const original = originalFormatOf(source)
  return best ?? (formats.includes(original) ? original : (formats.at(-1) ?? original))
}

/**
 * The media ranges of an `Accept` field with their weights 0..1, in lower case; parameters other than `q` are ignored
 * (RFC 9110, 12.5.1). An element with a malformed weight is left out. Of equal ranges, the last one counts.
 */
const parseAccept = (field: string): ReadonlyMap<string, number> => {
  const weights = new Map<string, number>()
  for (const element of splitOutsideQuotes(field, ',')) {
    const [range = '', ...parameters] = splitOutsideQuotes(element, ';').map((part) => part.trim())
    const weight = readWeight(parameters)
    if (weight !== undefined) weights.set(range.toLowerCase(), weight)
  }
  return weights
}

const QVALUE = /^(?:0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)$/

const readWeight = (parameters: readonly string[]): number | undefined => {
  const text = parameters.find((parameter) => /^q\s*=/i.test(parameter))
  if (text === undefined) return 1
  const value = text.slice(text.indexOf('=') + 1).trim()
  return QVALUE.test(value) ? Number(value) : undefined
}

/** Splits at `separator` where it does not stand inside a quoted-string. */
const splitOutsideQuotes = (text: string, separator: ',' | ';'): readonly string[] => {
  const parts: string[] = []
  let isQuoted = false
  let start = 0
  for (let i = 0; i < text.length; i++) {
    const char = text[i]
    if (isQuoted && char === '\\') i++
    else if (char === '"') isQuoted = !isQuoted
    else if (char === separator && !isQuoted) {
      parts.push(text.slice(start, i))
      start = i + 1
    }
  }
  parts.push(text.slice(start))
  return parts
}
