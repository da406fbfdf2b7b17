// What a visitor's browser loads of the demo page: with the originals, and with what `npm run demo` has built.
//
//   npm run demo && node test/bench/visitor-bytes.mjs
//
// A real Chromium (Debian's: apt-get install chromium) at three viewports; the bytes of pictures alone, as they came
// over the wire. Prints a Markdown table. Bytes do not depend on the machine; times are none of its business.

import { execFileSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'

const root = fileURLToPath(new URL('../..', import.meta.url))
const photos = join(root, 'test/samples/photos')
const results = join(root, 'demo/public')

const COLUMN = '(min-width: 720px) 720px, 100vw'

/** The page: one picture across it, a column of text with pictures, cards, portraits. */
const PAGE = [
  { source: 'landscape/mountain-lake.jpg', size: 'content', sizes: '100vw', style: 'width:100%' },
  { source: 'landscape/aurora.jpg', size: 'content', sizes: COLUMN, style: 'width:min(100%,720px)' },
  { source: 'products/vase.png', size: 'content', sizes: COLUMN, style: 'width:min(100%,720px)' },
  { source: 'landscape/dunes.jpg', size: 'card', style: 'width:min(100%,400px)' },
  { source: 'landscape/open-sea.jpg', size: 'card', style: 'width:min(100%,400px)' },
  { source: 'nature/leaves.jpg', size: 'card', style: 'width:min(100%,400px)' },
  { source: 'avatars/ada.jpg', size: 'avatar', style: 'width:96px' },
  { source: 'avatars/noor.jpg', size: 'avatar', style: 'width:96px' },
]

const VIEWPORTS = [
  ['phone, 390 × 844 at 3×', { width: 390, height: 844 }, 3],
  ['tablet, 820 × 1180 at 2×', { width: 820, height: 1180 }, 2],
  ['desktop, 1440 × 900 at 1×', { width: 1440, height: 900 }, 1],
]

const TYPES = { '.avif': 'image/avif', '.webp': 'image/webp', '.jpg': 'image/jpeg', '.png': 'image/png' }

const imgsizes = (...args) =>
  execFileSync(process.execPath, [join(root, 'bin/imgsizes.cjs'), ...args], { cwd: root, encoding: 'utf8' })

/** The markup that `imgsizes url --html` prints, on this server's own paths. */
const markupOf = ({ source, size, sizes, style }) =>
  imgsizes('url', source, '--size', size, '--html')
    .replaceAll('http://localhost:3000/', '/')
    .replaceAll(/ sizes="[^"]*"/g, sizes ? ` sizes="${sizes}"` : '')
    .replace('<img ', `<img style="${style};height:auto" `)
    .replaceAll(' loading="lazy"', '')

const toPage = (parts) =>
  `<!doctype html><meta name="viewport" content="width=device-width"><body style="margin:0">${parts.join('\n')}`

const pages = {
  '/originals': toPage(
    PAGE.map(({ source, style }) => `<img style="${style};height:auto" src="/photos/${source}" alt="">`),
  ),
  '/built': toPage(PAGE.map(markupOf)),
}

const server = createServer(async (request, response) => {
  const path = decodeURIComponent(new URL(request.url, 'http://x').pathname)
  if (pages[path]) return response.writeHead(200, { 'content-type': 'text/html' }).end(pages[path])
  const file = path.startsWith('/photos/') ? join(photos, path.slice('/photos/'.length)) : join(results, path)
  try {
    const bytes = await readFile(file)
    response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'text/plain' }).end(bytes)
  } catch {
    response.writeHead(404).end()
  }
})
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
const base = `http://127.0.0.1:${server.address().port}`

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
})

/** Pictures and their bytes, of one page at one viewport in a fresh browser. */
const measure = async (path, viewport, deviceScaleFactor) => {
  const context = await browser.newContext({ viewport, deviceScaleFactor })
  const page = await context.newPage()
  const answers = []
  page.on('response', (response) => {
    if (response.request().resourceType() === 'image') answers.push(response)
  })
  await page.goto(base + path, { waitUntil: 'networkidle' })
  const broken = await page.evaluate(
    () => [...document.images].filter((image) => image.naturalWidth === 0).length,
  )
  if (broken > 0 || answers.length < PAGE.length)
    throw new Error(`${path}: ${broken} of ${answers.length} broken`)
  const sizes = await Promise.all(answers.map(async (answer) => (await answer.body()).length))
  await context.close()
  return sizes.reduce((sum, size) => sum + size, 0)
}

const kilobytes = (bytes) => `${Math.round(bytes / 1000).toLocaleString('en-US')} kB`

console.log('| viewport | originals | built | saved |\n|---|---|---|---|')
for (const [name, viewport, scale] of VIEWPORTS) {
  const before = await measure('/originals', viewport, scale)
  const after = await measure('/built', viewport, scale)
  console.log(
    `| ${name} | ${kilobytes(before)} | ${kilobytes(after)} | ${Math.round((1 - after / before) * 100)} % |`,
  )
}
await browser.close()
server.close()
