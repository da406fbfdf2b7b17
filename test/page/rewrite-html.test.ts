import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PageEvent } from '../../src/app/site/page-event.ts'
import type { PageSource } from '../../src/app/site/page-source.ts'
import { type RewriteInput, rewriteSite, type SiteFiles } from '../../src/app/site/rewrite-site.ts'
import { createRewriteTally } from '../../src/app/site/rewrite-tally.ts'
import type { SourceKey } from '../../src/core/source-key.ts'
import { createImages, Problem } from '../../src/index.ts'
import { listHeaderPolicies } from '../../src/page/content-policy.ts'
import { openImagesJson } from '../../src/page/json-catalogue.ts'
import { openPagePictures } from '../../src/page/page-pictures.ts'
import { listAddresses, readPage } from '../../src/page/read-page.ts'
import { createSiteSources } from '../../src/page/site-sources.ts'
import { expectCpuWithin } from '../support/cpu.ts'
import { CONFIG, makeImagesJson, parse } from './support.ts'

const FACTS = {
  'cat.jpg': { width: 2725, height: 2225 },
  'a b/ü&1.png': { width: 500, height: 400 },
  'logo.png': { width: 64, height: 64 },
  'said.jpg': { width: 2000, height: 1000 },
  '表.jpg': { width: 2000, height: 1000 },
}
const images = createImages(CONFIG, { images: makeImagesJson(FACTS) })
const SAID = { 'said.jpg': { alt: 'A "dog" 犬', focus: { x: 0, y: 250 } } }
const pictures = openPagePictures(openImagesJson(makeImagesJson(FACTS, {}, SAID)))

/** Pages by path, rewritten in memory. */
const openSite = (
  pages: Readonly<Record<string, string | Buffer>>,
  published: Readonly<Record<string, number>> = {},
) => {
  const files = new Map(Object.entries(pages).map(([path, text]) => [path, Buffer.from(text)]))
  const writes: string[] = []
  const site: SiteFiles = {
    list: async function* () {
      yield* [...files.keys()].filter((path) => /html$/.test(path))
    },
    listStyles: async function* () {
      yield* [...files.keys()].filter((path) => path.endsWith('.css'))
    },
    read: async (path) => {
      if (path.startsWith('secret')) throw new Problem('file-unreadable', 'It cannot be read (EACCES).')
      return files.get(path) ?? Buffer.alloc(0)
    },
    write: async (path, bytes) => {
      writes.push(path)
      files.set(path, Buffer.from(bytes))
    },
    look: async (path) => {
      const sizeBytes = published[path]
      return sizeBytes === undefined
        ? undefined
        : { sizeBytes, digest: async () => ({ sha256: '', md5: '' }) }
    },
  }
  const events: PageEvent[] = []
  const rewrite = async (changes: Partial<RewriteInput> = {}) => {
    const tally = createRewriteTally()
    await rewriteSite({
      files: site,
      sources: createSiteSources({ 'https://www.example.com/media/': '' }, [
        { path: '/site/public/photos', prefix: '' },
      ]),
      lookUp: async (wanted) => {
        const known = [...Object.keys(FACTS), 'new.jpg'].filter((source) => wanted.has(source as SourceKey))
        return new Map(
          known.map((source): [SourceKey, PageSource] => [
            source as SourceKey,
            {
              sizeBytes: 1000,
              ...(source !== 'new.jpg' && { pictures }),
              largestBytes: () => 100,
              isMade: (size) => size !== 'square' || source === 'logo.png',
              isVector: () => false,
              isOriginal: async (file) => file.sizeBytes === 1000,
            },
          ]),
        )
      },
      defaultSize: 'content',
      isCheck: false,
      tell: (event) => {
        events.push(event)
        tally.tell(event)
      },
      ...changes,
    })
    return tally.read()
  }
  const text = (path = 'index.html') => files.get(path)?.toString('utf8') ?? ''
  return { rewrite, text, files, writes, events }
}

const rewriteOne = async (html: string, path = 'index.html'): Promise<string> => {
  const { rewrite, text } = openSite({ [path]: html })
  await rewrite()
  return text(path)
}

it('a file under a name of its own gets the results of the source that it is a copy of', async () => {
  const page = '<img src="/assets/logo-Bx1.png"><img src="/assets/hat-Bx1.png"><img src="/assets/gone.png">'
  const { rewrite, text } = openSite(
    { 'index.html': page },
    { 'assets/logo-Bx1.png': 1000, 'assets/hat-Bx1.png': 999 },
  )
  const asked: ReadonlySet<number>[] = []
  await rewrite({
    listOfSizes: async (sizes) => {
      asked.push(sizes)
      const listed = { 1000: ['gone.png', 'logo.png'], 999: ['logo.png'] }
      return new Map(Object.entries(listed).map(([size, all]) => [Number(size), all as SourceKey[]]))
    },
  })
  expect(asked).toEqual([new Set([1000, 999])])
  expect(text()).toMatch(
    /<picture .*logo\.png\/320w.*<\/picture><img src="\/assets\/hat-Bx1\.png"><img src="\/assets\/gone\.png">$/s,
  )
})

it('a result that has the bytes of its original is not told as one', async () => {
  const result = 'img/cat.jpg/640w.q80.aaaaaaaaaaaaaaaa.jpg'
  const { rewrite } = openSite(
    { 'index.html': `<img src="/${result}" srcset="/${result} 640w">` },
    { [result]: 1000 },
  )
  const listOfSizes = async () => new Map([[1000, ['cat.jpg' as SourceKey]]])
  expect(await rewrite({ listOfSizes })).toMatchObject({ changed: 0, named: NONE_NAMED })
})

describe('an <img> of a known source', () => {
  it('gets the alt of its override where the page says none at all, and its focus', async () => {
    const html = await rewriteOne(
      '<meta charset=UTF-8><img src="/photos/said.jpg"><img alt src="/photos/said.jpg"><img src="/photos/said.jpg" alt="page">',
    )
    expect([...html.matchAll(/<img [^>]*?alt(?:="([^"]*)")?/g)].map(([, alt]) => alt)).toEqual([
      'A &quot;dog&quot; 犬',
      undefined,
      'page',
    ])
    expect(await rewriteOne(html)).toBe(html)
    const card = await rewriteOne('<img src="/photos/said.jpg" data-imgsizes="card">')
    expect(card).toContain('.cover.focus-0-250.q')
  })

  it('becomes the picture; the rest of its tag stays', async () => {
    const html = await rewriteOne(
      '<p>A <img src="/photos/cat.jpg" alt="A &quot;cat&quot;" class="x" id=y> B</p>',
    )
    const { sources, img } = images.sources('cat.jpg', 'content', { alt: '' })
    expect(html).toContain(
      `<p>A <picture style="display:contents"><source hidden="" type="image/avif" srcset="${sources[0]?.srcSet}"`,
    )
    // As wide as the original, which is what CSS finds on the page as it is.
    expect(html).toContain(
      `<img src="${img.src}" srcset="${img.srcSet}" sizes="(max-width: 2725px) 100vw, 2725px" ` +
        'alt="A &quot;cat&quot;" class="x" id=y></picture> B</p>',
    )
    expect(html).not.toContain('loading')
  })

  it.each([
    ['root-relative', '/photos/cat.jpg', 'index.html'],
    ['relative', '../photos/cat.jpg', 'blog/post.html'],
    ['relative with a dot', './photos/cat.jpg', 'index.html'],
    ['absolute', 'https://www.example.com/media/cat.jpg', 'blog/deep/post.html'],
    ['on any scheme', '//www.example.com/media/cat.jpg', 'index.html'],
    ['root-relative under an origin', '/media/cat.jpg', 'index.html'],
    ['with a query', '/photos/cat.jpg?v=3#x', 'index.html'],
    ['escaped', '/photos/%63at.jpg', 'index.html'],
    ['the whole path of the source', '/cat.jpg', 'index.html'],
    ['by more of the path', '/public/photos/cat.jpg', 'index.html'],
  ])('is found %s', async (_, src, page) => {
    expect(await rewriteOne(`<img src="${src}">`, page)).toContain('https://img.example.com/cat.jpg/')
  })

  it('is found with odd characters, entities, blanks, and by a <base>', async () => {
    expect(await rewriteOne('<img src=" /photos/a b/ü&amp;1.png ">')).toContain('/a%20b/%C3%BC%261.png/')
    expect(await rewriteOne('<base href="/photos/"><img src="cat.jpg">', 'x/y.html')).toContain('<picture')
    expect(await rewriteOne('<base href="https://cdn.example/"><img src="/photos/cat.jpg">')).not.toContain(
      '<picture',
    )
  })

  const own = 'https://me.example/blog/a.html'
  it.each([
    ['canonical', 'blog/a.html', `<link rel="canonical" href="${own}">`],
    ['og:url', 'blog/a.html', `<meta property="og:url" content="${own}">`],
    ['without its ending', 'blog/a.html', '<link rel=canonical href="//me.example/blog/a">'],
    ['of a folder', 'blog/a.html/index.html', `<link rel=CANONICAL href="${own}/">`],
    ['of the site', 'index.html', '<link rel=canonical href="https://me.example">'],
  ])('is found on the host that the page says is its own: %s', async (_, path, head) => {
    for (const html of [
      `${head}<img src="https://me.example/photos/cat.jpg">`,
      `${head}<img src="//me.example/photos/cat.jpg">`,
      `<base href="https://me.example/">${head}<img src="photos/cat.jpg">`,
    ])
      expect(await rewriteOne(html, path)).toContain('<picture')
  })

  it.each([
    ['another path', '<link rel=canonical href="https://me.example/blog/b.html">'],
    ['only the end of its path', '<link rel=canonical href="https://me.example/x/blog/a.html">'],
    ['another host', '<link rel=canonical href="https://you.example/blog/a.html">'],
    ['another port', '<link rel=canonical href="https://me.example:8443/blog/a.html">'],
    ['no URL', '<link rel=canonical href="https://["><meta property=og:url>'],
    ['nothing', '<link rel=alternate href="https://me.example/blog/a.html">'],
  ])('is left on a host where the page says %s', async (_, head) => {
    const html = `${head}<img src="https://me.example/photos/cat.jpg">`
    expect(await rewriteOne(html, 'blog/a.html')).toBe(html)
  })

  it('is found without a <base> that has no effect in a browser', async () => {
    for (const base of ['<template><base href="/x/"></template>', '<svg><base href="/x/"></base></svg>'])
      expect(await rewriteOne(`${base}<img src="photos/cat.jpg">`)).toContain('<picture')
  })

  it('keeps the fragment of its address, by which styles may find it', async () => {
    const html = await rewriteOne(
      '<img src=" /photos/cat.jpg?v=1#only-dark&quot; "><img src="/photos/logo.png">',
    )
    expect(html.match(/#only-dark/g)).toHaveLength(1)
    expect(html).toMatch(/<img src="[^"?]*\/cat\.jpg\/[^"?]*\.jpg#only-dark&quot;" srcset/)
    expect(html).not.toMatch(/logo\.png\/[^"]*#/)
  })

  it('shows what its onerror shows where a file is missing', async () => {
    const html = `<img src="/photos/logo.png" onError='this.src="/no.png?a&amp;b"'>`
    expect(await rewriteOne(html)).toContain(
      `onerror="this.removeAttribute('srcset');for(let s of this.parentNode.querySelectorAll('source'))s.remove();` +
        'this.src=&quot;/no.png?a&amp;b&quot;"',
    )
    const alone = '<custom-box><img src=/photos/cat.jpg onerror=fallback(this)></custom-box>'
    expect(await rewriteOne(alone)).toContain(` onerror="this.removeAttribute('srcset');fallback(this)">`)
  })

  it('may say its size, and how wide it is shown', async () => {
    const html = await rewriteOne('<img src=/photos/cat.jpg data-imgsizes=card>')
    expect(html).toMatch(/srcset="[^"]+ 1x, [^"]+ 2x"/)
    expect(html).not.toMatch(/width=|height=|sizes="/)
    const shown = await rewriteOne('<img src="/photos/cat.jpg" width=300>')
    expect(shown.match(/sizes="\(max-width: 300px\) 100vw, 300px"/g)).toHaveLength(3)
    expect(shown).not.toContain('height=')
    const told = await rewriteOne(
      '<img sizes="50vw" src="/photos/cat.jpg" height="100" loading=lazy decoding=sync>',
    )
    expect(told.match(/ sizes="\(min-width: 5451px\) 2725px, 50vw"/g)).toHaveLength(3)
    expect(told.match(/sizes=/g)).toHaveLength(3)
    expect(told).toContain('height="100" loading=lazy decoding=sync>')
    expect(told).not.toContain('async')
  })

  it.each([
    ['it has a srcset', '<img src="/photos/cat.jpg" srcset="a.jpg 2x">'],
    [
      'it stands in a picture',
      '<picture><source srcset="x.webp"><b><img src="/photos/cat.jpg"></b></picture>',
    ],
    ['it says off', '<img data-imgsizes="off" src="/photos/cat.jpg">'],
    ['an attribute changes its src', `<img src="/photos/cat.jpg" onmouseover="this.src='/photos/logo.png'">`],
    ['Alpine changes its src', '<img src="/photos/cat.jpg" :src="list[at]">'],
    ['Alpine shows another where it fails', `<img src="/photos/cat.jpg" @error="$el.src = '/no.png'">`],
    ['Alpine, in full', `<img src="/photos/cat.jpg" x-on:error.once="$event.target.src='/no.png'">`],
    ['a handler changes its target', `<img src="/photos/cat.jpg" onclick="event.target.src = 'b.jpg'">`],
    ['WordPress changes its src', '<img src="/photos/cat.jpg" data-wp-bind--src="state.src">'],
    ['Vue changes its src', '<img src="/photos/cat.jpg" v-bind:src="list[at]">'],
    [
      'a script loads another in its place',
      '<img src="/photos/logo.png" class="lazyload" data-src="/photos/cat.jpg">',
    ],
    ['a script gives it a srcset', '<img src="/photos/cat.jpg" data-lazy-srcset="/photos/cat.jpg 2x">'],
    ['jQuery loads it later', '<img src="/photos/logo.png" data-original="/photos/cat.jpg">'],
    ['a slider loads it later', '<img src="/photos/logo.png" data-flickity-lazyload="/photos/cat.jpg">'],
    ['nobody knows it', '<img src="/photos/dog.jpg"><img src="https://elsewhere.example/cat.jpg">'],
    ['it has no src', '<img alt="x"><img src=""><img src>'],
    ['it is data', '<img src="data:image/png;base64,AAAA"><img src="http://[">'],
    ['it is text', '<!-- <img src="/photos/cat.jpg"> --><script>"<img src=\'/photos/cat.jpg\'>"</script>'],
    ['it was not built', '<img src="/photos/new.jpg">'],
    ['its size is not made of it', '<img src="/photos/cat.jpg" data-imgsizes="square">'],
  ])('stays as it is where %s', async (_, html) => {
    expect(await rewriteOne(html)).toBe(html)
  })

  it.each([
    'onerror="this.src=\'x.gif\'"',
    'onload="if (this.src == 1) f()"',
    ':alt="a"',
    'data-src="/photos/cat.jpg "',
    'data-zoom-src="/photos/said.jpg"',
    'data-large_image="/photos/said.jpg"',
    'data-lazy="true"',
    'data-src=""',
  ])('is rewritten where its attributes leave its src: %s', async (attribute) => {
    expect(await rewriteOne(`<img src="/photos/cat.jpg" ${attribute}>`)).toContain('<picture')
  })

  it('that a script loads later keeps its attributes, with files in the format that every browser shows', async () => {
    const [files, webp] = [
      '/photos/cat-300x245.jpg 300w, /photos/cat.jpg 2725w',
      /https:\S*\/cat.jpg\/(\d+)w\S*\.webp/,
    ]
    const tag = `<img class=lazy src="x.gif" data-sizes="50vw" data-srcset="${files}" data-src="/photos/cat.jpg">`
    const site = openSite({ 'index.html': tag })
    expect(await site.rewrite()).toMatchObject({ rewritten: 1, alone: 1, unsized: 0, named: { data: 0 } })
    const [, srcset = '', src = ''] =
      /^<img class=lazy src="x.gif" data-sizes="50vw" data-srcset="([^"]*)" data-src="([^"]*)">$/.exec(
        site.text(),
      ) ?? []
    const parts = srcset.split(', ').map((each) => webp.exec(each.replace(/ \d+w$/, ''))?.[1])
    expect([...parts, webp.exec(src)?.[1]]).toEqual(['320', '640', '960', '960'])
    expect(await site.rewrite()).toMatchObject({ changed: 0 })
  })

  it.each([
    ['<img data-src="/photos/logo.png" alt="">', true],
    ['<img src="x.gif" data-original="/photos/cat.jpg" width="960">', true],
    ['<img src="x.gif" data-original="/photos/cat.jpg" width="961">', false],
    ['<img src="x.gif" data-src="/photos/logo.png" data-original="/photos/logo.png">', false],
    ['<img src="x.gif" data-src="/photos/logo.png" data-srcset="/photos/logo.png 2x">', false],
    ['<div id="__next"><img src="x.gif" data-src="/photos/logo.png"></div>', false],
    ['<img src="x.gif" srcset="x.gif 1w" data-src="/photos/logo.png">', false],
    ['<img src="x.gif" data-imgsizes="off" data-src="/photos/logo.png">', false],
  ])('that a script loads later has one file of the same width, or none: %s', async (html, isChanged) => {
    const rewritten = await rewriteOne(html)
    if (!isChanged) return expect(rewritten).toBe(html)
    const undone = rewritten.replace(/https:[^"]*\/(cat.jpg|logo.png)\/[^"]*\.webp/, '/photos/$1')
    expect([rewritten === html, undone]).toEqual([false, html])
  })

  it('is found in <noscript>, which browsers without scripts read', async () => {
    const html =
      '<body><noscript><img src="/photos/cat.jpg"></noscript><img data-src="/photos/cat.jpg" src="x.gif">'
    const rewritten = await rewriteOne(html)
    expect(rewritten).toMatch(/^<body><noscript><picture .*<\/picture><\/noscript><img data-src=/)
    expect(rewritten.match(/<picture/g)).toHaveLength(1)
  })

  it('is found however deep it stands', async () => {
    const depth = 20_000
    const html = `${'<span>'.repeat(depth)}<img src="/photos/cat.jpg">${'</span>'.repeat(depth)}`
    expect(await rewriteOne(html)).toContain('<picture')
  })

  it('is found by a name that is composed otherwise on disk, but not in another letter case', async () => {
    for (const name of ['ü&1.png', 'u\u0308&1.png'])
      expect(await rewriteOne(`<img src="/photos/a b/${encodeURIComponent(name)}">`)).toContain('<picture')
    expect(await rewriteOne('<img src="/photos/Cat.jpg">')).not.toContain('<picture')
  })

  it('is closed where the page is XHTML, and found behind what only XHTML closes', async () => {
    const page = (img: string): string =>
      `<?xml version="1.0"?>\n<html xmlns="http://www.w3.org/1999/xhtml"><head><title/><script src="a.js"/></head><body>` +
      `<p>${img}<![CDATA[<img src="/photos/cat.jpg"/>]]></p></body></html>`
    for (const path of ['a.xhtml', 'a.html']) {
      const html = await rewriteOne(page('<img src="/photos/cat.jpg" alt=""/>'), path)
      expect(html.match(/<source [^>]* \/>/g)).toHaveLength(2)
      expect(html).toMatch(
        /<img src="https:[^>]*alt=""\/><\/picture><!\[CDATA\[<img src="\/photos\/cat.jpg"\/>\]\]>/,
      )
      expect(html.replace(/<picture.*<\/picture>/, '')).toBe(page(''))
    }
    expect(await rewriteOne('<img src="/photos/cat.jpg">')).toMatch(/<source [^>]*"><source/)
    const apart = await rewriteOne(
      page('<!-- <![CDATA[ --><img src="/photos/cat.jpg">\n</img><!-- ]]> -->'),
      'a.xhtml',
    )
    expect(apart).toMatch(/<picture .*\n<\/img><\/picture><!-- ]]> -->/)
  })

  it('has no <picture> where a rule in CDATA finds it by its place', async () => {
    const css =
      '<style><![CDATA[ p > img { width: 9px } </style> ]]></style><script><![CDATA[ a < b ]]></script>'
    const html = `<html xmlns="http://www.w3.org/1999/xhtml"><head>${css}</head><body><p><img src="/photos/cat.jpg"/></p></body></html>`
    expect(await rewriteOne(html, 'a.xhtml')).toMatch(/<p><img src="https:\S*webp" srcset=/)
  })

  it.each([
    ["style-src 'self'", true],
    ["default-src 'self' data:", true],
    ["style-src 'unsafe-inline' 'nonce-abc'", true],
    ["style-src-attr 'none'; style-src 'unsafe-inline'", true],
    ["default-src 'self'; style-src 'self' 'unsafe-inline'", false],
    ["style-src 'self'; style-src-attr 'unsafe-inline'", false],
    ["img-src *; script-src 'none'", false],
  ])('has no <picture> where a policy forbids its style: %s', async (policy, isForbidden) => {
    const own = '<link rel=canonical href="https://img.example.com/">'
    const html = await rewriteOne(
      `${own}<meta http-equiv=content-security-policy content="${policy}"><img src="/photos/cat.jpg">`,
    )
    expect(html.includes('<picture')).toBe(!isForbidden)
    expect(html).not.toContain('photos/cat.jpg"')
  })

  it('is as high as the box that it covers, as CSS of the page says', async () => {
    const css =
      '<style>.hero { height: 50vh } .hero img { width: 100%; height: 100%; object-fit: cover }</style>'
    const html = await rewriteOne(`${css}<div class="hero"><img src="/photos/cat.jpg"></div>`)
    expect(html).toMatch(/<img [^>]*sizes="\(max-aspect-ratio: \d+ \/ 100\) \d+vh, /)
  })

  it('has one srcset, also where the tag had an empty one', async () => {
    const html = await rewriteOne('<img srcset="" alt="" src="/photos/cat.jpg">')
    expect(html.slice(html.indexOf('<img')).match(/srcset=/g)).toHaveLength(1)
  })

  it('is found in templates, once, and whatever is wrong around it', async () => {
    const inTemplate = await rewriteOne('<template><img src="/photos/cat.jpg"></template>')
    expect(inTemplate.match(/<picture/g)).toHaveLength(1)
    const misnested = await rewriteOne(
      '<table><b><i><p><img src="/photos/cat.jpg"></b>x</i><tr><td>y</table>',
    )
    expect(misnested.match(/<picture/g)).toHaveLength(1)
    expect(misnested.startsWith('<table><b><i><p><picture')).toBe(true)
    expect(misnested.endsWith('</picture></b>x</i><tr><td>y</table>')).toBe(true)
  })
})

describe('a <link> that loads a picture ahead', () => {
  const link = '<link rel="preload" as="image" type="image/jpeg" href="/photos/cat.jpg" fetchpriority="high">'

  it('loads the file of the picture that shows it, in the format that is tried first', async () => {
    const html = await rewriteOne(`<head>${link}</head><img src="/photos/cat.jpg" width="300">`)
    const [, srcset, sizes] =
      /<source hidden="" type="image\/avif" srcset="([^"]*)" sizes="([^"]*)">/.exec(html) ?? []
    expect(srcset).toContain('320w')
    expect(html).toMatch(
      /<link rel="preload" as="image" {2}imagesrcset="[^"]*" imagesizes="[^"]*" type="image\/avif" fetchpriority="high">/,
    )
    expect(html).toContain(`imagesrcset="${srcset}" imagesizes="${sizes}"`)
    expect(await rewriteOne(html)).toBe(html)
  })

  it('loads no original for a later page where this one shows the picture, as in Sphinx with Furo', async () => {
    const prefetch = '<link rel="prefetch" href="/photos/cat.jpg" as="image">'
    const page = `<head>${prefetch}</head><img src="/photos/cat.jpg" width="300">`
    expect(await rewriteOne(page)).toMatch(/<link rel="prefetch" imagesrcset="[^"]*" [^>]* as="image">/)
    expect(await openSite({ 'index.html': page }).rewrite()).toMatchObject({ named: { preload: 0 } })
    expect(await openSite({ 'index.html': `${prefetch}<img src=x>` }).rewrite()).toMatchObject({
      changed: 0,
      named: { preload: 1 },
    })
  })

  it('follows a picture by density, of files that tell other widths where the tag has one', async () => {
    const copies = '/photos/cat-p-640.jpg 1x, /photos/cat-p-1200.jpg 2x'
    for (const [files, width] of [
      ['/photos/cat.jpg 1x', ''],
      [copies, 'width=500'],
    ]) {
      const preload = `<link rel=preload as=image href=/photos/cat.jpg imagesrcset="${files}">`
      const site = openSite({
        'index.html': `${preload}<img srcset="${files}" src=/photos/cat.jpg ${width}>`,
      })
      expect(await site.rewrite()).toMatchObject({ rewritten: 1, named: { srcset: 0, preload: 0 } })
      expect(site.text()).not.toContain('photos')
      expect(await site.rewrite()).toMatchObject({ changed: 0 })
    }
  })

  it('whose files follow a picture that does not list them, does not name them any more', async () => {
    const preload = '<link rel=preload as=image href=/photos/cat.jpg imagesrcset="/photos/cat.jpg 1x">'
    const site = openSite({ 'index.html': `${preload}<img src=/photos/cat.jpg>` })
    expect(await site.rewrite()).toMatchObject({ rewritten: 1, named: { srcset: 0, preload: 0 } })
  })

  it('stays, and is told, where no picture of the page shows it', async () => {
    const site = openSite({ 'index.html': `${link}<img src="/photos/cat.jpg" data-imgsizes="off">` })
    expect(await site.rewrite()).toMatchObject({ changed: 0, named: { preload: 1 } })
    const other =
      '<link rel=preload as=font href=/photos/cat.jpg><link rel=author as=image href=/photos/cat.jpg>'
    expect(await openSite({ 'index.html': `${other}<img src=x>` }).rewrite()).toMatchObject({
      named: { preload: 0 },
    })
  })
})

const ld = (json: string): string => `<script type="application/ld+json">${json}</script>`

describe('a picture that scripts write again in the browser', () => {
  const IMG = '<img src="/photos/cat.jpg" alt="a">'
  it.each([
    ['Next.js', `<div id="__next"><p>${IMG}</p></div>`],
    ['Next.js', `${IMG}<script>(self.__next_f=self.__next_f||[]).push([0])</script>`],
    ['Gatsby', `<div id=___gatsby>${IMG}</div>`],
    ['Docusaurus', `<div id="__docusaurus">${IMG}</div>`],
    ['Nuxt', `<div id="__nuxt"><div>${IMG}</div></div>`],
    ['SvelteKit', `<div>${IMG}<script>__sveltekit_1kx = { base: "" }</script></div>`],
    ['VitePress', `<script>window.__VP_HASH_MAP__=JSON.parse("{}")</script><div id="app">${IMG}</div>`],
    ['React Router', `${IMG}<script>window.__reactRouterContext = {}</script>`],
    ['Astro', `<astro-island client="load"><div>${IMG}</div></astro-island>`],
    ['React', `<div data-reactroot="">${IMG}</div>`],
    ['Vue', `<div id="app" data-server-rendered="true">${IMG}</div>`],
    ['Solid', `<div data-hk="0-0">${IMG}</div>`],
    ['Angular', `<app-root ngh="0">${IMG}</app-root>`],
    ['Qwik', `<html q:container=paused><body>${IMG}`],
    ['AMP', `<html ⚡><body>${IMG}`],
    ['AMP', `<html lang=en AMP><body>${IMG}`],
    ['id="root"', `<div id="root"><p>${IMG}</p></div><script src="/a.js"></script>`],
    ['id="app"', `<script type=module>mount()</script><div id=app><p>${IMG}</p></div>`],
    ['id="__rspress_root"', `<div id="__rspress_root">${IMG}</div><script defer src="/a.js"></script>`],
    ['id="react-root"', `<div id="react-root">${IMG}</div><script defer src="/a.js"></script>`],
    ['Svelte or Vue', `<div><!--[--><p>${IMG}</p><!--]--></div>`],
    ['Svelte or Vue', `<div><!--[-1--><!--]--><p>${IMG}</p></div>`],
    ['React', `<main><!--$--><p>${IMG}</p><!--/$--></main>`],
    ['React', `<main><p>${IMG}</p><!--$?--></main>`],
    ['Lit', `<x-y><template shadowrootmode=open><!--lit-part abc=-->${IMG}<!--/lit-part--></template></x-y>`],
  ])('stays an <img>, with files of one format: %s', async (framework, html) => {
    const site = openSite({ 'index.html': html })
    expect(await site.rewrite()).toMatchObject({ rewritten: 1, alone: 1, frameworks: [framework] })
    expect(site.text()).not.toContain('<picture')
    expect(site.text()).toMatch(/<img src="[^"]*\.webp" srcset="[^"]*\.webp 320w/)
    expect(site.events).toContainEqual(expect.objectContaining({ hydratedBy: framework }))
    expect((await site.rewrite()).changed).toBe(0)
  })

  it.each([
    `<astro-island></astro-island>${IMG}`,
    `<pre>self.__next_f &lt;div id="___gatsby"></pre><p id="next">${IMG}</p>`,
    `<script src="/__next_f.js"></script><img src="/photos/cat.jpg" data-id="__nuxt">`,
    `<div id="app">${IMG}</div><div id="root"></div><script>track()</script>${ld('{}')}`,
    `<div id="__rspress_root"></div><div id="get-app">${IMG}</div><script src="/a.js"></script>`,
    `<p><!--[if IE]>x<![endif]--><!--$1--><!-- lit-part --><b><!--[--></b>${IMG}</p>`,
  ])('is not seen where there is no sign of that around it: %s', async (html) => {
    const site = openSite({ 'index.html': html })
    expect(await site.rewrite()).toMatchObject({ rewritten: 1, alone: 0, frameworks: [] })
    expect(site.text()).toContain('<picture')
  })
})

it.each([
  ['onload', "this.parentNode.classList.add('seen')", 1],
  ['onerror', 'this . nextElementSibling.hidden = false', 1],
  ['onclick', 'zoom(this); parentNode.x()', 0],
  // WordPress' own lightbox measures what its <img> stands in.
  ['data-wp-init', 'callbacks.setButtonStyles', 1],
])('a script in %s that looks around its tag finds no <picture> there: %s', async (name, script, alone) => {
  const page = `<img ${name}="${script}" src="/photos/cat.jpg">`
  expect(await openSite({ 'index.html': page }).rewrite()).toMatchObject({
    alone,
    rules: alone === 0 ? [] : [`img[${name}]`],
  })
})

it.each([
  ['<link rel="preload" as="style" href="/a.css" onload="this.rel=\'stylesheet\'">', 1],
  ['<link rel="stylesheet" href="/a.css" media="print" onload="this.media=\'all\'">', 1],
  ['<link rel="preload" as="fetch" href="/a.css">', 0],
])('a style sheet that a page loads late counts: %s', async (link, alone) => {
  const page = `${link}<p class="card"><img src="/photos/cat.jpg">`
  const { rewrite } = openSite({ 'index.html': page, 'a.css': '.card > img{}' })
  expect(await rewrite()).toMatchObject({ alone })
})

describe('a slider that lays out pictures by their place', () => {
  const IMG = '<img src="/photos/cat.jpg">'
  const SCRIPT = '<script src="/a.js"></script>'
  it.each([
    ['.c > img', `<div class="c d">${IMG} <!-- x -->\n${IMG}</div>`, 2],
    ['#c > img', `<section id="c">${IMG}${IMG}</section>`, 2],
    ['.c > img', `<div class="col-md-6 c">${IMG}${IMG}</div>`, 2],
    ['#c > img', `<div class="col-md-6" id="c">${IMG}${IMG}</div>`, 2],
    ['.col-12 > img', `<div class="col-12" data-masonry>${IMG}${IMG}</div>`, 2],
    ['img.swiper-slide', `<p>${IMG.replace('<img', '<img class="a swiper-slide"')}`, 1],
    ['img.r-stretch', `<section>${IMG.replace('<img', '<img class=r-stretch')}`, 1],
    ['.splide__slide > img', `<li class="splide__slide">${IMG}`, 1],
    ['.splide__slide__container > img', `<div class="a splide__slide__container">${IMG}`, 1],
    ['.swiper-zoom-container > img', `<div class="swiper-zoom-container">${IMG} words`, 1],
    ['.cycle-slideshow > img', `<div class="cycle-slideshow"><p></p>${IMG}`, 1],
  ])('is seen by %s, on a page that loads a script', async (rule, html, alone) => {
    const { rewrite } = openSite({ 'index.html': html + SCRIPT })
    expect(await rewrite()).toMatchObject({ alone, rules: [rule] })
    expect(await openSite({ 'index.html': html }).rewrite()).toMatchObject({ alone: 0 })
  })

  it.each([
    `<div class="c">${IMG}</div>`,
    `<div class="c">${IMG}<p>${IMG}</div>`,
    `<div class="c">${IMG} words ${IMG}</div>`,
    `<div>${IMG}${IMG}</div>`,
    `<p class="c">${IMG}${IMG}</p>`,
    `<div class="col-md-6 col-sm-12 text-center mx-auto">${IMG}${IMG}</div>`,
    `<div class="swiper-slide">${IMG.replace('<img', '<img class="slides"')}</div>`,
  ])('is not seen in %s', async (html) => {
    expect(await openSite({ 'index.html': html + SCRIPT }).rewrite()).toMatchObject({ alone: 0 })
  })

  it('is looked for once in a row, however long', async () => {
    await expectCpuWithin(10, () =>
      expect(readPage(`<div class="c">${IMG.repeat(20_000)}</div>${SCRIPT}`).images).toHaveLength(20_000),
    )
  })
})

const NONE_NAMED = { srcset: 0, data: 0, meta: 0, icon: 0, poster: 0, css: 0, preload: 0, element: 0 }

describe('what still names an original', () => {
  it('is read of an element that names more than a call takes', () => {
    const html = `<style>${'url(a)'.repeat(300_000)}</style>`
    expect(readPage(html).mentions).toHaveLength(300_000)
    expect(listAddresses(html).addresses).toHaveLength(300_000)
  })

  it.each([
    `<p style='${'image-set("a'.repeat(20_000)}'>`,
    `<style>${'</x/">'.repeat(40_000)}</style>`,
    `<style>${`url('`.repeat(40_000)}</style>`,
    `<link rel=canonical href="https://me.example${'/'.repeat(200_000)}x"><img src="https://me.example/photos/cat.jpg">`,
  ])('is found in time that grows with the page', async (html) => {
    await expectCpuWithin(2, () => openSite({ 'index.html': html }).rewrite())
  })

  it.each([
    ['data', '<img src="dot.gif" data-src="/photos/cat.jpg">'],
    ['data', '<div data-bg="/photos/cat.jpg?x=1">'],
    ['meta', '<meta property="og:image" content="https://my.example/photos/cat.jpg">'],
    ['meta', '<meta name="twitter:image" content="/photos/cat.jpg">'],
    ['poster', '<video poster="/photos/cat.jpg">'],
    ['css', '<p style="background: url(/photos/cat.jpg) no-repeat">'],
    ['css', `<style>p { background: url( "/photos/cat.jpg" ) }</style>`],
    ['meta', '<meta itemprop=image content="/photos/cat.jpg">'],
    ['css', `<p style="background: image-set('/photos/cat.jpg' 1x, '/x.jpg' type('image/jpeg'))">`],
    ['css', `<style>p { background: -webkit-image-set("/x.jpg" 1x, "/photos/cat.jpg" 2x) }</style>`],
    ['element', '<svg><image xlink:href="/photos/cat.jpg"/></svg>'],
    ['element', '<input type="image" src="/photos/cat.jpg">'],
    ['element', '<object data="/photos/cat.jpg"></object>'],
    ['element', '<embed src="/photos/cat.jpg">'],
    ['element', '<body background="/photos/cat.jpg">'],
    ['srcset', '<img src="/x.jpg" srcset="/y.jpg 1x, /photos/cat.jpg 2x">'],
    ['srcset', '<picture><source srcset="/photos/cat.jpg"><img src="/x.jpg"></picture>'],
    ['srcset', '<img src="/x.jpg" srcset=" /y,z.jpg 1x,/photos/cat.jpg 2x">'],
    ['srcset', '<img src="/x.jpg" srcset=",/y.jpg, /photos/cat.jpg,">'],
    ['srcset', '<link rel=preload as=image imagesrcset="/photos/cat.jpg 640w, /x.jpg 320w">'],
    ['element', '<amp-img src="/photos/cat.jpg"></amp-img>'],
    ['element', '<iframe srcdoc="&lt;img src=/photos/cat.jpg>"></iframe>'],
    ['icon', '<link rel="shortcut ICON" href="/photos/cat.jpg">'],
    ['icon', '<link rel=apple-touch-icon-precomposed href="/photos/cat.jpg">'],
    ['icon', '<link rel=apple-touch-startup-image href="/photos/cat.jpg">'],
    ['meta', '<link rel=image_src href="https://my.example/photos/cat.jpg">'],
    ['preload', '<link rel="prefetch" href="/photos/cat.jpg">'],
    ['meta', ld('{"@graph":[{"logo":{"url":"https:\\/\\/my.example\\/photos\\/cat.jpg"},"x":7}]}')],
    ['meta', ld('\n{"image": ["photos/c\\u0061t.jpg", "My cat.jpg is here", null]}\n')],
  ])('is counted: %s by %s', async (by, html) => {
    const site = openSite({ 'index.html': html })
    const { named, changed } = await site.rewrite()
    expect(changed).toBe(0)
    expect(named).toEqual({ ...NONE_NAMED, [by]: 1 })
    expect(site.events).toContainEqual({ kind: 'original-named', page: 'index.html', by, source: 'cat.jpg' })
  })

  it('is counted in style sheets, as they name it', async () => {
    const css = '.a { background-image: url(../photos/cat.jpg), url("data:image/png;base64,AA") }'
    expect(await openSite({ 'css/a.css': css }).rewrite()).toMatchObject({ pages: 0, named: { css: 1 } })
  })

  it('is not what was rewritten, nor what is no source', async () => {
    const site = openSite({
      'index.html': `<img src="/photos/cat.jpg"><a href="/photos/cat.jpg" data-x="/photos/dog.jpg">
        ${ld('{"image": "/photos/cat.jpg",}')}<script>{"image":"/photos/cat.jpg"}</script>`,
    })
    await site.rewrite()
    expect((await site.rewrite()).named).toEqual(NONE_NAMED)
  })
})

describe('a site', () => {
  it('goes on after a page that cannot be read, and says which', async () => {
    const site = openSite({ 'secret.html': '', 'z.html': '<img src="/photos/cat.jpg">' })
    expect(await site.rewrite()).toMatchObject({ pages: 1, changed: 1, failedPages: 1 })
    expect(site.events).toContainEqual(expect.objectContaining({ kind: 'page-failed', page: 'secret.html' }))
  })

  it('tells pictures on other hosts from those that it should know', async () => {
    const html = '<img src="//elsewhere.example/x.jpg"><img src="data:,x"><img src="/photos/typo.jpg">'
    expect(await openSite({ 'index.html': html }).rewrite()).toMatchObject({
      left: { elsewhere: 2, unknown: 1 },
    })
  })

  it.each([
    ["img-src 'self'", 0],
    ["default-src 'self' https:", 1],
    ["default-src 'none'; img-src IMG.example.com 'self'", 1],
    ['img-src https://*.example.com/', 1],
    ['img-src https://example.com *.img.example.com', 0],
    ['img-src https://img.example.com/photos/', 0],
    ['img-src https://img.example.com:443 data:', 1],
    ['img-src img.example.com:8443 data:', 0],
    ['img-src http:', 1],
    ["script-src 'self'", 1],
    ['img-src *; img-src none', 1],
    ['img-src', 0],
  ])(
    'obeys the Content-Security-Policy %j of a page whose results have another host',
    async (policy, rewritten) => {
      const head = `<meta http-equiv=content-security-policy content="${policy}">`
      const site = openSite({ 'index.html': `${head}<img src="/photos/cat.jpg">` })
      expect(await site.rewrite()).toMatchObject({ rewritten, left: { forbidden: 1 - rewritten } })
    },
  )

  it('leaves a picture that is fetched with crossorigin, where its results have another host', async () => {
    const page = '<img crossorigin src="/photos/cat.jpg">'
    const own = '<link rel=canonical href="https://img.example.com/">'
    expect(await openSite({ 'index.html': page }).rewrite()).toMatchObject({ left: { forbidden: 1 } })
    expect(await rewriteOne(own + page)).toContain('<picture')
  })

  it.each([
    [
      '_headers',
      `/*\n  X-Frame-Options: DENY\n  Content-Security-Policy: default-src 'self'; img-src 'self' data:\n`,
    ],
    ['netlify.toml', `[headers.values]\nContent-Security-Policy = "img-src 'self'"\n`],
    ['netlify.toml', `[headers.values]\nContent-Security-Policy = '''img-src 'self''''\n`],
    [
      'vercel.json',
      '{"headers":[{"headers":[{"key":"Content-Security-Policy","value":"img-src *.other.com"}]}]}',
    ],
    [
      'staticwebapp.config.json',
      '{"globalHeaders":{"content-security-policy": "default-src https:; img-src data:"}}',
    ],
    ['.htaccess', `Header always set Content-Security-Policy "default-src 'self'"`],
  ])(
    "leaves a picture that the headers in %s would forbid, as its results' host is another",
    async (file, headers) => {
      const rewrite = (text: string) =>
        openSite({ 'index.html': '<img src="/photos/cat.jpg">', [file]: text }).rewrite()
      expect(await rewrite(headers)).toMatchObject({ rewritten: 0, left: { forbidden: 1 } })
      const allowed = headers.replace(
        /(img|default)-src(?!.*(img|default)-src)/,
        '$1-src https://img.example.com',
      )
      expect(await rewrite(allowed)).toMatchObject({ rewritten: 1 })
      const reported = headers.replace(/policy/i, '$&-Report-Only')
      expect(await rewrite(reported)).toMatchObject({ rewritten: 1 })
    },
  )

  it('reads a headers file of blank lines in time proportional to its length', async () => {
    await expectCpuWithin(5, () =>
      expect(listHeaderPolicies(`Content-Security-Policy${'\n'.repeat(300_000)}`)).toEqual([]),
    )
  })

  it("takes the results' host for its own where the page says that, under such a policy", async () => {
    const head = `<meta http-equiv=content-security-policy content="img-src 'self'">`
    const own = '<link rel=canonical href="https://img.example.com/">'
    expect(await rewriteOne(`${head}${own}<img src="/photos/cat.jpg">`)).toContain('<picture')
  })

  it('leaves a picture that CSS finds by its address, unless it finds the result as well', async () => {
    const page = '<img src="/photos/cat.jpg"><img src="/photos/logo.png">'
    const css = (rule: string) => openSite({ 'index.html': `<style>${rule}{color:red}</style>${page}` })
    const site = css('img[src^="/photos/cat"]')
    expect(await site.rewrite()).toMatchObject({ rewritten: 1, left: { styled: 1 } })
    expect(site.events).toContainEqual(
      expect.objectContaining({ reason: 'styled', failure: 'img[src^="/photos/cat"]' }),
    )
    expect(await css('img[src$=".png"]').rewrite()).toMatchObject({ rewritten: 2, alone: 0 })
  })

  it('leaves a picture whose src a script of the page sets, and names how that finds it', async () => {
    const [tag, other] = ['<img id=shown src="/photos/cat.jpg">', '<img id=other src="/photos/cat.jpg">']
    const shop = 'const shown = document.querySelector("#shown"); onclick = () => { shown.src = next() }'
    const site = openSite({
      'shop.html': `${tag}${other}<script src="/js/shop.js"></script>`,
      'inline.html': `${tag}${other}<script>${shop}</script>`,
      'handler.html': `${tag}${other}<a onmouseover="document.getElementById('shown').src = 'b.jpg'">b</a>`,
      'js/shop.js': shop,
    })
    expect(await site.rewrite()).toMatchObject({ rewritten: 3, left: { scripted: 3 } })
    expect(site.text('shop.html')).toContain(tag)
    expect(site.events).toContainEqual(
      expect.objectContaining({ reason: 'scripted', source: 'cat.jpg', failure: '#shown' }),
    )
  })

  it.each([
    ['WordPress', 'cat-300x245.jpg 300w, /photos/cat-1024x836.jpg 1024w, /photos/cat.jpg 2725w'],
    ['Ghost', 'size/w300/cat.jpg 300w,\n /photos/size/w1000/cat.jpg 1000w'],
    ['Webflow', 'cat-p-500.jpg 500w, /photos/cat-p-800.jpg 800w, /photos/cat.jpg 2725w'],
    ['the picture itself', 'cat.jpg 2725w'],
    ['beside it, of any shape', 'cat_hu_0123456789abcdef.jpg 320w, /photos/cat.jpg 2725w'],
  ])('shows one picture instead of its smaller copies, chosen as before: %s', async (_, files) => {
    const [first] = files.split(' ')
    const tag = (sizes: string) => `<img srcset="/photos/${files}" src="/photos/${first}" alt="" ${sizes}>`
    const preload = `<link rel=preload as=image href=x imagesrcset="/photos/${files}" type=image/jpeg>`
    const site = openSite({ 'index.html': `${preload}${tag('sizes="auto, 50vw" loading=lazy')}${tag('')}` })
    expect(await site.rewrite()).toMatchObject({ rewritten: 2, unsized: 0, named: { srcset: 0, preload: 0 } })
    const text = site.text()
    expect(text).not.toMatch(/photos|href|jpeg/)
    expect(text.match(/ sizes="[^"]*"/g)).toEqual(
      ['auto, 50vw', '100vw'].flatMap((each) => Array(3).fill(` sizes="${each}"`)),
    )
    expect(text.match(/imagesrcset="https:\S*\/cat.jpg\/320w\S*avif 320w/g)).toHaveLength(1)
    expect(await site.rewrite()).toMatchObject({ changed: 0 })
  })

  it.each([
    ['cropped', '/photos/cat-300x245.jpg 300w, /photos/cat-300x300.jpg 301w'],
    ['of copies whose shape is not known', '/photos/cat_hu_0123456789abcdef.jpg 320w'],
    ['of two pictures', '/photos/cat.jpg 300w, /photos/said.jpg 600w'],
    ['of one that is not known', '/photos/cat.jpg 300w, /photos/dog-300x200.jpg 600w'],
    ['by density', '/photos/cat.jpg, /photos/cat.jpg 2x'],
    ['of copies of other shapes by density', '/photos/cat-300x245.jpg, /photos/cat-600x600.jpg 2x'],
    ['of copies that are not as wide as one another', '/photos/cat-300x245.jpg, /photos/cat-800x653.jpg 2x'],
    ['of copies of two pictures', '/photos/cat-300x245.jpg 1x,/photos/said-600x300.jpg 2x'],
    ['for a script', '/photos/cat.jpg 300w" data-src="/photos/said.jpg'],
  ])('leaves a srcset that is %s', async (_, files) => {
    const html = `<img src="/photos/cat.jpg" srcset="${files}">`
    const site = openSite({ 'index.html': html })
    expect(await site.rewrite()).toMatchObject({ changed: 0, left: { responsive: 1 } })
  })

  it.each([
    ['a copy', 'src="/photos/cat-300x245.jpg"', 300],
    ['a copy of which only the width is told', 'src="/photos/cat-p-500.jpg"', 500],
    [
      'MediaWiki',
      'srcset="/photos/thumb/cat.jpg/330px-cat.jpg 1.5x" src="/photos/thumb/cat.jpg/220px-cat.jpg"',
      220,
    ],
    [
      'copies by density',
      'src="/photos/cat-300x245.jpg" srcset="/photos/cat-300x245.jpg, /photos/cat-600x490.jpg 2x"',
      300,
    ],
  ])('shows a picture as wide as its uncropped copy: %s', async (_, files, width) => {
    const site = openSite({ 'index.html': `<img ${files}><img ${files} width=100>` })
    expect(await site.rewrite()).toMatchObject({
      rewritten: 2,
      unsized: 0,
      bytesBefore: 0,
      named: { srcset: 0 },
    })
    expect(site.text()).not.toContain('photos')
    expect(new Set(site.text().match(/(?<= sizes=")[^"]*/g))).toEqual(
      new Set([`(max-width: ${width}px) 100vw, ${width}px`, '(max-width: 100px) 100vw, 100px']),
    )
    expect(await site.rewrite()).toMatchObject({ changed: 0 })
  })

  it('leaves a smaller copy that another program made, and names its original', async () => {
    const html =
      '<img src="/photos/cat-300x187.jpg"><img src="/photos/hat-300x187.jpg"><img src=x.gif data-src="/photos/cat-300x245.jpg">'
    const site = openSite({ 'index.html': html })
    expect(await site.rewrite()).toMatchObject({ changed: 0, left: { copy: 2, unknown: 1 } })
    expect(site.events).toContainEqual(
      expect.objectContaining({ reason: 'copy', address: '/photos/cat-300x187.jpg', source: 'cat.jpg' }),
    )
  })

  it('changes nothing when it is rewritten again', async () => {
    const site = openSite({
      'index.html': '<img src="/photos/cat.jpg"><img src=photos/logo.png data-imgsizes=square alt>',
      'b.html': 'no pictures',
    })
    const first = await site.rewrite()
    expect(first).toMatchObject({ pages: 2, changed: 1, rewritten: 2, bytesBefore: 2000, bytesAfter: 200 })
    const after = site.text()
    const second = await site.rewrite()
    expect(second).toMatchObject({ changed: 0, rewritten: 0, left: { responsive: 2 } })
    expect(site.text()).toBe(after)
    expect(site.writes).toEqual(['index.html'])
  })

  it('is only looked at by a check', async () => {
    const site = openSite({ 'index.html': '<img src="/photos/cat.jpg">' })
    expect(await site.rewrite({ isCheck: true })).toMatchObject({ changed: 1 })
    expect(site.writes).toEqual([])
  })

  it('takes a file of the same name for another picture where its size differs', async () => {
    const page = { 'index.html': '<img src="/cat.jpg">' }
    expect(await openSite(page, { 'cat.jpg': 7 }).rewrite()).toMatchObject({
      rewritten: 0,
      left: { different: 1 },
    })
    expect(await openSite(page, { 'cat.jpg': 1000 }).rewrite()).toMatchObject({ rewritten: 1 })
  })

  it('goes on after a size that nobody knows, and says where it was', async () => {
    const site = openSite({
      'index.html': '<img src="/photos/cat.jpg" data-imgsizes=huge><img src="/photos/cat.jpg">',
    })
    expect(await site.rewrite()).toMatchObject({ rewritten: 1, left: { failed: 1 } })
    expect(site.events).toContainEqual(
      expect.objectContaining({
        kind: 'picture-failed',
        page: 'index.html',
        problem: expect.objectContaining({ code: 'size-unknown' }),
      }),
    )
  })

  it('keeps every other byte: line ends, a byte order mark, what is no UTF-8, surrogates, NUL', async () => {
    const tag = Buffer.from('<img src="/photos/cat.jpg">')
    const before = Buffer.from('\ufeff<!doctype html>\r\n<p title="\r\n">\r😀é\u0000 &nbsp;\r\n')
    const after = Buffer.concat([
      Buffer.from('\r\n\r'),
      Buffer.from([0xe9, 0xff, 0x00]),
      Buffer.from('</p>\n\n'),
    ])
    for (const tail of [after, Buffer.from('\r\n\r😀</p>')]) {
      const site = openSite({ 'index.html': Buffer.concat([before, tag, tail]) })
      await site.rewrite()
      const bytes = site.files.get('index.html') ?? Buffer.alloc(0)
      expect(bytes.subarray(0, before.length).equals(before)).toBe(true)
      expect(bytes.subarray(bytes.length - tail.length).equals(tail)).toBe(true)
      const middle = bytes.subarray(before.length, bytes.length - tail.length).toString('utf8')
      expect(middle).toMatch(/^<picture [^>]*><source .*<\/picture>$/)
    }
  })

  it.each([
    ['utf16le', '\ufeff'],
    ['utf16be', '\ufeff'],
    ['utf16le', ''],
    ['utf16be', ''],
  ])('is rewritten in %s, with the mark "%s"', async (encoding, mark) => {
    const toBytes = (text: string): Buffer => {
      const bytes = Buffer.from(text, 'utf16le')
      return encoding === 'utf16be' ? bytes.swap16() : bytes
    }
    const [before, after] = [`${mark}<!doctype html>犬\ud800`, '\udfff</p>\r\n']
    const site = openSite({ 'a.html': toBytes(`${before}<img src="/photos/cat.jpg">${after}`) })
    await site.rewrite()
    const bytes = site.files.get('a.html') ?? Buffer.alloc(0)
    const text = (encoding === 'utf16be' ? bytes.swap16() : bytes).toString('utf16le')
    expect(text.startsWith(`${before}<picture `)).toBe(true)
    expect(text.endsWith(`</picture>${after}`)).toBe(true)
  })

  it.each(['<p>\xe4', '<p>', '<meta charset=Shift_JIS>'])(
    'gets the alt of an override as ASCII where its encoding is not known: %s',
    async (before) => {
      const site = openSite({ 'a.html': Buffer.from(`${before}<img src="/photos/said.jpg">`, 'latin1') })
      await site.rewrite()
      const text = site.files.get('a.html')?.toString('latin1') ?? ''
      expect(text.startsWith(`${before}<picture `)).toBe(true)
      expect(text).toContain('alt="A &quot;dog&quot; &#29356;"')
    },
  )

  it('names pictures in its own encoding, of which every other byte stays', async () => {
    const [before, after] = ['<meta charset=Shift_JIS><p>\x95\x5c', '\x95\x5c</p>\x95']
    const page = `${before}<img alt="\x95\x5c" src="/photos/\x95\x5c.jpg">${after}`
    const site = openSite({ 'a.html': Buffer.from(page, 'latin1') })
    await site.rewrite()
    const text = site.files.get('a.html')?.toString('latin1') ?? ''
    expect(text.startsWith(`${before}<picture `)).toBe(true)
    expect(text).toContain('<img alt="\x95\x5c" src="https://img.example.com/%E8%A1%A8.jpg/')
    expect(text.endsWith(`</picture>${after}`)).toBe(true)
  })

  it('comes back when the pictures are taken out again, whatever else is on the page', async () => {
    const piece = fc.constantFrom(
      '<img src="/photos/cat.jpg">',
      "<IMG\r\n SRC='/photos/cat.jpg'alt=x/>",
      '<img src=/photos/logo.png data-imgsizes=card >',
      '<p>',
      '</p>',
      '<table><tr>',
      '</table>',
      '<picture>',
      '</picture>',
      '<a href="',
      '">',
      '<!--',
      '-->',
      '<script>',
      '</script>',
      '<svg>',
      '</svg>',
      '<template>',
      '<noscript>',
      '<select>',
      '<b><i>',
      '</b>',
      '\r\n',
      '\u0000',
      '😀',
      '&amp;',
      '<',
    )
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 14 }), async (pieces) => {
        const html = pieces.join('')
        const site = openSite({ 'index.html': html })
        await site.rewrite()
        const once = site.text()
        const restored = once
          .replace(/<picture [^>]*>(?:<source hidden[^>]*>)+(<img[^>]*>)<\/picture>/gi, '$1')
          .replace(
            /src="https:\/\/img\.example\.com\/([a-z.]+)\/[^"]*"(?: srcset="[^"]*")?(?: sizes="[^"]*")?/g,
            'src="/photos/$1"',
          )
        const normal = html
          .replaceAll("SRC='/photos/cat.jpg'", 'src="/photos/cat.jpg"')
          .replaceAll('src=/photos/logo.png', 'src="/photos/logo.png"')
        const kept = restored
          .replaceAll("SRC='/photos/cat.jpg'", 'src="/photos/cat.jpg"')
          .replaceAll('src=/photos/logo.png', 'src="/photos/logo.png"')
        expect(kept).toBe(normal)
        await site.rewrite()
        expect(site.text()).toBe(once)
      }),
      { numRuns: 400 },
    )
  })

  it('of many long pages is done soon', async () => {
    const text = '<p>Some words of a page, with <a href="/x">links</a> and <em>more</em>.</p>\n'.repeat(2)
    const body = Array.from({ length: 200 }, (_, i) => `${text}<img src="/photos/cat.jpg" alt="${i}">\n`)
    const pages = Object.fromEntries(
      Array.from({ length: 6 }, (_, i) => [`${i}/index.html`, `<!doctype html>${body.join('')}`]),
    )
    await expectCpuWithin(7, async () =>
      expect(await openSite(pages).rewrite()).toMatchObject({ pages: 6, changed: 6 }),
    )
  })

  it('shows pictures that a browser reads as such', async () => {
    const [picture] = parse(await rewriteOne('<img src="/photos/cat.jpg" alt="x">'))
    expect(picture?.children.map(({ tag }) => tag)).toEqual(['source', 'source', 'img'])
  })
})
