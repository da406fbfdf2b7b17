import { deflateSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import { insertAtStart, toSegment } from '../files/jpeg.ts'
import { addChunks, readPixelData, replacePixelData } from '../files/png.ts'
import {
  animate,
  ask,
  codeOf,
  LIMITS,
  likeness,
  look,
  openTestRenderer,
  photo,
  QUICK,
  renderOne,
} from './support.ts'

const strict = openTestRenderer()
const showing = openTestRenderer({ limits: { ...LIMITS, damaged: 'show' } })
afterAll(() => Promise.all([strict.close(), showing.close()]))

const [WIDTH, HEIGHT] = [160, 120]
const picture = photo(WIDTH, HEIGHT)
const jpeg = await picture.clone().jpeg({ quality: 90 }).toBuffer()
const progressive = await picture.clone().jpeg({ quality: 90, progressive: true }).toBuffer()
const png = await picture.clone().png().toBuffer()
const webp = await picture.clone().webp().toBuffer()
const gif = await picture.clone().gif().toBuffer()
const moving = await animate(60, 40, 3, 'gif')
const { packed, rows } = readPixelData(png)

const changed = (bytes: Buffer, change: (copy: Buffer) => void): Buffer => {
  const copy = Buffer.from(bytes)
  change(copy)
  return copy
}

const JFIF_3 = toSegment(0xe0, Buffer.from('JFIF\0\x03\x01\0\0\x01\0\x01\0\0', 'latin1'))
const ADOBE_7 = toSegment(0xee, Buffer.from('Adobe\0\x64\0\0\0\0\x07', 'latin1'))
const ICC_NONSENSE = toSegment(0xe2, Buffer.from('ICC_PROFILE\0\x01\x03abcd', 'latin1'))
const afterFirstSegment = (bytes: Buffer, extra: Buffer): Buffer => {
  const at = 4 + bytes.readUInt16BE(4)
  return Buffer.concat([bytes.subarray(0, at), extra, bytes.subarray(at)])
}
const scanEnd = (bytes: Buffer): number => {
  const start = bytes.indexOf('ffda', 0, 'hex')
  return start + 2 + bytes.readUInt16BE(start + 2) - 2
}

/** What browsers show whole: of each, the picture that it would be without the fault. */
const HARMLESS: readonly (readonly [name: string, bytes: Buffer, whole: Buffer])[] = [
  ['a JPEG with stray bytes between segments', afterFirstSegment(jpeg, Buffer.of(0, 1, 2)), jpeg],
  [
    'a JPEG with stray bytes before its end mark',
    Buffer.concat([jpeg.subarray(0, -2), Buffer.of(18, 52), jpeg.subarray(-2)]),
    jpeg,
  ],
  ['a JPEG of a JFIF revision to come', insertAtStart(jpeg, JFIF_3), jpeg],
  ['a JPEG of an unknown Adobe transform', insertAtStart(jpeg, ADOBE_7), jpeg],
  ['a JPEG with half a profile', insertAtStart(jpeg, ICC_NONSENSE), jpeg],
  [
    "a JPEG with a progressive scan's parameters",
    changed(jpeg, (copy) => copy.fill(0, scanEnd(jpeg), scanEnd(jpeg) + 1)),
    jpeg,
  ],
  ['a JPEG without its end mark', jpeg.subarray(0, -2), jpeg],
  ['a progressive JPEG without its end mark', progressive.subarray(0, -2), progressive],
  [
    'a progressive JPEG with zeros for its end mark',
    Buffer.concat([progressive.subarray(0, -2), Buffer.alloc(99)]),
    progressive,
  ],
  ['a JPEG with a film behind it', Buffer.concat([jpeg, Buffer.from('ftypmp42'.repeat(99))]), jpeg],
  ['a PNG whose pixels have a wrong CRC', replacePixelData(png, packed, 1), png],
  [
    'a PNG whose pixels have a wrong Adler sum',
    replacePixelData(
      png,
      changed(packed, (copy) => copy.fill(1, copy.length - 4)),
    ),
    png,
  ],
  ['a PNG whose pixels have no Adler sum', replacePixelData(png, packed.subarray(0, -4)), png],
  [
    'a PNG of too small a zlib window',
    replacePixelData(
      png,
      changed(packed, (copy) => copy.set([0x08, 0x1d])),
    ),
    png,
  ],
  ['a PNG without its end', png.subarray(0, -12), png],
  ['a PNG with a text of a wrong CRC', addChunks(png, [['tEXt', Buffer.from('a\0b'), 1]]), png],
  [
    'a PNG with too many pixels',
    replacePixelData(png, deflateSync(Buffer.concat([rows, Buffer.alloc(999)]))),
    png,
  ],
  [
    'a WebP that says it is longer',
    changed(webp, (copy) => void copy.writeUInt32LE(webp.length + 99, 4)),
    webp,
  ],
  ['a WebP with more behind it', Buffer.concat([webp, Buffer.alloc(99, 1)]), webp],
  ['a GIF without its end mark', gif.subarray(0, -1), gif],
  ['an animated GIF without its end mark', moving.subarray(0, -1), moving],
]

describe('what loses nothing is no reason to refuse a picture', () => {
  it.each(HARMLESS)('%s', async (_, bytes, whole) => {
    const { outputs, damage } = await strict.render({
      bytes: Buffer.from(bytes),
      outputs: [ask('60w.q80 png')],
      encoders: QUICK,
    })
    expect(damage).toBeUndefined()
    const output = outputs[0]
    if (output === undefined || !('bytes' in output)) throw output
    expect(
      await likeness(output.bytes, (await renderOne(strict, whole, '60w.q80 png')).bytes),
    ).toBeGreaterThan(60)
  })
})

const cut = (bytes: Buffer, share: number): Buffer => bytes.subarray(0, bytes.length * share)

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

  it('to refuse an animation that ends within a frame', async () => {
    const bytes = cut(moving, 0.9)
    expect(await codeOf(strict.inspect(Buffer.from(bytes)))).toBe('image-corrupt')
    const { facts, damage } = await showing.inspect(Buffer.from(bytes))
    expect([facts.frames, damage]).toEqual([3, expect.stringContaining('within a frame')])
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
