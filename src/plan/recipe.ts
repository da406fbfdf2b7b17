import { createHash } from 'node:crypto'
import type { Config, WatermarkConfig } from '../config/config.ts'
import { type EncoderOptions, RENDER_REVISION, VECTOR_REVISION } from '../core/encoder.ts'
import { contentTypeOf, FORMATS, type Format } from '../core/format.ts'

/** Everything that decides a result's bytes besides its source, its key and the encoder's version. */
interface Recipe {
  /** {@link RENDER_REVISION}; for a vector {@link VECTOR_REVISION}. */
  readonly revision: number
  readonly format: Format
  /** The options of the format's encoder; a vector has none. */
  readonly encoder?: EncoderOptions[keyof EncoderOptions]
  /** Where the watermark is placed, for results that have one; the key tells which file it is. */
  readonly watermark?: Omit<WatermarkConfig, 'path' | 'id'>
}

/** Ten hex digits that identify a recipe; `watermark` is present where the transform names one. */
export const digestRecipe = (
  format: Format,
  encoders: EncoderOptions,
  watermark?: WatermarkConfig,
): string => {
  if (format === 'svg') return digest({ revision: VECTOR_REVISION, format } satisfies Recipe)
  const recipe: Recipe = {
    revision: RENDER_REVISION,
    format,
    encoder: encoders[format === 'jpg' ? 'jpeg' : format],
    ...(watermark && { watermark: toSettings(watermark) }),
  }
  return digest(recipe)
}

const toSettings = ({ path: _, id: __, ...settings }: WatermarkConfig): Recipe['watermark'] & object =>
  settings

/** What of its source shaped a result besides what every recipe says. */
interface SourceTraits {
  /** What is wrong with it, where what there is of it is shown (`limits.damaged: 'show'`). */
  readonly damage?: string
  /** What became of its wide colours, where it has any. */
  readonly colors?: 'keep' | 'srgb'
}

/** The recipe of a result by what its source is like; without such traits it is `recipe` itself. */
export const toRecipeOf = (recipe: string, format: Format, { damage, colors }: SourceTraits): string => {
  const isColoured = colors !== undefined && format !== 'gif' && format !== 'svg'
  const coloured = isColoured ? digest({ recipe, colors }) : recipe
  return damage === undefined ? coloured : digest({ recipe: coloured, damaged: 'show' })
}

/** All recipes that results have which are as configured, of sources of every kind. */
export const listRecipesOf = (
  recipe: string,
  format: Format,
  { showsDamaged, colors }: { readonly showsDamaged: boolean; readonly colors: 'keep' | 'srgb' },
): readonly string[] =>
  (showsDamaged ? [{}, { damage: '' }] : [{}]).flatMap((damage) => [
    toRecipeOf(recipe, format, damage),
    toRecipeOf(recipe, format, { ...damage, colors }),
  ])

/**
 * How results are encoded, together with the recipe that they are recorded with: one value, so that nobody can render
 * with one and record the other.
 */
export interface RecordedEncoders {
  readonly encoders: EncoderOptions
  /** The recipe of a result, digested. */
  recipeOf(format: Format, transformText: string, traits: SourceTraits): string
  /** All that a result so made may have, by what its source is like; the first is that of most sources. */
  recipesOf(format: Format, transformText: string): readonly string[]
}

/** The encoding by these options; `watermark` is the configured one, for transforms that name it. */
export const createEncoding = (
  encoders: EncoderOptions,
  { watermark, colors, limits }: Pick<Config, 'watermark' | 'colors' | 'limits'>,
): RecordedEncoders => {
  // Asked once per key: a digest each time would cost more than the rest of a plan.
  const toRecipes = (mark?: WatermarkConfig): ReadonlyMap<Format, readonly string[]> =>
    new Map(
      FORMATS.map((format) => {
        const recipe = digestRecipe(format, encoders, mark)
        return [format, listRecipesOf(recipe, format, { colors, showsDamaged: limits.damaged === 'show' })]
      }),
    )
  const [plain, marked] = [toRecipes(), toRecipes(watermark)]
  const recipesOf = (format: Format, transformText: string): readonly string[] =>
    (transformText.includes('.wm-') ? marked : plain).get(format) ?? []
  return {
    encoders,
    recipeOf: (format, transformText, traits) =>
      toRecipeOf(recipesOf(format, transformText)[0] ?? '', format, traits),
    recipesOf,
  }
}

/** Everything that a store keeps beside a result's bytes. */
interface HeaderRecipe {
  readonly cacheControl: string
  /** ACL, storage class. */
  readonly objectSettings: string
}

/** Ten hex digits that identify a result's headers; where they differ from the recorded ones, `touch` is due. */
export const digestHeaders = (format: Format, headers: HeaderRecipe): string =>
  digest({ contentType: contentTypeOf(format), ...headers })

/** Ten hex digits of a value, whatever the order of its properties. */
export const digest = (value: unknown): string =>
  createHash('sha256')
    .update(JSON.stringify(sortProperties(value)))
    .digest('hex')
    .slice(0, 10)

const sortProperties = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sortProperties)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([name, part]) => [name, sortProperties(part)]))
}
