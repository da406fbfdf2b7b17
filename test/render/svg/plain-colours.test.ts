import { expect, it } from 'vitest'
import { toPlainColours } from '../../../src/render/svg/plain-colours.ts'
import { look, openFileRenderer, renderOne } from '../support.ts'

const renderer = openFileRenderer()

// The numbers are Chromium's.
const COLOURS = [
  ['oklch(0.7 0.15 150)', '#4cb86a'],
  ['oklch(70% 0.1 1.2rad / 50%)', '#c7935680'],
  ['oklch(70% 25% 68.7549deg)', '#c79356'],
  ['OKLCH(.5 0 none)', '#636363'],
  ['oklab(0.5 -0.1 0.05)', '#207544'],
  ['lab(60 40 30)', '#d9725e'],
  ['lch(50 20 .25turn)', '#807655'],
  ['color(display-p3 0.5 0.2314 0.1882)', '#8a362c'],
  ['color(display-p3 1 0 0/.5)', '#ff000080'],
  ['color(srgb 50% 0.2314 0.1882)', '#803b30'],
  ['color(srgb-linear 0.2 0.4 0.6 / 0.5)', '#7caacb80'],
  ['light-dark(oklch(0.7 0.15 150), #a00)', '#4cb86a'],
  ['light-dark(rgb(1, 2, 3), rgb(4, 5, 6))', 'rgb(1, 2, 3)'],
] as const

it.each(COLOURS)('%s is %s', (colour, hex) => {
  expect(toPlainColours(`<rect fill="${colour}"/>`)).toBe(`<rect fill="${hex}"/>`)
  expect(toPlainColours(`<style>a{stop-color: ${colour};r:1}</style>`)).toBe(
    `<style>a{stop-color: ${hex};r:1}</style>`,
  )
})

it.each(['CanvasText', 'windowtext', 'ButtonText'])(
  'the system colour %s is that of a light window',
  (name) => {
    expect(toPlainColours(`<a fill='${name}'/><style>a{stroke:${name}}</style>`)).toBe(
      `<a fill='black'/><style>a{stroke:black}</style>`,
    )
  },
)

it.each(['Canvas', 'window', 'Field'])('the system colour %s is white', (name) => {
  expect(toPlainColours(`<a fill="${name}"/>`)).toBe('<a fill="white"/>')
})

it.each([
  '<a fill="Button"/>',
  '<a fill="color(rec2020 1 0 0)"/>',
  '<a fill="color(constructor 1 0 0)"/>',
  '<a fill="oklch(0.7 0.15)"/>',
  '<a fill="lab(from red l a b)"/>',
  '<a fill="lab(1 2 3 4)"/>',
  '<a fill="lab(1 2 3/1/1)"/>',
  '<a fill="lab(1px 2 3)"/>',
  '<a id="Canvas" class="WindowText"/>',
  '<text>fill: oklch(0.7 0.15 150)</text>',
  '<a fill="color-mix(in srgb, red, blue)"/>',
])('%s stays', (drawing) => {
  expect(toPlainColours(drawing)).toBe(drawing)
})

it('a drawing is shown in them', async () => {
  const body = '<rect width="9" height="9" fill="oklch(0.7 0.15 150)"/>'
  const drawing = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">${body}</svg>`
  const { bytes } = await renderOne(renderer, Buffer.from(drawing), '9w.q80 png')
  expect((await look(bytes)).at(4, 4)).toEqual([0x4c, 0xb8, 0x6a, 255])
})
