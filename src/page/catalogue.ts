import type { Format, FormatChoice } from '../core/format.ts'
import type { Focus } from '../core/position.ts'
import type { SourceKey } from '../core/source-key.ts'
import type { Transform } from '../core/transform.ts'
import type { ImageFacts } from './facts.ts'

/** A transform with its canonical spelling: who has both needs no code to spell it, which a browser would load. */
interface SpelledTransform {
  readonly transform: Transform
  readonly text: string
  readonly density: number
}

/** A configured size, or one transform in the place of one. */
export interface PageSize {
  readonly name: string
  /** In order of width, then density; without a version. */
  readonly transforms: readonly SpelledTransform[]
  /** Absent: the catalogue's. */
  readonly formats?: readonly (Format | 'original')[]
  /** How wide its pictures are shown, as in the attribute `sizes`. */
  readonly sizes?: string
  /** Whether it is of pixels where SVGs are kept as vectors. */
  readonly draws?: boolean
}

/** What somebody has said of one picture, as far as pages show it. */
export interface PageOverride {
  /** The text for who cannot see it; "" where it only adorns. */
  readonly alt?: string
  readonly focus?: Focus
  /** By the names of sizes how their transforms are spelled, one for each of the size's, where not as configured. */
  readonly texts?: Readonly<Record<string, readonly string[]>>
}

/** What markup is made from: a configuration with its secret, or images.json without one. */
export interface Catalogue {
  /** Ends in "/". */
  readonly baseUrl: string
  readonly formats: readonly FormatChoice[]
  readonly sizes: readonly PageSize[]
  /** What SVGs are shown as where a size does not draw them; absent: every size does. */
  readonly vector?: Pick<SpelledTransform, 'transform' | 'text'>
  /** Whether keys hold the version of their source. */
  readonly hasVersions: boolean
  /** The transform that a text spells, where the catalogue can sign it. */
  parseTransform(text: string): Transform | undefined
  /** The source that a relative path or an absolute URL names. Problems `source-invalid`, `source-url-unknown`. */
  toSource(text: string): SourceKey
  /** Undefined where nothing is known of a source. */
  factsOf(source: SourceKey): ImageFacts | undefined
  /** Undefined: nothing is said of it. */
  overrideOf(source: SourceKey): PageOverride | undefined
  /** The signature of a transform of a source. Problem `url-not-signed` where there is none to be had. */
  sign(source: SourceKey, transformText: string): string
  /**
   * What follows the key of a result in its URL: "", or on a site whose links end "?" and what says when. Problems
   * `link-end-missing`, `link-end-invalid`, `link-endless`.
   */
  linkQuery(keyText: string, expires: Date | undefined): string
}
