import type { EncoderOptions } from '../core/encoder.ts'
import type { FormatChoice, RasterFormat } from '../core/format.ts'
import type { CompassPoint, Focus } from '../core/position.ts'
import type { SourceKey } from '../core/source-key.ts'
import type { Transform } from '../core/transform.ts'
import { unreachable } from '../core/unreachable.ts'

/** Where bytes are: a folder (absolute), an S3 bucket with prefix and settings, or an HTTPS root. */
export type Place =
  | { readonly kind: 'folder'; readonly path: string }
  | S3Place
  | {
      readonly kind: 'https'
      /** Ends in "/". */
      readonly url: string
      readonly allowPrivate: boolean
      readonly headers: Readonly<Record<string, string>>
    }

/** A bucket, or a part of one. */
export interface S3Place {
  readonly kind: 's3'
  readonly bucket: string
  /** "" or ending in "/". */
  readonly prefix: string
  readonly settings: S3Settings
}

/** A place that can be written to. */
export type WritablePlace = Exclude<Place, { kind: 'https' }>

/** One file, on this machine or in a bucket. */
export type FilePlace =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'object'; readonly folder: S3Place; readonly name: string }

/** What the query of an S3 URI can set; everything else comes from the SDK's own environment. */
export interface S3Settings {
  readonly endpoint?: string
  readonly region?: string
  readonly forcePathStyle?: boolean
  readonly acl?: string
  readonly storageClass?: string
  readonly checksums?: 'required' | 'supported'
  /** Server-side encryption of what is written. */
  readonly sse?: string
  readonly sseKmsKeyId?: string
  /** Who pays for requests to somebody else's bucket. */
  readonly requestPayer?: 'requester'
}

/** One configured source; if it has no name, it is the only one. */
export interface SourceConfig {
  readonly name?: string
  readonly place: Place
  /** Where the output lies inside this source: what its keys begin with in the source's listing. */
  readonly outputPrefix?: string
}

/** One entry of `sizes`, expanded. */
export interface SizeConfig {
  readonly name: string
  /** Without a version; in order of width, then density. */
  readonly transforms: readonly SizeTransform[]
  /** Globs over source keys; undefined: every source. */
  readonly match?: readonly string[] | undefined
  readonly formats?: readonly FormatChoice[] | undefined
  /** The attribute `sizes` of its pictures. */
  readonly sizes?: string | undefined
  /** Whether SVGs are drawn at this size although they are otherwise kept as vectors. */
  readonly draws?: boolean | undefined
}

/** One transform of a size. */
export interface SizeTransform {
  readonly transform: Transform
  /** 1 for plain sizes; 2 where it is the variant for double density. */
  readonly density: number
}

/** A signing secret. The first one signs. */
export interface SecretConfig {
  readonly value: string
  /** `plan`, copies, `prune` and `verify` accept it, `serve` refuses it. */
  readonly isRetired: boolean
}

/** A picture laid over the results whose transform names it. */
export interface WatermarkConfig {
  /** Absolute path of its file. */
  readonly path: string
  /** The first six hex digits of the file's SHA-256, as keys name it. */
  readonly id: string
  /** Undefined: the centre. */
  readonly position?: CompassPoint | Focus
  readonly opacity: number
  readonly scale: number
}

/** The limits of originals and results; `config/schema.ts` explains each. */
export interface LimitsConfig {
  readonly sourceBytes: number
  readonly sourcePixels: number
  readonly frames: number
  readonly outputPixels: number
  readonly fetchTimeoutMs: number
  readonly renderTimeoutMs: number
  readonly damaged: 'refuse' | 'show'
}

/** The options of `serve`; `config/serve-schema.ts` explains each. */
export interface ServeConfig {
  readonly allow: 'signed' | 'configured'
  /** Whether every URL needs a token that expires. */
  readonly expiring: boolean
  readonly fill: 'siblings' | 'one'
  /** `encoders`, changed by the encoders of `serve`. */
  readonly encoders: EncoderOptions
  /** Absolute path of the picture that is sent with answers 404 and 422. */
  readonly placeholder?: string
  /** Origins whose scripts may read pictures: `*` for all; if empty, the header is not sent. */
  readonly cors: OriginList
  /** Origins whose scripts may see how long pictures took. */
  readonly timingAllowOrigin: OriginList
  readonly autoCacheControl: string
  /** Present where only `serve` fills a folder, which is kept within bounds. */
  readonly cache?: { readonly maxBytes: number; readonly inactiveMs: number }
  readonly log: ServeLogConfig
  readonly queue: { readonly length: number; readonly timeoutMs: number }
  /** How many proxies in front add to `X-Forwarded-For`; 0: the field is ignored. */
  readonly trustProxy: number
  readonly timeouts: ServeTimeouts
}

/** `*` for every origin, or origins as browsers write them. */
export type OriginList = '*' | readonly string[]

/** How much `serve` logs. */
export interface ServeLogConfig {
  readonly level: 'error' | 'warn' | 'info' | 'debug'
  /** The share of requests that are logged, 0..1; those that end in an error are always logged. */
  readonly sample: number
}

/** The time limits of connections, and of the shutdown. */
export interface ServeTimeouts {
  readonly keepAliveMs: number
  /** How long the head of a request may take to arrive. */
  readonly headersMs: number
  /** How long open requests and uploads may take to end after a signal. */
  readonly drainMs: number
}

/** A dialect as configured, with defaults. */
export type DialectConfig =
  | {
      readonly type: 'nginx'
      readonly prefix: string
      readonly form?: string | undefined
      readonly width?: number | undefined
      readonly height?: number | undefined
      readonly sourceName?: string | undefined
      readonly secrets: readonly string[]
      readonly arg: string
      readonly mode: 'resize' | 'crop' | { readonly rotate: 90 | 180 | 270 }
      readonly quality: number
    }
  | {
      readonly type: 'imgproxy'
      readonly prefix: string
      readonly sourceName?: string | undefined
      /** In hex. */
      readonly keys: readonly { readonly key: string; readonly salt: string }[]
      readonly isUnsigned: boolean
      readonly signatureSize: number
      readonly presets: Readonly<Record<string, string>>
      readonly onlyPresets: boolean
      readonly baseUrl: string
      readonly autoFormat: readonly RasterFormat[]
      readonly quality: number
      /** What the keys of aliases begin with; undefined where there are no aliases. */
      readonly cacheFolder?: string | undefined
    }

/** The whole configuration, checked, with defaults filled in. */
export interface Config {
  /** The file it came from; undefined where it was given in code. */
  readonly file?: string | undefined
  /** The folder that relative paths are relative to. */
  readonly root: string
  readonly sources: readonly SourceConfig[]
  readonly output: WritablePlace
  readonly state?: WritablePlace | undefined
  /** Ends in "/". */
  readonly baseUrl: string
  readonly secrets: readonly SecretConfig[]
  readonly include: readonly string[]
  readonly exclude: readonly string[]
  readonly formats: readonly FormatChoice[]
  readonly quality: number
  readonly sizes: readonly SizeConfig[]
  readonly watermark?: WatermarkConfig | undefined
  readonly overrides?: FilePlace | undefined
  /** Whether `cat.jpg.json` beside `cat.jpg` sets options of that picture. */
  readonly sidecars: boolean
  readonly vectors: 'keep' | 'draw'
  readonly colors: 'keep' | 'srgb'
  readonly versions: boolean
  readonly revision: string
  readonly encoders: EncoderOptions
  readonly cacheControl: string
  /** The `Cache-Control` of URLs of other image servers, whose content may change although our keys have versions. */
  readonly foreignCacheControl: string
  readonly limits: LimitsConfig
  readonly dialects: readonly DialectConfig[]
  readonly serve: ServeConfig
}

/** What the program asks of a place, whatever its kind. A new kind answers here. */
export interface PlaceDescription {
  /** What messages call it. */
  readonly noun: 'folder' | 'bucket' | 'server'
  /** As in a configuration, without its settings. */
  readonly uri: string
  /** Its path, where it is on this machine. */
  readonly folder?: string
  /** A bucket, and what the names of its objects begin with: "" or ending in "/". */
  readonly bucket?: { readonly name: string; readonly prefix: string }
  /** What the URLs of its originals on pages begin with. */
  readonly url?: string
  /** The environment variables that open it on another machine. */
  readonly environment: { readonly secrets: readonly string[]; readonly variables: readonly string[] }
}

const NO_VARIABLES = { secrets: [], variables: [] }
const OF_AWS = { secrets: ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'], variables: ['AWS_REGION'] }

/** A place as its kind describes it. */
export const describePlace = (place: Place): PlaceDescription => {
  switch (place.kind) {
    case 'folder':
      return { noun: 'folder', uri: place.path, folder: place.path, environment: NO_VARIABLES }
    case 's3': {
      const { bucket: name, prefix } = place
      return { noun: 'bucket', uri: `s3://${name}/${prefix}`, bucket: { name, prefix }, environment: OF_AWS }
    }
    case 'https':
      return { noun: 'server', uri: place.url, url: place.url, environment: NO_VARIABLES }
    default:
      return unreachable(place)
  }
}

/** The path of a folder on this machine; undefined where bytes are elsewhere. */
export const folderOf = (place: Place): string | undefined => describePlace(place).folder

/** What the keys of a source's originals begin with: its name and "/", where it has a name. */
export const keyPrefixOf = ({ name }: { readonly name?: string | undefined }): string =>
  name === undefined ? '' : `${name}/`

/** A configured source, and the name of one of its originals there. */
export interface LocatedSource extends SourceConfig {
  readonly inner: string
}

/** Where an original is, by its key; undefined where no source has keys like it. */
export const locateSource = (sources: readonly SourceConfig[], key: SourceKey): LocatedSource | undefined => {
  const own = sources.find((source) => key.startsWith(keyPrefixOf(source)))
  return own && { ...own, inner: key.slice(keyPrefixOf(own).length) }
}
