import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { imgsizes } from '../../src/integrations/eleventy.ts'
import type { EleventyConfig } from '../../src/integrations/eleventy-options.ts'
import { parse, type Seen } from '../page/support.ts'
import { photo } from '../render/support.ts'
import { createRun, type Run, runProcess } from '../support/command-line.ts'
import { openTestSite, QUICKEST, SECRET } from '../support/site.ts'

const REPOSITORY = resolve(import.meta.dirname, '../..')

const CONFIG = {
  source: { photos: './photos', pages: './pages' },
  output: './results',
  baseUrl: '/img/',
  formats: ['webp', 'original'],
  encoders: QUICKEST,
  sizes: {
    content: { widths: [80, 160] },
    card: { width: 40, height: 30, densities: [1, 2] },
    avatar: { width: 20, height: 20, match: 'avatars/**' },
  },
}

const ELEVENTY_CONFIG = `import imgsizes from 'imgsizes/eleventy'
import { HtmlBasePlugin } from '@11ty/eleventy'
export default (eleventyConfig) => {
  const { options, prefix, isPrefixing, copied } = JSON.parse(process.env.SITE)
  if (isPrefixing) eleventyConfig.addPlugin(HtmlBasePlugin)
  eleventyConfig.addPassthroughCopy({ 'public': '/' })
  if (copied) eleventyConfig.addPassthroughCopy(copied)
  eleventyConfig.addPlugin(imgsizes, options)
  return { dir: { input: 'pages' }, pathPrefix: prefix ?? '/' }
}
`

const find = (elements: readonly Seen[], tag: string): readonly Seen[] =>
  elements.flatMap((each) => [...(each.tag === tag ? [each] : []), ...find(each.children, tag)])

/** Every address in a page's `src` and `srcset`. */
const listUrls = (html: string): readonly string[] => {
  const elements = ['img', 'source'].flatMap((tag) => find(parse(html), tag))
  return elements
    .flatMap(({ attributes: { src, srcset } }) => [
      ...(src === undefined ? [] : [src]),
      ...(srcset ?? '').split(', ').flatMap((candidate) => candidate.split(' ').slice(0, 1)),
    ])
    .filter((url) => url !== '')
}

interface SiteChoices {
  readonly options?: object
  readonly prefix?: string
  readonly isPrefixing?: boolean
  readonly copied?: string
}

const envOf = (choices: SiteChoices): NodeJS.ProcessEnv => ({
  ...process.env,
  NO_COLOR: '1',
  SITE: JSON.stringify(choices),
})

const COMMAND = join(REPOSITORY, 'node_modules/@11ty/eleventy/cmd.cjs')

const runEleventy = createRun(join(import.meta.dirname, 'eleventy-runner.mjs'))

/** As its users run it, in a process that has to end by itself. */
const runAsProcess: Run = (args, options) => runProcess(args, { ...options, bin: COMMAND })

/** Runs the real Eleventy on a site, as its users do. */
describe('the Eleventy plugin', () => {
  const site = openTestSite(CONFIG, afterAll)
  beforeAll(async () => {
    site.write('package.json', '{"type":"module"}')
    site.write('eleventy.config.js', ELEVENTY_CONFIG)
    const cat = await photo(320, 240).jpeg().toBuffer()
    site.write('photos/cat.jpg', cat)
    site.write('public/photos/cat.jpg', cat)
    site.write('photos/logo.png', await photo(64, 48).png().toBuffer())
    site.write('public/logo.png', await photo(64, 48).negate().png().toBuffer())
    site.write('pages/blog/beside.jpg', await photo(200, 150).jpeg().toBuffer())
    mkdirSync(join(site.folder, 'node_modules'))
    symlinkSync(REPOSITORY, join(site.folder, 'node_modules/imgsizes'))
    symlinkSync(join(REPOSITORY, 'node_modules/@11ty'), join(site.folder, 'node_modules/@11ty'))
    site.write('pages/liquid.liquid', '<main>{% picture "photos/cat.jpg", "card", "A <cat>" %}</main>')
    site.write(
      'pages/named.njk',
      '{% picture "photos/cat.jpg", alt="A cat", loading="eager", placeholder="thumbhash" %}',
    )
    site.write('pages/blog/post.md', '# A post\n\n![A cat](/photos/cat.jpg)\n\n<img src="/x.png" alt="">\n')
    site.write(
      'pages/blog/beside.md',
      '![Beside](beside.jpg) ![Up](../blog/./beside.jpg)\n\n<img src="/logo.png">\n',
    )
    site.write('pages/data.json.njk', '---\npermalink: data.json\n---\n{"html":"<img src=/photos/cat.jpg>"}')
  })
  const remove = (folder: string): void => rmSync(join(site.folder, folder), { recursive: true, force: true })
  beforeEach(() => remove('_site'))

  const eleventy = async (choices: SiteChoices = {}, run = runEleventy) => {
    const { code, stdout, stderr } = await run([], { cwd: site.folder, env: envOf(choices) })
    return { code, text: stdout + stderr }
  }
  const read = (path: string): string => readFileSync(join(site.folder, '_site', path), 'utf8')
  const isPublished = (url: string): boolean => existsSync(join(site.folder, '_site', decodeURI(url)))

  it('makes what pages show and nobody has built, puts it into the site, and says so once', async () => {
    remove('results')
    const { text, code } = await eleventy({}, runAsProcess)
    expect([code, text]).toEqual([0, expect.stringContaining('Wrote 5 files')])
    expect(text).toMatch(/\[imgsizes\] made 12 results of \d pictures, [\d.]+ kB in [\d.]+ s/)
    const urls = ['liquid', 'named', 'blog/post', 'blog/beside'].flatMap((page) =>
      listUrls(read(`${page}/index.html`)),
    )
    expect(urls.length).toBeGreaterThan(15)
    expect(urls.filter((url) => !isPublished(url))).toEqual(['/x.png'])
    expect(readdirSync(join(site.folder, '_site/img'))).not.toContain('.imgsizes')
    const again = await eleventy()
    expect(again.text).not.toContain('made ')
  })

  it('writes pictures and rewrites pages', async () => {
    expect((await site.run('build', '--images', 'images.json', '--split')).code).toBe(0)
    for (const options of [
      {},
      {
        images: ['images.json', 'images.photos.json', 'images.pages.json'],
        origins: { '/photos/': 'photos/' },
      },
    ]) {
      const { text } = await eleventy({ options })
      expect(text).toContain('Wrote 5 files')
      expect(text).not.toContain('[imgsizes] made')
      const card = find(parse(read('liquid/index.html')), 'img')[0]?.attributes
      expect(card).toMatchObject({ alt: 'A <cat>', width: '40', height: '30', loading: 'lazy' })
      expect(card?.srcset).toMatch(/^\/img\/photos\/cat\.jpg\/40x30\.cover\.q80\.[\w-]{16}\.jpg 1x, .* 2x$/)
      const named = find(parse(read('named/index.html')), 'img')[0]?.attributes
      expect(named).toMatchObject({ alt: 'A cat', loading: 'eager', width: '160' })
      expect(named?.style).toContain('data:image/png;base64,')
      const post = read('blog/post/index.html')
      expect(find(parse(post), 'picture')).toHaveLength(1)
      expect(post).toContain('alt="A cat"')
      expect(post).toContain('<img src="/x.png" alt="">')
      expect(read('data.json')).toBe('{"html":"<img src=/photos/cat.jpg>"}')
    }
  })

  it("finds pictures beside the template, and leaves the site's own alone", async () => {
    const { text } = await eleventy()
    const page = read('blog/beside/index.html')
    expect(find(parse(page), 'picture')).toHaveLength(2)
    expect(page).toContain('/img/pages/blog/beside.jpg/')
    // It is named like a source, which nobody has copied yet when the page is made.
    expect(page).toContain('<img src="/logo.png">')
    expect(text).toContain('under those names than the originals: /logo.png')
    expect(text).toMatch(
      /left as they are: .*no original of that name \(1\).*\n.*\n.*\n.*\(verbose: true names each\)/,
    )
    const verbose = await eleventy({ options: { verbose: true } })
    expect(verbose.text).toContain(
      '[imgsizes] blog/post/index.html: /x.png left as it is: no original of that name',
    )
  })

  it.each([true, false])('puts pathPrefix before its URLs, whoever else does: %s', async (isPrefixing) => {
    site.write('pages/prefixed.md', '![A](/photos/cat.jpg)\n\n<img src="/blog/photos/cat.jpg">\n')
    await eleventy({ prefix: '/blog/', isPrefixing })
    const urls = ['liquid', 'named', 'prefixed', 'blog/beside'].flatMap((page) =>
      listUrls(read(`${page}/index.html`)),
    )
    rmSync(join(site.folder, 'pages/prefixed.md'))
    const own = urls.filter((url) => url.includes('/img/'))
    expect(own.length).toBeGreaterThan(20)
    expect(own.filter((url) => !/^\/blog\/img\//.test(url))).toEqual([])
    expect(own.filter((url) => !isPublished(url.replace('/blog/', '/')))).toEqual([])
  })

  it('with build: false fails, and names what was not built', async () => {
    remove('results')
    const failing = await eleventy({ options: { build: false } }, runAsProcess)
    expect(failing.code).toBe(1)
    expect(failing.text).toContain('photos/cat.jpg was not built. Run imgsizes build first')
    // A size that came later: what the pages show of it is missing, though the picture is known.
    expect((await site.run('build', '--size', 'content')).code).toBe(0)
    const later = await eleventy({ options: { build: false } })
    expect([later.code, later.text]).toEqual([
      1,
      expect.stringContaining('4 of the 8 files of photos/cat.jpg were not built'),
    ])
    expect((await site.run('build')).code).toBe(0)
    expect((await eleventy({ options: { build: false } })).code).toBe(0)
  })

  it.each([
    { flags: ['--watch'], site: {}, isPageBuilt: true },
    // Eleventy copies the file then, and builds no page: what pages show of it is made again all the same.
    { flags: ['--watch', '--incremental'], site: { copied: 'pages/blog/*.jpg' }, isPageBuilt: false },
  ])(
    'watches originals: one that is overwritten is made again with $flags',
    async ({ flags, site: choices, isPageBuilt }) => {
      const [original, page] = ['pages/blog/beside.jpg', 'blog/beside/index.html']
      const kept = readFileSync(join(site.folder, original))
      const child = spawn(process.execPath, [COMMAND, ...flags], {
        cwd: site.folder,
        env: envOf(choices),
      })
      const chunks: string[] = []
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (chunk) => void chunks.push(String(chunk)))
      const until = async (holds: () => boolean): Promise<void> => {
        while (!holds()) await sleep(20)
      }
      try {
        await until(() => chunks.join('').includes('Watching…'))
        const [, url = ''] = /src="([^"]+)"/.exec(read(page)) ?? []
        const shown = () => readFileSync(join(site.folder, '_site', url))
        const before = shown()
        // "Watching…" is said a moment before it is true.
        const small = await photo(100, 50).jpeg().toBuffer()
        const writing = setInterval(() => site.write(original, small), 300)
        await until(() => !shown().equals(before)).finally(() => clearInterval(writing))
        const isSmaller = () => read(page).includes('(max-width: 100px)')
        if (isPageBuilt) await until(isSmaller)
        else expect(isSmaller()).toBe(false)
      } finally {
        const ended = once(child, 'close')
        child.kill()
        await ended
        site.write(original, kept)
      }
    },
  )

  it('says what to do where originals are published under the path of the results', async () => {
    site.write('public/img/photos/cat.jpg', await photo(40, 30).jpeg().toBuffer())
    const { text, code } = await eleventy()
    rmSync(join(site.folder, 'public/img'), { recursive: true })
    rmSync(join(site.folder, '_site'), { recursive: true })
    expect([code, text]).toEqual([
      1,
      expect.stringMatching(/Results need the folder .*Give baseUrl and output/s),
    ])
  })

  it('takes the configuration and the size that it is given, and URLs of another host', async () => {
    const config = { ...CONFIG, secret: SECRET, baseUrl: 'https://img.example.com/' }
    site.write('other.config.json', JSON.stringify(config))
    site.write('pages/unwritten.md', '---\npermalink: false\n---\n![A](/photos/cat.jpg)\n')
    const { text, code } = await eleventy({
      options: { config: 'other.config.json', size: 'card' },
      prefix: '/blog/',
    })
    rmSync(join(site.folder, 'pages/unwritten.md'))
    expect([code, text]).toEqual([0, expect.stringContaining('Wrote 5 files')])
    expect(read('blog/post/index.html')).toMatch(
      /src="https:\/\/img\.example\.com\/photos\/cat\.jpg\/80x60\.cover\.q80\.[\w-]{16}\.jpg"/,
    )
    expect(existsSync(join(site.folder, '_site/img'))).toBe(false)
  })

  it('names a picture that it could not make, and heeds the CSS and the scripts of the site', async () => {
    remove('results')
    site.write('photos/broken.jpg', 'no picture')
    site.write('public/style.css', '.only > img { width: 50px }')
    site.write('public/shop.js', 'document.getElementById("shown").src = next')
    const shown = '<img id="shown" src="/photos/cat.jpg">'
    const heads = '<link rel="stylesheet" href="/style.css"><script src="/shop.js"></script>'
    site.write(
      'pages/heeds.html',
      `${heads}<div class="only"><img src="/photos/cat.jpg"></div>${shown}<img src="/photos/broken.jpg">`,
    )
    const { text, code } = await eleventy()
    const page = read('heeds/index.html')
    for (const path of ['photos/broken.jpg', 'public/style.css', 'public/shop.js', 'pages/heeds.html'])
      rmSync(join(site.folder, path))
    expect([code, text]).toEqual([
      0,
      expect.stringMatching(/made 12 results of \d pictures, .*, 1 failed in /),
    ])
    expect(text).toMatch(/failed photos\/broken\.jpg: .*not a picture/)
    expect(page).not.toContain('<picture')
    expect(page).toContain('/img/photos/cat.jpg/160w.q80.')
    expect(page).toContain(shown)
  })

  it('has the alt of an override where a page gives none', async () => {
    site.write('photos.json', '{"photos/cat.jpg": {"alt": "A cat on a wall"}}')
    site.write(
      'imgsizes.config.json',
      JSON.stringify({ ...CONFIG, secret: SECRET, overrides: './photos.json' }),
    )
    site.write(
      'pages/alts.liquid',
      '{% picture "photos/cat.jpg", "card" %}{% picture "photos/cat.jpg", "card", "Own" %}<img src="/photos/cat.jpg"><img src="/photos/cat.jpg" alt="">',
    )
    const { code } = await eleventy()
    rmSync(join(site.folder, 'pages/alts.liquid'))
    site.write('imgsizes.config.json', JSON.stringify({ ...CONFIG, secret: SECRET }))
    expect(code).toBe(0)
    const alts = find(parse(read('alts/index.html')), 'img').map(({ attributes }) => attributes.alt)
    expect(alts).toEqual(['A cat on a wall', 'Own', 'A cat on a wall', ''])
  })

  it('leaves pages alone where the transform is off, and copies nothing where that is', async () => {
    await eleventy({ options: { transform: false, copy: false } })
    expect(read('blog/post/index.html')).toContain('<img src="/photos/cat.jpg" alt="A cat">')
    expect(read('liquid/index.html')).toContain('<picture>')
    expect(existsSync(join(site.folder, '_site/img'))).toBe(false)
  })

  it.each([
    [
      '{% picture "photos/kat.jpg", "card", "x" %}',
      'There is no picture photos/kat.jpg in the source. Did you mean photos/cat.jpg?',
    ],
    [
      '<img src="/photos/cat.jpg" data-imgsizes="huge">',
      'There is no size "huge"; there are: content, card, avatar. Add it',
    ],
  ])('fails the build at %s, and says what to do', async (page, message) => {
    site.write('pages/wrong.liquid', page)
    const { text, code } = await eleventy()
    rmSync(join(site.folder, 'pages/wrong.liquid'))
    expect([code, text]).toEqual([1, expect.stringContaining(message)])
  })

  it.each([
    [['dog.jpg', 'card', 'x'], 'in the source. Name it by its path below the source folder.'],
    [['photos/cat.jpg', 'card'], 'The picture of photos/cat.jpg has no alt. Describe in alt'],
    [
      ['photos/cat.jpg', 'avatar', 'x'],
      'photos/cat.jpg is not made in the size avatar: its match leaves it out. Show it in another size',
    ],
  ])('rejects the picture of %j, and says what to do', async ([source = '', ...rest], message) => {
    const picture: ((source: string, ...rest: readonly unknown[]) => Promise<string>)[] = []
    const listeners = new Map<string, (argument: unknown) => Promise<void>>()
    const eleventyConfig: EleventyConfig = {
      on: (event, listener) => listeners.set(event, listener),
      addAsyncShortcode: (_, render) => picture.push(render),
      addTransform: () => {},
      addWatchTarget: () => {},
    }
    await imgsizes(eleventyConfig, { config: join(site.folder, 'imgsizes.config.json') })
    await expect(picture[0]?.(source, ...rest)).rejects.toThrow(message)
    await listeners.get('eleventy.before')?.(undefined)
  })
})
