import type { Format, FormatChoice } from '../../core/format.ts'
import type { Override } from '../../core/override.ts'
import type { Focus } from '../../core/position.ts'
import type { Transform } from '../../core/transform.ts'
import type { Subjects } from '../../render/port.ts'

/** The messages between the server and the page of `imgsizes studio`; all of them are JSON. */

/** The states of a result that the sizes ask for, the worst first. */
export const RESULT_STATES = ['failing', 'stale', 'missing', 'built'] as const

/** One of {@link RESULT_STATES}. */
export type ResultState = (typeof RESULT_STATES)[number]

/** The state of one size in one format of a picture: the worst of its results. */
export type Cell = readonly [size: string, format: Format, state: ResultState]

/** All cells of a source; there are few different patterns. */
export type Pattern = readonly Cell[]

/** One line of the inventory, in the order of sources. */
export type InventoryLine =
  | {
      readonly kind: 'sources'
      readonly names: readonly string[]
      /** The sizes of the originals. */
      readonly bytes: readonly number[]
      /** For each source, the index of its pattern among all so far, including those of this line. */
      readonly patterns: readonly number[]
      readonly newPatterns: readonly Pattern[]
      /** Why some of them fail or cannot be looked at, by their index in this line. */
      readonly whys: readonly (readonly [place: number, why: string])[]
      /** Alternative texts that are set, by index. */
      readonly alts: readonly (readonly [place: number, alt: string])[]
    }
  | { readonly kind: 'end'; readonly sources: number; readonly seconds: number }
  | { readonly kind: 'problem'; readonly message: string }

/** What a page needs to know of the configuration. */
export interface Setup {
  readonly source: string
  readonly output: string
  readonly sizes: readonly SizeSetup[]
  /** The formats of sizes that name none. */
  readonly formats: readonly FormatChoice[]
  readonly quality: number
  /** The file that sizes are written in; undefined where they were given in code. */
  readonly configFile?: string | undefined
  /** Where overrides are written; undefined where the configuration names no place. */
  readonly overrides?: string | undefined
  /** Whether a log was given, so that visits are known. */
  readonly hasLog: boolean
}

interface SizeSetup {
  readonly name: string
  /** Without versions; parsed, so that the page needs no grammar. */
  readonly transforms: readonly Transform[]
  /** Whether any of its results is cropped at a point that a focus may change. */
  readonly isCropped: boolean
}

/** One result of a picture. */
export interface ResultView {
  /** The sizes that ask for it; empty: only a visitor did. */
  readonly sizes: readonly string[]
  /** As in keys, with its version. */
  readonly transform: string
  readonly format: Format
  /** In pixels; undefined where the original's size is not known. */
  readonly width?: number
  readonly height?: number
  readonly state: ResultState
  /** What is wrong with it, if it is stale or failing. */
  readonly why?: string | undefined
  /** The size of the stored file. */
  readonly bytes?: number | undefined
}

/** Everything about one picture. */
export interface PictureView {
  readonly source: string
  readonly bytes: number
  /** As it is shown. */
  readonly width?: number | undefined
  readonly height?: number | undefined
  readonly mediaFormat?: string | undefined
  readonly results: readonly ResultView[]
  readonly subjects?: Subjects | undefined
  readonly override: Override
  /** Why nothing could be found out about it. */
  readonly problem?: string | undefined
  /** As in the inventory. */
  readonly pattern: Pattern
}

/** A change of one picture's override: `null` removes a field; fields that are not named stay. */
export interface OverridePatch extends SizePatch {
  readonly alt?: string | null
  readonly sizes?: Readonly<Record<string, SizePatch>>
}

/** A change of what is set for one size; `null` removes a field. */
export interface SizePatch {
  /** In per mille. */
  readonly focus?: Focus | null
  readonly quality?: number | null
}

/** The bytes and the score of one result, made now. */
export interface LookView {
  readonly transform: string
  readonly format: Format
  /** Undefined where it could not be made. */
  readonly bytes?: number
  /** SSIMULACRA2 compared to the same pixels without loss; undefined for vectors. */
  readonly score?: number | undefined
  /** Why it could not be made. */
  readonly problem?: string
}

/** The results of one size in one format. */
export interface CellTotal {
  readonly size: string
  readonly format: Format
  readonly built: number
  readonly bytes: number
  readonly missing: number
  readonly stale: number
  readonly failing: number
}

/** A result with more bytes per pixel than others of its size and format. */
export interface Outlier {
  readonly source: string
  readonly size: string
  readonly format: Format
  readonly bytes: number
  /** How many times the usual bytes per pixel it has. */
  readonly times: number
}

/** Sums over a project. */
export interface Totals {
  readonly sources: number
  readonly sourceBytes: number
  /** Each result counts once, even if several sizes ask for it. */
  readonly resultBytes: number
  readonly cells: readonly CellTotal[]
  readonly outliers: readonly Outlier[]
}

/** What a new width, or a new format, would cost. */
export interface Prediction {
  readonly results: number
  readonly bytes: number
  /** On this machine, with all of its concurrent renders. */
  readonly minutes: number
}

/** What visitors asked for in one size and format, or in no size (`null`). */
export interface VisitTotal {
  readonly size: string | null
  readonly format: Format
  readonly hits: number
  /** Those of `hits` whose results are stored. */
  readonly builtHits: number
}

/** What the visitors in a log asked for. */
export interface Visits {
  readonly log: string
  readonly lines: number
  /** Requests that name nothing that may be made. */
  readonly refused: number
  readonly totals: readonly VisitTotal[]
  /** What was asked for most and is not stored. */
  readonly due: readonly { readonly key: string; readonly hits: number }[]
  /** Sizes and formats that are built, but that nobody asked for. */
  readonly unasked: readonly Pick<CellTotal, 'size' | 'format' | 'bytes'>[]
}
