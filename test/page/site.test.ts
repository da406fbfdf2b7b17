import { execFile } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
} from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createImages } from '../../src/browser.ts'
import { photo } from '../render/support.ts'
import { openTestSite, QUICKEST, SECRET } from '../support/site.ts'
import { words } from '../support/words.ts'

const REPOSITORY = resolve(import.meta.dirname, '../..')

const CONFIG = {
  source: './public/photos',
  output: './img',
  baseUrl: '/img/',
  formats: ['webp', 'original'],
  encoders: QUICKEST,
  sizes: {
    content: { widths: [160, 320] },
    card: { width: 80, height: 60, densities: [1, 2] },
    logo: { width: 32, match: 'logos/**', draw: true },
  },
}

describe('a built site', () => {
  const site = openTestSite(CONFIG, afterAll)
  beforeAll(async () => {
    site.write('public/photos/cat.jpg', await photo(400, 300).jpeg().toBuffer())
    site.write('public/photos/trips/été.png', await photo(200, 100).png().toBuffer())
    site.write(
      'public/photos/logos/our.svg',
      '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 10"><rect width="40" height="10" fill="#0a0"/></svg>',
    )
  })

  const read = (path: string): string => readFileSync(join(site.folder, path), 'utf8')

  it('writes images.json with its first build, and the same again without a decode', async () => {
    const first = await site.json('build', '--images', 'gen/images.json', '--types', 'gen/images.d.ts')
    expect(first).toMatchObject({ sources: 3, failed: 0 })
    const text = read('gen/images.json')
    const images = createImages(JSON.parse(text))
    expect(images.facts('cat.jpg')).toMatchObject({ width: 400, height: 300, mediaFormat: 'jpeg' })
    expect(images.facts('logos/our.svg')).toMatchObject({ mediaFormat: 'svg', isScalable: true })
    expect(images.placeholder('trips/été.png')).toMatch(/^data:image\/png/)
    for (const url of images
      .srcset('trips/été.png', 'content')
      .split(', ')
      .map((each) => each.split(' ')[0] ?? ''))
      expect(existsSync(join(site.folder, decodeURIComponent(url)))).toBe(true)
    expect(images.url('logos/our.svg', 'logo')).toContain('/32w.q80.')
    expect(() => images.url('cat.jpg', 'logo')).toThrow(/no signature/)
    const again = await site.json('build', '--images', 'gen/images.json')
    expect(again).toMatchObject({ rendered: 0, bytesIn: 0 })
    expect(read('gen/images.json')).toBe(text)
    // A file that says the same keeps its date: whoever watches it is not woken.
    const before = statSync(join(site.folder, 'gen/images.json'))
    const told = await site.run('build', '--images', 'gen/images.json', '--types', 'gen/images.d.ts')
    expect(told.stderr).toContain('as it was: gen/images.json, gen/images.d.ts\n')
    const after = statSync(join(site.folder, 'gen/images.json'))
    expect([after.mtimeMs, after.ino]).toEqual([before.mtimeMs, before.ino])
    expect(readdirSync(join(site.folder, 'gen')).sort()).toEqual(['images.d.ts', 'images.json'])
  })

  it('splits images.json by top folder', async () => {
    await site.json('build', '--images', 'split/images.json', '--split')
    expect(readdirSync(join(site.folder, 'split')).sort()).toEqual([
      'images.json',
      'images.logos.json',
      'images.trips.json',
    ])
    expect(Object.keys(JSON.parse(read('split/images.trips.json')).images)).toEqual(['trips/été.png'])
  })

  it('refuses to write a list of some sources as that of all', async () => {
    const ended = await site.run('build', '--images', 'x.json', '--only', 'trips/**')
    expect(ended.code).toBe(2)
    expect(ended.stderr).toContain('--images lists every source')
    expect((await site.run('build', '--split')).code).toBe(2)
    const unwritable = await site.run('build', '--images', 'imgsizes.config.json/x.json')
    expect(unwritable.code).toBe(1)
    expect(unwritable.stderr).toContain('cannot be written')
  })

  it('has its names checked by the compiler', async () => {
    mkdirSync(join(site.folder, 'node_modules'))
    symlinkSync(REPOSITORY, join(site.folder, 'node_modules/imgsizes'))
    site.write('package.json', '{"type":"module"}')
    site.write(
      'gen/tsconfig.json',
      JSON.stringify({
        compilerOptions: {
          module: 'nodenext',
          target: 'es2023',
          strict: true,
          noEmit: true,
          resolveJsonModule: true,
          types: [],
          exactOptionalPropertyTypes: true,
        },
        include: ['*.ts', '*.json'],
      }),
    )
    site.write(
      'gen/page.ts',
      `import { createImages } from 'imgsizes/browser'
import cat from '../public/photos/cat.jpg?imgsizes=card'
import file from './images.json' with { type: 'json' }
const images = createImages(file)
export const good = images.picture('cat.jpg', 'card', { alt: 'x' }) + images.url('trips/été.png', '32w.q80')
export const known = images.url('https://example.com/cat.jpg', 'content')
// @ts-expect-error no such source
export const a = images.url('dog.jpg', 'card')
// @ts-expect-error no such size
export const b = images.url('cat.jpg', 'huge')
export const imported: number = cat.img.width + cat.sources.length
export const alt: string = cat.img.alt ?? 'what the page says where no override does'
// @ts-expect-error options are required, and alt in them where no override says it
export const c = images.picture('cat.jpg', 'card')
`,
    )
    const tsc = join(REPOSITORY, 'node_modules/typescript/bin/tsc')
    const { stdout } = await promisify(execFile)(process.execPath, [tsc, '-p', 'gen'], {
      cwd: site.folder,
    }).catch((error: { readonly stdout: string }) => error)
    expect(stdout).toBe('')
  })

  it('has its pages rewritten once, and a check says whether that was done', async () => {
    const page =
      '<!doctype html>\r\n<p><img src="../photos/cat.jpg" alt="A cat"><img src=/photos/logos/our.svg>\r\n'
    site.write('dist/blog/index.html', page)
    expect((await site.run('html', 'dist', '--check')).code).toBe(3)
    expect(read('dist/blog/index.html')).toBe(page)
    const report = await site.json('html', 'dist')
    expect(report).toMatchObject({ pages: 1, changed: 1, rewritten: 1, left: { vector: 1 } })
    expect(Number(report.bytesBefore)).toBeGreaterThan(Number(report.bytesAfter))
    expect(Number(report.bytesAfter)).toBeGreaterThan(0)
    const rewritten = read('dist/blog/index.html')
    expect(rewritten).toMatch(
      /^<!doctype html>\r\n<p><picture [^>]*><source hidden="" type="image\/webp" .*<\/picture><img src=\/photos\/logos\/our\.svg>\r\n$/,
    )
    expect((await site.run('html', 'dist', '--check')).code).toBe(0)
    expect(await site.json('html', 'dist')).toMatchObject({ changed: 0 })
    expect(read('dist/blog/index.html')).toBe(rewritten)
    const told = await site.run('html', 'dist')
    expect(told.stdout).toContain('0 pages of 1 changed')
  })

  it('can have its pages rewritten from images.json alone', async () => {
    site.write(
      'elsewhere/dist/index.html',
      '<img src="/photos/cat.jpg" data-imgsizes=card><img src="/photos/x.jpg"><img src="/photos/logos/our.svg"><img src="/photos/logos/our.svg" data-imgsizes=logo>',
    )
    const args = words('html elsewhere/dist --images gen/images.json --origin /photos --config none.json')
    expect(await site.json(...args)).toMatchObject({ rewritten: 2, left: { unknown: 1, vector: 1 } })
    expect(read('elsewhere/dist/index.html')).toContain('/img/cat.jpg/80x60.cover.q80.')
  })

  it('finds pictures and style sheets of a site that its host shows below a path', async () => {
    const config = { ...CONFIG, secret: SECRET, output: './public/img', baseUrl: '/my%20site/v2/img/' }
    site.write('imgsizes.config.json', JSON.stringify(config))
    expect((await site.run('build')).code).toBe(0)
    site.write(
      'below/blog/index.html',
      '<link rel=stylesheet href="/my%20site/v2/css/a.css"><img src="/my%20site/v2/photos/cat.jpg"><p class=card><img src="/my%20site/v2/photos/cat.jpg"></p>',
    )
    site.write('below/css/a.css', '.card > img {}')
    expect(await site.json('html', 'below')).toMatchObject({ rewritten: 2, alone: 1 })
    expect(read('below/blog/index.html')).toContain('/my%20site/v2/img/cat.jpg/160w')
    // URLs of another host do not show the path: it is asked for, and style sheets are found by what exists.
    site.write('imgsizes.config.json', JSON.stringify({ ...config, baseUrl: 'https://img.example/' }))
    site.write(
      'below/blog/index.html',
      '<link rel=stylesheet href="/v3/css/a.css"><p class=card><img src="/v3/photos/cat.jpg"></p>',
    )
    const asked = await site.run('html', 'below')
    expect(asked.stdout).toContain('no original of that name (1)')
    expect(asked.stdout).toContain('say so: --origin /photos/')
    expect(await site.json('html', 'below', '--origin', '/v3/photos')).toMatchObject({
      rewritten: 1,
      alone: 1,
    })
    rmSync(join(site.folder, 'public/img'), { recursive: true })
    site.write('imgsizes.config.json', JSON.stringify({ ...CONFIG, secret: SECRET }))
  })

  it("leaves the site's own picture alone where a source has its name, and names it", async () => {
    const own = await sharp({ create: { width: 40, height: 30, channels: 3, background: '#00a' } })
      .png()
      .toBuffer()
    const other = await sharp({ create: { width: 40, height: 30, channels: 3, background: '#a00' } })
      .png()
      .toBuffer()
    // As long as the other, which only a look into both tells apart.
    expect(own.length).toBe(other.length)
    site.write('public/photos/logo.png', other)
    expect((await site.run('build', '--images', 'gen/images.json')).code).toBe(0)
    for (const args of [[], ['--images', 'gen/images.json']]) {
      site.write('own/index.html', '<img src="/logo.png"><img src="/photos/logo.png">')
      site.write('own/logo.png', own)
      site.write('own/photos/logo.png', other)
      const ended = await site.run('html', 'own', ...args, '--origin', '/photos/')
      expect(ended.stdout).toMatch(
        /names than the originals: \/logo\.png; where .* have it copy them as they are$/m,
      )
      expect(read('own/index.html')).toMatch(/^<img src="\/logo\.png"><picture /)
    }
    rmSync(join(site.folder, 'public/photos/logo.png'))
  })

  it('finds a picture that a bundler renamed by its bytes', async () => {
    const cat = readFileSync(join(site.folder, 'public/photos/cat.jpg'))
    const other = Buffer.from(cat).fill(0, cat.length - 9)
    site.write('bundled/assets/cat-1f3a.jpg', cat)
    site.write('bundled/assets/5fa3123f.jpg', cat)
    // As long as the original, but another file.
    site.write('bundled/assets/dog-77aa.jpg', other)
    site.write(
      'bundled/a.css',
      'p { background: url(assets/cat-1f3a.jpg) } @font-face { src: url(/photos/a.woff2) }',
    )
    // A font among the originals is none.
    site.write('public/photos/a.woff2', 'font')
    const page =
      '<img src="/assets/cat-1f3a.jpg"><img src="assets/5fa3123f.jpg"><img src=assets/dog-77aa.jpg>'
    site.write('bundled/index.html', page)
    expect(await site.json('html', 'bundled')).toMatchObject({
      rewritten: 2,
      left: { unknown: 1 },
      named: { css: 1 },
    })
    const text = read('bundled/index.html')
    expect(text.match(/src="\/img\/cat\.jpg\//g)).toHaveLength(2)
    expect(text).toContain('<img src=assets/dog-77aa.jpg>')
    expect(await site.json('html', 'bundled')).toMatchObject({ changed: 0, left: { responsive: 2 } })
    rmSync(join(site.folder, 'public/photos/a.woff2'))
  })

  it('takes the parts of a split images.json, and names what is none', async () => {
    await site.run('build', '--images', 'split/images.json', '--split')
    site.write('split/other.json', '{"name":"a package"}')
    site.write('parts/index.html', '<img src="/photos/cat.jpg"><img src="/photos/trips/été.png">')
    const images = (...names: readonly string[]) => names.flatMap((name) => ['--images', `split/${name}`])
    const html = (...names: readonly string[]) =>
      site.run('html', 'parts', '--check', '--origin', '/photos', ...images(...names))
    expect((await html('images.json')).stdout).toContain('1 picture\n')
    expect((await html('images.json', 'images.trips.json')).stdout).toContain('2 pictures\n')
    const mixed = await html('images.json', 'other.json')
    expect(mixed.stderr).toMatch(
      /error: .*other\.json is not an images\.json that this version of imgsizes can read/,
    )
    expect(mixed.stdout).toContain('1 picture\n')
    for (const content of ['{}', '[]', 'null', '7', '{"imgsizes":"images","version":1}', 'no JSON']) {
      site.write('split/other.json', content)
      const ended = await html('other.json')
      expect([content, ended.code]).toEqual([content, 2])
      expect(ended.stderr).toMatch(/^error: .*other\.json is not (?:an images\.json|JSON)/)
    }
  })

  it('says why a picture is an <img> alone, and what scripts then cannot do', async () => {
    site.write(
      'alone/index.html',
      '<style>p > img {}</style><p><img src="/photos/cat.jpg"></p><div id=__next><img src="/photos/cat.jpg"></div>',
    )
    expect((await site.run('html', 'alone')).stdout).toContain(
      '\nas an <img> in one format: 2, since CSS rules, slots or scripts may find them by their place (p > img), ' +
        'or a framework writes or checks their tags itself (Next.js); say data-imgsizes="off" where it changes a src\n',
    )
  })

  it('says how many pictures are loaded for the whole window', async () => {
    const say = async (html: string, ...args: string[]) => {
      site.write('wide/index.html', html)
      return (await site.run('html', 'wide', ...args)).stdout
    }
    const line =
      /^as wide as the window: 2, since neither tag nor size says how wide they are shown; add `sizes`/m
    const plain = '<img src="/photos/cat.jpg">'
    expect(await say(`${plain}${plain}<img src="/photos/cat.jpg" width=90>`)).toMatch(line)
    expect(await say('<img src="/photos/cat.jpg" sizes="50vw">')).not.toContain('as wide')
    expect(await say(plain, '--size', 'card')).not.toContain('as wide')
    site.write(
      'imgsizes.config.json',
      JSON.stringify({
        ...CONFIG,
        secret: SECRET,
        sizes: { ...CONFIG.sizes, content: { widths: [160, 320], sizes: '50vw' } },
      }),
    )
    expect(await say(plain)).not.toContain('as wide')
    site.write(
      'imgsizes.config.json',
      JSON.stringify({
        ...CONFIG,
        secret: SECRET,
        sizes: { ...CONFIG.sizes, content: { widths: [800, 1600] } },
      }),
    )
    expect(await say(plain)).not.toContain('as wide')
    site.write('imgsizes.config.json', JSON.stringify({ ...CONFIG, secret: SECRET }))
  })

  it('names a picture that the page itself contains by its beginning', async () => {
    site.write('inline/index.html', `<img src="data:image/png;base64,${'A'.repeat(9999)}">`)
    const { stderr } = await site.run('html', 'inline', '--verbose')
    expect(stderr).toMatch(/: data:image\/png;base64,A{23}… left as it is: on another host, or inline$/m)
  })

  it('says that a folder has no pages', async () => {
    site.write('empty/a.txt', '')
    expect((await site.run('html', 'empty')).stdout).toMatch(/^no pages in empty: .*\.html, \.htm or \.xhtml/)
  })

  it('names a page that cannot be read, and does the others', async () => {
    site.write('some/a.html/b.txt', 'a folder that is named like a page')
    site.write('some/b.html', '')
    // More than Node reads at once; on disk it takes nothing.
    truncateSync(join(site.folder, 'some/b.html'), 2 ** 31)
    site.write('some/z.html', '<img src="/photos/cat.jpg">')
    const ended = await site.run('html', 'some')
    expect(ended.stderr).toMatch(/^failed b\.html: It cannot be read \(ERR_FS_FILE_TOO_LARGE\)\.\n/)
    expect(ended.stdout).toMatch(/^1 page of 1 changed: 1 picture\n1 page failed\n/)
    expect(ended.code).toBe(1)
  })

  it('says of what a build has failed on why, and not to build first', async () => {
    site.write('public/photos/broken.jpg', 'no picture')
    site.write('failing/a.html', '<img src="/photos/broken.jpg">')
    const before = await site.run('html', 'failing')
    expect(before.stdout).toMatch(/not built: broken\.jpg; run .*imgsizes build first/)
    await site.run('build')
    const after = await site.run('html', 'failing')
    expect(after.code).toBe(0)
    expect(after.stdout).toMatch(/\nbuild failed on broken\.jpg: .*not a picture/)
    expect(after.stdout).not.toContain('build first')
    // Other bytes may be well, whatever became of those before.
    site.write('public/photos/broken.jpg', 'still no picture')
    expect((await site.run('html', 'failing')).stdout).toContain('not built: broken.jpg')
    rmSync(join(site.folder, 'public/photos/broken.jpg'))
  })

  it('says of pictures that are left out, once and by kind', async () => {
    for (const name of ['a.heic', 'b.HEIC', 'c.psd', 'd.txt']) site.write(`public/photos/${name}`, 'x')
    const line = 'Some pictures are left out, because `include` does not name them: 2 .heic, 1 .psd.'
    for (const command of ['build', 'plan']) {
      expect((await site.run(command)).stderr).toContain(line)
      expect((await site.run(command, '--quiet')).stderr).not.toContain('left out')
      expect((await site.run(command, '--verbose')).stderr).toContain('left out b.HEIC: ')
    }
    site.write('out/index.html', '<img src="/photos/a.heic">')
    expect((await site.run('html', 'out')).stdout).toContain(
      'left as they are: left out by `include` or an override (1)',
    )
    for (const name of ['a.heic', 'b.HEIC', 'c.psd', 'd.txt'])
      rmSync(join(site.folder, `public/photos/${name}`))
  })

  it('says which pictures it names that no build has made in this size', async () => {
    site.write(
      'imgsizes.config.json',
      JSON.stringify({ ...CONFIG, secret: SECRET, sizes: { content: { widths: [50, 60] } } }),
    )
    site.write('new/index.html', '<img src="/photos/cat.jpg">')
    const before = await site.run('html', 'new', '--check')
    expect(before.stdout).toMatch(/not all files built: cat\.jpg; run .*imgsizes build, or have serve answer/)
    await site.run('build')
    expect((await site.run('html', 'new')).stdout).not.toContain('not all files')
    site.write('imgsizes.config.json', JSON.stringify({ ...CONFIG, secret: SECRET }))
  })

  it('says what is not built, and what is wrong', async () => {
    site.write(
      'public/photos/new.jpg',
      await sharp({ create: { width: 9, height: 9, channels: 3, background: 'red' } })
        .jpeg()
        .toBuffer(),
    )
    site.write(
      'more/a.html',
      '<img src="/photos/new.jpg"><img src="/photos/cat.jpg" data-imgsizes="huge"><img src="/photos/cat.jpg" data-imgsizes="crad"><img src="/photos/cat.jpg">',
    )
    const ended = await site.run('html', 'more')
    expect(ended.code).toBe(1)
    expect(ended.stdout).toContain('not built: new.jpg')
    expect(ended.stderr).toMatch(/a\.html: There is no size "huge"; there are: [^?\n]*\n/)
    expect(ended.stderr).toMatch(/a\.html: There is no size "crad"; .* Did you mean card\?/)
    // Pictures that failed stay as they were, and the page is written with the others.
    const written = read('more/a.html')
    expect(written).toMatch(
      /^<img src="\/photos\/new\.jpg"><img src="\/photos\/cat\.jpg" data-imgsizes="huge">/,
    )
    expect(written).toMatch(/data-imgsizes="crad"><picture .*<\/picture>$/)
    expect((await site.run('html', 'nowhere')).stderr).toContain('is not a folder')
    expect((await site.run('html', 'more', '--size', 'huge')).code).toBe(2)
    expect((await site.run('html', 'more', '--origin', 'photos')).code).toBe(2)
    expect((await site.run('html', 'more', '--images', 'nothing.json')).code).toBe(2)
  })
})
