import { DEFAULT_FORMATS } from '../config/defaults.ts'
import { resolveConfig } from '../config/resolve.ts'
import type { SizeInput } from '../config/schema.ts'
import { defined } from '../core/defined.ts'
import type { FormatChoice } from '../core/format.ts'
import type { Crop, Extent } from '../core/operations.ts'
import { formatTransform, type Resize, type Transform } from '../core/transform.ts'
import type { ImgproxyOptions } from '../url/imgproxy-options.ts'
import { optionsOfPreset, type Presets } from '../url/imgproxy-presets.ts'
import { toTransform } from '../url/imgproxy-transform.ts'

interface Setting {
  readonly presets: Presets
  readonly autoFormat: readonly FormatChoice[]
  readonly quality: number
}

/**
 * A size for each preset, so that what a URL with only that preset shows is made ahead under the same key. Presets that
 * no size can express are noted.
 */
export const toPresetSizes = (setting: Setting, notes: string[]) => {
  const sizes: Record<string, SizeInput> = {}
  /** Those that they need at the top level, beyond the default ones. */
  const formats = new Set<FormatChoice>()
  const left: string[] = []
  for (const name of Object.keys(setting.presets).filter((each) => each !== 'default')) {
    const options = optionsOfPreset(name, setting.presets)
    const parts = options && listParts(options, setting)
    if (options === undefined || parts === undefined) {
      left.push(name)
      continue
    }
    const plain = name.replace(/[^A-Za-z0-9_-]/g, '-')
    for (const [index, { size, choices }] of parts.entries()) {
      sizes[index === 0 ? plain : `${plain}-${choices[0]}`] = { ...size, formats: choices }
      for (const choice of choices) if (!DEFAULT_FORMATS.includes(choice)) formats.add(choice)
    }
  }
  if (left.length > 0)
    notes.push(
      `No size can express what these presets do, so their results are made on demand: ${left.join(', ')}.`,
    )
  return { sizes, formats: [...formats] }
}

interface Part {
  readonly size: SizeInput
  readonly choices: readonly FormatChoice[]
}

/** One part for all formats, or one for each quality where qualities differ. */
const listParts = (
  options: ImgproxyOptions,
  { autoFormat, quality }: Setting,
): readonly Part[] | undefined => {
  const choices: readonly FormatChoice[] =
    options.format === undefined || options.format === 'svg' ? [...autoFormat, 'original'] : [options.format]
  const parts = new Map<string, Part>()
  for (const choice of choices) {
    // The format of an original is not known here; most are JPEGs.
    const transform = toTransform(options, choice === 'original' ? 'jpg' : choice, { quality })
    const size = transform && toSize(transform)
    if (transform === undefined || size === undefined) return undefined
    const text = formatTransform(transform)
    const known = parts.get(text)?.choices ?? []
    parts.set(text, { size, choices: [...known, choice] })
  }
  return [...parts.values()]
}

/** The size that asks for a transform; undefined where none can. */
const toSize = (transform: Transform): SizeInput | undefined => {
  const { rotate, flip, crop, trim, pad, blur, sharpen, pixelate, enlarge, max } = transform
  const { background, quality } = transform
  const size: SizeInput = {
    ...toFields(transform.resize),
    ...defined({ rotate, flip, crop: crop && toCrop(crop), trim, pad }),
    ...defined({ blur: blur && blur / 100, sharpen: sharpen && sharpen / 100, pixelate, enlarge }),
    ...defined({ maxKilobytes: max, background: background && `#${background}` }),
    quality,
  }
  return asksFor(size, transform) ? size : undefined
}

const toFields = (resize: Resize): SizeInput => {
  switch (resize.kind) {
    case 'full':
      return { full: true }
    case 'width':
      return { width: resize.width }
    case 'height':
      return { height: resize.height }
    default: {
      const { kind: fit, ...box } = resize
      return { ...box, fit }
    }
  }
}

const toCrop = ({ width, height, position }: Crop): SizeInput['crop'] => ({
  width: toExtent(width),
  height: toExtent(height),
  ...(position !== undefined && { position }),
})

const toExtent = (extent: Extent): number | `${number}%` =>
  'pixels' in extent ? extent.pixels : `${extent.percent}%`

/**
 * Reads the size as a configuration: this finds what a size cannot express, such as a density that is not multiplied
 * in.
 */
const asksFor = (size: SizeInput, wanted: Transform): boolean => {
  const config = resolveConfig({ source: './a', output: './b', sizes: { size } }, { root: '/' })
  const [only, ...others] = config.sizes[0]?.transforms ?? []
  return (
    only !== undefined && others.length === 0 && formatTransform(only.transform) === formatTransform(wanted)
  )
}
