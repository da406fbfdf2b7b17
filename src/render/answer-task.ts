import { Problem } from '../core/problem.ts'
import { unreachable } from '../core/unreachable.ts'
import { predictDrawingHeaderBytes } from './decoder-memory.ts'
import { readPictureHeader } from './header.ts'
import { checkVector } from './make-vector.ts'
import { type Header, isRaster, type RenderLimits, type ResultFacts } from './port.ts'
import { predictCheckBytes, predictRenderBytes } from './render-memory.ts'
import { renderPicture } from './render-picture.ts'
import { shareOut } from './share.ts'
import { DECODING, sharp } from './sharp.ts'
import { obeysOrientation, sniffMedia } from './sniff.ts'
import {
  type Grant,
  type Needs,
  type RenderTask,
  type Task,
  type TaskAnswer,
  toPlainProblem,
} from './task-messages.ts'
import { imageCorrupt } from './unreadable.ts'

/** Asks for what a task needs, and waits until it is granted. */
type Ask = (needs: Needs) => Promise<Grant>

/** Does a task; asks for memory before using it. Errors become answers, except those of `ask`. */
export const answerTask = async (task: Task, ask: Ask): Promise<TaskAnswer> => {
  try {
    return await doTask(task, ask)
  } catch (error) {
    if (error instanceof Dropped) throw error
    if (error instanceof Problem) return { kind: 'problem', problem: toPlainProblem(error) }
    const { message, stack } = error instanceof Error ? error : new Error(String(error))
    return { kind: 'bug', message, stack }
  }
}

/** `ask` rejects with this where nobody wants the task any more. */
export class Dropped extends Error {}

const doTask = async (task: Task, ask: Ask): Promise<TaskAnswer> => {
  const header = await readHeaderOf(task, ask)
  switch (task.kind) {
    case 'render': {
      const needs = predictRender(task, header)
      const isWorthSharing = shareOut(task.outputs, header.facts, 2).length > 1
      const isGranted = needs.memoryBytes <= (task.grantedBytes ?? 0) && !isWorthSharing
      const grant = isGranted ? {} : await ask({ ...needs, facts: header.facts })
      return { kind: 'rendered', report: await renderPicture({ ...task, ...grant, header }) }
    }
    case 'inspect':
      return { kind: 'inspected', header }
    case 'check': {
      const memoryBytes = predictCheckBytes(header, task.bytes.byteLength)
      await ask({ memoryBytes, leastBytes: memoryBytes })
      return { kind: 'checked', facts: await checkResult(task.bytes, header) }
    }
    default:
      return unreachable(task)
  }
}

/** The markup of a drawing is read as a whole and written anew. */
const readHeaderOf = async (task: Task, ask: Ask): Promise<Header> => {
  const { bytes, limits, kind } = task
  if (sniffMedia(bytes) === 'svg') {
    const memoryBytes = predictDrawingHeaderBytes(bytes.byteLength)
    const isGranted = task.kind === 'render' && memoryBytes <= (task.grantedBytes ?? 0)
    if (!isGranted) await ask({ memoryBytes, leastBytes: memoryBytes })
  }
  return readPictureHeader(bytes, kind === 'check' ? withResults(limits) : limits)
}

/** A result may have more pixels than sources may (a small picture on a large canvas), and must be complete. */
const withResults = (limits: RenderLimits): RenderLimits => ({
  ...limits,
  damaged: 'refuse',
  sourcePixels: Math.max(limits.sourcePixels, limits.outputPixels),
})

const predictRender = (task: RenderTask, header: Header) => {
  const request = { ...task, outputs: task.outputs.filter(isRaster), facts: header.facts }
  return predictRenderBytes(header, request, task.bytes.byteLength)
}

/**
 * Decodes a stored result to the last row of its last frame. Only that row is kept, but decoding it requires all rows
 * above. Rejects with `image-corrupt`, and with `svg-unsafe` for a vector that cleaning would change.
 */
const checkResult = async (bytes: Uint8Array, { facts }: Header): Promise<ResultFacts> => {
  if (facts.mediaFormat === 'svg') return checkVector(bytes)
  const { mediaFormat, width, height, frames } = facts
  const pages = frames > 1 ? { pages: -1 } : {}
  await sharp(bytes, { ...DECODING, autoOrient: obeysOrientation(mediaFormat, frames), ...pages })
    .extract({ left: 0, top: height - 1, width, height: 1 })
    .raw()
    .toBuffer()
    .catch((cause: unknown) => {
      throw imageCorrupt(cause)
    })
  return { mediaFormat, width, height }
}
