import {
  contentTypeOf,
  type FormatChoice,
  listOriginalEndings,
  RASTER_FORMATS,
  type RasterFormat,
  resolveFormats,
} from '../core/format.ts'

/**
 * `.auto` for servers whose configuration has regular expressions, but no arithmetic. Where an `Accept` gives none of
 * our types a weight (those of browsers do not), the rules choose what `url/accept.ts` would. Any other is left to
 * `serve`, which resolves it exactly.
 */
export interface AcceptRules {
  /** Matches `Accept` fields that are left to `serve`: with a weight for a type of ours, or a quoted string. */
  readonly undecided: string
  /** The first rule whose `pattern` matches the `Accept` field decides; without `originals` it is for any source. */
  readonly rules: readonly AcceptRule[]
  /** The format where no rule matches, by the format of the original. */
  readonly fallbacks: ReadonlyMap<RasterFormat, RasterFormat>
  /** Patterns that find the original's format in a result's path; where none matches, it is jpg. */
  readonly originals: ReadonlyMap<RasterFormat, string>
}

interface AcceptRule {
  /** Only for originals of this format. */
  readonly original?: RasterFormat
  readonly pattern: string
  readonly format: RasterFormat
}

/** The endings by which originals have a format other than jpg, compared without letter case. */
export const ORIGINAL_ENDINGS: ReadonlyMap<RasterFormat, readonly string[]> = new Map(
  RASTER_FORMATS.filter((format) => format !== 'jpg').map((format) => [format, listOriginalEndings(format)]),
)

/** The rules for the configured formats. */
export const toAcceptRules = (choices: readonly FormatChoice[]): AcceptRules => {
  const lists = new Map(
    RASTER_FORMATS.map((original) => [original, resolveFormats(choices, `a.${original}`)]),
  )
  const common = commonStart([...lists.values()])
  const fallbacks = new Map<RasterFormat, RasterFormat>()
  const rules: AcceptRule[] = common.map((format) => ({ pattern: naming(format), format }))
  for (const [original, formats] of lists) {
    const fallback = formats.includes(original) ? original : (formats.at(-1) ?? original)
    fallbacks.set(original, fallback)
    const rest = formats.slice(common.length)
    // Rules at the end that choose the fallback are not needed.
    const needed = rest.slice(0, rest.findLastIndex((format) => format !== fallback) + 1)
    for (const format of needed) rules.push({ original, pattern: naming(format), format })
  }
  return {
    undecided: `"|image/(?:${RASTER_FORMATS.map((format) => subtypeOf(format)).join('|')})[ \\t]*;`,
    rules,
    fallbacks,
    originals: new Map(
      [...ORIGINAL_ENDINGS].map(([format, endings]) => [format, `\\.(?:${endings.join('|')})/[^/]*$`]),
    ),
  }
}

const subtypeOf = (format: RasterFormat): string => contentTypeOf(format).slice('image/'.length)

/** Matches an element of the list without parameters. */
const naming = (format: RasterFormat): string => `(?:^|,)[ \\t]*image/${subtypeOf(format)}[ \\t]*(?:,|$)`

const commonStart = (lists: readonly (readonly RasterFormat[])[]): readonly RasterFormat[] => {
  const [first = []] = lists
  const end = first.findIndex((format, index) => lists.some((list) => list[index] !== format))
  return end === -1 ? first : first.slice(0, end)
}
