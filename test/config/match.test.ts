import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DEFAULT_INCLUDE } from '../../src/config/defaults.ts'
import {
  checkPattern,
  compileExclude,
  compileFolderExclude,
  compileMatch,
  literalPrefix,
  rangeOfPattern,
} from '../../src/config/match.ts'
import { isInRange } from '../../src/core/byte-order.ts'
import { parseSourceKey } from '../../src/core/source-key.ts'
import { toSource } from '../support/parsed.ts'

const matches = (patterns: readonly string[], text: string): boolean => compileMatch(patterns)(toSource(text))

test.each(['photos\\**', 'photos\\2024\\*.jpg', '**\\été.jpg'])(
  'is told of a path of Windows: %s',
  (pattern) => {
    expect(checkPattern(pattern)).toMatch('"/" between folders')
  },
)

test.each(['a \\[1\\].jpg', '\\*.jpg', 'a\\.jpg', 'img-(\\d+).jpg'])(
  'takes what is escaped: %s',
  (pattern) => {
    expect(checkPattern(pattern)).toBeUndefined()
  },
)

test.each<[string, string, boolean]>([
  ['**/*.jpg', 'a.jpg', true],
  ['**/*.jpg', 'a/b/c.jpg', true],
  ['*.jpg', 'a/b.jpg', false],
  ['./a/*.jpg', 'a/b.jpg', true],
  ['a/**', 'a/b/c.png', true],
  ['a/**', 'ab/c.png', false],
  ['a/{b,c}/*', 'a/c/d', true],
  ['a?.jpg', 'ab.jpg', true],
  ['**/*.{jpg,png}', 'a (1) [2].png', true],
  ['**', 'a\u2028b.jpg', true],
  ['**/\u00e9*', 'x/e\u0301te\u0301.png', false],
  ['**/\u00e9*', 'x/\u00e9t\u00e9.png', true],
])('a pattern %s and %j: %s', (pattern, text, expected) => {
  expect(matches([pattern], text)).toBe(expected)
})

describe('the letter case', () => {
  test.each<[string, string, boolean]>([
    ['**/*.jpg', 'a.JPG', true],
    ['**/*.jpg', 'a/b.JpG', true],
    ['**/*.JPG', 'a.jpg', true],
    ['**/*.Jpg', 'a.jPG', true],
    ['**/*.{jpg,tar.gz}', 'a.tar.GZ', true],
    ['**/*.[jJ][pP][gG]', 'a.JPg', true],
    ['IMG_*.jpg', 'IMG_1.JPG', true],
    ['IMG_*.jpg', 'img_1.JPG', false],
    ['IMG_*.jpg', 'img_1.jpg', false],
    ['Dr.Who.*', 'Dr.Who.JPG', true],
    ['Dr.Who.*', 'dr.who.jpg', false],
    ['Avatars/**', 'avatars/a.jpg', false],
    ['v1.Beta/*', 'v1.beta/x', false],
    ['readme', 'README', false],
    ['**/*.photoshop', 'a.PHOTOSHOP', true],
    ['!(cat).jpg', 'dog.JPG', true],
    ['!(cat).jpg', 'cat.JPG', false],
  ])('matters but in the ending: %s and %s: %s', (pattern, text, expected) => {
    expect(matches([pattern], text)).toBe(expected)
  })

  test('of the ending never changes the answer', () => {
    const ending = fc.constantFrom('jpg', 'jpeg', 'png', 'webp', 'avif', 'gif', 'tif', 'tiff', 'svg', 'txt')
    const stem = fc.stringMatching(/^[A-Za-z0-9 _-]{1,8}(\/[A-Za-z0-9 _-]{1,8}){0,2}$/)
    const isIncluded = compileMatch(DEFAULT_INCLUDE)
    fc.assert(
      fc.property(stem, ending, fc.infiniteStream(fc.boolean()), (name, letters, cases) => {
        const spelled = [...letters]
          .map((letter) => (cases.next().value ? letter.toUpperCase() : letter))
          .join('')
        expect(isIncluded(toSource(`${name}.${spelled}`))).toBe(letters !== 'txt')
      }),
    )
  })
})

test.each<[string, string, boolean]>([
  ['drafts/**', 'drafts/.x.jpg', true],
  ['drafts/**', 'drafts/.old/x.JPG', true],
  ['**/*.jpg', '.a/.b.jpg', true],
  ['drafts/**', '.drafts/x.jpg', false],
])('what is left out may begin with a dot: %s, %s: %s', (pattern, text, expected) => {
  expect(compileExclude([pattern])(toSource(text))).toBe(expected)
})

test.each(['.a.jpg', 'a/.b.jpg', '.a/b.jpg', 'a/.b/c.jpg'])('a dot-file never matches: %s', (text) => {
  expect(matches(['**', '**/.*', '.a/**', '.*', '**/.*/**', text], text)).toBe(false)
})

test.each<[string, string, boolean]>([
  ['drafts/**', 'drafts', true],
  ['drafts/**/*', 'drafts', true],
  ['**/lost+found/**', 'a/lost+found', true],
  ['**/{tmp,old}*/**', 'a/old-ones', true],
  ['**', 'a', true],
  ['drafts/*', 'drafts', false],
  ['drafts/**/*.jpg', 'drafts', false],
  ['drafts', 'drafts', false],
  ['drafts.old/**', 'drafts.OLD', false],
  ['a/drafts/**', 'a', false],
  ['drafts/**', 'a/.old', true],
])('all that lies below is left out: %s, %s: %s', (pattern, folder, expected) => {
  expect(compileFolderExclude([pattern])(folder)).toBe(expected)
  if (expected && !folder.includes('.'))
    expect(compileExclude([pattern])(toSource(`${folder}/b/c.jpg`))).toBe(true)
})

test('no pattern matches nothing', () => {
  expect(matches([], 'a.jpg')).toBe(false)
})

test('one of several patterns is enough', () => {
  expect(matches(['*.png', '*.jpg'], 'a.jpg')).toBe(true)
})

test.each(['', '!a', '!**/*.jpg', '/a', '/', 'a/', 'a/**/', 'a//b', '../a', 'a/../b', '**/..', 'a/./*'])(
  'the pattern %j is a Problem',
  (pattern) => {
    expect(() => compileMatch([pattern])).toThrow(expect.objectContaining({ code: 'pattern-invalid' }))
  },
)

test.each([
  ['photos/00001/**', 'photos/00001/'],
  ['photos/IMG_*', 'photos/IMG_'],
  ['photos/cat.jpg', 'photos/cat.'],
  ['photos/cat.j*', 'photos/cat.'],
  ['photos.old/cat', 'photos.old/cat'],
  ['**/*.jpg', ''],
  ['./photos/*', ''],
  ['{a,b}/*', ''],
  ['photos/a\\*b', 'photos/a'],
])('what all begins with that %s fits: %j', (pattern, prefix) => {
  expect(literalPrefix(pattern)).toBe(prefix)
})

test('whatever a pattern fits lies in its range', () => {
  const unit = fc.constantFrom('a', 'B', '.', '/', '-', 'j', '0')
  const piece = fc.oneof(
    fc.string({ unit, maxLength: 4 }),
    fc.constantFrom('*', '**', '/**', '?', '{a,b}', '[ab]'),
  )
  const text = fc.string({ unit, minLength: 1, maxLength: 7 })
  fc.assert(
    fc.property(fc.array(piece, { minLength: 1, maxLength: 4 }), text, (pieces, name) => {
      const pattern = pieces.join('')
      const source = parseSourceKey(name)
      fc.pre(source !== undefined && checkPattern(pattern) === undefined)
      if (source !== undefined && compileMatch([pattern])(source))
        expect(isInRange(source, rangeOfPattern(pattern)), `${pattern} ${source}`).toBe(true)
    }),
    { numRuns: 2000 },
  )
})
