import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse, type Seen } from '../page/support.ts'
import { photo } from '../render/support.ts'
import { openSite, type Site } from '../support/site.ts'

const REPOSITORY = resolve(import.meta.dirname, '../..')

const CONFIG = {
  source: './photos',
  output: './_site/img',
  baseUrl: '/img/',
  formats: ['webp', 'original'],
  sizes: { content: { widths: [80, 160] }, card: { width: 40, height: 30, densities: [1, 2] } },
}

const ELEVENTY_CONFIG = (options: string): string => `import imgsizes from 'imgsizes/eleventy'
export default (eleventyConfig) => {
  eleventyConfig.addPlugin(imgsizes${options})
  return { dir: { input: 'pages' } }
}
`

const find = (elements: readonly Seen[], tag: string): readonly Seen[] =>
  elements.flatMap((each) => [...(each.tag === tag ? [each] : []), ...find(each.children, tag)])

/** Runs the real Eleventy on a site, as its users do. */
describe('the Eleventy plugin', () => {
  let site: Site
  beforeAll(async () => {
    site = openSite(CONFIG)
    site.write('package.json', '{"type":"module"}')
    site.write('photos/cat.jpg', await photo(320, 240).jpeg().toBuffer())
    mkdirSync(join(site.folder, 'node_modules'))
    symlinkSync(REPOSITORY, join(site.folder, 'node_modules/imgsizes'))
    symlinkSync(join(REPOSITORY, 'node_modules/@11ty'), join(site.folder, 'node_modules/@11ty'))
    site.write('pages/liquid.liquid', '<main>{% picture "cat.jpg", "card", "A <cat>" %}</main>')
    site.write(
      'pages/named.njk',
      '{% picture "cat.jpg", alt="A cat", loading="eager", placeholder="thumbhash" %}',
    )
    site.write('pages/blog/post.md', '# A post\n\n![A cat](/photos/cat.jpg)\n\n<img src="/x.png" alt="">\n')
    site.write('pages/data.json.njk', '---\npermalink: data.json\n---\n{"html":"<img src=/photos/cat.jpg>"}')
    expect((await site.run('build', '--images', 'images.json')).code).toBe(0)
  })
  afterAll(() => site.remove())

  const eleventy = async (): Promise<string> => {
    const bin = join(REPOSITORY, 'node_modules/@11ty/eleventy/cmd.cjs')
    const ended = await promisify(execFile)(process.execPath, [bin], {
      cwd: site.folder,
      env: { ...process.env, NO_COLOR: '1' },
    }).catch((error: { readonly stdout: string; readonly stderr: string }) => error)
    return ended.stdout + ended.stderr
  }
  const read = (path: string): string => readFileSync(join(site.folder, '_site', path), 'utf8')

  it.each([
    ['its configuration and ledger', ''],
    ['images.json', ', { images: "images.json", origins: { "/photos/": "" } }'],
  ])('writes pictures and rewrites pages from %s', async (_, options) => {
    site.write('eleventy.config.js', ELEVENTY_CONFIG(options))
    expect(await eleventy()).toContain('Wrote 4 files')
    const card = find(parse(read('liquid/index.html')), 'img')[0]?.attributes
    expect(card).toMatchObject({ alt: 'A <cat>', width: '40', height: '30', loading: 'lazy' })
    expect(card?.srcset).toMatch(/^\/img\/cat\.jpg\/40x30\.cover\.q80\.[\w-]{16}\.jpg 1x, .* 2x$/)
    const named = find(parse(read('named/index.html')), 'img')[0]?.attributes
    expect(named).toMatchObject({ alt: 'A cat', loading: 'eager', width: '160' })
    expect(named?.style).toContain('data:image/png;base64,')
    const post = read('blog/post/index.html')
    expect(find(parse(post), 'picture')).toHaveLength(1)
    expect(post).toContain('alt="A cat"')
    expect(post).toContain('<img src="/x.png" alt="">')
    expect(read('data.json')).toBe('{"html":"<img src=/photos/cat.jpg>"}')
  })

  it('leaves pages alone where the transform is off', async () => {
    site.write('eleventy.config.js', ELEVENTY_CONFIG(', { transform: false }'))
    await eleventy()
    expect(read('blog/post/index.html')).toContain('<img src="/photos/cat.jpg" alt="A cat">')
    expect(read('liquid/index.html')).toContain('<picture>')
  })

  it.each([
    ['{% picture "gone.jpg", "card", "x" %}', 'gone.jpg is not there.'],
    ['{% picture "cat.jpg", "card" %}', 'The picture of cat.jpg has no alt.'],
    ['<img src="/photos/cat.jpg" data-imgsizes="huge">', 'There is no size "huge"'],
  ])('fails the build at %s', async (page, message) => {
    site.write('eleventy.config.js', ELEVENTY_CONFIG(''))
    site.write('pages/wrong.liquid', page)
    expect(await eleventy()).toContain(message)
    site.write('pages/wrong.liquid', '')
  })
})
