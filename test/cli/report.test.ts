import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Browser, chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findProgram, installPackages } from '../support/packages.ts'
import { readSample } from '../support/site.ts'
import { makeProject, run, writeConfig, writePicture, writeText } from './support.ts'

describe('build --report', () => {
  let browser: Browser
  beforeAll(async () => {
    await installPackages({ what: 'a browser', packages: ['chromium'], programs: ['chromium'] })
    const executablePath = findProgram('chromium') ?? 'chromium'
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] })
  }, 300_000)
  afterAll(() => browser?.close())

  test('is one page: totals, charts, failures, and every variant to be seen', {
    timeout: 60_000,
  }, async () => {
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
        expect.stringMatching(/^60\s+results rendered$/),
        expect.stringMatching(/^1\s+sources failed$/),
      ]),
    )
    expect(await page.getByText('not-an-image').count()).toBe(1)
    // Of the format, a part of either size, and of either size alone.
    expect(await page.locator('svg rect.avif').count()).toBe(1 + 2 + 2)
    const images = page.locator('.variants img')
    expect(await images.count()).toBe(60)
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
    expect(markdown).toContain('❌ 1 source failed: 6 sources, 60 results rendered')
    expect(markdown).toMatch(/\| content \| avif \| 15 \|/)
    expect(markdown).toContain('| broken.jpg |')
  })

  test('of a build with nothing to do shows what stands; a place that cannot be written is told before', {
    timeout: 30_000,
  }, async () => {
    const cwd = await makeProject(['a.jpg'])
    await run(['build'], { cwd })
    expect((await run(['build', '--report', 'r.html', '--quiet'], { cwd })).code).toBe(0)
    const page = await readFile(join(cwd, 'r.html'), 'utf8')
    expect(page.match(/<img /g)).toHaveLength(4)
    expect(page).toContain('href="out/a.jpg/')
    const summary = join(cwd, 'summary.md')
    await writeText(join(cwd, 'photos/broken.jpg'), 'no picture')
    for (let i = 0; i < 2; i++)
      await run(['build', '--quiet'], { cwd, env: { GITHUB_STEP_SUMMARY: summary } })
    expect(await readFile(summary, 'utf8')).toMatch(
      /❌ 1 source failed: .*✅ done: .*1 source failed before, not tried again: `--retry-failed`/s,
    )
    const refused = await run(['build', '--report', 'none/r.html'], { cwd })
    expect(refused).toMatchObject({ code: 1, stdout: '' })
    expect(refused.stderr).toContain('none/r.html cannot be written')
  })
})
