import { thumbHashToApproximateAspectRatio, thumbHashToAverageRGBA } from 'thumbhash'
import { afterAll, describe, expect, it } from 'vitest'
import { animate, ask, drawPixels, openTestRenderer, photo, plain, QUICK, RED, WHITE } from './support.ts'

describe('what a picture looks like before it is there', () => {
  const renderer = openTestRenderer()
  afterAll(() => renderer.close())

  const previewOf = async (bytes: Buffer) => {
    const { preview, attention, facts } = await renderer.render({
      bytes,
      outputs: [],
      encoders: QUICK,
      wantsPreview: true,
    })
    if (preview === undefined || attention === undefined) throw new Error('no preview')
    return { ...preview, attention, facts, hash: Buffer.from(preview.thumbhash, 'base64') }
  }
  const channels = (colour: string) => [0, 2, 4].map((at) => Number.parseInt(colour.slice(at, at + 2), 16))

  it('is a ThumbHash of its proportions and colours, and its dominant colour', async () => {
    const { hash, colour, facts } = await previewOf(await plain(900, 600).png().toBuffer())
    expect(facts).toMatchObject({ width: 900, height: 600, mediaFormat: 'png' })
    expect(thumbHashToApproximateAspectRatio(hash)).toBeCloseTo(1.5, 0)
    const { r, g, b, a } = thumbHashToAverageRGBA(hash)
    for (const [i, seen] of [r, g, b].entries()) expect(Math.abs(seen * 255 - (RED[i] ?? 0))).toBeLessThan(12)
    expect(a).toBe(1)
    expect(channels(colour)).toEqual([...RED])
    expect(hash.length).toBeLessThanOrEqual(25)
  })

  it('takes the colour of most of it, not the mean', async () => {
    const mostlyWhite = drawPixels(400, 300, (x) => (x < 120 ? RED : WHITE))
    const { colour } = await previewOf(await mostlyWhite.png().toBuffer())
    expect(channels(colour)).toEqual([...WHITE])
  })

  it('does not count what is transparent, and says that there is transparency', async () => {
    const clear = drawPixels(300, 200, (x) => (x < 60 ? [...RED, 255] : [0, 0, 0, 0]), 4)
    const { colour, hash } = await previewOf(await clear.png().toBuffer())
    expect(channels(colour)).toEqual([...RED])
    expect(thumbHashToAverageRGBA(hash).a).toBeLessThan(0.6)
  })

  it('is of the picture upright, in grey and in motion, too', async () => {
    const turned = await photo(400, 200).withMetadata({ orientation: 6 }).jpeg().toBuffer()
    expect(thumbHashToApproximateAspectRatio((await previewOf(turned)).hash)).toBeLessThan(1)
    const grey = await plain(200, 200, [120, 120, 120]).greyscale().png().toBuffer()
    expect((await previewOf(grey)).colour).toBe('787878')
    const moving = await previewOf(await animate(60, 40, 3, 'gif'))
    expect(channels(moving.colour)).toEqual([...RED])
    expect(moving.facts.frames).toBe(3)
  })

  it('is no worse where the pixels that a size needed are fewer in one side', async () => {
    for (const orientation of [1, 6]) {
      const bytes = await photo(1000, 600).withMetadata({ orientation }).jpeg().toBuffer()
      const { preview } = await renderer.render({
        bytes: Buffer.from(bytes),
        outputs: [ask('90x600.fill.q80 webp')],
        encoders: QUICK,
        wantsPreview: true,
      })
      const { thumbhash, colour } = await previewOf(Buffer.from(bytes))
      expect(preview).toEqual({ thumbhash, colour })
    }
  })

  it('is much the same from the pixels that the sizes needed', async () => {
    const bytes = await photo(900, 600).jpeg().toBuffer()
    const alone = await previewOf(Buffer.from(bytes))
    const { preview, attention } = await renderer.render({
      bytes: Buffer.from(bytes),
      outputs: [ask('640w.q80 webp')],
      encoders: QUICK,
      wantsPreview: true,
    })
    if (preview === undefined || attention === undefined) throw new Error('no preview')
    const [own, other] = [alone.hash, Buffer.from(preview.thumbhash, 'base64')].map(thumbHashToAverageRGBA)
    for (const channel of ['r', 'g', 'b'] as const)
      expect(Math.abs((own?.[channel] ?? 0) - (other?.[channel] ?? 9))).toBeLessThan(0.03)
    expect(Math.abs(alone.attention.x - attention.x)).toBeLessThan(70)
  })

  it('finds the eye where attention crops, and is not there unasked', async () => {
    const spot = drawPixels(800, 400, (x, y) =>
      Math.hypot(x - 680, y - 200) < 60 ? [224, 172, 140] : [90, 110, 90],
    )
    const bytes = await spot.png().toBuffer()
    const { attention } = await previewOf(Buffer.from(bytes))
    expect(Math.abs(attention.x - 850)).toBeLessThan(100)
    const report = await renderer.render({ bytes: Buffer.from(bytes), outputs: [], encoders: QUICK })
    expect(report).not.toHaveProperty('preview')
    expect(report).not.toHaveProperty('attention')
  })
})
