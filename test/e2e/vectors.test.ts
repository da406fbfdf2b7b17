import { readdir, readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Problem } from '../../src/core/problem.ts'
import { cleanSvg } from '../../src/render/svg/clean-svg.ts'
import { openBrowser } from '../support/browser.ts'
import { SVG_ATTACKS } from '../support/svg-attacks.ts'
import { SVG_EXPORTS } from '../support/svg-exports.ts'
import { SVG_SIZES } from '../support/svg-sizes.ts'

/**
 * Vectors in Chromium, as a host serves them that sends no header of ours: what is in the file alone must be enough.
 * IMGSIZES_TEST_ICONS names a folder of SVGs to be compared as well: Debian's icon themes, say.
 */

let browser: Browser
/** To compare drawings in, and to measure them. */
let bench: Page
let server: Server
let origin: string
const files = new Map<string, string>()
const hits: string[] = []

beforeAll(async () => {
  browser = await openBrowser()
  bench = await browser.newPage()
  server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? '/')
    const file = files.get(path)
    if (path.startsWith('/hit')) hits.push(decodeURIComponent(request.headers.referer ?? path))
    response.writeHead(file === undefined ? 404 : 200, {
      'content-type': path.endsWith('.html') ? 'text/html' : 'image/svg+xml',
    })
    response.end(file)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}, 300_000)

afterAll(async () => {
  await browser?.close()
  await new Promise((resolve) => server?.close(resolve))
})

/** The vector that would be served, or would be if nothing were refused but what cannot be drawn; undefined: that. */
const cleanOf = (text: string): string | undefined => {
  try {
    return cleanSvg(Buffer.from(text)).vector
  } catch (error) {
    if (error instanceof Problem) return undefined
    throw error
  }
}

/** Every way that a page has to show a drawing. */
const EVERY_WAY = (src: string, text: string): string =>
  `<iframe src="${src}"></iframe><object data="${src}"></object><embed src="${src}"><img src="${src}"><p>${text.replace(/<[?!][^>]*>/g, '')}</p>`

/** Shows drawings, pokes them, and tells which of them had something fetched. */
const attack = async (
  drawings: readonly (readonly [name: string, text: string])[],
  toMarkup = EVERY_WAY,
): Promise<Set<string>> => {
  hits.length = 0
  files.clear()
  for (const [name, text] of drawings) files.set(`/${name}.svg`, text)
  const markup = drawings.map(([name, text]) => toMarkup(`/${encodeURIComponent(name)}.svg`, text))
  files.set('/all.html', `<!doctype html><meta charset="utf-8"><body>${markup.join('\n')}</body>`)
  const page = await browser.newPage()
  await page.goto(`${origin}/all.html`, { waitUntil: 'load' })
  await page.evaluate(POKE)
  await page.waitForTimeout(500)
  await page.close()
  const inPages = hits.some((hit) => hit.endsWith('/all.html')) ? ['all.html'] : []
  return new Set([...hits.flatMap((hit) => /\/([^/]+)\.svg$/.exec(hit)?.[1] ?? []), ...inPages])
}

/** In each frame, one after the other: to ask Playwright for every one of them took most of the test. */
const POKE = `(async function poke(view) {
  try {
    for (const element of view.document.querySelectorAll('*'))
      for (const type of ['mouseover', 'mousemove', 'pointerover', 'focus', 'focusin', 'animationstart', 'transitionend', 'resize', 'scroll', 'click'])
        element.dispatchEvent(new view.MouseEvent(type, { bubbles: true, cancelable: true, view }))
  } catch {} // one that has gone elsewhere
  // What it begins is fetched before another one takes the whole page elsewhere.
  await new Promise((next) => setTimeout(next, 10))
  for (let i = 0; i < view.length; i++) await poke(view[i])
})(window)`

describe('a vector', () => {
  const attacks = Object.entries(SVG_ATTACKS)

  it('runs nothing and fetches nothing, whatever its original does', async () => {
    const clean = attacks.flatMap(([name, text]) => {
      const vector = cleanOf(text)
      return vector === undefined ? [] : [[name, vector] as const]
    })
    expect(clean.length).toBeGreaterThan(attacks.length / 2)
    expect(await attack(clean)).toEqual(new Set())
    // What is looked for is seen where the originals stand.
    const inFrames = (src: string): string => `<iframe src="${src}"></iframe>`
    expect((await attack(attacks, inFrames)).size).toBeGreaterThan(40)
  })

  it.each(attacks)('is refused, or safe by its own text: %s', (_, text) => {
    const vector = cleanOf(text)
    if (vector === undefined) return
    expect(vector).not.toMatch(/<\/?(?:\w+:)?(?:script|foreignObject|iframe|object|embed|handler)\b/i)
    expect(vector).not.toMatch(/\son\w+\s*=|javascript:|<[!?]|&(?!amp;|lt;|gt;|quot;|#39;)/i)
  })

  it.each(Object.entries(SVG_EXPORTS))('looks as its original of %s does', async (_, original) => {
    const { vector, hazard, size } = cleanSvg(Buffer.from(original))
    if (!original.includes('onload')) expect(hazard).toBeUndefined()
    expect(vector.length).toBeLessThanOrEqual(original.length)
    expect(cleanSvg(Buffer.from(vector)).vector).toBe(vector)
    for (const kept of original.match(/<(title|desc)\b[^>]*>[^<]*<\/\1>/g) ?? [])
      expect(vector).toContain(kept)
    const [difference, painted] = await compare(original, vector)
    expect(difference).toBe(0)
    expect(painted).toBeGreaterThan(100)
    expect(Math.min(size.width, size.height)).toBeGreaterThan(20)
  })

  const folder = process.env.IMGSIZES_TEST_ICONS
  it.skipIf(folder === undefined)(
    'looks as its original in a folder of icons',
    { timeout: 3_600_000 },
    async () => {
      const names = (await readdir(folder ?? '', { recursive: true })).filter((name) => name.endsWith('.svg'))
      const different: string[] = []
      let compared = 0
      for (const name of names) {
        const original = await readFile(join(folder ?? '', name), 'utf8').catch(() => '')
        const vector = cleanOf(original)
        if (vector === undefined) continue
        compared++
        const [difference] = await compare(original, vector)
        if (difference !== 0) different.push(`${name}: ${difference}`)
      }
      console.error(`${compared} of ${names.length} icons compared`)
      expect(different).toEqual([])
    },
  )
})

/** The greatest difference of any channel at 96 × 96, and how many pixels of the first are not clear. */
const compare = async (a: string, b: string): Promise<readonly [number, number]> =>
  bench.evaluate<readonly [number, number]>(`(async () => {
    const draw = async (text) => {
      const image = new Image(96, 96)
      image.src = 'data:image/svg+xml;base64,' + text
      await image.decode()
      const canvas = new OffscreenCanvas(96, 96).getContext('2d')
      canvas.drawImage(image, 0, 0, 96, 96)
      return canvas.getImageData(0, 0, 96, 96).data
    }
    const [first, second] = [await draw('${Buffer.from(a).toString('base64')}'), await draw('${Buffer.from(b).toString('base64')}')]
    let difference = 0
    let painted = 0
    for (let i = 0; i < first.length; i++) {
      difference = Math.max(difference, Math.abs(first[i] - second[i]))
      if (i % 4 === 3 && first[i] > 0) painted++
    }
    return [difference, painted]
  })()`)

describe('a drawing', () => {
  it('is as large as Chromium lays it out', async () => {
    for (const [attributes, width, height] of SVG_SIZES) {
      const text = `<svg xmlns="http://www.w3.org/2000/svg" ${attributes}/>`
      const sides = await bench.evaluate<readonly number[]>(
        `(async () => { const image = new Image(); image.src = 'data:image/svg+xml;base64,${Buffer.from(text).toString('base64')}'; await image.decode(); return [image.naturalWidth, image.naturalHeight] })()`,
      )
      expect([attributes, ...sides]).toEqual([attributes, width, height])
    }
  })
})
