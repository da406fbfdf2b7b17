import { LRUCache } from 'lru-cache'
import type { EncoderOptions } from '../../core/encoder.ts'
import type { Format } from '../../core/format.ts'
import { Problem } from '../../core/problem.ts'
import type { SourceKey } from '../../core/source-key.ts'
import { formatTransform, type Transform } from '../../core/transform.ts'
import type { Rendered, Renderer, RenderOptions, RenderReport, RenderRequest } from '../../render/port.ts'
import { openBudget } from '../../waiting/budget.ts'
import type { Original, Originals } from '../originals.ts'
import type { LookView } from './protocol.ts'
import { THUMB_SIDE } from './result-state.ts'

/** Renders for the one who looks: nothing of it is stored. Every one ends with its signal. */
export interface LiveRenders {
  /** One result as `build` would make it, with how it looks where that is wanted. */
  render(source: SourceKey, output: LiveOutput, options: LiveOptions): Promise<Rendered>
  /** The same transform without any loss: what files are held against. */
  reference(source: SourceKey, transform: Transform, signal: AbortSignal): Promise<Rendered>
  /** Bytes and look of several results, decoded once. */
  looks(source: SourceKey, outputs: readonly LiveOutput[], signal: AbortSignal): Promise<readonly LookView[]>
  /** The picture in little, quickly. */
  thumb(source: SourceKey, signal: AbortSignal): Promise<Rendered>
  /** Its size, and where the eye goes. */
  portray(source: SourceKey, signal: AbortSignal): Promise<Omit<RenderReport, 'outputs'>>
}

export interface LiveOutput {
  readonly transform: Transform
  readonly format: Format
}

export interface LiveOptions {
  readonly wantsScore: boolean
  readonly signal: AbortSignal
}

export interface LiveInput {
  readonly originals: Pick<Originals, 'read'>
  readonly renderer: Pick<Renderer, 'render'>
  readonly encoders: EncoderOptions
  /** Renders at once. */
  readonly threads: number
}

/** The originals that were read last: a slider asks for the same one again and again. */
const HELD_BYTES = 64_000_000
/** In the meantime somebody may have changed it. */
const HELD_MS = 10_000
/** Small pictures, so that who scrolls back waits for nothing. */
const HELD_THUMB_BYTES = 32_000_000
const HELD_THUMB_MS = 600_000

const THUMB_TRANSFORM: Transform = {
  resize: { kind: 'inside', width: THUMB_SIDE, height: THUMB_SIDE },
  quality: 70,
}

export const createLiveRenders = ({ originals, renderer, encoders, threads }: LiveInput): LiveRenders => {
  const held = new LRUCache<SourceKey, Original>({
    maxSize: HELD_BYTES,
    sizeCalculation: ({ bytes }) => bytes.byteLength + 1,
    ttl: HELD_MS,
  })
  const thumbs = new LRUCache<SourceKey, Rendered>({
    maxSize: HELD_THUMB_BYTES,
    sizeCalculation: ({ bytes }) => bytes.byteLength + 1,
    ttl: HELD_THUMB_MS,
  })
  // No more originals are in memory than can be rendered and one that is on its way, however many are asked for.
  const turns = openBudget(threads + 1)
  const read = async (source: SourceKey, signal: AbortSignal | undefined): Promise<Original> => {
    const known = held.get(source)
    if (known !== undefined) return known
    const original = await originals.read(source, { ...(signal && { signal }) })
    if (original === undefined)
      throw new Problem('source-missing', `${source} is not there any more.`, { subject: source })
    held.set(source, original)
    return original
  }
  const render = async (
    source: SourceKey,
    request: Omit<RenderRequest, 'bytes' | 'encoders'> & { readonly encoders?: EncoderOptions },
    options: Pick<RenderOptions, 'signal' | 'waitSignal'>,
  ): Promise<RenderReport> => {
    const signal = options.signal ?? options.waitSignal
    const turn = await turns.acquire(1, { signal })
    try {
      const { bytes } = await read(source, signal)
      return await renderer.render({ encoders, ...request, bytes }, options)
    } finally {
      turn.release()
    }
  }
  const renderOne = async (...asked: Parameters<typeof render>): Promise<Rendered> =>
    onlyOf(await render(...asked))

  return {
    render: (source, output, { wantsScore, signal }) =>
      renderOne(source, { outputs: [output], wantsScore }, { signal }),
    reference: (source, transform, signal) => {
      const outputs = [{ transform, format: 'png' }] as const
      return renderOne(source, { outputs, encoders: QUICK }, { signal })
    },
    looks: async (source, outputs, signal) => {
      const report = await render(source, { outputs, wantsScore: true }, { signal })
      return outputs.map(({ transform, format }, place) =>
        toLook({ transform, format }, report.outputs[place]),
      )
    },
    thumb: async (source, signal) => {
      const known = thumbs.get(source)
      if (known !== undefined) return known
      const outputs = [{ transform: THUMB_TRANSFORM, format: 'webp' }] as const
      // One that has begun is nearly done: to end its process would cost more.
      const made = await renderOne(source, { outputs, encoders: QUICK }, { waitSignal: signal })
      thumbs.set(source, made)
      return made
    },
    portray: async (source, signal) => {
      const { outputs: _, ...report } = await render(source, { outputs: [], wantsPreview: true }, { signal })
      return report
    },
  }
}

/** For what is looked at once. */
const QUICK: EncoderOptions = {
  avif: { effort: 0 },
  webp: { effort: 0, lossless: false },
  jpeg: { mozjpeg: false },
  png: { compressionLevel: 1, palette: false },
  gif: { effort: 1 },
}

const onlyOf = ({ outputs: [output] }: RenderReport): Rendered => {
  if (output === undefined) throw new Error('nothing was rendered')
  if (output instanceof Problem) throw output
  return output
}

const toLook = ({ transform, format }: LiveOutput, made: Rendered | Problem | undefined): LookView => {
  const name = { transform: formatTransform(transform), format }
  if (made === undefined) throw new Error(`nothing was rendered of ${name.transform}`)
  if (made instanceof Problem) return { ...name, bytes: 0, problem: made.message }
  return { ...name, bytes: made.bytes.length, ...(made.score !== undefined && { score: made.score }) }
}
