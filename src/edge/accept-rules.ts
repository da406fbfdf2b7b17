import {
  contentTypeOf,
  type FormatChoice,
  originalFormatOf,
  RASTER_FORMATS,
  type RasterFormat,
  resolveFormats,
} from '../core/format.ts'

/**
 * `.auto` for servers whose configuration knows regular expressions and no arithmetic. Of an `Accept` that puts
 * weights on none of our types, as browsers' do not, the rules choose what `url/accept.ts` would; any other they
 * leave to `serve`, which resolves it exactly.
 */
export interface AcceptRules {
  /** `Accept` fields that are left to `serve`: a weight on a type of ours, or a quoted string. */
  readonly undecided: string
  /** The first whose `pattern` fits the `Accept` field decides; `originals` absent: of any source. */
  readonly rules: readonly AcceptRule[]
  /** By the format of the original, where no rule fits. */
  readonly fallbacks: ReadonlyMap<RasterFormat, RasterFormat>
  /** A result's path as far as it tells the original's format: else it is jpg. */
  readonly originals: ReadonlyMap<RasterFormat, string>
}

interface AcceptRule {
  /** Of the original. */
  readonly original?: RasterFormat
  readonly pattern: string
  readonly format: RasterFormat
}

/** Endings are matched without regard to letter case. */
const ENDINGS: ReadonlyMap<RasterFormat, readonly string[]> = new Map([
  ['png', ['png', 'svgz?']],
  ['gif', ['gif']],
  ['webp', ['webp']],
  ['avif', ['avif']],
])

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
    // What a rule at the end would choose is chosen without it.
    const needed = rest.slice(0, rest.findLastIndex((format) => format !== fallback) + 1)
    for (const format of needed) rules.push({ original, pattern: naming(format), format })
  }
  return {
    undecided: `"|image/(?:${RASTER_FORMATS.map((format) => subtypeOf(format)).join('|')})[ \\t]*;`,
    rules,
    fallbacks,
    originals: new Map(
      [...ENDINGS].map(([format, endings]) => [format, `\\.(?:${endings.join('|')})/[^/]*$`]),
    ),
  }
}

const subtypeOf = (format: RasterFormat): string => contentTypeOf(format).slice('image/'.length)

/** An element of its own, without parameters. */
const naming = (format: RasterFormat): string => `(?:^|,)[ \\t]*image/${subtypeOf(format)}[ \\t]*(?:,|$)`

const commonStart = (lists: readonly (readonly RasterFormat[])[]): readonly RasterFormat[] => {
  const [first = []] = lists
  const end = first.findIndex((format, index) => lists.some((list) => list[index] !== format))
  return end === -1 ? first : first.slice(0, end)
}

/** What the rules choose for an `Accept` field; undefined where they leave it to `serve`. For tests, and to read. */
export const applyAcceptRules = (
  { undecided, rules, fallbacks }: AcceptRules,
  accept: string,
  source: string,
): RasterFormat | undefined => {
  if (new RegExp(undecided, 'i').test(accept)) return undefined
  const original = originalFormatOf(source)
  const rule = rules.find(
    (each) => (each.original ?? original) === original && new RegExp(each.pattern, 'i').test(accept),
  )
  return rule?.format ?? fallbacks.get(original)
}
