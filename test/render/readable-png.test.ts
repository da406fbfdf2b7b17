import { expect, it } from 'vitest'
import { toReadablePng } from '../../src/render/readable-png.ts'
import { COLOURS } from '../files/colours.ts'
import { LEFT_ALONE, READABLE } from '../files/readable-pngs.ts'
import { isNear, look, openFileRenderer, renderOne } from './support.ts'

const renderer = openFileRenderer()

it.each(READABLE)('%s is shown as browsers show it', async (_, bytes, rgba) => {
  const { at } = await look((await renderOne(renderer, bytes, '10w.q90 png')).bytes)
  expect(at(5, 2)).toSatisfy((seen: readonly number[]) => isNear(seen, rgba, 1))
})

it.each(LEFT_ALONE)('an animation of %s stays what it is', (_, bytes) => {
  expect(toReadablePng(bytes)).toBeUndefined()
})

it.each(COLOURS.filter(([name]) => name.includes('grey of 16 bits')))(
  '%s is brought to sRGB',
  async (_, bytes) => {
    const [before] = (await look(bytes)).at(4, 4)
    const [after] = (await look((await renderOne(renderer, bytes, 'full.q90 png')).bytes)).at(4, 4)
    expect([before, after]).toEqual([54, 128])
  },
)
