import { describe, expect, it } from 'vitest'
import { Problem } from '../../../src/core/problem.ts'
import { parseImagesFile } from '../../../src/wire/site/images-files.ts'
import { makeImagesJson, THUMBHASH } from '../../page/support.ts'

const CAT = { width: 2725, height: 2225, mediaFormat: 'jpeg', thumbhash: THUMBHASH, colour: 'aa8866' }
const FILE = makeImagesJson({ 'a.jpg': CAT, 'b.jpg': { ...CAT, smallest: ['webp', 'avif', 'jpg'] } })
const [width, ...rest] = FILE.images['b.jpg'] ?? []

const codeOf = (file: object): string | undefined => {
  try {
    parseImagesFile(JSON.stringify(file), 'images.json')
    return undefined
  } catch (error) {
    return error instanceof Problem ? error.code : String(error)
  }
}

describe('a file that is given as images.json', () => {
  it('is read as it was written', () => {
    expect(parseImagesFile(JSON.stringify(FILE), 'images.json')).toEqual(FILE)
  })

  it.each([
    ['a size without transforms', { sizes: { content: { transforms: [], parsed: [] } } }],
    [
      'a transform of another program',
      { sizes: { content: { transforms: ['9w.q80'], parsed: [{ resize: { kind: 'melt', width: 9 } }] } } },
    ],
    ['formats that are none', { formats: [7] }],
    ['no base URL', { baseUrl: undefined }],
    ['another version', { version: 2 }],
    ['a picture without a width', { images: { 'b.jpg': [0, ...rest] } }],
    ['a width that is a text', { images: { 'b.jpg': [`${width}"`, ...rest] } }],
    ['too little of a picture', { images: { 'b.jpg': [width, ...rest.slice(0, 3)] } }],
    ['a signature that is none', { images: { 'b.jpg': [width, ...rest.slice(0, -2), '~bad'] } }],
  ])('is refused with %s', (_, fields) => {
    expect(codeOf({ ...FILE, ...fields })).toBe('images-invalid')
  })

  it('is named where it is no JSON', () => {
    expect(() => parseImagesFile('{', 'x/images.json')).toThrow('x/images.json is not JSON')
  })
})
