import { PassThrough } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { FrameReader, type MessageFrame, writeFrame } from '../../src/render/message-frames.ts'

const blob = (size: number, seed: number): Uint8Array =>
  Uint8Array.from({ length: size }, (_, i) => (i * 31 + seed) % 251)

/** Small and large, alone and beside each other. */
const FRAMES: readonly MessageFrame[] = [
  { value: { kind: 'plain' }, blobs: [] },
  { value: 1, blobs: [blob(10, 1)] },
  { value: 2, blobs: [blob(0, 2), blob(200_000, 3), blob(5, 4)] },
  { value: 3, blobs: [blob(65_536, 5), blob(65_535, 6)] },
  { value: 'é', blobs: [] },
]

const written = async (): Promise<Buffer> => {
  const out = new PassThrough()
  for (const frame of FRAMES) writeFrame(out, frame)
  out.end()
  return buffer(out)
}

const expectFrames = (got: readonly MessageFrame[]): void => {
  expect(got.map(({ value }) => value)).toEqual(FRAMES.map(({ value }) => value))
  for (const [i, { blobs }] of got.entries())
    for (const [k, each] of blobs.entries())
      expect(Buffer.compare(each, FRAMES[i]?.blobs[k] ?? Buffer.of())).toBe(0)
}

describe('frames are put together again', () => {
  it.each([1, 3, 1000, 70_000, 1_000_000])(
    'from pieces of %i bytes that were read elsewhere',
    async (size) => {
      const bytes = await written()
      const got: MessageFrame[] = []
      const reader = new FrameReader((frame) => got.push(frame))
      for (let at = 0; at < bytes.length; at += size) reader.take(bytes.subarray(at, at + size))
      expectFrames(got)
    },
  )

  it.each([3, 1000, 70_000, 1_000_000])('from reads of up to %i bytes, few of them', async (size) => {
    const bytes = await written()
    const got: MessageFrame[] = []
    const reader = new FrameReader((frame) => got.push(frame))
    let reads = 0
    for (let at = 0; at < bytes.length; reads++) {
      const { space } = reader
      const count = Math.min(size, space.length, bytes.length - at)
      space.set(bytes.subarray(at, at + count))
      at += count
      reader.fill(count)
    }
    expectFrames(got)
    // One for each part would be twenty.
    if (size > 200_000) expect(reads).toBeLessThan(9)
  })
})
