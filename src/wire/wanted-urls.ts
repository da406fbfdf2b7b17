import type { Config, SizeConfig } from '../config/config.ts'
import { compileMatch } from '../config/match.ts'
import {
  type Format,
  isVectorSource,
  isVectorVariant,
  resolveFormats,
  toVectorTransform,
} from '../core/format.ts'
import { type Override, overrideOfSize, overrideTransform } from '../core/override.ts'
import { Problem } from '../core/problem.ts'
import type { SourceKey } from '../core/source-key.ts'
import { formatTransform, parseTransform, type Transform } from '../core/transform.ts'

/** A URL that is asked for, with nothing known of its source yet. */
export interface WantedUrl {
  /** The size that it belongs to; null for a transform that the user wrote. */
  readonly size: string | null
  readonly transform: Transform
  readonly density: number
  /** `auto`: chosen by `Accept` at each request. */
  readonly format: Format | 'auto'
}

/** What `url` was asked for; where empty: every size and format that `build` makes of the source. */
export interface UrlChoice {
  readonly size?: string | undefined
  readonly format?: Format | 'original' | 'auto' | undefined
  /** A transform to use instead of the sizes. */
  readonly transform?: Transform | undefined
}

/**
 * The URLs that the choice means for a source, in the order of sizes, widths, formats. An override of the source counts
 * for its sizes, not for a transform of its own.
 */
export const listWantedUrls = (
  source: SourceKey,
  { size, format, transform }: UrlChoice,
  config: Config,
  override?: Override,
): readonly WantedUrl[] => {
  const forced = format === undefined ? undefined : resolveForced(format, source, config)
  const isKept = config.vectors === 'keep' && isVectorSource(source)
  if (transform !== undefined) {
    checkVector({ source, transform }, format)
    return (forced ?? resolveFormats(config.formats, source)).map((each) => ({
      size: null,
      transform,
      density: 1,
      format: each,
    }))
  }
  return chooseSizes(source, size, config.sizes).flatMap(({ name, transforms, formats, draws }) => {
    if (isKept && (format === 'svg' || (!draws && (format ?? 'auto') === 'auto')))
      return [
        {
          size: name,
          transform: toVectorTransform(config.quality),
          density: 1,
          format: format === 'auto' ? format : 'svg',
        },
      ]
    return transforms.flatMap((sized) =>
      (forced ?? resolveFormats(formats ?? config.formats, source)).map((each) => ({
        size: name,
        transform: override
          ? overrideTransform(sized.transform, overrideOfSize(override, name))
          : sized.transform,
        density: sized.density,
        format: each,
      })),
    )
  })
}

const checkVector = (variant: Parameters<typeof isVectorVariant>[0], format: UrlChoice['format']): void => {
  const { transform } = variant
  if (format !== 'svg' || isVectorVariant(variant)) return
  throw new Problem(
    'option-invalid',
    `The format svg does not go with the transform ${formatTransform(transform)}, but with full and a quality: full.q80`,
  )
}

/** A size that is named applies to any source: `serve` renders it, even if its `match` leaves the source out. */
const chooseSizes = (
  source: SourceKey,
  size: string | undefined,
  sizes: readonly SizeConfig[],
): readonly SizeConfig[] =>
  sizes.filter(({ name, match }) =>
    size === undefined ? match === undefined || compileMatch(match)(source) : name === size,
  )

/** A format that is named must be one that `serve` answers for this source, even if `build` does not make it. */
const resolveForced = (
  format: Format | 'original' | 'auto',
  source: SourceKey,
  { formats, vectors }: Config,
): readonly (Format | 'auto')[] => {
  if (format === 'auto') return [format]
  const resolved = resolveFormats([format], source)
  const known: readonly Format[] = [
    ...resolveFormats(formats, source),
    ...(vectors === 'keep' && isVectorSource(source) ? (['svg'] as const) : []),
  ]
  if (resolved.every((each) => known.includes(each))) return resolved
  throw new Problem(
    'option-invalid',
    `The format ${format} is not configured for ${source}; there are: ${known.join(', ')}`,
  )
}

/** A transform in its canonical spelling; otherwise Problem `option-invalid`, whose message has the grammar. */
export const readTransform = (text: string | undefined): Transform | undefined => {
  if (text === undefined) return undefined
  const transform = parseTransform(text)
  if (transform !== undefined) return transform
  throw new Problem(
    'option-invalid',
    `${JSON.stringify(text)} is not a transform, or not in its canonical spelling.\n${GRAMMAR}`,
  )
}

const GRAMMAR = `  size                640w, 480h, full, or 300x200 and a fit; sides 1..16383
  fit, after WxH      cover, inside, contain, fill, stretch, auto, down, clip
  position            where it crops or pads: top, right, bottom, left, top-left, …
                      where it crops: attention, focus-X-Y with 0..1000
  what else is done   rotate-90 flip-h crop-50p-50p-centre trim-10 pad-1-2-3-4
                      blur-150 sharpen-100 pixelate-8 dpr-2 enlarge max-100
                      wm-1a2b3c
  background          bg-ffffff
  quality, always     q1..q100
  in this order, joined by dots: 640w.q80, 300x200.cover.attention.q75,
  1200x630.contain.bg-ffffff.q90`
