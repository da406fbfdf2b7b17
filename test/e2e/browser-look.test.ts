import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BITMAPS } from '../files/bitmaps.ts'
import { COLOURS } from '../files/colours.ts'
import { makeExif } from '../files/exif.ts'
import { HARMLESS } from '../files/faults.ts'
import { HIGH_RANGE, HLG } from '../files/high-range.ts'
import { PLAIN_INKS } from '../files/inks.ts'
import { ORIENTATIONS } from '../files/orientations.ts'
import { addChunks } from '../files/png.ts'
import { READABLE } from '../files/readable-pngs.ts'
import { IGNORED, IN_P3, WIDE } from '../files/wide.ts'
import { isNear, look, openFileRenderer, photo, renderOne } from '../render/support.ts'
import { openBrowser } from '../support/browser.ts'
import { makeSharedFolder } from '../support/folder.ts'
import { installPackages } from '../support/packages.ts'

const renderer = openFileRenderer()
let browser: Browser
let page: Page
const RASTERS = ['jpg', 'png', 'webp', 'avif']
const OPAQUE_OR_NOT = RASTERS.slice(1)
const folder = makeSharedFolder()

beforeAll(async () => {
  browser = await openBrowser()
  page = await browser.newPage()
  await installPackages({ what: "libavif's programs", packages: ['libavif-bin'], programs: ['avifenc'] })
})

afterAll(async () => {
  await browser.close()
})

interface Shown {
  readonly width: number
  readonly height: number
  /** Of red, green, blue and alpha. */
  readonly samples: Uint8Array
}

/** What the browser shows of a picture, at its own size; of an animation, its first frame. */
const show = async (bytes: Uint8Array, type = '', colorSpace = 'srgb'): Promise<Shown> => {
  const url = `data:${type};base64,${Buffer.from(bytes).toString('base64')}`
  const script = SHOW.replace('URL', url).replace('SPACE', colorSpace)
  const { samples, ...size } = await page.evaluate<{ width: number; height: number; samples: string }>(script)
  return { ...size, samples: Buffer.from(samples, 'base64') }
}

const SHOW = `(async () => {
  const picture = new Image()
  await new Promise((resolve, reject) => {
    picture.onload = resolve
    picture.onerror = () => reject(new Error('it is not shown'))
    picture.src = 'URL'
  })
  const canvas = new OffscreenCanvas(picture.naturalWidth, picture.naturalHeight)
  const context = canvas.getContext('2d', { colorSpace: 'SPACE' })
  context.drawImage(picture, 0, 0)
  const { width, height, data } = context.getImageData(0, 0, canvas.width, canvas.height)
  // As an array of numbers it would take most of the time of these tests.
  let samples = ''
  for (let i = 0; i < data.length; i += 10_000) samples += String.fromCharCode(...data.subarray(i, i + 10_000))
  return { width, height, samples: btoa(samples) }
})()`

/** Mean difference of what stands on white, of 255. */
const expectAlike = async (bytes: Buffer, type?: string, most = 2): Promise<void> => {
  const shown = await show(bytes, type)
  const ours = await look((await renderOne(renderer, bytes, `${shown.width}w.q80`)).bytes)
  expect([ours.width, ours.height]).toEqual([shown.width, shown.height])
  const onWhite = (samples: ArrayLike<number>, i: number): number => {
    const alpha = (samples[i - (i % 4) + 3] ?? 0) / 255
    return (samples[i] ?? 0) * alpha + 255 * (1 - alpha)
  }
  let sum = 0
  for (let i = 0; i < ours.samples.length; i++)
    if (i % 4 < 3) sum += Math.abs(onWhite(ours.samples, i) - onWhite(shown.samples, i))
  expect(sum / (ours.samples.length * 0.75)).toBeLessThan(most)
}

describe('Chromium shows the same', () => {
  it.each(BITMAPS)('of %s', async (_, bytes) => expectAlike(bytes))

  it.each(ORIENTATIONS.filter(([name]) => !name.includes('TIFF')))('of %s', async (_, __, bytes) =>
    expectAlike(bytes),
  )

  // Of a JPEG without its end mark Chromium leaves out the last rows; for the end of a WebP it waits in vain.
  it.each(HARMLESS.filter(([name]) => !/JPEG.* end mark|says it is longer/.test(name)))(
    'of %s',
    async (_, bytes) => expectAlike(bytes),
  )

  it.each(COLOURS)('of a PNG of %s', async (_, bytes) => expectAlike(bytes))

  it.each([...HIGH_RANGE, ['HLG', HLG, 0] as const])('of a PNG in high range, %s', async (_, bytes) =>
    expectAlike(bytes),
  )

  it('of a turned PNG in grey of 16 bits, with a curve', async () => {
    const deep = await photo(60, 40).toColourspace('grey16').png().toBuffer()
    const linear = Buffer.from('000186a0', 'hex')
    await expectAlike(
      addChunks(deep, [
        ['gAMA', linear],
        ['eXIf', makeExif(6)],
      ]),
    )
  })

  it.each(READABLE)('of %s', async (_, bytes) => expectAlike(bytes))

  it.each(PLAIN_INKS)('of %s', async (_, bytes) => expectAlike(bytes))

  it.each(IGNORED)('of %s', async (_, bytes) => expectAlike(bytes))

  const SHOWN = [...IN_P3, ...WIDE].filter(([name]) => !name.includes('TIFF'))
  it.each(SHOWN)('of %s, on a screen of wide colours as well', async (name, bytes) => {
    const wanted = await show(bytes, '', 'display-p3')
    for (const format of name.includes('alpha') ? OPAQUE_OR_NOT : RASTERS) {
      const file = (await renderOne(renderer, bytes, `full.q95 ${format}`)).bytes
      const { samples } = await show(file, '', 'display-p3')
      for (const at of [(16 * 64 + 16) * 4, (16 * 64 + 48) * 4, (48 * 64 + 16) * 4, (48 * 64 + 48) * 4]) {
        const [ours, theirs] = [[...samples.subarray(at, at + 4)], [...wanted.samples.subarray(at, at + 4)]]
        expect([format, ours, isNear(ours, theirs, 6)]).toEqual([format, ours, true])
      }
    }
  })

  it.each([
    ['turned', ['--irot', '1']],
    ['mirrored', ['--imir', '0']],
    ['turned and mirrored', ['--irot', '3', '--imir', '1']],
    ['of 10 bits', ['-d', '10']],
    ['of full chroma', ['-y', '444']],
    ['in grey', ['-y', '400']],
    ['of a limited range', ['-r', 'limited']],
    ['in grey of a limited range', ['-y', '400', '-r', 'limited']],
    ['in grey of a limited range and 10 bits', ['-y', '400', '-r', 'limited', '-d', '10']],
    ['in grey of a limited range and PQ', ['-y', '400', '-r', 'limited', '-d', '10', '--cicp', '9/16/9']],
    ['of wide primaries by its codes', ['--cicp', '12/13/6']],
    ['of 10 bits and wide primaries', ['-d', '10', '--cicp', '9/13/9']],
    ["of digital cinema's white and video's curve by its codes", ['--cicp', '11/1/6']],
    ['of linear light', ['--cicp', '1/8/6']],
    ['in PQ', ['-d', '10', '--cicp', '9/16/9']],
    ['in HLG', ['-d', '10', '--cicp', '9/18/9']],
    ['that leaves open how it is coded', ['--cicp', '2/2/2']],
  ])('of an AVIF %s', async (_, options) => expectAlike(await encodeAvif(options, 1), 'image/avif'))

  it('of a sequence of AVIF frames, its first', async () => {
    const bytes = await encodeAvif(['--fps', '1'], 3)
    expect(bytes.toString('latin1', 8, 12)).toBe('avis')
    // Another frame would be 30 away; of a sequence Chromium takes the colours to be coded a little otherwise.
    await expectAlike(bytes, 'image/avif', 6)
  })
})

const encodeAvif = async (options: readonly string[], frames: number): Promise<Buffer> => {
  const names = Array.from({ length: frames }, (_, i) => join(folder, `${i}.png`))
  for (const [i, name] of names.entries())
    await writeFile(
      name,
      await photo(64, 48)
        .modulate({ hue: i * 90 })
        .png()
        .toBuffer(),
    )
  const output = join(folder, 'out.avif')
  await promisify(execFile)('avifenc', [...options, ...names, '-o', output])
  return readFile(output)
}
