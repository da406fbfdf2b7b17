import { rgbaToDataURL, thumbHashToRGBA } from 'thumbhash'
import type { ImageFacts } from './catalogue.ts'

/** What is shown until a picture is loaded: its blurred preview, or only its colour. */
export type Placeholder = 'thumbhash' | 'colour'

/**
 * A CSS `background` for a picture; undefined where nothing is known, and for a picture with
 * transparency, through which it would stay visible.
 */
export const toBackground = (facts: ImageFacts, kind: Placeholder): string | undefined => {
  const hash = facts.thumbhash === undefined ? undefined : readBase64(facts.thumbhash)
  if (hash !== undefined && hasAlpha(hash)) return undefined
  const colour = facts.colour === undefined ? undefined : `#${facts.colour}`
  if (kind === 'colour' || hash === undefined) return colour
  return `${colour === undefined ? '' : `${colour} `}url("${toSmallUrl(hash)}") center/cover no-repeat`
}

/** The whole blurred preview as a PNG in a data URL: 32 pixels on its longer side, about 4 KB. */
export const toPlaceholderUrl = (thumbhash: string): string => {
  const { w, h, rgba } = thumbHashToRGBA(readBase64(thumbhash))
  return rgbaToDataURL(w, h, rgba)
}

/** The same with 16 pixels, for markup and bundles. */
export const toSmallPlaceholderUrl = (thumbhash: string): string => toSmallUrl(readBase64(thumbhash))

/** Enough for a ThumbHash, which has at most seven waves per side; the PNG, not compressed, takes about 1 KB. */
const toSmallUrl = (hash: Uint8Array): string => {
  const { w, h, rgba } = thumbHashToRGBA(hash)
  const width = Math.max(1, w >> 1)
  const height = Math.max(1, h >> 1)
  const small = Array.from({ length: width * height * 4 }, (_, i) => {
    const channel = i % 4
    const x = Math.min(w - 1, ((i >> 2) % width) * 2)
    const y = Math.min(h - 1, Math.floor((i >> 2) / width) * 2)
    const at = (dx: number, dy: number): number =>
      rgba[(Math.min(h - 1, y + dy) * w + Math.min(w - 1, x + dx)) * 4 + channel] ?? 0
    return (at(0, 0) + at(1, 0) + at(0, 1) + at(1, 1)) >> 2
  })
  return rgbaToDataURL(width, height, small)
}

/** The flag in a ThumbHash's header for a picture with transparency. */
const hasAlpha = (hash: Uint8Array): boolean => ((hash[2] ?? 0) & 0x80) !== 0

const readBase64 = (text: string): Uint8Array => Uint8Array.from(atob(text), (char) => char.charCodeAt(0))
