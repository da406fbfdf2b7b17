import { expect, it } from 'vitest'
import { cleanSvg } from '../../../src/render/svg/clean-svg.ts'
import { SVG_SIZES } from '../../support/svg-sizes.ts'

const measure = (attributes: string): readonly number[] => {
  const { size } = cleanSvg(Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" ${attributes}/>`))
  return [Math.round(size.width), Math.round(size.height)]
}

it.each(SVG_SIZES)('a drawing with %s is %i × %i', (attributes, width, height) => {
  expect(measure(attributes)).toEqual([width, height])
})

it.each([
  ['viewBox="0 0 640 480"', 640, 480],
  ['width="100%" height="50%" viewBox="-5 -5 30 10"', 30, 10],
  ['width="0" height="-1" viewBox="0 0 30 10"', 30, 10],
])('a drawing with %s has the sides of its view box', (attributes, width, height) => {
  expect(measure(attributes)).toEqual([width, height])
})
