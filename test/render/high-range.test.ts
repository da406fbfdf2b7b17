import sharp from 'sharp'
import { afterAll, describe, expect, it } from 'vitest'
import { findHighRange } from '../../src/render/high-range.ts'
import { DIM, HIGH_RANGE, HLG } from '../files/high-range.ts'
import { PROFILES } from '../files/wide.ts'
import { box, FILE_TYPE } from '../support/torture/avif.ts'
import { look, openTestRenderer, QUICK, renderAll, renderOne } from './support.ts'

const renderer = openTestRenderer()
const converting = openTestRenderer({ colors: 'srgb' })
afterAll(() => Promise.all([renderer.close(), converting.close()]))

/** The colour of a column of eight pixels. */
const columnOf = async (bytes: Uint8Array, column: number) => (await look(bytes)).at(column * 8 + 4, 4)

describe('a picture in high dynamic range', () => {
  it.each([...HIGH_RANGE, ['PQ up to 150 nits', DIM, 255] as const])(
    'in %s shows white of 203 nits as it should be',
    async (_, bytes, white) => {
      const seen = await columnOf((await renderOne(converting, bytes, 'full.q80 png')).bytes, 1)
      for (const channel of seen.slice(0, 3)) expect(Math.abs(channel - white)).toBeLessThanOrEqual(2)
    },
  )

  it('shows what is brighter than white up to its peak, with its hue', async () => {
    const [bytes] = HIGH_RANGE.map(([, bytes]) => bytes)
    const { bytes: shown } = await renderOne(converting, bytes ?? HLG, 'full.q80 png')
    const seen = await Promise.all([0, 2, 3, 4, 5, 6].map((column) => columnOf(shown, column)))
    expect(seen.map((each) => each.slice(0, 3))).toEqual([
      [136, 136, 136],
      [211, 211, 211],
      [255, 255, 255],
      [235, 0, 0],
      [43, 139, 191],
      [255, 177, 59],
    ])
  })

  it('keeps its alpha', async () => {
    const bytes = HIGH_RANGE.find(([name]) => name.includes('alpha'))?.[1] ?? HLG
    const [whole, half] = await renderAll(converting, bytes, ['full.q80 png', '28w.q80 png'])
    expect((await look(whole?.bytes ?? bytes)).at(12, 4)).toEqual([188, 188, 188, 128])
    expect((await look(half?.bytes ?? bytes)).at(6, 2)).toEqual([187, 187, 187, 128])
  })

  it('in HLG is shown as on a screen of 1,000 nits', async () => {
    const { bytes } = await renderOne(converting, HLG, 'full.q80 png')
    const seen = await Promise.all([0, 1, 2, 3].map((column) => columnOf(bytes, column)))
    expect(seen.map(([red]) => red)).toEqual([9, 32, 54, 255])
  })

  it('stays in Display P3 where wide colours are kept, with the same preview', async () => {
    const [bytes = HLG] = HIGH_RANGE.map(([, bytes]) => bytes)
    const previewOf = (by: typeof renderer) =>
      by.render({ bytes, outputs: [], encoders: QUICK, wantsPreview: true }).then(({ preview }) => preview)
    for (const { bytes: file } of await renderAll(renderer, bytes, ['full.q95 png', '28w.q95 jpg']))
      expect((await sharp(file).metadata()).icc).toEqual(PROFILES.p3)
    const wide = await renderOne(renderer, bytes, 'full.q95 png')
    const { data } = await sharp(wide.bytes, { ignoreIcc: true }).raw().toBuffer({ resolveWithObject: true })
    // The red of BT.2020 at 203 nits is beyond Display P3's, but less than beyond sRGB's.
    const [red = 0] = data.subarray((4 * 8 * 7 + 36) * 3)
    expect(red).toBeLessThan(235)
    expect(await previewOf(renderer)).toEqual(await previewOf(converting))
  })
})

describe('an AVIF', () => {
  const avif = (codes: readonly number[], ...more: readonly Buffer[]): Buffer => {
    const colours = box(
      'colr',
      Buffer.from('nclx'),
      Buffer.from([...codes.flatMap((code) => [0, code]), 0x80]),
    )
    return Buffer.concat([
      FILE_TYPE,
      box('meta', Buffer.alloc(4), box('iprp', box('ipco', colours, ...more))),
    ])
  }
  const level = box('clli', Buffer.from([0x01, 0x2c, 0, 50]))
  const volume = box('mdcv', Buffer.alloc(16), Buffer.from([0, 0x98, 0x96, 0x80, 0, 0, 0, 1]))

  it.each([
    ['PQ', avif([9, 16, 9]), { primaries: 9, transfer: 'pq', peakNits: 1000 }],
    ['HLG', avif([9, 18, 9]), { primaries: 9, transfer: 'hlg', peakNits: 1000 }],
    ['PQ without primaries', avif([2, 16, 2]), { primaries: 1, transfer: 'pq', peakNits: 1000 }],
    ['PQ up to a level', avif([9, 16, 9], level), { primaries: 9, transfer: 'pq', peakNits: 300 }],
    ['PQ made on a screen', avif([9, 16, 9], volume), { primaries: 9, transfer: 'pq', peakNits: 1000 }],
    ['PQ of both', avif([9, 16, 9], volume, level), { primaries: 9, transfer: 'pq', peakNits: 300 }],
    ['standard range', avif([12, 13, 6]), undefined],
    ['PQ of unknown primaries', avif([3, 16, 9]), undefined],
  ])('may be in %s', (_, bytes, meaning) => {
    expect(findHighRange('avif', bytes, undefined)).toEqual(meaning)
  })

  it('with a profile means what that says', () => {
    expect(findHighRange('avif', avif([9, 16, 9]), PROFILES.p3)).toBeUndefined()
  })
})
