import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { extname, join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { findProgram, installPackages } from './packages.ts'
import { words } from './words.ts'

/** Chromium without its windows: those took more of the processor than the pages that tests look at. */
const CHROMIUM = 'chromium-headless-shell'

/** Debian's Chromium; the caller closes it. */
export const openBrowser = async (...flags: readonly string[]): Promise<Browser> => {
  await installPackages({ what: 'a browser', packages: [CHROMIUM], programs: [CHROMIUM] })
  const browser = await chromium.launch({
    executablePath: findProgram(CHROMIUM) ?? CHROMIUM,
    args: words(`
      --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking
      --disable-component-update --disable-sync
    `).concat(flags),
  })
  const newContext = browser.newContext.bind(browser)
  // Playwright gives up after half a minute, in which a busy machine has hardly begun.
  browser.newContext = async (options) => {
    const context = await newContext(options)
    context.setDefaultTimeout(250_000)
    return context
  }
  return browser
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.xhtml': 'application/xhtml+xml',
  '.avif': 'image/avif',
  '.webp': 'image/webp',
  '.jpg': 'image/jpeg',
  '.png': 'image/png',
  '.css': 'text/css',
  '.js': 'text/javascript',
}

/** A folder as a static host serves it. */
export interface Host {
  /** Ends in "/". */
  readonly origin: string
  close(): void
}

/** Serves a folder on the loopback; `before` is waited for, and hears what is asked for, in the order of requests. */
export const serveFolder = async (
  folder: string,
  { before = async () => {} }: { readonly before?: (path: string) => Promise<void> } = {},
): Promise<Host> => {
  const server: Server = createServer(async (request, response) => {
    const path = decodeURIComponent((request.url ?? '/').replace(/[?#].*$/, '').replace(/\/$/, '/index.html'))
    await before(path)
    const bytes = await readFile(join(folder, path)).catch(() => undefined)
    response.writeHead(bytes === undefined ? 404 : 200, {
      'content-type': TYPES[extname(path)] ?? 'text/plain',
    })
    response.end(bytes)
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('no address')
  return { origin: `http://127.0.0.1:${address.port}/`, close: () => server.close() }
}

/** Opens a window of its own and gives its page to `look`. */
export const visit = async <T>(
  browser: Browser,
  { width, density = 1 }: { readonly width: number; readonly density?: number },
  look: (page: Page) => Promise<T>,
): Promise<T> => {
  const context = await browser.newContext({ viewport: { width, height: 900 }, deviceScaleFactor: density })
  try {
    return await look(await context.newPage())
  } finally {
    await context.close()
  }
}

/** Waits until every picture of a page is there, the lazy ones too. */
export const loadAll = (page: Page): Promise<unknown> =>
  page.evaluate(`(async () => {
    const isThere = (img) => img.complete && img.naturalWidth > 0
    for (const img of document.images) {
      if (isThere(img)) continue
      img.scrollIntoView()
      while (!isThere(img)) await new Promise((next) => setTimeout(next, 10))
    }
    for (const element of document.querySelectorAll('*')) element.scrollTo(0, 0)
  })()`)
