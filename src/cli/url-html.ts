import type { Config } from '../config/config.ts'
import type { Format } from '../core/format.ts'
import type { Override } from '../core/override.ts'
import { Problem } from '../core/problem.ts'
import type { SourceKey } from '../core/source-key.ts'
import { formatTransform, MAX_SIDE, type Transform } from '../core/transform.ts'
import type { PageSize } from '../page/catalogue.ts'
import { toConfigCatalogue, toPageSize } from '../page/config-catalogue.ts'
import { formatPicture, type PictureMarkup } from '../page/format-picture.ts'
import { openImages } from '../page/images.ts'
import type { Picture } from '../page/picture-data.ts'
import type { SourceLook } from '../wire/source-look.ts'
import type { WantedUrl } from '../wire/wanted-urls.ts'

/**
 * One `<picture>` per size, below its name where there are several. If the source's size is not known, it has no width
 * and height, and the source is assumed to be large enough.
 */
export const formatPictures = (
  source: SourceKey,
  wanted: readonly WantedUrl[],
  {
    config,
    look,
    smallest,
    override,
    toQuery,
  }: {
    readonly config: Config
    readonly look: SourceLook
    /** The formats of its results, the smallest first, where this is known. */
    readonly smallest?: readonly Format[] | undefined
    readonly override?: Override | undefined
    readonly toQuery: (keyText: string) => string
  },
): string => {
  const sizes = toSizes(wanted, config)
  const facts = {
    ...(look.size ?? assumeLarge(source, wanted)),
    ...(look.version && { version: look.version }),
    ...(smallest && { smallest }),
  }
  const images = openImages({
    ...toConfigCatalogue(config, {}),
    sizes,
    factsOf: () => facts,
    // What it says of sizes is in `wanted`.
    overrideOf: () => undefined,
    linkQuery: toQuery,
  })
  return sizes
    .map(({ name }) => {
      const picture = images.sources(source, name, { alt: override?.alt ?? '' })
      const html = formatPicture(look.size === undefined ? withoutSides(picture) : picture, '\n')
      return sizes.length > 1 ? `<!-- ${name} -->\n${html}` : html
    })
    .join('\n\n')
}

/** The sizes that were asked for, with only the formats that were. */
const toSizes = (wanted: readonly WantedUrl[], config: Config): readonly PageSize[] => {
  const names = [...new Set(wanted.map(({ size }) => size))]
  return names.map((name) => {
    const own = wanted.filter(({ size }) => size === name)
    const configured = config.sizes.find((size) => size.name === name)
    // A vector is shown in the width of the size, which its own transform does not contain.
    if (configured !== undefined && own.some(({ format }) => format === 'svg'))
      return { ...toPageSize(configured), draws: false }
    const transforms = new Map(
      own.map(({ transform, density }) => {
        const text = formatTransform(transform)
        return [text, { transform, text, density }]
      }),
    )
    return {
      name: name ?? 'transform',
      draws: true,
      transforms: [...transforms.values()],
      formats: [...new Set(own.flatMap(({ format }) => (format === 'auto' ? [] : [format])))],
    }
  })
}

const assumeLarge = (source: SourceKey, wanted: readonly WantedUrl[]): { width: number; height: number } => {
  if (wanted.every(({ transform }) => saysWidth(transform))) return { width: MAX_SIDE, height: MAX_SIDE }
  throw new Problem(
    'picture-size-unknown',
    `The size of ${source} is not known, so it is not known how wide its results are.`,
    {
      subject: source,
      hint: 'Put the original in its place, or choose with --size one whose width is given.',
    },
  )
}

/** Whether a result of a large original has the width that was asked for. */
const saysWidth = ({ resize }: Transform): boolean =>
  resize.kind === 'width' || resize.kind === 'cover' || resize.kind === 'contain' || resize.kind === 'fill'

const withoutSides = ({ sources, img }: Picture): PictureMarkup => ({
  sources,
  img: (({ width: _width, height: _height, ...rest }) => rest)(img),
})
