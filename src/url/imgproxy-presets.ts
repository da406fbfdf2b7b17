import { DEFAULT_OPTIONS, type ImgproxyOptions, readOption } from './imgproxy-options.ts'

/** Sets of options by name, each as in a URL: `rs:fit:300:300/q:80`. */
export type Presets = Readonly<Record<string, string>>

/** The presets that an option stands in, and how many more options may be read. */
interface Trail {
  readonly used: readonly string[]
  readonly left: { count: number }
}

/** Presets within presets, each used twice, would give a million options at the twentieth. */
const MOST_OPTIONS = 10_000

const start = (): Trail => ({ used: [], left: { count: MOST_OPTIONS } })

/** Adds one option to those before it; undefined where it is unknown or its arguments are wrong. */
export const applyOption = (
  option: string,
  before: ImgproxyOptions,
  presets: Presets,
  trail: Trail = start(),
): ImgproxyOptions | undefined => {
  const [name = '', ...args] = option.split(':')
  if (name === 'preset' || name === 'pr') return applyPresets(args, before, presets, trail)
  const change = readOption(name, args, before)
  return change && { ...before, ...change }
}

/** Adds presets by name, one after the other. Inside a preset its own name is ignored, as in imgproxy. */
export const applyPresets = (
  names: readonly string[],
  before: ImgproxyOptions,
  presets: Presets,
  { used, left }: Trail = start(),
): ImgproxyOptions | undefined => {
  let options: ImgproxyOptions | undefined = before
  for (const name of names) {
    if (!Object.hasOwn(presets, name)) return undefined
    if (used.includes(name)) continue
    const trail = { used: [...used, name], left }
    for (const option of (presets[name] ?? '').split('/').filter((text) => text !== '')) {
      if (options === undefined || --left.count < 0) return undefined
      options = applyOption(option, options, presets, trail)
    }
  }
  return options
}

/** The options of a URL that names none; undefined where the preset `default` cannot be read. */
export const defaultOptions = (presets: Presets): ImgproxyOptions | undefined =>
  Object.hasOwn(presets, 'default') ? applyPresets(['default'], DEFAULT_OPTIONS, presets) : DEFAULT_OPTIONS

/** The options of a URL that names only one preset. */
export const optionsOfPreset = (name: string, presets: Presets): ImgproxyOptions | undefined => {
  const before = defaultOptions(presets)
  return before && applyPresets([name], before, presets)
}
