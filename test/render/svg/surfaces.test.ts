import { describe, expect, it } from 'vitest'
import { cleanSvg } from '../../../src/render/svg/clean-svg.ts'

const surfacesOf = (inner: string): number =>
  cleanSvg(Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg">${inner}</svg>`)).census.surfaces

const mask = (id: string, inner: string): string => `<mask id="${id}">${inner}</mask>`

describe('the surfaces that a drawing takes beside its own', () => {
  it.each([
    ['none where nothing is composed', '<g opacity="1" filter="none"><rect style="isolation: auto"/></g>', 0],
    ['one for groups after each other', '<g opacity=".5"/><g style="fill:red; opacity:0.3"/>', 1],
    ['one for each group within another', '<g opacity=".5"><g><g filter="url(#f)"><rect/></g></g></g>', 2],
    ['one for each way to compose', '<g style="mix-blend-mode:screen"><g isolation="isolate"/></g>', 2],
    ['two for a mask', `${mask('a', '<rect/>')}<g mask="url(#a)"/>`, 2],
    ['two for a mask that comes later', `<g style="mask:url('#a')"/>${mask('a', '<rect/>')}`, 2],
    [
      'two for each of two masks after each other',
      `${mask('a', '')}<g mask="url(#a)"/><g mask="url(#a)"/>`,
      2,
    ],
    [
      'four for a mask of a mask',
      `${mask('a', '')}${mask('b', '<g mask="url(#a)"/>')}<g mask="url(#b)"/>`,
      4,
    ],
    ['what is in a mask', `${mask('a', '<g opacity=".5"><g opacity=".5"/></g>')}<g mask="url(#a)"/>`, 4],
    ['none for a mask that nobody has', mask('a', '<g opacity=".5"/>'), 0],
    ['one where there is no such mask', '<g mask="url(#none)"/>', 1],
    ['few for masks in a circle', `${mask('a', '<g mask="url(#a)"/>')}<g mask="url(#a)"/>`, 4],
    [
      'what a style sheet says of classes, ids and names',
      `<style>
        g, .a .b { opacity: .5 }
        @media screen { #c:hover, #c { isolation: isolate } }
        .none { opacity: 1 }
      </style><g><g class="x b"><path id="c"/><path class="none a"/></g></g>`,
      3,
    ],
    [
      'what a style sheet says of masks',
      `<style>.m{mask:url(#a)}</style>${mask('a', '')}${mask('b', '<g class="m"/>')}<g mask="url(#b)" class="m"/>`,
      4,
    ],
  ])('are %s', (_, inner, most) => {
    expect(surfacesOf(inner)).toBe(most)
  })
})
