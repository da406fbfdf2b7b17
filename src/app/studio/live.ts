import { LRUCache } from 'lru-cache'
import type { EncoderOptions } from '../../core/encoder.ts'
import { Problem } from '../../core/problem.ts'
import type { SourceKey } from '../../core/source-key.ts'
import { formatTransform, type Transform } from '../../core/transform.ts'
import type {
  OutputRequest,
  Rendered,
  Renderer,
  RenderOptions,
  RenderReport,
  RenderRequest,
  SourceFacts,
  Subjects,
} from '../../render/port.ts'
import { openBudget } from '../../waiting/budget.ts'
import type { Original, Originals } from '../originals.ts'
import type { LookView } from './protocol.ts'
import { THUMB_SIDE } from './result-state.ts'

/** Renders for the page: nothing is stored. Each render ends with its signal. */
export type LiveRenders = ReturnType<typeof createLiveRenders>

/** What is known of an original once it is decoded. */
export interface OriginalFacts extends SourceFacts {
  readonly subjects?: Subjects | undefined
}

/** Whether the score is wanted, and when to give up. */
export interface LiveOptions {
  readonly wantsScore: boolean
  readonly signal: AbortSignal
}

interface LiveInput {
  readonly originals: Pick<Originals, 'read'>
  readonly renderer: Pick<Renderer, 'render'>
  readonly encoders: EncoderOptions
  readonly threads: number
}

/** Memory for the originals that were read last: a slider asks for the same one again and again. */
const HELD_BYTES = 64_000_000
/** After this time, somebody may have changed it. */
const HELD_MS = 10_000
/** Memory for thumbnails, so that scrolling back is fast. */
const HELD_THUMB_BYTES = 32_000_000
const HELD_THUMB_MS = 600_000

const THUMB_TRANSFORM: Transform = {
  resize: { kind: 'inside', width: THUMB_SIDE, height: THUMB_SIDE },
  quality: 70,
}

/** Keeps recent originals and thumbnails in memory. */
export const createLiveRenders = ({ originals, renderer, encoders, threads }: LiveInput) => {
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
  // Only as many originals are in memory as can be rendered, and one more, however many are asked for.
  const turns = openBudget(threads + 1)
  const read = async (source: SourceKey, signal: AbortSignal | undefined): Promise<Original> => {
    const known = held.get(source)
    if (known !== undefined) return known
    const original = await originals.read(source, { signal })
    if (original === undefined)
      throw new Problem('source-missing', `${source} does not exist any more.`, { subject: source })
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
    /** One result as `build` would make it, with its score if wanted. */
    render: (
      source: SourceKey,
      output: OutputRequest,
      { wantsScore, signal }: LiveOptions,
    ): Promise<Rendered> => renderOne(source, { outputs: [output], wantsScore }, { signal }),
    /** The same transform without loss, to compare files with. */
    reference: (source: SourceKey, transform: Transform, signal: AbortSignal): Promise<Rendered> => {
      const outputs = [{ transform, format: 'png' }] as const
      return renderOne(source, { outputs, encoders: QUICK }, { signal })
    },
    /** Bytes and scores of several results, decoded once. */
    looks: async (
      source: SourceKey,
      outputs: readonly OutputRequest[],
      signal: AbortSignal,
    ): Promise<readonly LookView[]> => {
      const report = await render(source, { outputs, wantsScore: true }, { signal })
      return outputs.map(({ transform, format }, place) =>
        toLook({ transform, format }, report.outputs[place]),
      )
    },
    thumb: async (source: SourceKey, signal: AbortSignal): Promise<Rendered> => {
      const known = thumbs.get(source)
      if (known !== undefined) return known
      const outputs = [{ transform: THUMB_TRANSFORM, format: 'webp' }] as const
      // A render that has begun is nearly done: ending its process would cost more.
      const made = await renderOne(source, { outputs, encoders: QUICK }, { waitSignal: signal })
      thumbs.set(source, made)
      return made
    },
    /** Its facts, and what decides its attention point. */
    describe: async (source: SourceKey, signal: AbortSignal): Promise<OriginalFacts> => {
      const { facts, subjects } = await render(source, { outputs: [], wantsSubjects: true }, { signal })
      return { ...facts, subjects }
    },
  }
}

/** For pictures that are needed at once. */
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

const toLook = ({ transform, format }: OutputRequest, made: Rendered | Problem | undefined): LookView => {
  const name = { transform: formatTransform(transform), format }
  if (made === undefined) throw new Error(`nothing was rendered of ${name.transform}`)
  if (made instanceof Problem) return { ...name, problem: made.message }
  return { ...name, bytes: made.bytes.length, score: made.score }
}
