import { describe, expect, it } from 'vitest'
import { type CleanSvg, cleanSvg } from '../../../src/render/svg/clean-svg.ts'
import { expectCpuWithin } from '../../support/cpu.ts'
import { codeOf } from '../support.ts'

const SVG = 'xmlns="http://www.w3.org/2000/svg"'
const XLINK = 'xmlns:xlink="http://www.w3.org/1999/xlink"'

const clean = (body: string, attributes = '', prolog = ''): CleanSvg =>
  cleanSvg(Buffer.from(`${prolog}<svg ${SVG} ${XLINK}${attributes}>${body}</svg>`))

/** What stays of the body. */
const bodyOf = (body: string): string =>
  clean(body)
    .vector.replace(`<svg ${SVG} ${XLINK}`, '')
    .replace(/^>|<\/svg>$|^\/>$/g, '')

describe('what is left out of a drawing', () => {
  it.each([
    ['a script', '<script>alert(1)</script>', ''],
    ['a script of another case and prefix', `<s:script xmlns:s="http://www.w3.org/2000/svg"/>`, ''],
    ['a handler in the middle', '<rect id="a" onclick="alert(1)" x="1"/>', '<rect id="a" x="1"/>'],
    ['a handler in capitals', "<rect ONLOAD\n=\t'alert(1)'/>", '<rect/>'],
    ['a handler after a value with a ">"', '<rect class="a>b" onclick="x"/>', '<rect class="a>b"/>'],
    ['a handler behind half a tag', '<!-- <a b=" --><g onclick="x"/><!-- "> -->', '<g/>'],
    ['a link that is a script', '<a href="javascript:alert(1)"><g/></a>', '<a><g/></a>'],
    ['such a link in disguise', '<a xlink:href=" &#106;ava&#x0A;Scr\nipt&#58;alert(1)"/>', '<a/>'],
    ['a link that becomes one', '<a><set attributeName="href" to="javascript:x"/></a>', '<a/>'],
    ['one that becomes one by a list', '<animate attributeName="xlink:href" values="#a;javascript:x"/>', ''],
    ['a handler that an animation sets', '<set attributeName="onclick" to="alert(1)"/>', ''],
    ['a listener of XML events', '<handler/><listener/>', ''],
    ['a script of HTML', '<h:script xmlns:h="http://www.w3.org/1999/xhtml">x</h:script>', ''],
    ['what old browsers run in a style', '<g style="width:expression(alert(1))"/>', undefined],
  ])('%s, which is why the vector is not served', (_, body, left) => {
    const { hazard } = clean(body)
    expect(hazard).toBe('holds a script')
    if (left !== undefined) expect(bodyOf(body)).toBe(left)
  })

  it.each([
    [
      'a link elsewhere',
      '<a href="https://example.com/" target="_top"><g/></a>',
      '<a target="_top"><g/></a>',
    ],
    ['a link that becomes one', '<a><set attributeName="href" to="https://a.example/"/></a>', '<a/>'],
    ['comments and instructions', '<g/><!-- a --><?a b?>', '<g/>'],
    ['what editors write for themselves', '<g xmlns:i="urn:i" i:label="x"><i:grid><g/></i:grid></g>', '<g/>'],
    ['an element that no browser shows', '<blink><g/></blink>', ''],
    ['elements of HTML', '<iframe xmlns="http://www.w3.org/1999/xhtml" src="//a.example"/>', ''],
    [
      'markup in what is text',
      '<title>a<b xmlns="http://www.w3.org/1999/xhtml">c</b></title>',
      '<title>a</title>',
    ],
    ['private metadata', '<metadata><x xmlns="urn:x" path="/home/me"/> </metadata>', ''],
    [
      'a base for addresses',
      '<g xml:base="http://a.example/" xml:space="preserve"/>',
      '<g xml:space="preserve"/>',
    ],
  ])('%s', (_, body, left) => {
    expect(clean(body).hazard).toBeUndefined()
    expect(bodyOf(body)).toBe(left)
  })

  it.each([
    ['a text on scripts', '<text>on click = "go", onclick="go()" and javascript:go() alike</text>'],
    ['attributes with an "on" in them', '<g font-size="9" data-on="1" id="on" class="on = off"/>'],
    ['a word that begins a value', '<g aria-label="javascript, and: more" id="json"/>'],
    [
      'its own parts',
      '<use href="#a"/><use xlink:href="#a"/><g fill="url(#a)" style="mask: url( \'#b\' )"/>',
    ],
    ['a font of its own', '<style>@font-face{font-family:a;src:url(data:font/woff2;base64,AAAA)}</style>'],
    ['one of another type', '<style>@font-face{src:url(data:type/opentype;base64,AAAA)}</style>'],
    ['names of namespaces in a style', '<style>@namespace s url(http://www.w3.org/2000/svg); s|g{}</style>'],
    ['quotes of its style', `<g style="font-family:'A(b'" transform="rotate(9 1,1)"/>`],
    ['what a reader hears', '<g role="img" aria-label="a"><title>t</title><desc>d</desc></g>'],
    ['movement', '<set attributeName="fill" to="red"/><animate attributeName="href" values="#a;#b"/>'],
    ['markup in a style', '<style>a > b::after{content:"&lt;/style>&amp;"}</style>'],
    ['quotes', `<g a='"' b="'" c="&quot;'"/>`],
  ])('not %s', (_, body) => {
    expect(clean(body).hazard).toBeUndefined()
    expect(bodyOf(body)).toBe(body)
  })

  it('but who made it and under which licence', () => {
    const body = `<metadata><r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:creator r:about="">Ann</dc:creator><e:gps xmlns:e="urn:exif">1</e:gps></r:RDF></metadata>`
    expect(bodyOf(body)).toBe(body.replace(/<e:gps.*<\/e:gps>/, ''))
  })

  it('leaves its place, where a style counts elements', () => {
    const body = '<x xmlns="urn:x"/><metadata>a</metadata><g/><style>g:nth-child(3){fill:red}</style>'
    expect(bodyOf(body)).toBe('<metadata/><metadata/><g/><style>g:nth-child(3){fill:red}</style>')
  })
})

it('a font from elsewhere is left out of a drawing: browsers load none for a picture', () => {
  const body = (far: string, quoted: string): string =>
    `<style>@FONT-FACE{font-family:a;src:local("A"),url(${far}) format("woff2"),url(${quoted})}.a{fill:red}</style>`
  expect(bodyOf(body('https://cdn.example/a.woff2', '"b.woff"'))).toBe(
    body('data:font/woff2,', '"data:font/woff2,"'),
  )
  const left = body('data:font/woff2,', '"data:font/woff2,"')
  expect(bodyOf(left)).toBe(left)
})

describe('a drawing is refused', () => {
  const refused = (body: string, prolog = ''): Promise<string> =>
    codeOf((async () => clean(body, '', prolog))())

  it.each([
    ['a style sheet behind escapes', '<style>@im\\70ort "a.css";</style>'],
    ['a style sheet in a comment trick', '<style>@import/**/url(//a.example)</style>'],
    ['a picture beside a font', '<style>@font-face{src:url(a.woff2)}g{mask:url(a.png)}</style>'],
    ['a font where none is loaded', '<style>g{mask:url(data:font/woff2;base64,AAAA)}</style>'],
    [
      'a font that refers to others',
      `<style>@font-face{src:url(data:image/svg+xml;base64,${btoa(`<svg ${SVG}><image href="a"/></svg>`)})}</style>`,
    ],
    ['a font that is a script', '<style>@font-face{src:url(javascript:a)}</style>'],
    ['an address behind escapes', '<g style="fill:u\\72l(http://a.example)"/>'],
    ['an address in quotes', `<g fill="url( 'http://a.example/#a' )"/>`],
    ['an address that is none', '<g style="fill:url(a(b)"/>'],
    ['a set of pictures', '<style>g{mask-image:image-set("a.png" 1x)}</style>'],
    ['a set of pictures in an attribute', `<g style="mask-image:IMAGE-SET('a.png' 1x)"/>`],
    ['a picture that fades', `<g style="mask-image:cross-fade('a.png', #fff)"/>`],
    ['a picture of text', '<image href="data:text/html,x"/>'],
    ['a shape in an address', '<use href="data:image/svg+xml,x#a"/>'],
    ['a picture that an address of a style fetches', '<g style="cursor:url(/a.cur)"/>'],
    ['a filter of another file', '<feImage href="a.svg"/>'],
    ['a text along the path of another file', '<textPath href="a.svg#a">x</textPath>'],
  ])('for %s', async (_, body) => {
    expect(await refused(body)).toBe('svg-unsafe')
  })

  it.each([
    ['an entity outside', '<!ENTITY a SYSTEM "file:///etc/passwd">'],
    ['a public entity', '<!ENTITY a PUBLIC "x" "http://a.example/">'],
    ['a parameter entity', '<!ENTITY % a "x">'],
    ['a parameter entity that is used', '%a;'],
    ['attributes by default', '<!ATTLIST image href CDATA "http://a.example/">'],
    ['another namespace by default', '<!ATTLIST svg xmlns:xlink CDATA #FIXED "http://a.example/">'],
    ['a notation', '<!NOTATION a SYSTEM "a">'],
    ['entities that multiply', `<!ENTITY a "${'a'.repeat(1000)}">${multiply('abcdef', 20)}`],
    ['entities in a circle', '<!ENTITY a "&b;"><!ENTITY b "&a;">'],
    ['entities within entities within entities', multiply('abcdefghijkl', 1)],
    ['entities without number', manyEntities(1001)],
  ])('for a document type with %s', async (_, subset) => {
    expect(await refused('', `<!DOCTYPE svg [${subset}]>`)).toBe('svg-unsafe')
  })

  it('for more namespaces than a drawing has, on one element or within one another', async () => {
    const declare = (count: number, from = 0) =>
      Array.from({ length: count }, (_, i) => ` xmlns:n${from + i}="urn:${from + i}"`).join('')
    // One means "xml", two are those of the drawing.
    expect(await refused(`<g${declare(197)}/>`)).toBe('none')
    expect(await refused(`<g${declare(198)}/>`)).toBe('svg-unsafe')
    const within = (count: number, own: (i: number) => string) =>
      Array.from({ length: count }, (_, i) => `<g${own(i)}>`).join('') + '</g>'.repeat(count)
    expect(await refused(within(4999, (i) => ` xmlns:n="urn:${i}"`))).toBe('none')
    expect(await refused(within(5000, (i) => ` xmlns:n="urn:${i}"`))).toBe('svg-unsafe')
    // What is known already may be said as often as somebody likes.
    expect(await refused(within(6000, () => ` xmlns:n="urn:1" ${XLINK}`))).toBe('none')
    await expectCpuWithin(4, () => refused(within(20_000, (i) => declare(1, i))))
  })

  it('for an entity that is named without end', async () => {
    const prolog = `<!DOCTYPE svg [<!ENTITY a "${'a'.repeat(1000)}">]>`
    expect(await refused('&a;'.repeat(900), prolog)).toBe('none')
    expect(await refused('&a;'.repeat(1100), prolog)).toBe('svg-unsafe')
  })

  it.each([
    ['tags that do not match', '<g></h>'],
    ['half a tag', '<g'],
    ['an entity that nobody defined', '&nbsp;'],
    ['an attribute without quotes', '<g a=b/>'],
  ])('as damaged, for %s', async (_, body) => {
    expect(await refused(body)).toBe('image-corrupt')
  })
})

const multiply = (names: string, times: number): string =>
  [...names]
    .map((name, index) => `<!ENTITY ${names[index + 1] ?? 'z'} "${`&${name};`.repeat(times)}">`)
    .join('')

const manyEntities = (count: number): string =>
  Array.from({ length: count }, (_, index) => `<!ENTITY b${index} "">`).join('')

describe('a drawing within', () => {
  const inner = `<svg ${SVG}><!-- x --><view id='a'/></svg>`
  const within = (address: string): string => clean(`<image href="${address}"/>`).vector

  it('keeps the part of it that is asked for', () => {
    const address = `data:image/svg+xml;base64,${Buffer.from(inner).toString('base64')}#a`
    expect(within(address)).toMatch(/href="data:image\/svg\+xml,%3Csvg [^"]*view id='a'\/%3E%3C\/svg%3E#a"/)
  })

  it('stays as it is written where nothing is left out', () => {
    const address = `data:image/svg+xml;charset=utf-8;base64,${Buffer.from(inner.replace(/<!.*?>/, '').replaceAll("'", '"')).toString('base64')}`
    expect(within(address)).toContain(address)
  })
})

describe('an entity', () => {
  const withEntities = (declared: string, body: string): string =>
    clean(body, '', `<!DOCTYPE svg [${declared}]>`).vector.replace(`<svg ${SVG} ${XLINK}`, '')

  it('but names its namespace, as Sodipodi writes it', () => {
    const fixed = '<!ATTLIST svg\n xmlns:xlink CDATA #FIXED "http://www.w3.org/1999/xlink">'
    expect(withEntities(fixed, '<use xlink:href="#a"/>')).toBe('><use xlink:href="#a"/></svg>')
  })

  it('that is markup is read as markup, scripts included', () => {
    const { vector, hazard } = clean('&a;', '', '<!DOCTYPE svg [<!ENTITY a "&#60;script>x&#60;/script>">]>')
    expect(vector).toBe(`<svg ${SVG} ${XLINK}/>`)
    expect(hazard).toBe('holds a script')
  })

  it('ends no value with its quotes', () => {
    expect(withEntities(`<!ENTITY a '" onload="x'>`, '<g id="&a;"/>')).toBe(`><g id='" onload="x'/></svg>`)
  })

  it('counts as it was declared first, and as characters where it stands for those', () => {
    const declared = '<!ENTITY a "1"><!ENTITY a "2"><!ENTITY lt "&#38;#60;"><!ENTITY amp "&#38;#38;">'
    expect(withEntities(declared, '<text>&a;&lt;&amp;</text>')).toBe('><text>1&lt;&amp;</text></svg>')
  })
})

describe('a cleaned drawing', () => {
  const ORIGINALS = [
    `<?xml version="1.0"?>\n<!-- a -->\n<svg ${SVG} width='1cm' viewBox="0 0 2 1"><g a='"'> <!-- x --> <i/></g>\n</svg>\n`,
    `<svg:svg xmlns:svg="http://www.w3.org/2000/svg"><svg:g/></svg:svg>`,
    `<svg ${SVG}><style>rect:first-child{}</style><a:b xmlns:a="u"/><rect/><metadata/></svg>`,
    `<svg ${SVG}><image href="data:image/svg+xml,%3Csvg ${SVG.replaceAll('"', "'")}/>"/></svg>`,
    `<svg ${SVG}><style><![CDATA[a>b{} /* <&]> */]]></style><text>]]&gt;</text></svg>`,
    '<svg width="1" height="1"><use xlink:href="#a"/></svg>',
  ]

  it.each(ORIGINALS)('stays as it is when it is cleaned again: %s', (original) => {
    const { vector } = cleanSvg(Buffer.from(original))
    expect(cleanSvg(Buffer.from(vector)).vector).toBe(vector)
    expect(vector.length).toBeLessThanOrEqual(original.length + 80)
  })

  it('tells what it is made of', () => {
    const filter = '<filter><feFlood/><feMerge><feMergeNode/></feMerge></filter>'
    const nested = Buffer.from(`<svg ${SVG}><pattern/>${filter}</svg>`).toString('base64')
    const body = `<g><mask/><use href="#a"/></g>${filter}<image href="data:image/svg+xml;base64,${nested}"/>`
    expect(clean(body).census).toMatchObject({
      elements: 9 + 6,
      longestFilter: 2,
      masks: 1,
      patterns: 1,
    })
  })
})

it.each([
  ['g rect', false],
  ['first-rect', false],
  ['rect + rect', true],
  ['g ~ rect', true],
  ['rect:nth-child(2)', true],
  ['rect:last-of-type', true],
  ['g:empty', true],
])('what is left out keeps its place where a style chooses by places: %s %s', (selector, isKept) => {
  const style = `<style>${selector}{fill:red}</style>`
  expect(bodyOf(`${style}<script/><rect/>`)).toBe(`${style}${isKept ? '<metadata/>' : ''}<rect/>`)
})

it('an address and a side of a million characters are read at once', () => {
  const spaces = ' '.repeat(1_000_000)
  expect(() => cleanSvg(Buffer.from(`<svg ${SVG}><image href="!${spaces}x"/></svg>`))).toThrow('refused')
  const wide = `<svg ${SVG} width="${'0'.repeat(1_000_000)}${spaces}!"/>`
  expect(cleanSvg(Buffer.from(wide)).pictures).toEqual([])
})

it.each([
  [`<text font-family="Lato, sans-serif"/>`, `Lato, Arial,sans-serif`],
  [`<text style="fill:red;font-family:'PT Serif',serif"/>`, `'PT Serif',Times New Roman,serif`],
  [
    '<style>a{font:bold 9px/1.2 "Open Sans",sans-serif;fill:red}</style>',
    '"Open Sans",Arial,sans-serif;fill',
  ],
  ['<text font-family="serif"/>', '"Times New Roman,serif"'],
  ['<text font-family="MS sans serif, x-serif" class="serif"/>', '"MS sans serif, x-serif" class="serif"'],
  ['<text font-size="9" class="sans-serif">font: sans-serif</text>', 'class="sans-serif">font: sans-serif'],
])('is drawn with the fonts of browsers: %s', (body, drawn) => {
  expect(clean(body).drawing).toContain(drawn)
  expect(bodyOf(body)).toBe(body)
})

it.each([
  [`<text style='font-family:"PT Serif",serif'>x</text>`, `"PT Serif",Times New Roman,serif`],
  [`<text font-family='"Lato", sans-serif'>x</text>`, `"Lato", Arial,sans-serif`],
  [`<g style='font-family:"A";filter:invert(1)'/>`, 'filter:url(#imgsizes-0)'],
  ['<g class="a>b" style="filter:invert(1)"/>', 'filter:url(#imgsizes-0)'],
  ['<style>g>a{filter:invert(1)}</style>', 'filter:url(#imgsizes-0)'],
])('a style is read whatever stands beside it: %s', (body, drawn) => {
  expect(clean(body).drawing).toContain(drawn)
})

it.each([
  'a{font: 9px serif;font-family:sans-serif}',
  ' font-family="sans-serif" ',
  'a{filter:invert(1)} filter="invert(1)"',
  '--a: 1px; x: var(--a)',
  'points="1 2 3"',
  '@media print{a{font-size: 10;}}',
])('what a text shows is no style: %s', (shown) => {
  const { drawing } = clean(`<style/><text>${shown}</text><title>${shown}</title>`)
  expect(drawing.split(shown.replaceAll('"', '"'))).toHaveLength(3)
})

it('what a text shows is no background, and gives no variable its value', () => {
  const text = '<text>svg{background:red} --a: red</text>'
  const { background, drawing } = clean(`${text}<style>a{--a: blue;fill:var(--a)}</style>`)
  expect(background).toBeUndefined()
  expect(drawing).toContain('fill:blue')
})

it('only of polygons and lines are points pairs', () => {
  expect(clean('<g class="a>b" data-x="1"/><text points="1 2 3"/>').drawing).toContain('points="1 2 3"')
  expect(clean('<polyline class="a>b" fill="none" points="1 2 3"/>').drawing).toContain('points="1 2"')
})

it.each(['font:', 'serif,', ' ', 'font-family="serif', "'>"])(
  'reads a megabyte of %j at once',
  async (part) => {
    const many = part.repeat(1_000_000 / part.length)
    for (const body of [
      `<desc>font:${many}</desc>`,
      `<g style='font:${many.replaceAll("'", '')}'/>`,
      `<style>a{font:${many}}</style>`,
    ])
      await expectCpuWithin(5, () => clean(body))
  },
)

it('reads texts in however many brackets at once', async () => {
  const css = `${'b('.repeat(50_000)}${"'c' ".repeat(50_000)}`
  await expectCpuWithin(4, () => clean(`<style>a{@x: ${css}}</style>`))
})
