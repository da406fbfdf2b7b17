import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openBrowser } from '../support/browser.ts'
import { openTestSite, readSample } from '../support/site.ts'

/** The page of `imgsizes studio` in Chromium, on 5,000 generated pictures of which the first few are built. */

const COUNT = 5_000
const NAME = 'album-00/0007.jpg'
const site = openTestSite(
  {
    source: './in',
    output: './out',
    overrides: './pictures.json',
    formats: ['webp', 'original'],
    sizes: {
      content: { widths: [240, 480] },
      card: { width: 200, height: 200, fit: 'cover', position: 'attention' },
    },
  },
  afterAll,
)
let studio: ChildProcess
let url: string
let browser: Browser
let context: BrowserContext
let page: Page
const troubles: string[] = []
const asked: string[] = []

/** Plain colours by the thousand, and one photograph to be looked at. */
const drawPictures = async (): Promise<void> => {
  const plain = await Promise.all(
    Array.from({ length: 8 }, (_, i) =>
      sharp({
        create: { width: 60, height: 40, channels: 3, background: { r: i * 30, g: 200 - i * 20, b: 90 } },
      })
        .jpeg()
        .toBuffer(),
    ),
  )
  for (let album = 0; album < COUNT / 100; album++) {
    const folder = join(site.folder, `in/album-${String(album).padStart(2, '0')}`)
    mkdirSync(folder, { recursive: true })
    for (let i = 0; i < 100; i++)
      writeFileSync(join(folder, `${String(i).padStart(4, '0')}.jpg`), plain[(album + i) % 8] ?? '')
  }
  const photo = await sharp(await readSample('nature/leaves.jpg'))
    .resize(600, 400)
    .jpeg()
    .withXmp(FACES)
    .toBuffer()
  site.write(`in/${NAME}`, photo)
  site.write('in/album-00/0009.jpg', 'no picture')
}

/** Two faces, one of them with a name and without a size. */
const FACES = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description xmlns:mwg-rs="http://www.metadataworkinggroup.com/schemas/regions/" xmlns:stArea="http://ns.adobe.com/xmp/sType/Area#">
<mwg-rs:Regions rdf:parseType="Resource"><mwg-rs:RegionList><rdf:Bag>
<rdf:li><rdf:Description mwg-rs:Type="Face"><mwg-rs:Area stArea:x="0.25" stArea:y="0.4" stArea:w="0.1" stArea:h="0.2"/></rdf:Description></rdf:li>
<rdf:li><rdf:Description mwg-rs:Type="Face" mwg-rs:Name="Ann"><mwg-rs:Area stArea:x="0.6" stArea:y="0.5"/></rdf:Description></rdf:li>
</rdf:Bag></mwg-rs:RegionList></mwg-rs:Regions></rdf:Description></rdf:RDF></x:xmpmeta>`

const start = async (): Promise<string> => {
  studio = site.start('studio', '--log', 'access.log')
  let said = ''
  for await (const chunk of studio.stdout ?? []) {
    said += String(chunk)
    const [found] = /http:\S+/.exec(said) ?? []
    if (found !== undefined) return found
  }
  throw new Error('the studio did not start')
}

beforeAll(async () => {
  site.write('pictures.json', '{}\n')
  const opening = openBrowser()
  await drawPictures()
  await site.run('build', '--only', 'album-00/000*.jpg', '--quiet')
  const urls = await site.json<{ url: string }[]>('url', 'album-00/0003.jpg', '--size', 'content')
  const hits = ['/none.jpg', ...urls.flatMap(({ url: asked }) => [asked, asked])]
  site.write(
    'access.log',
    hits.map((path) => `- - - [28/Nov/2026:10:00:00 +0000] "GET ${path} HTTP/1.1" 200 9\n`).join(''),
  )
  url = await start()
  browser = await opening
  context = await browser.newContext({ viewport: { width: 1280, height: 800 }, deviceScaleFactor: 2 })
  page = await context.newPage()
  page.on('console', (message) => message.type() === 'error' && troubles.push(message.text()))
  page.on('pageerror', (error) => troubles.push(error.message))
  page.on('request', (request) => asked.push(request.url()))
  await page.goto(url)
  await page.getByText(`${COUNT.toLocaleString('en-US')} pictures`).waitFor()
})

afterAll(async () => {
  await browser?.close()
  studio?.kill()
})

const overrides = (): unknown => JSON.parse(readFileSync(join(site.folder, 'pictures.json'), 'utf8'))

/** Of the browser's own types, what is looked at here. */
interface Picture {
  readonly naturalWidth: number
  readonly style: { readonly left: string; readonly clipPath: string }
  getBoundingClientRect(): { readonly width: number }
}

interface Mark {
  getBoundingClientRect(): { toJSON(): Readonly<Record<'x' | 'y' | 'width' | 'height', number>> }
  closest(selector: string): Mark
}

/** As soon as the page shows it. */
const eventually = <T>(read: () => Promise<T>) => expect.poll(read, { interval: 20 })

/** What axe finds wrong by WCAG 2.2 A and AA. */
const findFaults = async (): Promise<unknown> => {
  await page.evaluate(AXE)
  return page.evaluate(`axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }).then(({ violations }) =>
    violations.map(({ id, nodes }) => [id, nodes[0].html.slice(0, 200), nodes[0].failureSummary]))`)
}
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

describe('the pictures', () => {
  it('are all counted by how they stand, and few of them exist', async () => {
    const grid = page.getByRole('grid', { name: 'Pictures' })
    expect(Number(await grid.getAttribute('aria-rowcount'))).toBeGreaterThan(COUNT / 10)
    expect(await page.locator('.tile').count()).toBeLessThan(120)
    for (const words of ['all 5,000', 'built 9', 'missing 4,990', 'failing 1'])
      await page.locator('.chips label', { hasText: words }).waitFor()
  })

  it('are found by name, size, format and state', async () => {
    await page.getByLabel('Search names').fill('album-12 7')
    await page.getByText('19 of 5,000 pictures').waitFor()
    await page.getByLabel('Search names').fill('')
    await page.locator('.chips label', { hasText: 'failing' }).click()
    await page.getByText('1 of 5,000 pictures, failing').waitFor()
    expect(await page.locator('.tile').getAttribute('title')).toContain('not a picture')
    await page.locator('.chips label', { hasText: 'built' }).click()
    await page.getByLabel('Size').selectOption('card')
    await page.getByLabel('Format').selectOption('webp')
    await page.getByText('9 of 5,000 pictures, built').waitFor()
    await page.getByLabel('Size').selectOption('')
    await page.getByLabel('Format').selectOption('')
    await page.locator('.chips label', { hasText: 'all' }).click()
  })

  it('scroll to the last one, and load no more thumbnails than are looked at', async () => {
    await page.locator('img.thumb').first().waitFor()
    asked.length = 0
    await page.evaluate(`(async () => {
      const grid = document.querySelector('.grid')
      for (let step = 0; step <= 40; step++) {
        grid.scrollTop = (grid.scrollHeight * step) / 40
        await new Promise(requestAnimationFrame)
      }
    })()`)
    await page.locator('[data-place="4999"] img.thumb').waitFor()
    expect(asked.filter((each) => each.includes('/api/thumb')).length).toBeLessThan(200)
    expect(await page.locator('.tile').count()).toBeLessThan(120)
  })

  it('are walked through by keys; Enter opens one, and Escape leads back to it', async () => {
    await page.evaluate(`document.querySelector('.grid').scrollTop = 0`)
    await page.locator('[data-place="0"] a').focus()
    for (const key of ['ArrowRight', 'ArrowDown', 'End', 'ArrowUp', 'Home', 'ArrowRight', 'ArrowRight']) {
      await page.keyboard.press(key)
      if (key === 'End') await page.locator('[data-place="4999"] a:focus').waitFor()
    }
    await page.locator('[data-place="2"] a:focus').waitFor()
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'album-00/0002.jpg' }).waitFor()
    await page.keyboard.press('Escape')
    await page.locator('[data-place="2"] a:focus').waitFor()
  })

  it('have no fault that axe knows, in light and dark', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      expect(await findFaults()).toEqual([])
    }
  })
})

describe('a picture', () => {
  beforeAll(async () => {
    await page.goto(`${url}#/picture/${NAME}`)
    await page.getByRole('heading', { name: NAME }).waitFor()
  })

  it('shows every size and format with bytes and look', async () => {
    await eventually(() => page.locator('.results .look', { hasText: /look \d/ }).count()).toBe(6)
    const bytes = await page.locator('.results td b').allTextContents()
    expect(bytes).toHaveLength(6)
    for (const text of bytes) expect(text).toMatch(/^[\d.]+ k?B$/)
  })

  it('is compared at true pixels, by a line that keys move', async () => {
    await page.locator('.compare .tools select').selectOption('480w.q80')
    await page.locator('.compare .segments label', { hasText: '100 %' }).click()
    const picture = page.locator('.scroller img').last()
    await eventually(() => picture.evaluate((image: unknown) => (image as Picture).naturalWidth)).toBe(480)
    // Two pixels of the device to each of CSS.
    expect(await picture.evaluate((image: unknown) => (image as Picture).getBoundingClientRect().width)).toBe(
      240,
    )
    const line = page.locator('.divider')
    const before = await picture.evaluate((image: unknown) => (image as Picture).style.clipPath)
    await line.focus()
    for (let i = 0; i < 10; i++) await page.keyboard.press('ArrowRight')
    await expect
      .poll(() => picture.evaluate((image: unknown) => (image as Picture).style.clipPath))
      .not.toBe(before)
    await page.locator('.compare .segments label', { hasText: '400 %' }).click()
    expect(await picture.evaluate((image: unknown) => (image as Picture).getBoundingClientRect().width)).toBe(
      960,
    )
    await page.getByLabel('Left picture').selectOption('jpg')
    await eventually(() => page.locator('.side.left p').textContent()).toMatch(/kB · look \d/)
  })

  it('draws a curve for each format, renders another quality, and keeps it', async () => {
    await eventually(() => page.locator('.chart polyline').count()).toBe(2)
    await page.locator('.slider input').fill('35')
    await expect
      .poll(() => page.locator('.side.right p').textContent())
      .toMatch(/kB · look [\d.]+ · at quality 35/)
    await page.getByText('For all pictures of the size content').click()
    expect(await page.locator('.line-of-config code').last().textContent()).toContain(
      'content: { …, quality: 35 }',
    )
    await page.getByRole('button', { name: 'Use 35 for this picture' }).click()
    await page.getByText('Quality 35 for this picture: saved').waitFor()
    expect(overrides()).toEqual({ [NAME]: { quality: 35 } })
    // In one size alone, and taken away again: the picture's own stays.
    const panel = page.locator('.quality')
    await panel.getByLabel('For').selectOption('content alone')
    await panel.locator('.slider input').fill('60')
    await panel.getByRole('button', { name: 'Use 60 for this picture' }).click()
    await page.getByText('Quality 60 for this picture, content alone: saved').waitFor()
    expect(overrides()).toEqual({ [NAME]: { quality: 35, sizes: { content: { quality: 60 } } } })
    await eventually(() => page.locator('.results .transform').allTextContents()).toEqual([
      '240w.q60',
      '480w.q60',
      '200x200.cover.attention.q35',
    ])
    await panel.getByRole('button', { name: 'Forget its own 60' }).click()
    await page.getByText('Quality as configured: saved').waitFor()
    expect(overrides()).toEqual({ [NAME]: { quality: 35 } })
  })

  it('shows each face that its file marks, and what stands out beside', async () => {
    const pad = page.locator('.pad')
    const faces = pad.getByRole('img', { name: /^face / })
    expect(await faces.evaluateAll((all) => all.map((each) => each.ariaLabel))).toEqual([
      'face 1 of 2: 25 % from the left, 40 % from the top',
      'face 2 of 2, Ann: 60 % from the left, 50 % from the top',
    ])
    // Both at once: what is above them may come in between.
    const [sheet, box] = await faces.first().evaluate((face: unknown) => {
      const mark = face as Mark
      return [mark.closest('.pad').getBoundingClientRect().toJSON(), mark.getBoundingClientRect().toJSON()]
    })
    expect((box.x - sheet.x) / sheet.width).toBeCloseTo(0.2, 2)
    expect((box.y - sheet.y) / sheet.height).toBeCloseTo(0.3, 2)
    expect(box.width / sheet.width).toBeCloseTo(0.1, 2)
    expect(box.height / sheet.height).toBeCloseTo(0.2, 2)
    await pad.getByRole('img', { name: 'attention: the middle of the faces: 40 % from the left' }).waitFor()
    await pad.getByRole('img', { name: /^what stands out: / }).waitFor()
    const legend = page.getByRole('list', { name: 'Marks' })
    expect(await legend.locator('li').allTextContents()).toEqual([
      '2 faces that the file marks: Ann',
      'what stands out: attention would go there if no face were marked',
      'attention: the middle of the faces',
    ])
  })

  it('has its crops follow a point that is clicked, dragged and moved by keys, undone, and kept', async () => {
    const card = page.locator('.crops li', { hasText: 'card' }).locator('img')
    const leftOf = (): Promise<string> => card.evaluate((image: unknown) => (image as Picture).style.left)
    const pad = page.locator('.pad')
    const box = await pad.boundingBox()
    if (box === null) throw new Error('there is no pad')
    await pad.scrollIntoViewIfNeeded()
    await pad.click({ position: { x: 2, y: box.height / 2 } })
    await eventually(leftOf).toBe('0%')
    await pad.click({ position: { x: box.width - 2, y: box.height / 2 } })
    await eventually(leftOf).toBe('-50%')
    await page.getByRole('button', { name: 'Undo' }).click()
    await eventually(leftOf).toBe('0%')
    await page.getByRole('button', { name: 'Redo' }).click()
    const point = page.getByRole('button', { name: /Point of the crops/ })
    await point.focus()
    for (let i = 0; i < 10; i++) await page.keyboard.press('Shift+ArrowLeft')
    await eventually(() => point.getAttribute('aria-label')).toContain('50 % from the left')
    await page.keyboard.press('Control+z')
    await page.locator('.focus').getByRole('button', { name: 'Save' }).click()
    await page.getByText('Point: saved').waitFor()
    expect(overrides()).toMatchObject({ [NAME]: { quality: 35, focus: [547, 500] } })
  })

  it('has its text written in place', async () => {
    // On a busy machine Enter may follow before the last letter is drawn.
    await page.evaluate(`(() => {
      const field = document.querySelector('textarea[aria-label="Alt text of ${NAME}"]')
      field.value = 'Leaves in the sun'
      field.dispatchEvent(new Event('input', { bubbles: true }))
      field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }))
    })()`)
    await page.getByText('Alt text: saved').waitFor()
    expect(overrides()).toMatchObject({ [NAME]: { alt: 'Leaves in the sun', quality: 35 } })
  })

  it('has its text back by Escape, at once', async () => {
    const left = await page.evaluate(`(() => {
      const field = document.querySelector('textarea[aria-label="Alt text of ${NAME}"]')
      field.value = 'Something else'
      field.dispatchEvent(new Event('input', { bubbles: true }))
      field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true, cancelable: true }))
      field.dispatchEvent(new FocusEvent('blur'))
      return field.value
    })()`)
    expect(left).toBe('Leaves in the sun')
    await page.reload()
    await page.getByLabel(`Alt text of ${NAME}`).waitFor()
    expect(overrides()).toMatchObject({ [NAME]: { alt: 'Leaves in the sun' } })
  })

  it('has no fault that axe knows, and fits a phone', async () => {
    for (const colorScheme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme })
      expect(await findFaults()).toEqual([])
    }
    await expectPhone()
  })
})

/** Nothing is wider than the window. */
const expectPhone = async (): Promise<void> => {
  await page.setViewportSize({ width: 360, height: 740 })
  const widest = await page.evaluate(
    `Math.max(document.documentElement.scrollWidth, document.querySelector('main').scrollWidth)`,
  )
  expect(widest).toBeLessThanOrEqual(360)
  await page.setViewportSize({ width: 1280, height: 800 })
}

it('the alt texts are written one after the other', async () => {
  await page.getByRole('link', { name: 'Alt texts' }).click()
  await page.getByText('4,999 of 5,000 pictures without a text').waitFor()
  await page.getByLabel('Alt text of album-00/0000.jpg').fill('A plain colour')
  await page.keyboard.press('Enter')
  await page.getByText('album-00/0000.jpg: saved.').waitFor()
  await page.locator('[data-place="1"] textarea:focus').waitFor()
  await page.getByText('4,998 of 5,000 pictures without a text').waitFor()
  await page.locator('[data-place="1"]').getByLabel('it only adorns').check()
  await page.getByText('album-00/0001.jpg: saved.').waitFor()
  expect(overrides()).toMatchObject({
    'album-00/0000.jpg': { alt: 'A plain colour' },
    'album-00/0001.jpg': { alt: '' },
  })
  expect(await findFaults()).toEqual([])
  await expectPhone()
})

it('the totals tell what is built, what something new would cost, and what visitors asked for', async () => {
  await page.getByRole('link', { name: 'Totals' }).click()
  const row = page.locator('tr', { hasText: /^card\s*WEBP/ })
  expect(await row.locator('td').nth(1).textContent()).toBe('9')
  await page.getByRole('button', { name: 'Predict' }).click()
  await page.getByText(/^10,000 results, about [\d.]+ [kM]B, and .* on this machine/).waitFor()
  const visits = page.locator('section', { hasText: 'What visitors asked for' })
  await visits.getByText(/9 lines, 8 requests of pictures, 100 % of them built; 1 for what/).waitFor()
  expect(await visits.textContent()).toMatch(/asked for by nobody: card WEBP/)
  expect(await findFaults()).toEqual([])
  await expectPhone()
})

it('a drawing that is kept as a vector has no crops', async () => {
  site.write(
    'in/drawing.svg',
    '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="6"><path d="M0 0h9v3"/></svg>',
  )
  await page.goto(`${url}#/picture/drawing.svg`)
  await page.getByText('No size asks for pixels of this picture.').waitFor()
  expect(await page.getByRole('heading', { name: 'Crops' }).count()).toBe(0)
})

describe('the studio', () => {
  it('asked nobody else for anything, and nothing went wrong in the page', () => {
    const { origin } = new URL(url)
    expect(asked.filter((each) => !each.startsWith(`${origin}/`) && !/^(?:blob|data):/.test(each))).toEqual(
      [],
    )
    expect(troubles.filter((text) => !text.includes('422'))).toEqual([])
  })

  it('ends at a signal, and with success', async () => {
    const ended = once(studio, 'exit')
    studio.kill('SIGINT')
    expect(await ended).toEqual([0, null])
    await page.getByRole('button', { name: 'Read again' }).click()
    await page.getByRole('alert').getByText('imgsizes studio has ended').waitFor()
  })
})
