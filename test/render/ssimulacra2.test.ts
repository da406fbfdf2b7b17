import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openSsimulacra2, type RgbPicture } from '../../src/render/ssimulacra2.ts'
import { cases } from './vectors/ssimulacra2-cases.mjs'

/** Scores of the Rust crate fast-ssim2, which follows the reference to the bit. */
interface Vector {
  readonly picture: string
  readonly distortion: string
  readonly width: number
  readonly height: number
  readonly distortedSha256: string
  readonly score: number
}

const vectors: readonly Vector[] = JSON.parse(
  readFileSync(join(import.meta.dirname, 'vectors/ssimulacra2.json'), 'utf8'),
)
const metric = openSsimulacra2()

const pairs = [...cases()].map((each, index) => {
  const { width, height, original, distorted } = each
  const vector = vectors[index]
  if (vector === undefined) throw new Error('there are more pairs than scores')
  return {
    ...vector,
    reference: { width, height, samples: original } satisfies RgbPicture,
    distorted: { width, height, samples: distorted } satisfies RgbPicture,
  }
})

describe('SSIMULACRA2', () => {
  it('is held against the very pairs that the reference has scored', () => {
    expect(pairs).toHaveLength(vectors.length)
    for (const { distorted, distortedSha256 } of pairs)
      expect(createHash('sha256').update(distorted.samples).digest('hex')).toMatch(`${distortedSha256}`)
  })

  it.each(['gradient', 'grain', 'bars', 'discs', 'dusk'])('scores %s as the reference does', (picture) => {
    for (const { reference, distorted, score, ...names } of pairs.filter(
      (pair) => pair.picture === picture,
    )) {
      const found = metric.score(reference, distorted)
      const isNear = score > 30 ? Math.abs(found - score) < 0.5 : found < 35
      expect({ ...names, found, score, isNear }).toMatchObject({ isNear: true })
    }
  })

  it('gives a picture itself 100, and pictures of any size a score', () => {
    for (const [width, height] of [
      [1, 1],
      [3, 40],
      [8, 8],
      [9, 15],
      [31, 7],
    ] as const) {
      const samples = Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * 37) % 256)
      const other = samples.map((value) => value ^ 16)
      expect(metric.score({ width, height, samples }, { width, height, samples })).toBe(100)
      const score = metric.score({ width, height, samples }, { width, height, samples: other })
      expect(score).toBeLessThan(99)
      expect(Number.isFinite(score)).toBe(true)
    }
  })

  it('tells nothing of what it compared before', () => {
    const [large, small] = [pairs.at(-3), pairs[2]]
    if (large === undefined || small === undefined) throw new Error('no pairs')
    const before = metric.score(small.reference, small.distorted)
    metric.score(large.reference, large.distorted)
    expect(metric.score(small.reference, small.distorted)).toBe(before)
  })

  it('refuses pictures of two sizes', () => {
    const picture = { width: 8, height: 8, samples: new Uint8Array(192) }
    expect(() => metric.score(picture, { ...picture, width: 4, height: 16 })).toThrow('4×16')
  })
})

it('scores one picture after another beside the same reference, and others in between, as if each were the first', () => {
  const [first, second] = ['grain', 'discs'].map((name) => pairs.filter(({ picture }) => picture === name))
  const mixed = (first ?? []).flatMap((pair, index) => [pair, second?.[index] ?? pair, pair])
  const reused = openSsimulacra2()
  for (const { reference, distorted } of mixed.slice(0, 24))
    expect(reused.score(reference, distorted)).toBe(openSsimulacra2().score(reference, distorted))
})
