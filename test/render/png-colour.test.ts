import { inflateSync } from 'node:zlib'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { BT_709 } from '../../src/render/coded-colours.ts'
import { makeGreyProfile, makeRgbProfile } from '../../src/render/icc-profile.ts'
import { listHeadChunks, toChunk } from '../../src/render/png-chunks.ts'
import { isDeepGreyPng, profilePng } from '../../src/render/png-colour.ts'

type Space = 'srgb' | 'b-w' | 'rgb16' | 'grey16'

const makePng = (space: Space): Promise<Buffer> =>
  sharp({ create: { width: 2, height: 2, channels: 3, background: '#123' } })
    .toColourspace(space)
    .png()
    .toBuffer()

/** A PNG with these chunks before its pixels. */
const withChunks = async (
  chunks: Readonly<Record<string, readonly number[]>>,
  space: Space = 'srgb',
): Promise<Buffer> => {
  const png = await makePng(space)
  const [header, ...rest] = listHeadChunks(png)
  const added = Object.entries(chunks).map(([name, body]) => toChunk(name, Buffer.from(body)))
  const end = header?.end ?? 0
  return Buffer.concat([png.subarray(0, end), ...added, png.subarray(rest[0]?.start ?? end)])
}

/** Numbers as `gAMA` and `cHRM` have them. */
const fixed = (...values: readonly number[]): readonly number[] =>
  values.flatMap((value) => {
    const bytes = Buffer.alloc(4)
    bytes.writeUInt32BE(Math.round(value * 100_000))
    return [...bytes]
  })

const CHRM = fixed(0.3127, 0.329, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06)
const GAMA = fixed(0.5)
const ANY = [1]
const power = (gamma: number) => ({ kind: 'power', exponent: 1 / gamma }) as const

const profileOf = (png: Buffer | undefined): Buffer | undefined => {
  const chunk = png && listHeadChunks(png).find(({ name }) => name === 'iCCP')
  return png && chunk && inflateSync(png.subarray(chunk.start + 8 + 'colours\0\0'.length, chunk.end - 4))
}

const found = async (...given: Parameters<typeof withChunks>) =>
  profileOf(profilePng(await withChunks(...given)))

describe('a PNG gets a profile', () => {
  it('in place of all that it says of colours, behind its header', async () => {
    const all = {
      gAMA: GAMA,
      sRGB: ANY,
      cHRM: CHRM,
      iCCP: ANY,
      cICP: [12, 13, 0, 1],
      bKGD: [0, 0, 0, 0, 0, 0],
    }
    const made = profilePng(await withChunks(all))
    expect(listHeadChunks(made ?? Buffer.of()).map(({ name }) => name)).toEqual([
      'IHDR',
      'iCCP',
      'bKGD',
      'pHYs',
    ])
    expect((await sharp(made).raw().toBuffer()).length).toBe(12)
  })

  it('of its gamma, and of its primaries where these can be', async () => {
    expect(await found({ gAMA: GAMA })).toEqual(makeRgbProfile(BT_709, power(0.5)))
    expect(await found({ gAMA: GAMA }, 'b-w')).toEqual(makeGreyProfile(power(0.5)))
    const adobe = fixed(0.3127, 0.329, 0.64, 0.33, 0.21, 0.71, 0.15, 0.06)
    expect(await found({ gAMA: GAMA, cHRM: adobe })).toEqual(
      makeRgbProfile(
        { white: [0.3127, 0.329], red: [0.64, 0.33], green: [0.21, 0.71], blue: [0.15, 0.06] },
        power(0.5),
      ),
    )
    // With primaries, a gamma near sRGB's is a plain power.
    expect(await found({ gAMA: fixed(0.45455), cHRM: CHRM })).toBeDefined()
    for (const wrong of [
      [0.1, 0.329, 0.64, 0.33, 0.21, 0.71, 0.15, 0.06],
      [0.6, 0.29, 0.64, 0.33, 0.21, 0.71, 0.15, 0.06],
      [0.3127, 0.2, 0.64, 0.33, 0.21, 0.71, 0.15, 0.06],
      [0.3127, 0.55, 0.64, 0.33, 0.21, 0.71, 0.15, 0.06],
      [0.48, 0.48, 0.64, 0.33, 0.21, 0.71, 0.15, 0.06],
      [0.3127, 0.329, 0.64, 0.33, 0.21, 0.71, 0.15, 0],
      [0.3127, 0.329, 1.1, 0.33, 0.21, 0.71, 0.15, 0.06],
      [0.3127, 0.329, 0.64, 0.33, 0.64, 0.33, 0.15, 0.06],
    ])
      expect([wrong, await found({ gAMA: GAMA, cHRM: fixed(...wrong) })]).toEqual([
        wrong,
        makeRgbProfile(BT_709, power(0.5)),
      ])
  })

  it('of its codes, also where they are sRGB and its profile is not', async () => {
    expect(await found({ cICP: [12, 13, 0, 1], gAMA: GAMA })).toEqual(await found({ cICP: [12, 13, 0, 1] }))
    expect(await found({ cICP: [12, 13, 0, 1] })).toBeDefined()
    expect(await found({ cICP: [1, 13, 0, 1], iCCP: ANY })).toEqual(makeRgbProfile(BT_709, { kind: 'srgb' }))
  })

  it.each<readonly [string, Parameters<typeof withChunks>[0]]>([
    ['nothing is said', {}],
    ['there is one', { iCCP: ANY, gAMA: GAMA }],
    ['it is sRGB by name', { sRGB: ANY, gAMA: GAMA }],
    ['it is sRGB by codes', { cICP: [1, 13, 0, 1], gAMA: GAMA }],
    ['it is sRGB by its gamma', { gAMA: fixed(0.4588) }],
    ['its gamma is a mistake', { gAMA: fixed(0.09) }],
    ['its gamma is another mistake', { gAMA: fixed(10.1) }],
    ['its gamma is cut off', { gAMA: [0, 0, 1] }],
    ['it has primaries and no gamma', { cHRM: CHRM }],
    ['its codes are not of RGB', { cICP: [12, 13, 1, 1] }],
    ['its codes are of a range for video', { cICP: [12, 13, 0, 0] }],
  ])('never where %s', async (_, chunks) => {
    expect(await found(chunks)).toBeUndefined()
  })

  it('never of another gamma than near sRGB for that', async () => {
    expect(await found({ gAMA: fixed(0.4646) })).toBeDefined()
  })
})

it('greys of sixteen bits are known', async () => {
  const spaces = ['srgb', 'b-w', 'rgb16', 'grey16'] as const
  const pngs = await Promise.all(spaces.map(makePng))
  expect(pngs.map(isDeepGreyPng)).toEqual([false, false, false, true])
})
