import { afterAll, describe, expect, it } from 'vitest'
import { makeBmp, makeIco } from '../files/bitmap.ts'
import { BITMAPS } from '../files/bitmaps.ts'
import { ask, codeOf, LIMITS, look, openTestRenderer, QUICK, renderOne } from './support.ts'

const renderer = openTestRenderer()
const showing = openTestRenderer({ limits: { ...LIMITS, damaged: 'show' } })
afterAll(() => Promise.all([renderer.close(), showing.close()]))

const render = (bytes: Buffer) => ({ bytes: Buffer.from(bytes), outputs: [ask('21w.q80')], encoders: QUICK })

const bitmapOf = (wanted: string): Buffer => BITMAPS.find(([name]) => name === wanted)?.[1] ?? Buffer.of()

describe('a bitmap or an icon', () => {
  // What is in them, Chromium is asked: test/e2e/browser-look.test.ts.
  it.each(BITMAPS)('is read: %s', async (name, bytes) => {
    const { facts } = await renderer.inspect(Buffer.from(bytes))
    expect(facts.mediaFormat).toBe(name.includes('icon') ? 'ico' : 'bmp')
    expect([facts.width, facts.height]).toEqual(name.includes('PNGs') ? [40, 40] : [21, 13])
    const seen = await look((await renderOne(renderer, bytes, `${facts.width}w.q80`)).bytes)
    expect([seen.width, seen.height]).toEqual([facts.width, facts.height])
  })

  const plain = (x: number, y: number) => (x + y) % 16
  const inRuns = (even: number, odd: number) => (x: number) => (x >= 16 ? x - 15 : x % 2 === 0 ? even : odd)
  it.each([
    ['a BMP of 8 bits', plain],
    ['a BMP of 4 bits', plain],
    ['a BMP of 8 bits in runs', inRuns(7, 7)],
    ['a BMP of 4 bits in runs', inRuns(7, 10)],
  ])('shows the colours of its palette: %s', async (name, indexAt) => {
    const seen = await look((await renderOne(renderer, bitmapOf(name), '21w.q80 png')).bytes)
    for (const [x, y] of [0, 1, 2, 15, 16, 17, 20].flatMap((x) => [[x, 0] as const, [x, 12] as const])) {
      const grey = indexAt(x, y) * 17
      expect(seen.at(x, y)).toEqual([grey, grey, 255 - grey, 255])
    }
  })

  it('is black where its runs skip, as in browsers, and has no alpha for that', async () => {
    const bytes = bitmapOf('a BMP whose runs skip')
    expect((await renderer.inspect(Buffer.from(bytes))).facts.hasAlpha).toBe(false)
    const seen = await look((await renderOne(renderer, bytes, '21w.q80 png')).bytes)
    const black = [0, 0, 0, 255]
    expect([seen.at(5, 12), seen.at(0, 9), seen.at(7, 9), seen.at(0, 0)]).toEqual([
      black,
      black,
      black,
      black,
    ])
    expect([seen.at(4, 12), seen.at(4, 9), seen.at(20, 8)]).toEqual(
      [3, 9, 12].map((i) => [i * 17, i * 17, 255 - i * 17, 255]),
    )
  })

  it('whose runs end before its last row is cut off', async () => {
    const bytes = bitmapOf('a BMP of 8 bits in runs')
    expect(await codeOf(renderer.render(render(bytes.subarray(0, -100))))).toBe('image-corrupt')
    const { outputs } = await showing.render(render(bytes.subarray(0, -100)))
    const [output] = outputs
    if (output === undefined || !('bytes' in output)) throw output
    expect((await look(output.bytes)).at(0, 0)).toEqual([0, 0, 0, 0])
    // Without the mark of its end, and of that of its last row.
    expect(await codeOf(renderer.render(render(bytes.subarray(0, -2))))).toBe('none')
    expect(await codeOf(renderer.render(render(bytes.subarray(0, -4))))).toBe('none')
  })

  it.each([24, 8])('of %d bits looks the same where OS/2 wrote it', async (bits) => {
    const bytesOf = async (name: string) => (await renderOne(renderer, bitmapOf(name), '21w.q80')).bytes
    const name = `a BMP of ${bits} bits`
    expect(await bytesOf(`${name} from OS/2`)).toEqual(await bytesOf(name))
  })

  it('is refused where it is cut off, and shown as far as it goes on request', async () => {
    const bytes = bitmapOf('a BMP of 24 bits').subarray(0, 14 + 40 + 64 * 6)
    expect(await codeOf(renderer.render(render(bytes)))).toBe('image-corrupt')
    const { outputs, damage } = await showing.render(render(bytes))
    expect(damage).toContain('ends before its last row')
    const [output] = outputs
    if (output === undefined || !('bytes' in output)) throw output
    const seen = await look(output.bytes)
    expect([seen.at(20, 12)[3], seen.at(20, 2)[3]]).toEqual([255, 0])
  })

  it('is said to be cut off where its header is', async () => {
    const bytes = BITMAPS[0]?.[1].subarray(0, 30) ?? Buffer.of()
    await expect(renderer.render(render(bytes))).rejects.toThrow('it ends too early')
  })

  it.each([
    ['of no size', makeBmp({ width: 0, height: 5, bits: 24, rows: Buffer.alloc(99) }), 'image-corrupt'],
    [
      'of too many pixels',
      makeBmp({ width: 60_000, height: 60_000, bits: 24, rows: Buffer.alloc(99) }),
      'too-many-pixels',
    ],
    [
      'that holds a JPEG',
      makeBmp({ width: 5, height: 5, bits: 24, compression: 4, rows: Buffer.alloc(99) }),
      'image-unsupported',
    ],
    [
      'that ends in its header',
      makeBmp({ width: 5, height: 5, bits: 24, rows: Buffer.of() }).subarray(0, 20),
      'image-corrupt',
    ],
    ['without a picture', makeIco([]), 'not-an-image'],
    ['whose picture is not there', makeIco([{ width: 5, height: 5, data: Buffer.of() }]), 'image-corrupt'],
  ])('%s says so', async (_, bytes, code) => {
    expect(await codeOf(renderer.inspect(Buffer.from(bytes)))).toBe(code)
  })
})
