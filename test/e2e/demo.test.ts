import { spawnSync } from 'node:child_process'
import { rmSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { expect, it } from 'vitest'
import { openBrowser } from '../support/browser.ts'

/** `npm run demo`, the first thing that a newcomer runs, and the page that it writes. */

const root = resolve(import.meta.dirname, '../..')

it('the demo shows every picture in the browser that it opens in, which loads what the demo says', {
  timeout: 300_000,
}, async () => {
  // Results of another version would be made again, and counted otherwise.
  rmSync(resolve(root, 'demo'), { recursive: true, force: true })
  const { status, stdout, stderr } = spawnSync(process.execPath, ['test/samples/demo.mjs'], {
    cwd: root,
    encoding: 'utf8',
  })
  expect([status, stderr]).toEqual([0, ''])
  expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([])
  expect(stdout).toMatch(/^10 sources; results: 142 rendered\n/)
  expect(stdout.match(/^ {2}http.*\.(?:avif|webp|jpg)$/gm)).toHaveLength(3)
  expect(stdout.trimEnd()).toMatch(/open demo\/index\.html in a browser\.$/)

  const browser = await openBrowser()
  try {
    const page = await browser.newPage({ viewport: { width: 390, height: 844 }, deviceScaleFactor: 3 })
    const strangers: string[] = []
    page.on('request', (request) => {
      if (!/^(?:file|data):/.test(request.url())) strangers.push(request.url())
    })
    await page.goto(pathToFileURL(resolve(root, 'demo/index.html')).href)
    for (const image of await page.locator('img').all()) await image.scrollIntoViewIfNeeded()
    await page.waitForFunction('[...document.images].every(({ complete }) => complete)')
    const shown = await page.evaluate<[string, number][]>(
      '[...document.images].map(({ currentSrc, naturalWidth }) => [currentSrc, naturalWidth])',
    )
    expect(shown).toHaveLength(10)
    expect(shown.filter(([, width]) => width === 0)).toEqual([])
    expect(strangers).toEqual([])
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390)
    const bytes = shown.reduce((total, [url]) => total + statSync(fileURLToPath(url)).size, 0)
    const [, told] = /phone, 390 px at 3× .* ([0-9]+) kB +[0-9]+ %/.exec(stdout) ?? []
    expect(told).toBe(String(Math.round(bytes / 1000)))
    expect(await page.locator('figcaption output').first().innerText()).toMatch(/as avif, [0-9.]+ kB$/)
  } finally {
    await browser.close()
  }
})
