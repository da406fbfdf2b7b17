import { readFile, rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { formatBytes } from '../../src/cli/format-numbers.ts'
import { chooseShown, writeGallery } from '../../src/cli/report-page/gallery.ts'
import { holdPictures } from '../../src/cli/report-page/write.ts'
import type { SourceKey } from '../../src/core/source-key.ts'
import type { VariantKey } from '../../src/url/keyring.ts'
import { openBrowser } from '../support/browser.ts'
import { readSample } from '../support/site.ts'
import { listOutput, makeProject, run, writeConfig, writePicture, writeText } from './support.ts'

describe('the pictures in a report', () => {
  const toResults = (source: string, bytes: readonly number[]) =>
    bytes.flatMap((sizeBytes, index) =>
      (['avif', 'webp'] as const).map((format) => ({
        key: `${source}/${(index + 1) * 100}w.q80.0123456789abcdef.${format}` as VariantKey,
        format,
        sizeBytes,
        isKept: true,
      })),
    )
  const toSource = (source: string, bytes: readonly number[]) => ({
    source: source as SourceKey,
    sizeBytes: 0,
    megapixels: 0,
    elapsedMs: 0,
    results: toResults(source, bytes),
  })
  const nameOf = ({ key, format }: { readonly key: VariantKey; readonly format: string }): string =>
    `${key.split('.q80')[0]} ${format}`

  test('are of each source the largest size that the page can hold for all of them, in every format', async () => {
    const gallery = Array.from({ length: 40 }, (_, i) => toSource(`${i}.jpg`, [10_000, 40_000, 60_000, 9e6]))
    const shown = chooseShown(gallery)
    expect([shown.length, shown[39]?.map(nameOf)]).toEqual([40, ['39.jpg/200w avif', '39.jpg/200w webp']])
    const [only] = chooseShown(gallery.slice(0, 1))
    expect(only?.map(nameOf)).toEqual(['0.jpg/300w avif', '0.jpg/300w webp'])
    expect(chooseShown([toSource('a.jpg', [9e6, 5e6])])[0]?.map(nameOf)).toEqual([
      'a.jpg/200w avif',
      'a.jpg/200w webp',
    ])
  })

  test('are held until the page is a megabyte, without those that are gone', async () => {
    const gallery = Array.from({ length: 40 }, (_, i) => toSource(`${i}.jpg`, [40_000]))
    const keys = gallery.flatMap(({ results }) => results.map(({ key }) => key))
    const bytes = new Uint8Array(40_000)
    const held = await holdPictures(gallery, async (key) => (key === keys[1] ? undefined : bytes))
    expect([...held.keys()]).toEqual([...keys.slice(0, 1), ...keys.slice(2, 27)])
    expect(held.get(keys[0] as VariantKey)).toMatch(/^data:image\/avif;base64,AAAA/)
  })

  test('are asked of a store that fails a few times, not once for each', async () => {
    let reads = 0
    const gallery = Array.from({ length: 40 }, (_, i) => toSource(`${i}.jpg`, [1]))
    const held = await holdPictures(gallery, async () => {
      reads++
      throw new Error('no store')
    })
    expect([held.size, reads]).toEqual([0, expect.toSatisfy((count: number) => count <= 17)])
  })
})

test('a report says what a search has come to, and why a file is lossless', () => {
  const key = 'a.png/full.q80.0123456789abcdef.webp' as VariantKey
  const reached = { score: 69.42, number: 63, fixed: 80, fixedBytes: 40_000 }
  const made = [
    { reached },
    { way: 'lossless', instead: 90_000 },
    { way: 'whole-chroma', instead: 20_000 },
  ] as const
  const results = made.map((each) => ({
    key,
    format: 'webp' as const,
    sizeBytes: 30_000,
    isKept: false,
    made: each,
  }))
  const source = { source: 'a.png' as SourceKey, sizeBytes: 1, megapixels: 1, elapsedMs: 1, results }
  const page = writeGallery({ record: { gallery: [source], unshown: 0 }, linkOf: () => '', held: new Map() })
  expect(page.html).toContain('SSIMULACRA2 69.4 with the encoder at 63, about 10 kB less than at 80')
  expect(page.html).toContain('lossless, otherwise 90 kB')
  expect(page.html).toContain('with all of its colour, without it looks worse than its quality (20 kB)')
})

describe('build --report', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await openBrowser()
  }, 300_000)
  afterAll(() => browser?.close())

  test('is one page: totals, charts, failures, and of each picture one size in every format, large enough', async () => {
    const cwd = await makeProject([])
    await writeConfig(cwd, {
      formats: ['avif', 'webp', 'original'],
      sizes: {
        content: { widths: [160, 320, 640] },
        card: { width: 200, height: 200, position: 'attention' },
      },
    })
    for (const name of ['landscape/dunes.jpg', 'nature/leaves.jpg', 'products/vase.png', 'icons/compass.svg'])
      await writeFile(join(cwd, 'photos', name.replace(/^.*\//, '')), await readSample(name))
    const hostile = `<img src=x onerror=alert(1)> & "it's" 100%.jpg`
    await writePicture(join(cwd, 'photos', hostile), 300, 200)
    await writeText(join(cwd, 'photos/broken.jpg'), 'no picture')
    const summary = join(cwd, 'summary.md')
    const { code } = await run(['build', '--report', 'reports.html'], {
      cwd,
      env: { GITHUB_STEP_SUMMARY: summary },
    })
    expect(code).toBe(1)

    const page = await browser.newPage({ viewport: { width: 1280, height: 1000 } })
    const dialogs: string[] = []
    const requests: string[] = []
    page.on('dialog', (dialog) => {
      dialogs.push(dialog.message())
      return dialog.dismiss()
    })
    page.on('request', (request) => requests.push(request.url()))
    await page.goto(pathToFileURL(join(cwd, 'reports.html')).href)
    expect(await page.locator('.total').allInnerTexts()).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^49\s+results rendered$/),
        expect.stringMatching(/^1\s+sources failed$/),
      ]),
    )
    expect(await page.getByText('not-an-image').count()).toBe(1)
    // Of the format, a part of either size, and of either size alone.
    expect(await page.locator('svg rect.avif').count()).toBe(1 + 2 + 2)
    const images = page.locator('.variants img')
    expect(await images.count()).toBe(4 * 3 + 1)
    expect(await page.locator('.sizes a').count()).toBe(49)
    const drawn = await images.evaluateAll((all) => all.map((image) => image.getBoundingClientRect().width))
    expect(Math.max(...drawn)).toBeGreaterThan(300)
    expect((await stat(join(cwd, 'reports.html'))).size).toBeLessThan(1_500_000)
    // Lazy pictures load when they are come to.
    for (const image of await images.all()) await image.scrollIntoViewIfNeeded()
    await page.waitForFunction('[...document.images].every((image) => image.complete)')
    const widths = await page.evaluate<number[]>('[...document.images].map((image) => image.naturalWidth)')
    expect(widths.filter((width) => width === 0)).toEqual([])
    expect(await page.locator('summary').allInnerTexts()).toContainEqual(expect.stringContaining(hostile))
    expect(dialogs).toEqual([])
    expect(requests.filter((url) => !url.startsWith('file:'))).toEqual([])
    // A phone shows all of it without scrolling sideways, in letters that can be read.
    await page.setViewportSize({ width: 360, height: 800 })
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360)
    if (process.env.IMGSIZES_SCREENSHOT)
      await page.screenshot({ path: process.env.IMGSIZES_SCREENSHOT, fullPage: true })
    // Sent to somebody else, it shows the same pictures.
    await rename(join(cwd, 'out'), join(cwd, 'elsewhere'))
    await page.reload()
    for (const image of await images.all()) await image.scrollIntoViewIfNeeded()
    await page.waitForFunction(
      '[...document.images].every((image) => image.complete && image.naturalWidth > 0)',
    )
    await page.close()

    const markdown = await readFile(summary, 'utf8')
    expect(markdown).toContain('❌ 1 source failed: 6 sources, 49 results rendered')
    expect(markdown).toMatch(/\| content \| avif \| 12 \|/)
    expect(markdown).toContain('| broken.jpg |')
  })

  test('of a build with nothing to do shows what stands; a place that cannot be written is told before', async () => {
    const cwd = await makeProject(['a.jpg'])
    await run(['build'], { cwd })
    expect((await run(['build', '--report', 'r.html', '--quiet'], { cwd })).code).toBe(0)
    const page = await readFile(join(cwd, 'r.html'), 'utf8')
    expect(page.match(/<img /g)).toHaveLength(2)
    expect(page).toContain('href="out/a.jpg/')
    // What stands is known from the listing: its bytes, and what it saves.
    expect(page).toMatch(/Nothing was made in this run\.[\s\S]*Savings of what is stored[\s\S]*<rect/)
    expect(page).toMatch(/<b>4<\/b><span>already stored, [0-9.]+ kB<\/span>/)
    const names = (await listOutput(cwd)).map((key) => join(cwd, 'out', key))
    const bytes = await Promise.all(names.map(async (name) => (await stat(name)).size))
    for (const size of bytes) expect(page).toContain(`${formatBytes(size)}</a>, already stored`)
    expect(page).toContain(formatBytes(bytes.reduce((sum, size) => sum + size, 0)))
    const summary = join(cwd, 'summary.md')
    await writeText(join(cwd, 'photos/broken.jpg'), 'no picture')
    for (let i = 0; i < 2; i++)
      await run(['build', '--quiet'], { cwd, env: { GITHUB_STEP_SUMMARY: summary } })
    expect(await readFile(summary, 'utf8')).toMatch(
      /❌ 1 source failed: .*✅ done: .*1 source failed before, not tried again: `--retry-failed`/s,
    )
    const unwritable = await run(['build'], {
      cwd,
      env: { GITHUB_STEP_SUMMARY: join(cwd, 'none/summary.md') },
    })
    expect(unwritable.code).toBe(0)
    expect(unwritable.stderr).toMatch(/^warning: .*none\/summary\.md cannot be written/m)
    const refused = await run(['build', '--report', 'none/r.html'], { cwd })
    expect(refused).toMatchObject({ code: 1, stdout: '' })
    expect(refused.stderr).toContain('none/r.html cannot be written')
  })
})
