import { readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createImages, type Images } from '../../src/browser.ts'
import { photo } from '../render/support.ts'
import { type Host, openBrowser, visit as openWindow, serveFolder } from '../support/browser.ts'
import { openTestSite } from '../support/site.ts'

const CONFIG = {
  source: './photos',
  output: './img',
  baseUrl: '/img/',
  formats: ['avif', 'webp', 'original'],
  // At the usual numbers each format is larger than the one before, so that pages offer all three.
  encoders: {
    avif: { effort: 0, search: false },
    webp: { effort: 0, search: false },
    jpeg: { mozjpeg: false, search: false },
  },
  sizes: {
    content: { widths: [320, 640, 960, 1280] },
    card: { width: 200, height: 150, densities: [1, 2] },
    tall: { width: 300, height: 400 },
  },
}

/** What the page says of one `<img>`. */
interface Shown {
  readonly src: string
  readonly naturalWidth: number
  readonly width: number
  readonly height: number
}

const COUNT_SHIFTS = `window.shifts = 0
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.shifts += entry.value
}).observe({ type: 'layout-shift', buffered: true })`

const describePage = (images: Images): string => {
  const placeholder = 'thumbhash' as const
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>imgsizes</title>
<style>body{margin:0;font:16px/1.4 sans-serif}main{padding:0}img{max-width:100%;height:auto;display:block}p{margin:8px}</style>
<main><p>A picture of any width, one of a fixed size, and one that is another on small screens.</p>
${images.picture('sunset.jpg', 'content', { alt: 'A sunset', loading: 'eager', fetchPriority: 'high', placeholder })}
<p>Below the first.</p>
${images.picture('sunset.jpg', 'card', { alt: 'A small one', loading: 'eager', placeholder })}
${images.picture('sunset.jpg', { '(max-width: 500px)': 'tall', default: 'card' }, { alt: 'Art', loading: 'eager', placeholder })}
<p>The end.</p></main></html>`
}

describe('in Chromium', () => {
  const site = openTestSite(CONFIG, afterAll)
  let host: Host
  let browser: Browser
  /** Pictures are held back until this resolves. */
  let gate: Promise<void> = Promise.resolve()
  let images: Images

  beforeAll(async () => {
    site.write('photos/sunset.jpg', await photo(1600, 1000).jpeg({ quality: 90 }).toBuffer())
    expect((await site.run('build', '--images', 'images.json')).code).toBe(0)
    images = createImages(JSON.parse(await readFile(join(site.folder, 'images.json'), 'utf8')))
    site.write('index.html', describePage(images))
    host = await serveFolder(site.folder, {
      before: async (path) => {
        if (path.startsWith('/img/')) await gate
      },
    })
    browser = await openBrowser()
  }, 600_000)
  afterAll(async () => {
    await browser?.close()
    host?.close()
  })

  /** Opens a window that counts shifts, and gives its page to `look`. */
  const visit = <T>(
    size: { readonly width: number; readonly density?: number },
    look: (page: Page) => Promise<T>,
  ): Promise<T> =>
    openWindow(browser, size, async (page) => {
      await page.addInitScript({ content: COUNT_SHIFTS })
      return look(page)
    })

  // As text: the scripts of a page know `document`, ours do not.
  const listShown = (page: Page): Promise<readonly Shown[]> =>
    page.evaluate(`[...document.images].map((img) => ({
      src: img.currentSrc,
      naturalWidth: img.naturalWidth,
      width: img.clientWidth,
      height: img.clientHeight,
    }))`)

  const loadAll = async (page: Page): Promise<void> => {
    await page.waitForFunction('[...document.images].every((img) => img.complete && img.naturalWidth > 0)')
    // Complete is not decoded, and a busy machine paints the placeholder until it is.
    await page.evaluate('Promise.all([...document.images].map((img) => img.decode()))')
    await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))')
  }

  const readShift = (page: Page): Promise<number> => page.evaluate('window.shifts')

  it.each([
    { width: 320, density: 1, content: '320w', card: '200x150', art: '300x400' },
    { width: 320, density: 2, content: '640w', card: '400x300', art: '300x400' },
    { width: 700, density: 1, content: '960w', card: '200x150', art: '200x150' },
    { width: 600, density: 2, content: '1280w', card: '400x300', art: '400x300' },
    { width: 1400, density: 1, content: '1280w', card: '200x150', art: '200x150' },
    { width: 1400, density: 2, content: '1280w', card: '400x300', art: '400x300' },
  ])(
    'takes AVIF of the right width, and nothing jumps: $width px × $density',
    async ({ width, density, ...wanted }) => {
      await visit({ width, density }, async (page) => {
        await page.goto(host.origin)
        await loadAll(page)
        const shown = await listShown(page)
        expect(shown.map(({ src }) => /\/([0-9wx]+)[.][^/]*[.](\w+)$/.exec(src)?.slice(1))).toEqual([
          [wanted.content, 'avif'],
          [wanted.card, 'avif'],
          [wanted.art, 'avif'],
        ])
        expect(shown[0]?.width).toBe(Math.min(width, 1280))
        expect(shown[0]?.height).toBe(Math.round(Math.min(width, 1280) / 1.6))
        expect(shown[1]).toMatchObject({ width: 200, height: 150 })
        expect(await readShift(page)).toBe(0)
      })
    },
  )

  it('measures shifts at all: without width and height there is one', async () => {
    await visit({ width: 700 }, async (page) => {
      const html = (await readFile(join(site.folder, 'index.html'), 'utf8')).replaceAll(
        / (?:width|height)="\d+"/g,
        '',
      )
      site.write('jumps.html', html)
      let open = (): void => {}
      gate = new Promise((done) => {
        open = done
      })
      await page.goto(`${host.origin}jumps.html`, { waitUntil: 'commit' })
      await page.waitForTimeout(500)
      open()
      await loadAll(page)
      await page.waitForTimeout(200)
      expect(await readShift(page)).toBeGreaterThan(0)
    })
  })

  it('shows placeholders in the same place before, and the pictures after', async () => {
    await visit({ width: 700 }, async (page) => {
      let open = (): void => {}
      gate = new Promise((done) => {
        open = done
      })
      await page.goto(host.origin, { waitUntil: 'commit' })
      await page.waitForFunction('document.images.length === 3')
      await page.waitForTimeout(300)
      const before = await listShown(page)
      expect(before.map(({ naturalWidth }) => naturalWidth)).toEqual([0, 0, 0])
      const early = await page.screenshot()
      open()
      await loadAll(page)
      const after = await listShown(page)
      expect(after.map(({ width, height }) => [width, height])).toEqual(
        before.map(({ width, height }) => [width, height]),
      )
      expect(await readShift(page)).toBe(0)
      const late = await page.screenshot()
      const [blurred, sharpened] = await Promise.all([early, late].map(spread))
      // Both have the picture's colours; only the picture has its detail.
      expect(blurred?.colours).toBeGreaterThan(100)
      expect(Math.abs((blurred?.mean ?? 0) - (sharpened?.mean ?? 99))).toBeLessThan(12)
      expect(sharpened?.edges).toBeGreaterThan((blurred?.edges ?? 0) * 1.5)
      await writeFile(join(tmpdir(), 'imgsizes-before.png'), early)
      await writeFile(join(tmpdir(), 'imgsizes-after.png'), late)
    })
  })

  it.each([
    [['avif'], 'webp'],
    [['avif', 'webp'], 'jpg'],
  ])('falls back where %s is not accepted', async (imageTypes, ending) => {
    await visit({ width: 700 }, async (page) => {
      const session = await page.context().newCDPSession(page)
      await session.send('Emulation.setDisabledImageTypes', { imageTypes: imageTypes as ('avif' | 'webp')[] })
      await page.goto(host.origin)
      await loadAll(page)
      const shown = await listShown(page)
      expect(shown.map(({ src }) => src.split('.').at(-1))).toEqual([ending, ending, ending])
      expect(await readShift(page)).toBe(0)
    })
  })

  /** What a page of this body asks for. */
  const listAsked = async (body: string, size: Parameters<typeof visit>[0]): Promise<readonly string[]> => {
    site.write(
      'one.html',
      `<!doctype html><meta name="viewport" content="width=device-width"><style>body{margin:0}img{max-width:100%;height:auto}</style>${body}`,
    )
    let files: readonly string[] = []
    await visit(size, async (page) => {
      const asked: string[] = []
      page.on('request', (request) => {
        const [, name, ending] = /\/img\/.*\/(\d[^.]*).*\.(\w+)$/.exec(request.url()) ?? []
        if (name !== undefined) asked.push(`${name}.${ending}`)
      })
      await page.goto(`${host.origin}one.html`, { waitUntil: 'networkidle' })
      await loadAll(page)
      // While it is closed, a page has a density of one for a moment, and may ask again.
      files = [...asked]
    })
    return files
  }

  it('measures the place of a lazy picture; where it does not, it takes what follows auto', async () => {
    const lazy = images.picture('sunset.jpg', 'content', { alt: '' })
    const column = (picture: string): string => `<div style="width:30rem">${picture}</div>`
    expect(await listAsked(column(lazy), { width: 1400 })).toEqual(['640w.avif'])
    // Not for pictures that load at once: to a browser it is then a word that it does not know.
    const eager = column(lazy.replace('loading="lazy"', 'loading="eager"'))
    expect(eager).toContain('sizes="auto, ')
    expect(await listAsked(eager, { width: 1400 })).toEqual(['1280w.avif'])
  })

  it('lays a lazy picture that is measured out as one that is not, in a flex row too', async () => {
    const lazy = images.picture('sunset.jpg', 'card', { alt: '', sizes: 'auto, 200px' })
    const row = (picture: string): string =>
      `<div style="display:flex">${picture}<p>${'words '.repeat(400)}</p></div>`
    site.write('rows.html', `<!doctype html>${row(lazy)}${row(lazy.replaceAll('auto, ', ''))}`)
    await visit({ width: 700 }, async (page) => {
      await page.goto(`${host.origin}rows.html`)
      await loadAll(page)
      expect((await listShown(page)).map(({ width }) => width)).toEqual([200, 200])
    })
  })

  it.each([1, 2])('loads ahead the very file that is shown, at %i×', async (density) => {
    const { link } = images.preload('sunset.jpg', 'content')
    const shown = images.picture('sunset.jpg', 'content', { alt: '', loading: 'eager' })
    const files = await listAsked(`${link}${shown}`, { width: 600, density })
    expect(files).toEqual([density === 1 ? '640w.avif' : '1280w.avif'])
  })

  it.each([
    [1, '200x150.avif'],
    [2, '400x300.avif'],
  ])('shows a background in the first format, at %i×', async (density, file) => {
    const style = `background-image:${images.cssImageSet('sunset.jpg', 'card').replaceAll('"', "'")}`
    expect(await listAsked(`<p style="${style}">words</p>`, { width: 600, density })).toEqual([file])
  })
})

/** Of the part of a screenshot where the first picture is: its mean, how many colours, how much changes. */
const spread = async (png: Buffer) => {
  const { data, info } = await sharp(png)
    .extract({ left: 50, top: 100, width: 600, height: 300 })
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
  let sum = 0
  let edges = 0
  const colours = new Set<number>()
  for (let i = 0; i < data.length; i += info.channels) {
    const [r = 0, g = 0, b = 0] = data.subarray(i, i + 3)
    sum += r + g + b
    colours.add((r << 16) | (g << 8) | b)
    edges += Math.abs(g - (data[i + 1 + info.channels] ?? g))
  }
  const pixels = data.length / info.channels
  return { mean: sum / pixels / 3, edges: edges / pixels, colours: colours.size }
}
