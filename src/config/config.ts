import type { EncoderOptions } from '../core/encoder.ts'
import type { FormatChoice } from '../core/format.ts'
import type { Transform } from '../core/transform.ts'

/** Where bytes are: a folder (absolute), an S3 bucket with prefix and settings, or an HTTPS root. */
export type Place =
  | { readonly kind: 'folder'; readonly path: string }
  | {
      readonly kind: 's3'
      readonly bucket: string
      /** "" or ending in "/". */
      readonly prefix: string
      readonly settings: S3Settings
    }
  | {
      readonly kind: 'https'
      /** Ends in "/". */
      readonly url: string
      readonly allowPrivate: boolean
      readonly headers: Readonly<Record<string, string>>
    }

export type WritablePlace = Exclude<Place, { kind: 'https' }>

/** What an S3 URI's query may say; everything else comes from the SDK's own environment. */
export interface S3Settings {
  readonly endpoint?: string
  readonly region?: string
  readonly forcePathStyle?: boolean
  readonly acl?: string
  readonly storageClass?: string
  readonly checksums?: 'required' | 'supported'
}

/** One configured source; without a name it is the only one. */
export interface SourceConfig {
  readonly name?: string
  readonly place: Place
}

/** One entry of `sizes`, expanded. */
export interface SizeConfig {
  readonly name: string
  /** Without a version; in order of width, then density. */
  readonly transforms: readonly SizeTransform[]
  /** Globs over source keys; absent: every source. */
  readonly match?: readonly string[]
  readonly formats?: readonly FormatChoice[]
}

export interface SizeTransform {
  readonly transform: Transform
  /** 1 for plain sizes; 2 where it is the double-density twin of another. */
  readonly density: number
}

/** A signing secret. The first one signs. */
export interface SecretConfig {
  readonly value: string
  /** Known to plan, copy, prune and verify, refused by `serve`. */
  readonly isRetired: boolean
}

export interface LimitsConfig {
  readonly sourceBytes: number
  readonly sourcePixels: number
  readonly frames: number
  readonly outputPixels: number
  readonly fetchTimeoutMs: number
  readonly renderTimeoutMs: number
}

export interface ServeConfig {
  readonly allow: 'signed' | 'configured'
  readonly fill: 'siblings' | 'one'
  /** `encoders` with serve's own on top. */
  readonly encoders: EncoderOptions
}

/** The configuration, whole, checked, defaults filled in. */
export interface Config {
  /** The file it came from; absent where it was given in code. */
  readonly file?: string
  /** Folder that relative paths were resolved against. */
  readonly root: string
  readonly sources: readonly SourceConfig[]
  readonly output: WritablePlace
  readonly state?: WritablePlace
  /** Ends in "/". */
  readonly baseUrl: string
  readonly secrets: readonly SecretConfig[]
  readonly include: readonly string[]
  readonly exclude: readonly string[]
  readonly formats: readonly FormatChoice[]
  readonly quality: number
  readonly sizes: readonly SizeConfig[]
  readonly versions: boolean
  readonly revision: string
  readonly encoders: EncoderOptions
  readonly cacheControl: string
  readonly limits: LimitsConfig
  readonly serve: ServeConfig
}
