import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { photo } from '../render/support.ts'
import { type Host, loadAll, openBrowser, serveFolder, visit } from '../support/browser.ts'
import { openTestSite } from '../support/site.ts'

/** What a page may do with a picture: rules, where K stands for the case, and markup, where $ stands for the tag. */
const PLACES: Readonly<Record<string, readonly [css: string, html: string]>> = {
  'nothing said': ['', '<p>$</p>'],
  'in text': ['', '<p>words $ words after it</p>'],
  'as a block': ['K img{display:block}', '<div>$</div><p>after</p>'],
  'max-width': ['K img{max-width:100%}', '<p>$</p>'],
  'max-width, height auto': ['K img{max-width:100%;height:auto}', '<p>$</p>'],
  'width auto': ['K img{max-width:100%;width:auto;height:auto}', '<p>$</p>'],
  'width 100%': ['K img{width:100%}', '<p>$</p>'],
  'width 100%, height auto': ['K img{width:100%;height:auto}', '<p>$</p>'],
  'max-height': ['K img{max-width:100%;max-height:150px}', '<p>$</p>'],
  'a height': ['K img{height:90px}', '<p>$</p>'],
  'height of the line': ['K img{height:1em;vertical-align:middle}', '<p>words $ words</p>'],
  'object-fit': ['K img{width:100%;height:150px;object-fit:cover}', '<p>$</p>'],
  'aspect-ratio': ['K img{width:100%;height:auto;aspect-ratio:16/9;object-fit:cover}', '<p>$</p>'],
  'aspect-ratio alone': ['K img{width:100%;aspect-ratio:16/9}', '<p>$</p>'],
  flex: ['K div{display:flex}', `<div>$<span>${'some words '.repeat(20)}</span></div>`],
  'flex, max-width': ['K div{display:flex;gap:8px}K img{max-width:100%}', '<div>$<span>words</span></div>'],
  'flex, growing': ['K div{display:flex}K img{flex:1;min-width:0}', '<div>$<span>words beside</span></div>'],
  'flex, a basis': ['K div{display:flex}K img{flex:0 0 120px}', '<div>$<span>words beside</span></div>'],
  'flex column': [
    'K div{display:flex;flex-direction:column}K img{max-width:100%}',
    '<div>$<b>words</b></div>',
  ],
  'flex column, centred': [
    'K div{display:flex;flex-direction:column;align-items:center}K img{max-width:100%;height:auto}',
    '<div>$<b>words</b></div>',
  ],
  grid: [
    'K div{display:grid;grid-template-columns:1fr 2fr;gap:8px}K img{max-width:100%}',
    '<div>$<b>b</b></div>',
  ],
  'grid, filled': [
    'K div{display:grid;grid-template-columns:1fr 2fr}K img{width:100%;height:100%;object-fit:cover}',
    '<div>$<b>some<br>words<br>beside</b></div>',
  ],
  'grid of pictures': ['K div{display:grid;grid-template-columns:repeat(3,1fr);gap:4px}', '<div>$$$$</div>'],
  figure: ['K img{max-width:100%;height:auto}', '<figure>$<figcaption>words</figcaption></figure>'],
  float: [
    'K img{float:left;max-width:50%;margin:0 8px 8px 0}',
    `<div>$${'words around it '.repeat(9)}</div>`,
  ],
  'in a link': ['K img{max-width:100%;height:auto}', '<p><a href="#">$</a> words</p>'],
  'in a block link': ['K a,K img{display:block}K img{max-width:100%}', '<p><a href="#">$</a> words</p>'],
  'in a cell': [
    'K table{width:100%}K img{max-width:100%;height:auto}',
    '<table><tr><td>$</td><td>some words beside it in a cell</td></tr></table>',
  ],
  'in a fixed table': [
    'K table{width:100%;table-layout:fixed}K img{max-width:100%}',
    '<table><tr><td>$</td><td>words</td></tr></table>',
  ],
  absolute: [
    'K div{position:relative;height:200px}K img{position:absolute;inset:0;width:100%;height:100%;object-fit:cover}',
    '<div>$</div>',
  ],
  'shrunk around it': [
    'K div{width:fit-content}K img{max-width:100%;height:auto}',
    '<div>$<p>caption</p></div>',
  ],
  columns: ['K div{columns:2}K img{width:100%}', '<div>$<p>words</p>$</div>'],
  'a child': ['K div>img{width:120px;height:auto}', '<div>$</div>'],
  'any child': ['K div>*{margin-left:20px;max-width:50%}', '<div>$<p>words</p></div>'],
  'a stack': ['K div>*+*{margin-top:24px}K img{max-width:100%}', '<div><p>words</p>$<p>words</p></div>'],
  'the last child': ['K img:last-child{width:120px}', '<div>$<p>words</p></div>'],
  'the first child': ['K img:first-child{width:120px}', '<div>$<p>words</p></div>'],
  'the only child': ['K img:only-child{width:120px}', '<p>$</p>'],
  'its neighbour': ['K img+p{margin-top:50px}K img{max-width:100%}', '<div>$<p>words</p></div>'],
  'the second child': ['K img:nth-child(2){width:120px}', '<div><p>words</p>$</div>'],
  'a parent that has it': ['K div:has(>img){padding:9px}K img{max-width:100%}', '<div>$</div>'],
  'an ancestor that has it': ['K div:has(img){padding:9px}K img{max-width:100%}', '<div><p>$</p></div>'],
  'right to left': ['K div{direction:rtl}K img{max-width:50%;height:auto}', '<div>$ words around it</div>'],
  'flex, right to left': [
    'K div{direction:rtl;display:flex}K img{max-width:50%}',
    '<div>$<b>words</b></div>',
  ],
  'top to bottom': ['K div{writing-mode:vertical-rl}K img{max-width:100%}', '<div>$ words around it</div>'],
  'an inline block around it': [
    'K span{display:inline-block}K img{max-width:100%}',
    '<p><span>$</span>b</p>',
  ],
  'inline flex': ['K span{display:inline-flex;height:80px}', '<p><span>$<b>words</b></span> words</p>'],
  'grid, by content': ['K div{display:grid;grid-template-columns:max-content 1fr}', '<div>$<b>b</b></div>'],
  'in a button': ['K img{max-width:100%;height:auto}', '<button>$ words</button>'],
  'in a summary': ['K img{max-width:100%}', '<details open><summary>$ words</summary>words</details>'],
  'a cell itself': ['K div{display:table}K img{display:table-cell}', '<div>$<b>words</b></div>'],
  sticky: ['K img{position:sticky;top:0;max-width:100%}', '<div>$<p>words</p></div>'],
  'clipped, scaled down': ['K img{width:100%;height:150px;object-fit:scale-down}', '<div>$</div>'],
}

/** How its author may write the tag. */
const TAGS: Readonly<Record<string, string>> = {
  'no size': '',
  'both sides': 'width="300" height="225"',
  'the sides of the file': 'width="1200" height="900"',
  'sides of another shape': 'width="300" height="300"',
  width: 'width="300"',
  height: 'height="225"',
  percent: 'width="50%"',
  'with a unit': 'width="300px" height="225px"',
  'styled width': 'style="width:200px"',
  'styled sides': 'style="width: 200px; height: 100px"',
  'styled max-width': 'style="max-width:200px"',
  'styled height': 'style="height:90px"',
  'lazy, both sides': 'loading="lazy" width="300" height="225"',
  'lazy, no size': 'loading="lazy"',
  'lazy, width': 'loading=lazy width=300',
  'with a class': 'class="narrow"',
  'at the side': 'align="left" hspace="10" vspace="4" border="2" width="200"',
  'no width': 'width="0"',
  'styled width in rem': 'style="width:10rem"',
  'styled width between two': 'style="width:clamp(100px,50vw,300px)"',
  'styled shape': 'style="aspect-ratio:1;width:min(100%,300px)"',
  'styled width of a window': 'style="width:calc(25vw - 10px)"',
}

/** Where CSS finds the `<img>` by its place among elements, it has no `<picture>` around it. */
const ALONE = new Set([
  'a child',
  'a parent that has it',
  'any child',
  'the first child',
  'the last child',
  'the only child',
  'its neighbour',
  'a stack',
])
/** `width: auto` takes back the width that the tag says, and leaves it to the file. docs/guides/html.md says so. */
const TAKEN_BACK = 'width auto'
const hasWidth = (tag: string): boolean => /\bwidth="?\d+(?![\d%])/.test(TAGS[tag] ?? '')

const writePage = (src: string, placeNames = Object.keys(PLACES), tagNames = Object.keys(TAGS)): string => {
  const rules = Object.values(PLACES).map(([css], index) => css.replaceAll('K', `.k${index} `))
  const cases = Object.entries(PLACES).flatMap(([place, [, html]], index) =>
    tagNames
      .filter(() => placeNames.includes(place))
      .map((tag) => {
        const content = html.replaceAll('$', `<img src="${src}" alt="" ${TAGS[tag]}>`)
        return `<section class="k${index}" data-case="${place} | ${tag}">${content}</section>`
      }),
  )
  return `<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>layout</title>
<style>body{margin:0;font:16px/1.3 sans-serif}section{width:400px;overflow:hidden}p,figure{margin:4px 0}.narrow{width:150px}
${rules.join('\n')}</style>\n${cases.join('\n')}`
}

interface Measured {
  /** Of each element but those that were added: its name and box, in the coordinates of the case. */
  readonly boxes: readonly string[]
  /** Of each picture: how wide it is shown, and the pixels across of the file that shows it. */
  readonly pictures: readonly (readonly [shown: number, file: number])[]
}

const MEASURE = `Object.fromEntries([...document.querySelectorAll('section')].map((section) => {
  const origin = section.getBoundingClientRect()
  const boxOf = (element) => {
    const { x, y, width, height } = element.getBoundingClientRect()
    return [x - origin.x, y - origin.y, width, height].map((side) => side.toFixed(1)).join(' ')
  }
  const elements = [section, ...section.querySelectorAll(':not(picture, source)')]
  return [section.dataset.case, {
    boxes: elements.map((element) => element.localName + ' ' + boxOf(element)),
    pictures: [...section.querySelectorAll('img')].map((img) =>
      [img.getBoundingClientRect().width, Number(/[/](\\d+)w[.]/.exec(img.currentSrc)?.[1] ?? 1200)]),
  }]
}))`

describe('a rewritten page in Chromium', () => {
  const site = openTestSite(
    {
      source: './photos',
      output: './img',
      baseUrl: '/img/',
      formats: ['webp', 'original'],
      encoders: { webp: { effort: 0 }, jpeg: { mozjpeg: false } },
      sizes: { content: { widths: [320, 640, 960, 1200] } },
    },
    afterAll,
  )
  let host: Host
  let browser: Browser
  beforeAll(async () => {
    site.write('photos/view.jpg', await photo(1200, 900).jpeg().toBuffer())
    site.write('before/index.html', writePage('/photos/view.jpg'))
    site.write('after/index.html', writePage('/photos/view.jpg'))
    // A page by itself: of a picture that it has loaded in a larger size a browser loads no smaller one.
    const narrow = ['both sides', 'width', 'with a unit', 'lazy, both sides', 'lazy, width']
    const places = ['nothing said', 'max-width, height auto', 'flex, max-width', 'figure', 'in a cell']
    site.write('narrow/index.html', writePage('/photos/view.jpg', places, narrow))
    site.write(
      'xml/index.xhtml',
      '<html xmlns="http://www.w3.org/1999/xhtml"><head><title>XML</title><script/></head><body><p>é &amp; <img src="/photos/view.jpg" alt="A &lt;view&gt;"/></p></body></html>',
    )
    const broken = `<img src="/photos/view.jpg" onerror="this.src='/photos/view.jpg?instead'">`
    site.write('missing/index.html', `${broken}<x-card>${broken}</x-card>`)
    expect((await site.run('build')).code).toBe(0)
    expect(await site.json('html', 'xml')).toMatchObject({ rewritten: 1 })
    expect(await site.json('html', 'missing')).toMatchObject({ rewritten: 2 })
    expect(await site.json('html', 'narrow')).toMatchObject({ rewritten: 25 })
    expect(await site.json('html', 'after')).toMatchObject({ changed: 1, left: { unknown: 0 } })
    host = await serveFolder(site.folder)
    browser = await openBrowser()
  }, 600_000)
  afterAll(async () => {
    await browser?.close()
    host?.close()
  })

  const measure = (page: string, density = 1): Promise<Readonly<Record<string, Measured>>> =>
    visit(browser, { width: 1280, density }, async (window) => {
      await window.goto(`${host.origin}${page}/`)
      await loadAll(window)
      return window.evaluate(MEASURE)
    })

  it('has the layout that it had, but where CSS takes back the width of a tag', async () => {
    const [before, after] = [await measure('before'), await measure('after')]
    const different = Object.keys(before).filter(
      (name) => before[name]?.boxes.join() !== after[name]?.boxes.join(),
    )
    const unexpected = different.filter((name) => {
      const [place = '', tag = ''] = name.split(' | ')
      return !(place === TAKEN_BACK && hasWidth(tag))
    })
    expect(unexpected.map((name) => [name, before[name]?.boxes, after[name]?.boxes])).toEqual([])
    expect(Object.keys(before)).toHaveLength(Object.keys(PLACES).length * Object.keys(TAGS).length)
    // What docs/guides/html.md names really differs: else it need not be named.
    expect(different.some((name) => name.startsWith(`${TAKEN_BACK} |`))).toBe(true)
  })

  it('is XML still where it was', async () => {
    const title = await visit(browser, { width: 600 }, async (window) => {
      await window.goto(`${host.origin}xml/index.xhtml`)
      await loadAll(window)
      return window.evaluate(
        '[document.contentType, document.images[0].currentSrc, document.title].join(" ")',
      )
    })
    expect(title).toMatch(/^application\/xhtml\+xml \S+\.webp XML$/)
  })

  it('shows what onerror shows in place of a result that is missing, and asks for that once', async () => {
    const { asked, shown } = await visit(browser, { width: 600 }, async (window) => {
      const asked: string[] = []
      window.on('request', (request) => asked.push(request.url()))
      await window.route('**/*.webp', async (route) => {
        // Two pictures show it: the second one would ask again where the first has been answered before.
        await window.waitForLoadState('domcontentloaded')
        await route.fulfill({ status: 404 })
      })
      await window.goto(`${host.origin}missing/`)
      await loadAll(window)
      return { asked, shown: await window.evaluate('[...document.images].map((each) => each.currentSrc)') }
    })
    expect(shown).toEqual(Array(2).fill(`${host.origin}photos/view.jpg?instead`))
    expect(asked.filter((url) => url.endsWith('.webp'))).toHaveLength(1)
  })

  it('has a <picture> wherever no CSS finds the <img> by its place', async () => {
    const alone = await visit(browser, { width: 1280 }, async (window) => {
      await window.goto(`${host.origin}after/`)
      return window.evaluate<string[]>(
        `[...document.querySelectorAll('section:not(:has(picture))')].map((section) => section.dataset.case)`,
      )
    })
    const places = new Set(alone.map((name) => name.split(' | ')[0]))
    expect(places).toEqual(ALONE)
  })

  it.each([
    { density: 1, file: 320 },
    { density: 2, file: 640 },
    { density: 3, file: 960 },
  ])('loads what fits a place of 300 pixels at $density×', async ({ density, file }) => {
    for (const { pictures } of Object.values(await measure('narrow', density)))
      for (const [, loaded] of pictures) expect(loaded).toBe(file)
  })
})
