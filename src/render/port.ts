import type { EncoderOptions } from '../core/encoder.ts'
import type { Format, RasterFormat } from '../core/format.ts'
import type { PictureSize } from '../core/geometry.ts'
import type { CoverPosition } from '../core/position.ts'
import type { Problem } from '../core/problem.ts'
import type { Focus, Transform } from '../core/transform.ts'
import type { Credit } from './copyright.ts'
import type { DecoderCost } from './decoder-memory.ts'
import type { MediaFormat } from './sniff.ts'

/** What a source may be at most; checked from its header before anything is decoded. */
export interface RenderLimits {
  /** Width × height × frames of a source. */
  readonly sourcePixels: number
  readonly frames: number
  /** Width × height × frames of one result. */
  readonly outputPixels: number
  readonly renderTimeoutMs: number
  /** Whether what there is of a damaged source is rendered, or the source refused. */
  readonly damaged: 'refuse' | 'show'
}

/** One result asked for. */
export interface OutputRequest {
  readonly transform: Transform
  readonly format: Format
}

/** One that is of pixels. */
export type RasterRequest = OutputRequest & { readonly format: RasterFormat }

export const isRaster = (output: OutputRequest): output is RasterRequest => output.format !== 'svg'

/** A picture laid over results whose transform names it. */
export interface Watermark {
  /** As {@link Transform.watermark} names it. */
  readonly id: string
  readonly bytes: Uint8Array
  /** An edge or corner; absent, the centre. */
  readonly position?: Exclude<CoverPosition, 'attention'>
  /** 0..1 */
  readonly opacity: number
  /** The part of the result's sides that it may fill, 0..1; 0: its own size. */
  readonly scale: number
}

/** The facts of a source that results and markup depend on. */
export interface SourceFacts extends PictureSize {
  /** What the content is, by its bytes: jpeg, png, webp, avif, gif, tiff, svg, bmp, ico. */
  readonly mediaFormat: string
  readonly frames: number
  readonly hasAlpha: boolean
}

/** How an animation plays. */
export interface Timing {
  readonly delaysMs: readonly number[]
  /** How often it plays; 0 is for ever. */
  readonly loop: number
}

/** What the first bytes of a source tell: nothing of it has been decoded yet. */
export interface Header extends DecoderCost {
  readonly facts: SourceFacts & { readonly mediaFormat: MediaFormat }
  readonly channels: number
  readonly sampleBytes: number
  /** Pixels of more than eight bits with a colour profile, which sharp brings to Display P3, not to sRGB. */
  readonly isDeepWithProfile: boolean
  /** Whether it says by a profile, or as one would, that its colours reach beyond sRGB's. */
  readonly isWide: boolean
  /** Whether EXIF turns the picture by a right angle, so that a decoder has to hold all of it. */
  readonly isTurned: boolean
  readonly credit: Credit
  /** The middle of all faces that the file itself marks, as the viewer sees the picture. */
  readonly faces?: Focus
  readonly timing?: Timing
  /** What is wrong with a source of which only a part can be shown, and is. */
  readonly damage?: string
}

/** One result made. */
export interface Rendered {
  readonly bytes: Uint8Array
  readonly width: number
  readonly height: number
  /** SSIMULACRA2 of the file beside what it was made of, where the request asked for it: 100 is the same, 90 looks so. */
  readonly score?: number
  /** Where its encoder's number was searched for. */
  readonly reached?: Reached
  /** How it was encoded, where another way than the usual one came out smaller, or looked better. */
  readonly way?: Way
  /** What the usual way came to, in bytes. */
  readonly instead?: number
}

/**
 * `lossless` and `near-lossless` WebP; PNG with a `palette` of all its colours, or `quantised` to 256 that nobody can
 * tell from them; `whole-chroma` in JPEG and AVIF; the `original` itself, without what does not draw.
 */
export type Way = 'lossless' | 'near-lossless' | 'palette' | 'quantised' | 'whole-chroma' | 'original'

/** How a file was found. */
export interface Reached {
  /** SSIMULACRA2 of the file beside what it was made of. */
  readonly score: number
  /** What its encoder was told. */
  readonly number: number
  /** What it is told without a search. */
  readonly fixed: number
  /** About what the file would be then, by what photographs come to. */
  readonly fixedBytes: number
}

/** What a page shows until a picture is there. */
export interface Preview {
  /** A ThumbHash, its bytes in base64. */
  readonly thumbhash: string
  /** The colour that most of the picture has: six lower-case hex digits. */
  readonly colour: string
}

export interface RenderRequest {
  /** The whole original; not to be written to before the end. */
  readonly bytes: Uint8Array
  readonly outputs: readonly OutputRequest[]
  readonly encoders: EncoderOptions
  /** Whether the preview and the attention of the source are wanted besides; there may then be no outputs. */
  readonly wantsPreview?: boolean
  /** Whether it is wanted how the outputs look: {@link Rendered.score}. */
  readonly wantsScore?: boolean
}

export interface RenderOptions {
  readonly signal?: AbortSignal
  /** How long it may wait for a process and for memory: Problem `overloaded` after that. Absent: until they are free. */
  readonly waitMs?: number
  /** Gives up that wait and nothing else, where there is no `signal`: what has begun is finished. */
  readonly waitSignal?: AbortSignal
  /** Called when there is room, and the work begins. */
  readonly onBegin?: () => void
  /** Whether others are about to be asked for: the processes are then left to them, and no picture has several. */
  readonly isFollowed?: () => boolean
}

export type AttentionBy = 'faces' | 'saliency'

export interface RenderReport {
  readonly facts: SourceFacts
  /** The point of `attention`, where an output or the request asked for it. */
  readonly attention?: Focus
  /** What decided it: faces that the file marks, or else what stands out. */
  readonly attentionBy?: AttentionBy
  /** Where the request asked for it. */
  readonly preview?: Preview
  /** What became of the colours of a source that has wider ones than sRGB. */
  readonly colors?: 'keep' | 'srgb'
  /** What is wrong with the source, where results show what there is of it (`damaged: 'show'`). */
  readonly damage?: string
  /** One for each output asked for, in that order. */
  readonly outputs: readonly (Rendered | Problem)[]
}

/** What {@link Renderer.check} found of a stored result. */
export interface ResultFacts {
  readonly mediaFormat: string
  readonly width: number
  readonly height: number
}

/**
 * Bytes to bytes. A source that is no image (`not-an-image`), or one of a kind that is not read (`image-unsupported`),
 * is cut off or damaged (`image-corrupt`), is over a limit (`too-many-pixels`, `too-many-frames`), refers to something
 * outside itself (`svg-unsafe`) or takes too long (`render-timeout`), kills its process (`render-crashed`) or brings out
 * a mistake of ours (`render-bug`) rejects with that Problem; one output over
 * `outputPixels` is a Problem (`output-too-large`) in its place, and so is a vector of what is no drawing
 * (`not-a-vector`) or does more than show something (`vector-unsafe`); the others are made. Where the system has no
 * process left, it is `render-unavailable`. What has outlived its time, or has nobody waiting for it, is ended.
 */
export interface Renderer {
  /** Which encoders are in use, for the ledger: changes when an upgrade may change bytes. */
  readonly encoderVersion: (format: Format) => string
  /** Waits for room within the memory budget, decodes once, makes every output. */
  render(request: RenderRequest, options?: RenderOptions): Promise<RenderReport>
  /** Reads the header only, and refuses what is over a limit by it. */
  inspect(bytes: Uint8Array, options?: RenderOptions): Promise<Header>
  /** Decodes a stored result to its last row: a Problem where it is damaged or cut off. */
  check(bytes: Uint8Array): Promise<ResultFacts>
  /** Rejects with Problem `render-unavailable` while nothing can be rendered. */
  probe(): Promise<void>
  /** Ends what is under way. */
  close(): Promise<void>
}
