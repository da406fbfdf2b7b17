import { expect, it } from 'vitest'
import { formatPictures } from '../../src/cli/url-html.ts'
import type { Override } from '../../src/core/override.ts'
import type { SourceKey } from '../../src/core/source-key.ts'
import type { SourceLook } from '../../src/wire/source-look.ts'
import { listWantedUrls } from '../../src/wire/wanted-urls.ts'
import { openBench } from '../support/bench-project.ts'
import { toTransform } from '../support/parsed.ts'

const { config } = openBench({
  config: {
    formats: ['webp', 'original'],
    versions: true,
    sizes: {
      content: { widths: [320, 3000] },
      high: { height: 100 },
      square: { width: 90, height: 90, fit: 'fill' },
    },
  },
})

const markup = (
  source: string,
  choice: Parameters<typeof listWantedUrls>[1],
  { override, ...seen }: SourceLook & { readonly override?: Override } = {},
): string => {
  const look = { version: 'aaaaaaaaaa', ...seen }
  const wanted = listWantedUrls(source as SourceKey, choice, config)
  return formatPictures(source as SourceKey, wanted, { config, look, override, toQuery: () => '' })
}

it('has the alternative text of an override, and the version of the original', () => {
  const look = { size: { width: 2000, height: 1000 }, override: { alt: 'A cat' } }
  const html = markup('a.jpg', { size: 'content' }, look)
  expect(html).toContain('alt="A cat"')
  expect(html).toMatch(/320w\.q80\.v-a{10}\.[\w-]{16}\.webp 320w/)
  expect(html).toMatch(/3000w\.\S+\.webp 2000w/)
})

it('takes an original of an unknown size for one that is large enough, where its widths are given', () => {
  const html = markup('a.jpg', { size: 'content' })
  expect(html).toMatch(/\.webp 3000w/)
  expect(html).not.toContain('height=')
  expect(markup('a.jpg', { size: 'square' })).toContain('90x90.fill')
  expect(() => markup('a.jpg', { size: 'high' })).toThrow('The size of a.jpg is not known')
  expect(() => markup('a.jpg', {})).toThrow('The size of a.jpg is not known')
})

it('shows a vector in the width of its size, and a transform of its own by itself', () => {
  const size = { width: 200, height: 100 }
  expect(markup('a.svg', { size: 'square' }, { size })).toMatch(
    /full\.q80\.v-a{10}\.[\w-]{16}\.svg" width="90"/,
  )
  const html = markup('a.jpg', { transform: toTransform('10w.q80') }, { size })
  expect(html).toMatch(/10w\.q80\.v-a{10}\.[\w-]{16}\.webp/)
  expect(html).toContain('height="5"')
})
