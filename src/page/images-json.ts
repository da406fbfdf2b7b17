import { defined } from '../core/defined.ts'
import type { Format, FormatChoice } from '../core/format.ts'
import { wholePixels } from '../core/geometry.ts'
import type { Transform } from '../core/transform.ts'
import type { ImageFacts, PageOverride } from './catalogue.ts'

/** The file of `imgsizes build --images`: everything that markup needs, without a secret. */
export interface ImagesJson {
  readonly imgsizes: 'images'
  readonly version: 1
  readonly baseUrl: string
  readonly versions: boolean
  /** Present where links expire, which needs the secret: facts can be used, but no URLs. */
  readonly expiring?: true
  /** Versions are made from this and fingerprints; undefined: "". */
  readonly revision?: string
  readonly formats: readonly FormatChoice[]
  readonly sizes: Readonly<Record<string, SizeJson>>
  /** How SVGs are shown where a size does not draw them; undefined: every size draws them. */
  readonly vector?: { readonly transform: string; readonly parsed: Transform }
  readonly images: Readonly<Record<string, ImageJson>>
}

/** The same as the compiler types an imported file: any texts and lists. */
export interface ImagesFile {
  readonly imgsizes: string
  readonly version: number
  readonly baseUrl: string
  readonly versions: boolean
  readonly expiring?: boolean | undefined
  readonly revision?: string | undefined
  readonly formats: readonly string[]
  readonly sizes: Readonly<Record<string, SizeFile>>
  readonly vector?: { readonly transform: string; readonly parsed: object } | undefined
  readonly images: Readonly<Record<string, readonly (string | number | object)[]>>
}

interface SizeFile {
  readonly transforms: readonly string[]
  readonly parsed: readonly object[]
  readonly densities?: readonly number[] | undefined
  readonly formats?: readonly string[] | undefined
  readonly sizes?: string | undefined
  readonly draws?: boolean | undefined
}

/** Whether this version can read a file; the rest of its content is trusted. */
export const isImagesJson = (file: Partial<ImagesFile> | null | undefined): file is ImagesFile & ImagesJson =>
  file?.imgsizes === 'images' && file.version === 1 && [file.formats, file.sizes, file.images].every(isObject)

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null

/** A size in images.json. */
export interface SizeJson {
  /** As in keys, without a version. */
  readonly transforms: readonly string[]
  /** The same as values, so that a browser need not load the parser. */
  readonly parsed: readonly Transform[]
  /** One for each transform; undefined: all 1. */
  readonly densities?: readonly number[] | undefined
  readonly formats?: readonly FormatChoice[] | undefined
  readonly sizes?: string | undefined
  /** Whether SVGs are drawn at this size although they are otherwise kept as vectors; undefined: no. */
  readonly draws?: true | undefined
}

/**
 * One source on a line: width, height, type, version (ten digits of its fingerprint), ThumbHash (base64), dominant
 * colour, focus ("x-y" in per mille), and the signatures of all transforms of all sizes in order, 16
 * characters each, "~" where the size is not made from this source. Unknown values are "". Then its formats, if the
 * smallest is not the first configured one ("" if something follows); and its override.
 */
export type ImageJson = readonly [
  width: number,
  height: number,
  type: string,
  version: string,
  thumbhash: string,
  colour: string,
  focus: string,
  signatures: string,
  /** Its formats, the smallest first, separated by spaces; undefined: in the configured order. */
  formats?: string,
  override?: OverrideJson,
]

/** The override of one source. */
export interface OverrideJson extends Omit<PageOverride, 'focus'> {
  /** The signatures of its own transforms in `texts`. */
  readonly signed?: Readonly<Record<string, string>>
}

/** Follows the type of a source that is scalable, or that is animated. */
const SCALABLE = '*'
const ANIMATED = '+'

/** The distinct transforms of all sizes, and last that of vectors, in the order of their signatures. */
export const listTransforms = ({
  sizes,
  vector,
}: Pick<ImagesJson, 'sizes' | 'vector'>): readonly string[] => [
  ...new Set([
    ...Object.values(sizes).flatMap(({ transforms }) => transforms),
    ...(vector === undefined ? [] : [vector.transform]),
  ]),
]

/** `signatures` in the order of `listTransforms`; undefined for a transform that is not made. */
export const formatImageJson = (
  facts: ImageFacts,
  signatures: readonly (string | undefined)[],
  override?: OverrideJson,
): ImageJson => {
  const { width, height } = wholePixels(facts)
  const smallest = facts.smallest?.join(' ')
  return [
    width,
    height,
    `${facts.mediaFormat ?? ''}${facts.isScalable ? SCALABLE : ''}${facts.isAnimated ? ANIMATED : ''}`,
    facts.version ?? '',
    facts.thumbhash ?? '',
    facts.colour ?? '',
    facts.focus === undefined ? '' : `${facts.focus.x}-${facts.focus.y}`,
    signatures.map((signature) => signature ?? '~').join(''),
    ...((override ? [smallest ?? '', override] : smallest ? [smallest] : []) as [string?, OverrideJson?]),
  ]
}

/** The facts on a line of images.json: the inverse of {@link formatImageJson}. */
export const readFacts = (image: ImageJson): ImageFacts => {
  const [width, height, type, version, thumbhash, colour, focus, _signatures, formats] = image
  const [x = 0, y = 0] = focus.split('-').map(Number)
  return {
    width,
    height,
    ...defined({
      mediaFormat: type.replace(/[*+].*$/s, '') || undefined,
      isScalable: type.includes(SCALABLE) || undefined,
      isAnimated: type.includes(ANIMATED) || undefined,
      version: version || undefined,
      thumbhash: thumbhash || undefined,
      colour: colour || undefined,
      focus: focus === '' ? undefined : { x, y },
      smallest: formats ? (formats.split(' ') as Format[]) : undefined,
    }),
  }
}
