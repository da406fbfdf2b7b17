import { type Format, isVectorSource, originalFormatOf, resolveFormats } from '../core/format.ts'
import type { PictureSize } from '../core/geometry.ts'
import { Problem } from '../core/problem.ts'
import type { SourceKey } from '../core/source-key.ts'
import type { Transform } from '../core/transform.ts'
import type { Catalogue, PageSize } from './catalogue.ts'
import { pickFallback, type Scene } from './picture-data.ts'
import { toShownSize, toVectorSize } from './vector-size.ts'

/**
 * The size of that name as it is made of the source, or the transform that `text` spells, used as a size. Problem
 * `size-unknown`.
 */
export const findSize = (catalogue: Catalogue, text: string, source: SourceKey): PageSize => {
  const known = catalogue.sizes.find(({ name }) => name === text)
  if (known !== undefined) {
    const own = catalogue.overrideOf(source)?.texts?.[text]
    return own
      ? { ...known, transforms: known.transforms.map((each, i) => ({ ...each, text: own[i] ?? '' })) }
      : known
  }
  const transform = catalogue.parseTransform(text)
  if (transform !== undefined)
    return { name: text, transforms: [{ transform, text, density: 1 }], draws: true }
  const names = catalogue.sizes.map(({ name }) => name).join(', ')
  throw new Problem(
    'size-unknown',
    `There is no size ${JSON.stringify(text)}; there are: ${names || 'none'}.`,
    { subject: text, hint: 'Add it to sizes in the configuration, or give a transform such as 640w.q80.' },
  )
}

interface Wanted {
  readonly source: SourceKey
  readonly wanted: Format | 'original' | undefined
}

/** The size as a source shows it in this format: with vectors kept, a vector where the format is not one of pixels. */
export const findShownSize = (
  catalogue: Catalogue,
  name: string,
  { source, wanted, picture }: Wanted & { readonly picture?: PictureSize },
): PageSize => {
  const size = findSize(catalogue, name, source)
  if (wanted === 'svg' && catalogue.vector !== undefined && isVectorSource(source))
    return toVectorSize(catalogue, size, picture)
  return wanted === undefined ? toShownSize(catalogue, source, { size, picture }) : size
}

/** The sizes of a picture in the order in which a browser tries them, the one for all screens last. */
export const toScenes = (
  catalogue: Catalogue,
  source: SourceKey,
  size: string | ({ readonly default: string } & Readonly<Record<string, string>>),
): readonly Scene[] => {
  if (typeof size === 'string') return [{ size: findSize(catalogue, size, source) }]
  const { default: last, ...others } = size
  if (last === undefined)
    throw new Problem(
      'size-unknown',
      'Sizes by media query need `default`, the size for every other screen.',
      { hint: "Add `default: 'a size'`." },
    )
  const scenes = Object.entries(others).map(([media, name]) => ({
    media,
    size: findSize(catalogue, name, source),
  }))
  return [...scenes, { size: findSize(catalogue, last, source) }]
}

/**
 * The format that `wanted` means for a source; by default, the one that every browser shows. Problem `format-unknown`.
 */
export const findFormat = (catalogue: Catalogue, size: PageSize, { source, wanted }: Wanted): Format => {
  if (wanted === undefined)
    return pickFallback(resolveFormats(size.formats ?? catalogue.formats, source), source)
  const format = wanted === 'original' ? originalFormatOf(source) : wanted
  const formats = resolveFormats(size.formats?.includes('svg') ? size.formats : catalogue.formats, source)
  if (formats.includes(format)) return format
  throw new Problem('format-unknown', `${source} is not made as ${wanted}, but as ${formats.join(', ')}.`, {
    subject: source,
    hint: 'Add the format to formats in the configuration.',
  })
}

/** The spelling of the smallest transform of a size that has at least `minWidth` pixels, else of its largest. */
export const pickTransform = ({ name, transforms }: PageSize, minWidth = Infinity): string => {
  const found = transforms.find(({ transform }) => askedWidth(transform) >= minWidth) ?? transforms.at(-1)
  if (found === undefined) throw new Error(`the size ${name} has no transform`)
  return found.text
}

/** A height does not tell the width of the result, nor does the picture's own size. */
const askedWidth = ({ resize }: Transform): number => ('width' in resize ? resize.width : 0)
