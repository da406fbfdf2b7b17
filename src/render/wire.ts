import { Problem } from '../core/problem.ts'
import type { Header, Rendered, RenderLimits, RenderReport, ResultFacts } from './port.ts'
import type { Picture } from './render-picture.ts'

/** What a worker is asked. Everything here crosses to a thread or a process: plain values, no methods, no classes. */
export type WorkerTask =
  | ({ readonly kind: 'render' } & Picture)
  | { readonly kind: 'inspect'; readonly bytes: Uint8Array; readonly limits: RenderLimits }
  | { readonly kind: 'check'; readonly bytes: Uint8Array }

/** What a thread is asked. In `stop`, which it shares with the pool, a 1 says that nobody waits any more. */
export type ThreadTask = WorkerTask & { readonly stop?: SharedArrayBuffer }

/** What it answers: a Problem as plain text, since an Error loses its class and fields between threads. */
export type WorkerAnswer =
  | { readonly kind: 'rendered'; readonly report: PlainReport }
  | { readonly kind: 'inspected'; readonly header: Header }
  | { readonly kind: 'checked'; readonly facts: ResultFacts }
  | { readonly kind: 'problem'; readonly problem: PlainProblem }
  | { readonly kind: 'bug'; readonly message: string; readonly stack?: string | undefined }
  | { readonly kind: 'stopped' }

export interface PlainProblem {
  readonly code: string
  readonly message: string
  readonly hint?: string
}

export type PlainReport = Omit<RenderReport, 'outputs'> & {
  readonly outputs: readonly (Rendered | PlainProblem)[]
}

export const toPlainProblem = ({ code, message, hint }: Problem): PlainProblem => ({
  code,
  message,
  ...(hint !== undefined && { hint }),
})

export const fromPlainProblem = ({ code, message, hint }: PlainProblem): Problem =>
  new Problem(code, message, hint === undefined ? {} : { hint })

export const toPlainReport = (report: RenderReport): PlainReport => ({
  ...report,
  outputs: report.outputs.map((output) => (output instanceof Problem ? toPlainProblem(output) : output)),
})

export const fromPlainReport = (report: PlainReport): RenderReport => ({
  ...report,
  outputs: report.outputs.map((output) => ('code' in output ? fromPlainProblem(output) : output)),
})

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
