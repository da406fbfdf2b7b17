import { mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { build, createServer, type ViteDevServer } from 'vite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ImportedPicture, imgsizes } from '../../src/integrations/vite.ts'
import { look, photo } from '../render/support.ts'
import { openSite, type Site } from '../support/site.ts'

const REPOSITORY = resolve(import.meta.dirname, '../..')

const CONFIG = {
  source: './src/photos',
  output: './public/img',
  baseUrl: 'https://img.example.com/',
  formats: ['webp', 'original'],
  sizes: { content: { widths: [80, 160] }, card: { width: 40, height: 30, densities: [1, 2] } },
}

describe('the Vite plugin', () => {
  let site: Site
  beforeAll(async () => {
    site = openSite(CONFIG)
    site.write('src/photos/cat.jpg', await photo(320, 240).jpeg().toBuffer())
    site.write(
      'src/main.js',
      "import cat from './photos/cat.jpg?imgsizes=card'\nconsole.log(JSON.stringify(cat))\n",
    )
    site.write('outside.jpg', await photo(32, 24).jpeg().toBuffer())
    site.write('index.html', '<script type="module" src="/src/main.js"></script>')
    mkdirSync(join(site.folder, 'node_modules'))
    symlinkSync(REPOSITORY, join(site.folder, 'node_modules/imgsizes'))
  })
  afterAll(() => site.remove())

  const options = () => ({
    root: site.folder,
    configFile: false as const,
    logLevel: 'silent' as const,
    plugins: [imgsizes()],
    cacheDir: join(site.folder, '.cache'),
  })

  const bundle = async (): Promise<string> => {
    await build({ ...options(), build: { outDir: join(site.folder, 'dist'), emptyOutDir: true } })
    const folder = join(site.folder, 'dist/assets')
    return readdirSync(folder)
      .map((name) => readFileSync(join(folder, name), 'utf8'))
      .join('')
  }

  it('puts signed URLs into the bundle, and the placeholder once the picture was built', async () => {
    const before = await bundle()
    expect(before).toMatch(/https:\/\/img\.example\.com\/cat\.jpg\/40x30\.cover\.q80\.[\w-]{16}\.webp 1x/)
    expect(before).not.toContain('placeholder')
    expect((await site.run('build')).code).toBe(0)
    expect(await bundle()).toContain('data:image/png;base64,')
  })

  it('refuses what is no source, and sizes that are not configured', async () => {
    const main = readFileSync(join(site.folder, 'src/main.js'), 'utf8')
    site.write('src/main.js', "import cat from '../outside.jpg?imgsizes=card'\nconsole.log(cat)\n")
    await expect(bundle()).rejects.toThrow(/lies in no source/)
    site.write('src/main.js', "import cat from './photos/cat.jpg?imgsizes=huge'\nconsole.log(cat)\n")
    await expect(bundle()).rejects.toThrow(/There is no size "huge"/)
    site.write('src/main.js', main)
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
      expect(img.src).toMatch(/^\/@imgsizes\/cat\.jpg\/123w\.q70\.[\w-]{16}\.jpg$/)
      const response = await fetch(origin + img.src)
      expect(response.status).toBe(200)
      expect(response.headers.get('content-type')).toBe('image/jpeg')
      const seen = await look(new Uint8Array(await response.arrayBuffer()))
      expect([seen.width, seen.height]).toEqual([img.width, img.height])
      const modern = await fetch(origin + (sources[0]?.srcSet ?? ''))
      expect([modern.status, modern.headers.get('content-type')]).toEqual([200, 'image/webp'])
      const head = await fetch(origin + img.src, { method: 'HEAD' })
      expect([head.status, (await head.arrayBuffer()).byteLength]).toEqual([200, 0])
    })

    it('refuses what is not signed, and leaves all else to Vite', async () => {
      const forged = await fetch(`${origin}/@imgsizes/cat.jpg/124w.q70.AAAAAAAAAAAAAAAA.jpg`)
      expect(forged.status).toBe(403)
      const page = await fetch(`${origin}/`)
      expect(await page.text()).toContain('/@vite/client')
    })
  })
})
