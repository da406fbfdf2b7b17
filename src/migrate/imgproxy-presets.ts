import { mapQuality } from '../render/quality.ts'
import { DEFAULT_OPTIONS } from '../url/imgproxy-options.ts'
import { applyOption, applyPresets, type Presets } from '../url/imgproxy-presets.ts'
import { type Take, toList } from './imgproxy-values.ts'

interface PresetsContext {
  readonly take: Take
  readonly notes: string[]
  /** Of the file. */
  readonly text: string | undefined
}

/**
 * The presets of an environment and its file. IMGPROXY_FORMAT_QUALITY becomes the first option of `default`, since any
 * URL may override it.
 */
export const readImgproxyPresets = ({ take, notes, text }: PresetsContext): Presets => {
  const separator = take('PRESETS_SEPARATOR') ?? ','
  const path = take('PRESETS_PATH')
  if (path !== undefined && text === undefined)
    notes.push(`IMGPROXY_PRESETS_PATH: ${path} cannot be read; add its presets.`)
  const lines = [
    ...(text ?? '').split('\n').filter((line) => !line.trim().startsWith('#')),
    ...(take('PRESETS') ?? '').split(separator),
  ]
  const presets = Object.fromEntries(
    lines
      .map((line) => line.trim())
      .filter((line) => line.includes('='))
      .map((line) => [line.slice(0, line.indexOf('=')).trim(), line.slice(line.indexOf('=') + 1).trim()]),
  ) as Record<string, string>
  const quality = readFormatQuality(take('FORMAT_QUALITY'), notes)
  const { default: first } = presets
  const whole =
    quality === '' ? presets : { ...presets, default: [quality, first ?? ''].filter(Boolean).join('/') }
  return dropRefused(whole, notes)
}

/** `fq:jpg:70:avif:80`. imgproxy's numbers for AVIF are the encoder's own; ours mean what looks the same. */
const readFormatQuality = (text: string | undefined, notes: string[]): string => {
  const pairs = toList(text).flatMap((pair) => {
    const [format = '', value = ''] = pair.split('=').map((part) => part.trim())
    const [name, quality] = [format.toLowerCase(), Number(value)]
    const isMade = /^(?:jpe?g|png|webp|avif|gif)$/.test(name)
    if (isMade && Number.isInteger(quality) && quality >= 1 && quality <= 100)
      return [`${name}:${name === 'avif' ? looksLikeAvif(quality) : quality}`]
    const why = isMade ? 'left out: no whole number 1..100' : 'that format is not made'
    notes.push(`${pair} of IMGPROXY_FORMAT_QUALITY: ${why}.`)
    return []
  })
  if (pairs.some((pair) => pair.startsWith('avif')))
    notes.push(
      'The quality of AVIF in IMGPROXY_FORMAT_QUALITY was turned into the one that looks the same here; in URLs it is not.',
    )
  return pairs.length === 0 ? '' : `fq:${pairs.join(':')}`
}

const looksLikeAvif = (own: number): number => {
  const all = Array.from({ length: 100 }, (_, index) => index + 1)
  const distance = (quality: number): number => Math.abs(mapQuality('avif', quality) - own)
  return all.reduce((best, quality) => (distance(quality) < distance(best) ? quality : best))
}

/**
 * Without presets that no key can express: URLs that name one are 404 in any case. `default` is kept, because without
 * it every URL would show something else.
 */
const dropRefused = (presets: Presets, notes: string[]): Presets =>
  Object.fromEntries(
    Object.entries(presets).filter(([name, text]) => {
      if (applyPresets([name], DEFAULT_OPTIONS, presets) !== undefined) return true
      const refused = text
        .split('/')
        .filter((option) => option !== '' && applyOption(option, DEFAULT_OPTIONS, presets) === undefined)
      const what = refused.join(', ') || text
      if (name !== 'default')
        notes.push(`Preset ${name}: no key can hold ${what}; URLs that name it are 404. Left out.`)
      else notes.push(`Preset default: no key can hold ${what}; until that is taken out, every URL is 404.`)
      return name === 'default'
    }),
  )
