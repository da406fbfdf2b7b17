import { randomBytes } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import sharp, { type Sharp } from 'sharp'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Problem } from '../../src/core/problem.ts'
import { readPictureHeader } from '../../src/render/header.ts'
import { cleanSvg } from '../../src/render/svg/clean-svg.ts'
import { cpuSecondsOfChildren } from '../support/children.ts'
import { expectCpuWithin } from '../support/cpu.ts'
import {
  ask,
  codeOf,
  isNear,
  LIMITS,
  look,
  openClosing,
  openFileRenderer,
  openTestRenderer,
  plain,
  QUICK,
  RED,
  renderAll,
  renderOne,
} from './support.ts'

const renderer = openFileRenderer()

const draw = (body: string, attributes = 'viewBox="0 0 24 12"', prolog = ''): Buffer =>
  Buffer.from(
    `${prolog}<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" ${attributes}>${body}</svg>`,
  )

const HALVES =
  '<rect width="12" height="12" fill="#dc1e1e"/><rect x="12" width="12" height="12" fill="#283cdc"/>'

describe('an SVG', () => {
  it('is drawn at the size asked, larger than its own and sharp', async () => {
    const bytes = draw(HALVES)
    expect((await renderer.inspect(bytes)).facts).toMatchObject({
      mediaFormat: 'svg',
      width: 24,
      height: 12,
      isScalable: true,
    })
    for (const { bytes: png, width, height } of await renderAll(renderer, bytes, [
      '1000w.q80',
      '1000w.q80 webp',
    ])) {
      expect([width, height]).toEqual([1000, 500])
      const seen = await look(png)
      expect(seen.at(497, 250)).toSatisfy((at: readonly number[]) => isNear(at, RED))
      expect(seen.at(502, 250)).toSatisfy((at: readonly number[]) => isNear(at, [40, 60, 220]))
    }
  })

  it.each(['viewBox="0 0 709 66"', 'width="709" height="66"', 'width="10cm" height="0.93cm"'])(
    'with %s fills its result to the edges, although sides are rounded',
    async (root) => {
      const bytes = draw('<rect width="100%" height="100%"/>', root)
      const [alone, among] = [['100w.q80'], ['100w.q80', '1000w.q80']]
      for (const asked of [alone, among]) {
        const [{ bytes: png } = { bytes: Buffer.of() }] = await renderAll(renderer, bytes, asked)
        const { at } = await look(png)
        expect([at(0, 4)[3], at(99, 4)[3]].every((alpha) => alpha > 230)).toBe(true)
      }
    },
  )

  it('with sides of another shape than its view box keeps its margins', async () => {
    const bytes = draw('<rect width="24" height="12"/>', 'width="24" height="24" viewBox="0 0 24 12"')
    const { at } = await look((await renderOne(renderer, bytes, '48w.q80')).bytes)
    expect([at(24, 2)[3], at(24, 24)[3], at(24, 45)[3]]).toEqual([0, 255, 0])
  })

  it('fills a box, is cropped and padded like any picture, and may be squeezed', async () => {
    const asked = ['300x300.cover.left.q80', '300x300.contain.q80', '300x300.fill.q80', '480h.q80']
    const outputs = await renderAll(renderer, draw(HALVES), asked)
    expect(outputs.map(({ width, height }) => [width, height])).toEqual([
      [300, 300],
      [300, 300],
      [300, 300],
      [960, 480],
    ])
    expect((await look(outputs[0]?.bytes ?? Buffer.of())).at(290, 150)).toSatisfy((at: readonly number[]) =>
      isNear(at, RED),
    )
    expect((await look(outputs[1]?.bytes ?? Buffer.of())).at(150, 10)[3]).toBe(0)
    expect((await look(outputs[2]?.bytes ?? Buffer.of())).at(10, 290)).toSatisfy((at: readonly number[]) =>
      isNear(at, RED),
    )
  })

  it('keeps its proportions where they are no whole numbers', async () => {
    const output = await renderOne(renderer, draw(HALVES, 'viewBox="0 0 1.5 1"'), '300w.q80')
    expect([output.width, output.height]).toEqual([300, 200])
  })

  it.each(['', 'width="300"', 'height="150"', 'width="300" viewBox="none"'])(
    'has its place on the canvas of browsers with the sides "%s"',
    async (sides) => {
      const drawing = draw('<path d="M100 50h50v50h-50z" fill="#dc1e1e"/>', sides)
      const seen = await look((await renderOne(renderer, drawing, '300w.q80')).bytes)
      expect([seen.width, seen.height]).toEqual([300, 150])
      for (const [x, y] of [
        [102, 52],
        [147, 97],
      ] as const)
        expect(seen.at(x, y)).toSatisfy((at: readonly number[]) => isNear(at, RED))
      for (const [x, y] of [
        [97, 60],
        [153, 60],
        [120, 103],
      ] as const)
        expect(seen.at(x, y)[3]).toBe(0)
    },
  )

  it('may have nothing but definitions', async () => {
    const { bytes } = await renderOne(renderer, draw(`<defs>${HALVES}</defs>`, ''), '300w.q80')
    expect((await look(bytes)).at(106, 56)[3]).toBe(0)
  })

  it('is not drawn beyond the limit only to be cropped', async () => {
    const bytes = draw(HALVES, 'viewBox="0 0 2000 1"')
    const { outputs } = await renderer.render({ bytes, outputs: [ask('500x500.cover.q80')], encoders: QUICK })
    expect(outputs[0]).toBeInstanceOf(Problem)
    expect((outputs[0] as Problem).code).toBe('output-too-large')
  })
})

const PIXEL =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

describe('an SVG is refused', () => {
  it.each([
    ['a picture on the web', '<image xlink:href="http://evil.example/a.png" width="9" height="9"/>'],
    ['a picture on the disk', '<image href="file:///etc/passwd" width="9" height="9"/>'],
    ['a picture beside it', "<image href='secret.png' width='9' height='9'/>"],
    ['an address in disguise', '<image href="&#104;ttp://evil.example/a.png"/>'],
    ['an address without a scheme', '<image href="//evil.example/a.png"/>'],
    ["another file's shape", '<use href="other.svg#a"/>'],
    ['a fill from elsewhere', '<rect style="fill:url(http://evil.example/#a)"/>'],
    ['a style sheet', '<style>@import "http://evil.example/a.css";</style>'],
    [
      'an included text',
      '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="/etc/passwd" parse="text"/>',
    ],
    ['foreign content', '<foreignObject><p xmlns="http://www.w3.org/1999/xhtml"/></foreignObject>'],
  ])('for %s', async (_, body) => {
    expect(await codeOf(renderer.inspect(draw(body)))).toBe('svg-unsafe')
  })

  it('for HTML in it, and says how to export it without', async () => {
    const shown = renderer.inspect(draw('<g><foreignObject width="9" height="9"><p/></foreignObject></g>'))
    await expect(shown).rejects.toMatchObject({
      message: 'The drawing is refused: it shows HTML (foreignObject).',
      hint: expect.stringContaining('htmlLabels: false'),
    })
  })

  it('for what its entities would fetch and for a linked style sheet', async () => {
    const entity = '<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    expect(await codeOf(renderer.inspect(draw('<text>&a;</text>', '', entity)))).toBe('svg-unsafe')
    const style = '<?xml version="1.0"?><?xml-stylesheet href="http://evil.example/a.css"?>'
    expect(await codeOf(renderer.inspect(draw('', '', style)))).toBe('svg-unsafe')
  })

  it('for a bomb embedded in it', async () => {
    const strict = openTestRenderer({ limits: { ...LIMITS, sourcePixels: 10_000 } })
    const bomb = (await plain(200, 200).png().toBuffer()).toString('base64')
    const bytes = draw(`<image href="data:image/png;base64,${bomb}" width="9" height="9"/>`)
    expect(await codeOf(strict.inspect(bytes))).toBe('too-many-pixels')
    const four = `<image href="data:image/png;base64,${(await plain(99, 99).png().toBuffer()).toString('base64')}"/>`
    expect(await codeOf(strict.inspect(draw(four)))).toBe('none')
    expect(await codeOf(strict.inspect(draw(four.repeat(4))))).toBe('too-many-pixels')
    await strict.close()
  })

  it('for an internal subset, whatever stands before it', async () => {
    const subset = `<!DOCTYPE svg SYSTEM ">" [<!ATTLIST image href CDATA "file:///etc/passwd">]>`
    expect(await codeOf(renderer.inspect(draw('<image/>', '', subset)))).not.toBe('none')
    const late = `<!DOCTYPE svg PUBLIC "<" "a" [<!ELEMENT a ANY>]>`
    expect(await codeOf(renderer.inspect(draw('', '', late)))).not.toBe('none')
  })

  it('for more elements than a drawing has', async () => {
    expect(await codeOf(renderer.inspect(draw('<g/>'.repeat(100_001))))).toBe('svg-unsafe')
  })

  it('for more embedded pictures than a drawing has', async () => {
    expect(await codeOf(renderer.inspect(draw(`<image href="${PIXEL}"/>`.repeat(101))))).toBe('svg-unsafe')
  })

  it.each([
    ['comments', '<!---->'],
    ['declarations', '<?a?>'],
    ['half a comment', '<!--'],
    ['addresses', 'url( '],
    ['half a reference', ' href="'],
    ['tags', '<a '],
    ['quotes', `<x "'`],
    ['document types', '<!DOCTYPE'],
    ['declarations of no kind', '<!x "'],
    ['entities out of place', '<!ENTITY'],
    ['empty pictures', 'data:image/png;base64,'],
  ])('soon, however many %s it holds', async (_, part) => {
    const inspectBoth = async (): Promise<void> => {
      await codeOf(renderer.inspect(Buffer.from(part.repeat(60_000))))
      await codeOf(renderer.inspect(draw(part.repeat(200_000))))
    }
    await expectCpuWithin(2, inspectBoth, cpuSecondsOfChildren)
  })

  it('when what is compressed is no SVG, is cut off, or inflates without end', async () => {
    expect(await codeOf(renderer.inspect(gzipSync('hello')))).toBe('not-an-image')
    expect(await codeOf(renderer.inspect(gzipSync(draw(HALVES)).subarray(0, -20)))).toBe('image-corrupt')
    const bomb = gzipSync(draw(' '.repeat(17_000_000)), { level: 1 })
    expect(await codeOf(renderer.inspect(bomb))).toBe('image-corrupt')
  })
})

it.each([
  ['a script', '<script>alert(1)</script>'],
  ['a handler', '<rect onclick="alert(1)"/>'],
  ['a link that is a script', '<a href="javascript:alert(1)"><rect/></a>'],
  ['what Illustrator alone reads', '<switch><foreignObject requiredExtensions="urn:x"/><g/></switch>'],
  ['foreign content with something in its place', '<switch><foreignObject/><g/></switch>'],
])('an SVG is drawn without what does not show %s', async (_, body) => {
  const output = await renderOne(renderer, draw(body + HALVES), '24w.q80')
  expect((await look(output.bytes)).at(4, 6)).toSatisfy((at: readonly number[]) => isNear(at, RED))
})

describe('an SVG is drawn with', () => {
  const shows = async (bytes: Uint8Array): Promise<void> => {
    const output = await renderOne(renderer, bytes, '24w.q80')
    expect([output.width, output.height]).toEqual([24, 12])
    expect((await look(output.bytes)).at(4, 6)).toSatisfy((at: readonly number[]) => isNear(at, RED))
  }

  it('its compression undone', () => shows(gzipSync(draw(HALVES))))

  it('the encoding that it names', async () => {
    const declared = '<?xml version="1.0" encoding="UTF-16"?>'
    await shows(Buffer.from(`\ufeff${draw(HALVES, 'viewBox="0 0 24 12"', declared)}`, 'utf16le'))
    const latin = draw(`<title>\xe9t\xe9</title>${HALVES}`).toString()
    await shows(Buffer.from(`<?xml version="1.0" encoding="ISO-8859-1"?>${latin}`, 'latin1'))
  })

  it('UTF-8, where it names UTF-16 in single bytes', async () => {
    for (const name of ['utf-16', 'UTF-16LE', 'ucs-2'])
      await shows(draw(HALVES, 'viewBox="0 0 24 12"', `<?xml version="1.0" encoding="${name}"?>`))
  })

  it('its entities expanded, in values and as markup', async () => {
    const entities = `<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd" [
      <!ENTITY ns_svg "http://www.w3.org/2000/svg"><!-- it's ours -->
      <!ENTITY red "#dc1e1e"> <!ENTITY shape '<rect width="24" height="12" fill="&red;"/>'>
    ]>`
    await shows(Buffer.from(`${entities}<svg xmlns="&ns_svg;" viewBox="0 0 24 12">&shape;</svg>`))
  })

  it.each([
    ['base64', (svg: Buffer) => `data:image/svg+xml;base64,${svg.toString('base64')}`],
    ['percent signs', (svg: Buffer) => `data:image/svg+xml;charset=utf-8,${encodeURIComponent(`${svg}`)}`],
  ])('a drawing within, written in %s', async (_, toAddress) => {
    const inner = draw(HALVES, 'width="24" height="12" onload="alert(1)"')
    await shows(draw(`<image width="24" height="12" href="${toAddress(inner)}"/>`))
  })

  // The upright picture is red on the left and blue on the right; turned, a file of 12×24 shows that.
  const halves = sharp(Buffer.from(draw(HALVES)), { density: 72 })
  const turned = halves.clone().rotate(-90)
  it.each([
    ['a GIF', 'image/gif', halves.clone().gif()],
    ['a WebP', 'image/webp', halves.clone().webp()],
    ['an AVIF', 'image/avif', halves.clone().avif({ quality: 90, effort: 0 })],
    ['a PNG that it calls a JPEG', 'image/jpeg', halves.clone().png()],
    ['a JPEG of no type', '', halves.clone().flatten().jpeg({ quality: 95 })],
    ['a PNG of an old type', 'image/x-png', halves.clone().png()],
    ['a JPEG that is to be turned', 'image/jpeg', turned.flatten().jpeg().withMetadata({ orientation: 6 })],
  ])('%s that is embedded, as browsers show it', async (_, type, picture) => {
    const address = `data:${type};base64,${(await picture.toBuffer()).toString('base64')}`
    for (const name of ['href', 'xlink:href'])
      await shows(draw(`<image width="24" height="12" ${name}="${address}"/>`, 'width="24" height="12"'))
  })

  it('a photograph that is embedded, however long its text becomes', async () => {
    // Grain over red: as a PNG in base64 over 10 MB, where parsers of XML end by default.
    const noise = { type: 'gaussian', mean: 128, sigma: 40 } as const
    const grain = (side: number): Sharp =>
      sharp({ create: { width: side, height: side, channels: 3, background: '#000', noise } }).linear(
        [0.2, 0.1, 0.1],
        [195, 17, 17],
      )
    for (const picture of [
      grain(400).jpeg({ quality: 100, chromaSubsampling: '4:4:4' }),
      grain(1700).png({ compressionLevel: 1 }),
    ]) {
      const bytes = await picture.toBuffer()
      const address = `data:;base64,${bytes.toString('base64')}`
      const box = 'width="24" height="12" preserveAspectRatio="none"'
      await shows(draw(`<image ${box} href="${address}"/>`, 'width="24" height="12"'))
    }
  })

  it('what its pictures take in memory, not as if their text were markup', async () => {
    const [width, height] = [1000, 1000]
    const address = async (picture: Sharp) => `data:;base64,${(await picture.toBuffer()).toString('base64')}`
    const bytesOf = async (picture: Sharp): Promise<number> => {
      const { decoderBytes } = await readPictureHeader(
        draw(`<image href="${await address(picture)}"/>`),
        LIMITS,
      )
      return (decoderBytes ?? 0) / (width * height)
    }
    const noise = sharp(randomBytes(width * height * 3), { raw: { width, height, channels: 3 } })
    expect(await bytesOf(plain(width, height).png())).toBeCloseTo(12, 0)
    expect(await bytesOf(noise.clone().png())).toBeLessThan(12 + 3 * 10)
    expect(await bytesOf(plain(width, height).webp())).toBeCloseTo(24, 0)
    expect(await bytesOf(plain(width, height).jpeg().withMetadata({ orientation: 6 }))).toBeCloseTo(24, 0)
  })

  it('a prefix before the names of its elements', async () => {
    const rect = '<s:rect width="24" height="12" fill="#dc1e1e"/>'
    await shows(
      Buffer.from(`<s:svg xmlns:s="http://www.w3.org/2000/svg" width="24" height="12">${rect}</s:svg>`),
    )
  })

  it('no drawing within a drawing without end', async () => {
    let bytes = draw(HALVES, 'width="24" height="12"')
    const wrap = (): void => {
      const address = `data:image/svg+xml;base64,${bytes.toString('base64')}`
      bytes = draw(`<image width="24" height="12" href="${address}"/>`, 'width="24" height="12"')
    }
    for (let depth = 1; depth <= 3; depth++) wrap()
    await shows(bytes)
    wrap()
    expect(await codeOf(renderer.inspect(bytes))).toBe('svg-unsafe')
  })

  it('sides in inches as a browser lays it out, where a side is no whole number of pixels, too', async () => {
    const bytes = draw(HALVES, 'width="5cm" height="2.5cm" viewBox="0 0 24 12"')
    const [full, wide] = await renderAll(renderer, bytes, ['full.q80', '640w.q80'])
    expect([full?.width, full?.height, wide?.width, wide?.height]).toEqual([189, 94, 640, 320])
    expect((await look(wide?.bytes ?? Buffer.of())).at(317, 160)).toSatisfy((at: readonly number[]) =>
      isNear(at, RED),
    )
  })

  it.each([
    ['its sides as well', 'width="100mm" height="50mm"', 'width="50mm" height="50mm"'],
    ['a view box', 'viewBox="0 0 400 200"', 'x="0" width="52.916666mm" height="200"'],
    ['a style', 'width="400" height="200"', 'style="width:52.916666mm;height:2in"'],
    ['a side that is no whole number', 'width="2.5" height="1.25"', 'width="0.9375pt" height="9"'],
  ])('lengths in parts of an inch as a browser does, with %s', async (_, sides, lengths) => {
    const bytes = draw(`<rect ${lengths} fill="#dc1e1e"/>`, sides)
    const { bytes: png, width, height } = await renderOne(renderer, bytes, '400w.q80')
    expect([width, height]).toEqual([400, 200])
    const seen = await look(png)
    expect(seen.at(197, 90)).toSatisfy((at: readonly number[]) => isNear(at, RED))
    expect(seen.at(203, 90)[3]).toBe(0)
  })

  it('its English text, or else the last one, wherever it is made', async () => {
    const { LANG } = process.env
    onTestFinished(() => {
      process.env.LANG = LANG
    })
    process.env.LANG = 'de_DE.UTF-8'
    const german = openClosing()
    const [de, en] = ['de', 'en'].map(
      (name) => `<rect systemLanguage="${name}" width="24" height="12" fill="`,
    )
    const other = '<rect width="24" height="12" fill="#283cdc"/>'
    const seeSwitch = async (body: string) => {
      const { bytes } = await renderOne(german, draw(`<switch>${body}${other}</switch>`), '24w.q80')
      return (await look(bytes)).at(5, 5)
    }
    expect(await seeSwitch(`${de}red"/>${en}lime"/>`)).toEqual([0, 255, 0, 255])
    expect(await seeSwitch(`${de}red"/>`)).toEqual([0x28, 0x3c, 0xdc, 255])
  })

  it('sides longer than librsvg takes', async () => {
    await shows(draw(HALVES, 'width="240000" height="120000" viewBox="0 0 24 12"'))
  })
})

describe('an SVG is let through', () => {
  it.each([
    [
      'with its own gradients',
      '<defs><linearGradient id="a"/></defs><rect fill="url(#a)" width="9" height="9"/><use href="#a"/>',
    ],
    ['with an embedded picture', `<image href="${PIXEL}" width="9" height="9"/>`],
    ['with a picture that a script was to fill', '<image href="data:image/png;base64,"/>'],
    ['with a link', '<a href="https://example.com/"><rect width="9" height="9"/></a>'],
    [
      'with metadata',
      '<metadata><r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" r:about="http://example.com/"/></metadata>',
    ],
  ])('%s', async (_, body) => {
    expect(await codeOf(renderer.inspect(draw(body)))).toBe('none')
  })

  it('with the prolog that drawing programs write', async () => {
    const prolog = `\ufeff<?xml version="1.0" encoding="utf-8"?>
      <!-- Generator: a program -->
      <!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">`
    expect(await codeOf(renderer.inspect(draw(HALVES, 'viewBox="0 0 24 12"', prolog)))).toBe('none')
  })
})

describe('of a drawing, as in browsers,', () => {
  const shown = async (attributes: string, body = ''): Promise<Buffer> =>
    Buffer.from(
      (await renderOne(renderer, draw(body, `viewBox="0 0 24 12" ${attributes}`), '48w.q80 png')).bytes,
    )

  it.each([
    ['background:#fc0', [255, 204, 0, 255]],
    ['fill: red; background-color: rgb(255, 204, 0);', [255, 204, 0, 255]],
    ['background: black; background-color: #ffcc00', [255, 204, 0, 255]],
    ['BACKGROUND: White', [255, 255, 255, 255]],
    ['background: #fc0; background: transparent', [0, 0, 0, 0]],
    ['background: rgb(255 204 0 / 50%)', [0, 0, 0, 0]],
    ['x-background: #fc0', [0, 0, 0, 0]],
  ])('the style "%s" is behind everything', async (style, colour) => {
    expect((await look(await shown(`style="${style}"`))).at(40, 20)).toEqual(colour)
  })

  it.each([
    [
      'of the whole drawing',
      '<style>:root { --c: #fc0 } rect { fill: var(--c) }</style><rect width="24" height="12"/>',
    ],
    [
      'of an element around it',
      '<g style="--c:#fc0"><rect width="24" height="12" style="fill:var(--c)"/></g>',
    ],
    [
      'in an attribute',
      '<g style="--c: rgb(255, 204, 0)"><rect width="24" height="12" fill="var(--c)"/></g>',
    ],
    [
      'without a value, but with another one',
      '<rect width="24" height="12" style="fill:var(--c, rgb(255, 204, 0))"/>',
    ],
    [
      'that a dark scheme replaces',
      '<style>svg{--c:#fc0}@media (prefers-color-scheme:dark){svg{--c:#000}}rect{fill:var( --c )}</style><rect width="24" height="12"/>',
    ],
  ])('a CSS variable %s has its value', async (_, body) => {
    expect((await look(await shown('', body))).at(40, 20)).toEqual([255, 204, 0, 255])
  })

  it.each([
    ['svg{background:#fc0}', [255, 204, 0, 255]],
    ['rect{fill:red}:root {fill:red;background-color:rgb(255 204 0)}', [255, 204, 0, 255]],
    ['@media print{svg{background:red}}svg{background:blue}', [0, 0, 255, 255]],
    ['.svg{background:#fc0}', [0, 0, 0, 0]],
    ['svg{background:oops}', [0, 0, 0, 0]],
  ])('the style sheet "%s" is behind everything', async (css, colour) => {
    expect((await look(await shown('', `<style>${css}</style>`))).at(40, 20)).toEqual(colour)
  })

  it.each([
    ['@media screen{RULE}', true],
    ['@media print, screen and (prefers-color-scheme: light) {RULE}', true],
    ['@MEDIA Only screen AND (prefers-reduced-motion:no-preference){RULE}', true],
    ['@supports (fill: red){@layer a.b{RULE}}', true],
    ['@layer a, b;@layer{RULE}', true],
    ['RULE@media print{rect{fill:#000}}', true],
    ['@media (prefers-color-scheme:dark){rect{fill:#000}}RULE', true],
    ['@media (prefers-color-scheme:dark){svg{--c:#000}}svg{--c:#fc0}rect{fill:var(--c)}', true],
    ['svg{--a:var(--b);--b:var(--c,#fc0)}rect{fill:var(--a)}', true],
    ['@media print{RULE}', false],
    ['@media screen and (prefers-color-scheme:dark){RULE}', false],
    ['@supports not (fill: red){RULE}', false],
    ['@media (min-width:9999px){RULE}', false],
  ])('the rule in "%s" counts: %s', async (css, counts) => {
    const rule = css.replaceAll('RULE', 'rect{fill:#fc0}')
    const body = `<style>rect{fill:#00f}${rule}</style><rect width="24" height="12"/>`
    const colour = counts ? [255, 204, 0, 255] : [0, 0, 255, 255]
    expect((await look(await shown('', body))).at(40, 20)).toEqual(colour)
  })

  it('lengths of text without a unit are obeyed in attributes, and in style sheets only if they are nothing', () => {
    const css =
      'text{font-size:40;fill:red; letter-spacing : .5 }i{word-spacing:0;font-size:9px;stroke-width:2}'
    const { drawing } = cleanSvg(draw(`<style>${css}</style><text style="font-size:40">a</text>`))
    expect(drawing).toMatch(/text\{;fill:red; \}i\{word-spacing:0;font-size:9px;stroke-width:2\}/)
    expect(drawing).toContain('style="font-size:40"')
  })

  it('groups of rules without an end, or within thousands of others, stay as they are', () => {
    const open = '@media screen{a{fill:red}'
    const deep = `${'@layer{'.repeat(5_000)}a{fill:red}${'}'.repeat(5_000)}`
    for (const css of [open, deep])
      expect(cleanSvg(draw(`<style>${css}</style>`)).drawing).toContain('{a{fill:red}')
  })

  it('a CSS variable cannot add markup, nor more text than a drawing has', () => {
    const plain = draw('<rect style="fill:var(--c)"/>')
    const quoted = draw(`<style>a{--c:x'&gt;&amp;}</style><rect style="fill:var(--c)"/>`)
    for (const bytes of [plain, quoted]) expect(cleanSvg(bytes).drawing).toContain('fill:var(--c)')
    const long = draw(`<g style="--c:${'a'.repeat(50)}">${'<g fill="var(--c)"/>'.repeat(1000)}</g>`)
    expect(cleanSvg(long).drawing.length).toBeLessThan(long.length + 100)
  })

  it.each([
    ['by an attribute', '<g shape-rendering="crispEdges" stroke="red">LINES</g>'],
    ['by a style sheet', '<style>path{stroke:red; shape-rendering : optimizeSpeed}</style>LINES'],
  ])('lines with crisp edges, %s, stay where they become thinner than a pixel', async (_, body) => {
    const lines = '<path d="M0 5.5H60"/><path d="M0 11.5H60"/><path d="M0 16.5H60"/>'
    const bytes = draw(body.replace('LINES', lines), 'width="60" height="24"')
    const alphasOf = async (asked: string): Promise<readonly number[]> => {
      const [file] = await renderAll(renderer, bytes, [asked])
      const { at, height } = await look(file?.bytes ?? Buffer.of())
      return Array.from({ length: height }, (_, y) => at(4, y)[3])
    }
    const thin = await alphasOf('20w.q80 png')
    expect(thin.reduce((sum, alpha) => sum + alpha, 0) / 255).toBeCloseTo(1, 1)
    // Where they become no thinner, they stay crisp.
    for (const asked of ['60w.q80 png', '90w.q80 png'])
      expect(new Set(await alphasOf(asked))).toEqual(new Set([0, 255]))
  })

  it('shapes without lines have crisp edges at every size', async () => {
    const bytes = draw('<path shape-rendering="crispEdges" d="M0 0H30V12Z"/>', 'width="60" height="24"')
    const [file] = await renderAll(renderer, bytes, ['20w.q80 png'])
    const { samples } = await look(file?.bytes ?? Buffer.of())
    expect(new Set(samples.filter((_, i) => i % 4 === 3))).toEqual(new Set([0, 255]))
  })

  it('shapes outside count where a filter brings them inside, at every size', async () => {
    const body = `<filter id="f" filterUnits="userSpaceOnUse" x="-20" y="-10" width="40" height="32">
      <feOffset dx="4"/><feGaussianBlur stdDeviation="2"/></filter>
      <g filter="url(#f)"><rect x="-10" width="16" height="12" fill="red"/></g><circle cx="75%" cy="50%" r="3" fill="#00f"/>`
    const bytes = draw(body, 'viewBox="0 0 24 12" x="9" overflow="hidden"')
    for (const factor of [1, 2, 5]) {
      const [file] = await renderAll(renderer, bytes, [`${24 * factor}w.q80 png`])
      const { at } = await look(file?.bytes ?? Buffer.of())
      const [edge, middle] = [at(0, 6 * factor), at(18 * factor, 6 * factor)]
      expect(file?.width).toBe(24 * factor)
      expect(isNear(edge, [255, 0, 0]) && (edge[3] ?? 0) > 250).toBe(true)
      expect(isNear(middle, [0, 0, 255])).toBe(true)
    }
    const { layers = 0 } = await readPictureHeader(bytes)
    const inside = await readPictureHeader(draw(body.replace('x="-20"', 'x="-10"'), 'viewBox="0 0 24 12"'))
    expect(layers).toBeGreaterThan(1.5 * (inside.layers ?? 0))
  })

  it('so do shapes of a blur that does not tell its region, but not those of a shadow', async () => {
    const body = (steps: string): string =>
      `<filter id="f" x="-1" width="3">${steps}</filter><rect filter="url(#f)" x="-20" y="-9" width="26" height="30" fill="red"/>`
    const { at } = await look(await shown('', body('<feGaussianBlur stdDeviation="2"/>')))
    expect(at(0, 12)[3]).toBeGreaterThan(240)
    const bleedOf = (steps: string): number | undefined => cleanSvg(draw(body(steps))).bleed
    expect(bleedOf('<feGaussianBlur stdDeviation="0.3 0.1"/>')).toBeCloseTo(0.05)
    expect(bleedOf('<feOffset dx="2"/><feGaussianBlur stdDeviation="2"/>')).toBeUndefined()
    expect(bleedOf('<feFlood/>')).toBeUndefined()
    expect(cleanSvg(draw('<g style="filter: blur(1.5px)"/>')).bleed).toBe(0.25)
    const prefixed =
      '<s:svg xmlns:s="http://www.w3.org/2000/svg"><s:filter><s:feGaussianBlur stdDeviation="15"/></s:filter></s:svg>'
    expect(cleanSvg(Buffer.from(prefixed)).bleed).toBeCloseTo(0.2)
  })

  it.each([
    ['transform="rotate(180)"', 'right bottom'],
    ['transform="matrix(-1, 0, 0, 1, 0, 0)" viewBox="0 0 24 12"', 'right top'],
    ['style="-webkit-transform:none;transform:scale(1,-1);fill:blue"', 'left bottom'],
    ['style="transform: rotate(0.5turn)" transform="rotate(0)"', 'right bottom'],
    ['width="6.35mm" height="3.175mm" transform="scale(1,-1)"', 'left bottom'],
    ['transform="translate(12)" width="24" height="12" viewBox="0 0 48 24"', 'right top'],
    ['style="text-transform:none" id="transform"', 'left top'],
  ])('the outermost element with %s turns around its middle', async (root, place) => {
    const attributes = root.includes('viewBox') ? root : `viewBox="0 0 24 12" ${root}`
    const bytes = draw('<rect width="50%" height="50%" fill="red"/>', attributes)
    const { at } = await look((await renderOne(renderer, bytes, '48w.q80 png')).bytes)
    const corners = {
      'left top': at(5, 5),
      'right top': at(42, 5),
      'left bottom': at(5, 18),
      'right bottom': at(42, 18),
    }
    const filled = Object.entries(corners).flatMap(([name, [red, , , alpha]]) =>
      red === 255 && alpha === 255 ? name : [],
    )
    expect(filled).toEqual([place])
  })

  it('text without a size has one of 16 pixels', async () => {
    const body = '<text x="1" y="11" font-family="DejaVu Sans">ab</text>'
    const [plain, told, other] = await Promise.all([
      shown('', body),
      shown('font-size="16"', body),
      shown('font-size="12"', body),
    ])
    expect([plain.equals(told), plain.equals(other)]).toEqual([true, false])
  })
})
