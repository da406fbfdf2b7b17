import { Problem, type ProblemCode } from '../core/problem.ts'
import type { EncoderVersions } from './encoder-version.ts'
import type { MessageFrame } from './message-frames.ts'
import type { Header, Rendered, RenderLimits, RenderReport, ResultFacts, SourceFacts } from './port.ts'
import type { PictureTask } from './render-picture.ts'

/**
 * A task of a render process, which does one at a time. What needs no more than `grantedBytes` is done without asking:
 * for a small picture, messages cost most.
 */
export type Task =
  | ({ readonly kind: 'render'; readonly grantedBytes?: number } & Omit<PictureTask, 'header'>)
  | { readonly kind: 'inspect' | 'check'; readonly bytes: Uint8Array; readonly limits: RenderLimits }

/** One that makes results. */
export type RenderTask = Extract<Task, { kind: 'render' }>

/** What the process is told. */
export type TaskOrder =
  | Task
  /** It gets what its task needs. */
  | ({ readonly kind: 'granted' } & Grant)
  /** Nobody wants its task any more, so it does not get what it needs. */
  | { readonly kind: 'dropped' }

/** What a task will need, by the header of its picture. */
export interface Needs {
  /** With as many files encoded at once as configured. */
  readonly memoryBytes: number
  /** With one file after the other. */
  readonly leastBytes: number
  /** The source that is rendered; undefined where its header is not read yet. */
  readonly facts?: SourceFacts
}

/** What it gets, and which part of the work it does. */
export interface Grant extends Pick<PictureTask, 'encodesAtOnce' | 'share'> {
  readonly memoryBytes: number
}

/** What the process says of its task: what it needs, each time, and at the end one answer. */
export type TaskReply = ({ readonly kind: 'needs' } & Needs) | TaskAnswer

/**
 * What the process says without being asked: that it is ready, and its encoders; and how much memory a task holds that
 * exceeds its grant.
 */
export type Notice =
  | { readonly kind: 'ready'; readonly encoders: EncoderVersions }
  | { readonly kind: 'holds'; readonly bytes: number }

/** The result of a task. */
export type TaskAnswer =
  | { readonly kind: 'rendered'; readonly report: RenderReport }
  | { readonly kind: 'inspected'; readonly header: Header }
  | { readonly kind: 'checked'; readonly facts: ResultFacts }
  | { readonly kind: 'problem'; readonly problem: PlainProblem }
  | { readonly kind: 'bug'; readonly message: string; readonly stack?: string | undefined }

/** A Problem as it is sent: an Error would lose its class and fields. */
interface PlainProblem {
  readonly code: ProblemCode
  readonly message: string
  readonly hint?: string | undefined
}

/** Its cause and subject are not sent. */
export const toPlainProblem = ({ code, message, hint }: Problem): PlainProblem => ({ code, message, hint })

/** The inverse of {@link toPlainProblem}. */
export const fromPlainProblem = ({ code, message, hint }: PlainProblem): Problem =>
  new Problem(code, message, { hint })

/** The blobs are the source and, if there is one, the watermark. */
export const formatOrder = (order: TaskOrder): MessageFrame => {
  if (!('bytes' in order)) return { value: order, blobs: [] }
  const { bytes, ...rest } = order
  if (!('watermark' in rest) || rest.watermark === undefined) return { value: rest, blobs: [bytes] }
  const { bytes: mark, ...watermark } = rest.watermark
  return { value: { ...rest, watermark }, blobs: [bytes, mark] }
}

/** The inverse of {@link formatOrder}. */
export const parseOrder = ({ value, blobs: [bytes, mark] }: MessageFrame): TaskOrder => {
  const order = value as TaskOrder
  if (bytes === undefined) return order
  if (mark === undefined || !('watermark' in order)) return { ...order, bytes } as Task
  return { ...order, bytes, watermark: { ...order.watermark, bytes: mark } } as Task
}

/** The blobs are the files; outputs with the same file share one. */
export const formatReply = (reply: TaskReply | Notice): MessageFrame => {
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

/** The inverse of {@link formatReply}. */
export const parseReply = ({ value, blobs }: MessageFrame): TaskReply | Notice => {
  const reply = value as TaskReply | Notice | { readonly kind: 'rendered'; readonly report: PlainReport }
  if (reply.kind !== 'rendered') return reply
  const outputs = reply.report.outputs.map((output) => {
    if ('code' in output) return fromPlainProblem(output)
    const { file, ...rest } = output as PlainRendered
    return { ...rest, bytes: blobs[file] ?? new Uint8Array() }
  })
  return { kind: 'rendered', report: { ...reply.report, outputs } }
}

type PlainRendered = Omit<Rendered, 'bytes'> & {
  /** Its index among the blobs. */
  readonly file: number
}
type PlainOutput = PlainRendered | PlainProblem
type PlainReport = Omit<RenderReport, 'outputs'> & { readonly outputs: readonly PlainOutput[] }

/**
 * A bug of ours that one picture reveals: a Problem of that picture, which ends only its own work and is remembered
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
