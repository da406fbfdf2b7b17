import { expect, it } from 'vitest'
import { cleanSvg } from '../../../src/render/svg/clean-svg.ts'
import { openFilterFunctions } from '../../../src/render/svg/filter-functions.ts'
import { isNear, look, openFileRenderer, renderOne } from '../support.ts'

const renderer = openFileRenderer()

const draw = (body: string, root = ''): Buffer =>
  Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 12"${root}>${body}</svg>`)

const shown = async (body: string, root?: string, width = 24) =>
  look((await renderOne(renderer, draw(body, root), `${width}w.q80 png`)).bytes)

// By Chromium, of #ff8800.
it.each<readonly [value: string, red: number, green: number, blue: number]>([
  ['grayscale(1)', 151, 151, 151],
  ['GRAYSCALE()', 151, 151, 151],
  ['grayscale( 50% )', 203, 144, 76],
  ['saturate(20%)', 172, 148, 121],
  ['saturate(3)', 255, 105, 0],
  ['sepia(1)', 205, 182, 142],
  ['sepia(60%)', 225, 164, 85],
  ['invert(1)', 0, 119, 255],
  ['invert(30%)', 178, 131, 76],
  ['invert(200%)', 0, 119, 255],
  ['brightness(.5)', 128, 68, 0],
  ['brightness(+150%)', 255, 204, 0],
  ['contrast(50%)', 191, 132, 64],
  ['contrast(2)', 255, 145, 0],
  ['hue-rotate(90deg)', 0, 207, 48],
  ['hue-rotate(.25turn)', 0, 207, 48],
  ['hue-rotate(100grad)', 0, 207, 48],
  ['hue-rotate(0)', 255, 136, 0],
  ['brightness(0) invert(1)', 255, 255, 255],
  ['invert(1) brightness(0)', 0, 0, 0],
])('%s shows the colour that browsers show', async (value, ...expected) => {
  const rect = '<rect width="24" height="12" fill="#f80"'
  for (const body of [
    `<g style="fill:red; filter: ${value} ;stroke:none">${rect}/></g>`,
    `${rect} filter="${value}"/>`,
    `<style>.a{fill:red;filter:${value}}</style><g class="a">${rect}/></g>`,
  ])
    expect((await shown(body)).at(12, 6).slice(0, 3)).toSatisfy((at: number[]) => isNear(at, expected))
  const whole = await shown(`${rect}/>`, ` style="flex:none;filter:${value}"`, 480)
  expect(whole.at(470, 230).slice(0, 3)).toSatisfy((at: number[]) => isNear(at, expected))
})

it('shadows and blurs lie as far around a thin shape as they reach', async () => {
  const line = (filter: string): string =>
    `<rect x="4" y="1" width="16" height="2" fill="red" style="filter:${filter}"/>`
  expect((await shown(line('drop-shadow(0 8px 0 rgba(0, 0, 255, .5))'))).at(12, 10)).toEqual([0, 0, 255, 128])
  expect((await shown(line('drop-shadow(blue 2px 4px)'))).at(21, 6)).toEqual([0, 0, 255, 255])
  expect((await shown(line('drop-shadow(0 4px)'))).at(12, 6)).toEqual([0, 0, 0, 255])
  const [, , , soft] = (await shown(line('blur(2px)'))).at(12, 5)
  expect(soft).toBeGreaterThan(20)
  expect((await shown(line('opacity(30%)'))).at(12, 2)[3]).toBe(77)
})

it('one that nobody knows stays, as do parts of the drawing and words that are no filter', () => {
  for (const value of [
    'blur(1em)',
    'sepia(-1)',
    'sepia(a)',
    'drop-shadow(1px)',
    'drop-shadow(red 1px 1px blue)',
    'url(#a)',
  ])
    expect(openFilterFunctions(`<svg><g style="filter:${value}"></g></svg>`)).not.toContain('<filter')
  expect(openFilterFunctions('<svg><g style="backdrop-filter:sepia(1)"></g></svg>')).not.toContain('<filter')
  expect(openFilterFunctions('<svg><g filter="url(#a) sepia(1)"></g></svg>')).toContain(
    'filter="url(#a) url(#imgsizes-0)"',
  )
})

it('a drawing of many different ones hardly grows', () => {
  const many = Array.from({ length: 5_000 }, (_, at) => `<g filter="sepia(.${at})"/>`).join('')
  const opened = openFilterFunctions(`<svg>${many}</svg>`)
  expect(opened.split('<filter').length - 1).toBe(100)
  expect(opened.match(/sepia\(/g)?.length).toBeGreaterThan(4_700)
  expect(cleanSvg(draw('<g filter="sepia(1)"/>')).census.longestFilter).toBe(4)
  expect(cleanSvg(draw('<g/>')).census.longestFilter).toBe(0)
})
