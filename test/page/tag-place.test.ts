import { describe, expect, it } from 'vitest'
import { resolveConfig } from '../../src/config/resolve.ts'
import type { PageSize } from '../../src/page/catalogue.ts'
import { toConfigCatalogue } from '../../src/page/config-catalogue.ts'
import { createFindCoverHeight } from '../../src/page/cover-height.ts'
import { listPlaceRules } from '../../src/page/place-rules.ts'
import { readPage } from '../../src/page/read-page.ts'
import { sizesOfTag } from '../../src/page/tag-place.ts'
import { expectCpuWithin } from '../support/cpu.ts'
import { CONFIG } from './support.ts'

const FACTS = { width: 1200, height: 900 }
const COLUMN = { widths: [320, 640], sizes: '(max-width: 60rem) 100vw, 60rem' }

const sizes = toConfigCatalogue(
  resolveConfig(
    {
      ...CONFIG,
      sizes: {
        ...CONFIG.sizes,
        column: COLUMN,
        measured: { ...COLUMN, sizes: `auto, ${COLUMN.sizes}` },
        turned: { widths: [320, 640], rotate: 90 },
        fluidCard: { width: 400, height: 300, densities: [1, 2], sizes: '50vw' },
      },
    },
    { root: '/site' },
  ),
  {},
).sizes

const sizeOf = (name: string): PageSize => {
  const size = sizes.find((each) => each.name === name)
  if (size === undefined) throw new Error(name)
  return size
}

const read = (attributes: string, name = 'content', facts = FACTS): string | undefined => {
  const [tag] = readPage(`<img src=x ${attributes}>`).images
  return tag && sizesOfTag(tag, sizeOf(name), facts)
}

const upTo = (width: number): string => `(max-width: ${width}px) 100vw, ${width}px`

const readIn = (html: string): string | undefined => {
  const [tag] = readPage(html).images
  return tag && sizesOfTag(tag, sizeOf('content'), FACTS)
}

it.each([
  ['<div class="reveal dark"><div class="slides"><section><img src=x>', '1200px'],
  ['<div class="reveal"><div class="slides"><section><img src=x width=300>', '600px'],
  ['<div class="reveal"><div class="slides"><img src=x width=900>', '1200px'],
  ['<map name=a></map><img src=x usemap=#a width=300>', '300px'],
  ['<div class="reveal"><div class="slides"><img src=x sizes=50vw>', '(min-width: 2401px) 1200px, 50vw'],
  ['<div id="impress"><div class="step"><p><img src=x>', '1200px'],
  ['<body class="full shower"><section><img src=x>', '1200px'],
  ['<svg viewBox="0 0 1280 720"><foreignObject><section><img src=x>', '1200px'],
  ['<div class="reveal"><p><img src=x>', upTo(1200)],
  ['<div class="reveal"><div><p class="slides"><img src=x>', upTo(1200)],
  ['<template><p><img src=x></template>', upTo(1200)],
])('a picture in a slide is not limited by the window: %s', (html, expected) => {
  expect(readIn(html)).toBe(expected)
})

describe('how wide a picture is shown is said by', () => {
  it.each([
    ['', upTo(1200)],
    ['width=300', upTo(300)],
    ['usemap=#m', '1200px'],
    ['ismap width=300', '300px'],
    ['usemap=#m sizes=50vw', '(min-width: 2401px) 1200px, 50vw'],
    ['width=" 300.5 "', upTo(301)],
    ['width=300px height=3', upTo(300)],
    ['width=4000', upTo(1200)],
    ['width=50%', upTo(1200)],
    ['width=0', upTo(1200)],
    ['width=auto', upTo(1200)],
    ['height=300', upTo(1200)],
    ['style="width:200px"', upTo(200)],
    ['style="color: red; WIDTH : 200px !important" width=300', upTo(200)],
    ['style="width:50%" width=300', upTo(1200)],
    ['style="max-width:200px"', upTo(200)],
    ['style="max-width:200px;width:100%" width=900', upTo(200)],
    ['style="width:50vw" width=300', '(min-width: 2401px) 1200px, 50vw'],
    ['style="background:url(data:image/png;base64,x);width:200px"', upTo(200)],
    ['style="width:20rem"', upTo(320)],
    ['style="width:2em" width=300', upTo(1200)],
    ['style="width:min(50vw, 300px)"', upTo(300)],
    ['style="width:min(100%, 300px)"', upTo(1200)],
    ['style="width:max(50vw, 300px)"', upTo(1200)],
    ['style="width:max(200px, 20rem)"', upTo(320)],
    ['style="width:clamp(100px, 50vw, 30rem)"', upTo(480)],
    ['style="width:clamp(400px, 5em, min(300px, 10vw))"', upTo(400)],
    ['style="width:clamp(100px, 50vw, 90vw)"', upTo(1200)],
    ['style="width:100%;max-width:min(90vw,20.5rem)"', upTo(328)],
    ['style="width:100%;max-width:min(90%,20.5rem)"', upTo(1200)],
    ['style="width:calc(50vw - 20px)"', '(min-width: 2401px) 1200px, calc(50vw - 20px)'],
    ['style="width:calc(50% - 20px)"', upTo(1200)],
    [`style="width:calc(${'1'.repeat(60)}vh)"`, upTo(1200)],
    ['sizes="300px" width=400', '300px'],
    ['sizes="auto, 300px"', '300px'],
    ['sizes=" "', upTo(1200)],
  ])('the tag: %s', (attributes, expected) => {
    expect(read(attributes)).toBe(expected)
  })

  it.each([
    ['', 'column', COLUMN.sizes],
    [
      'width=700',
      'column',
      '(max-width: 60rem) and (min-width: 701px) 700px, (max-width: 60rem) 100vw, 700px',
    ],
    ['', 'turned', upTo(900)],
    ['', 'fluidCard', '(min-width: 2401px) 1200px, 50vw'],
  ])('the size where the tag says no better: %s %s', (attributes, name, expected) => {
    expect(read(attributes, name)).toBe(expected)
  })

  it.each([
    ['', 'card', undefined],
    ['width=400 height=300', 'card', undefined],
    ['width=600', 'card', upTo(600)],
    ['width=4000', 'card', upTo(800)],
    ['height=10', 'one', undefined],
  ])(
    'a size with a width of its own, but for a tag that says another: %s %s',
    (attributes, name, expected) => {
      expect(read(attributes, name)).toBe(expected)
    },
  )
})

it.each([
  ['loading=lazy width=1200 height=900', 'measured', true],
  ['loading=LAZY width=600 height=450', 'measured', true],
  ['loading=lazy width=600 height=450 sizes="auto"', 'content', true],
  ['loading=lazy width=600 height=450', 'column', false],
  ['width=1200 height=900', 'measured', false],
  ['loading=lazy width=1200', 'measured', false],
  ['loading=lazy width=1200 height=50%', 'measured', false],
  ['loading=lazy width=1200 height=1200', 'measured', false],
  ['loading=lazy sizes="auto"', 'content', false],
])(
  'the browser measures what is lazy and has the sides of the picture: %s %s',
  (attributes, name, isMeasured) => {
    const measured = read(attributes, name) ?? ''
    expect(measured.startsWith('auto, ')).toBe(isMeasured)
    expect(measured.replace(/^auto, /, '')).toMatch(/vw, [\d.]+(?:px|rem)$/)
  },
)

const readCovering = (css: string, html: string, name = 'content'): string | undefined => {
  const [tag] = readPage(html).images
  const cover = tag && createFindCoverHeight(listPlaceRules(css))(tag.node)
  return tag && sizesOfTag(tag, sizeOf(name), FACTS, { cover })
}
const COVER = 'img { object-fit: cover; '
const FILLS = `${COVER} width: 100%; height: 100% }`

it.each([
  [`${COVER} height: 300px }`, '<img src=x>', `(max-width: 400px) 400px, ${upTo(1200)}`],
  [`${COVER} height: 20REM !important }`, '<img src=x>', `(max-width: 427px) 427px, ${upTo(1200)}`],
  [`${COVER} height: 60vh }`, '<img src=x>', `(max-aspect-ratio: 80 / 100) 80vh, ${upTo(1200)}`],
  [
    `${COVER} height: calc(100svh - 80px) }`,
    '<img src=x>',
    `(max-aspect-ratio: 134 / 100) 134vh, ${upTo(1200)}`,
  ],
  [
    `.a { min-height: 90vh } ${FILLS}`,
    '<div class=a><img src=x></div>',
    `(max-aspect-ratio: 120 / 100) 120vh, ${upTo(1200)}`,
  ],
  [
    `.a { height: 300px } .b { inset: 0 } ${FILLS}`,
    '<div class=a><p class=b><img src=x>',
    `(max-width: 400px) 400px, ${upTo(1200)}`,
  ],
  [`.a { height: 300px } ${FILLS}`, '<div class=a><p><img src=x>', upTo(1200)],
  ['', '<img src=x width=300 height=300 style="object-fit: cover">', '400px'],
  [
    '',
    '<img src=x width=900 height=300 style="object-fit: cover">',
    `(max-width: 400px) 400px, ${upTo(900)}`,
  ],
  ['', '<img src=x style="height: 300px; object-fit: cover">', `(max-width: 400px) 400px, ${upTo(1200)}`],
  ['', '<img src=x sizes=50vw height=900 style="object-fit: cover">', '(min-width: 2401px) 1200px, 50vw'],
  ['', '<img src=x width=300 height=300 style="object-fit: contain">', upTo(300)],
  [`img { height: 300px } ${COVER} }`, '<img src=x>', `(max-width: 400px) 400px, ${upTo(1200)}`],
  [
    `${COVER} height: 300px } @media (min-width: 60em) { img { height: 90vh } }`,
    '<img src=x>',
    `(max-width: 400px) 400px, ${upTo(1200)}`,
  ],
  [
    `${COVER} height: 900px } @media (max-width: 60em) { img { height: 300px } }`,
    '<img src=x>',
    `(max-width: 400px) 400px, ${upTo(1200)}`,
  ],
  [
    `.a { img { /* x */ object-fit: cover; /* y */ height: 300px } height: 9px }`,
    '<p class=a><img src=x>',
    `(max-width: 400px) 400px, ${upTo(1200)}`,
  ],
  [`${COVER} height: auto }`, '<img src=x height=300>', upTo(1200)],
  [
    `${FILLS.replace('100% }', '300px }')} img { height: auto } .a img { height: 600px }`,
    '<p class=a><img src=x>',
    `(max-width: 800px) 800px, ${upTo(1200)}`,
  ],
  [
    `.a img { height: 300px } ${COVER} height: auto }`,
    '<p class=a><img src=x>',
    `(max-width: 400px) 400px, ${upTo(1200)}`,
  ],
  [
    '#a { height: 300px } img[src].b { height: 9px } img { object-fit: cover }',
    '<img src=x id=a class=b>',
    `(max-width: 400px) 400px, ${upTo(1200)}`,
  ],
  [
    '.b { height: 300px } img { height: 9px; object-fit: cover }',
    '<img src=x class=b>',
    `(max-width: 400px) 400px, ${upTo(1200)}`,
  ],
  [`${COVER} height: 300px; height: 900px !ie }`, '<img src=x>', `(max-width: 400px) 400px, ${upTo(1200)}`],
  ['', '<img src=x style="width:300px;aspect-ratio:3 / 4;object-fit:cover">', '534px'],
  [
    '',
    '<img src=x style="width:300px;aspect-ratio:16/9;object-fit:cover">',
    `(max-width: 225px) 225px, ${upTo(300)}`,
  ],
  [`${COVER} aspect-ratio: 1 }`, '<img src=x>', upTo(1200)],
  [
    `${COVER} aspect-ratio: auto 1; height: 300px }`,
    '<img src=x>',
    `(max-width: 400px) 400px, ${upTo(1200)}`,
  ],
  [`${COVER} aspect-ratio: 1 / 0 }`, '<img src=x width=9>', upTo(9)],
  ['> img, p || img { object-fit: cover; height: 300px }', '<p><img src=x>', upTo(1200)],
  [`${COVER} height: 0 }`, '<img src=x>', upTo(1200)],
  [
    `${COVER} height: 900px }`,
    '<img src=x style="height: 300px">',
    `(max-width: 400px) 400px, ${upTo(1200)}`,
  ],
])('a picture that covers a box is as high as that: %s %s', (css, html, expected) => {
  expect(readCovering(css, html)).toBe(expected)
})

it('of a picture that stood in by a copy, a box says nothing: the copy was as wide as it had to be', () => {
  const [tag] = readPage(`<img src=x style="height: 900px; object-fit: cover">`).images
  const cover = tag && createFindCoverHeight([])(tag.node)
  expect(cover).toBeDefined()
  expect(tag && sizesOfTag(tag, sizeOf('content'), FACTS, { cover, copyWidth: 300 })).toBe(upTo(300))
})

it('looks for the height of a box in twenty around a picture, and reads each once for all pictures in it', () => {
  const within = (boxes: number) => `<div class=b>${'<i>'.repeat(boxes)}<img src=x>`
  const css = `.b { height: 300px } i { height: 100% } ${COVER} height: 100% }`
  expect(readCovering(css, within(19))).toBe(`(max-width: 400px) 400px, ${upTo(1200)}`)
  expect(readCovering(css, within(20))).toBe(upTo(1200))
  let asked = 0
  const rules = listPlaceRules(css).map((rule) => ({
    ...rule,
    matches: (element: Parameters<typeof rule.matches>[0]) => {
      asked++
      return rule.matches(element)
    },
  }))
  const find = createFindCoverHeight(rules)
  const { images } = readPage('<div class=b><img src=x><img src=y>')
  expect(images.map(({ node }) => find(node))).toEqual(Array(2).fill({ value: 300, unit: 'px' }))
  // Of each picture, and of their box.
  expect(asked).toBe(3)
})

it('says no more of a picture that covers a box than a size that says how wide it is', () => {
  expect(readCovering(`${COVER} height: 900px }`, '<img src=x>', 'column')).toBe(COLUMN.sizes)
})

it('a style of whatever length is read soon, and a page of whatever depth', async () => {
  const styles = [
    `width:${'min('.repeat(20_000)}1px${')'.repeat(20_000)}`,
    `width:clamp(9px,${'max('.repeat(5)}300px${')'.repeat(5)},max(1px,300px))`,
    `width:min(${'300px,'.repeat(200_000)}400px)`,
    `width:max(${'300px,'.repeat(200_000)}200px)`,
    `width:300px${'!'.repeat(200_000)}\n`,
    `max-width:300px;x:${'! '.repeat(200_000)}\n`,
  ]
  const expected = [upTo(1200), ...styles.slice(1).map(() => upTo(300))]
  await expectCpuWithin(5, () => {
    expect(styles.map((style) => read(`style="${style}"`))).toEqual(expected)
  })
  const page = `${'<div class="a b">'.repeat(4000)}${'<img src=x>'.repeat(4000)}`
  await expectCpuWithin(5, () => {
    expect(readPage(page).images.filter(({ isInDeck }) => !isInDeck)).toHaveLength(4000)
  })
})

it('a rule and a page of whatever length are read soon', async () => {
  const spaces = ' '.repeat(100_000)
  await expectCpuWithin(2, () => {
    for (const value of [
      `${spaces}!x`,
      `a${spaces}!x`,
      `calc(1px${spaces}!x`,
      `1${spaces}/${spaces}x`,
      '1'.repeat(100_000),
    ])
      for (const name of ['height', 'aspect-ratio', 'object-fit', 'inset'])
        expect(readCovering(`${COVER} ${name}: ${value} }`, '<img src=x>')).toBe(upTo(1200))
    expect(read(`style="width: 200px ${'!'.repeat(200_000)}\n"`)).toBe(upTo(200))
  })
  const depth = 600
  const html = `${'<div class=a>'.repeat(depth)}${'<img src=x>'.repeat(depth)}`
  const css = `.a { height: 100% } ${'.b { height: 1px } '.repeat(200)} ${FILLS}`
  const findCoverHeight = createFindCoverHeight(listPlaceRules(css))
  await expectCpuWithin(4, () => {
    for (const { node } of readPage(html).images) expect(findCoverHeight(node)).toBeUndefined()
  })
})
