import { deflateSync } from 'node:zlib'
import sharp from 'sharp'
import { afterAll, describe, expect, it } from 'vitest'
import {
  changed,
  gif,
  HARMLESS,
  HEIGHT,
  jpeg,
  moving,
  packed,
  png,
  progressive,
  rows,
  WIDTH,
  webp,
} from '../files/faults.ts'
import { replacePixelData } from '../files/png.ts'
import { changeTag, makeTiff, tiled } from '../files/tiff.ts'
import { grid } from '../support/torture/avif.ts'
import { ask, codeOf, LIMITS, likeness, look, openTestRenderer, photo, QUICK, renderOne } from './support.ts'

const strict = openTestRenderer()
const showing = openTestRenderer({ limits: { ...LIMITS, damaged: 'show' } })
afterAll(() => Promise.all([strict.close(), showing.close()]))

it.each(HARMLESS)('what loses nothing is no reason to refuse a picture %s', async (_, bytes, whole) => {
  const { outputs, damage } = await strict.render({
    bytes: Buffer.from(bytes),
    outputs: [ask('60w.q80 png')],
    encoders: QUICK,
  })
  expect(damage).toBeUndefined()
  const output = outputs[0]
  if (output === undefined || !('bytes' in output)) throw output
  expect(await likeness(output.bytes, (await renderOne(strict, whole, '60w.q80 png')).bytes)).toBeGreaterThan(
    60,
  )
})

it.each([
  ['is empty', (bytes: Buffer) => changeTag(bytes, 325, 0)],
  ['is damaged', (bytes: Buffer) => bytes.fill(0xff, bytes.length / 2, bytes.length / 2 + 200)],
])('a TIFF of which a tile %s is refused, and shown where that is asked for', async (_, damage) => {
  const bytes = damage(Buffer.from(tiled))
  expect(await codeOf(renderOne(strict, bytes, '60w.q80'))).toBe('image-corrupt')
  expect((await look((await renderOne(showing, bytes, '60w.q80')).bytes)).width).toBe(60)
})

it('a TIFF in JPEG whose strip is smaller than it says is refused', async () => {
  const samples = await photo(32, 32).toColourspace('b-w').jpeg().toBuffer()
  const make = (height: number) => makeTiff({ width: 32, height, compression: 7, samples })
  await renderOne(strict, make(32), 'full.q80')
  expect(await codeOf(renderOne(strict, make(64), 'full.q80'))).toBe('image-corrupt')
})

it('damage that its decoder does not explain is told without a reason', async () => {
  const bytes = changed(png, (copy) => copy.writeUInt32BE(0, 29)) // the checksum of its header
  await expect(renderOne(strict, bytes, '60w.q80')).rejects.toThrow(/^The picture is damaged or cut off\.$/)
})

it('a PNG of which a chunk is longer than the file is refused with the name of the chunk', async () => {
  const bytes = Buffer.concat([png.subarray(0, 33), Buffer.from('\x7f\0\0\0tEXt'), png.subarray(33)])
  await expect(renderOne(strict, bytes, '60w.q80')).rejects.toThrow(
    /cut off \(its chunk "tEXt" ends beyond the file\)/,
  )
})

const cut = (bytes: Buffer, share: number): Buffer => bytes.subarray(0, bytes.length * share)

it.each(HARMLESS.filter(([name]) => name.includes('JPEG')))(
  'what loses nothing hides no lost pixels in %s',
  async (_, bytes) => {
    const ended = Buffer.concat([cut(bytes, 0.6), jpeg.subarray(-2)])
    for (const damaged of [cut(bytes, 0.6), ended])
      expect(await codeOf(renderOne(strict, damaged, '60w.q80'))).toBe('image-corrupt')
  },
)

/** What there is of each: the upper quarter is all there, the lowest tenth is not; "grey" is what stands there. */
const DAMAGED: readonly (readonly [name: string, bytes: Buffer, rest: readonly number[] | undefined])[] = [
  ['a JPEG that is cut off', cut(jpeg, 0.6), [128, 128, 128, 255]],
  [
    'a JPEG that is cut off and ends well',
    Buffer.concat([cut(jpeg, 0.6), jpeg.subarray(-2)]),
    [128, 128, 128, 255],
  ],
  ['a PNG that is cut off', cut(png, 0.6), [128, 128, 128, 255]],
  [
    'a PNG whose pixels end too soon',
    replacePixelData(png, deflateSync(rows.subarray(0, rows.length / 2))),
    [128, 128, 128, 255],
  ],
  ['a GIF that is cut off', cut(gif, 0.6), undefined],
  ['a progressive JPEG that is cut off', cut(progressive, 0.8), undefined],
]

describe('what is lost is a reason', () => {
  it.each(DAMAGED)('to refuse %s, unless what there is of it is wanted', async (_, bytes, rest) => {
    const request = () => ({ bytes: Buffer.from(bytes), outputs: [ask('160w.q80 png')], encoders: QUICK })
    await expect(strict.render(request())).rejects.toMatchObject({
      code: 'image-corrupt',
      hint: expect.stringContaining("limits.damaged: 'show'"),
    })
    const { outputs, damage } = await showing.render(request())
    expect(damage).toContain('damaged or cut off')
    const [output] = outputs
    if (output === undefined || !('bytes' in output)) throw output
    const [seen, original] = [await look(output.bytes), await look(png)]
    const upper = WIDTH * (HEIGHT / 4) * 4
    let error = 0
    for (let i = 0; i < upper; i++) error += Math.abs((seen.samples[i] ?? 0) - (original.samples[i] ?? 0))
    expect(error / upper).toBeLessThan(12)
    if (rest !== undefined)
      for (const [i, value] of rest.entries())
        expect(Math.abs((seen.at(80, HEIGHT - 3)[i] ?? 0) - value)).toBeLessThan(3)
  })

  it('to show it anew at its own size, and never as the file that it is', async () => {
    const unfiltered = Buffer.from(rows)
    unfiltered[(rows.length / HEIGHT) * (HEIGHT - 3)] = 9 // there is no such filter
    const bytes = replacePixelData(png, deflateSync(unfiltered))
    const { bytes: shown } = await renderOne(showing, bytes, 'full.q80', {
      ...QUICK,
      png: { compressionLevel: 0 },
    })
    expect((await look(shown)).width).toBe(WIDTH)
    expect(await codeOf(renderOne(strict, shown, 'full.q80'))).toBe('none')
  })

  it('to refuse an animation that ends within a frame', async () => {
    const bytes = cut(moving, 0.9)
    expect(await codeOf(strict.inspect(Buffer.from(bytes)))).toBe('image-corrupt')
    const { facts, damage } = await showing.inspect(Buffer.from(bytes))
    expect([facts.frames, damage]).toEqual([3, expect.stringContaining('within a frame')])
  })

  it('which is told, not how its decoder looked for it', async () => {
    const whole = await sharp(png).avif({ effort: 0 }).toBuffer()
    const codes = changed(whole, (copy) => copy.fill(0, copy.indexOf('mdat') + 4))
    const box = changed(whole, (copy) => copy.fill('none', copy.indexOf('iinf'), copy.indexOf('iinf') + 4))
    await expect(renderOne(strict, codes, '60w.q80')).rejects.toThrow(/[(]heif: [^()]* decoder/)
    await expect(renderOne(strict, box, '60w.q80')).rejects.toThrow("(heif: Invalid input: No 'iinf' box")
  })

  it('to refuse an AVIF of tiles of which one is cut off, missing or damaged', async () => {
    const whole = await grid({ columns: 2, rows: 2, side: 64 })
    const codeFor = (bytes: Buffer) =>
      codeOf(strict.render({ bytes, outputs: [ask('60w.q80')], encoders: QUICK }))
    expect(await codeFor(Buffer.from(whole))).toBe('none')
    for (const wrong of [
      cut(whole, 0.97),
      changed(whole, (copy) => copy.fill(0, copy.indexOf('mdat') + 16)),
      await grid({ columns: 2, rows: 2, side: 64, tile: 3 }),
    ])
      expect(await codeFor(Buffer.from(wrong))).toBe('image-corrupt')
  })

  it('to refuse a PNG whose pixels are all there and not those that were meant', async () => {
    const wrong = changed(packed, (copy) => copy.fill(1, copy.length - 4))
    expect(
      await codeOf(
        strict.render({ bytes: replacePixelData(png, wrong, 1), outputs: [ask('60w.q80')], encoders: QUICK }),
      ),
    ).toBe('image-corrupt')
  })

  it('to refuse even where what there is of it is wanted, if nothing can be had', async () => {
    for (const bytes of [cut(webp, 0.5), png.subarray(0, 40)])
      expect(
        await codeOf(
          showing.render({ bytes: Buffer.from(bytes), outputs: [ask('60w.q80')], encoders: QUICK }),
        ),
      ).toBe('image-corrupt')
  })
})
