import type { Renderer } from '../../src/render/port.ts'
import { openRenderer } from '../../src/render/renderer.ts'
import { BITMAPS } from '../files/bitmaps.ts'
import { COLOURS } from '../files/colours.ts'
import { HARMLESS } from '../files/faults.ts'
import { ORIENTATIONS } from '../files/orientations.ts'
import { makeTiff, tiled } from '../files/tiff.ts'
import { QUICK } from '../support/encoders.ts'
import { toTransform } from '../support/parsed.ts'
import { PICTURES, SVG } from './seeds.ts'
import { expectLaw, type Target } from './target.ts'

const SEEDS = [
  ...PICTURES,
  SVG,
  makeTiff(),
  makeTiff({ channels: 4, bits: 16, extraSamples: [2] }),
  makeTiff({ channels: 4, bits: 32, extraSamples: [2] }),
  makeTiff({ channels: 4, photometric: 5 }),
  tiled,
  ...[...BITMAPS, ...COLOURS, ...HARMLESS].map(([, bytes]) => bytes),
  ...ORIENTATIONS.map(([, , bytes]) => bytes),
].filter(({ length }) => length < 60_000)

/** Opened when it is first asked for: its decoders are libraries, whose death is to be a find and not the end. */
const openOnce = (damaged: 'refuse' | 'show') => {
  let opened: Renderer | undefined
  return {
    get: (): Renderer => {
      opened ??= openRenderer({
        threads: 1,
        memoryBytes: 300_000_000,
        limits: {
          sourcePixels: 1_000_000,
          frames: 100,
          outputPixels: 1_000_000,
          renderTimeoutMs: 20_000,
          damaged,
        },
      })
      return opened
    },
    close: async (): Promise<void> => {
      await opened?.close()
      opened = undefined
    },
  }
}

const [strict, lenient] = [openOnce('refuse'), openOnce('show')]

const outputs = [
  { transform: toTransform('40w.q80'), format: 'webp' },
  { transform: toTransform('9x9.cover.attention.q80'), format: 'png' },
  { transform: toTransform('20x30.contain.q80'), format: 'gif' },
] as const

const render = async (renderer: Renderer, bytes: Uint8Array): Promise<void> => {
  const { facts, outputs: made } = await renderer.render({
    bytes,
    outputs,
    encoders: QUICK,
    wantsPreview: true,
  })
  expectLaw(facts.width > 0 && facts.height > 0, 'a picture has sides')
  for (const each of made) if (each instanceof Error) throw each
}

export const RENDER_TARGETS: readonly Target[] = [
  {
    name: 'headers of pictures of every kind',
    seeds: SEEDS,
    read: async (bytes) => void (await strict.get().inspect(bytes)),
    close: strict.close,
  },
  {
    name: 'pictures of every kind, rendered',
    seeds: SEEDS,
    runs: 12,
    read: (bytes) => render(strict.get(), bytes),
    close: strict.close,
  },
  {
    name: 'pictures of every kind, rendered as far as they go',
    seeds: SEEDS,
    runs: 12,
    read: (bytes) => render(lenient.get(), bytes),
    close: lenient.close,
  },
]
