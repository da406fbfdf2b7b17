import { expect, test } from 'vitest'
import { originalFormatOf, resolveFormats } from '../../src/core/format.ts'

test.each([
  ['a.jpg', 'jpg'],
  ['a.JPEG', 'jpg'],
  ['a.jpe', 'jpg'],
  ['a.jfif', 'jpg'],
  ['a.PNG', 'png'],
  ['a.svg', 'png'],
  ['a.gif', 'gif'],
  ['a.webp', 'webp'],
  ['a.avif', 'avif'],
  ['a.tiff', 'jpg'],
  ['a', 'jpg'],
  ['png', 'jpg'],
  ['a.png/b', 'jpg'],
  ['a.png.bak', 'jpg'],
  ['.png', 'png'],
  ['a.', 'jpg'],
])('the original format of %s is %s', (source, expected) => {
  expect(originalFormatOf(source)).toBe(expected)
})

test('a format that original repeats is made once', () => {
  expect(resolveFormats(['avif', 'webp', 'original'], 'a.webp')).toEqual(['avif', 'webp'])
  expect(resolveFormats(['original', 'png', 'jpg'], 'a.svg')).toEqual(['png', 'jpg'])
})
