import { expect, it } from 'vitest'
import { cleanSvg } from '../../../src/render/svg/clean-svg.ts'
import { listUndrawn } from '../../../src/render/svg/undrawn.ts'

const listOf = (body: string): readonly string[] =>
  listUndrawn(cleanSvg(Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg">${body}</svg>`)).drawing)

it.each<readonly [name: string, body: string]>([
  ['@media', '<style>@media (min-width:9px){a{fill:red}}</style>'],
  ['@container', '<style>@container (min-width:9px){a{fill:red}}</style>'],
  ['embedded fonts', '<style>@font-face{font-family:a;src:url(data:font/woff2;base64,AAAA)}</style>'],
  ['@scope', '<style>@scope (svg){a{fill:red}}</style>'],
  [
    'BackgroundImage, FillPaint in filters',
    '<filter><feBlend in="SourceGraphic" in2="BackgroundImage"/></filter>',
  ],
  ['BackgroundImage, FillPaint in filters', '<filter><feOffset in="StrokePaint"/></filter>'],
  ['color-interpolation', '<linearGradient color-interpolation="linearRGB"/>'],
  ['percentages of transform', '<rect style="transform:translate(10%,0)"/>'],
  ['text-transform', '<text style="text-transform: uppercase">a</text>'],
  ['animation', '<rect><set attributeName="fill" to="red"/></rect>'],
  ['animation', '<style>@keyframes k{to{fill:red}}a{animation:k 1s}</style>'],
  [':is(), :where(), :has()', '<style>:is(a,b){fill:red}</style>'],
  [':is(), :where(), :has()', '<style>a:nth-child(2 of .b){fill:red}</style>'],
  ['nested rules', '<style>a{fill:red}svg{fill:red;.b{fill:blue}}</style>'],
  ['nested rules', '<style>svg{&amp; .b{fill:blue}}</style>'],
  ['calc()', '<rect style="width:calc(1px + 2px)"/>'],
  ['color-mix() and the like', '<rect fill="oklch(from red l c 200)"/>'],
  ['color-mix() and the like', '<style>a{fill:rgb(from red r g 255)}</style>'],
  ['var()', '<rect fill="var(--none)"/>'],
  ['rem, vw and the like', '<rect width=".5rem"/>'],
  ['clip-path shapes', '<rect style="clip-path: circle(9px)"/>'],
  ['transform-origin, transform-box', '<rect transform-origin="9 9"/>'],
  ['rotate, scale, translate', '<rect style="rotate:9deg"/>'],
  ['rotate, scale, translate', '<rect style="transform:translate3d(9px,9px,0)"/>'],
  ['mask-image', '<rect style="mask:linear-gradient(red,blue)"/>'],
  ['path() of d', '<style>path{d:path("M0 0h9")}</style>'],
  ['text-shadow', '<text style="fill:red; text-shadow:1px 1px red"/>'],
  ['textPath', '<text><textPath href="#a">b</textPath></text>'],
  ['textLength', '<text textLength="9">b</text>'],
  ['places of single letters', '<text y="9" x="1 2">b</text>'],
  ['places of single letters', '<text><tspan rotate="9">b</tspan></text>'],
  ['word-spacing', '<text word-spacing="9">b</text>'],
  ['word-spacing', '<text style="word-spacing: 0.5px">b</text>'],
  ['pathLength', '<path pathLength="9"/>'],
  ['@media', '<style>@MEDIA (min-width:9px){a{fill:red}}</style>'],
  ['@container', '<style>@Container (min-width:9px){a{fill:red}}</style>'],
  ['@scope', '<style>@SCOPE (svg){a{fill:red}}</style>'],
  ['animation', '<rect><animateTransform attributeName="transform" to="1"/></rect>'],
  ['animation', '<style>@-webkit-keyframes k{to{fill:red}}</style>'],
  ...[':has(b)', ':where(b)', ':nth-last-child(2 of .b)'].map(
    (selector) => [':is(), :where(), :has()', `<style>a${selector}{fill:red}</style>`] as const,
  ),
  ...['min', 'max', 'clamp'].map((name) => ['calc()', `<rect width="${name}(1px,2px)"/>`] as const),
  ...[
    'lab(from red l a b)',
    'color(rec2020 1 0 0)',
    'color-mix(in srgb,red,blue)',
    'light-dark(f(g(h)),blue)',
  ].map((colour) => ['color-mix() and the like', `<rect fill="${colour}"/>`] as const),
  ...['vw', 'vh', 'vmin', 'vmax', 'ch'].map(
    (unit) => ['rem, vw and the like', `<rect width="9${unit}"/>`] as const,
  ),
  ...['ellipse', 'inset', 'polygon', 'path', 'rect', 'xywh'].map(
    (shape) => ['clip-path shapes', `<rect clip-path="${shape}(9px)"/>`] as const,
  ),
  ['transform-origin, transform-box', '<rect style="transform-box:fill-box"/>'],
  ...['scale:2', 'translate:9px', 'offset-path:none', 'transform:matrix3d(1)', 'transform:scale3d(1)'].map(
    (style) => ['rotate, scale, translate', `<rect style="${style}"/>`] as const,
  ),
  ['rotate, scale, translate', '<rect style="transform:rotateX(9deg)"/>'],
  ['mask-image', '<rect style="-webkit-mask-image:linear-gradient(red,blue)"/>'],
  ['percentages of transform', '<rect style="transform:translateX(10%)"/>'],
  ['percentages of transform', '<rect style="transform:scale(50%)"/>'],
  ['nested rules', '<style>@namespace s "http://www.w3.org/2000/svg";svg{.b{fill:blue}}</style>'],
  ['animation', '<s:set xmlns:s="http://www.w3.org/2000/svg" attributeName="fill" to="red"/>'],
  ['textPath', '<s:text xmlns:s="http://www.w3.org/2000/svg"><s:textPath href="#a">b</s:textPath></s:text>'],
  ['text-transform', '<text style="text-transform:lowercase">a</text>'],
  ['text-transform', '<text style="text-transform:capitalize">a</text>'],
])('names %s in %s', (name, body) => {
  expect(listOf(body)).toEqual([name])
})

it.each([
  'word-spacing:0px',
  'word-spacing: normal',
  'letter-spacing:2px; word-spacing: 0',
  'text-shadow: none',
  'text-transform:none;color-interpolation:sRGB;color-interpolation-filters:linearRGB',
  'filter:drop-shadow(1px 1px red) opacity(0.5)',
])('names nothing in "%s", as drawing programs write', (style) => {
  expect(listOf(`<text style="fill:red;${style};opacity:1">a</text>`)).toEqual([])
})

it('names nothing of what is drawn, or has a plain value before it', () => {
  const body = `<style>@media screen{a{fill:red}}@font-face{font-family:b}
    .a:nth-child(2),.b:not(.c):first-child{fill:rgba(1,2,3,.5);clip-path:url(#a);transform:translate(1px,2px) rotate(9deg)}
    svg{--c:red} .c{fill:var(--c)}</style>
    <path d="M1.5 2c3-4 5-6 7-8z" mask="url(#m)" style="fill:#863bff;fill:color(display-p3 .5 .2 1);stroke:#000"/>
    <image href="data:image/png;base64,AAAA"/><text x="9" y="-1.5" letter-spacing="2">calc and set</text>`
  expect(listOf(body)).toEqual([])
})

// Where a pattern looked at the same characters again and again, these took minutes.
it.each(['@media (', '@layer{', ' ', ':nth-child(', 'svg,', ' filter:', 'scale('])(
  'half a megabyte of "%s" is read at once',
  (unit) => {
    expect(listOf(`<style>${unit.repeat(500_000 / unit.length)}</style>`)).toEqual([])
  },
)
