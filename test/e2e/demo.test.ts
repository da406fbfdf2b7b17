import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { openBrowser } from '../support/browser.ts'
import { QUICKEST } from '../support/site.ts'

/** `npm run demo`, the first thing that a newcomer runs, and the page that it writes. */

const REPOSITORY = resolve(import.meta.dirname, '../..')

/** The repository as the demo sees it, with quicker encoders: by its own it takes a minute, and counts the same results. */
const openCopy = (): string => {
  const root = mkdtempSync(join(tmpdir(), 'imgsizes-demo-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  for (const name of ['package.json', 'bin', 'dist', 'node_modules'])
    symlinkSync(join(REPOSITORY, name), join(root, name))
  cpSync(join(REPOSITORY, 'test/samples'), join(root, 'test/samples'), { recursive: true })
  const config = readFileSync(join(REPOSITORY, 'imgsizes.config.ts'), 'utf8')
  const quick = config.replace('defineConfig({', `$&\n  encoders: ${JSON.stringify(QUICKEST)},`)
  expect(quick).not.toBe(config)
  writeFileSync(join(root, 'imgsizes.config.ts'), quick)
  return root
}

it('the demo shows every picture in the browser that it opens in, which loads what the demo says', {
  timeout: 300_000,
}, async () => {
  const root = openCopy()
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
