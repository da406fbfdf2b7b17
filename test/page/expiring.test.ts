import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createImages as createInBrowser } from '../../src/browser.ts'
import { createImages } from '../../src/index.ts'
import { CONFIG, codeOf, makeImagesJson, parse, SECRET } from './support.ts'

const BASE = 'https://img.example.com/'
const EXPIRES = new Date('2030-12-31T18:00:00.900Z')
const SECONDS = 1_924_970_400
const NAMES = { 'été/ça & là 100%.png': { width: 2725, height: 2225, mediaFormat: 'png' } } as const
const SOURCE = 'été/ça & là 100%.png'

const images = createImages({ ...CONFIG, serve: { expiring: true } }, { images: makeImagesJson(NAMES) })

/** Whether a URL ends with the token that the contract says, over its key percent-decoded. */
const isLink = (text: string): boolean => {
  const url = new URL(text)
  const key = decodeURIComponent(url.pathname.slice(1))
  const mac = createHmac('sha256', SECRET).update(`expires\n${SECONDS}\n${key}`)
  return url.search === `?expires=${SECONDS}&token=${mac.digest('base64url').slice(0, 22)}`
}

const urlsOf = (srcset: string): readonly string[] =>
  srcset.split(', ').map((candidate) => candidate.split(' ')[0] ?? '')

describe('links that end', () => {
  it('are signed one by one over what is asked for, .auto too', () => {
    const options = { expires: EXPIRES }
    const urls = [
      images.url(SOURCE, 'card', options),
      images.url(SOURCE, 'card', { ...options, format: 'auto' }),
      ...urlsOf(images.srcset(SOURCE, 'content', { ...options, format: 'webp' })),
    ]
    expect(urls).toHaveLength(5)
    expect(urls.filter((url) => !isLink(url))).toEqual([])
    expect(new Set(urls.map((url) => new URL(url).searchParams.get('token'))).size).toBe(5)
  })

  it('stand in every candidate of a <picture>', () => {
    const html = images.picture(
      SOURCE,
      { '(max-width: 600px)': 'square', default: 'content' },
      { alt: 'A cat', expires: EXPIRES },
    )
    const [picture] = parse(html)
    const found = (picture?.children ?? []).flatMap(({ attributes }) => [
      ...urlsOf(attributes.srcset ?? ''),
      ...(attributes.src === undefined ? [] : [attributes.src]),
    ])
    expect(found.length).toBeGreaterThan(8)
    expect(found.filter((url) => !isLink(url))).toEqual([])
  })

  it('are asked for where URLs end, and refused where they do not', () => {
    const plain = createImages(CONFIG)
    const browser = createInBrowser(makeImagesJson(NAMES))
    expect(codeOf(() => images.url(SOURCE, 'card'))).toBe('link-end-missing')
    expect(codeOf(() => images.picture(SOURCE, 'card', { alt: '' }))).toBe('link-end-missing')
    expect(codeOf(() => images.url(SOURCE, 'card', { expires: new Date('never') }))).toBe('link-end-invalid')
    expect(codeOf(() => images.url(SOURCE, 'card', { expires: new Date(0) }))).toBe('link-end-invalid')
    expect(codeOf(() => plain.url(SOURCE, 'card', { expires: EXPIRES }))).toBe('link-endless')
    expect(codeOf(() => browser.url(SOURCE, 'card', { expires: EXPIRES }))).toBe('link-not-signed')
    const ending = createInBrowser(makeImagesJson(NAMES, { serve: { expiring: true } }))
    expect(codeOf(() => ending.url(SOURCE, 'card'))).toBe('link-not-signed')
    expect(ending.facts(SOURCE)).toMatchObject(NAMES[SOURCE])
    expect(plain.url(SOURCE, 'card')).toMatch(/^https:\/\/img\.example\.com\/[^?]+$/)
  })

  it('are not signed with a retired secret', () => {
    const secret = [{ value: 'retired-horse-battery-staple', retired: true as const }, SECRET]
    const rotated = createImages({ ...CONFIG, secret, serve: { expiring: true } })
    expect(isLink(rotated.url('a.jpg', 'card', { expires: EXPIRES }))).toBe(true)
    expect(rotated.url('a.jpg', 'card', { expires: EXPIRES }).startsWith(BASE)).toBe(true)
  })
})
