import { expect, it } from 'vitest'
import { compileExclude } from '../../src/config/match.ts'
import { findCopies, readCopy } from '../../src/core/resized-copy.ts'
import type { SourceKey } from '../../src/core/source-key.ts'
import { expectCpuWithin } from '../support/cpu.ts'

it.each([
  ['/wp-content/uploads/2024/05/cat-300x187.jpg', '/wp-content/uploads/2024/05/cat.jpg'],
  ['/a/cat.jpg.webp?v=2', '/a/cat.jpg'],
  ['/images/thumbs/cat_800x600.jpg', '/images/cat.jpg'],
  ['images/cat-p-1080.jpg', 'images/cat.jpg'],
  ['/media/pages/a/1f-2/cat-1080x.jpg', '/media/pages/a/1f-2/cat.jpg'],
  [
    '/sites/default/files/styles/large/public/2024-05/cat.jpg.webp?itok=x',
    '/sites/default/files/2024-05/cat.jpg',
  ],
  ['/system/files/styles/wide/private/cat.png', '/system/files/cat.png'],
  ['/content/images/size/w600/format/webp/2024/05/cat.jpg', '/content/images/2024/05/cat.jpg'],
  [`/media/catalog/product/cache/${'0a'.repeat(16)}/c/a/cat.jpg`, '/media/catalog/product/c/a/cat.jpg'],
  ['/blog/cat@320.jpg', '/blog/cat.jpg'],
  ['/blog/cat@x200_crop_q50.jpg', '/blog/cat.jpg'],
  ['/w/images/thumb/a/ab/Cat.jpg/300px-Cat.jpg', '/w/images/a/ab/Cat.jpg'],
  ['/posts/x/cat_hu_1f3ab29c77d0e4f2.webp', '/posts/x/cat.webp'],
  [`/posts/x/cat_hu${'3d'.repeat(16)}_12345_600x0_resize_q75_box.jpg`, '/posts/x/cat.jpg'],
  ['https://i0.wp.com/www.example.com/wp-content/cat.jpg?resize=300%2C187&ssl=1', '/wp-content/cat.jpg'],
  ['/_ipx/w_300&f_webp/photos/cat.jpg', '/photos/cat.jpg'],
  ['/cdn-cgi/image/width=300,quality=75/photos/cat.jpg', '/photos/cat.jpg'],
  ['/_next/image?url=%2Fphotos%2Fcat%20one.jpg&w=640&q=75', '/photos/cat%20one.jpg'],
])('%s is a smaller copy of %s', (address, original) =>
  expect(readCopy(address)?.originals[0]).toBe(original),
)

it.each([
  ['/a/cat-300x187.jpg', true],
  ['/a/cat-299x187.jpg', true],
  ['/a/cat-300x200.jpg', false],
  ['/a/thumbs/cat_300x187.jpg', true],
  ['/a/thumbs/cat_300x300.jpg', false],
  ['/a/size/w600/cat.jpg', true],
  ['/a/size/w600h400/cat.jpg', false],
  ['/a/cat-p-500.jpg', true],
  ['/a/styles/large/public/cat.jpg', undefined],
  ['/a/cat_hu_0123456789abcdef.jpg', undefined],
  ['/a/styles/max_650x650/public/cat.jpg.webp?itok=x', true],
  ['/a/cat-300x.jpg', true],
  ['/a/cat@320_q50.jpg', true],
  ['/a/cat@320x200_crop.jpg', false],
  ['/a/cat@x200.jpg', undefined],
  ['/a/thumb/c/cat.jpg/300px-cat.jpg', true],
  [`/a/cat_hu${'3d'.repeat(16)}_12345_600x0_resize_q75_box.jpg`, true],
  [`/a/cat_hu${'3d'.repeat(16)}_12345_600x400_fit_q75_box.jpg`, true],
  [`/a/cat_hu${'3d'.repeat(16)}_12345_600x400_resize_q75_box.jpg`, false],
  [`/a/cat_hu${'3d'.repeat(16)}_12345_600x400_fill_q75_box_smart1.jpg`, false],
])('%s shows all of a picture of 1600×1000: %s', (address, isWhole) =>
  expect(readCopy(address)?.isWhole({ width: 1600, height: 1000 })).toBe(isWhole),
)

it('a copy of WordPress may be of an upload that it made smaller', () =>
  expect(readCopy('/cat-300x187.jpg')?.originals).toEqual(['/cat.jpg', '/cat-scaled.jpg']))

it.each([
  '/photos/cat.jpg',
  '/cat-3x.jpg',
  '/cat@2x.jpg',
  '/size/large/cat.jpg',
  '/a/cat-scaled.jpg',
  '/x_hub.jpg',
  '/_processed_/a/cat.jpg',
])('%s tells no original', (address) => expect(readCopy(address)).toBeUndefined())

it.each(['thumb/a/', 'a_hu0000000000001', '_hu000000000000_', '_next/image?', 'styles/a/public/'])(
  'a long address is looked at in no time: %s…',
  async (unit) => {
    await expectCpuWithin(1, () => {
      for (let count = 0; count < 100; count++) expect(readCopy(`${unit.repeat(20_000)}!`)).toBeUndefined()
    })
  },
)

const list = (names: string) => names.split(' ')

it('copies among pictures are told with the glob that leaves out them alone', () => {
  const hash = '0a'.repeat(16)
  const copies = list(
    `5/cat-300x187.jpg 5/big-1024x683.jpg 5/dog.jpg.webp thumbs/cat_80x60.jpg styles/large/public/cat.jpg size/w600/cat.jpg product/cache/${hash}/c/cat.jpg _processed_/a/b/csm_cat_0123456789.jpg thumb/a/Cat.jpg/300px-Cat.jpg 5/dog-p-500.jpg 5/dog-500x.jpg`,
  )
  const originals = list(
    '5/cat.jpg 5/big-scaled.jpg 5/dog.jpg map-p-x.jpg cat-3x.jpg styles/a.jpg size/large/a.jpg thumb/cat.jpg cache/a.jpg',
  )
  const found = findCopies([...copies, ...originals].reverse())
  expect(found.map(({ maker, count }) => `${maker} ${count}`)).toEqual(
    list(
      'WordPress,2 Joomla,1 Drupal,1 Ghost,1 Webflow,1 Kirby,1 Magento,1 TYPO3,1 MediaWiki,1 a,converter,1',
    ).map((each) => each.replaceAll(',', ' ')),
  )
  const isExcluded = compileExclude(found.map(({ exclude }) => exclude))
  expect(copies.filter((name) => !isExcluded(name as SourceKey))).toEqual([])
  expect(originals.filter((name) => isExcluded(name as SourceKey))).toEqual([])
})

it('an original of such a name is told where there are many copies; else nothing is a copy', () => {
  const copies = Array.from({ length: 10 }, (_, index) => `cat-${index + 1}x9.jpg`)
  const [found] = findCopies(['cat.jpg', ...copies, 'wall-1920x1080.jpg'])
  expect(found).toMatchObject({ count: 10, example: 'cat-1x9.jpg', others: ['wall-1920x1080.jpg'] })
  expect(findCopies(['cat.jpg', ...copies.slice(1), 'wall-1920x1080.jpg'])).toEqual([])
})
