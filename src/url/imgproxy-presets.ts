import { DEFAULT_OPTIONS, type ImgproxyOptions, readOption } from './imgproxy-options.ts'

/** Sets of options by name, each as in a URL: `rs:fit:300:300/q:80`. */
export type Presets = Readonly<Record<string, string>>

/** What has led to an option: the presets that it is within, and how many more may be read all in all. */
interface Trail {
  readonly used: readonly string[]
  readonly left: { count: number }
}

/** Presets within presets, each twice, would be a million options by the twentieth. */
const MOST_OPTIONS = 10_000

const start = (): Trail => ({ used: [], left: { count: MOST_OPTIONS } })

/** One option after those before it; undefined where it is unknown or its arguments are wrong. */
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

/** Presets by name, one after the other. Within one, its own name means nothing, as in imgproxy. */
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

/** What a URL without options asks for; undefined where `default` cannot be read. */
export const defaultOptions = (presets: Presets): ImgproxyOptions | undefined =>
  Object.hasOwn(presets, 'default') ? applyPresets(['default'], DEFAULT_OPTIONS, presets) : DEFAULT_OPTIONS

/** What a URL with one preset and no other option asks for. */
export const optionsOfPreset = (name: string, presets: Presets): ImgproxyOptions | undefined => {
  const before = defaultOptions(presets)
  return before && applyPresets([name], before, presets)
}
