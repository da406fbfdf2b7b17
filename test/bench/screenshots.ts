import { openBrowser } from '../support/browser.ts'
import { scatter } from '../support/paint.ts'

/** Pages as sites and applications are, made by whole-number arithmetic, as Chromium shows them: PNGs of 1280 × 800. */
export const takeScreenshots = async (): Promise<readonly (readonly [name: string, png: Buffer])[]> => {
  const browser = await openBrowser()
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
    const taken: (readonly [string, Buffer])[] = []
    for (const [name, body] of Object.entries(PAGES)) {
      await page.setContent(
        `<!doctype html><meta charset=utf-8><style>*{box-sizing:border-box}</style>${body}`,
      )
      taken.push([name, await page.screenshot()])
    }
    return taken
  } finally {
    await browser.close()
  }
}

const range = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i)

const word = (a: number, b = 0): string =>
  range(2 + (scatter(a, b) % 8))
    .map((i) => String.fromCharCode(97 + (scatter(a * 31 + i, b) % 26)))
    .join('')

const words = (seed: number, count: number): string =>
  range(count)
    .map((i) => word(seed, i))
    .join(' ')

const page = (style: string, body: string): string =>
  `<body style="margin:0;width:1280px;height:800px;overflow:hidden;${style}">${body}`

const article = page(
  'padding:40px 240px;font:18px/1.5 serif;color:#222',
  `<h1>${words(1, 4)}</h1>${range(8)
    .map((i) => `<p>${words(i + 2, 45)} <a href=#>${words(i + 90, 2)}</a> ${words(i + 50, 20)}</p>`)
    .join('')}`,
)

const COLOURS = ['#2563eb', '#16a34a', '#dc2626', '#ca8a04', '#7c3aed', '#0891b2']

const card = (i: number): string =>
  `<div style="background:#fff;border:1px solid #d4d4d8;border-radius:8px;padding:16px">
<b>${words(i, 2)}</b><div style="font-size:30px;color:${COLOURS[i % 6]}">${scatter(i, 9) * 37}</div></div>`

const bars = `<svg width=820 height=420>${range(24)
  .map((i) => {
    const height = 40 + scatter(i, 3)
    return `<rect x=${i * 34} y=${400 - height} width=26 height=${height} fill="${COLOURS[i % 6]}"/>
<text x=${i * 34} y=416 font-size=11>${word(i, 4).slice(0, 4)}</text>`
  })
  .join('')}</svg>`

const dashboard = page(
  'background:#f4f4f5;font:15px sans-serif;display:grid;grid-template-columns:220px 1fr',
  `<nav style="background:#18181b;color:#fafafa;padding:24px;line-height:2.4">${range(12)
    .map((i) => `<div>${words(i + 200, 2)}</div>`)
    .join(
      '',
    )}</nav><main style="padding:24px"><div style="display:grid;grid-template-columns:repeat(4,1fr);gap:16px">${range(
    8,
  )
    .map(card)
    .join(
      '',
    )}</div><div style="background:#fff;margin-top:24px;padding:16px;border-radius:8px">${bars}</div></main>`,
)

const INKS = ['#c586c0', '#9cdcfe', '#dcdcaa', '#ce9178', '#6a9955', '#d4d4d4']

const editor = page(
  'background:#1e1e1e;color:#d4d4d4;font:14px/20px monospace;padding:10px 0',
  range(39)
    .map((line) => {
      const indent = '&nbsp;'.repeat(2 * (scatter(line, 7) % 5))
      const tokens = range(2 + (scatter(line, 8) % 9)).map(
        (i) => `<span style="color:${INKS[scatter(line, i) % 6]}">${word(line, i)}</span>`,
      )
      return `<div><span style="display:inline-block;width:60px;color:#858585;text-align:right;padding-right:16px">${line + 1}</span>${indent}${tokens.join(' ')}</div>`
    })
    .join(''),
)

const PAGES: Readonly<Record<string, string>> = { article, dashboard, editor }
