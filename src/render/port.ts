import type { LimitsConfig } from '../config/config.ts'
import type { EncoderOptions } from '../core/encoder.ts'
import type { Format, RasterFormat } from '../core/format.ts'
import type { PictureSize, Size } from '../core/geometry.ts'
import type { CoverPosition } from '../core/position.ts'
import type { Problem } from '../core/problem.ts'
import type { Focus, Transform } from '../core/transform.ts'
import type { Credit } from './copyright.ts'
import type { DecoderCost } from './decoder-memory.ts'
import type { MediaFormat } from './sniff.ts'

/** The limits of sources and results; a source is checked by its header before it is decoded. */
export interface RenderLimits extends Omit<LimitsConfig, 'sourceBytes' | 'fetchTimeoutMs'> {}

/** One result that is asked for. */
export interface OutputRequest {
  readonly transform: Transform
  readonly format: Format
}

/** A result that is made of pixels. */
export type RasterRequest = OutputRequest & { readonly format: RasterFormat }

/** Whether a result is made of pixels. */
export const isRaster = (output: OutputRequest): output is RasterRequest => output.format !== 'svg'

/** A picture laid over results whose transform names it. */
export interface Watermark {
  /** As {@link Transform.watermark} names it. */
  readonly id: string
  readonly bytes: Uint8Array
  /** An edge or corner; undefined: the centre. */
  readonly position?: Exclude<CoverPosition, 'attention'>
  /** 0..1 */
  readonly opacity: number
  /** The share of the result's sides that it may fill, 0..1; 0: its own size. */
  readonly scale: number
}

/** The facts of a source on which results and markup depend. */
export interface SourceFacts extends PictureSize {
  /** What the bytes are: jpeg, png, webp, avif, gif, tiff, svg, bmp, ico. */
  readonly mediaFormat: string
  readonly frames: number
  readonly hasAlpha: boolean
}

/** How an animation plays. */
export interface Timing {
  readonly delaysMs: readonly number[]
  /** How often it plays; 0 means for ever. */
  readonly loop: number
}

/** What the samples of a picture in high dynamic range stand for (ITU-R BT.2100). */
export interface HighRange {
  /** The code of ITU-T H.273: 1 for those of sRGB, 9, 12. */
  readonly primaries: number
  readonly transfer: 'pq' | 'hlg'
  /** Its brightest light, in candelas per square metre. */
  readonly peakNits: number
}

/** What the first bytes of a source tell, before anything is decoded. */
export interface Header extends DecoderCost {
  readonly facts: SourceFacts & { readonly mediaFormat: MediaFormat }
  readonly channels: number
  readonly sampleBytes: number
  /** Pixels of more than eight bits with a colour profile, which sharp converts to Display P3, not to sRGB. */
  readonly isDeepWithProfile: boolean
  /** Whether its profile changes nothing: browsers ignore it, or it is sRGB's. */
  readonly ignoresProfile?: true
  readonly highRange?: HighRange
  /** For a JPEG of four inks without a profile that browsers obey. */
  readonly hasPlainInks?: true
  /** For a drawing: the opaque colour behind it. */
  readonly background?: string
  /** For a drawing: how much around it is drawn too, in parts of its sides. */
  readonly bleed?: number
  /** Whether it says, by a profile or in another way, that its colours reach beyond sRGB's. */
  readonly isWide: boolean
  /** How EXIF turns the picture, 1 to 8: from 5 on by a right angle, so that a decoder must hold all of it. */
  readonly orientation: number
  readonly credit: Credit
  readonly faces?: Faces
  readonly timing?: Timing
  /** What is wrong with a source of which only a part can be shown. */
  readonly damage?: string
}

/** A face that a file marks: the middle and the size of its box, both 0 for a point, in per mille of the sides. */
export interface FaceRegion extends Focus, Size {
  /** Of the person, where the file says it. */
  readonly name?: string
}

/** The faces that a file marks, as the viewer sees the picture. */
export interface Faces {
  /** The middle of all: a crop around it keeps them all, if one of its size can. */
  readonly focus: Focus
  /** The first hundred. */
  readonly regions: readonly FaceRegion[]
}

/** What decides the attention point: faces where a file marks any, else what stands out. */
export interface Subjects {
  /** The point that stands out. */
  readonly saliency: Focus
  readonly faces?: Faces
}

/** One result made. */
export interface Rendered {
  readonly bytes: Uint8Array
  readonly width: number
  readonly height: number
  /** SSIMULACRA2 of the file compared to what it was made from, if asked for: 100 is the same, 90 looks the same. */
  readonly score?: number
  /** Present where its encoder's number was searched for. */
  readonly reached?: Reached
  /** How it was encoded, if not in the usual way, because another was smaller or looked better. */
  readonly way?: Way
  /** The bytes that the usual way would have taken. */
  readonly instead?: number
}

/**
 * `lossless` and `near-lossless` WebP; PNG with a `palette` of all its colours, or `quantised` to 256 without a visible
 * difference; `whole-chroma` in JPEG and AVIF; the `original` itself, without metadata.
 */
export type Way = 'lossless' | 'near-lossless' | 'palette' | 'quantised' | 'whole-chroma' | 'original'

/** How a file was found by a search. */
export interface Reached {
  /** SSIMULACRA2 of the file compared to what it was made from. */
  readonly score: number
  /** The number that its encoder was given. */
  readonly number: number
  /** The number without a search. */
  readonly fixed: number
  /** The approximate size with that number, as for photographs. */
  readonly fixedBytes: number
}

/** What a page shows until a picture is loaded. */
export interface Preview {
  /** A ThumbHash, its bytes in base64. */
  readonly thumbhash: string
  /** The most frequent colour of the picture: six lower-case hex digits. */
  readonly colour: string
}

/** What is rendered of one original. */
export interface RenderRequest {
  /** The whole original; it must not be changed until the end. */
  readonly bytes: Uint8Array
  readonly outputs: readonly OutputRequest[]
  readonly encoders: EncoderOptions
  /** Whether the preview and the attention point are wanted too; then there may be no outputs. */
  readonly wantsPreview?: boolean
  /** Whether all that could decide the attention point is wanted; then too there may be no outputs. */
  readonly wantsSubjects?: boolean
  /** Whether the scores of the outputs are wanted: {@link Rendered.score}. */
  readonly wantsScore?: boolean
}

/** How long a render may wait, and who is told. */
export interface RenderOptions {
  readonly signal?: AbortSignal | undefined
  /** How long it may wait for a process and for memory: Problem `overloaded` after that. Undefined: no limit. */
  readonly waitMs?: number
  /** Ends only that wait, where there is no `signal`: work that has begun is finished. */
  readonly waitSignal?: AbortSignal | undefined
  /** Called when the work begins, and again where it had to wait for more memory than it began with. */
  readonly onBegin?: () => void
  /** Whether more pictures will follow soon: then processes are left to them, and no picture uses several. */
  readonly isFollowed?: () => boolean
  /** The predicted work in milliseconds of one core; if undefined, as much as is worth another process. */
  readonly costMs?: number
}

/** What decided the attention point: faces that the file marks, or what stands out. */
export type AttentionBy = 'faces' | 'saliency'

/** What a render has made and learned. */
export interface RenderReport {
  readonly facts: SourceFacts
  /** The point of `attention`, if an output or the request asked for it. */
  readonly attention?: Focus
  /** What decided it: faces that the file marks, or else what stands out. */
  readonly attentionBy?: AttentionBy
  /** Where the request asked for them. */
  readonly subjects?: Subjects
  /** Where the request asked for it. */
  readonly preview?: Preview
  /** How the colours were handled, for a source with wider ones than sRGB. */
  readonly colors?: 'keep' | 'srgb'
  /** What is wrong with the source, where results show its readable part (`damaged: 'show'`). */
  readonly damage?: string
  /** For a drawing: the names of what browsers show of it and results do not. */
  readonly undrawn?: readonly string[]
  /** One for each output, in the order of the request. */
  readonly outputs: readonly (Rendered | Problem)[]
}

/** What {@link Renderer.check} learned of a stored result. */
export interface ResultFacts {
  readonly mediaFormat: string
  readonly width: number
  readonly height: number
}

/**
 * From bytes to bytes. It rejects with the Problem of a source that is no image (`not-an-image`), has a kind that is
 * not read (`image-unsupported`), is cut off or damaged (`image-corrupt`), exceeds a limit (`too-many-pixels`,
 * `too-many-frames`), refers to something outside itself (`svg-unsafe`), takes too long (`render-timeout`), kills its
 * process (`render-crashed`) or reveals a bug of ours (`render-bug`). An output over `outputPixels` is a Problem
 * (`output-too-large`) in its place, and so is a vector of what is no drawing (`not-a-vector`) or is more than a
 * picture (`vector-unsafe`); the other outputs are made. Where the system has no process left, it is
 * `render-unavailable`. Work that takes too long, or that nobody waits for, is ended.
 */
export interface Renderer {
  /** The encoders in use, for the ledger: it changes when an upgrade may change bytes. */
  readonly encoderVersion: (format: Format) => string
  /** Waits until the memory budget allows it, decodes once, makes every output. */
  render(request: RenderRequest, options?: RenderOptions): Promise<RenderReport>
  /** Only reads the header, and refuses a source that exceeds a limit. */
  inspect(bytes: Uint8Array, options?: RenderOptions): Promise<Header>
  /** Decodes a stored result to its last row: a Problem where it is damaged or cut off. */
  check(bytes: Uint8Array): Promise<ResultFacts>
  /** Rejects with Problem `render-unavailable` while nothing can be rendered. */
  probe(): Promise<void>
  /** Ends all work. */
  close(): Promise<void>
}
