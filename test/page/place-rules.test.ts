import { parse } from 'parse5'
import { describe, expect, it } from 'vitest'
import { findBrokenRule, findFileRule } from '../../src/page/broken-rule.ts'
import { listRules } from '../../src/page/css-rules.ts'
import { createFindRules, listPlaceRules } from '../../src/page/place-rules.ts'
import { readPage } from '../../src/page/read-page.ts'
import { listScriptRules } from '../../src/page/script-rules.ts'
import { expectCpuWithin } from '../support/cpu.ts'

it.each([
  ['a{b:c}d , e{f:g}', ['a', 'd , e']],
  ['/* a{ */ b{c:"}";d:url(x;y{z)} e{}', ['b', 'e']],
  ['@media (min-width: 1px) { a{} @supports (x:y) { b{} } } c{}', ['a', 'b', 'c']],
  ['@keyframes x { from{} 50%{} } @font-face { src: url(a) } a{}', ['a']],
  ['@import "x.css"; @charset "utf-8"; a{}', ['a']],
  ['@layer base, more; @layer base { a{} }', ['a']],
  [
    '.a { color: red; &:hover{} > b { c:d } & + & {} @media x { i{} } }',
    ['.a', ':is(.a):hover', ':is(.a) > b', ':is(.a) + :is(.a)', ':is(.a) i'],
  ],
  ['.sm\\:x\\{ > img{} a[b="{"]{}', ['.sm\\:x\\{ > img', 'a[b="{"]']],
  ['a{', ['a']],
  ['<!-- a > img{} --> b{}', ['a > img', 'b']],
  ['<!--/*--><![CDATA[/*><!--*/ a > img{} /*]]>*/-->', ['a > img']],
  ['}}a{}}', ['a']],
  ['', []],
])('the selectors of a style sheet %j: %j', (css, selectors) => {
  expect(listRules(css).map((rule) => rule.selectors)).toEqual(selectors)
})

it('rules within rules are read soon, and no further than any page has them', async () => {
  for (const part of ['a{', '& &{', 'a,b{', '&{', ':is(&,&) & > &{'])
    await expectCpuWithin(5, () => {
      const rules = listRules(`.top{${part.repeat(100_000)}`)
      expect(rules.length).toBeGreaterThan(5)
      expect(rules.reduce((sum, { selectors }) => sum + selectors.length, 0)).toBeLessThan(1_200_000)
    })
  const wide = `.top{${'& &{}'.repeat(2000)}} .after{}`
  expect(listRules(wide).at(-2)?.selectors).toBe(':is(.top) :is(.top)')
  expect(listRules(`.top{${'& &{}'.repeat(200_000)}} .after{}`).at(-1)?.selectors).toBe('.after')
})

/** The rule that breaks for the picture of `html`, were it in a `<picture>`. */
const find = (css: string, html: string): string | undefined => {
  const [image] = readPage(html).images
  return image && findBrokenRule(image.node, listPlaceRules(css))
}

describe('a <picture> around an <img> would be seen by', () => {
  it.each([
    ['.card > img{}', '<div class="card"><img src=x></div>'],
    ['.card > *{}', '<div class="card"><img src=x></div>'],
    ['.stack > * + *{}', '<div class="stack"><p></p><img src=x></div>'],
    ['.space-y-2 > :not([hidden]) ~ :not([hidden]){}', '<div class="space-y-2"><b></b><img src=x></div>'],
    ['img + p{}', '<img src=x><p>a'],
    ['img ~ p{}', '<img src=x><b></b><p>a'],
    ['h1 + img{}', '<h1>a</h1><img src=x>'],
    ['h1 ~ i ~ img{}', '<i></i><h1>a</h1><b></b><i></i><b></b><i></i><img src=x>'],
    [
      '.a u > b ~ p img + s{}',
      '<div class=a><u><div><u><b></b><p><span><img src=x><s></s></span></p></u></div></u></div>',
    ],
    ['u i > b ~ p > img{}', '<u><i><b></b><p></p><em><i><b></b><p><img src=x></p></i></em></i></u>'],
    ['img:first-child{}', '<div><img src=x><b></b></div>'],
    ['img:last-child{}', '<div><img src=x><b></b></div>'],
    ['img:nth-of-type(2){}', '<div><img><img src=x></div>'],
    ['p:has(> img){}', '<p><img src=x></p>'],
    ['figure:has(> a > img){}', '<figure><a><img src=x></a></figure>'],
    ['.card:hover > img{}', '<div class="card"><img src=x></div>'],
    ['.card > img::before{}', '<div class="card"><img src=x></div>'],
    ['@media print { .card { > img { color: red } } }', '<div class="card"><img src=x></div>'],
    [':where(.flow) > :is(img, video){}', '<div class="flow"><img src=x></div>'],
    ['.a:not(:focus) > img{}', '<div class="a"><img src=x></div>'],
    [':is(.b, .a:focus) > img{}', '<div class="a"><img src=x></div>'],
    ['* + *{}', '<div><img src=x></div>'],
    ['.a PICTURE img{}', '<div class=a><img src=x></div>'],
    ['p :not(picture img){}', '<p><img src=x></p>'],
    ['', '<x-card><p></p><img src=x></x-card>'],
    ['', '<div><template shadowrootmode=open><slot name=a></slot></template><img slot=a src=x></div>'],
  ])('%s in %s', (css, html) => {
    expect(find(css, html)).toBeDefined()
  })

  it.each([
    ['.card img{} img{} .x{} *{}', '<div class="card"><img src=x class="x"></div>'],
    ['.other > img{}', '<div class="card"><img src=x></div>'],
    ['', '<x-card><p><img slot src=x></p></x-card>'],
    ['.card > img{}', '<div class="card"><p><img src=x></p></div>'],
    ['.card > p img{} li:first-child img{}', '<ul class="card"><li><p><img src=x></p></li></ul>'],
    ['img + p{}', '<div><img src=x></div><p>a'],
    ['img + p{} i + img{}', '<i></i><b></b><img src=x><b></b><p>a'],
    ['.list > li + li{}', '<ul class="list"><li><img src=x></li><li></li></ul>'],
    ['p:empty{} p:last-child{}', '<p><img src=x></p>'],
    ['> > {} p:unknown(x){} img:{} [', '<p><img src=x></p>'],
  ])('nothing of %s in %s', (css, html) => {
    expect(find(css, html)).toBeUndefined()
  })

  it.each([
    ['img[src^="/photos/"]{}', '<img src=/photos/x.jpg>'],
    ['a > img[src$=".jpg"]{}', '<a><img src=x.jpg></a>'],
    ['img:not([srcset]){}', '<img src=x.png>'],
    ['figure:has(> :is(a, p) > img[src*=x]){}', '<figure><p><img src=x.png></p></figure>'],
    ['img:not([src$=".png"]) + p{}', '<img src=x.jpg><p>'],
    ['[SIZES]{}', '<img src=x.jpg>'],
  ])('%s in %s would not find the files of a result, or would', (css, html) => {
    const [image] = readPage(html).images
    const files = { src: '/img/y.png', srcset: '/img/y.png 1w', sizes: '1px' }
    expect(image && findFileRule(image.node, listPlaceRules(css), files)).toBeDefined()
    expect(image?.node.attrs.map(({ name }) => name)).toEqual(['src'])
    expect(image && findFileRule(image.node, listPlaceRules(css), {})).toBeUndefined()
  })

  it('leaves the page as it was', () => {
    const html = '<div class="card"><b></b><img src=x><i></i></div>'
    const [image] = readPage(html).images
    const parent = image?.node.parentNode
    const namesOf = () => parent?.childNodes.map(({ nodeName }) => nodeName)
    const before = namesOf()
    if (image !== undefined) findBrokenRule(image.node, listPlaceRules('.card > img{}'))
    expect(namesOf()).toEqual(before)
    expect(image?.node.parentNode).toBe(parent)
    expect(parse(html)).toBeDefined()
  })
})

it('is found soon in a long row, whatever else the page says of rows', async () => {
  const css = Array.from(
    { length: 40 },
    (_, n) => `.a${n} ~ .b${n}:first-of-type, .c${n} > b:last-child{}`,
  ).join('')
  const { images } = readPage(`<div>${'<img class=photo src=x>'.repeat(1000)}</div>`)
  const rules = listPlaceRules(`${css} .photo ~ b{} img[src^="y"] + b{}`)
  await expectCpuWithin(10, () => {
    for (const { node } of images) {
      expect(findBrokenRule(node, rules)).toBeUndefined()
      expect(findFileRule(node, rules, { src: 'z' })).toBeUndefined()
    }
  })
})

it('is found soon however many ways there are from one element to another', async () => {
  const html = `<main>${'<div>'.repeat(60)}<p>${'<img src=x>'.repeat(60)}`
  const { images } = readPage(html)
  const lists = [
    `x > ${'img ~ '.repeat(12)} img`,
    `x + ${'img ~ '.repeat(12)} img`,
    `x ${'div '.repeat(12)} img:first-child`,
    `x > div ${'div > div '.repeat(12)} img + img`,
    `:is(x > ${'img ~ '.repeat(12)} img, x ${'div '.repeat(12)} img:first-child)`,
    `p ${'img + '.repeat(100_000)} img`,
  ]
  await expectCpuWithin(10, () => {
    const rules = listPlaceRules(`${lists.join('{}')}{}`)
    for (const { node } of images) expect(findBrokenRule(node, rules)).toBeUndefined()
  })
})

it('the rules that may find an element are those by its name, its id, its name attribute and its classes', async () => {
  const css =
    '.a > b{} b + .c{} i > #d{} [name=e] + b{} u ~ i{} p > *{} * > .x{} .c:has(> b){} s > :not(.z){} picture + s{}'
  const rules = listPlaceRules(css)
  const find = createFindRules(rules)
  const namesOf = (html: string) =>
    readPage(html).images.map(({ node }) => find(node).map(({ text }) => text))
  const always = ['p > *', '.c:has(> b)', 's > :not(.z)', 'picture + s']
  expect(namesOf('<img src=x><img class=" y c" src=x><img id=d name=e src=x>')).toEqual([
    always,
    ['b + .c', ...always],
    ['i > #d', '[name="e"] + b', ...always],
  ])
  const many = Array.from({ length: 20_000 }, (_, n) => `.a${n} > img.b${n}{} .b${n} + img.a${n} {}`)
  const { images } = readPage('<p><img class=b7 src=x></p>'.repeat(3000))
  await expectCpuWithin(10, () => {
    const findRules = createFindRules(listPlaceRules(many.join('')))
    for (const { node } of images) expect(findBrokenRule(node, findRules(node))).toBeUndefined()
  })
})

it('is found soon in a long row by what is in it', async () => {
  const { images } = readPage(`<div>${'<img class=photo src=x>'.repeat(800)}<b></b></div>`)
  const rules = listPlaceRules('div:has(> .gone) img{} div:has(> .gone) + b{}')
  await expectCpuWithin(12, () => {
    for (const { node } of images) expect(findBrokenRule(node, rules)).toBeUndefined()
  })
})

it.each([
  ['div:has(> picture) img', 301],
  ['div:has(> :nth-child(1):is(img)) > b', 1],
  ['div:has(> .last) > b', 1],
])('what is far in a long row is found as well: %s', (selector, count) => {
  const row = `${'<img src=x class=a>'.repeat(200)}<img src=x class=last>${'<img src=x class=a>'.repeat(100)}`
  const { images } = readPage(`<div>${row}<b></b></div>`)
  const rules = listPlaceRules(`${selector}{}`)
  expect(images.filter(({ node }) => findBrokenRule(node, rules) !== undefined)).toHaveLength(count)
})

it.each([
  ['div:has(> picture) > img:nth-child(50)', 60, 59],
  // The one that is found is taken for one that changes another, as those of its class.
  ['div:has(> picture) > img:nth-child(50)', 300, 300],
  // It, and the one at the end.
  ['div:has(> img:first-child) > img:nth-child(50)', 300, 2],
  ['div:has(> img:last-child) > img:nth-child(50)', 300, 2],
])('what only one far away would see is found: %s in a row of %d', (selector, length, count) => {
  const { images } = readPage(`<div>${'<img src=x class=a>'.repeat(length)}</div>`)
  const rules = listPlaceRules(`${selector}{}`)
  expect(images.filter(({ node }) => findBrokenRule(node, rules) !== undefined)).toHaveLength(count)
})

it('a comment that is not closed goes to the end, and many of them are read at once', () => {
  expect(listPlaceRules('.card > img{} /* .card + img{}')).toHaveLength(1)
  expect(listPlaceRules(`.card > img{}${'/* '.repeat(300_000)}`)).toHaveLength(1)
})

describe('a script sets the src of', () => {
  const TAG = '<div class="shop"><img id="main" name="big" class="photo large" src="a.jpg"></div>'
  const finds = (script: string, html = TAG): boolean => {
    const [image] = readPage(html).images
    const long = script.replace('/* far */', ';f()'.repeat(400))
    return image !== undefined && listScriptRules(long).some(({ matches }) => matches(image.node))
  }

  it.each([
    'document.getElementById("main").src = url',
    "function f(el) { document.getElementById('main').setAttribute('src', el.dataset.big) }",
    'document.querySelector(".shop img").src=this.href',
    'document.querySelectorAll(`.photo`)[0].src = x',
    'document.getElementsByClassName("large photo")[i].src = x',
    "document.getElementsByName('big')[0].src='x'",
    "$('#main').attr('src', x)",
    'jQuery("#main").prop("src", x)',
    "$('.photo').eq(0).attr({ src: x })",
    "const big = document.getElementById('main'); thumbs.onclick = () => { big.src = x }",
    "this.big = root.querySelector('.photo'); this.big.src = list[i]",
    "const parts = { shown: document.querySelector('#main') }; parts.shown.src = x",
    "document.querySelectorAll('.shop img').forEach((each) => { each.src = x })",
    "for (const one of document.querySelectorAll('.photo')) one.src = x",
    'e=document.querySelector(".photo"),f(),g(),e.src=x',
    'shown=document.querySelector(".photo"),f()/* far */;shown.src=x',
    'main.src = x',
    'document.big.src = x',
    'document.images.big.src = x',
    'document["big"].src = x',
    "document.images['main'].src = x",
    "MM_swapImage('big','','over.gif',1)",
    "swap('main', '/b.jpg'); return false",
  ])('a picture: %s', (script) => expect(finds(script)).toBe(true))

  it.each([
    "document.getElementById('main').classList.add('on'); new Image().src = x",
    "const main = document.querySelector('.photo'); big2.src = main.src",
    "lightbox.src = document.getElementById('main').src",
    "document.querySelectorAll('.shop img').forEach((each) => { shown.src = each.src })",
    "if (document.getElementById('main').src == x) {}",
    "document.querySelectorAll('img').forEach((each) => { each.src = x })",
    "$('.other').attr('src', x); $('#main').attr('alt', x)",
    "open('main', 'page.html')",
    "$('<img>').attr('src', x)",
    "document.querySelector('[').src = x",
    // A minifier's names, in two functions.
    'e=document.querySelector(".photo");e.hidden=1}/* far */function g(e){e.src=x}',
    'document.querySelectorAll(".photo").forEach(e=>e.x())/* far */;function g(e){e.src=x}',
  ])('no picture: %s', (script) => expect(finds(script)).toBe(false))

  it('is found soon in a long script', async () => {
    const long = [
      'a'.repeat(1e6),
      '">img'.repeat(1e5),
      `"${'> '.repeat(1e5)}`,
      '$("img")'.repeat(1e5),
      '$("'.repeat(1e5),
      'x.src='.repeat(1e5),
      'x=$("a");x.src='.repeat(1e5),
      'f("a",'.repeat(1e5),
      '['.repeat(1e6),
    ]
    await expectCpuWithin(5, () => {
      for (const script of long) listScriptRules(script)
    })
  })
})

describe('a script counts on the place of', () => {
  const TAG = '<div class="post"><p><a href="/about"><img class="photo" src="a.jpg"></a></p></div>'
  const finds = (script: string, html = TAG): boolean => {
    const [image] = readPage(html).images
    return image !== undefined && findBrokenRule(image.node, listScriptRules(script)) !== undefined
  }

  it.each([
    // As Hexo's themes say it: Landscape, Icarus, NexT, Fluid.
    "$(this).find('img').each(function(){ if ($(this).parent().is('a')) return; $(this).wrap('<a></a>') })",
    `$('.post img:not(".small")').each(function() { if ($(this).parent('a').length === 0) zoom(this) })`,
    "mediumZoom('.post :not(a) > img, .post > img', {})",
    "$(selector || '.post p > img,\n .post a > img').each(caption)",
    "document.querySelectorAll('.post img').forEach((each) => { each.parentElement.classList.add('photo') })",
    "for (const one of document.getElementsByTagName('img')) one.parentNode.insertBefore(box(), one)",
    "$('img').siblings('figcaption').hide()",
    // Justified Gallery.
    "defaults = { imgSelector: '> img, > b > img' }",
    "defaults = { imgSelector: '> p > img, > a > img' }",
    'document.querySelector("p, a + img, a > img.photo").click()',
    // As Ghost's themes say it.
    "lightbox('.card > .photo[width], a > .photo[src]')",
  ])('a picture: %s', (script) => expect(finds(script)).toBe(true))

  it.each([
    "defaults = { imgSelector: '> p > img, > li' }",
    "$('.post img').closest('a').addClass('photo')",
    "$('.other img').parent().hide(); $('.other > img').hide()",
    "$('img').hide(); $('p').parent().hide()".replace('; ', `; ${' '.repeat(300)}`),
    "document.querySelectorAll('picture img, img').forEach((each) => each.parentNode.remove())",
    "document.querySelectorAll('picture > img')",
    "$('<img>').parent(); $('.img').parent(); $('img-card').parent(); '<b>img</b>'; 'a > img['",
  ])('no picture: %s', (script) => expect(finds(script)).toBe(false))

  it.each([`list += '<li>' + img + '</li>'`, `slider.find('img'); slider.next()`])(
    'no picture among others: %s',
    (script) => expect(finds(script, '<p><b></b><img src="a.jpg"><i></i></p>')).toBe(false),
  )
})
