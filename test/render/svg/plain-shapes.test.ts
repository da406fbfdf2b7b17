import { expect, it } from 'vitest'
import { toPlainShapes } from '../../../src/render/svg/plain-shapes.ts'
import { look, openFileRenderer, renderOne } from '../support.ts'

const renderer = openFileRenderer()

const shown = async (body: string) => {
  const drawing = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 12">${body}</svg>`
  return look((await renderOne(renderer, Buffer.from(drawing), '24w.q80 png')).bytes)
}

it.each([
  'radialGradient r="0"',
  'radialGradient cx="40%" r="0%" fx="40%"',
  'radialGradient cx="9" r="0.0" gradientUnits="userSpaceOnUse"',
  'linearGradient x1=".5" x2=".5" y1="1" y2="1"',
  'linearGradient x2="0"',
  'linearGradient x2="0" data-of="a/b"',
  'linearGradient x1="9" y1="2" x2="9" y2="2" gradientUnits="userSpaceOnUse" gradientTransform="rotate(90)" spreadMethod="reflect"',
])('a gradient without a length (%s) has its last colour', async (tag) => {
  const stops = '<stop stop-color="red"/><stop offset="1" stop-color="#fc0"/>'
  const body = `<${tag} id="a">${stops}</${tag.split(' ', 1)}><rect width="24" height="12" fill="url(#a)"/>`
  const { at } = await shown(body)
  expect([at(1, 1), at(22, 10)]).toEqual([
    [255, 204, 0, 255],
    [255, 204, 0, 255],
  ])
})

it.each(['x2="0" y2="1"', 'x2="0" href="#b"', 'x1="1" x2="1" y1="0" y2="0%"', ''])(
  'one with a length (%s) stays',
  (told) => expect(toPlainShapes(`<linearGradient ${told}/>`)).toBe(`<linearGradient ${told}/>`),
)

it.each(['repeat', 'reflect'])('a gradient by %s keeps what lies beside its stops', async (how) => {
  const body = (tag: string): string =>
    `<${tag} id="a" gradientUnits="userSpaceOnUse" spreadMethod="${how}"><stop offset=".4" stop-color="red"/><stop offset=".6" style="stop-color:blue"/></${tag.split(' ', 1)}><rect width="24" height="12" fill="url(#a)"/>`
  const lines = await shown(body('linearGradient x1="0" x2="10"'))
  const rings = await shown(body('radialGradient cx="0" cy="0" r="10"'))
  const second = how === 'repeat' ? [255, 0, 0, 255] : [0, 0, 255, 255]
  for (const { at } of [lines, rings])
    expect([at(1, 0), at(8, 0), at(12, 0)]).toEqual([[255, 0, 0, 255], [0, 0, 255, 255], second])
})

// By Chromium.
it.each([
  ['0,0 24,0 24,12 0,12', 'whole'],
  ['0,0 24,0 24,12 0,12,', 'whole'],
  [' 0 0 24-0 24\n12\t0 , 12 7', 'whole'],
  ['0,0,24,0,24,12,0,12,9 ,', 'whole'],
  ['0,0 24,0 24,12 0,12 x', 'nothing'],
  ['0,0;24,0;24,12;0,12', 'nothing'],
  ['0,0 24,0 24,12 0,12 NaN,NaN', 'nothing'],
  ['0px,0px 24,0 24,12 0,12', 'nothing'],
  ['0,0,,24,0 24,12 0,12', 'nothing'],
  [',0,0 24,0 24,12 0,12', 'nothing'],
])('of points "%s", %s is drawn', async (points, what) => {
  const { at } = await shown(`<polygon points="${points}"/>`)
  expect(at(12, 8)[3]).toBe(what === 'whole' ? 255 : 0)
})

it('stops may have signs of markup in their attributes', () => {
  const drawing =
    '<linearGradient spreadMethod="reflect"><stop id="a>b" offset=".4"/><stop offset=".5" id="c>"/></linearGradient>'
  expect(toPlainShapes(drawing)).toBe(
    '<linearGradient spreadMethod="reflect"><stop id="a>b" offset="0"/><stop id="a>b" offset=".4"/><stop offset=".5" id="c>"/><stop id="c>" offset="1"/></linearGradient>',
  )
})
