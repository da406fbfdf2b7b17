import { type ImgproxyOptions, readOption } from './imgproxy-options.ts'

/** Sets of options by name, each as in a URL: `rs:fit:300:300/q:80`. */
export type Presets = Readonly<Record<string, string>>

/** One option after those before it; undefined where it is unknown or its arguments are wrong. */
export const applyOption = (
  option: string,
  before: ImgproxyOptions,
  presets: Presets,
  used: readonly string[] = [],
): ImgproxyOptions | undefined => {
  const [name = '', ...args] = option.split(':')
  if (name === 'preset' || name === 'pr') return applyPresets(args, before, presets, used)
  const change = readOption(name, args, before)
  return change && { ...before, ...change }
}

/** Presets by name, one after the other. Within one, its own name means nothing, as in imgproxy. */
export const applyPresets = (
  names: readonly string[],
  before: ImgproxyOptions,
  presets: Presets,
  used: readonly string[] = [],
): ImgproxyOptions | undefined => {
  let options: ImgproxyOptions | undefined = before
  for (const name of names) {
    if (!Object.hasOwn(presets, name)) return undefined
    if (used.includes(name)) continue
    for (const option of (presets[name] ?? '').split('/').filter((text) => text !== ''))
      options = options && applyOption(option, options, presets, [...used, name])
  }
  return options
}
