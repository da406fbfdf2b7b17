import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { join, resolve } from 'node:path'
import sharp from 'sharp'
import { build, createServer, type ViteDevServer } from 'vite'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type ImgsizesViteOptions, type ImportedPicture, imgsizes } from '../../src/integrations/vite.ts'
import { look, photo } from '../render/support.ts'
import { openBrowser, visit } from '../support/browser.ts'
import { openTestSite, QUICKEST, SECRET } from '../support/site.ts'

const REPOSITORY = resolve(import.meta.dirname, '../..')

const CONFIG = {
  source: './src/photos',
  output: './public/img',
  baseUrl: 'https://img.example.com/',
  formats: ['webp', 'original'],
  encoders: QUICKEST,
  sizes: {
    content: { widths: [80, 160] },
    card: { width: 40, height: 30, densities: [1, 2] },
    avatar: { width: 20, match: 'avatars/**' },
  },
}
const MAIN = `import card from './photos/cat.jpg?imgsizes=card'
import content from './photos/cat.jpg?imgsizes=content'
console.log(JSON.stringify([card, content]))
`

describe('the Vite plugin', () => {
  const site = openTestSite(CONFIG, afterAll)
  beforeAll(async () => {
    site.write('src/photos/cat.jpg', await photo(320, 240).jpeg().toBuffer())
    site.write('src/main.js', MAIN)
    site.write('outside.jpg', await photo(32, 24).jpeg().toBuffer())
    site.write('index.html', '<script type="module" src="/src/main.js"></script>')
    mkdirSync(join(site.folder, 'node_modules'))
    symlinkSync(REPOSITORY, join(site.folder, 'node_modules/imgsizes'))
  })

  const options = (own: ImgsizesViteOptions = {}) => ({
    root: site.folder,
    configFile: false as const,
    logLevel: 'silent' as const,
    plugins: [imgsizes(own)],
    cacheDir: join(site.folder, '.cache'),
  })

  const bundle = async (own: ImgsizesViteOptions = {}): Promise<string> => {
    await build({ ...options(own), build: { outDir: join(site.folder, 'dist'), emptyOutDir: true } })
    const folder = join(site.folder, 'dist/assets')
    return readdirSync(folder)
      .map((name) => readFileSync(join(folder, name), 'utf8'))
      .join('')
  }

  const listUrls = (code: string): readonly string[] => [
    ...new Set([...code.matchAll(/https:\/\/img\.example\.com\/([^" ]+)/g)].map(([, key = '']) => key)),
  ]
  const listMissing = (code: string, folder: string): readonly string[] =>
    listUrls(code).filter((key) => !existsSync(join(site.folder, folder, key)))

  it('with build: false fails where nothing was built, and names it', async () => {
    await expect(bundle({ build: false })).rejects.toThrow(
      /cat\.jpg was not built\. Run imgsizes build first, or remove build: false/,
    )
    expect(existsSync(join(site.folder, 'public/img/cat.jpg'))).toBe(false)
  })

  it('makes what is imported and nobody has built, with one placeholder for all sizes of a picture', async () => {
    const code = await bundle()
    expect(listUrls(code)).toHaveLength(8)
    expect(code).toMatch(/https:\/\/img\.example\.com\/cat\.jpg\/40x30\.cover\.q80\.[\w-]{16}\.webp 1x/)
    expect(listMissing(code, 'public/img')).toEqual([])
    // Vite copies what is public after all is loaded.
    expect(listMissing(code, 'dist/img')).toEqual([])
    expect(code.match(/data:image\/png;base64,/g)).toHaveLength(1)
    expect(await bundle({ build: false })).toBe(code)
  })

  it('makes a transform that no size asks for, which plan and prune then leave alone', async () => {
    site.write('src/main.js', "import cat from './photos/cat.jpg?imgsizes=33w.q70'\nconsole.log(cat)\n")
    const code = await bundle()
    site.write('src/main.js', MAIN)
    expect(listUrls(code)).toHaveLength(2)
    expect(listMissing(code, 'public/img')).toEqual([])
    expect(await site.json('plan')).toMatchObject({ missing: 0, orphans: 0, extra: 2 })
  })

  it('imports the alt of an override, and none where nothing is set', async () => {
    expect(await bundle()).not.toMatch(/\balt:/)
    site.write('photos.json', '{"cat.jpg": {"alt": "A cat on a wall"}}')
    const own = { ...CONFIG, secret: SECRET, overrides: './photos.json' }
    site.write('imgsizes.config.json', JSON.stringify(own))
    const code = await bundle()
    site.write('imgsizes.config.json', JSON.stringify({ ...CONFIG, secret: SECRET }))
    expect(code.match(/\balt:["'`]A cat on a wall["'`]/g)).toHaveLength(2)
  })

  it('takes the configuration that it is given, and says at the end what it has made', async () => {
    site.write(
      'other.config.json',
      JSON.stringify({
        ...CONFIG,
        secret: SECRET,
        output: './public/other',
        baseUrl: 'https://other.example/',
      }),
    )
    site.write('src/photos/a b ü.jpg', await photo(90, 60).jpeg().toBuffer())
    site.write(
      'src/main.js',
      `${MAIN}import other from './photos/a b ü.jpg?imgsizes=card'\nconsole.log(other)\n`,
    )
    const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    const code = await bundle({ config: 'other.config.json', verbose: true })
    const said = write.mock.calls.join('')
    write.mockRestore()
    site.write('src/main.js', MAIN)
    rmSync(join(site.folder, 'src/photos/a b ü.jpg'))
    rmSync(join(site.folder, 'public/other'), { recursive: true })
    expect(code).toContain('https://other.example/a%20b%20%C3%BC.jpg/')
    // Each picture has its own placeholder.
    expect(code.match(/data:image\/png;base64,/g)).toHaveLength(2)
    expect(said).toMatch(/\[imgsizes\] made 12 results of 2 pictures, [\d.]+ kB in [\d.]+ s/)
    expect(said).toMatch(/\[imgsizes\] .*cat\.jpg\/40x30/)
  })

  it('builds again where a picture is overwritten while vite build --watch runs', async () => {
    const outDir = join(site.folder, 'watched')
    const watcher = await build({ ...options(), build: { outDir, watch: {} } })
    if (!('on' in watcher)) throw new Error('no watcher')
    const read = (): string =>
      existsSync(join(outDir, 'assets'))
        ? readdirSync(join(outDir, 'assets'))
            .map((name) => readFileSync(join(outDir, 'assets', name), 'utf8'))
            .join('')
        : ''
    const until = (height: number) =>
      vi.waitFor(() => expect(read()).toMatch(new RegExp(`\\bheight:${height}\\b`)), { timeout: 50_000 })
    await until(120)
    const small = await photo(100, 50).jpeg().toBuffer()
    // The first build ends a moment before its files are watched.
    const writing = setInterval(() => site.write('src/photos/cat.jpg', small), 1_000)
    await until(50).finally(() => clearInterval(writing))
    await watcher.close()
    site.write('src/photos/cat.jpg', await photo(320, 240).jpeg().toBuffer())
  })

  it('makes it again where Vite has emptied the folder that it lies in', async () => {
    site.write('imgsizes.config.json', JSON.stringify({ ...CONFIG, secret: SECRET, output: './dist/img' }))
    const code = await bundle()
    site.write('imgsizes.config.json', JSON.stringify({ ...CONFIG, secret: SECRET }))
    expect(listMissing(code, 'dist/img')).toEqual([])
  })

  it.each([
    { base: '/app/', baseUrl: '/img/', output: './public/img', begins: '/app/img/' },
    {
      base: 'https://cdn.example/app/',
      baseUrl: '/img/',
      output: './dist/img',
      begins: 'https://cdn.example/app/img/',
    },
    { base: '/app/', baseUrl: '/app/img/', output: './public/img', begins: '/app/img/' },
    { base: '/app/', baseUrl: '/img/', output: './elsewhere', begins: '/img/' },
    { base: './', baseUrl: '/img/', output: './public/img', begins: '/img/' },
  ])('names results that the site publishes below its base: $base, $baseUrl in $output', async (given) => {
    const { base, begins, ...config } = given
    site.write('imgsizes.config.json', JSON.stringify({ ...CONFIG, secret: SECRET, ...config }))
    await build({ ...options(), base, build: { outDir: join(site.folder, 'dist'), emptyOutDir: true } })
    site.write('imgsizes.config.json', JSON.stringify({ ...CONFIG, secret: SECRET }))
    const folder = join(site.folder, 'dist/assets')
    const code = readdirSync(folder)
      .map((name) => readFileSync(join(folder, name), 'utf8'))
      .join('')
    expect(/src:["'`]([^"'`]*)cat\.jpg\//.exec(code)?.[1]).toBe(begins)
  })

  it.each([
    ['../outside.jpg?imgsizes=card', /is in none of the folders of `source`: .* Move it there/],
    ['./photos/cat.jpg?imgsizes=huge', /There is no size "huge".* Add it to sizes/],
    [
      './photos/cat.jpg?imgsizes',
      /cat\.jpg is imported with \?imgsizes, which names no size.*\?imgsizes=content, \?imgsizes=card/,
    ],
    [
      './photos/cat.jpg?imgsizes=avatar',
      /cat\.jpg is not made in the size avatar: its match leaves it out\. Show/,
    ],
    ['./photos/broken.jpg?imgsizes=card', /broken\.jpg: .*not a picture/],
  ])('fails at %s, and says what to do', async (specifier, message) => {
    site.write('src/photos/broken.jpg', 'no picture')
    site.write('src/main.js', `import cat from '${specifier}'\nconsole.log(cat)\n`)
    await expect(bundle()).rejects.toThrow(message)
    // Known to fail, and not tried again.
    await expect(bundle()).rejects.toThrow(message)
    site.write('src/main.js', MAIN)
    rmSync(join(site.folder, 'src/photos/broken.jpg'))
  })

  describe('in dev', () => {
    let server: ViteDevServer
    let origin: string
    beforeAll(async () => {
      server = await createServer({ ...options(), server: { port: 0, host: '127.0.0.1' } })
      await server.listen()
      const address = server.httpServer?.address()
      if (typeof address !== 'object' || address === null) throw new Error('no address')
      origin = `http://127.0.0.1:${address.port}`
    })
    afterAll(() => server.close())

    const importPicture = async (query: string): Promise<ImportedPicture> => {
      const response = await fetch(`${origin}/src/photos/cat.jpg?import&imgsizes=${query}`)
      const [, json = 'null'] = /export default (\{.*\})/s.exec(await response.text()) ?? []
      return JSON.parse(json)
    }

    it('answers a size that nobody has built, at once, as serve would', async () => {
      const { img, sources } = await importPicture('123w.q70')
      expect(img.src).toMatch(/^\/@imgsizes\/cat\.jpg\/123w\.q70\.[\w-]{16}\.jpg\?v=[0-9a-f]{10}$/)
      const response = await fetch(origin + img.src)
      expect(response.status).toBe(200)
      expect(response.headers.get('content-type')).toBe('image/jpeg')
      expect(response.headers.get('cache-control')).toBe('no-cache')
      const seen = await look(new Uint8Array(await response.arrayBuffer()))
      expect([seen.width, seen.height]).toEqual([img.width, img.height])
      const modern = await fetch(origin + (sources[0]?.srcSet ?? ''))
      expect([modern.status, modern.headers.get('content-type')]).toEqual([200, 'image/webp'])
      const head = await fetch(origin + img.src, { method: 'HEAD' })
      expect([head.status, (await head.arrayBuffer()).byteLength]).toEqual([200, 0])
    })

    it('shows an original that was overwritten as it is now, by itself', async () => {
      const browser = await openBrowser()
      try {
        await visit(browser, { width: 600 }, async (page) => {
          site.write(
            'src/shown.js',
            `import cat from './photos/cat.jpg?imgsizes=card'
document.body.append(Object.assign(new Image(), { src: cat.img.src }))
`,
          )
          site.write('shown.html', '<body><script type="module" src="/src/shown.js"></script>')
          let loads = 0
          page.on('console', (message) => {
            if (message.text().includes('[vite] connected')) loads++
          })
          await page.goto(`${origin}/shown.html`)
          for (const [before, [r, g, b]] of (
            [
              [200, 0, 0],
              [0, 180, 0],
            ] as const
          ).entries()) {
            // Of a change that comes before that, the page would never hear.
            await vi.waitFor(() => expect(loads).toBeGreaterThan(before), { timeout: 50_000 })
            const plain = sharp({ create: { width: 90, height: 90, channels: 3, background: { r, g, b } } })
            site.write('src/photos/cat.jpg', await plain.jpeg().toBuffer())
            await page.waitForFunction(`(async () => {
              const img = document.images[0]
              await img?.decode()
              const context = Object.assign(document.createElement('canvas'), { width: 1, height: 1 }).getContext('2d')
              context.drawImage(img, 0, 0, 1, 1)
              const [r, g, b] = context.getImageData(0, 0, 1, 1).data
              return Math.abs(r - ${r}) + Math.abs(g - ${g}) + Math.abs(b - ${b}) < 12
            })().catch(() => false)`)
          }
        })
      } finally {
        await browser.close()
      }
    })

    it('answers an overwritten original at the same address with its new bytes', async () => {
      const read = async (url: string) => look(new Uint8Array(await (await fetch(url)).arrayBuffer()))
      const { img } = await importPicture('50w.q80')
      const url = `${origin}${img.src.replace(/\?.*/, '')}`
      for (const [width, height] of [
        [100, 200],
        [100, 50],
      ] as const) {
        site.write('src/photos/cat.jpg', await photo(width, height).jpeg().toBuffer())
        const { width: w, height: h } = await read(url)
        expect([w, h]).toEqual([50, (50 * height) / width])
      }
    })

    it('restarts where its configuration changes', async () => {
      await importPicture('card')
      // It is never restored: the last change is heard later.
      const restart = vi.spyOn(server, 'restart').mockResolvedValue()
      const change = setInterval(() => {
        site.write(
          'imgsizes.config.json',
          JSON.stringify({ ...CONFIG, secret: SECRET, revision: `${Math.random()}` }),
        )
      }, 300)
      await vi
        .waitFor(() => expect(restart).toHaveBeenCalled(), { timeout: 50_000 })
        .finally(() => clearInterval(change))
      site.write('imgsizes.config.json', JSON.stringify({ ...CONFIG, secret: SECRET }))
    })

    it('refuses what is not signed, and leaves all else to Vite', async () => {
      const forged = await fetch(`${origin}/@imgsizes/cat.jpg/124w.q70.AAAAAAAAAAAAAAAA.jpg`)
      expect(forged.status).toBe(403)
      const page = await fetch(`${origin}/`)
      expect(await page.text()).toContain('/@vite/client')
    })
  })
})
