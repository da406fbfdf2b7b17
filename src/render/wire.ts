import { Problem } from '../core/problem.ts'
import type { ProblemCode } from '../core/problem-codes.ts'
import type { EncoderVersions } from './encoder-version.ts'
import type { Frame } from './frames.ts'
import type { Header, Rendered, RenderLimits, RenderReport, ResultFacts, SourceFacts } from './port.ts'
import type { Picture } from './render-picture.ts'

/**
 * What a render process does: one at a time. What takes no more than `grantedBytes` is done without asking: most of what a
 * small picture costs is what is said about it.
 */
export type Task =
  | ({ readonly kind: 'render'; readonly grantedBytes?: number } & Omit<Picture, 'header'>)
  | { readonly kind: 'inspect' | 'check'; readonly bytes: Uint8Array; readonly limits: RenderLimits }

/** What it is told. */
export type Order =
  | Task
  /** It gets what its task needs. */
  | ({ readonly kind: 'granted' } & Grant)
  /** Nobody waits for its task any more, which has not got what it needs. */
  | { readonly kind: 'dropped' }

/** What a task is about to take, as the header of its picture tells. */
export interface Needs {
  /** With as many files encoded at once as it would like. */
  readonly memoryBytes: number
  /** With one after another. */
  readonly leastBytes: number
  /** Of what is to be rendered; absent where its header is yet to be read. */
  readonly facts?: SourceFacts
}

/** What it gets, and how it is to go on. */
export interface Grant extends Pick<Picture, 'encodesAtOnce' | 'share'> {
  readonly memoryBytes: number
}

/** What it says of its task: what that needs, whenever it needs something, and then one answer. */
export type Reply = ({ readonly kind: 'needs' } & Needs) | Answer

/** What it says unasked: that it can be asked, and with which encoders it writes; and how much memory a task holds that has outgrown what it got. */
export type Notice =
  | { readonly kind: 'ready'; readonly encoders: EncoderVersions }
  | { readonly kind: 'holds'; readonly bytes: number }

export type Answer =
  | { readonly kind: 'rendered'; readonly report: RenderReport }
  | { readonly kind: 'inspected'; readonly header: Header }
  | { readonly kind: 'checked'; readonly facts: ResultFacts }
  | { readonly kind: 'problem'; readonly problem: PlainProblem }
  | { readonly kind: 'bug'; readonly message: string; readonly stack?: string | undefined }

/** A Problem as it crosses: an Error would lose its class and fields. */
export interface PlainProblem {
  readonly code: ProblemCode
  readonly message: string
  readonly hint?: string
}

export const toPlainProblem = ({ code, message, hint }: Problem): PlainProblem => ({
  code,
  message,
  ...(hint !== undefined && { hint }),
})

export const fromPlainProblem = ({ code, message, hint }: PlainProblem): Problem =>
  new Problem(code, message, hint === undefined ? {} : { hint })

/** The blobs are the source and the watermark, where there is one. */
export const formatOrder = (order: Order): Frame => {
  if (!('bytes' in order)) return { value: order, blobs: [] }
  const { bytes, ...rest } = order
  if (!('watermark' in rest) || rest.watermark === undefined) return { value: rest, blobs: [bytes] }
  const { bytes: mark, ...watermark } = rest.watermark
  return { value: { ...rest, watermark }, blobs: [bytes, mark] }
}

export const parseOrder = ({ value, blobs: [bytes, mark] }: Frame): Order => {
  const order = value as Order
  if (bytes === undefined) return order
  if (mark === undefined || !('watermark' in order)) return { ...order, bytes } as Task
  return { ...order, bytes, watermark: { ...order.watermark, bytes: mark } } as Task
}

/** The blobs are the files that were made; outputs that are one file have one. */
export const formatReply = (reply: Reply | Notice): Frame => {
  if (reply.kind !== 'rendered') return { value: reply, blobs: [] }
  const files = new Map<Uint8Array, number>()
  const outputs = reply.report.outputs.map((output): PlainOutput => {
    if (output instanceof Problem) return toPlainProblem(output)
    const { bytes, ...rest } = output
    const file = files.get(bytes) ?? files.size
    files.set(bytes, file)
    return { ...rest, file }
  })
  return { value: { ...reply, report: { ...reply.report, outputs } }, blobs: [...files.keys()] }
}

export const parseReply = ({ value, blobs }: Frame): Reply | Notice => {
  const reply = value as Reply | Notice | { readonly kind: 'rendered'; readonly report: PlainReport }
  if (reply.kind !== 'rendered') return reply
  const outputs = reply.report.outputs.map((output) => {
    if ('code' in output) return fromPlainProblem(output)
    const { file, ...rest } = output as PlainRendered
    return { ...rest, bytes: blobs[file] ?? new Uint8Array() }
  })
  return { kind: 'rendered', report: { ...reply.report, outputs } }
}

type PlainRendered = Omit<Rendered, 'bytes'> & {
  /** Its place among the blobs. */
  readonly file: number
}
type PlainOutput = PlainRendered | PlainProblem
type PlainReport = Omit<RenderReport, 'outputs'> & { readonly outputs: readonly PlainOutput[] }

/**
 * A mistake of ours that one picture brings out: a Problem of that picture, which ends its work alone and is remembered
 * until there is another version of the program.
 */
export const toBugProblem = (cause: unknown): Problem => {
  if (cause instanceof Problem) return cause
  const message = cause instanceof Error ? cause.message : String(cause)
  return new Problem('render-bug', `imgsizes failed at the picture: ${message}.`, {
    hint: 'This is a mistake in imgsizes: please report it, with the picture if you may.',
    cause,
  })
}
