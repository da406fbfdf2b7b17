import type { Format, FormatChoice } from '../core/format.ts'
import type { PictureSize } from '../core/geometry.ts'
import type { Focus } from '../core/position.ts'
import type { SourceKey } from '../core/source-key.ts'
import type { Transform } from '../core/transform.ts'

/** A transform with its canonical spelling, so that a browser need not load the code that spells it. */
interface SpelledTransform {
  readonly transform: Transform
  readonly text: string
  readonly density: number
}

/** A configured size, or one transform used as a size. */
export interface PageSize {
  readonly name: string
  /** In order of width, then density; without a version. */
  readonly transforms: readonly SpelledTransform[]
  /** Undefined: the catalogue's. */
  readonly formats?: readonly (Format | 'original')[] | undefined
  /** How wide its pictures are shown, as in the attribute `sizes`. */
  readonly sizes?: string | undefined
  /** Whether SVGs are drawn at this size although they are otherwise kept as vectors. */
  readonly draws?: boolean | undefined
}

/** The part of an override that pages show. */
export interface PageOverride {
  /** The text for people who cannot see it; "" where it is only decoration. */
  readonly alt?: string | undefined
  readonly focus?: Focus | undefined
  /** By names of sizes: the spellings of their transforms for this picture, if they differ from the configured ones. */
  readonly texts?: Readonly<Record<string, readonly string[]>> | undefined
}

/** What markup is made from: a configuration with its secret, or images.json without one. */
export interface Catalogue {
  /** Ends in "/". */
  readonly baseUrl: string
  readonly formats: readonly FormatChoice[]
  readonly sizes: readonly PageSize[]
  /** How SVGs are shown where a size does not draw them; undefined: every size draws them. */
  readonly vector?: Pick<SpelledTransform, 'transform' | 'text'>
  /** Whether keys contain the version of their source. */
  readonly hasVersions: boolean
  /** The transform that a text spells, if the catalogue can sign it. */
  parseTransform(text: string): Transform | undefined
  /** The source that a relative path or an absolute URL names. Problems `source-invalid`, `source-url-unknown`. */
  toSource(text: string): SourceKey
  /** Undefined where nothing is known of a source. */
  factsOf(source: SourceKey): ImageFacts | undefined
  /** Undefined where nothing is set. */
  overrideOf(source: SourceKey): PageOverride | undefined
  /** The signature of a transform of a source. Problem `url-not-signed` where it is not known. */
  sign(source: SourceKey, transformText: string): string
  /**
   * The query of a result's URL: "", or, on a site whose links expire, "?" and when. Problems
   * `link-end-missing`, `link-end-invalid`, `link-endless`.
   */
  linkQuery(keyText: string, expires: Date | undefined): string
}

/** What markup needs to know of an original. */
export interface ImageFacts extends PictureSize {
  /** What the bytes are: jpeg, png, webp, avif, gif, tiff, svg, bmp, ico. */
  readonly mediaFormat?: string
  readonly isAnimated?: boolean
  /** Ten hex digits that change with its bytes: the version in keys. */
  readonly version?: string
  /** A ThumbHash, its bytes in base64. */
  readonly thumbhash?: string
  /** The dominant colour: six hex digits. */
  readonly colour?: string
  /** The point that attracts the eye. */
  readonly focus?: Focus
  /** The formats that it is made in, the smallest first, where this is known and differs from the configured order. */
  readonly smallest?: readonly Format[]
}
