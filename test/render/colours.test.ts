import sharp from 'sharp'
import { afterAll, describe, expect, it } from 'vitest'
import { BT_709 } from '../../src/render/coded-colours.ts'
import { isSrgbProfile } from '../../src/render/colours.ts'
import { readPictureHeader } from '../../src/render/header.ts'
import { makeGreyProfile, makeRgbProfile } from '../../src/render/icc-profile.ts'
import { openSsimulacra2 } from '../../src/render/ssimulacra2.ts'
import { makeExif } from '../files/exif.ts'
import { insertAtStart, toExifSegment } from '../files/jpeg.ts'
import { IGNORED, IN_P3, NOT_WIDE, NUMBERS, PROFILES, WIDE, withProfile } from '../files/wide.ts'
import {
  ask,
  GREEN,
  isNear,
  look,
  openTestRenderer,
  photo,
  plain,
  QUICK,
  renderAll,
  renderOne,
} from './support.ts'

const renderer = openTestRenderer()
const converting = openTestRenderer({ colors: 'srgb' })
afterAll(() => Promise.all([renderer.close(), converting.close()]))

/** The profile of a file, and its numbers in the middle of each quarter, whatever they mean. */
const read = async (bytes: Uint8Array) => {
  const { data, info } = await sharp(bytes, { ignoreIcc: true })
    .toColourspace('srgb')
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
  const { width, height } = info
  const at = (x: number, y: number) => {
    const start = (Math.floor(y * height) * width + Math.floor(x * width)) * 4
    return [...data.subarray(start, start + 4)]
  }
  const { icc } = await sharp(bytes).metadata()
  return { icc, width, numbers: [at(0.25, 0.25), at(0.75, 0.25), at(0.25, 0.75), at(0.75, 0.75)] }
}

const expectNumbers = (
  seen: readonly (readonly number[])[],
  wanted: readonly (readonly number[])[],
  tolerance: number,
) => {
  for (const [i, numbers] of wanted.entries())
    expect([seen[i], numbers, isNear(seen[i] ?? [], numbers, tolerance)]).toEqual([seen[i], numbers, true])
}

/** What lcms makes of a picture in Display P3, by way of sixteen bits. */
const byLcms = async (bytes: Buffer) => {
  const deep = await sharp(bytes, { ignoreIcc: true }).toColourspace('rgb16').png().toBuffer()
  const { icc } = await sharp(bytes).metadata()
  const wide = await sharp(withProfile(deep, icc ?? Buffer.of()))
    .withIccProfile('p3')
    .png()
    .toBuffer()
  return (await read(wide)).numbers
}

const p3Png = IN_P3.find(([name]) => name === 'a PNG')?.[1] ?? Buffer.of()
const p3Jpeg = IN_P3.find(([name]) => name === 'a JPEG')?.[1] ?? Buffer.of()
const FORMATS = ['jpg', 'png', 'webp', 'avif'] as const

const ASKED = FORMATS.map((format) => `32w.q95 ${format}`)
const CLEAR_ON_WHITE: ReadonlySet<string> = new Set(
  IN_P3.flatMap(([name]) => (name.includes('alpha') ? [name] : [])),
)

describe('a profile is that of sRGB', () => {
  const srgb = { kind: 'srgb' } as const
  const copy = makeRgbProfile(BT_709, srgb)
  const lightOf = (number: number): number =>
    number <= 0.04045 ? number / 12.92 : ((number + 0.055) / 1.055) ** 2.4
  const sampled = (count: number): Buffer => {
    const bytes = Buffer.alloc(12 + count * 2)
    bytes.write('curv', 'latin1')
    bytes.writeUInt32BE(count, 8)
    for (let i = 0; i < count; i++)
      bytes.writeUInt16BE(Math.round(lightOf(i / (count - 1)) * 65_535), 12 + i * 2)
    return makeRgbProfile(BT_709, { kind: 'tag', bytes })
  }

  /** Of a type that is not the standard's: browsers do not obey it, lcms does. */
  const withoutColours = (icc: Buffer): Buffer => {
    const odd = Buffer.from(icc)
    for (let at = odd.indexOf('XYZ ', 128); at > 0; at = odd.indexOf('XYZ ', at + 4))
      odd.write('ABC ', at, 'latin1')
    return odd
  }

  it.each<readonly [string, Buffer, boolean]>([
    ['with its formula', copy, true],
    ['with 1,024 samples', sampled(1024), true],
    ['with 8 samples: its darks are others', sampled(8), false],
    ['with primaries a little rounded', makeRgbProfile({ ...BT_709, red: [0.6401, 0.33] }, srgb), true],
    ['with a red of 0.645', makeRgbProfile({ ...BT_709, red: [0.645, 0.33] }, srgb), false],
    [
      'with a power of 2.2: its darks are others',
      makeRgbProfile(BT_709, { kind: 'power', exponent: 2.2 }),
      false,
    ],
    ['with the primaries of Display P3', PROFILES.p3, false],
    ['of greys', makeGreyProfile(srgb), false],
    ['that is cut off', copy.subarray(0, 200), false],
  ])('%s', (_, icc, expected) => {
    expect(isSrgbProfile(icc)).toBe(expected)
  })

  it.each([
    ['colours', photo(9, 9), copy, true],
    ['colours of sixteen bits', photo(9, 9).toColourspace('rgb16'), copy, true],
    ['colours', photo(9, 9), PROFILES.adobe, undefined],
    ['primaries that are no colours', photo(9, 9), withoutColours(PROFILES.adobe), true],
  ])('and where it is, nothing is converted: %s', async (_, picture, icc, expected) => {
    const { ignoresProfile } = await readPictureHeader(withProfile(await picture.png().toBuffer(), icc))
    expect(ignoresProfile).toBe(expected)
  })

  it.each(FORMATS)('and a %s of it has the numbers of its source', async (format) => {
    for (const depth of ['srgb', 'rgb16']) {
      const picture = plain(32, 32, [200, 60, 30]).toColourspace(depth)
      const bytes = withProfile(await picture.png().toBuffer(), copy)
      const { icc, numbers } = await read((await renderOne(renderer, bytes, `full.q95 ${format}`)).bytes)
      expect(icc).toBeUndefined()
      expectNumbers(numbers, [[200, 60, 30]], format === 'png' ? 0 : 4)
    }
  })
})

describe('wide colours', () => {
  it.each(IN_P3)(
    'of %s in Display P3 stay what they are in every format that can say so',
    async (name, bytes) => {
      for (const [index, { bytes: file }] of (await renderAll(renderer, bytes, ASKED)).entries()) {
        const { icc, numbers } = await read(file)
        expect(icc).toEqual(PROFILES.p3)
        expect(icc).toHaveLength(480)
        const isWhite = FORMATS[index] === 'jpg' && CLEAR_ON_WHITE.has(name)
        expectNumbers(numbers, isWhite ? NUMBERS.slice(0, 3) : NUMBERS, 5)
      }
    },
  )

  it.each(WIDE)('of %s come to Display P3 as lcms brings them', async (_, bytes) => {
    const { icc, numbers } = await read((await renderOne(renderer, bytes, '32w.q95 png')).bytes)
    expect(icc).toEqual(PROFILES.p3)
    // Six numbers of the darkest are two thousandths of light.
    expectNumbers(numbers, await byLcms(bytes), 6)
  })

  it.each(NOT_WIDE)('are not seen in %s', async (_, bytes) => {
    const [png, avif] = await renderAll(renderer, bytes, ['full.q95 png', '32w.q95 avif'])
    const before = await renderOne(converting, bytes, 'full.q95 png')
    expect((await read(png?.bytes ?? bytes)).icc).toBeUndefined()
    expect((await read(avif?.bytes ?? bytes)).icc).toBeUndefined()
    expect(png?.bytes).toEqual(before.bytes)
  })

  it.each(IGNORED)('are what the numbers say in %s', async (_, bytes) => {
    expectNumbers((await read((await renderOne(renderer, bytes, 'full.q95 png')).bytes)).numbers, NUMBERS, 3)
  })

  it('come to sRGB where that is asked for, and in a GIF', async () => {
    const srgb = [
      [255, 0, 0],
      [0, 255, 0],
      [0, 0, 255],
      [217, 42, 0],
    ] as const
    for (const [name, bytes] of IN_P3.filter(([name]) => !name.includes('half'))) {
      for (const { bytes: file } of await renderAll(converting, bytes, ASKED.slice(1))) {
        const { icc, numbers } = await read(file)
        expect([name, icc]).toEqual([name, undefined])
        expectNumbers(numbers, srgb, 5)
      }
      const gif = await renderOne(renderer, bytes, '32w.q80 gif')
      expect((await read(gif.bytes)).icc).toBeUndefined()
      expectNumbers((await read(gif.bytes)).numbers, srgb, 6)
    }
  })

  it('of what shines through keep their alpha', async () => {
    for (const [, bytes] of IN_P3.filter(([name]) => name.includes('alpha')))
      for (const { bytes: file } of await renderAll(renderer, bytes, [
        '32w.q95 png',
        '32w.q95 webp',
        '32w.q95 avif',
      ]))
        expectNumbers(
          (await read(file)).numbers,
          [...NUMBERS.slice(0, 3).map((each) => [...each, 255]), [200, 60, 30, 128]],
          6,
        )
  })

  it('of a turned JPEG are turned with it', async () => {
    const turned = insertAtStart(p3Jpeg, toExifSegment(makeExif(3)))
    for (const { bytes } of await renderAll(renderer, turned, ASKED)) {
      const { icc, numbers } = await read(bytes)
      expect(icc).toEqual(PROFILES.p3)
      expectNumbers(numbers, NUMBERS.toReversed(), 5)
    }
  })

  it('stand beside who made the picture', async () => {
    const signed = await sharp(p3Jpeg)
      .keepIccProfile()
      .withExif({ IFD0: { Copyright: 'Ann' } })
      .jpeg({ quality: 30 })
      .toBuffer()
    for (const { bytes } of await renderAll(renderer, signed, [...ASKED, 'full.q95 jpg'])) {
      const { icc, exif } = await sharp(bytes).metadata()
      expect([icc, exif?.toString('latin1')]).toEqual([PROFILES.p3, expect.stringContaining('Ann')])
    }
  })

  it('move in a WebP, and come to sRGB in a GIF', async () => {
    const frames = Buffer.concat(NUMBERS.map((numbers) => Buffer.alloc(20 * 10 * 3, Buffer.from(numbers))))
    const raw = { width: 20, height: 40, channels: 3, pageHeight: 10 } as const
    const srgb = await sharp(frames, { raw })
      .withIccProfile('srgb')
      .webp({ lossless: true, delay: [50, 50, 50, 50] })
      .toBuffer()
    const [own] = IN_P3.filter(([name]) => name === 'a WebP').map(([, bytes]) => bytes)
    const profile = (await sharp(srgb).metadata()).icc ?? Buffer.of()
    expect(own?.indexOf(PROFILES.p3)).toBeGreaterThan(0)
    PROFILES.p3.copy(srgb, srgb.indexOf(profile))
    const [webp, gif] = await renderAll(renderer, srgb, ['10w.q95 webp', '10w.q80 gif'])
    for (const [page, numbers] of NUMBERS.entries()) {
      const frame = await sharp(webp?.bytes, { page, ignoreIcc: true }).removeAlpha().raw().toBuffer()
      expectNumbers([[...frame.subarray(0, 3)]], [numbers], 8)
      expect((await look(gif?.bytes ?? srgb, page)).at(3, 3).slice(0, 3)).toSatisfy(
        (seen: readonly number[]) => isNear(seen, page === 3 ? [217, 42, 0] : numbers, 8),
      )
    }
    expect((await sharp(webp?.bytes).metadata()).icc).toEqual(PROFILES.p3)
    expect(await sharp(webp?.bytes).metadata()).toMatchObject({ pages: 4, delay: [50, 50, 50, 50] })
  })

  it('lie beside a background and under a watermark that are of sRGB', async () => {
    const mark = await plain(16, 16, GREEN).png().toBuffer()
    const watermark = { id: '5ea1ed', bytes: mark, position: 'left', opacity: 1, scale: 0 } as const
    const marking = openTestRenderer({ watermark })
    try {
      const padded = await renderOne(marking, p3Png, '128x64.contain.bg-1eb43c.q80 png')
      const marked = await renderOne(marking, p3Png, 'full.wm-5ea1ed.q80 png')
      for (const { bytes } of [padded, marked]) {
        expect((await read(bytes)).icc).toEqual(PROFILES.p3)
        expect((await look(bytes)).at(4, 32)).toSatisfy((at: readonly number[]) => isNear(at, GREEN, 2))
      }
    } finally {
      await marking.close()
    }
  })

  it.each([[[]], [['full.q80 png', '32w.q80 png']]])(
    'have a preview and a point of attention in sRGB, beside results %j',
    async (asked) => {
      const bytes = withProfile(await plain(300, 200, [200, 60, 30]).png().toBuffer(), PROFILES.p3)
      const previewOf = (by: typeof renderer) =>
        by.render({ bytes: Buffer.from(bytes), outputs: asked.map(ask), encoders: QUICK, wantsPreview: true })
      const [wide, narrow] = [await previewOf(renderer), await previewOf(converting)]
      expect([wide.colors, narrow.colors]).toEqual(['keep', 'srgb'])
      expect(wide.attention).toEqual(narrow.attention)
      for (const { preview } of [wide, narrow]) expect(preview?.colour).toMatch(/^d92a0[01]$/)
    },
  )

  it.each(['JPEG', 'PNG', 'WebP'])(
    'of a %s at its own size are never more bytes than it is, its metadata taken out',
    async (kind) => {
      const source = IN_P3.find(([name]) => name === `a ${kind}`)?.[1] ?? p3Png
      const small =
        kind === 'JPEG' ? await sharp(source).keepIccProfile().jpeg({ quality: 30 }).toBuffer() : source
      const [file] = await renderAll(renderer, small, [
        `full.q95 ${kind === 'JPEG' ? 'jpg' : kind.toLowerCase()}`,
      ])
      const [ours, theirs] = [await read(file?.bytes ?? small), await read(small)]
      expect(file?.bytes.length).toBeLessThanOrEqual(small.length)
      expect(ours.icc).toEqual(PROFILES.p3)
      expect(ours.numbers).toEqual(theirs.numbers)
    },
  )

  it('are scored as their light is, whatever numbers say it', async () => {
    const metric = openSsimulacra2()
    const [width, height] = [160, 120]
    const original = await photo(width, height).raw().toBuffer()
    const worse = await sharp(await photo(width, height).jpeg({ quality: 40 }).toBuffer())
      .raw()
      .toBuffer()
    const toP3 = async (samples: Buffer) => {
      const png = await sharp(samples, { raw: { width, height, channels: 3 } })
        .withIccProfile('p3')
        .png()
        .toBuffer()
      return sharp(png, { ignoreIcc: true }).raw().toBuffer()
    }
    const score = metric.score({ width, height, samples: original }, { width, height, samples: worse })
    const [first, second] = [await toP3(original), await toP3(worse)]
    const inP3 = metric.score(
      { width, height, samples: first, gamut: 'p3' },
      { width, height, samples: second, gamut: 'p3' },
    )
    expect(Math.abs(inP3 - score)).toBeLessThan(1)
    const mistaken = metric.score({ width, height, samples: first }, { width, height, samples: second })
    expect(Math.abs(inP3 - score)).toBeLessThan(Math.abs(mistaken - score))
  })
})
