import { expect, it } from 'vitest'
import { limitSizes } from '../../src/page/tag-place.ts'

it.each([
  ['', 500, '(max-width: 500px) 100vw, 500px'],
  ['300px', 500, '300px'],
  ['700px', 500, '500px'],
  ['60rem', 1000, '60rem'],
  ['60rem', 500, '500px'],
  ['100vw', 500, '(min-width: 501px) 500px, 100vw'],
  ['50vw', 500, '(min-width: 1001px) 500px, 50vw'],
  ['(max-width: 60rem) 100vw, 60rem', 2000, '(max-width: 60rem) 100vw, 60rem'],
  [
    '(max-width: 60rem) 100vw, 60rem',
    500,
    '(max-width: 60rem) and (min-width: 501px) 500px, (max-width: 60rem) 100vw, 500px',
  ],
  ['(max-width: 400px) 100vw, 300px', 500, '(max-width: 400px) 100vw, 300px'],
  ['calc(100vw - 2rem)', 500, '(min-width: 501px) 500px, calc(100vw - 2rem)'],
  ['min(90vw, 700px)', 500, '(min-width: 501px) 500px, min(90vw, 700px)'],
  [
    'not (width < 20em) 50vw , 20em',
    500,
    '(not (width < 20em)) and (min-width: 1001px) 500px, not (width < 20em) 50vw, 20em',
  ],
  ['0vw', 500, '0vw'],
])('%j is at most %i pixels as %j', (sizes, most, limited) => {
  expect(limitSizes(sizes, most)).toBe(limited)
})
