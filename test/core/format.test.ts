import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { FORMATS, originalFormatOf, resolveFormats } from '../../src/core/format.ts'

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

test.each([
  ['the studio has a colour', 'src/studio/studio.css', FORMATS.map((format) => `--${format}: `)],
  ['the grammar of keys has a word', 'docs/reference/keys.md', [`= ${FORMATS.join(' | ')}\n`]],
  ['the contract has a word', 'docs/reference/contracts.md', FORMATS.map((format) => `"${format}"`)],
])('%s for every format', (_, file, expected) => {
  const text = readFileSync(file, 'utf8')
  expect(expected.filter((each) => !text.includes(each))).toEqual([])
})
