import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { ORIENTATIONS } from '../files/orientations.ts'
import { BLUE, isNear, look, openFileRenderer, quarters, RED, renderOne } from './support.ts'

const renderer = openFileRenderer()

const FRAME = await quarters(60, 40).raw().toBuffer()
const frames = await sharp(Buffer.concat([FRAME, Buffer.alloc(FRAME.length)]), {
  raw: { width: 60, height: 80, channels: 3, pageHeight: 40 },
})
  .webp({ lossless: true })
  .toBuffer()

describe('is turned, or not', () => {
  it.each(ORIENTATIONS)('%s: %s', async (_, isTurned, bytes) => {
    const { facts } = await renderer.inspect(Buffer.from(bytes))
    expect([facts.width, facts.height]).toEqual(isTurned ? [40, 60] : [60, 40])
    const seen = await look((await renderOne(renderer, bytes, `${facts.width}w.q80`)).bytes)
    expect([seen.width, seen.height]).toEqual([facts.width, facts.height])
    expect(seen.at(5, 5)).toSatisfy((at: readonly number[]) => isNear(at, isTurned ? BLUE : RED))
  })

  it('an animation: not', async () => {
    expect(frames.length).toBeGreaterThan(0)
    const { facts } = await renderer.inspect(Buffer.from(frames))
    expect(facts).toMatchObject({ width: 60, height: 40, frames: 2 })
  })
})
