import type { Format, FormatChoice } from '../../core/format.ts'
import type { Override } from '../../core/override.ts'
import type { Focus } from '../../core/position.ts'

/** What the server and the page of `imgsizes studio` say to each other: all of it JSON. */

/** How a result that the sizes ask for stands; of several the worst comes first. */
export const RESULT_STATES = ['failing', 'stale', 'missing', 'built'] as const

export type ResultState = (typeof RESULT_STATES)[number]

/** How a size in a format stands of one picture: the worst of its results. */
export type Cell = readonly [size: string, format: Format, state: ResultState]

/** Sources have few different ones. */
export type Pattern = readonly Cell[]

/** One line of the inventory, in the order of sources. */
export type InventoryLine =
  | {
      readonly kind: 'sources'
      readonly names: readonly string[]
      /** Of each original. */
      readonly bytes: readonly number[]
      /** Of each source its place among all patterns so far, those of this line included. */
      readonly patterns: readonly number[]
      readonly newPatterns: readonly Pattern[]
      /** Why some of them fail or cannot be looked at, by their place in this line. */
      readonly whys: readonly (readonly [place: number, why: string])[]
      /** Alternative texts that are written, by place. */
      readonly alts: readonly (readonly [place: number, alt: string])[]
    }
  | { readonly kind: 'end'; readonly sources: number; readonly seconds: number }
  | { readonly kind: 'problem'; readonly message: string }

/** What a page needs to know of the configuration. */
export interface Setup {
  readonly source: string
  readonly output: string
  readonly sizes: readonly SizeSetup[]
  /** As configured for sizes that name none of their own. */
  readonly formats: readonly FormatChoice[]
  readonly quality: number
  /** The file that sizes are written in; absent where they were given in code. */
  readonly configFile?: string
  /** Where overrides are written; absent where the configuration names none. */
  readonly overrides?: string
  /** Whether a log was given, so that there are visits. */
  readonly hasLog: boolean
}

interface SizeSetup {
  readonly name: string
  /** Without versions. */
  readonly transforms: readonly string[]
  /** Whether any of its results is cropped at a point that a focus may decide. */
  readonly isCropped: boolean
}

/** One result of a picture. */
export interface ResultView {
  /** The sizes that ask for it; none: a visitor did. */
  readonly sizes: readonly string[]
  /** As keys spell it, with its version. */
  readonly transform: string
  readonly format: Format
  /** In pixels; absent where the original's size is not known. */
  readonly width?: number
  readonly height?: number
  readonly state: ResultState
  /** What is wrong with one that is stale or failing. */
  readonly why?: string
  /** Of what stands. */
  readonly bytes?: number
}

/** Where `attention` has crops taken, and what decided it: faces that the file marks, or what stands out. */
export interface AttentionPoint extends Focus {
  readonly by: 'faces' | 'saliency'
}

/** Everything about one picture. */
export interface PictureView {
  readonly source: string
  readonly bytes: number
  /** As the viewer sees it. */
  readonly width?: number
  readonly height?: number
  readonly mediaFormat?: string
  readonly results: readonly ResultView[]
  readonly attention?: AttentionPoint
  readonly override: Override
  /** Why nothing could be found out about it. */
  readonly problem?: string
  /** As the inventory has it. */
  readonly pattern: Pattern
}

/** What is to be said of one picture from now on: `null` takes a field away, what is not named stays. */
export interface OverridePatch extends SizePatch {
  readonly alt?: string | null
  readonly sizes?: Readonly<Record<string, SizePatch>>
}

export interface SizePatch {
  /** In per mille. */
  readonly focus?: Focus | null
  readonly quality?: number | null
}

/** What one result comes to, made now. */
export interface LookView {
  readonly transform: string
  readonly format: Format
  readonly bytes: number
  /** SSIMULACRA2 beside the same pixels without loss; absent for vectors. */
  readonly score?: number
  /** Why it could not be made; the rest then says nothing. */
  readonly problem?: string
}

/** What one size in one format amounts to. */
export interface CellTotal {
  readonly size: string
  readonly format: Format
  readonly built: number
  readonly bytes: number
  readonly missing: number
  readonly stale: number
  readonly failing: number
}

/** A result with more bytes to a pixel than others of its size and format. */
export interface Outlier {
  readonly source: string
  readonly size: string
  readonly format: Format
  readonly bytes: number
  /** How often the bytes to a pixel that are usual there. */
  readonly times: number
}

export interface Totals {
  readonly sources: number
  readonly sourceBytes: number
  /** Of each result once, whatever the sizes that ask for it. */
  readonly resultBytes: number
  readonly cells: readonly CellTotal[]
  readonly outliers: readonly Outlier[]
}

/** What a new width, or a new format, would come to. */
export interface Prediction {
  readonly results: number
  readonly bytes: number
  /** Of this machine with all the renders at once that it may have. */
  readonly minutes: number
}

/** What visitors asked for of one size in one format, or of no size (`null`). */
export interface VisitTotal {
  readonly size: string | null
  readonly format: Format
  readonly hits: number
  /** Of `hits`, those of results that stand. */
  readonly builtHits: number
}

export interface Visits {
  readonly log: string
  readonly lines: number
  /** Requests that name nothing which may be made. */
  readonly refused: number
  readonly totals: readonly VisitTotal[]
  /** What was asked for most and does not stand. */
  readonly due: readonly { readonly key: string; readonly hits: number }[]
  /** Sizes and formats that are built and that nobody asked for. */
  readonly unasked: readonly Pick<CellTotal, 'size' | 'format' | 'bytes'>[]
}
